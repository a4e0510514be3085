"""Studies with and without treatments, from SDTM to the report: what is said, and what is not."""

import re
import subprocess
import sys

import pandas as pd
import pytest
from cdisc_files import sdtm
from workflow.conftest import copy_project

pytestmark = pytest.mark.slow


def report_of(tmp_path, domains):
    """The results of a study of these domains: its folder, and the words of its report.

    Without the data dictionary, which lists the columns that there may be.
    """
    project = copy_project(tmp_path)
    (project / ".venv").symlink_to(sys.prefix)
    for name in domains:
        (project.folder / f"{name}.csv").write_text(sdtm()[name], "utf-8")
    command = [".venv/bin/python", "-I", "-m", "owncontrol", "new-study", "vitals", "--from"]
    command += [f"{name}.csv" for name in domains]
    command += ["--measure", "SYSBP:lower:mmHg", "--keep", "ACTARMCD=DRUG"]
    command += ["--time-point", "WEEK 8", "--important-difference", "SYSBP=5", "--synthetic"]
    results = project.folder / "results/vitals"
    run = [".venv/bin/python", "-I", "-m", "owncontrol", "run", "--study", "vitals", "--"]
    run += ["results/vitals/report/parts/text.html", "results/vitals/figures/timeline.csv"]
    for words in (command, run[:-1] if "ex" not in domains else run):
        subprocess.run(words, cwd=project.folder, check=True, capture_output=True, text=True)
    page = (results / "report/parts/text.html").read_text("utf-8")
    words = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    captions = [path.read_text("utf-8") for path in (results / "report/captions").glob("*.rst")]
    return results, " ".join([words.rpartition("Data dictionary")[0], *captions])


def test_nothing_is_said_of_a_treatment_that_a_study_does_not_have(tmp_path):
    results, words = report_of(tmp_path, ("dm", "ae", "vs"))
    said = re.findall(r"\b\w*(?:treat|infus|dose|exposure|releas|CTCAE|grade)\w*", words, re.I)
    assert said == []
    assert "Days are counted from each patient" in words
    assert "day since baseline" in words
    assert "severity" in words
    estimates = pd.read_csv(results / "statistics/estimates.csv")
    assert not estimates["population"].str.contains("treated").any()
    days = pd.read_csv(results / "cleaned/sysbp.csv").groupby("visit")["study_day"].unique()
    assert {visit: list(here) for visit, here in days.items()} == {
        "screening": [-7], "baseline": [0], "week_4": [28], "week_8": [56],
    }  # fmt: skip


def test_doses_courses_and_severity_are_said_as_the_source_has_them(tmp_path):
    results, words = report_of(tmp_path, ("dm", "ex", "ae", "vs"))
    for text in ("Dose of each treatment, mg", "Treatments a patient", "Length of treatment, days"):
        assert text in words
    assert "CTCAE" not in words
    assert "grade" not in words
    estimates = pd.read_csv(results / "statistics/estimates.csv").set_index("estimate_id")
    assert estimates.at["patients.dose.maximum", "value"] == 108
    assert estimates.at["patients.treatments_given.median", "value"] == 2
    rows = pd.read_csv(results / "figures/timeline.csv")
    assert (rows["event"] == "course").sum() == 12
