"""The day of each assessment on the study's clock."""

from collections.abc import Sequence
from typing import Protocol

import pandas as pd

from owncontrol.study.visits import OWN_DAY, StudyClock

# What a number on the clock is, where it is not counted from a date of the subject.
CONVENTIONS: dict[StudyClock, str] = {
    "treatment": "",
    "baseline": "days since the subject's baseline visit",
    "recorded": "days as the source counts them",
    "nominal": "planned days of the visits, whenever the exams were",
    "order": "places of the visits in the schedule, the first is 0",
}


class Planned(Protocol):
    """A visit of the schedule: its name, and its planned day where it has one."""

    @property
    def name(self) -> str:
        """Name of the visit."""

    @property
    def day(self) -> int | None:
        """Planned day."""


def days_on_clock(
    scores: pd.DataFrame, clock: StudyClock, visits: Sequence[Planned]
) -> "pd.Series[float]":
    """The day of each row of the scores; NaN where it is not known.

    Of a study that knows the order of its visits alone, the place of the visit in the schedule.
    """
    if clock == "treatment":
        return scores["day_from_treatment"].astype("float64")
    if clock in OWN_DAY:
        return scores["study_day"].astype("float64")
    days = {
        visit.name: place if clock == "order" or visit.day is None else visit.day
        for place, visit in enumerate(visits)
    }
    return scores["visit"].map(days).astype("float64")


def days_apart(
    scores: pd.DataFrame, clock: StudyClock, visits: Sequence[Planned]
) -> "pd.Series[float]":
    """Days whose differences count: from the injury; where none is known, on the study's clock.

    NaN throughout where the study knows no more than the order of its visits.
    """
    days = scores["day_from_injury"].astype("float64")
    return days if clock == "order" or days.notna().any() else days_on_clock(scores, clock, visits)
