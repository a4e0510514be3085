"""Public data from the raw file to the report: one command, and the published numbers."""

import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from workflow.conftest import copy_project

ROOT = Path(__file__).parents[2]
SLEEP = ROOT.parent / "shared/real/sleep/sleep.csv"

pytestmark = pytest.mark.slow


def test_two_drugs_and_ten_sleepers(tmp_path):
    if not SLEEP.is_file():
        pytest.skip("../shared/real is absent")
    project = copy_project(tmp_path)
    (project / ".venv").symlink_to(sys.prefix)
    shutil.copyfile(SLEEP, project.folder / "sleep.csv")
    new_study = [".venv/bin/python", "-I", "-m", "owncontrol", "new-study", "sleep"]
    new_study += ["--from", "sleep.csv", "--subject", "ID", "--visit", "group"]
    new_study += ["--baseline", "1", "--time-point", "2", "--measure", "extra:higher:hours"]
    for command in (new_study, ["make", "STUDY=sleep"]):
        subprocess.run(command, cwd=project.folder, check=True, capture_output=True, text=True)
    results = project.folder / "results/sleep"
    estimates = pd.read_csv(results / "statistics/estimates.csv").set_index("estimate_id")
    # Cushny and Peebles 1905, with an exact signed-rank test and zeros ranked (Pratt).
    assert estimates.at["change.extra.visit_2.hodges_lehmann", "value"] == 1.3
    assert estimates.at["change.extra.visit_2.signed_rank_pratt", "p"] == 0.00390625
    assert estimates.at["change.extra.visit_2.signed_rank_pratt", "n"] == 10
    # R's documentation of t.test on these data.
    assert round(estimates.at["change.extra.visit_2.mean_change", "value"], 10) == 1.58
    assert round(estimates.at["change.extra.visit_2.paired_t", "p"], 6) == 0.002833
    assert (results / "report/report.pdf").stat().st_size > 10_000
    assert len(pd.read_csv(results / "cleaned/findings.csv")) == 0


def test_a_baseline_in_every_row_gives_the_numbers_of_a_column_for_each_visit(tmp_path):
    """Beat the Blues (Proudfoot et al. 2003) with a row for each follow-up, BDI before in each."""
    source = ROOT.parent / "shared/real/beat_the_blues/BtheB.csv"
    if not source.is_file():
        pytest.skip("../shared/real is absent")
    project = copy_project(tmp_path)
    (project / ".venv").symlink_to(sys.prefix)
    wide = pd.read_csv(source, dtype="str", keep_default_na=False)
    months = {f"bdi.{month}m": str(month) for month in (2, 4, 6, 8)}
    keys = ["rownames", "treatment", "bdi.pre"]
    long = wide.melt(keys, list(months), var_name="month", value_name="bdi")
    long = long.assign(month=long["month"].map(months)).sort_values(["rownames", "month"])
    long.to_csv(project.folder / "btb.csv", index=False)
    new_study = [".venv/bin/python", "-I", "-m", "owncontrol", "new-study", "btb"]
    new_study += ["--from", "btb.csv", "--subject", "rownames", "--visit", "month"]
    new_study += ["--time-point", "2", "--baseline-column", "bdi.pre", "--missing", "NA"]
    new_study += ["--keep", "treatment=BtheB", "--measure", "bdi:lower:points"]
    results = project.folder / "results/btb"
    run = [".venv/bin/python", "-I", "-m", "owncontrol", "run", "--study", "btb"]
    for command in (new_study, [*run, "--", "results/btb/statistics/estimates.csv"]):
        subprocess.run(command, cwd=project.folder, check=True, capture_output=True, text=True)
    estimates = pd.read_csv(results / "statistics/estimates.csv").set_index("estimate_id")
    stem = "change.bdi.visit_2"
    # As computed independently from the table with a column for each visit.
    assert estimates.at[f"{stem}.hodges_lehmann", "value"] == -7
    assert estimates.at[f"{stem}.signed_rank_pratt", "n"] == 52
    assert f"{estimates.at[f'{stem}.signed_rank_pratt', 'p']:.1e}" == "4.2e-08"
    assert estimates.at[f"{stem}.improved", "events"] == 40
    assert f"{stem}.mean_change" not in estimates.index  # points are ratings
    findings = pd.read_csv(results / "cleaned/findings.csv")
    assert set(findings["severity"]) <= {"note"}
