"""The visit schedule, and the clocks that its days count on."""

from typing import Literal

from pydantic import Field

from owncontrol.study.base import Days, Name, Pair, Part

Clock = Literal["injury", "treatment"]
VisitClock = Literal["injury", "treatment", "baseline", "recorded", "nominal"]
StudyClock = Literal["treatment", "baseline", "recorded", "nominal", "order"]
AnyClock = Literal["injury", "treatment", "baseline", "recorded", "nominal", "order"]
# Clocks of which each assessment has its own day, in the column ``study_day``.
OWN_DAY: tuple[VisitClock, ...] = ("baseline", "recorded")


class Visit(Part):
    """One visit of the schedule."""

    name: Name = Field(description="Name of the visit in every table.")
    label: str = Field(description="Name of the visit in the report.")
    clock: VisitClock = Field(
        default="nominal",
        description=(
            "What the day counts from: injury, treatment, baseline (the subject's own date of the "
            "baseline visit) or what the source counts from (recorded). nominal: the visit's place "
            "in time by its name (week 8), which is never compared with dates."
        ),
    )
    day: Days | None = Field(
        default=None,
        description="Planned day; left out only where no more than the order of visits is known.",
    )
    window: Pair[Days] | None = Field(
        default=None,
        description=(
            "First and last permitted day, on the same clock; left out, no day is judged. A "
            "nominal visit has none."
        ),
    )
