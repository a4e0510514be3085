"""REDCap's data dictionary, and exports with labels read back to names and codes.

A labelled export has the same cells as a raw one, under field labels instead of field names and
with choice labels instead of codes. The dictionary says which is which. Event labels are not in
it, so an event stays as it is written there.
"""

import csv
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from owncontrol.errors import InputError

NAME, FORM, KIND, LABEL = "Variable / Field Name", "Form Name", "Field Type", "Field Label"
CHOICES = "Choices, Calculations, OR Slider Labels"
VALIDATION = "Text Validation Type OR Show Slider Number"
LOW, HIGH, IDENTIFIER = "Text Validation Min", "Text Validation Max", "Identifier?"
# What REDCap adds to every export, by the labels that it gives it.
ADDED = {
    "Event Name": "redcap_event_name",
    "Repeat Instrument": "redcap_repeat_instrument",
    "Repeat Instance": "redcap_repeat_instance",
    "Data Access Group": "redcap_data_access_group",
    "Survey Identifier": "redcap_survey_identifier",
    "Survey Timestamp": "survey_timestamp",
}
ANEW = "download it anew from REDCap (Designer, Data Dictionary)"
FORM_STATES = {"Incomplete": "0", "Unverified": "1", "Complete": "2"}
WITH_CHOICES = ("radio", "dropdown")


@dataclass(frozen=True)
class Field:
    """One field of a data dictionary. ``choices``: code and label; texts without HTML.

    ``file``: name of the dictionary.
    """

    name: str
    form: str
    kind: str
    label: str
    choices: dict[str, str]
    validation: str
    minimum: str
    maximum: str
    identifier: bool
    file: str


@dataclass(frozen=True)
class ExportColumn:
    """A column as an export has it: its name, its label, and the code of each label in it."""

    name: str
    label: str
    codes: dict[str, str]
    form: str = ""


def read_dictionary(path: Path | str) -> dict[str, Field]:
    """The fields of a data dictionary (CSV as REDCap downloads it) by name, in order.

    Fields that only show text are left out; a column that it lacks counts as empty. Raises
    InputError where not even the field names are there.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            if NAME not in (reader.fieldnames or ()):
                raise InputError(
                    f"{path}, row 1: column '{NAME}' is missing, so this is no data dictionary",
                    ANEW,
                )
            entries = [entry for entry in reader if entry.get(KIND) != "descriptive"]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not readable as a data dictionary ({error})", ANEW) from error
    return {entry[NAME]: _field(entry, path.name) for entry in entries}


def names_from_labels(path: Path, rows: list[list[str]], dictionary: Path) -> list[list[str]]:
    """The rows of a labelled export (header first) as the raw export would have them.

    Raises InputError where a header label stands for several fields, of which the export has
    some and not others, so that nobody can say which. Columns and values that the dictionary does
    not know are left as they are written.
    """
    fields = read_dictionary(dictionary)
    columns = _header_columns(path, [plain(text) for text in rows[0]], fields, dictionary)
    forms = {field.form for field in fields.values()}
    table = [[column.name for column in columns]]
    for row in rows[1:]:
        cells = [
            column.codes.get(plain(text), text) for column, text in zip(columns, row, strict=False)
        ]
        table.append(cells + row[len(columns) :])
    for place, column in enumerate(columns):
        if column.name == "redcap_repeat_instrument":
            for row in table[1:]:
                spoken = "_".join(row[place].casefold().split()) if place < len(row) else ""
                if spoken in forms:
                    row[place] = spoken
    return table


def plain(text: str) -> str:
    """A label without HTML and with single spaces, as REDCap writes it into an export."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def read_choices(text: str) -> dict[str, str]:
    """Code and label of each choice, from ``1, Male | 2, Female``."""
    pairs = (part.partition(",") for part in text.split("|"))
    return {code.strip(): plain(label) for code, comma, label in pairs if comma}


def _field(entry: dict[str, str], file: str) -> Field:
    kind, label, choices, validation, low, high, form, identifier = (
        entry.get(column, "").strip()
        for column in (KIND, LABEL, CHOICES, VALIDATION, LOW, HIGH, FORM, IDENTIFIER)
    )
    known = read_choices(choices) if kind in (*WITH_CHOICES, "checkbox") else {}
    if kind == "yesno":
        known = {"1": "Yes", "0": "No"}
    elif kind == "truefalse":
        known = {"1": "True", "0": "False"}
    return Field(
        entry[NAME].strip(),
        form,
        kind,
        plain(label),
        known,
        validation,
        low,
        high,
        identifier.lower() == "y",
        file,
    )


def _expected(fields: dict[str, Field]) -> Iterator[ExportColumn]:
    """Every column that an export of these fields can have, in the order of the dictionary."""
    listed = list(fields.values())
    for place, field in enumerate(listed):
        if field.kind == "checkbox":
            for code, label in field.choices.items():
                name = f"{field.name}___{re.sub('[^a-z0-9_]', '_', code.lower())}"
                column = f"{field.label} (choice={label})"
                yield ExportColumn(name, column, {"Checked": "1", "Unchecked": "0"}, field.form)
        else:
            codes = {label: code for code, label in field.choices.items()}
            yield ExportColumn(field.name, field.label, codes, field.form)
        if place + 1 == len(listed) or listed[place + 1].form != field.form:
            yield ExportColumn(f"{field.form}_complete", "Complete?", FORM_STATES, field.form)


def _header_columns(
    path: Path, labels: list[str], fields: dict[str, Field], dictionary: Path
) -> list[ExportColumn]:
    """For each header cell the column that it stands for; same labels are told by their order."""
    by_label: dict[str, list[ExportColumn]] = {}
    for column in _expected(fields):
        by_label.setdefault(column.label, []).append(column)
    found = []
    for place, label in enumerate(labels):
        if label in ADDED and label not in by_label:
            found.append(ExportColumn(ADDED[label], label, {}))
            continue
        candidates = by_label.get(label, [])
        if not candidates:
            found.append(ExportColumn(label, label, {}))
            continue
        if label == "Complete?":
            candidates = [_state_of_form(found, candidates)]
        elif labels.count(label) != len(candidates):
            names = ", ".join(column.name for column in candidates)
            raise InputError(
                f"{path}, row 1, column {place + 1}: the label {label!r} stands for "
                f"{len(candidates)} fields of {dictionary.name} ({names}), and for "
                f"{labels.count(label)} columns here",
                "export the file raw, or give each field a label of its own",
            )
        found.append(candidates[labels[:place].count(label) if len(candidates) > 1 else 0])
    return found


def _state_of_form(found: list[ExportColumn], states: list[ExportColumn]) -> ExportColumn:
    """The state column of the form that the columns to its left belong to."""
    form = next((column.form for column in reversed(found) if column.form), states[0].form)
    return next(state for state in states if state.form == form)
