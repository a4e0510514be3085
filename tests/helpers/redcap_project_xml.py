"""A REDCap project written as one XML file: CDISC ODM 1.3.1 with REDCap's own attributes.

From the same rows as a CSV export and its dictionary; structure as REDCap's downloads have it.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

KINDS = {"dropdown": "select", "notes": "textarea"}
CHECKS = {"integer": "int", "number": "float"}
FIXED = {"yesno": "1, Yes | 0, No", "truefalse": "1, True | 0, False"}
STATES = "0, Incomplete | 1, Unverified | 2, Complete"
HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:redcap="https://projectredcap.org"
 xsi:schemaLocation="http://www.cdisc.org/ns/odm/v1.3 schema/odm/ODM1-3-1.xsd" ODMVersion="1.3.1"
 FileOID="000-00-0000" FileType="Snapshot" Description="Cells" AsOfDateTime="2021-11-25T15:23:38"
 CreationDateTime="2021-11-25T15:23:38" SourceSystem="REDCap" SourceSystemVersion="14.5.0">
<Study OID="Project.Cells">
"""


def write_project(
    path: Path,
    dictionary: Path,
    export: Path | None,
    days: dict[str, tuple[int, int, int]],
    missing: str = "",
) -> None:
    """Write the project, with its data unless ``export`` is None.

    ``days``: by event its day and the days before and after it that are allowed, in order.
    """
    fields = _rows(dictionary)
    rows = _rows(export) if export else []
    repeated = sorted(
        {(row["redcap_event_name"], row["redcap_repeat_instrument"]) for row in rows}
        - {(event, "") for event in days}
    )
    lines = [HEAD, *_variables(repeated, missing), *_metadata(fields, days), "</Study>"]
    if export:
        lines += _clinical_data(fields, rows, days)
    path.write_text("\n".join([*lines, "</ODM>", ""]), "utf-8")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _variables(repeated: Sequence[tuple[str, str]], missing: str) -> Iterator[str]:
    yield "<GlobalVariables>\n<StudyName>Cells</StudyName>"
    yield f"<redcap:MissingDataCodes>{escape(missing)}</redcap:MissingDataCodes>"
    yield "<redcap:RepeatingInstrumentsAndEvents><redcap:RepeatingInstruments>"
    for event, form in repeated:
        yield (
            f'<redcap:RepeatingInstrument redcap:UniqueEventName="{event}" '
            f'redcap:RepeatInstrument="{form}" redcap:CustomLabel=""/>'
        )
    yield "</redcap:RepeatingInstruments></redcap:RepeatingInstrumentsAndEvents>"
    yield "</GlobalVariables>"


def _metadata(fields: list[dict[str, str]], days: dict[str, Any]) -> Iterator[str]:
    first = next(iter(fields[0].values()))
    yield f'<MetaDataVersion OID="M" Name="Cells" redcap:RecordIdField="{first}">'
    forms = list(dict.fromkeys(row["Form Name"] for row in fields))
    for event, (day, before, after) in days.items():
        label = event.removesuffix("_arm_1").replace("_", " ").capitalize()
        yield (
            f'<StudyEventDef OID="Event.{event}" Name="{label}" Type="Common" Repeating="No" '
            f'redcap:EventName="{label}" redcap:UniqueEventName="{event}" redcap:ArmNum="1" '
            f'redcap:DayOffset="{day}" redcap:OffsetMin="{before}" redcap:OffsetMax="{after}">'
        )
        yield from (f'<FormRef FormOID="Form.{form}" Mandatory="No"/>' for form in forms)
        yield "</StudyEventDef>"
    items = {form: list(_items(form, fields)) for form in forms}
    for form in forms:
        yield f'<FormDef OID="Form.{form}" Name="{form}" Repeating="No" redcap:FormName="{form}">'
        yield f'<ItemGroupRef ItemGroupOID="{form}.all" Mandatory="No"/>\n</FormDef>'
    for form in forms:
        yield f'<ItemGroupDef OID="{form}.all" Name="{form}" Repeating="No">'
        for name, variable, *_ in items[form]:
            yield f'<ItemRef ItemOID="{name}" Mandatory="No" redcap:Variable="{variable}"/>'
        yield "</ItemGroupDef>"
    for form in forms:
        yield from (_item_def(*item) for item in items[form])
    for form in forms:
        yield from (_code_list(*item) for item in items[form])
    yield "</MetaDataVersion>"


Item = tuple[str, str, dict[str, str], str]


def _items(form: str, fields: list[dict[str, str]]) -> Iterator[Item]:
    """Name, field, its row of the dictionary, and choices, of each column of a form."""
    for row in (row for row in fields if row["Form Name"] == form):
        name, kind = row["Variable / Field Name"], row["Field Type"]
        choices = FIXED.get(kind, row["Choices, Calculations, OR Slider Labels"])
        choices = choices if kind in ("radio", "dropdown", "checkbox", *FIXED) else ""
        if kind != "checkbox":
            yield name, name, row, choices
            continue
        for choice in choices.split("|"):
            code = choice.partition(",")[0].strip().lower()
            yield f"{name}___{re.sub('[^a-z0-9_]', '_', code)}", name, row, choices
    state = {"Field Type": "dropdown", "Field Label": "Complete?", "Section Header": "Form Status"}
    yield f"{form}_complete", f"{form}_complete", state, STATES


def _item_def(name: str, variable: str, row: dict[str, str], choices: str) -> str:
    kind = row["Field Type"]
    extra = "".join(
        f" redcap:{key}={quoteattr(CHECKS.get(row[column], row[column]))}"
        for key, column in (
            ("SectionHeader", "Section Header"),
            ("Identifier", "Identifier?"),
            ("TextValidationType", "Text Validation Type OR Show Slider Number"),
        )
        if row.get(column)
    )
    checks = "".join(
        f'<RangeCheck Comparator="{sign}" SoftHard="Soft"><CheckValue>{row[column]}</CheckValue>'
        "<ErrorMessage><TranslatedText>Outside</TranslatedText></ErrorMessage></RangeCheck>"
        for sign, column in (("GE", "Text Validation Min"), ("LE", "Text Validation Max"))
        if row.get(column)
    )
    refers = f'<CodeListRef CodeListOID="{name}.choices"/>' if choices else ""
    return (
        f'<ItemDef OID="{name}" Name="{name}" DataType="text" Length="999" '
        f'redcap:Variable="{variable}" redcap:FieldType="{KINDS.get(kind, kind)}"{extra}>'
        f"<Question><TranslatedText>{escape(row['Field Label'])}</TranslatedText></Question>"
        f"{checks}{refers}</ItemDef>"
    )


def _code_list(name: str, variable: str, row: dict[str, str], choices: str) -> str:
    if not choices:
        return ""
    boxes = ""
    if row["Field Type"] == "checkbox":
        boxes = f" redcap:CheckboxChoices={quoteattr(choices.replace(' | ', '|'))}"
        choices = "1, Checked | 0, Unchecked"
    items = "".join(
        f"<CodeListItem CodedValue={quoteattr(code.strip())}><Decode><TranslatedText>"
        f"{escape(label.strip())}</TranslatedText></Decode></CodeListItem>"
        for code, _, label in (choice.partition(",") for choice in choices.split("|"))
    )
    return (
        f'<CodeList OID="{name}.choices" Name="{name}" DataType="text" '
        f'redcap:Variable="{variable}"{boxes}>{items}</CodeList>'
    )


def _clinical_data(
    fields: list[dict[str, str]], rows: list[dict[str, str]], days: dict[str, Any]
) -> Iterator[str]:
    first = next(iter(fields[0].values()))
    forms = list(dict.fromkeys(row["Form Name"] for row in fields))
    items = [(form, name) for form in forms for name, *_ in _items(form, fields)]
    repeating = {row["redcap_repeat_instrument"] for row in rows}
    yield '<ClinicalData StudyOID="Project.Cells" MetaDataVersionOID="M">'
    for record, of_record in groupby(rows, key=lambda row: row[first]):
        yield f'<SubjectData SubjectKey={quoteattr(record)} redcap:RecordIdField="{first}">'
        for row in of_record:
            event = row["redcap_event_name"]
            yield (
                f'<StudyEventData StudyEventOID="Event.{event}" StudyEventRepeatKey="1" '
                f'redcap:UniqueEventName="{event}">'
            )
            repeated = row["redcap_repeat_instrument"]
            for form in (
                [repeated] if repeated else [form for form in forms if form not in repeating]
            ):
                key = row["redcap_repeat_instance"] or "1"
                yield f'<FormData FormOID="Form.{form}" FormRepeatKey="{key}">'
                yield f'<ItemGroupData ItemGroupOID="{form}.all" ItemGroupRepeatKey="1">'
                for of, name in items:
                    if of == form and row[name] != "":
                        yield f"<ItemData ItemOID={quoteattr(name)} Value={_value(row[name])}/>"
                yield "</ItemGroupData></FormData>"
            yield "</StudyEventData>"
        yield "</SubjectData>"
    yield "</ClinicalData>"


def _value(text: str) -> str:
    return quoteattr(text, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})
