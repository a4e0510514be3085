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
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from owncontrol.basics.date_forms import in_form
from owncontrol.basics.decimals import (
    EXACT,
    NUMBER,
    in_digits,
    nearest_multiple,
    plain,
    read_decimal,
)
from owncontrol.basics.invisible import describe, is_plain, visible
from owncontrol.basics.patterns import compiled
from owncontrol.cleaning.partial_dates import partial_date
from owncontrol.findings.cleaning_rules import (
    DateForm,
    EarlierEdition,
    FormulaText,
    NotPermitted,
    NumberForm,
    PartOfDateKnown,
    ReadOtherwise,
    SignInValue,
    Spelling,
)
from owncontrol.findings.finding import shortened
from owncontrol.instruments import Range

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
# A canonical column of text holds a name or a term; more is a file run into one cell.
LONGEST_TEXT = 1000
# A whole number as a program writes it once a column of them has a gap.
WHOLE_WITH_POINT = re.compile(r"(-?[0-9]+)\.0+")
# So many digits, and a double that a calculation left a rounding error in shows it.
NOISY_DIGITS = 16
NOISE = Decimal("1e-12")
# What a spreadsheet would take as a formula: = or @ first, or a sign before a call.
FORMULA = re.compile(r"[=@＝＠].*|[+＋－-](?=.*[(!|]).*", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """How one canonical column of one export is read.

    ``kind``: string, number, integer, boolean, date, datetime, partial_date (the day, or year and
    month, may not be known) or measure (the text of a decimal number in ``range``, or one of the
    words in ``permitted``). ``recode`` holds the file's own code list; ``spellings`` other ways to
    write a value, whose use is noted; ``earlier`` those of earlier editions of an instrument, with
    the note about them. ``pattern``: what a whole text matches. ``dates``: declared
    forms of dates; ``typed_dates``: forms that the file's reader gives to typed dates, accepted in
    addition.
    ``numbers``: declared other ways to write a number. ``period``: first and
    last possible day. ``report_blank``: an empty cell is a finding although the column is not
    required. ``refusal``: the rule of a value that is not permitted.
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
    earlier: dict[str, str] = field(default_factory=dict)
    earlier_note: str = ""
    dates: tuple[str, ...] = ()
    typed_dates: tuple[str, ...] = ()
    period: tuple[datetime.date, datetime.date] | None = None
    numbers: tuple[str, ...] = ()
    range: Range | None = None
    report_blank: bool = False
    refusal: type[NotPermitted] = NotPermitted


@dataclass(frozen=True)
class Reading:
    """What one text was read as: a value or None, and what there is to say about it.

    ``rule``: which rule a note belongs to.
    """

    value: Any
    note: str = ""
    error: str = ""
    rule: type[ReadOtherwise] = Spelling


def _widths() -> dict[int, str]:
    """Full-width and half-width forms and what they are a form of (Unicode Standard Annex 11)."""
    found = {}
    for code in (0x3000, *range(0xFF00, 0xFFF0)):  # where Unicode has all of them
        form, _, points = unicodedata.decomposition(chr(code)).partition(" ")
        if form in ("<wide>", "<narrow>"):
            found[code] = "".join(chr(int(point, 16)) for point in points.split())
    return found


WIDTHS = _widths()


def folded(text: str) -> str:
    """A text without spaces around it, its full-width and half-width forms as the usual ones.

    Nothing else is folded: a raised 1 may be a footnote sign, and 10⁹ is not 109. Signs that
    are canonically the same (a letter with its accent beside it) are composed.
    """
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", text.translate(WIDTHS)).strip()


def read_cell(text: str, column: Column) -> Reading:
    """Read one cell; a sign that nobody sees is left out, and the finding names it."""
    if is_plain(text):
        return _read_seen(text, column)
    unseen = describe(text)
    if unseen:
        reading = _read_seen(visible(text), column)
        note = f"invisible: {unseen}" + (f"; {reading.note}" if reading.note else "")
        if reading.error:
            return replace(reading, error=f"{reading.error} ({note})")
        if reading.value is None:
            return reading
        return replace(reading, note=note, rule=SignInValue)
    return _read_seen(visible(text), column)


def _read_seen(text: str, column: Column) -> Reading:
    written = folded(text)
    note = "" if written == text else "spaces or full-width signs around or in the value"
    as_listed = _as_listed(written, column)
    if as_listed != written:
        note = "a decimal point and a zero that the whole number does not need"
    if written == "" or as_listed in column.missing:
        if column.required:
            return Reading(None, error="a value is required here")
        if written == "" and column.report_blank:
            return Reading(None, error="an item without a value and without a missing-data code")
        return Reading(None)
    value = as_listed
    if value in column.recode:
        value = column.recode[value]
    elif value in column.spellings:
        value, note = column.spellings[value], "declared other spelling"
    elif value in column.earlier:
        return Reading(column.earlier[value], note=column.earlier_note, rule=EarlierEdition)
    if column.upper_case and value != value.upper():
        value, note = value.upper(), "small letters in a code"
    if column.pattern and not _matches(column, value):
        return Reading(None, error=f"{shortened(value)!r} does not match {column.pattern}")
    reading = READERS[column.kind](value, column)
    if reading.error:
        as_written = "" if value == written else f" (written as {written!r})"
        return Reading(None, error=reading.error + as_written)
    return reading if reading.note or not note else Reading(reading.value, note=note)


def _matches(column: Column, text: str) -> bool:
    pattern = compiled(column.pattern, f"the pattern of {column.name}")
    return pattern.fullmatch(text) is not None


def _as_listed(text: str, column: Column) -> str:
    """The listed text that stands for the same whole number (16.0 and 16), else the text itself."""
    whole = WHOLE_WITH_POINT.fullmatch(text)
    if not whole:
        return text
    listed = {*column.missing, *column.recode, *column.permitted}
    listed |= set(BOOLEANS) if column.kind == "boolean" else set()
    return whole[1] if text not in listed and whole[1] in listed else text


def _read_string(text: str, column: Column) -> Reading:
    if column.permitted and text not in column.permitted:
        allowed = ", ".join(column.permitted[:12]) + (", ..." if len(column.permitted) > 12 else "")
        return Reading(None, error=f"{shortened(text)!r} is not permitted; permitted: {allowed}")
    if len(text) > LONGEST_TEXT:
        return Reading(None, error=f"a text of {len(text)} characters; at most {LONGEST_TEXT}")
    if not column.permitted and not column.pattern and FORMULA.fullmatch(text):
        note = "a spreadsheet would take this text as a formula; it is never evaluated"
        return Reading(text, note=note, rule=FormulaText)
    return Reading(text)


def _read_number(text: str, column: Column) -> Reading:
    reading = _read_decimal(text, column)
    if reading.error:
        return reading
    value = float(reading.value)
    if not column.minimum <= value <= column.maximum:
        return Reading(
            None,
            error=f"{shortened(text)} is outside {_limit(column.minimum)} to "
            f"{_limit(column.maximum)} {column.unit}".rstrip(),
        )
    return Reading(value, note=reading.note, rule=reading.rule)


def _limit(number: float) -> str:
    return plain(number) if math.isfinite(number) else str(number)


def _read_decimal(text: str, column: Column) -> Reading:
    """A number exactly as it is written, as a Decimal."""
    notes = []
    digits = text
    if "percent_sign" in column.numbers and column.unit == "percent" and digits.endswith("%"):
        digits = digits[:-1].rstrip()
        notes.append("the unit is in the cell")
    if "decimal_comma" in column.numbers and re.fullmatch(r"[+-]?\d+,\d+", digits):
        # 0,760 is plain; 1,234 may be either.
        if re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", digits):
            other, thousand = digits.replace(",", "."), digits.replace(",", "")
            return Reading(None, error=f"{text!r} can be {other} or {thousand}")
        digits = digits.replace(",", ".")
        notes.append("a decimal comma")
    number = read_decimal(digits)
    if number is None:
        if NUMBER.fullmatch(digits):
            return Reading(None, error=f"{shortened(text)} is outside what a number here can be")
        comma = "; a decimal comma is not declared" if re.fullmatch(r"\d+,\d+", digits) else ""
        return Reading(None, error=f"{shortened(text)!r} is no number{comma}")
    if digits[0] == "+" or "e" in digits.lower() or re.match(r"0\d", digits):
        notes.append("a sign, an exponent or a zero that no number needs")
    return Reading(number, note=" and ".join(notes), rule=NumberForm)


def _read_integer(text: str, column: Column) -> Reading:
    reading = _read_number(text, column)
    if reading.error:
        return reading
    if not float(reading.value).is_integer():
        return Reading(None, error=f"{text} is no whole number")
    return Reading(int(reading.value), note=reading.note, rule=reading.rule)


def _read_measure(text: str, column: Column) -> Reading:
    """A number in the column's range, as the text of its exact value; or one of its words."""
    if text in column.permitted:
        return Reading(text)
    assert column.range is not None, f"{column.name}: a measure without a range"
    reading = _read_decimal(text, column)
    if reading.error:
        return reading
    limits, number, note = column.range, reading.value, reading.note
    if not limits.fits(number):
        number, note = _without_noise(number, limits), "binary rounding error of a calculation"
        if not limits.fits(number):
            return Reading(None, error=f"{shortened(text)!r} is no value of {limits}")
    if not limits.minimum <= number <= limits.maximum:
        return Reading(None, error=f"{shortened(text)} is outside {limits} {column.unit}".rstrip())
    return Reading(in_digits(number), note=note, rule=reading.rule)


def _without_noise(number: Decimal, limits: Range) -> Decimal:
    """The value on the grid that a long number is by all but a double's rounding error.

    A program that calculates writes 0.1 + 0.2 as 0.30000000000000004. A number of fewer digits
    was written by a person, and is returned as it is.
    """
    if limits.step is None or len(number.normalize().as_tuple().digits) < NOISY_DIGITS:
        return number
    above = nearest_multiple(EXACT.subtract(number, limits.origin), limits.step)
    near = EXACT.add(limits.origin, above)
    return near if abs(near - number) <= NOISE * max(abs(number), limits.step) else number


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
    for form in (*column.dates, *column.typed_dates):
        value = in_form(text, form)
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
    expected = form == usual or form in column.typed_dates
    note = "" if expected else f"read as {value:%Y-%m-%d} by another declared form ({form})"
    return Reading(value, note=note, rule=DateForm)


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
    return Reading(date, note=note, rule=PartOfDateKnown)


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
