"""The report's table of adverse events: overall, by grade, onset, class and term."""

from collections.abc import Iterable
from typing import Any

from owncontrol.basics.number_texts import percent
from owncontrol.estimates.counted import events_state, not_counted
from owncontrol.estimates.event_statistics import AdverseEvents
from owncontrol.estimates.event_strata import (
    ClassTerm,
    CtcaeGrade,
    EventKind,
    Onset,
    OrganClass,
    Relation,
    Severity,
)
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.stratum import Stratum
from owncontrol.reporting.report_tables import Table

KINDS = (
    *(EventKind(kind) for kind in EventKind.KINDS),
    EventKind("serious", unknown=True),
    Relation(None),
    EventKind("serious and related", unknown=True),
)
AFTER = Onset("after treatment")
ONSETS = {
    Onset("before treatment"): "Before the treatment",
    AFTER: "On the day of the treatment or later",
    Onset("", unknown=True): "Not known",
}


def adverse_events_table(
    numbers: Numbers, level: float, graded_by: str, whom: str = "treated"
) -> Table:
    """Events and patients with at least one: overall, by grade, onset, class and term.

    ``graded_by``: the word for a grade. ``whom``: the patients that a share is of. Without rows
    where the study has no such table, or none of its rows could be kept.
    """
    table = Table(
        "adverse_events",
        "Adverse events",
        ["", "Events", "Patients", "Interval of the share, %"],
        [],
        [
            f"Patients with at least one event of all {whom}; Clopper\u2013Pearson interval at "
            f"{percent(level)} %. Related: possibly, probably or definitely. Not known: "
            "not given, or not readable; such events are in no other line of their group.",
            *_sentence(not_counted(numbers)),
        ],
    )
    if events_state(numbers) not in ("counted", "none"):
        return table
    strata: dict[Stratum, str] = {}
    for estimate_id in numbers.find(
        analysis="adverse_events", statistic=AdverseEvents.EVENTS, endpoint=""
    ):
        stratum = numbers.row(estimate_id).stratum
        if numbers.raw(estimate_id) or stratum.known:
            strata[stratum] = estimate_id

    def add(group: str, chosen: Iterable[tuple[str, str]]) -> None:
        lines = [[label, *_events_row(numbers, events)] for label, events in chosen]
        if lines:
            table.groups[len(table.rows)] = group
            table.rows.extend(lines)

    add("All", [(_capital(str(kind)), strata[kind]) for kind in KINDS if kind in strata])
    graded = [
        (grade, events)
        for grade, events in strata.items()
        if isinstance(grade, CtcaeGrade | Severity)
    ]
    add(f"Highest {graded_by} of each event", [(_capital(_named(grade)), e) for grade, e in graded])
    _add_onset(numbers, table)
    classes = numbers.by_stratum(
        OrganClass, analysis="adverse_events", statistic=AdverseEvents.EVENTS_GRADE_1
    )
    names = [organ_class.name for organ_class in classes]
    terms = [
        (term, events)
        for stratum, events in strata.items()
        if isinstance(stratum, ClassTerm) and (term := stratum.among(names))
    ]
    for name in names:
        add(name, [(term.term, events) for term, events in terms if term.organ_class == name])
    return table


def _named(grade: CtcaeGrade | Severity) -> str:
    """``grade 3``, or a word of severity by itself."""
    return grade.word if isinstance(grade, Severity) and grade.word else str(grade)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _events_row(numbers: Numbers, events: str) -> list[Any]:
    subjects = numbers.beside(events, AdverseEvents.SUBJECTS_WITH_EVENT)
    return [numbers.value(events), numbers.share(subjects), numbers.interval_percent(subjects)]


def _add_onset(numbers: Numbers, table: Table) -> None:
    """Lines for when the events began, where not all of them began after the treatment."""
    onsets = numbers.by_stratum(
        Onset, analysis="adverse_events", statistic=AdverseEvents.EVENTS, endpoint="onset_day"
    )
    shown = {
        onset: onsets[onset] for onset in ONSETS if onset in onsets and numbers.raw(onsets[onset])
    }
    if shown.keys() - {AFTER}:
        table.groups[len(table.rows)] = "Onset"
        table.rows.extend(
            [ONSETS[onset], *_events_row(numbers, events)] for onset, events in shown.items()
        )


def _sentence(parts: list[Any]) -> list[Any]:
    return [" ", *parts, "."] if parts else []
