"""export after a whole run: from its files alone the results come out again."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from owncontrol.__main__ import main

FILES = {f"{name}.{form}" for name in ("adsl", "adqs", "adae") for form in ("json", "xpt")}


def hodges_lehmann(changes):
    """Median of the means of all pairs, each value with itself too."""
    first, second = np.triu_indices(len(changes))
    return np.median((changes[first] + changes[second]) / 2)


def test_the_main_results_come_out_of_the_datasets(finished, tmp_path, monkeypatch, capsys):
    results = "results/example"
    for name in ("config.yaml", f"{results}/provenance/history.jsonl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(finished.folder / name, tmp_path / name)
    for name in ("cleaned", "ingested", "plan", "scored", "statistics"):
        shutil.copytree(finished.folder / results / name, tmp_path / results / name)
    monkeypatch.chdir(tmp_path)
    assert main(["export"]) == 0, capsys.readouterr().err
    folder = tmp_path / "archive/example-adam"
    assert {path.name for path in folder.iterdir()} == FILES | {"define.xml", "ars.json"}
    about = json.loads((folder / "adqs.json").read_text("utf-8"))
    rows = pd.DataFrame(about["rows"], columns=[column["name"] for column in about["columns"]])
    rows = rows[(rows["ANL01FL"] == "Y") & (rows["ANL02FL"] == "Y")].sort_values("PARAMN")
    estimates = pd.read_csv(finished.folder / results / "statistics/estimates.csv")
    shown = estimates["estimate_id"].str.fullmatch(r"change\.\w+\.day_180\.hodges_lehmann")
    expected = estimates[shown]
    found = rows.groupby("PARAMN")
    assert found.ngroups == len(expected) == 19
    assert found.size().tolist() == expected["n"].tolist()
    values = [hodges_lehmann(group["CHG"].to_numpy(float)) for _, group in found]
    assert values == pytest.approx(expected["value"].tolist())
    event = json.loads((folder / "ars.json").read_text("utf-8"))
    read = {}
    for analysis in event["analyses"]:
        for result in analysis["results"]:
            group = analysis["id"], result["resultGroups"][0]["groupValue"]
            column = result["operationId"].rpartition(".")[2]
            read.setdefault(group, {})[column] = result["rawValue"]
    table = pd.DataFrame(read.values()).set_index("estimate_id").fillna("")
    written = pd.read_csv(
        finished.folder / results / "statistics/estimates.csv", dtype=str, keep_default_na=False
    ).set_index("estimate_id")
    pd.testing.assert_frame_equal(table.loc[written.index], written[list(table)])
    assert len(table) == len(written)
