"""The table of times to declared events."""

import math
from typing import Any

from owncontrol.basics.decimals import plain
from owncontrol.basics.number_texts import percent
from owncontrol.basics.units import plural, unit_for
from owncontrol.estimates.declared_statistics import EventTimes
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.strata import AtTime
from owncontrol.reporting.report_tables import MISSING, Table, marked_label
from owncontrol.reporting.sentences import capital
from owncontrol.study.event_times import EventTime
from owncontrol.study.settings import AnalysisSettings

NOT_REACHED = "not reached"


def event_times_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """How many had each event, when, and the share without it at the declared times."""
    rows: list[list[Any]] = []
    who = numbers.who
    groups: dict[int, str] = {}
    for event in settings.event_times:
        groups[len(rows)] = capital(marked_label(event, settings))
        rows += _rows(numbers, event, _unit(event, settings))
    return Table(
        "event-times",
        "Time to an event",
        ["", who.capital_many, "n", "Interval"],
        rows,
        f"n: {who.many} of whom time and event are known. Kaplan\u2013Meier estimates with "
        f"{percent(settings.level)} % intervals (Greenwood; log-minus-log). "
        f"{who.capital_a} without the event counts up to the last time without it, as if those "
        "still followed were like those "
        "no longer followed. There is no value before the event that it could be compared with: "
        "described, and not tested.",
        groups,
    )


def _unit(event: EventTime, settings: AnalysisSettings) -> str:
    return next(item.unit for item in settings.characteristics if item.name == event.time)


def _rows(numbers: Numbers, event: EventTime, unit: str) -> list[list[Any]]:
    stem = f"event_times.{event.name}"
    had = f"{stem}.{EventTimes.HAD_EVENT}"
    if not numbers.raw_n(had):
        return [["With the event", "not known of anybody", numbers.n(had), MISSING]]
    total, median = (
        f"{stem}.{name}" for name in (EventTimes.TIME_OBSERVED, EventTimes.MEDIAN_TIME)
    )
    units = plural(unit)
    rows = [
        ["With the event", numbers.share(had), numbers.n(had), MISSING],
        [f"Time observed, {units}", numbers.value(total), numbers.n(total), MISSING],
        [
            f"Half had it by, {units}",
            NOT_REACHED if math.isnan(numbers.raw(median)) else numbers.value(median),
            numbers.n(median),
            _bounds(numbers, median),
        ],
    ]
    shares = numbers.by_stratum(
        AtTime, analysis="event_times", endpoint=event.name, statistic=EventTimes.WITHOUT_EVENT
    )
    for at, share in shares.items():
        row = numbers.row(share)
        is_known = not math.isnan(row.value)
        shown = [numbers.percent(share), " %"] if is_known else "nobody followed for so long"
        bounds = numbers.interval_percent(share) if not math.isnan(row.lower) else MISSING
        label = f"Without the event after {plain(at.time)} {unit_for(at.time, unit)}"
        rows.append([label, shown, numbers.n(share), bounds])
    return rows


def _bounds(numbers: Numbers, median: str) -> Any:
    """The interval of the median, of which the upper end is often not reached."""
    row = numbers.row(median)
    if math.isnan(row.lower):
        return MISSING
    if math.isnan(row.upper):
        return f"{plain(row.lower)} to {NOT_REACHED}"
    return numbers.interval(median)
