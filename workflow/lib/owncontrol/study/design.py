"""How the study was made, as far as its configuration says: what it leaves out, no report says."""

import re
from typing import Literal

from pydantic import Field

from owncontrol.study.base import NotBlank, Part

# Letters that stand for a vowel and are not said as one (a unit, a European), and the reverse.
SAID_AS_CONSONANT = re.compile(r"(?:eu|uni(?!n)|use|usu|ut[ei]|one\b|once\b)", re.IGNORECASE)
SILENT_H = re.compile(r"(?:hour|heir|honest|honou?r)", re.IGNORECASE)


class SubjectWords(Part):
    """What the subjects of a study are called in its report."""

    one: NotBlank = Field(description='One of them, without an article ("rat", "volunteer").')
    many: NotBlank = Field(description='Several of them ("rats", "volunteers").')

    @property
    def a(self) -> str:
        """One of them with its article: a rat, an animal, a university student."""
        vowel = self.one[:1].lower() in "aeiou" and not SAID_AS_CONSONANT.match(self.one)
        return f"{'an' if vowel or SILENT_H.match(self.one) else 'a'} {self.one}"

    @property
    def capital_a(self) -> str:
        """The same at the beginning of a sentence."""
        return f"A{self.a[1:]}"

    @property
    def capital_one(self) -> str:
        """One of them at the beginning of a sentence or as a heading."""
        return f"{self.one[:1].upper()}{self.one[1:]}"

    @property
    def capital_many(self) -> str:
        """Several of them at the beginning of a sentence or as a heading."""
        return f"{self.many[:1].upper()}{self.many[1:]}"

    def within(self, text: str) -> str:
        """A text with these words in place of its {one}, {many}, {a} and the capital ones."""
        names = ("one", "many", "a", "capital_a", "capital_one", "capital_many")
        return text.format(**{name: getattr(self, name) for name in names})

    def of(self, count: float) -> str:
        """The word that goes with a count."""
        return self.one if count == 1 else self.many


PATIENTS = SubjectWords(one="patient", many="patients")


class Blinded(Part):
    """Who did not know which treatment was given."""

    patients: bool | None = Field(default=None, description="Whether the patients were blinded.")
    assessors: bool | None = Field(
        default=None, description="Whether those who assessed them were blinded."
    )


class Design(Part):
    """The design, declared and not assumed."""

    subjects: SubjectWords | None = Field(
        default=None,
        description=(
            "What the subjects are called in report, paper and figures; left out, patients. It is "
            "no part of the frozen plan."
        ),
    )
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

    @property
    def called(self) -> SubjectWords:
        """What the subjects are called: patients where nothing else is declared."""
        return self.subjects or PATIENTS
