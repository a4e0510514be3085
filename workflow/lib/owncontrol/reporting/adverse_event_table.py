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
        ["", "Events", numbers.who.capital_many, "Interval of the share, %"],
        [],
        [
            f"{numbers.who.capital_many} with at least one event of all {whom}; "
            "Clopper\u2013Pearson interval at "
            f"{percent(level)} %. Related: possibly, probably or definitely. Not known: "
            "not given, or not readable; such events are in no other line of their group.",
            *_sentence(not_counted(numbers)),
        ],
    )
    if events_state(numbers) not in ("counted", "none"):
        return table
    strata = _strata(numbers)
    _add(numbers, table, "All", [(_capital(str(kind)), kind) for kind in KINDS], strata)
    grades = [grade for grade in strata if isinstance(grade, CtcaeGrade | Severity)]
    named = [(_capital(_named(grade)), grade) for grade in grades]
    _add(numbers, table, f"Highest {graded_by} of each event", named, strata)
    _add_onset(numbers, table)
    _add_terms(numbers, table, strata)
    return table


def _strata(numbers: Numbers) -> dict[Stratum, str]:
    """By stratum the number of its events; not of one without events that nobody knows of."""
    found = numbers.find(analysis="adverse_events", statistic=AdverseEvents.EVENTS, endpoint="")
    strata = {numbers.row(name).stratum: name for name in found}
    return {key: name for key, name in strata.items() if numbers.raw(name) or key.known}


def _add(
    numbers: Numbers,
    table: Table,
    group: str,
    chosen: Iterable[tuple[str, Stratum]],
    strata: dict[Stratum, str],
) -> None:
    """Add a group of lines, each with its label; of strata that nothing is known of none."""
    lines = [[label, *_events_row(numbers, strata[key])] for label, key in chosen if key in strata]
    if lines:
        table.groups[len(table.rows)] = group
        table.rows.extend(lines)


def _add_terms(numbers: Numbers, table: Table, strata: dict[Stratum, str]) -> None:
    """Add the terms of each class."""
    classes = numbers.by_stratum(
        OrganClass, analysis="adverse_events", statistic=AdverseEvents.EVENTS_GRADE_1
    )
    names = [organ_class.name for organ_class in classes]
    terms = [
        (term, stratum)
        for stratum in strata
        if isinstance(stratum, ClassTerm) and (term := stratum.among(names))
    ]
    for name in names:
        chosen = [(term.term, stratum) for term, stratum in terms if term.organ_class == name]
        _add(numbers, table, name, chosen, strata)


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
