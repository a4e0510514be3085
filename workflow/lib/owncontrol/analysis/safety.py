"""Adverse events: how many, in how many subjects, and what none at all would mean.

What is not known of an event (its grade, its relation, whether it was serious) is counted as that,
never as the mildest of what it may be.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

import pandas as pd

from owncontrol.estimates.collect import About, Estimates, slug
from owncontrol.estimates.event_statistics import EVENTS_OF_GRADE, AdverseEvents
from owncontrol.estimates.event_strata import (
    ClassTerm,
    CtcaeGrade,
    EventKind,
    EventStratum,
    Onset,
    OrganClass,
    Relation,
    Severity,
)
from owncontrol.statistics.proportions import clopper_pearson, upper_bound

RELATED = ("possible", "probable", "definite")
UNRELATED = ("unrelated", "unlikely")
GRADES = range(1, 6)
In = TypeVar("In", OrganClass, ClassTerm)
NO_CLASS = "Organ class not known"
TABLE = "adverse_events"


def count_events(
    estimates: Estimates,
    events: pd.DataFrame,
    stratum: EventStratum,
    here: pd.Series,
    treated: pd.DataFrame,
    level: float,
    perhaps: pd.Series | None = None,
    endpoint: str = "",
) -> None:
    """Add events and subjects with at least one, for the events where ``here`` is true.

    The share of subjects is of all treated, with its Clopper-Pearson interval, and where no subject
    had one, or the stratum is a kind of event, with its one-sided upper bound. ``perhaps``: events
    of which it is not known whether they belong here; with one of them there is no such bound.
    """
    chosen = events.loc[here]
    some = chosen if len(chosen) else events
    # Without any event the number is about the treated subjects alone.
    rows = (TABLE, some["row_id"]) if len(some) else ("subjects", treated["row_id"])
    n = len(treated)
    about: About = {"stratum": stratum, "endpoint": endpoint, "rows": rows}
    estimates.add_count(
        AdverseEvents.EVENTS,
        len(chosen),
        len(events),
        unit="events",
        **about,
    )
    subjects = chosen["subject_id"].nunique()
    estimates.add_result(
        clopper_pearson(subjects, n, level),
        statistic=AdverseEvents.SUBJECTS_WITH_EVENT,
        events=subjects,
        unit="subjects",
        **about,
    )
    # Claims name the bound of a kind, which is there whether or not anybody had such an event.
    if not stratum.known or (subjects and not isinstance(stratum, EventKind)):
        return
    name = AdverseEvents.UPPER_BOUND
    if perhaps is not None and perhaps.any():
        about["rows"] = (TABLE, events["row_id"])
        reason = _unclear(events.loc[perhaps, "subject_id"].nunique(), stratum)
        estimates.add_missing(name, reason, n=n, unit="subjects", **about)
        return
    bound = upper_bound(subjects, n, level)
    estimates.add_result(bound, statistic=name, events=subjects, unit="subjects", **about)


def _unclear(subjects: int, stratum: EventStratum) -> str:
    whom = "1 subject" if subjects == 1 else f"{subjects} subjects"
    return f"of {whom} it is not known whether an event was {stratum}"


def summarise_events(
    estimates: Estimates,
    events: pd.DataFrame,
    treated: pd.DataFrame,
    level: float,
    has_treatments: bool = True,
    severity: Sequence[str] = (),
) -> None:
    """Add all events of treated subjects: together, serious, related, by grade, class and term.

    ``events``: as cleaned; a column that the source lacks is not known of any event.
    ``has_treatments``: whether there is anything that an event may be related to. ``severity``:
    the words that stand for grades, where they are no numbers.
    """
    events = with_all_columns(events)

    def add(stratum: EventStratum, here: pd.Series, perhaps: pd.Series | None = None) -> None:
        count_events(estimates, events, stratum, here, treated, level, perhaps)

    serious, maybe_serious = _yes(events["serious"]), events["serious"].isna()
    related, maybe_related = events["relation"].isin(RELATED), events["relation"].isna()
    both = serious & related
    perhaps_both = (serious | maybe_serious) & (related | maybe_related) & ~both
    add(EventKind("any"), pd.Series(True, index=events.index))
    add(EventKind("serious"), serious, maybe_serious)
    if has_treatments:
        add(EventKind("related"), related, maybe_related)
        add(EventKind("serious and related"), both, perhaps_both)
    add(EventKind("serious", unknown=True), maybe_serious)
    if has_treatments:
        add(EventKind("serious and related", unknown=True), perhaps_both)
    for grade in _grades(severity):
        here = (events["grade"] == grade).fillna(False)
        add(_graded(grade, severity), here, events["grade"].isna())
    add(_graded(None, severity), events["grade"].isna())
    if has_treatments:
        for relation in (*UNRELATED, *RELATED):
            add(Relation(relation), events["relation"] == relation, maybe_related)
        add(Relation(None), maybe_related)
    _by_class(estimates, events, treated, level, severity)


def _grades(severity: Sequence[str]) -> range:
    return range(1, len(severity) + 1) if severity else GRADES


def _graded(grade: int | None, severity: Sequence[str]) -> CtcaeGrade | Severity:
    """The events of a grade, by the word for it where there is one."""
    if not severity:
        return CtcaeGrade(grade)
    return Severity(None if grade is None else severity[grade - 1])


def by_onset(
    estimates: Estimates,
    events: pd.DataFrame,
    treated: pd.DataFrame,
    level: float,
    has_treatments: bool = True,
) -> None:
    """Add the events that began before the first treatment, and on its day or later.

    With those of which this is not known, and those whose day of onset is not; these alone in a
    study without treatments.
    """
    after = with_all_columns(events)["after_treatment"]
    without_day = (
        events["onset_day"].isna() if "onset_day" in events else pd.Series(True, events.index)
    )
    strata = [
        (Onset("before treatment"), _yes(~after)),
        (Onset("after treatment"), _yes(after)),
        (Onset("", unknown=True), after.isna()),
        (Onset("day", unknown=True), without_day),
    ]
    for stratum, here in strata if has_treatments else strata[-1:]:
        count_events(
            estimates,
            events,
            stratum,
            here,
            treated,
            level,
            after.isna(),
            endpoint="onset_day",
        )


def count_untreated(estimates: Estimates, events: pd.DataFrame, treated: pd.DataFrame) -> None:
    """Add how many events are of subjects who were not treated, which nothing else counts."""
    others = events.loc[~events["subject_id"].isin(treated["subject_id"])]
    estimates.add_count(
        AdverseEvents.EVENTS_OF_UNTREATED,
        len(others),
        len(events),
        unit="events",
        rows=(TABLE, events["row_id"]) if len(events) else ("subjects", treated["row_id"]),
    )


def why_not_known(flow: pd.DataFrame) -> str:
    """Why nothing is known of adverse events: none of the rows that hold them could be kept.

    ``flow``: the table of cleaning. Empty where the number of events is one: rows are kept, or
    the source has none.
    """
    rows = flow.loc[flow["table"] == TABLE]
    read = int(rows["rows_in"].sum())
    if not read or int(rows["kept"].sum()):
        return ""
    return f"{'the only row' if read == 1 else f'all {read} rows'} of adverse events set aside"


def add_not_known(estimates: Estimates, reason: str, treated: pd.DataFrame) -> None:
    """Add that neither events nor subjects with one are known, with the reason."""
    for kind in EventKind.KINDS:
        for statistic, unit in (
            (AdverseEvents.EVENTS, "events"),
            (AdverseEvents.SUBJECTS_WITH_EVENT, "subjects"),
            (AdverseEvents.UPPER_BOUND, "subjects"),
        ):
            estimates.add_missing(
                statistic,
                reason,
                stratum=EventKind(kind),
                n=len(treated),
                unit=unit,
                rows=("subjects", treated["row_id"]),
            )


def with_all_columns(events: pd.DataFrame) -> pd.DataFrame:
    """The events with every column that is counted; missing where the source has none."""
    events = events.assign(
        **{
            name: pd.Series(pd.NA, index=events.index, dtype="object")
            for name in ("system_organ_class", "grade", "serious", "relation", "after_treatment")
            if name not in events
        }
    )
    return events.astype({"grade": "Int64", "serious": "boolean", "after_treatment": "boolean"})


def _yes(column: "pd.Series[Any]") -> "pd.Series[bool]":
    """Where a truth is known and true."""
    return column.astype("boolean").fillna(False).astype(bool)


def _by_class(
    estimates: Estimates,
    events: pd.DataFrame,
    treated: pd.DataFrame,
    level: float,
    severity: Sequence[str],
) -> None:
    """Add each system organ class with its grades, and each term in it."""
    classes = one_spelling(events["system_organ_class"].astype("object").fillna(NO_CLASS))
    taken: Counter[str] = Counter()
    for system in sorted(classes.unique()):
        in_class = classes == system
        stratum = _unused(OrganClass(system), taken)
        count_events(estimates, events, stratum, in_class, treated, level)
        _count_grades(estimates, events.loc[in_class], stratum, severity)
        terms = one_spelling(events.loc[in_class, "term"].astype("str"))
        for term in sorted(terms.unique()):
            here = in_class & terms.reindex(events.index).eq(term)
            name = _unused(ClassTerm(stratum.name, term), taken)
            count_events(estimates, events, name, here, treated, level)


def one_spelling(texts: "pd.Series[str]") -> "pd.Series[str]":
    """Texts that differ in nothing but signs and capitals, all as the first of them is written."""
    first: dict[str, str] = {}
    for text in sorted(texts.unique()):
        first.setdefault(slug(text) or text, text)
    return texts.map(lambda text: first[slug(text) or text])


def _unused(stratum: In, taken: "Counter[str]") -> In:
    """The stratum, with a number where another one would have the same id."""
    taken[slug(str(stratum))] += 1
    number = taken[slug(str(stratum))]
    return stratum if number == 1 else _unused(stratum.numbered(number), taken)


def _count_grades(
    estimates: Estimates, events: pd.DataFrame, stratum: OrganClass, severity: Sequence[str]
) -> None:
    """Add how many of a class' events have each grade, and how many have none that is known.

    The convention of a number says the word for the grade, where there is one.
    """
    for grade, statistic in EVENTS_OF_GRADE.items():
        if grade is not None and grade not in _grades(severity):
            continue
        here = events["grade"].isna() if grade is None else events["grade"] == grade
        count = int(here.sum())
        estimates.add_count(
            statistic,
            count,
            len(events),
            stratum=stratum,
            unit="events",
            convention=str(_graded(grade, severity)) if severity else "",
            rows=(TABLE, events["row_id"]),
        )
