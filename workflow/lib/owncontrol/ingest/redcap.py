"""REDCap's data dictionary: the fields of a project, their forms, labels and choices."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from owncontrol.errors import InputError
from owncontrol.ingest import readers
from owncontrol.ingest.readers.file_formats import read_whole
from owncontrol.ingest.readers.redcap_xml import read_project
from owncontrol.ingest.redcap_labels import plain
from owncontrol.study.exports import ReadingOptions

NAME, KIND = "Variable / Field Name", "Field Type"
# What each column of a dictionary is called, without signs and in small letters: by today's
# download, by the API (field_name), and by REDCap before version 5.
SPELLINGS = {
    "name": ("variablefieldname", "fieldname"),
    "form": ("formname",),
    "kind": ("fieldtype",),
    "label": ("fieldlabel",),
    "choices": (
        "choicescalculationsorsliderlabels",
        "choicesorcalculations",
        "selectchoicesorcalculations",
    ),
    "validation": ("textvalidationtypeorshowslidernumber", "textvalidationtype"),
    "minimum": ("textvalidationmin",),
    "maximum": ("textvalidationmax",),
    "identifier": ("identifier",),
}
HEADER = re.compile(r"(?:variable / field name|field_name)\"?\s*([,;\t|])", re.IGNORECASE)
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
ANEW = "download it again from REDCap (Designer, Data Dictionary)"
WITH_CHOICES = ("radio", "dropdown", "select", "checkbox")
# What a project's XML calls a kind of field, or a check of it, that its dictionary calls otherwise.
KIND_IN_XML = {"select": "dropdown", "textarea": "notes"}
CHECK_IN_XML = {"int": "integer", "float": "number"}
FIXED_CHOICES = {
    "yesno": {"1": "Yes", "0": "No"},
    "truefalse": {"1": "True", "0": "False"},
}


@dataclass(frozen=True)
class Field:
    """One field of a data dictionary. ``choices``: code and label; texts without HTML.

    ``file``: name of the dictionary. ``written`` and ``written_choices``: the labels as the
    dictionary has them.
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
    written: str = ""
    written_choices: dict[str, str] = field(default_factory=dict)


def read_dictionary(path: Path | str, encoding: str = "utf-8") -> dict[str, Field]:
    """The fields of a data dictionary by name, in order, without those that only show text.

    See ``all_fields``.
    """
    return {
        entry.name: entry for entry in all_fields(path, encoding) if entry.kind != "descriptive"
    }


def all_fields(path: Path | str, encoding: str = "utf-8") -> list[Field]:
    """All fields of a data dictionary, in order.

    The file is text as REDCap downloads it (separated by commas, or by what a spreadsheet program
    made of them), a workbook, or the XML of the whole project. UTF-8 and UTF-16 are told by the
    bytes; ``encoding`` is that of the export, and tried for a dictionary in neither. A column that
    it lacks counts as empty.

    Raises InputError where it is not readable or has no column of field names, where a row does
    not fit its header or has no field name, and where two fields have one name.
    """
    path = Path(path)
    if path.suffix.lower() == ".xml":
        return _fields_of_project(path)
    table = _table(path, encoding)
    columns = _columns(path, list(table.cells.columns))
    misfit = [row for row, reason in table.set_aside.items() if reason == readers.MISFIT]
    if misfit:
        raise InputError(f"{path}, row {misfit[0]}: the row does not fit the header", ANEW)
    fields: dict[str, tuple[int, Field]] = {}
    for row, *cells in table.cells.astype("str").itertuples():
        texts = {key: cells[place].strip() for key, place in columns.items()}
        name = texts["name"]
        if not FIELD_NAME.fullmatch(name):
            raise InputError(
                f"{path}, row {row}: not readable as a data dictionary; {name[:40]!r} is no name "
                "of a field (letters, digits and _)",
                ANEW,
            )
        if name in fields:
            raise InputError(
                f"{path}, row {row}: the field {name!r} is also in row {fields[name][0]}", ANEW
            )
        fields[name] = row, _field(texts, path.name)
    return [entry for _, entry in fields.values()]


def read_choices(text: str) -> dict[str, str]:
    """Code and label (as written) of each choice, from ``1, Male | 2, Female``.

    A choice without a comma, as old projects have them, is its own label.
    """
    parts = [part.strip() for part in text.split("|")]
    pairs = [part.partition(",") if "," in part else (part, ",", part) for part in parts if part]
    return {code.strip(): label.strip() for code, _, label in pairs}


def _fields_of_project(path: Path) -> list[Field]:
    """The fields that a project's XML defines. A list of choices is that of its codes."""
    project = read_project(path)
    found = []
    for item in project.fields:
        texts = {
            "name": item.variable,
            "form": item.form,
            "kind": KIND_IN_XML.get(item.kind, item.kind),
            "label": item.label,
            "choices": project.boxes.get(item.choices, ""),
            "validation": CHECK_IN_XML.get(item.validation, item.validation),
            "minimum": item.limits.get("GE", ""),
            "maximum": item.limits.get("LE", ""),
            "identifier": "y" if item.identifier else "",
        }
        entry = _field(texts, path.name)
        if entry.kind in WITH_CHOICES and not entry.choices:
            written = project.codes.get(item.choices, {})
            labels = {code: plain(label) for code, label in written.items()}
            entry = replace(entry, choices=labels, written_choices=written)
        found.append(entry)
    return found


def _table(path: Path, encoding: str) -> "readers.RawTable":
    """The dictionary as text, by the reader that also reads exports."""
    options: dict[str, Any] = {"file": path.name, "format": "excel"}
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        options |= {"format": "csv", **_form_of_text(read_whole(path), encoding)}
    try:
        return readers.read_export(path, ReadingOptions.model_validate(options))
    except InputError as error:
        raise InputError(
            f"{path}: not readable as a data dictionary ({error.message})",
            f"{ANEW}, or save it as CSV UTF-8",
        ) from error


def _form_of_text(content: bytes, encoding: str) -> dict[str, str]:
    """Encoding and delimiter, by the bytes and by what follows the first column's name."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in content[:2]:
        encoding = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    elif _is_utf8(content):
        encoding = "utf-8"
    try:
        found = HEADER.search(content[:400].decode(encoding, errors="replace"))
    except LookupError:  # there is no such encoding; the reader says so
        found = None
    return {"encoding": encoding, "delimiter": found.group(1) if found else ","}


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _columns(path: Path, header: list[str]) -> dict[str, int]:
    """Place of each column that is read, whatever the version of REDCap calls it."""
    names = [re.sub(r"[^a-z0-9]", "", name.casefold()) for name in header]
    found = {
        key: names.index(spelling)
        for key, spellings in SPELLINGS.items()
        for spelling in spellings
        if spelling in names
    }
    if "name" not in found:
        raise InputError(
            f"{path}, row 1: column '{NAME}' is missing, so this is no data dictionary", ANEW
        )
    return found


def _field(texts: dict[str, str], file: str) -> Field:
    kind = texts.get("kind", "")
    known = read_choices(texts.get("choices", "")) if kind in WITH_CHOICES else {}
    known = FIXED_CHOICES.get(kind, known)
    label = texts.get("label", "")
    return Field(
        name=texts["name"],
        form=texts.get("form", ""),
        kind=kind,
        label=plain(label),
        choices={code: plain(text) for code, text in known.items()},
        validation=texts.get("validation", ""),
        minimum=texts.get("minimum", ""),
        maximum=texts.get("maximum", ""),
        identifier=texts.get("identifier", "").lower() == "y",
        file=file,
        written=label,
        written_choices=known,
    )
