"""How each clock is spoken of, and what days of events count from."""

from collections.abc import Iterable
from dataclasses import dataclass

from owncontrol.study.exports import Export
from owncontrol.study.visits import AnyClock, StudyClock

# Clocks that start at a date of the subject, so that any of its dates has a day.
DATED: tuple[AnyClock, ...] = ("injury", "treatment", "baseline")


@dataclass(frozen=True)
class ClockWords:
    """How a clock is spoken of.

    ``axis``: title of an axis. ``by_day``: what is drawn by it, inside a sentence. ``since``: from
    when a time counts, inside a sentence. ``unit``: of a number on the clock.
    """

    axis: str
    by_day: str
    since: str
    unit: str = "days"


WORDS: dict[StudyClock, ClockWords] = {
    "treatment": ClockWords("Days from treatment", "day from treatment", "time from treatment"),
    "baseline": ClockWords("Days since baseline", "day since baseline", "time since baseline"),
    "recorded": ClockWords("Day, as recorded", "day as recorded", "day as recorded"),
    "nominal": ClockWords(
        "Nominal day", "nominal day (the day in the schedule, not of the exam)", "nominal day"
    ),
    "order": ClockWords("Visit", "visit, at equal distances", "visit", "visits"),
}


def event_clock(exports: Iterable[Export], clock: StudyClock) -> AnyClock:
    """What days of events count from: the injury where its date is known, else the study's clock.

    Where that is no date of the subject, no day of an event is known.
    """
    columns = [
        export.tables["subjects"].columns for export in exports if "subjects" in export.tables
    ]
    known = any("injury_date" in names for names in columns)
    return "injury" if known else clock
