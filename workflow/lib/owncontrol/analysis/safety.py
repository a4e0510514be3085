"""Adverse events: how many, in how many subjects, and what none at all would mean.

What is not known of an event (its grade, its relation, whether it was serious) is counted as that,
never as the mildest of what it may be.
"""

from collections import Counter
from typing import Any

import pandas as pd

from owncontrol.estimates.collect import Estimates, slug
from owncontrol.statistics.proportions import clopper_pearson, upper_bound

Config = dict[str, Any]
RELATED = ("possible", "probable", "definite")
UNRELATED = ("unrelated", "unlikely")
GRADES = range(1, 6)
NOT_KNOWN = "not known"
NO_CLASS = "Organ class not known"
TABLE = "adverse_events"


def count_events(
    estimates: Estimates,
    events: pd.DataFrame,
    stratum: str,
    here: pd.Series,
    treated: pd.DataFrame,
    level: float,
    perhaps: pd.Series | None = None,
    endpoint: str = "",
) -> None:
    """Add events and subjects with at least one, for the events where ``here`` is true.

    The share of subjects is of all treated, with its Clopper-Pearson interval; where no subject
    had one, with the one-sided upper bound that the number of subjects allows. ``perhaps``: events
    of which it is not known whether they belong here; with one of them there is no such bound.
    """
    chosen = events.loc[here]
    some = chosen if len(chosen) else events
    # Without any event the number is about the treated subjects alone.
    rows = (TABLE, some["row_id"]) if len(some) else ("subjects", treated["row_id"])
    n = len(treated)
    about: Config = {"stratum": stratum, "endpoint": endpoint, "rows": rows}
    estimates.add(
        "events",
        len(chosen),
        n=len(events),
        events=len(chosen),
        method="count",
        unit="events",
        **about,
    )
    subjects = chosen["subject_id"].nunique()
    estimates.add_result(
        clopper_pearson(subjects, n, level),
        statistic="subjects_with_event",
        events=subjects,
        unit="subjects",
        **about,
    )
    if subjects or NOT_KNOWN in stratum:
        return
    if perhaps is not None and perhaps.any():
        unclear = events.loc[perhaps, "subject_id"].nunique()
        whom = "1 subject" if unclear == 1 else f"{unclear} subjects"
        reason = f"of {whom} it is not known whether an event was {stratum}"
        about["rows"] = (TABLE, events["row_id"])
        estimates.add_missing("upper_bound", reason, n=n, unit="subjects", **about)
        return
    bound = upper_bound(0, n, level)
    estimates.add_result(bound, statistic="upper_bound", events=0, unit="subjects", **about)


def summarise_events(
    estimates: Estimates, events: pd.DataFrame, treated: pd.DataFrame, level: float
) -> None:
    """Add all events of treated subjects: together, serious, related, by grade, class and term.

    ``events``: as cleaned; a column that the source lacks is not known of any event.
    """
    events = with_all_columns(events)

    def add(stratum: str, here: pd.Series, perhaps: pd.Series | None = None) -> None:
        count_events(estimates, events, stratum, here, treated, level, perhaps)

    serious, maybe_serious = _yes(events["serious"]), events["serious"].isna()
    related, maybe_related = events["relation"].isin(RELATED), events["relation"].isna()
    both = serious & related
    perhaps_both = (serious | maybe_serious) & (related | maybe_related) & ~both
    add("any", pd.Series(True, index=events.index))
    add("serious", serious, maybe_serious)
    add("related", related, maybe_related)
    add("serious and related", both, perhaps_both)
    add(f"serious {NOT_KNOWN}", maybe_serious)
    add(f"serious and related {NOT_KNOWN}", perhaps_both)
    for grade in GRADES:
        here = (events["grade"] == grade).fillna(False)
        add(f"grade {grade}", here, events["grade"].isna())
    add(f"grade {NOT_KNOWN}", events["grade"].isna())
    for relation in (*UNRELATED, *RELATED):
        add(f"relation {relation}", events["relation"] == relation, maybe_related)
    add(f"relation {NOT_KNOWN}", maybe_related)
    _by_class(estimates, events, treated, level)


def by_onset(
    estimates: Estimates, events: pd.DataFrame, treated: pd.DataFrame, level: float
) -> None:
    """Add the events that began before the first treatment, and on its day or later.

    With those of which this is not known, and those whose day of onset is not.
    """
    after = with_all_columns(events)["after_treatment"]
    without_day = (
        events["onset_day"].isna() if "onset_day" in events else pd.Series(True, events.index)
    )
    for stratum, here in (
        ("before treatment", _yes(~after)),
        ("after treatment", _yes(after)),
        (NOT_KNOWN, after.isna()),
        (f"day {NOT_KNOWN}", without_day),
    ):
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
    estimates.add(
        "events_of_untreated",
        len(others),
        n=len(events),
        events=len(others),
        method="count",
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
    for stratum in ("any", "serious", "related", "serious and related"):
        for statistic, unit in (
            ("events", "events"),
            ("subjects_with_event", "subjects"),
            ("upper_bound", "subjects"),
        ):
            estimates.add_missing(
                statistic,
                reason,
                stratum=stratum,
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
    estimates: Estimates, events: pd.DataFrame, treated: pd.DataFrame, level: float
) -> None:
    """Add each system organ class with its grades, and each term in it."""
    classes = one_spelling(events["system_organ_class"].astype("object").fillna(NO_CLASS))
    taken: Counter[str] = Counter()
    for system in sorted(classes.unique()):
        in_class = classes == system
        stratum = _unused(f"class {system}", taken)
        count_events(estimates, events, stratum, in_class, treated, level)
        _count_grades(estimates, events.loc[in_class], stratum)
        terms = one_spelling(events.loc[in_class, "term"].astype("str"))
        for term in sorted(terms.unique()):
            here = in_class & terms.reindex(events.index).eq(term)
            name = _unused(f"{stratum}: {term}", taken)
            count_events(estimates, events, name, here, treated, level)


def one_spelling(texts: "pd.Series[str]") -> "pd.Series[str]":
    """Texts that differ in nothing but signs and capitals, all as the first of them is written."""
    first: dict[str, str] = {}
    for text in sorted(texts.unique()):
        first.setdefault(slug(text) or text, text)
    return texts.map(lambda text: first[slug(text) or text])


def _unused(stratum: str, taken: "Counter[str]") -> str:
    """The stratum, with a number where another one would have the same id."""
    taken[slug(stratum)] += 1
    number = taken[slug(stratum)]
    return stratum if number == 1 else _unused(f"{stratum} ({number})", taken)


def _count_grades(estimates: Estimates, events: pd.DataFrame, stratum: str) -> None:
    """Add how many of a class' events have each grade, and how many have none that is known."""
    counts = {str(grade): int((events["grade"] == grade).sum()) for grade in GRADES}
    counts["not_known"] = int(events["grade"].isna().sum())
    for grade, count in counts.items():
        estimates.add(
            f"events_grade_{grade}",
            count,
            stratum=stratum,
            n=len(events),
            events=count,
            method="count",
            unit="events",
            rows=(TABLE, events["row_id"]),
        )
