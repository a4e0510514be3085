"""Who was better and worse in each cell of the exam, against a count exam by exam."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from owncontrol.analysis.exam_cells import CELLS, change_of_cells, read_compared
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.selections import read_inputs
from owncontrol.tables import read_coded, text_files

COMPARED = ("before", "after")
VISITS = ["before", "between", "after"]
PEOPLE = [f"S{number:02d}" for number in range(1, 10)]


def exams(seed: int) -> pd.DataFrame:
    """Exams in any order, some missed, of two cells; the others were not examined."""
    rng = np.random.default_rng(seed)
    rows = [
        {
            "subject_id": person,
            "visit": visit,
            "row_id": f"{'ab'[place % 2]}:{10 * place + number}",
            CELLS[0]: rng.choice(["0", "3", "5", "3*", "NT", "NT**", ""]),
            CELLS[-1]: rng.choice(["0", "1", "2", "1**", "NT"]),
            "recorded_motor_total": "7",
        }
        for place, person in enumerate(PEOPLE)
        for number, visit in enumerate(VISITS)
        if rng.random() < 0.8
    ]
    return pd.DataFrame(rows).sample(frac=1, random_state=seed).reset_index(drop=True)


def grade(text: str) -> float:
    return math.nan if text in ("", "NT", "NT**") else float(text.strip("*"))


@pytest.mark.parametrize("visits", [["after"], ["before", "after"], ["never"]])
def test_rows_are_chosen_in_every_block(
    visits: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_files, "BLOCK_BYTES", 200)  # a row or two
    path = tmp_path / "isncsci.csv"
    table = exams(2)
    table.to_csv(path, index=False)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    found = read_coded(path, where={"visit": visits, "subject_id": PEOPLE[2:]})
    chosen = table.loc[table["visit"].isin(visits) & table["subject_id"].isin(PEOPLE[2:])]
    assert found.astype("str").to_dict("list") == chosen.to_dict("list")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_cells_are_compared_subject_by_subject(seed: int, tmp_path: Path) -> None:
    table = exams(seed)
    table.to_csv(tmp_path / "isncsci.csv", index=False)
    results = Estimates("change", "all", PEOPLE)
    change_of_cells(results, read_compared(tmp_path / "isncsci.csv", COMPARED), *COMPARED)
    found = results.table().set_index("estimate_id")
    by_key = table.set_index(["subject_id", "visit"])
    for cell in (CELLS[0], CELLS[-1]):
        changes, used = [], []
        for person in PEOPLE:
            keys = [(person, "before"), (person, "after")]
            if all(key in by_key.index for key in keys):
                first, last = (grade(by_key.loc[key, cell]) for key in keys)
                if not math.isnan(last - first):
                    changes.append(last - first)
                    used += [("isncsci", by_key.loc[key, "row_id"]) for key in keys]
        better, worse = (
            found.loc[f"change.{cell}.after.cell_{end}"] for end in ("better", "worse")
        )
        assert (better["value"], worse["value"]) == (
            sum(change > 0 for change in changes),
            sum(change < 0 for change in changes),
        )
        assert better["n"] == len(changes)
        assert sorted(read_inputs(better["inputs"], PEOPLE)) == sorted(used)
    assert found.loc[f"change.{CELLS[1]}.after.cell_better", "n"] == 0


def test_of_a_table_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    path = tmp_path / "isncsci.csv"
    table = exams(1)
    table.to_csv(path, index=False)
    found = read_coded(path, columns=["row_id", "absent"], where={"visit": ["after", "x"]})
    assert found.astype("str").to_dict("list") == {
        "row_id": table.loc[table["visit"] == "after", "row_id"].tolist()
    }
    # Cells with line ends: no row is taken for a line.
    table["remark"] = [f"line\n{place}" if place % 3 else "" for place in range(len(table))]
    table.to_csv(path, index=False)
    again = read_coded(path, columns=["row_id"], where={"visit": ["after", "x"]})
    assert again["row_id"].tolist() == found["row_id"].tolist()
    nobody = read_compared(path, ("x", "y"))
    assert not len(nobody)
    results = Estimates("change", "all", PEOPLE)
    change_of_cells(results, nobody, *COMPARED)
    assert (results.table()["n"] == 0).all()
