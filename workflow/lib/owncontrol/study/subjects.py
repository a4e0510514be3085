"""Subjects: how their codes are written, and what is known of each."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from owncontrol.study.base import Items, Name, Number, Part, Regex


class SubjectId(Part):
    """How study codes are written."""

    pattern: Regex = Field(description="Regular expression that a whole code matches.")
    upper_case: bool = Field(
        default=True,
        description=(
            "Read codes as capital letters (a note in the findings where that changed one)."
        ),
    )
    years_apart: Number = Field(
        default=1,
        description=(
            "By how many years the ages in two rows of one code may differ beyond the time "
            "between the rows (their dates of registration, else of consent; without dates the "
            "time is 0). A larger difference, another sex or another year of birth (a number "
            'among the characteristics with "birth" in its name) means that two patients may '
            "share the code - an error, and none of the rows is used."
        ),
        ge=0,
        json_schema_extra={"unit": "years"},
    )


class SubjectCode(Part):
    """Keyed codes in place of the study codes."""

    key_file: str = Field(
        default="",
        description=(
            "File that holds the key (16 random bytes or more), outside the results; empty keeps "
            "the study codes. It is read and never copied."
        ),
    )
    prefix: str = Field(
        default="S-",
        description="What a keyed code begins with, before its ten letters and digits.",
        pattern="^[A-Z0-9-]*$",
    )
    correction_reasons: bool = Field(
        default=False,
        description=(
            "Show why, by whom and when a value was corrected, although whoever has the "
            "corrections finds the patient by it. Without keyed codes the findings always say it."
        ),
    )


class CodeRules(Part):
    """How study codes are written, and the keyed codes in their place."""

    subject_id: SubjectId
    subject_code: SubjectCode


class Requirement(Part):
    """What an answer yes says of another column."""

    column: str = Field(description="Column of the subjects table that holds a number.")
    minimum: Number | None = Field(default=None, description="Lowest value that goes with yes.")
    maximum: Number | None = Field(default=None, description="Highest value that goes with yes.")


class Characteristic(Part):
    """A column of the subjects table beyond the common ones."""

    name: Name = Field(description="Canonical column name.")
    label: str = Field(description="Name in the report.")
    type: Literal["category", "boolean", "number"] = Field(description="What the column holds.")
    unit: str = Field(default="", description="Unit of a number.")
    values: Items[str] = Field(
        default=(),
        description="Permitted values of a category, in the order in which tables list them.",
    )
    eligibility: bool = Field(
        default=False,
        description="True for an entry criterion that has to be met (a boolean).",
    )
    requires: Requirement | None = Field(
        default=None,
        description=(
            "What an answer yes says of another column of the subjects table, and no denies. An "
            "answer that contradicts it is a warning."
        ),
    )

    @property
    def is_age(self) -> bool:
        """Whether it is a number that says how old a subject is."""
        # Imported where it is asked: whoever only loads a study needs neither numpy nor the words.
        from owncontrol.privacy.ages import is_age

        return self.type == "number" and is_age(self.name, self.label, self.unit)


def age_columns(characteristics: Iterable[Characteristic], above_89: bool) -> set[str]:
    """The columns of the subjects table that hold an age, and may not show one above 89.

    ``above_89``: the study shows these ages as they are, so that no column may not.
    """
    if above_89:
        return set()
    return {"age", *(item.name for item in characteristics if item.is_age)}
