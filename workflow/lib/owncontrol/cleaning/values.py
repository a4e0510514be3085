"""Cells: from the text that somebody wrote to a typed value, or to a reason why not.

Only what the configuration declares is accepted (missing codes, recodes, forms of dates); every
other departure is reported at its cell and read as missing, never as something likely.
"""

import datetime
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from owncontrol.cleaning.sheet import Sheet

BOOLEANS = {
    "1": True,
    "yes": True,
    "y": True,
    "true": True,
    "0": False,
    "no": False,
    "n": False,
    "false": False,
}


@dataclass(frozen=True)
class Column:
    """How one canonical column of one export is read.

    ``kind``: string, number, integer, boolean, date, datetime or code (one of ``permitted``).
    ``recode`` holds the file's own code list; ``spellings`` other ways to write a value, whose use
    is noted. ``pattern``: what a whole text matches. ``blank_is_note``: an empty cell is worth a
    note although the column is not required.
    """

    name: str
    kind: str
    required: bool = False
    permitted: tuple[str, ...] = ()
    minimum: float = -math.inf
    maximum: float = math.inf
    unit: str = ""
    pattern: str = ""
    upper_case: bool = False
    missing: tuple[str, ...] = ()
    recode: dict[str, str] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    report_blank: bool = False


@dataclass(frozen=True)
class Reading:
    """What one text was read as: a value or None, and what there is to say about it."""

    value: Any
    note: str = ""
    error: str = ""


def read_cells(sheet: Sheet, rows: pd.Index, column: Column) -> None:
    """Read one column of the given rows of a sheet into its values, with findings and quarantine.

    Each different text is read once, so that a column of a million cells costs what its few
    different values cost.
    """
    written = sheet.written.loc[rows, column.name]
    readings = {text: read_cell(text, column) for text in written.unique()}
    values = written.map({text: reading.value for text, reading in readings.items()})
    sheet.values.loc[rows, column.name] = values.astype("object")
    for text, reading in readings.items():
        if not (reading.note or reading.error):
            continue
        here = written.index[written == text]
        if reading.error and column.required:
            sheet.report(
                here,
                column.name,
                "not_permitted" if text.strip() else "required_value",
                "error",
                "row quarantined",
                reading.error,
            )
            sheet.quarantine(here, f"{column.name}: {reading.error}")
        elif reading.error:
            blank = not text.strip()
            sheet.report(
                here,
                column.name,
                "blank_item" if blank else "not_permitted",
                "warning" if blank else "error",
                "read as missing",
                reading.error,
            )
        else:
            sheet.report(
                here, column.name, "spelling", "note", f"read as {reading.value}", reading.note
            )


def read_cell(text: str, column: Column) -> Reading:
    """Read one cell."""
    plain = unicodedata.normalize("NFKC", text).strip()
    note = "" if plain == text else "spaces or full-width signs around or in the value"
    if plain in column.missing or plain == "":
        if column.required:
            return Reading(None, error="a value is required here")
        if plain == "" and column.report_blank:
            return Reading(None, error="an item without a value and without a missing-data code")
        return Reading(None)
    if plain in column.recode:
        plain = column.recode[plain]
    elif plain in column.spellings:
        plain, note = column.spellings[plain], "declared other spelling"
    if column.upper_case and plain != plain.upper():
        plain, note = plain.upper(), "small letters in a code"
    if column.pattern and not re.fullmatch(column.pattern, plain):
        return Reading(None, error=f"{plain!r} does not match {column.pattern}")
    reading = READERS[column.kind](plain, column)
    return reading if reading.error else Reading(reading.value, note=reading.note or note)


def _read_string(text: str, column: Column) -> Reading:
    if column.permitted and text not in column.permitted:
        allowed = ", ".join(column.permitted[:12]) + (", ..." if len(column.permitted) > 12 else "")
        return Reading(None, error=f"{text!r} is not permitted; permitted: {allowed}")
    return Reading(text)


def _read_number(text: str, column: Column) -> Reading:
    try:
        value = float(text)
    except ValueError:
        comma = "; a decimal comma is not accepted" if re.fullmatch(r"\d+,\d+", text) else ""
        return Reading(None, error=f"{text!r} is no number{comma}")
    if not column.minimum <= value <= column.maximum:
        return Reading(
            None,
            error=f"{text} is outside {column.minimum:g} to {column.maximum:g} "
            f"{column.unit}".rstrip(),
        )
    return Reading(value)


def _read_integer(text: str, column: Column) -> Reading:
    reading = _read_number(text, column)
    if reading.error:
        return reading
    if not float(reading.value).is_integer():
        return Reading(None, error=f"{text} is no whole number")
    return Reading(int(reading.value))


def _read_boolean(text: str, column: Column) -> Reading:
    value = BOOLEANS.get(text.lower())
    if value is None:
        return Reading(None, error=f"{text!r} is neither yes nor no (1/0, yes/no, y/n, true/false)")
    return Reading(value)


def _read_datetime(text: str, column: Column) -> Reading:
    found: dict[datetime.datetime, str] = {}
    for form in column.dates:
        try:
            found.setdefault(datetime.datetime.strptime(text, form), form)
        except ValueError:
            continue  # not in this form; the others may fit
    if not found:
        return Reading(
            None, error=f"{text!r} is no date in a declared form ({', '.join(column.dates)})"
        )
    if len(found) > 1:
        readings = " or ".join(f"{value:%Y-%m-%d}" for value in found)
        return Reading(None, error=f"{text!r} can be {readings} in the declared forms")
    value, form = next(iter(found.items()))
    timed = [other for other in column.dates if "%H" in other]
    usual = column.dates[0] if column.kind == "date" else (timed or list(column.dates))[0]
    note = "" if form == usual else f"read as {value:%Y-%m-%d} by another declared form ({form})"
    return Reading(value, note=note)


def _read_date(text: str, column: Column) -> Reading:
    reading = _read_datetime(text, column)
    if reading.error:
        return reading
    return Reading(reading.value.date(), note=reading.note)


READERS: dict[str, Callable[[str, Column], Reading]] = {
    "string": _read_string,
    "number": _read_number,
    "integer": _read_integer,
    "boolean": _read_boolean,
    "date": _read_date,
    "datetime": _read_datetime,
}
