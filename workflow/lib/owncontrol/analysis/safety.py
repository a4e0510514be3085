"""Adverse events: how many, in how many subjects, and what none at all would mean."""

from typing import Any

import pandas as pd

from owncontrol.estimates import Estimates
from owncontrol.statistics.proportions import clopper_pearson, upper_bound

Config = dict[str, Any]
RELATED = ("possible", "probable", "definite")


def count_events(
    estimates: Estimates,
    events: pd.DataFrame,
    stratum: str,
    here: pd.Series,
    treated: pd.DataFrame,
    level: float,
) -> None:
    """Add events and subjects with at least one, for the events where ``here`` is true.

    The share of subjects is of all treated, with its Clopper-Pearson interval; where no subject
    had one, the one-sided upper bound that the number of subjects allows stands beside it.
    """
    chosen = events.loc[here]
    some = chosen if len(chosen) else events
    # Without any event the number is about the treated subjects alone.
    rows = ("adverse_events", some["row_id"]) if len(some) else ("subjects", treated["row_id"])
    n = len(treated)
    estimates.add(
        "events",
        len(chosen),
        stratum=stratum,
        n=len(events),
        events=len(chosen),
        method="count",
        unit="events",
        rows=rows,
    )
    subjects = chosen["subject_id"].nunique()
    estimates.add_result(
        clopper_pearson(subjects, n, level),
        statistic="subjects_with_event",
        stratum=stratum,
        events=subjects,
        unit="subjects",
        rows=rows,
    )
    if subjects == 0:
        estimates.add_result(
            upper_bound(0, n, level),
            statistic="upper_bound",
            stratum=stratum,
            events=0,
            unit="subjects",
            rows=rows,
        )


def summarise_events(
    estimates: Estimates, events: pd.DataFrame, treated: pd.DataFrame, level: float
) -> None:
    """Add all events after treatment: together, serious, related, by grade, class and term."""

    def add(stratum: str, here: pd.Series) -> None:
        count_events(estimates, events, stratum, here, treated, level)

    add("any", pd.Series(True, index=events.index))
    add("serious", events["serious"].astype(bool))
    related = events["relation"].isin(RELATED)
    add("related", related)
    add("serious and related", related & events["serious"].astype(bool))
    for grade in range(1, 6):
        add(f"grade {grade}", events["grade"] == grade)
    for relation in ("unrelated", "unlikely", *RELATED):
        add(f"relation {relation}", events["relation"] == relation)
    for system in sorted(events["system_organ_class"].unique()):
        here = events["system_organ_class"] == system
        add(f"class {system}", here)
        _count_grades(estimates, events.loc[here], f"class {system}")
        in_class = events.loc[events["system_organ_class"] == system, "term"]
        for term in sorted(in_class.unique()):
            add(
                f"class {system}: {term}",
                (events["system_organ_class"] == system) & (events["term"] == term),
            )


def _count_grades(estimates: Estimates, events: pd.DataFrame, stratum: str) -> None:
    """Add how many of a class' events have each grade."""
    for grade in range(1, 6):
        count = int((events["grade"] == grade).sum())
        estimates.add(
            f"events_grade_{grade}",
            count,
            stratum=stratum,
            n=len(events),
            events=count,
            method="count",
            unit="events",
            rows=("adverse_events", events["row_id"]),
        )
