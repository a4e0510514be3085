"""How each clock is spoken of."""

from dataclasses import dataclass

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
