"""A running series: two data cuts side by side, what is new in the report, and no cut written."""

import re
import subprocess
import sys

import pandas as pd
import pytest
from workflow.conftest import copy_project

pytestmark = pytest.mark.slow

# Pain of 0 to 10 before and after; by the second cut one value is another and two patients are new.
FIRST = {"P1": (8, 3), "P2": (7, 4), "P3": (9, 5), "P4": (6, 6), "P5": (8, 2)}
SECOND = {**FIRST, "P4": (6, 3), "P6": (7, 1), "P7": (9, 4)}


def table(values):
    rows = "".join(f"{code},{before},{after}\n" for code, (before, after) in values.items())
    return f"code,before,after\n{rows}"


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """A study of the second cut, with the first one in ``cuts``, run from start to end."""
    project = copy_project(tmp_path_factory.mktemp("series"))
    (project / ".venv").symlink_to(sys.prefix)

    def said(*command):
        done = subprocess.run(
            command, cwd=project.folder, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    program = (".venv/bin/python", "-I", "-m", "owncontrol")
    (project / "pain.csv").write_text(table(SECOND))
    said(
        *program, "new-study", "pain", "--from", "pain.csv", "--subject", "code",
        "--visits", "before,after", "--measure", "pain:lower:points=before,after",
    )  # fmt: skip
    cut = project / "data/raw/pain/cuts/2026-06-05"
    cut.mkdir(parents=True)
    (cut / "pain.csv").write_text(table(FIRST))
    said(*program, "manifest", "data/raw/pain", "--why", "the cut of June")
    return project, said("make", "STUDY=pain")


def test_the_report_says_what_came_since_the_last_cut(series):
    project, _ = series
    page = (project / "results/pain/report/report.html").read_text("utf-8")
    start = page.rindex("Since the last cut")
    words = " ".join(re.sub(r"<[^>]+>", " ", page[start : start + 20_000]).split())
    assert "The data cut before this one is 2026-06-05" in words
    assert "This is look 2 at the data of the series." in words
    assert "2 new patients. Changed cells by table: pain 1." in words
    assert not re.search(r"\bP[1-7]\b", words.partition("Methods")[0])


def test_results_that_changed_are_listed_with_both_values(series):
    project, _ = series
    changed = pd.read_csv(project / "results/pain/provenance/since_last_cut.csv")
    counts = changed.set_index(["kind", "name"])["count"]
    assert counts["new_subjects"].item() == 2
    assert counts["changed_cells", "pain"] == 1
    assert counts["new_rows", "pain.csv"] == 2
    assert counts["changed_scores", "pain"] == 5  # the changed one, and two of each new patient
    [row] = changed.loc[changed["name"] == "change.pain.after.hodges_lehmann"].to_dict("records")
    # Medians of the Walsh averages of -5, -3, -4, 0, -6 and of -5, -3, -4, -3, -6, -6, -5.
    assert (row["before"], row["after"]) == ("-4.0", "-4.5")


def test_no_cut_is_written_and_nothing_else_is_left(series):
    project, _ = series
    cut = project / "data/raw/pain/cuts/2026-06-05"
    assert [path.name for path in cut.iterdir()] == ["pain.csv"]
    assert (cut / "pain.csv").read_text() == table(FIRST)
    assert not list((project / ".snakemake").glob("*earlier*"))
