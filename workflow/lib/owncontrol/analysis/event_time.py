"""Adverse events over the time under observation, before and after the treatment; the worst listed.

A patient is under observation from the first to the last day on which anything of them is known:
registration, an assessment, an event. The day of the first treatment is the first one after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from owncontrol.analysis.safety import TABLE, with_all_columns
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.event_statistics import AdverseEvents
from owncontrol.estimates.event_strata import ListedEvent, Onset
from owncontrol.estimates.listed_events import ListedFacts
from owncontrol.statistics.event_rates import event_rate, rate_ratio
from owncontrol.study.visits import AnyClock
from owncontrol.tables.deaths import DEATH_GRADE, deaths

BEFORE, AFTER = Onset("before treatment"), Onset("after treatment")
ENDPOINT = "onset_day"
PER_DAYS = 100  # a rate is of a hundred days of a patient
MOST_LISTED = 200
DAY_COLUMNS = {"injury": "day_from_injury", "treatment": "day_from_treatment"}


@dataclass(frozen=True)
class Observed:
    """Days under observation by subject: columns ``before`` and ``after``, and the first treatment.

    ``without``: treated subjects of whom no such days are known. ``inputs``: what the days are
    made of, as a selection.
    """

    days: pd.DataFrame
    without: int
    inputs: str


def days_observed(
    estimates: Estimates,
    subjects: pd.DataFrame,
    treatments: pd.DataFrame,
    scores: pd.DataFrame,
    events: pd.DataFrame,
    clock: AnyClock,
) -> Observed:
    """How many days each treated subject was under observation before and after the treatment.

    ``subjects`` and ``events``: of the treated. All days count on ``clock``, that of events.
    """
    start = _by_subject(treatments, "treatment_start_day", "min")
    column = DAY_COLUMNS.get(clock, "study_day")
    exams = _first_and_last(scores, column)
    known = [(subjects, "registration_day"), (exams, column), (events, "onset_day")]
    first, last = (
        pd.concat([_by_subject(table, column, end) for table, column in known])
        .groupby(level=0)
        .agg(end)
        for end in ("min", "max")
    )
    days = pd.DataFrame({"start": start, "first": first, "last": last}).dropna()
    days = days.loc[days.index.isin(subjects["subject_id"])]
    days["before"] = (days["start"] - days["first"]).clip(lower=0)
    days["after"] = (days["last"] - days[["start", "first"]].max(axis=1) + 1).clip(lower=0)
    here = [table.loc[table["subject_id"].isin(days.index)] for table in (treatments, exams)]
    inputs = [estimates.inputs(here[1], ("treatments", here[0]["row_id"]))]
    if "registration_day" in subjects:
        registered = subjects.loc[subjects["subject_id"].isin(days.index), "row_id"]
        inputs.append(estimates.inputs(rows=("subjects", registered)))
    return Observed(days, len(subjects) - len(days), " ".join(inputs))


def _first_and_last(scores: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows of the scores table of each subject's first and last assessment."""
    if column not in scores:
        return scores.iloc[:0]
    known = scores.dropna(subset=[column])
    order = known.assign(_day=known[column].astype("float64")).sort_values("_day", kind="stable")
    ends = [order.drop_duplicates("subject_id", keep=keep) for keep in ("first", "last")]
    return pd.concat(ends).drop_duplicates(["subject_id", "visit", "instrument", "scale"])


def _by_subject(table: pd.DataFrame, column: str, end: str) -> "pd.Series[float]":
    """First or last known day of each subject; nobody's where the table has no such column."""
    if column not in table or table.empty:
        return pd.Series(dtype="float64")
    known = table[["subject_id", column]].dropna()
    days = known[column].astype("float64")
    return days.groupby(known["subject_id"].astype("str")).agg(end)


def add_rates(estimates: Estimates, events: pd.DataFrame, observed: Observed, level: float) -> None:
    """Add days under observation, events a hundred of them before and after, and their ratio.

    Only events of which it is known on which side of the treatment they began.
    """
    events = with_all_columns(events)
    n = len(observed.days)
    here = events.loc[events["subject_id"].astype("str").isin(observed.days.index)]
    inputs = observed.inputs
    if len(here):
        inputs = f"{inputs} {estimates.inputs(rows=(TABLE, here['row_id']))}"
    counts, times = [], []
    for stratum, side, is_after in ((BEFORE, "before", False), (AFTER, "after", True)):
        counts.append(int((here["after_treatment"] == is_after).fillna(False).sum()))
        times.append(float(observed.days[side].sum()))
        about: About = {"endpoint": ENDPOINT, "stratum": stratum, "inputs": inputs}
        words = "from the first to the last day on which anything of the subject is known"
        if observed.without:
            words = f"{words}; not known of {observed.without}"
        estimates.add(
            AdverseEvents.DAYS_OBSERVED,
            times[-1],
            n=n,
            method="sum",
            convention=words,
            unit="days",
            **about,
        )
        estimates.add_result(
            event_rate(counts[-1], times[-1] / PER_DAYS, n, level),
            statistic=AdverseEvents.EVENT_RATE,
            events=counts[-1],
            unit=f"events per {PER_DAYS} days",
            **about,
        )
    estimates.add_result(
        rate_ratio((counts[0], counts[1]), (times[0], times[1]), n, level),
        statistic=AdverseEvents.EVENT_RATE_RATIO,
        events=counts[1],
        endpoint=ENDPOINT,
        unit="",
        inputs=inputs,
    )


def deaths_after_treatment(events: pd.DataFrame, severity: Sequence[str] = ()) -> pd.DataFrame:
    """The events that are a death and did not surely come before the treatment."""
    if "after_treatment" not in events:
        return events.loc[deaths(events, severity)]
    before = events["after_treatment"].astype("boolean").eq(False).fillna(False)
    return events.loc[deaths(events, severity) & ~before.astype(bool)]


def list_worst(
    estimates: Estimates,
    events: pd.DataFrame,
    treated: pd.DataFrame,
    observed: Observed | None,
    severity: Sequence[str] = (),
) -> None:
    """Add how many subjects died by an event, and each death and serious event with its facts.

    The value of an event is the day of its onset: from the treatment where ``observed`` has that,
    or else on the clock of events. No more than ``MOST_LISTED`` are listed.
    """
    events = with_all_columns(events)
    died = deaths(events, severity)
    count = events.loc[died, "subject_id"].nunique()
    some = (TABLE, events["row_id"]) if len(events) else ("subjects", treated["row_id"])
    estimates.add_count(
        AdverseEvents.DEATHS,
        count,
        len(treated),
        convention=f"events of grade {DEATH_GRADE}, or with a death as their outcome"
        if not severity
        else "events with a death as their outcome",
        unit="subjects",
        rows=some,
    )
    serious = events["serious"].fillna(False).astype(bool) | died
    worst = events.assign(died=died).loc[serious]
    if worst.empty:
        return
    day = worst["onset_day"] if "onset_day" in worst else pd.Series(pd.NA, worst.index)
    worst["day"] = day.astype("float64")
    worst["subject"] = worst["subject_id"].astype("str")
    worst = worst.sort_values(["subject", "day", "row_id"], na_position="last")
    numbers = worst.groupby("subject").cumcount() + 1
    starts = {} if observed is None else observed.days["start"].to_dict()
    for place in worst.index[:MOST_LISTED]:
        _list(estimates, worst.loc[place], int(numbers[place]), starts, severity)


def _list(
    estimates: Estimates,
    event: "pd.Series[Any]",
    number: int,
    starts: dict[str, float],
    severity: Sequence[str],
) -> None:
    start = starts.get(event["subject"])
    grade = event["grade"]
    facts = ListedFacts(
        term=str(event["term"]),
        grade=_text(severity[int(grade) - 1] if severity and pd.notna(grade) else grade),
        relation=_text(event["relation"]),
        serious=_text(event["serious"]),
        died=bool(event["died"]),
        from_treatment=start is not None,
    )
    about: About = {
        "stratum": ListedEvent(event["subject"], number),
        "n": 1,
        "method": "as recorded",
        "unit": "days",
        "rows": (TABLE, pd.Series([event["row_id"]])),
    }
    if pd.isna(event["day"]):
        reason = f"day of onset not known{ListedFacts.APART}{facts}"
        estimates.add_missing(AdverseEvents.SERIOUS_EVENT_DAY, reason, **about)
        return
    day = event["day"] - (start or 0.0)
    estimates.add(AdverseEvents.SERIOUS_EVENT_DAY, day, convention=str(facts), **about)


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
