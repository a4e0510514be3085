"""Adverse events: rows of one event are one, and nothing unknown of an event drops it."""

import copy
from pathlib import Path

import pandas as pd
import pytest
from owncontrol.cleaning.cell_values import Column, read_cell
from owncontrol.tables import write_table
from small_study import CONFIG, FILES, clean_small, write_files

REAL = Path(__file__).parents[4] / "shared" / "real" / "cdisc_pilot"
HEADER = "id,number,what,class,grade,serious,relation,from,to,outcome\n"
DATES = ["%Y-%m-%d", "%d/%m/%Y", "%d-%b-%Y"]


def exports(numbered=True, **changes):
    """The small study's exports, whose events have an outcome, and a number of their own."""
    changed = copy.deepcopy(CONFIG["exports"])
    events = changed["events"]
    columns = events["tables"]["adverse_events"]["columns"] | {"outcome": "outcome"}
    if numbered:
        columns["event_number"] = "number"
    else:
        events["ignored"] = ["number"]
    events["dates"] = DATES
    events["missing"] = ["UNK"]
    events["tables"]["adverse_events"] |= {"columns": columns, **changes}
    return {"exports": changed}


def clean(folder, *rows, numbered=True, people="", config=None, **changes):
    """The small study with these rows of events."""
    write_files(folder)
    (folder / "events.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows), "utf-8")
    if people:
        (folder / "people.csv").write_text(people, "utf-8")
    return clean_small(folder, **exports(numbered, **changes), **(config or {}))


def events(cleaned):
    """The events that are kept, as plain values."""
    table = cleaned.tables["adverse_events"]
    return table.astype("object").where(table.notna(), None).to_dict("records")


def found(cleaned):
    """Findings as (row, column, rule, severity)."""
    table = cleaned.findings
    rows = [None if pd.isna(row) else int(row) for row in table["row"]]
    return list(zip(rows, table["column"], table["rule"], table["severity"], strict=True))


def flow(cleaned):
    rows = cleaned.flow.query("table == 'adverse_events'")
    return rows[["rows_in", "kept", "quarantined", "merged"]].sum().tolist()


FEVER = "P1,{},{},General,{},{},{},{},{},{}"


def fever(number="1", term="Fever", grade="1", serious="N", relation="possible",
          onset="2021-03-01", end="2021-03-05", outcome="recovered"):  # fmt: skip
    return FEVER.format(number, term, grade, serious, relation, onset, end, outcome)


@pytest.mark.slow
@pytest.mark.parametrize("numbered", [True, False])
def test_an_event_that_got_worse_is_one_event_at_its_worst(tmp_path, numbered):
    cleaned = clean(
        tmp_path,
        fever(grade="2", serious="Y", end="2021-03-04", outcome="recovering"),
        fever(grade="3", relation="unlikely", end="2021-03-09"),
        fever(grade="1", relation="probable", end="", outcome=""),
        "P2,1,Cough,Chest,1,N,unrelated,2021-03-04,,",
        numbered=numbered,
    )
    worst = next(event for event in events(cleaned) if event["term"] == "Fever")
    assert worst["row_id"] == "events:3"
    assert (worst["grade"], worst["serious"], worst["relation"]) == (3, True, "probable")
    assert (worst["onset_day"], worst["end_day"], worst["outcome"]) == (59, 67, "recovered")
    assert flow(cleaned) == [4, 2, 0, 2]
    assert [f for f in found(cleaned) if f[3] == "warning"] == [
        (2, "", "event_merged", "warning"),
        (4, "", "event_merged", "warning"),
    ]
    detail = cleaned.findings.query("severity == 'warning'")["detail"].iloc[0]
    for part in ("rows 2, 3 and 4", "grade '3' of row 3", "serious 'Y' of row 2",
                 "relation 'probable' of row 4", "end_date '2021-03-09' of row 3"):  # fmt: skip
        assert part in detail
    assert set(cleaned.quarantine["reason"]) == {"the same event as row 3"}
    notes = [f[:3] for f in found(cleaned) if f[3] == "note"]
    assert notes == [(3, "relation", "event_merged"), (3, "serious", "event_merged")]


def test_the_number_of_the_source_tells_events_apart(tmp_path):
    cleaned = clean(
        tmp_path, fever("1"), fever("2", grade="3"), fever("10", onset="2021-05-01", end="")
    )
    assert flow(cleaned) == [3, 3, 0, 0]
    assert found(cleaned) == [
        (row, "what", "events_alike", "warning") for row in (2, 3)
    ]  # counted as two, and said


@pytest.mark.slow
@pytest.mark.parametrize(
    "other",
    [fever(term="Cough"), fever(onset="2021-04-01", end=""), fever(onset="2021-04", end="")],
)
def test_one_number_of_two_events_is_an_error_and_drops_neither(tmp_path, other):
    cleaned = clean(tmp_path, fever(), other)
    assert flow(cleaned) == [2, 2, 0, 0]
    errors = [f for f in found(cleaned) if f[3] == "error"]
    assert errors == [(row, "number", "event_number_reused", "error") for row in (2, 3)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "other",
    [
        fever(term=" FEVER", grade="3"),
        fever(onset="2021-03", grade="3"),
        fever(onset="", grade="3"),
        fever(term="", grade="3"),
        fever(onset="1/3/2021", grade="3"),
    ],
)
def test_rows_of_one_number_that_contradict_each_other_in_nothing_are_one_event(tmp_path, other):
    cleaned = clean(tmp_path, fever(), other)
    assert flow(cleaned) == [2, 1, 0, 1]
    (event,) = events(cleaned)
    assert (event["grade"], event["onset_day"], event["onset_known"]) == (3, 59, "day")
    assert event["term"].strip().casefold() == "fever"


def test_the_same_number_in_another_subject_or_another_file_is_another_event(tmp_path):
    cleaned = clean(tmp_path, fever(), fever().replace("P1,", "P2,"))
    assert flow(cleaned) == [2, 2, 0, 0]
    assert found(cleaned) == []
    (tmp_path / "two").mkdir()
    write_files(tmp_path / "two")
    settings = exports()
    settings["exports"]["more"] = {**settings["exports"]["events"], "file": "more.csv"}
    for name, row in (("events", fever()), ("more", fever(term="Cough"))):
        (tmp_path / f"two/{name}.csv").write_text(f"{HEADER}{row}\n", "utf-8")
    cleaned = clean_small(tmp_path / "two", **settings)
    assert flow(cleaned) == [2, 2, 0, 0]
    assert found(cleaned) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("onset", "kept"), [("2021-05", 1), ("2021", 2), ("", 2), ("2021-02-30", 2)]
)
def test_without_a_number_an_unknown_month_of_onset_makes_no_event_the_same(tmp_path, onset, kept):
    rows = (fever(onset=onset), fever(onset=onset, grade="3"))
    cleaned = clean(tmp_path, *rows, numbered=False)
    assert flow(cleaned) == [2, kept, 0, 2 - kept]
    alike = [f for f in found(cleaned) if f[2] == "events_alike"]
    assert len(alike) == (0 if kept == 1 else 2)


def test_equal_rows_whose_dates_differ_where_they_cannot_be_read_are_two_events(tmp_path):
    rows = [fever(onset=onset) for onset in ("2021-05", "2021-06", "2021-02-30", "2021-02-31")]
    cleaned = clean(tmp_path, *rows, numbered=False)
    assert flow(cleaned) == [4, 4, 0, 0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "grades", "aside"), [("keep_first", [1], 1), ("keep_last", [3], 1)]
)
def test_another_rule_that_is_declared_is_obeyed(tmp_path, rule, grades, aside):
    cleaned = clean(tmp_path, fever(), fever(grade="3"), duplicates=rule)
    assert [event["grade"] for event in events(cleaned)] == grades
    assert flow(cleaned) == [2, 1, aside, 0]
    assert [f[2] for f in found(cleaned)] == ["duplicate_key"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("onset", "known", "after"),
    [
        ("2021-02-02", "day", True),
        ("2021-02-01", "day", False),
        ("2021-02", "month", None),
        ("2021-03", "month", True),
        ("2021-01-UN", "month", False),
        ("UN/03/2021", "month", True),
        ("UNK-MAR-2021", "month", True),
        ("03/2021", "month", True),
        ("2021", "year", None),
        ("2022-UN-UN", "year", True),
        ("2020---15", "year", False),
        ("2022-00-00", "year", True),
        ("UN-UN-UNK", "unknown", None),
        ("", "unknown", None),
        ("UNK", "unknown", None),
        ("2021-02-30", "unknown", None),
        ("soon", "unknown", None),
        ("2021-13", "unknown", None),
    ],
)
def test_a_date_of_onset_is_kept_as_far_as_it_is_known(tmp_path, onset, known, after):
    cleaned = clean(tmp_path, fever(onset=onset, end=""))
    (event,) = events(cleaned)
    assert (event["onset_known"], event["after_treatment"]) == (known, after)
    assert (event["onset_day"] is None) == (known != "day")
    severities = {f[3] for f in found(cleaned) if f[1] == "from" and f[2] != "date_form"}
    refused = onset in ("2021-02-30", "soon", "2021-13")
    wanted = {"month": "note", "year": "note", "unknown": "error" if refused else "note"}
    assert severities <= {wanted.get(known), "warning"}
    assert bool(severities) == (known != "day")
    # No calendar date leaves cleaning.
    path = tmp_path / "cleaned.csv"
    write_table(cleaned.finished["adverse_events"](), path)
    assert "202" not in path.read_text("utf-8")


def test_a_partial_end_is_kept_and_contradicts_the_onset_only_as_a_whole(tmp_path):
    cleaned = clean(tmp_path, fever(end="2021-03"), fever("2", "Cough", end="2021-02"))
    assert [(e["end_known"], e["end_day"]) for e in events(cleaned)] == [("month", None)] * 2
    assert [f for f in found(cleaned) if f[3] == "error"] == [(3, "to", "date_order", "error")]


def test_a_partial_date_outside_the_period_is_refused_and_its_event_kept(tmp_path):
    config = {"period": ["2020-06-15", "2021-12-31"]}
    rows = [fever("1", "A", onset="2020-06"), fever("2", "B", onset="2020-05")]
    cleaned = clean(tmp_path, *rows, config=config)
    assert [event["onset_known"] for event in events(cleaned)] == ["month", "unknown"]
    assert (3, "from", "not_permitted", "error") in found(cleaned)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "raw"),
    [("grade", "grade"), ("serious", "serious"), ("relation", "relation"),
     ("system_organ_class", "class")],
)  # fmt: skip
@pytest.mark.parametrize(("text", "severity"), [("", "warning"), ("UNK", "note"), ("?", "error")])
def test_what_is_not_known_of_an_event_does_not_drop_it(tmp_path, column, raw, text, severity):
    values = {"class": "General", "grade": "1", "serious": "N", "relation": "possible"}
    values[raw] = text
    permitted = {"system_organ_class": {"values": ["General"]}}
    row = f"P1,1,Fever,{','.join(values.values())},2021-03-01,2021-03-05,recovered"
    cleaned = clean(tmp_path, row, permitted=permitted)
    (event,) = events(cleaned)
    assert event[column] is None
    rule = "not_permitted" if text == "?" else "not_known"
    assert found(cleaned) == [(2, raw, rule, severity)]


def test_an_event_without_a_term_is_an_event_and_an_empty_row_is_none(tmp_path):
    blank = "P1,4,UNK,UNK,UNK,,,,,"
    cleaned = clean(tmp_path, fever(term=""), fever("2", "UNK"), "P1,3,,,,,,,,", blank)
    assert [event["term"] for event in events(cleaned)] == ["Term not given"] * 2
    assert flow(cleaned) == [3, 2, 1, 0]
    assert [f for f in found(cleaned) if f[2] != "not_known"] == [
        (2, "what", "term_not_given", "error"),
        (3, "what", "term_not_given", "error"),
        (5, "", "blank_event", "warning"),
    ]


def test_events_of_an_unknown_subject_are_set_aside(tmp_path):
    cleaned = clean(tmp_path, fever(), fever().replace("P1,", "P9,"))
    assert flow(cleaned) == [2, 1, 1, 0]


def test_a_source_without_some_columns_is_read_and_says_what_it_lacks(tmp_path):
    write_files(tmp_path)
    settings = exports(numbered=False)
    table = settings["exports"]["events"]["tables"]["adverse_events"]
    table["columns"] = {"subject_id": "id", "term": "what"}
    settings["exports"]["events"]["ignored"] = list(FILES["events.csv"].split("\n")[0].split(","))
    cleaned = clean_small(tmp_path, **settings)
    assert len(events(cleaned)) == 2
    warnings = cleaned.findings.query("rule == 'expected_not_mapped'")["detail"].tolist()
    assert len(warnings) == 5
    assert any("adverse_events.relation" in text for text in warnings)


@pytest.mark.parametrize(
    ("forms", "text", "read"),
    [
        (("%d%b%Y",), "UNMAY2014", "2014-05"),
        (("%d%b%Y",), "MAY2014", "2014-05"),
        (("%d%b%Y",), "UNUNK2014", "2014"),
        (("%Y%m%d",), "201405", "2014-05"),
        (("%Y%m%d",), "2014UNUN", "2014"),
        (("%d.%m.%y",), "xx.05.14", "2014-05"),
        (("%B %d, %Y",), "May 2014", "2014-05"),
        (("%d/%m/%Y %H:%M",), "00/05/2014", "2014-05"),
        (("%d/%m/%Y",), "2014-05", "2014-05"),
        (("%m/%d/%Y", "%d/%m/%Y"), "UN/05/2014", "2014"),
        (("%Y-%m-%d",), "2014-05-", "2014-05"),
        (("%Y-%m-%d",), "--05-15", "a date without its year"),
    ],
)
def test_forms_of_partial_dates(forms, text, read):
    reading = read_cell(text, Column("x", "partial_date", dates=forms))
    assert (str(reading.value), reading.rule.code) == (read, "partial_date")
    assert reading.note


@pytest.mark.parametrize(
    ("forms", "text"),
    [
        (("%Y-%m-%d",), "2014-02-30"),
        (("%Y-%m-%d",), "2014-13"),
        (("%Y-%m-%d",), "2014-00-32"),
        (("%Y-%m-%d",), "UNK"),
        (("%Y-%m-%d",), "-"),
        (("%Y-%m-%d",), "05/2014"),
        (("%Y-%m-%d",), "1899-05"),
        (("%d.%m.%y",), "05.14"),
        (("%d-%b-%Y",), "UN-FOO-2014"),
        (("%d %B %Y",), "NA"),
        (("%Y-%m-%d",), "41760"),
    ],
)
def test_what_is_no_date_at_all_is_refused(forms, text):
    assert read_cell(text, Column("x", "partial_date", dates=forms)).error


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="the CDISC pilot study is not beside the project")
def test_events_of_the_cdisc_pilot_study():
    """Of those treated with the low dose 86 of 96 had 364 events; 4 onsets are known in part."""
    subject = {"subject_id": "USUBJID"}
    events = {
        "event_number": "AESEQ",
        "term": "AETERM",
        "system_organ_class": "AEBODSYS",
        "grade": "AESEV",
        "serious": "AESER",
        "relation": "AEREL",
        "onset_date": "AESTDTC",
        "end_date": "AEENDTC",
    }
    arm = {"rows": {"ACTARMCD": "Xan_Lo"}, "columns": subject}
    recode = {
        "grade": {"MILD": "1", "MODERATE": "2", "SEVERE": "3"},
        "relation": {"NONE": "unrelated", "REMOTE": "unlikely", "POSSIBLE": "possible",
                     "PROBABLE": "probable"},
    }  # fmt: skip
    exports = {
        name: {"file": f"{name}.xpt", "identifiers_allowed": ["USUBJID"], "dates": ["%Y-%m-%d"],
               "tables": tables}
        for name, tables in (
            ("dm", {"subjects": arm}),
            ("ex", {"treatments": {"columns": {**subject, "treatment_start": "EXSTDTC"},
                                   "rows": {"EXTRT": "XANOMELINE"}}}),
            ("ae", {"adverse_events": {"columns": {**subject, **events}, "recode": recode}}),
        )
    }  # fmt: skip
    pattern = {"pattern": "[0-9]+-[0-9]+-[0-9]+"}
    cleaned = clean_small(REAL, exports=exports, characteristics=[], subject_id=pattern)
    kept = cleaned.tables["adverse_events"]
    assert (len(kept), kept["subject_id"].nunique()) == (364, 86)
    assert len(cleaned.tables["subjects"]) == 96
    assert kept["onset_known"].value_counts().to_dict()["month"] == 4
    assert kept["relation"].isna().sum() == 4
    merged = cleaned.flow.query("table == 'adverse_events'")["merged"]
    assert merged.item() == 0
