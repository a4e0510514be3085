"""What a study leaves out of everything, each with the reason for it."""

from collections.abc import Iterable
from typing import Any, Self

from pydantic import ConfigDict, Field, model_validator

from owncontrol.study.base import NotBlank, NotEmpty, Part

NO_REASON = "no reason given"
ONE_OF: dict[str, Any] = {"oneOf": [{"required": ["subject"]}, {"required": ["row"]}]}


class Exclusion(Part):
    """A subject or a raw row that is left out, and why."""

    model_config = ConfigDict(json_schema_extra=ONE_OF)

    subject: NotEmpty | None = Field(default=None, description="Code of the subject.")
    row: NotEmpty | None = Field(
        default=None, description="Raw row as FILE:ROW; the header is row 1."
    )
    why: NotBlank = Field(description="Why it is left out, as the first page of the report says.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.subject is None) == (self.row is None):
            raise ValueError("either subject or row")
        return self


def entry_of(excluded: str | Exclusion) -> str:
    """What an entry names: a subject's code, or a raw row as FILE:ROW."""
    if isinstance(excluded, str):
        return excluded
    return excluded.subject if excluded.subject is not None else str(excluded.row)


def reason_of(excluded: str | Exclusion) -> str:
    """Why an entry is left out; empty where the configuration does not say."""
    return "" if isinstance(excluded, str) else excluded.why


def is_row(entry: str) -> bool:
    """Whether an entry has the form of a raw row (FILE:ROW)."""
    file, _, row = entry.rpartition(":")
    return bool(file) and row.isdecimal()


def reasons_by_entry(excluded: Iterable[str | Exclusion]) -> dict[str, str]:
    """By what each entry names, why it is left out; in the order of the configuration."""
    return {entry_of(item): reason_of(item) for item in excluded}
