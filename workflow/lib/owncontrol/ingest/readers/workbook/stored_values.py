"""A stored cell as text: decided by its storage type and its number format."""

import datetime
import math
import re
from dataclasses import dataclass
from decimal import Decimal

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from owncontrol.basics.decimals import EXACT, in_digits
from owncontrol.findings import workbook_rules
from owncontrol.ingest.readers.workbook.book import TRUE, Book
from owncontrol.ingest.readers.workbook.number_formats import section_for
from owncontrol.ingest.readers.workbook.sheet import Stored
from owncontrol.ingest.readers.workbook.strings import unescaped

INTEGER = re.compile(r"-?[0-9]{1,40}")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Whole numbers up to here are written without an exponent.
LONGEST_WHOLE = 1e17
# The day after 9999-12-31, the last that a date can be, by date system. Day 60 of the 1900 system
# is 29 February 1900, which never was.
BEYOND = {WINDOWS_EPOCH: 2_958_466, MAC_EPOCH: 2_957_004}
NO_DAY = 60
# A number that nobody formatted can be a day of 1927 to 2173.
FIRST_SERIAL, LAST_SERIAL = 10_000, 99_999
DAY_MS = 86_400_000
FALSE = ("0", "false")


@dataclass(frozen=True, slots=True)
class Value:
    """A cell's content as text.

    ``is_number``: stored as a number and read as it is stored. ``is_text``: stored as text.
    ``stored``: the number behind a percentage, and ``form`` its number format.
    ``fault``: what is wrong with the content.
    """

    text: str
    is_number: bool = False
    is_text: bool = False
    stored: str = ""
    form: str = ""
    fault: workbook_rules.StoredFault | None = None


def value_of(content: Stored, book: Book) -> Value:
    """The value of a cell's content. Raises ValueError where the workbook contradicts itself."""
    kind, style, text = content
    if kind == "n":
        if not style.isdecimal() or int(style) >= len(book.formats):
            raise ValueError(
                f"a cell has the style {style}, and its styles are {len(book.formats)}"
            )
        return _number(text.strip(), book.formats[int(style)], book.epoch)
    if kind == "s":
        place = text.strip()
        if not place.isdecimal() or int(place) >= len(book.texts):
            raise ValueError(f"a cell has the shared text {place}, of {len(book.texts)}")
        return Value(book.texts[int(place)], is_text=True)
    if kind in ("str", "inlineStr"):
        return Value(unescaped(text), is_text=True)
    if kind == "b":
        return _boolean(text.strip())
    if kind == "e":
        return Value(text, fault=workbook_rules.ErrorValue())
    if kind == "d":
        return _iso(text.strip())
    raise ValueError(f"a cell has the type '{kind}'")


def number_text(stored: str) -> str:
    """A stored number as the shortest decimal that reads back the same; whole ones without point.

    Raises ValueError where it is no number.
    """
    if INTEGER.fullmatch(stored):
        return str(int(stored))
    if not NUMBER.fullmatch(stored):
        raise ValueError(f"{stored[:40]!r} is no number")
    number = float(stored)
    if math.isinf(number):
        raise ValueError(f"{stored[:40]!r} is more than a number can be")
    if number.is_integer() and abs(number) < LONGEST_WHOLE:
        return str(int(number))
    return repr(number)


def date_of_serial(text: str, epoch: datetime.datetime) -> str:
    """A number that can be a day (10000 to 99999) as the date it stands for, else ''."""
    if not PLAIN_NUMBER.fullmatch(text) or not FIRST_SERIAL <= float(text) < LAST_SERIAL + 1:
        return ""
    return _moment_text(from_excel(float(text), epoch))


def _number(stored: str, form: str, epoch: datetime.datetime) -> Value:
    try:
        text = number_text(stored)
    except ValueError as error:
        return Value(stored, fault=workbook_rules.NotANumber(why=str(error)))
    if form == "General":
        return Value(text, is_number=True)
    number = float(text)
    section = section_for(form, number)
    if section.has_date or section.has_time:
        return _date(text, number, form, epoch)
    if not section.percent:
        return Value(text, is_number=True)
    shown = in_digits(EXACT.scaleb(Decimal(text), 2 * section.percent))
    return Value(shown, stored=text, form=form)


def _date(text: str, number: float, form: str, epoch: datetime.datetime) -> Value:
    section = section_for(form, number)
    if section.elapsed or (not section.has_date and 0 <= number < 1):
        return Value(_clock_text(round(number * DAY_MS)))
    if number < 0 or number >= BEYOND[epoch]:
        return Value(text, fault=workbook_rules.NoDateOfNumber())
    if epoch == WINDOWS_EPOCH and (number < 1 or NO_DAY <= number < NO_DAY + 1):
        shown = "29 February 1900" if number >= 1 else "day 0 of January 1900"
        return Value(text, fault=workbook_rules.NoSuchDay(shown=shown))
    if number < 1:  # the first day of the 1904 system
        moment = epoch + datetime.timedelta(milliseconds=round(number * DAY_MS))
    else:
        moment = from_excel(number, epoch)
    return Value(_moment_text(moment))


def _moment_text(moment: datetime.datetime) -> str:
    """A date, with its time where that is not midnight, with seconds and less where not zero."""
    if moment.time() == datetime.time():
        return moment.date().isoformat()
    exact = "minutes" if moment.second == moment.microsecond == 0 else "seconds"
    if moment.microsecond:
        exact = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(" ", exact)


def _clock_text(milliseconds: int) -> str:
    """A time of day or a duration as hh:mm:ss, with thousandths where they are not zero."""
    sign = "-" if milliseconds < 0 else ""
    seconds, rest = divmod(abs(milliseconds), 1000)
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{rest:03d}" if rest else text


def _boolean(text: str) -> Value:
    if text in TRUE:
        return Value("True")
    if text in FALSE:
        return Value("False")
    return Value(text, fault=workbook_rules.NotABoolean())


def _iso(text: str) -> Value:
    """A date that is stored as ISO 8601 (type d): without a zone, or in UTC."""
    try:
        moment = datetime.datetime.fromisoformat(text)
        if moment.utcoffset():
            raise ValueError(text)
        return Value(_moment_text(moment.replace(tzinfo=None)))
    except ValueError:
        pass
    try:
        clock = datetime.time.fromisoformat(text if ":" in text else "")
    except ValueError:
        return Value(text, fault=workbook_rules.NoIsoDate())
    past = datetime.timedelta(
        hours=clock.hour,
        minutes=clock.minute,
        seconds=clock.second,
        microseconds=clock.microsecond,
    )
    return Value(_clock_text(round(past / datetime.timedelta(milliseconds=1))))
