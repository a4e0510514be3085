"""Times to an event that a study follows: described, because they have no baseline to compare."""

from pydantic import Field, field_validator

from owncontrol.study.base import Items, Name, NotEmpty, Number, Part


class EventTime(Part):
    """The time to one event: for each subject how long, and whether it was seen."""

    name: Name = Field(description="Name in every table.")
    label: NotEmpty = Field(description="Name in the report, as it is inside a sentence.")
    time: Name = Field(
        description=(
            "Characteristic (a number with its unit): the time from the start to the event, or to "
            "the last time at which the subject was known to be without it."
        ),
    )
    seen: Name = Field(description="Characteristic (a boolean): whether the event was seen.")
    at: Items[Number] = Field(
        default=(),
        description="Times, in the same unit, at which the share without the event is given.",
    )

    @field_validator("at")
    @classmethod
    def _after_the_start(cls, at: tuple[Number, ...]) -> tuple[Number, ...]:
        if any(time <= 0 for time in at) or len(set(at)) < len(at):
            raise ValueError("each time is above 0, and there once")
        return at
