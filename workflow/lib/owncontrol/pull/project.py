"""A REDCap project as its API describes it: columns, dictionary, events, forms, missing codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from owncontrol.errors import InputError
from owncontrol.ingest.redcap import read_choices
from owncontrol.pull.client import Client

Rows = list[dict[str, str]]
ADDED_BY_REDCAP = "redcap_"


@dataclass(frozen=True)
class Project:
    """What is known of a project beside its records.

    ``dictionary``: its fields, as the API has them. ``columns``: by column of an export the field
    that it belongs to (of a checkbox, one column per choice). ``events``, ``form_events``: of a
    project with events; ``repeating``: its repeating forms and events.
    """

    about: Mapping[str, str]
    dictionary: Rows
    columns: Mapping[str, str]
    events: Rows
    form_events: Rows
    repeating: Rows
    version: str

    @property
    def record_id(self) -> str:
        """The field of the study codes: the first one of a project."""
        return self.dictionary[0]["field_name"]

    @property
    def forms(self) -> list[str]:
        """Names of the forms, in the order of the dictionary."""
        return list(dict.fromkeys(row["form_name"] for row in self.dictionary))

    @property
    def event_names(self) -> list[str]:
        """The unique names of the events, as an export has them."""
        return [row["unique_event_name"] for row in self.events]

    @property
    def missing_codes(self) -> dict[str, str]:
        """The project's codes for missing data with their labels."""
        return read_choices(self.about.get("missing_data_codes", ""))

    @property
    def identifiers(self) -> set[str]:
        """Fields that the project marks as identifiers."""
        return {row["field_name"] for row in self.dictionary if row.get("identifier") == "y"}


def read_project(client: Client) -> Project:
    """Ask for everything but the records. Raises InputError where an answer has another form."""
    about = client.ask("project")
    if not isinstance(about, dict) or "is_longitudinal" not in about:
        raise _other_form("project")
    about = {name: _text(value) for name, value in about.items()}
    dictionary = table(client.ask("metadata"), "metadata", ("field_name", "form_name"))
    names = ("export_field_name", "original_field_name")
    columns = table(client.ask("exportFieldNames"), "exportFieldNames", names)
    if not dictionary:
        raise InputError("the project has no fields", "is it the right project?")
    has_events = about["is_longitudinal"] == "1"
    repeats = about.get("has_repeating_instruments_or_events") == "1"
    events = table(client.ask("event"), "event", ("unique_event_name",)) if has_events else []
    mapping = client.ask("formEventMapping") if has_events else []
    repeating = client.ask("repeatingFormsEvents") if repeats else []
    version = client.ask("version")
    return Project(
        about=about,
        dictionary=dictionary,
        columns={row["export_field_name"]: row["original_field_name"] for row in columns}
        | {f"{row['form_name']}_complete": f"{row['form_name']}_complete" for row in dictionary},
        events=events,
        form_events=table(mapping, "formEventMapping", ("unique_event_name", "form")),
        repeating=table(repeating, "repeatingFormsEvents", ("form_name",)),
        version=_text(version),
    )


def table(answer: Any, content: str, needed: Sequence[str]) -> Rows:
    """An answer as rows of text. Raises InputError where it is no table with the needed keys."""
    if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
        raise _other_form(content)
    rows = [{str(name): _text(value) for name, value in row.items()} for row in answer]
    if any(name not in row for row in rows for name in needed):
        raise _other_form(content)
    return rows


def _other_form(content: str) -> InputError:
    return InputError(
        f"the answer to '{content}' is not of the form that REDCap documents",
        "see that --url is the address of a REDCap API, and which version it is",
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
