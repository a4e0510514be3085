"""The visit schedule."""

from typing import Literal

from pydantic import Field

from owncontrol.study.base import Days, Name, Pair, Part

Clock = Literal["injury", "treatment"]


class Visit(Part):
    """One visit of the schedule."""

    name: Name = Field(description="Name of the visit in every table.")
    label: str = Field(description="Name of the visit in the report.")
    clock: Literal["injury", "treatment", "nominal"] = Field(
        description=(
            "What the day counts from; nominal: the visit's place in time by its name (week 8), "
            "which is never compared with dates."
        ),
    )
    day: Days = Field(description="Planned day.")
    window: Pair[Days] | None = Field(
        default=None,
        description=(
            "First and last permitted day, on the same clock; left out, no day is judged. A "
            "nominal visit has none."
        ),
    )
