"""Cells: from the text that somebody wrote to a typed value, or to a reason why not.

Only what the configuration declares is accepted (missing codes, recodes, forms of dates and
numbers); every other departure is reported at its cell and read as missing, never as something
likely.
"""

import datetime
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from owncontrol.cleaning.partial_dates import partial_date
from owncontrol.findings import Severity, shortened

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
FIRST_YEAR = 1900
# A canonical column of text holds a name or a term; more is a file run into one cell.
LONGEST_TEXT = 1000
# What a spreadsheet would take as a formula: = or @ first, or a sign before a call.
FORMULA = re.compile(r"[=@].*|[+-](?=.*[(!|]).*", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """How one canonical column of one export is read.

    ``kind``: string, number, integer, boolean, date, datetime, partial_date (the day, or year and
    month, may not be known) or measure (the text of a multiple of ``step``). ``recode`` holds the
    file's own code list; ``spellings`` other ways to write a value, whose use is noted.
    ``pattern``: what a whole text matches.
    ``numbers``: declared other ways to write a number. ``period``: first and
    last possible day. ``report_blank``: an empty cell is a finding although the column is not
    required. ``severity``: of a value that is not permitted.
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
    period: tuple[datetime.date, datetime.date] | None = None
    numbers: tuple[str, ...] = ()
    step: float = 0.0
    report_blank: bool = False
    severity: Severity = "error"


@dataclass(frozen=True)
class Reading:
    """What one text was read as: a value or None, and what there is to say about it.

    ``rule``: which rule a note belongs to.
    """

    value: Any
    note: str = ""
    error: str = ""
    rule: str = "spelling"


def read_cell(text: str, column: Column) -> Reading:
    """Read one cell."""
    plain = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()
    note = "" if plain == text else "spaces or full-width signs around or in the value"
    if plain in column.missing or plain == "":
        if column.required:
            return Reading(None, error="a value is required here")
        if plain == "" and column.report_blank:
            return Reading(None, error="an item without a value and without a missing-data code")
        return Reading(None)
    written = plain
    if plain in column.recode:
        plain = column.recode[plain]
    elif plain in column.spellings:
        plain, note = column.spellings[plain], "declared other spelling"
    if column.upper_case and plain != plain.upper():
        plain, note = plain.upper(), "small letters in a code"
    if column.pattern and not re.fullmatch(column.pattern, plain):
        return Reading(None, error=f"{shortened(plain)!r} does not match {column.pattern}")
    reading = READERS[column.kind](plain, column)
    if reading.error:
        as_written = "" if plain == written else f" (written as {written!r})"
        return Reading(None, error=reading.error + as_written)
    return reading if reading.note or not note else Reading(reading.value, note=note)


def _read_string(text: str, column: Column) -> Reading:
    if column.permitted and text not in column.permitted:
        allowed = ", ".join(column.permitted[:12]) + (", ..." if len(column.permitted) > 12 else "")
        return Reading(None, error=f"{shortened(text)!r} is not permitted; permitted: {allowed}")
    if len(text) > LONGEST_TEXT:
        return Reading(None, error=f"a text of {len(text)} characters; at most {LONGEST_TEXT}")
    if not column.permitted and not column.pattern and FORMULA.fullmatch(text):
        note = "a spreadsheet would take this text as a formula; it is never evaluated"
        return Reading(text, note=note, rule="formula_text")
    return Reading(text)


def _read_number(text: str, column: Column) -> Reading:
    notes = []
    plain = text
    if "percent_sign" in column.numbers and column.unit == "percent" and plain.endswith("%"):
        plain = plain[:-1].rstrip()
        notes.append("the unit stands in the cell")
    if "decimal_comma" in column.numbers and re.fullmatch(r"[+-]?\d+,\d+", plain):
        # 0,760 is plain; 1,234 may be either.
        if re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", plain):
            other, thousand = plain.replace(",", "."), plain.replace(",", "")
            return Reading(None, error=f"{text!r} can be {other} or {thousand}")
        plain = plain.replace(",", ".")
        notes.append("a decimal comma")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", plain):
        comma = "; a decimal comma is not declared" if re.fullmatch(r"\d+,\d+", plain) else ""
        return Reading(None, error=f"{shortened(text)!r} is no number{comma}")
    if plain[0] == "+" or "e" in plain.lower() or re.match(r"0\d", plain):
        notes.append("a sign, an exponent or a zero that no number needs")
    value = float(plain)
    if not column.minimum <= value <= column.maximum or math.isinf(value):
        return Reading(
            None,
            error=f"{shortened(text)} is outside {column.minimum:g} to {column.maximum:g} "
            f"{column.unit}".rstrip(),
        )
    return Reading(value, note=" and ".join(notes), rule="number_form")


def _read_integer(text: str, column: Column) -> Reading:
    reading = _read_number(text, column)
    if reading.error:
        return reading
    if not float(reading.value).is_integer():
        return Reading(None, error=f"{text} is no whole number")
    return Reading(int(reading.value), note=reading.note, rule=reading.rule)


def _read_measure(text: str, column: Column) -> Reading:
    """A number that is a multiple of the step, as the text that the instrument writes for it."""
    reading = _read_number(text, column)
    if reading.error:
        return reading
    multiple = round(reading.value / column.step)
    if not math.isclose(multiple * column.step, reading.value, abs_tol=1e-9):
        return Reading(None, error=f"{text!r} is no multiple of {column.step:g}")
    plain = f"{round(multiple * column.step, 9):g}"
    return Reading(plain, note=reading.note, rule=reading.rule)


def _read_boolean(text: str, column: Column) -> Reading:
    value = BOOLEANS.get(text.lower())
    if value is None:
        return Reading(
            None,
            error=f"{shortened(text)!r} is neither yes nor no (1/0, yes/no, y/n, true/false)",
        )
    return Reading(value)


def _read_datetime(text: str, column: Column) -> Reading:
    found: dict[datetime.datetime, str] = {}
    for form in column.dates:
        value = _in_form(text, form)
        if value is not None:
            found.setdefault(value, form)
    if not found:
        return Reading(
            None,
            error=f"{shortened(text)!r} is no date in a declared form ({', '.join(column.dates)})",
        )
    if len(found) > 1:
        readings = " or ".join(f"{value:%Y-%m-%d}" for value in found)
        return Reading(None, error=f"{text!r} can be {readings} in the declared forms")
    value, form = next(iter(found.items()))
    if column.period and not column.period[0] <= value.date() <= column.period[1]:
        first, last = column.period
        return Reading(None, error=f"{text!r} is outside the study's period, {first} to {last}")
    timed = [other for other in column.dates if "%H" in other]
    usual = column.dates[0] if column.kind != "datetime" else (timed or list(column.dates))[0]
    note = "" if form == usual else f"read as {value:%Y-%m-%d} by another declared form ({form})"
    return Reading(value, note=note, rule="date_form")


def _in_form(text: str, form: str) -> datetime.datetime | None:
    """The time that a text means in one form, or None."""
    try:
        value = datetime.datetime.strptime(text, form)
    except ValueError:
        return None
    # Without separators strptime guesses where digits are missing: 2021111 in the form %Y%m%d.
    guessed = re.search(r"%[a-zA-Z]%", form) and len(value.strftime(form)) != len(text)
    return None if guessed or value.year < FIRST_YEAR else value


def _read_date(text: str, column: Column) -> Reading:
    reading = _read_datetime(text, column)
    if reading.error:
        return reading
    return Reading(reading.value.date(), note=reading.note, rule=reading.rule)


def _read_partial_date(text: str, column: Column) -> Reading:
    """A date, or a PartialDate where only its year, or year and month, are written."""
    reading = _read_date(text, column)
    date = partial_date(text, column.dates) if reading.error else None
    if date is None:
        return reading
    if column.period and date.span:
        first, last = column.period
        if date.span[1] < first or date.span[0] > last:
            error = f"{shortened(text)!r} is outside the study's period, {first} to {last}"
            return Reading(None, error=error)
    note = f"the date is known to the {date.precision}" if date.span else "its year is not known"
    return Reading(date, note=note, rule="partial_date")


READERS: dict[str, Callable[[str, Column], Reading]] = {
    "string": _read_string,
    "number": _read_number,
    "integer": _read_integer,
    "measure": _read_measure,
    "boolean": _read_boolean,
    "date": _read_date,
    "datetime": _read_datetime,
    "partial_date": _read_partial_date,
}
