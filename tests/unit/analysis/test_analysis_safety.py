"""Counts of adverse events: what is not known is counted as that, and rows set aside are named."""

import math

import pandas as pd
import pytest
from analysis_study import by_id
from owncontrol.analysis import quality, safety
from owncontrol.cli.summary import summary
from owncontrol.errors import InputError
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.counted import events_state, not_counted
from owncontrol.estimates.numbers import Numbers
from owncontrol.figures.adverse_events import adverse_event_numbers, draw_adverse_events, why_empty
from owncontrol.figures.style import journal_style
from owncontrol.reporting.adverse_event_table import adverse_events_table
from owncontrol.tables import conform, write_table
from small_study import clean_small, write_files

TREATED = pd.DataFrame({"row_id": ["p:2", "p:3", "p:4"], "subject_id": ["P1", "P2", "P3"]})
COLUMNS = ["subject_id", "term", "system_organ_class", "grade", "serious", "relation"]
GRADE = "CTCAE grade"
LEVEL = 0.95


def numbers_of(results, flow=None):
    table = results.table()
    if flow is not None:
        quality.count_table_rows(more := Estimates("data_quality", "all", ["P1"]), flow)
        table = pd.concat([table, more.table()], ignore_index=True)
    return Numbers(table, lambda shown: shown.text)


def counted(*rows, after=None):
    events = pd.DataFrame(rows, columns=COLUMNS)
    events["row_id"] = [f"ae:{place}" for place in range(2, len(rows) + 2)]
    events["after_treatment"] = [None] * len(rows) if after is None else after
    events["onset_day"] = pd.array([None] * len(rows), "Int64")
    results = Estimates("adverse_events", "treated", ["P1", "P2", "P3"])
    safety.summarise_events(results, events, TREATED, 0.95)
    safety.by_onset(results, events, TREATED, 0.95)
    safety.count_untreated(results, events, TREATED)
    return results


def flow_of(**tables):
    """Rows in, kept, quarantined and merged of each table."""
    states = ["rows_in", "kept", "quarantined", "merged"]
    rows = [
        {"file": "x.csv", "table": table, **dict(zip(states, counts, strict=True))}
        for table, counts in tables.items()
    ]
    return conform(pd.DataFrame(rows), "flow")


def test_unknown_grade_relation_and_seriousness_have_their_own_counts():
    results = counted(
        ("P1", "Fever", "General", 2, True, "possible"),
        ("P1", "Cough", "General", None, False, None),
        ("P2", "Rash", None, 1, None, "definite"),
    )
    found = by_id(results.table())["value"]
    for stratum, events in (
        ("any", 3), ("serious", 1), ("serious_not_known", 1), ("related", 2),
        ("relation_not_known", 1), ("relation_unrelated", 0), ("grade_not_known", 1),
        ("serious_and_related", 1), ("serious_and_related_not_known", 1),
        ("class_organ_class_not_known", 1),
    ):  # fmt: skip
        assert found[f"adverse_events.{stratum}.events"] == events
    assert found["adverse_events.class_general.events_grade_not_known"] == 1
    table = adverse_events_table(numbers_of(results), LEVEL, GRADE)
    lines = {row[0]: row[1:3] for row in table.rows}
    assert lines["Relation not known"] == ["1", "1/3 (33\u00a0%)"]
    assert lines["Grade not known"][0] == lines["Serious not known"][0] == "1"
    assert "Organ class not known" in table.groups.values()


def test_none_seen_has_no_upper_bound_where_one_may_have_been():
    clear = by_id(counted(("P1", "Fever", "General", 2, False, "possible")).table())
    assert clear.loc["adverse_events.serious_and_related.upper_bound", "upper"] > 0
    unclear = by_id(counted(("P1", "Fever", "General", None, True, None)).table())
    bound = unclear.loc["adverse_events.serious_and_related.upper_bound"]
    assert math.isnan(bound["value"])
    assert bound["convention"].endswith(
        "of 1 subject it is not known whether an event was serious and related"
    )
    assert math.isnan(unclear.loc["adverse_events.grade_5.upper_bound", "value"])
    # A serious event of unknown relation is not unrelated.
    assert unclear.loc["adverse_events.relation_unrelated.events", "value"] == 0


def test_when_events_began():
    rows = [("P1", name, "General", 1, False, "unrelated") for name in "ABC"]
    results = counted(*rows, after=[True, False, None])
    found = by_id(results.table())["value"]
    for stratum in ("before_treatment", "after_treatment", "not_known"):
        assert found[f"adverse_events.onset_day.{stratum}.events"] == 1
    assert found["adverse_events.onset_day.day_not_known.events"] == 3
    table = adverse_events_table(numbers_of(results), LEVEL, GRADE)
    assert "Onset" in table.groups.values()
    table = adverse_events_table(numbers_of(counted(*rows, after=[True] * 3)), LEVEL, GRADE)
    assert "Onset" not in table.groups.values()


def test_a_source_without_columns_is_counted_as_not_known():
    events = pd.DataFrame({"row_id": ["ae:2"], "subject_id": ["P1"], "term": ["Fever"]})
    results = Estimates("adverse_events", "treated", ["P1", "P2", "P3"])
    safety.summarise_events(results, events, TREATED, 0.95)
    found = by_id(results.table())["value"]
    for stratum in ("serious_not_known", "relation_not_known", "grade_not_known"):
        assert found[f"adverse_events.{stratum}.events"] == 1


def test_spellings_and_odd_terms_make_one_line_or_their_own():
    results = counted(
        ("P1", "Fever", "General", 1, False, "unrelated"),
        ("P2", "FEVER", "general", 1, False, "unrelated"),
        ("P2", "++", "General", 1, False, "unrelated"),
        ("P2", "disorders", "General", 1, False, "unrelated"),
        ("P3", "x", "General disorders", 1, False, "unrelated"),
        ("P3", "y", "General: other", 1, False, "unrelated"),
    )
    found = by_id(results.table())["value"]
    assert found["adverse_events.class_general_fever.events"] == 2
    table = adverse_events_table(numbers_of(results), LEVEL, GRADE)
    start = next(place for place, group in table.groups.items() if group == "General")
    lines = [row[:2] for row in table.rows[start:]]
    assert sum(int(events) for _, events in lines) == 6
    assert list(table.groups.values()).count("General: other") == 1


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"adverse_events": (5, 5, 0, 0)}, ""),
        ({"adverse_events": (5, 4, 0, 1)}, ""),
        (
            {"adverse_events": (5, 4, 1, 0)},
            "1 row of adverse events was set aside and is not counted",
        ),
        (
            {"adverse_events": (5, 2, 3, 0), "subjects": (9, 8, 1, 0), "treatments": (9, 9, 0, 0)},
            "3 rows of adverse events and 1 row of the list of patients were set aside and are "
            "not counted",
        ),
    ],
)
def test_a_count_says_what_was_set_aside(tables, words):
    results = counted(("P1", "Fever", "General", 1, False, "unrelated"))
    numbers = numbers_of(results, flow_of(**tables))
    assert "".join(map(str, not_counted(numbers))) == words
    note = "".join(map(str, adverse_events_table(numbers, LEVEL, GRADE).note))
    assert note.endswith(f" {words}." if words else "group.")


def test_events_of_patients_who_were_not_treated_are_named():
    row = ("P1", "Fever", "General", 1, False, "unrelated")
    numbers = numbers_of(counted(row, ("P8", *row[1:])))
    words = "1 event of a patient who was not treated is not counted"
    assert "".join(map(str, not_counted(numbers))) == words


def test_events_that_were_all_set_aside_are_not_known_and_never_none():
    flow = flow_of(adverse_events=(7, 0, 7, 0))
    reason = safety.why_not_known(flow)
    assert reason == "all 7 rows of adverse events set aside"
    results = Estimates("adverse_events", "treated", ["P1"])
    safety.add_not_known(results, reason, TREATED)
    assert results.table()["value"].isna().all()
    numbers = numbers_of(results, flow)
    assert events_state(numbers) == "not known"
    assert adverse_events_table(numbers, LEVEL, GRADE).rows == []
    assert numbers.share("adverse_events.any.subjects_with_event") == "not known"
    assert why_empty(numbers) == "Adverse events: not known."


def test_a_source_without_any_event_says_that_none_was_recorded():
    flow = flow_of(adverse_events=(0, 0, 0, 0))
    assert safety.why_not_known(flow) == ""
    numbers = numbers_of(counted(), flow)
    assert events_state(numbers) == "none"
    assert why_empty(numbers) == "No adverse event was recorded."
    assert events_state(numbers_of(counted(), flow_of(subjects=(1, 1, 0, 0)))) == "counted"


def test_the_figure_has_a_part_for_grades_that_are_not_known():
    row = ("P1", "Fever", "General", None, False, "unrelated")
    rows = adverse_event_numbers(numbers_of(counted(row, row)))
    assert rows["events"].sum() == 2
    assert rows.loc[rows["grade"].isna(), "events"].tolist() == [2]
    with journal_style():
        figure = draw_adverse_events(rows, True)
        labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "Grade not known" in labels


def test_a_number_in_a_bar_has_room_or_is_left_out():
    rows = pd.DataFrame(
        {
            **{"class": ["General"] * 3, "grade": [1, 2, 3], "events": [2, 90, 11]},
            **{"estimate_id": "", "subjects": 1, "n": 1, "text": "1/1"},
        }
    )
    with journal_style():
        figure = draw_adverse_events(rows, True)
        said = [text.get_text() for text in figure.axes[0].texts]
    assert "2" not in said
    assert {"90", "11"} <= set(said)


def test_the_summary_of_a_run_names_counts_and_files(tmp_path):
    write_files(tmp_path, events=("P2,Fever", "P9,Fever"))
    cleaned = clean_small(tmp_path)
    folder = tmp_path / "results/small"
    (folder / "cleaned").mkdir(parents=True)
    write_table(cleaned.flow, folder / "cleaned/flow.csv")
    write_table(cleaned.findings, folder / "cleaned/findings.csv")
    lines = summary(folder)
    assert lines == [
        f"Rows: 10 read, 9 kept, 0 merged, 1 set aside (why: {folder}/cleaned/quarantine.csv)",
        "Set aside by table: 1 of adverse_events",
        f"Findings: 1 error, 0 warnings, 0 notes ({folder}/cleaned/findings.csv)",
    ]
    with pytest.raises(InputError, match="no such file"):
        summary(tmp_path)
