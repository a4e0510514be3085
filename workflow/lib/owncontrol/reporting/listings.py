"""Tables that list: each serious adverse event, each deviation that a rule found."""

from typing import Any

import pandas as pd

from owncontrol.basics.natural_order import natural_key
from owncontrol.figures.shown_settings import events_have_days, timeline_clock
from owncontrol.lineage.results import Results
from owncontrol.reporting.report_tables import MISSING, Table
from owncontrol.reporting.study_words import grade_word
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import records

# Rules about what was done otherwise than the protocol says, and not about how it was written.
DEVIATIONS = ("visit_window", "before_consent", "foreign_product", "before_injury", "culture_days")
MOST_LISTED = 100  # rows; the files of the results have all
EVENTS = "cleaned/adverse_events.csv"
FINDINGS = "cleaned/findings.csv"


def serious_events_table(results: Results, settings: AnalysisSettings) -> Table:
    """Each serious event: patient, term, grade, relation, day, outcome; no calendar dates."""
    found = results.rows(EVENTS, serious={"True"}) if results.has(EVENTS) else pd.DataFrame()
    rows = sorted(records(found), key=lambda row: (natural_key(row["subject_id"]), _day(row)))
    origin = settings.onset if timeline_clock(settings) == "injury" else "the start of treatment"
    note = [f"Day: from {origin}. " if events_have_days(settings) else "", _cut(len(rows), EVENTS)]
    return Table(
        "serious-events",
        "Serious adverse events",
        ["Patient", "Event", grade_word(settings).capitalize(), "Relation", "Day", "Outcome"],
        [
            [
                row["subject_id"],
                row["term"],
                _grade(row, settings),
                *(_text(row, name) for name in ("relation", "onset_day", "outcome")),
            ]
            for row in rows[:MOST_LISTED]
        ],
        f"{''.join(note)}{MISSING}: not known.",
    )


def deviations_table(results: Results, settings: AnalysisSettings) -> Table:
    """Each finding of a rule about the conduct of the study, with its place in the raw files."""
    rows = []
    if results.has(FINDINGS):
        found = records(results.rows(FINDINGS, rule=set(DEVIATIONS)))
        order = {name: place for place, name in enumerate(DEVIATIONS)}
        found.sort(key=lambda row: (order[row["rule"]], row["file"], _number(row["row"])))
        rows = [
            [
                row["rule"].replace("_", " ").capitalize(),
                f"{row['file']}, row {row['row']}",
                row["detail"],
            ]
            for row in found
        ]
    return Table(
        "deviations",
        "Deviations that the rules found",
        ["Deviation", "Raw row", "What was found"],
        rows[:MOST_LISTED],
        "Visits outside their window, events before consent, products of another patient, dates "
        f"before the onset, days of culture that do not fit. {_cut(len(rows), FINDINGS)}"
        "What the protocol asks and no rule knows is not among them.",
    )


def _grade(row: dict[str, Any], settings: AnalysisSettings) -> str:
    grade = _text(row, "grade")
    if settings.severity and grade.isdigit() and 0 < int(grade) <= len(settings.severity):
        return settings.severity[int(grade) - 1]
    return grade


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return MISSING if value is None or value != value or value == "" else str(value)


def _day(row: dict[str, Any]) -> int:
    return _number(row.get("onset_day"))


def _number(text: Any) -> int:
    try:
        return int(text)
    except (TypeError, ValueError):
        return 0


def _cut(count: int, file: str) -> str:
    return f"The first {MOST_LISTED} of {count}; {file} has all. " if count > MOST_LISTED else ""
