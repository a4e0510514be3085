"""What differs since the last data cut: counts and results, and no raw value and no patient."""

import pandas as pd
import pytest
from owncontrol.estimates.numbers import Numbers
from owncontrol.lineage.since_cut import Kind, since_cut
from owncontrol.reporting.since_cut import read_since, since_last_cut
from owncontrol.study.estimands import analysis_settings
from owncontrol.tables import conform, empty_table
from small_study import small_study
from traced_study import PEOPLE, SUBJECTS, run_long

WALKS = {
    "undated": True,
    "columns": {"subject_id": "id", "visit": "visit", "wisci_level": "level"},
}
EXPORTS = {"subj": PEOPLE, "w": {"file": "w.csv", "tables": {"wisci2": WALKS}}}
CUTS = ("2026-01-05", "2026-06-05")


def run(folder, subjects, walks):
    folder.mkdir()
    (folder / "subj.csv").write_text(subjects, "utf-8")
    (folder / "w.csv").write_text(f"id,visit,level\n{walks}", "utf-8")
    return run_long(folder, EXPORTS)[1]


@pytest.fixture(scope="module")
def since(tmp_path_factory):
    """A third patient, her two assessments, and a level that was changed."""
    folder = tmp_path_factory.mktemp("cuts")
    fewer = SUBJECTS[: SUBJECTS.index("P-03")]
    first = run(folder / "one", fewer, "P-01,base,3\nP-01,m6,9\nP-02,base,5\n")
    walks = "P-01,base,3\nP-01,m6,19\nP-02,base,5\nP-03,base,0\nP-03,m6,1\n"
    return since_cut(first, run(folder / "two", SUBJECTS, walks), CUTS, 4)


def counts(since, kind):
    rows = since[since["kind"] == kind]
    return dict(zip(rows["name"], rows["count"], strict=True))


def test_patients_cells_rows_and_scores_are_counted(since):
    assert since.iloc[0][["kind", "count", "before", "after"]].tolist() == [Kind.LOOK, 4, *CUTS]
    assert counts(since, Kind.NEW_SUBJECTS) == {"": 1}
    assert counts(since, Kind.CHANGED_CELLS) == {"wisci2": 1}
    assert counts(since, Kind.NEW_ROWS) == {"subj.csv": 1, "w.csv": 2}
    assert counts(since, Kind.CHANGED_SCORES) == {"wisci2": 3}
    assert not counts(since, Kind.LOST_SUBJECTS)
    assert not counts(since, Kind.LOST_ROWS)


def test_nothing_of_a_patient_or_a_cell_is_said(since):
    text = since.to_csv(index=False)
    assert "P-0" not in text
    assert "19" not in text
    assert "level" not in text


def rows(*more):
    given = [(Kind.LOOK, "", 2, *CUTS, ""), *more]
    columns = ["kind", "name", "count", "before", "after", "because"]
    return conform(pd.DataFrame(given, columns=columns), "since_last_cut")


def told(*more):
    """The sentences, and the rows of the table."""
    settings = analysis_settings(small_study())
    numbers = Numbers(empty_table("estimates"), lambda shown: shown.text)
    sentences, table = since_last_cut(rows(*more), numbers, settings)
    return " ".join(str(part) for sentence in sentences for part in sentence), table.rows


def test_the_report_says_which_look_it_is_and_that_nothing_is_adjusted():
    said, table = told()
    assert "The data cut before this one is 2026-01-05; analysed here: 2026-06-05." in said
    assert "This is look 2 at the data of the series. No p-value and no verdict is adjusted" in said
    assert said.endswith("No new patient. No result changed.")
    assert table == []


def test_the_report_counts_by_table_and_names_what_changed():
    said, table = told(
        (Kind.NEW_SUBJECTS, "", 2, "", "", ""),
        (Kind.LOST_SUBJECTS, "", 1, "", "", ""),
        (Kind.CHANGED_CELLS, "adverse_events", 3, "", "", ""),
        (Kind.CHANGED_CELLS, "wisci2", 1, "", "", ""),
        (Kind.CHANGED_RESULTS, "change", 7, "", "", ""),
        (Kind.RESULT, "change.wisci.after.hodges_lehmann", 1, "6.5", "", "2 scores; 1 row"),
        (Kind.RESULT, "natural_recovery.ais_180.all_grades.verdict", 1, "0.0", "1.0", "3 scores"),
        (Kind.VERDICT, "claims.c1.verdict", 1, "", "1.0", "change.wisci.after.hodges_lehmann"),
    )
    assert "2 new patients. 1 patient is in the results no longer." in said
    assert "Changed cells by table: adverse events 3, wisci2 1." in said
    assert "Changed results by analysis: change 7." in said
    assert table == [
        ["WISCI II, change at After", "6.5", "\u2013", "2 scores; 1 row"],
        [
            "Verdict against natural recovery, ais_180",
            "not decided",
            "more than expected",
            "3 scores",
        ],
        ["Claim C1", "cannot be tested", "supported", "change.wisci.after.hodges_lehmann"],
    ]


def test_a_first_cut_has_no_such_table():
    assert read_since([]) is None
