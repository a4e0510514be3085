"""The visit schedule."""

from typing import Literal

from pydantic import Field

from owncontrol.study.base import Days, Name, Pair, Part

Clock = Literal["injury", "treatment"]


class Visit(Part):
    """One visit of the schedule."""

    name: Name = Field(description="Name of the visit in every table.")
    label: str = Field(description="Name of the visit in the report.")
    clock: Clock = Field(description="What the day counts from.")
    day: Days = Field(description="Planned day.")
    window: Pair[Days] = Field(description="First and last permitted day, on the same clock.")
