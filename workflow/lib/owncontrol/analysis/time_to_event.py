"""The time to a declared event, described: nothing before it could be compared with it."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.units import unit_for
from owncontrol.errors import InputError
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import EventTimes
from owncontrol.estimates.strata import AtTime, CurveStep
from owncontrol.statistics.event_curve import EventCurve, event_curve
from owncontrol.study.event_times import EventTime

MOST_APART = 7  # fewer than so many steps between round times
FROM = "time from the start of the column to the event, or to the last time without it"


def describe_time_to_event(
    estimates: Estimates, subjects: pd.DataFrame, event: EventTime, unit: str, level: float
) -> None:
    """Add those with the event, the time observed, the median, the shares without it, the curve.

    ``subjects``: those whom the results are about; one counts where both time and event are known.
    ``unit``: of the times. Raises InputError where a time is negative.
    """
    known = subjects.dropna(subset=[event.time, event.seen])
    about: About = {"endpoint": event.name, "n": len(known)}
    if not len(known):
        estimates.add_missing(EventTimes.HAD_EVENT, "not known of anybody", **about)
        return
    time, seen = known[event.time].astype("float64"), known[event.seen].astype(bool)
    if (time < 0).any():
        count = int((time < 0).sum())
        where = f"{count} {unit_for(count, 'subject')}"
        raise InputError(
            f"event_times.{event.name}: {event.time} is below 0 in {where}",
            f"correct it, or set it aside: permitted: {{{event.time}: {{minimum: 0}}}}",
        )
    about["inputs"] = estimates.inputs(rows=("subjects", known["row_id"]))
    curve = event_curve(time, seen, level)
    estimates.add(
        EventTimes.HAD_EVENT,
        curve.events,
        events=curve.events,
        method="count",
        unit="subjects",
        **about,
    )
    ends = (EventTimes.TIME_OBSERVED, curve.total), (EventTimes.LONGEST_TIME, curve.last)
    for statistic, value in ends:
        estimates.add(
            statistic,
            value,
            method="sum" if statistic is ends[0][0] else "largest",
            convention=FROM,
            unit=unit,
            **about,
        )
    estimates.add_result(curve.median(), statistic=EventTimes.MEDIAN_TIME, unit=unit, **about)
    for at in event.at:
        estimates.add_result(
            curve.without_at(at),
            statistic=EventTimes.WITHOUT_EVENT,
            unit="share",
            stratum=AtTime(at),
            **about,
        )
    _add_curve(estimates, curve, unit, about)
    _add_looks(estimates, time.to_numpy(), seen.to_numpy(), about)


def _add_looks(
    estimates: Estimates,
    time: NDArray[np.float64],
    seen: NDArray[np.bool_],
    about: About,
) -> None:
    """Add how many were last seen without the event when, and how many are at risk at round times.

    ``time``, ``seen``, shape ``(n,)``: of each subject the time, and whether the event was seen.
    """
    times, counts = np.unique(np.round(time[~seen], AtTime.DECIMALS), return_counts=True)
    last_seen = zip(times, counts, strict=True)
    round_times = [(at, int((time >= at).sum())) for at in axis_times(float(time.max()))]
    for statistic, convention, found in (
        (EventTimes.LAST_LOOKS, "last seen without the event at this time", last_seen),
        (EventTimes.STILL_AT_RISK, "followed and without the event just before", round_times),
    ):
        for at, count in found:
            estimates.add(
                statistic,
                float(count),
                method="count",
                convention=convention,
                unit="subjects",
                stratum=AtTime(float(at)),
                **about,
            )


def axis_times(last: float) -> list[float]:
    """Round times from 0 up to the ``last`` one, at most seven: below an axis each has room.

    They are 1, 2 or 5 times a power of ten apart.
    """
    if last <= 0:
        return [0.0]
    power = 10.0 ** (math.floor(math.log10(last)) - 1)
    apart = next(step * power for step in (1, 2, 5, 10, 20) if last / (step * power) < MOST_APART)
    places = range(math.floor(last / apart + 1e-9) + 1)
    return [round(place * apart, AtTime.DECIMALS) for place in places]


def _add_curve(estimates: Estimates, curve: EventCurve, unit: str, about: About) -> None:
    """Add each step: its time, the share without the event after it, how many were at risk."""
    for place, time in enumerate(curve.time, start=1):
        stratum = CurveStep(place)
        estimates.add(
            EventTimes.STEP_TIME,
            float(time),
            method="observed",
            unit=unit,
            stratum=stratum,
            **about,
        )
        step = curve.without_at(float(time))
        estimates.add_result(
            step, statistic=EventTimes.STEP_WITHOUT, unit="share", stratum=stratum, **about
        )
        estimates.add(
            EventTimes.AT_RISK,
            float(curve.at_risk[place - 1]),
            method="count",
            convention="followed and without the event just before",
            unit="subjects",
            stratum=stratum,
            **about,
        )
