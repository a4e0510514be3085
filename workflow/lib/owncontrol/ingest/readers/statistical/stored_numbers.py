"""Numbers as text: the fewest digits that the variable's own storage would store as this value.

A Stata float holds 24 bits, a double 53. SAS may store a number in fewer bytes than eight: it cuts
off the last bytes of an IEEE double (sas7bdat) or of an IBM base-16 float (transport file), so
every value from the one read up to the next that the storage can hold became this one. Layouts:
IEEE 754-2008; SAS Institute, TS-140, "Record Layout of a SAS Version 5 or 6 Data Set in SAS
Transport (XPORT) Format".
"""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

NumberText = Callable[[float], str]
FULL = 8  # bytes of a double
MOST_PLAIN = 10**17  # from here on, and below the least, numbers are written with an exponent
LEAST_PLAIN = 1e-9
DOUBLE_DIGITS, FLOAT_DIGITS = 15, 7  # a decimal of so many digits is what somebody has typed


def number_text(kind: str, storage: str, width: int) -> NumberText:
    """The function that writes the numbers of one variable.

    ``kind``: sas7bdat, xport, spss or stata. ``storage``: type of the variable as ReadStat names
    it. ``width``: bytes of a value in the file.
    """
    if kind == "stata" and storage == "float":
        return lambda value: _plain(value, Decimal(str(np.float32(value))), FLOAT_DIGITS)
    if kind == "xport" and width < FULL:
        return lambda value: _cut_text(value, _ibm_step(value, width), 8 * (width - 1) - 3)
    if kind == "sas7bdat" and width < FULL:
        return lambda value: _cut_text(value, _ieee_step(value, width), 8 * width - 11)
    return lambda value: _plain(value, Decimal(repr(value)), DOUBLE_DIGITS)


def _plain(value: float, shortest: Decimal, typed: int) -> str:
    """``value`` as text. ``shortest``: the decimal of fewest digits that is stored as it.

    Where a whole number is longer than the storage can tell apart, it is written in full as
    stored, unless a decimal of at most ``typed`` digits is stored as the same.
    """
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < MOST_PLAIN:
        digits = len(shortest.normalize().as_tuple().digits)
        return str(int(shortest if digits <= typed else value))
    if not LEAST_PLAIN <= abs(value) < MOST_PLAIN:
        return f"{float(shortest)!r}"
    return f"{shortest:f}"


def _cut_text(value: float, step: Fraction, bits: int) -> str:
    """A value whose last bytes are cut off; ``step``: to the next value that can be stored."""
    if value == 0 or not math.isfinite(value):
        return _plain(value, Decimal(repr(value)), DOUBLE_DIGITS)
    typed = max(1, int(bits * math.log10(2)))
    if value.is_integer() and step <= 1:
        return _plain(value, Decimal(int(value)), DOUBLE_DIGITS)
    return _plain(value, _shortest_from(Fraction(value), step), typed)


def _shortest_from(value: Fraction, step: Fraction) -> Decimal:
    """The decimal of fewest digits that became ``value`` when it was cut to a multiple of ``step``.

    It was a double first: it may be less than ``value`` by what rounding to a double adds.
    """
    low = abs(value) - Fraction(math.ulp(float(value))) / 2
    place = len(str(low.numerator)) - len(str(low.denominator)) + 1
    while True:
        unit = Fraction(10) ** place
        count = -(-low // unit)
        if count and count * unit < low + step:
            found = Decimal(int(count)).scaleb(place)
            return found if value > 0 else -found
        place -= 1


def _ieee_step(value: float, width: int) -> Fraction:
    """Sign and exponent have 12 bits, the rest holds the fraction; the first bit is not stored."""
    exponent = max(math.frexp(abs(value))[1] - 1, -1022)
    return Fraction(2) ** (exponent - (8 * width - 12))


def _ibm_step(value: float, width: int) -> Fraction:
    """Sign and exponent have a byte, the rest holds a fraction from 1/16 up to 1."""
    exponent = -(-math.frexp(abs(value))[1] // 4)
    return Fraction(16) ** (exponent - 2 * (width - 1))


def is_number(value: Any) -> bool:
    """Whether a cell holds a number, not a text and not the mark of a missing value."""
    return isinstance(value, (int, float)) and not math.isnan(value)
