"""Rules of cleaning: the cause is found once, what follows from it is not; limits of each rule."""

import copy

import numpy as np
import pandas as pd
import pytest
from owncontrol.errors import InputError
from owncontrol.scoring.score_table import agrees
from owncontrol.tables import write_table
from small_study import CONFIG, FILES, clean_small, exports, found, write_files


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        # After consent, registration, collection ...: the injury's date is the wrong one.
        ("people", "2021-01-01", "2021-07-01", ("people.csv", 2, "hurt", "date_order")),
        ("people", "2021-01-06", "2020-01-06", ("people.csv", 2, "registered", "date_order")),
        ("cells", "2021-02-02 10:30", "2020-02-02 10:30", ("cells.csv", 2, "given", "date_order")),
        (
            "cells",
            "P1;P1;2021-01-07;2021-01-07",
            "P1;P1;2021-03-07;2021-01-07",
            ("cells.csv", 2, "taken", "date_order"),
        ),
        ("cells", "2021-01-30", "2021-02-20", ("cells.csv", 2, "out", "date_order")),
        # In order, but both visits are a month away from their windows.
        ("cells", "2021-02-02 10:30", "2021-03-12 10:30", ("cells.csv", 2, "given", "day_0")),
        # The subject's own row cannot be read: its other rows are set aside without a word.
        ("people", "2021-01-01", "2021-13-01", ("people.csv", 2, "hurt", "not_permitted")),
        (
            "walks",
            "P2,after,2021-09-01",
            "P2,after,2921-09-01",
            ("walks.csv", 5, "day", "implausible_date"),
        ),
    ],
)
def test_one_wrong_date_is_one_finding_at_its_cell(tmp_path, file, old, new, expected):
    write_files(tmp_path, **{file: (old, new)})
    cleaned = clean_small(tmp_path)
    assert found(cleaned) == [(*expected, "error")]


def test_days_are_not_counted_from_a_date_that_cannot_be_right(tmp_path):
    write_files(tmp_path, cells=("2021-02-02 10:30", "2020-02-02 10:30"))
    walks = clean_small(tmp_path).tables["wisci2"]
    assert walks["day_from_treatment"].isna().tolist() == [True, True, False, False]
    assert walks["day_from_injury"].notna().all()


def test_rows_of_a_subject_that_is_set_aside_are_set_aside_without_further_findings(tmp_path):
    write_files(tmp_path, people=("2021-01-01", "once"))
    cleaned = clean_small(tmp_path)
    assert set(cleaned.tables["wisci2"]["subject_id"]) == {"P2"}
    reasons = cleaned.quarantine.loc[cleaned.quarantine["table"] != "subjects", "reason"]
    assert set(reasons) == {"the subject's own row is set aside"}
    lost = cleaned.flow_subjects.set_index("step").loc["registered"]
    assert lost["lost_subjects"] == "P1"
    assert lost["reasons"] == "P1: injury_date: the value is not permitted"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "step", "reasons"),
    [
        ("cells", "P2;P2;", "P1;P2;", "treated", "P2: no row in treatments"),
        ("walks", "P2,after,2021-09-01,UNK,x\n", "", "wisci2 at after",
         "P2: no row of after in wisci2"),
        ("walks", "2021-09-01", "2029-09-01", "wisci2 at after",
         "P2: date implausible for the visit"),
    ],
)  # fmt: skip
def test_a_subject_that_is_lost_is_named_with_the_reason(tmp_path, file, old, new, step, reasons):
    write_files(tmp_path, **{file: (old, new)})
    flow = clean_small(tmp_path).flow_subjects.set_index("step")
    assert flow.loc[step, "lost_subjects"] == "P2"
    assert flow.loc[step, "reasons"] == reasons


def test_entry_criteria_not_met_are_the_reason_for_no_treatment(tmp_path):
    write_files(tmp_path, people=("2021-02-05,1", "2021-02-05,0"), cells=("P2;P2;", "P1;P2;"))
    flow = clean_small(tmp_path).flow_subjects.set_index("step")
    assert flow.loc["treated", "reasons"] == "P2: not eligible (Old enough)"


def test_no_subject_left_stops_the_run(tmp_path):
    write_files(tmp_path)
    with pytest.raises(InputError, match=r"people\.csv: no subject is left after cleaning"):
        clean_small(tmp_path, subject_id={"pattern": "X[0-9]"})


@pytest.mark.slow
def test_a_date_outside_the_declared_period_is_refused(tmp_path):
    write_files(tmp_path, events=("2021-03-08", "2031-03-08"))
    period = ["2020-01-01", "2021-12-31"]
    assert found(clean_small(tmp_path, period=period)) == [
        ("events.csv", 2, "to", "not_permitted", "error")
    ]
    for wrong in (["2021-13-01", "2022-01-01"], ["2022-01-01", "2021-01-01"]):
        with pytest.raises(InputError, match="period: "):
            clean_small(tmp_path, period=wrong)


@pytest.mark.slow
def test_strict_stops_at_the_first_error_and_not_at_a_warning(tmp_path):
    write_files(tmp_path, walks=("after,2021-08-01", "after,2021-09-01"))
    assert [rule for *_, rule, _ in found(clean_small(tmp_path, strict=True))] == ["visit_window"]
    write_files(
        tmp_path,
        walks=("after,2021-08-01,9", "after,2021-08-01,21"),
        events=("unrelated", "unrelatd"),
    )
    with pytest.raises(InputError) as caught:
        clean_small(tmp_path, strict=True)
    assert caught.value.message.startswith("events.csv, row 2, column relation: '(not shown)' is")
    assert "\n" not in caught.value.message
    assert "first of 2 errors" in caught.value.hint


@pytest.mark.slow
@pytest.mark.parametrize(
    ("age", "answer", "rule"),
    [
        ("40", "1", None),
        ("40", "0", "contradicts"),
        ("80", "1", "contradicts"),
        ("80", "0", "not_eligible"),
        ("", "0", "not_eligible"),
        ("", "1", None),
    ],
)
def test_an_answer_that_another_column_contradicts(tmp_path, age, answer, rule):
    write_files(tmp_path)
    people = FILES["people.csv"].replace("born", "age").replace("1980-01-01", age)
    people = people.replace("1990-01-01", "50").replace("01-06,1", f"01-06,{answer}")
    (tmp_path / "people.csv").write_text(people, "utf-8")
    settings = exports("people", ignored=[])
    settings["exports"]["people"]["tables"]["subjects"]["columns"]["age"] = "age"
    requires = {"column": "age", "minimum": 20, "maximum": 70}
    item = {**CONFIG["characteristics"][0], "requires": requires}
    cleaned = clean_small(tmp_path, **settings, characteristics=[item])
    expected = [("people.csv", 2, "old enough", rule, "warning")] if rule else []
    assert found(cleaned) == expected
    item["requires"] = {"column": "sex", "minimum": 20}
    with pytest.raises(InputError, match="'sex' is no column of numbers"):
        clean_small(tmp_path, **settings, characteristics=[item])


def test_the_last_row_before_treatment_is_kept_where_the_rule_says_so(tmp_path):
    write_files(
        tmp_path,
        walks=(
            "P1,before,2021-02-01,3,x",
            "P1,before,2021-01-28,2,x\nP1,before,2021-02-01,3,x\nP1,before,2021-02-03,4,x",
        ),
    )
    cleaned = clean_small(
        tmp_path, **exports("walks", "wisci2", duplicates="last_before_treatment")
    )
    before = cleaned.tables["wisci2"].query("subject_id == 'P1' and visit == 'before'")
    assert before["wisci_level"].tolist() == ["3"]
    assert found(cleaned) == [
        ("walks.csv", row, "when", "duplicate_key", "warning") for row in (2, 4)
    ]


def test_the_rule_for_the_row_before_treatment_settles_nothing_after_it(tmp_path):
    write_files(tmp_path, walks=("9,x", "9,x\nP1,after,2021-08-02,12,x"))
    cleaned = clean_small(
        tmp_path, **exports("walks", "wisci2", duplicates="last_before_treatment")
    )
    assert found(cleaned) == [
        ("walks.csv", row, "when", "duplicate_key", "error") for row in (3, 4)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "expected", "kept"),
    [("allow", [], 4), ("flag", ["warning"], 4), ("quarantine", ["error"], 3)],
)
def test_an_assessment_equal_to_an_earlier_one(tmp_path, rule, expected, kept):
    write_files(tmp_path, walks=("2021-08-01,9", "2021-08-01,3"))
    cleaned = clean_small(tmp_path, **exports("walks", "wisci2", copied=rule))
    places = [("walks.csv", 3, "when", "copied_assessment", severity) for severity in expected]
    assert found(cleaned) == places
    assert len(cleaned.tables["wisci2"]) == kept


def test_a_treated_subject_without_a_baseline_is_named_once(tmp_path):
    write_files(tmp_path, walks=("P2,before,2021-03-01,0,x\n", ""))
    assert found(clean_small(tmp_path)) == [("people.csv", 3, "id", "no_baseline", "warning")]


def test_a_second_correction_of_one_cell_is_refused(tmp_path):
    write_files(tmp_path)
    one = ("walks.csv", "id=P1;when=after", "level", "9", "10", "why", "who", "2021-10-01")
    two = (*one[:4], "11", *one[5:])
    cleaned = clean_small(tmp_path, [one, two])
    assert [(row[0], row[2], row[3]) for row in found(cleaned)] == [
        ("corrections.csv", "to", "correction_refused"),
        ("walks.csv", "level", "correction"),
    ]
    assert "10" in cleaned.tables["wisci2"]["wisci_level"].tolist()
    cells = cleaned.flow_cells.set_index("table")
    assert cells.loc["wisci2", "corrected"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,row_key\nx,y\n", "column 'column' is missing"),
        ("", "empty"),
        ("file,row_key,column,from,to,why,who,when\nwalks.csv,id=P1,level,3,4,a,b\n", "row 2: 7 c"),
        (
            "file,row_key,column,from,to,why,who,when\nwalks.csv,P1,level,3,4,a,b,c\n",
            "names no row",
        ),
        (
            "file,row_key,column,from,to,why,who,when, file\nw.csv,id=P1,level,3,4,a,b,c,w.csv\n",
            "row 1, column 9: 'file' names two columns",
        ),
    ],
)
def test_a_file_of_corrections_that_cannot_be_read_is_refused(tmp_path, text, message):
    from owncontrol.cleaning.corrections import read_corrections

    (tmp_path / "corrections.csv").write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        read_corrections(tmp_path / "corrections.csv")


def test_a_form_marked_complete_without_content(tmp_path):
    write_files(tmp_path, walks=("P1,after,2021-08-01,9,x", "P1,after,,,2"))
    settings = exports("walks", "wisci2", form_state="note")
    cleaned = clean_small(tmp_path, **settings)
    assert ("walks.csv", 3, "note", "complete_but_blank", "warning") in found(cleaned)


def test_boxes_that_exclude_each_other(tmp_path):
    (tmp_path / "x").mkdir()
    write_files(tmp_path, people=("id,sex,born", "id,sex,born,none,other"))
    text = (tmp_path / "people.csv").read_text("utf-8")
    text = text.replace("1980-01-01,", "1980-01-01,1,1,").replace("1990-01-01,", "1990-01-01,1,0,")
    (tmp_path / "people.csv").write_text(text, "utf-8")
    settings = exports("people", exclusive=[{"box": "none", "others": ["other"]}])
    assert found(clean_small(tmp_path, **settings)) == [
        ("people.csv", 2, "none", "exclusive_boxes", "warning")
    ]


@pytest.mark.slow
def test_values_and_limits_that_the_study_permits(tmp_path):
    write_files(tmp_path)
    permitted = {"dose": {"minimum": 1, "maximum": 2}}
    cleaned = clean_small(tmp_path, **exports("cells", "treatments", permitted=permitted))
    assert found(cleaned) == [("cells.csv", 3, "dose", "not_permitted", "error")]
    permitted = {"term": {"pattern": "[A-Z][a-z]+"}, "system_organ_class": {"values": ["General"]}}
    cleaned = clean_small(tmp_path, **exports("events", "adverse_events", permitted=permitted))
    assert found(cleaned) == [("events.csv", 2, "class", "not_permitted", "error")]


@pytest.mark.parametrize(
    ("permitted", "message"),
    [
        ({"term": {"maximum": 3}}, "limits for a column of kind string"),
        ({"outcome": {"values": ["x"]}}, "'outcome' is not mapped"),
    ],
)
def test_what_is_permitted_has_to_fit_its_column(tmp_path, permitted, message):
    write_files(tmp_path)
    with pytest.raises(InputError, match=message):
        clean_small(tmp_path, **exports("events", "adverse_events", permitted=permitted))


def test_content_in_a_row_that_no_condition_lets_in_is_not_lost_silently(tmp_path):
    write_files(tmp_path, walks=("P1,after,2021-08-01,9,x", "P1,after,2021-08-01,9,y"))
    settings = exports("walks", "wisci2", rows={"note": "x"})
    cleaned = clean_small(tmp_path, **settings)
    assert found(cleaned) == [("walks.csv", 3, "note", "content_not_taken", "warning")]
    assert cleaned.flow.set_index("file").loc["walks.csv", "rows_in"].tolist() == [4, 3]


@pytest.mark.slow
def test_an_item_without_a_column_is_named_or_declared(tmp_path):
    write_files(tmp_path)
    settings = exports("walks", "wisci2")
    walks = settings["exports"]["walks"]
    del walks["tables"]["wisci2"]["columns"]["wisci_level"]
    message = r"column 'level' is neither .* no column is mapped to wisci2\.wisci_level"
    with pytest.raises(InputError, match=message):
        clean_small(tmp_path, **settings)
    walks["ignored"] = ["note", "level"]
    assert found(clean_small(tmp_path, **settings)) == [
        ("walks.csv", None, "", "item_without_column", "warning")
    ]
    walks["tables"]["wisci2"]["not_assessed"] = ["wisci_.*"]
    assert found(clean_small(tmp_path, **settings)) == []


@pytest.mark.slow
def test_exports_that_feed_one_table_have_to_agree_on_its_rules(tmp_path):
    write_files(tmp_path)
    settings = exports("walks")
    other = copy.deepcopy(settings["exports"]["walks"])
    other["tables"]["wisci2"]["duplicates"] = "keep_first"
    settings["exports"]["more"] = other
    with pytest.raises(InputError, match="exports disagree"):
        clean_small(tmp_path, **settings)


@pytest.mark.slow
def test_two_files_feed_one_table_each_with_its_own_codes(tmp_path):
    write_files(tmp_path, walks=("P2,before,2021-03-01,0,x\nP2,after,2021-09-01,UNK,x\n", ""))
    (tmp_path / "more.csv").write_text(
        "id,when,day,level,note\nP2,T0,2021-03-01,0,x\nP2,T1,2021-09-01,UNK,x\n", "utf-8"
    )
    settings = exports("walks")
    more = copy.deepcopy(settings["exports"]["walks"]) | {"file": "more.csv", "missing": []}
    more["tables"]["wisci2"]["recode"] = {"visit": {"T0": "before", "T1": "after"}}
    settings["exports"]["more"] = more
    cleaned = clean_small(tmp_path, **settings)
    assert found(cleaned) == [("more.csv", 3, "level", "not_permitted", "error")]
    assert cleaned.tables["wisci2"]["row_id"].tolist() == ["walks:2", "walks:3", "more:2", "more:3"]


@pytest.mark.parametrize(
    ("recorded", "computed", "answer"),
    [
        ("", "23", None),
        ("23", "23", True),
        ("32", "23", False),
        ("23", "ND", None),
        ("23", "", None),
        ("ND", "ND", True),
        ("ND", "", None),
        ("ND", "23", False),
        ("C5", "C4,C5,C6", None),
        ("C5", "C4,C5*", None),
        ("C7", "C4,C5,C6", False),
        ("ND", "C,D", None),
        ("E", "C,D", False),
    ],
)
def test_a_recorded_score_that_the_cells_leave_open_contradicts_nothing(recorded, computed, answer):
    assert agrees(recorded, computed) is answer


def test_tables_are_written_as_pandas_writes_them(tmp_path):
    table = pd.DataFrame(
        {
            "text": ["x", "", 'q"', "c,d", "é\n", None],
            "number": [1.5, np.nan, -0.0, 0.0, 1e-7, 1e300],
            "whole": pd.array([1, None, 3, 4, 5, 6], "Int64"),
            "answer": pd.array([True, None, False, True, True, True], "boolean"),
            "category": pd.Categorical(["u", None, "v,", "u", "", "u"]),
            "mixed": [1, True, "x", None, 2.5, "1"],
            "name, quoted": range(6),
        }
    )
    stacked = pd.concat([table, table], ignore_index=True)
    for frame in (table, table.iloc[:0], table[["text"]], table[["number"]], stacked):
        write_table(frame, tmp_path / "ours.csv")
        expected = frame.to_csv(index=False, lineterminator="\n")
        assert (tmp_path / "ours.csv").read_bytes() == expected.encode("utf-8")


@pytest.mark.slow
def test_a_megabyte_in_a_cell_is_shown_by_its_beginning(tmp_path):
    write_files(tmp_path, walks=("2021-08-01,9", f"2021-08-01,{'9' * 1_000_000}"))
    cleaned = clean_small(tmp_path)
    assert found(cleaned) == [("walks.csv", 3, "level", "not_permitted", "error")]
    assert cleaned.findings["value"].iloc[0].endswith("(1000000 characters)")
    assert cleaned.findings.map(lambda cell: len(str(cell))).max().max() < 500
