"""Forms of dates: which time a text means in one of them."""

import datetime
import re

FIRST_YEAR = 1900
# What the reader of a typed date gives (a workbook, SAS, SPSS, Stata): ISO 8601.
TYPED_DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f")


def in_form(text: str, form: str) -> datetime.datetime | None:
    """The time that a text means in one form (of Python's strptime), or None."""
    try:
        value = datetime.datetime.strptime(text, form)
    except ValueError:
        return None
    # Without separators strptime guesses where digits are missing: 2021111 in the form %Y%m%d.
    guessed = re.search(r"%[a-zA-Z]%", form) and len(value.strftime(form)) != len(text)
    return None if guessed or value.year < FIRST_YEAR else value


def has_form(text: str, form: str) -> bool:
    """Whether a text can be a time in one form, were it of any year or guessed at."""
    try:
        datetime.datetime.strptime(text, form)
    except ValueError:
        return False
    return True


def fits_number(text: str, form: str) -> bool:
    """Whether a number can be a date in one form: as it is, or with zeros that a number loses.

    A cell that holds 10423 as a number may have been typed as 010423.
    """
    if in_form(text, form) is not None:
        return True
    width = len(datetime.datetime(2000, 11, 22, 11, 22, 33).strftime(form))
    return len(text) < width and in_form(text.zfill(width), form) is not None
