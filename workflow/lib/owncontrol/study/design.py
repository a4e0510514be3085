"""How the study was made, as far as its configuration says: what it leaves out, no report says."""

from typing import Literal

from pydantic import Field

from owncontrol.study.base import NotBlank, Part


class Blinded(Part):
    """Who did not know which treatment was given."""

    patients: bool | None = Field(default=None, description="Whether the patients were blinded.")
    assessors: bool | None = Field(
        default=None, description="Whether those who assessed them were blinded."
    )


class Design(Part):
    """The design, declared and not assumed."""

    blinded: Blinded = Field(default=Blinded(), description="Who was blinded.")
    placebo: bool | None = Field(
        default=None, description="Whether anybody was given a placebo in place of the treatment."
    )
    controls: NotBlank | None = Field(
        default=None,
        description=(
            "Patients without the treatment that are reported elsewhere, in a sentence of its own."
        ),
    )
    enrolment: Literal["consecutive", "selected"] | None = Field(
        default=None, description="Whether every patient who could take part was asked, in order."
    )
    natural_course: Literal["recovery", "stable", "worsening"] | None = Field(
        default=None, description="What is expected of such patients without the treatment."
    )
    event_scale: NotBlank | None = Field(
        default=None,
        description='Scale by which adverse events are graded, as the report names it ("CTCAE").',
    )
    registration: NotBlank | None = Field(
        default=None, description="Register and number under which the study was announced."
    )
    ethics: NotBlank | None = Field(
        default=None, description="Committee and number of its approval."
    )
    funding: NotBlank | None = Field(default=None, description="Who paid for the study.")
