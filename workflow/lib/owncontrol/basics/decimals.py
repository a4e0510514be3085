"""Numbers as people write them: decimal text, exact, without a detour over binary fractions.

A value of 12.3 is no binary fraction, and 0.1 + 0.2 is not 0.3 in binary arithmetic. Grids, sums
and differences are therefore computed in decimal; a float takes part as the shortest decimal that
reads back the same (``repr``), which is what was written wherever that had 15 digits or fewer.
"""

import math
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation

import numpy as np
from numpy.typing import NDArray

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# No measurement has as many signs; a text with more was run together or is an attack.
LONGEST = 60
# Beyond what a double holds, in either direction, a text is no number here.
HIGHEST, LOWEST = Decimal("1e300"), Decimal("1e-300")
# Enough for every sum and difference of such numbers; what would need more is an error.
EXACT = Context(prec=4000, traps=[InvalidOperation, Inexact])
HALF_UP = Context(prec=4000, rounding=ROUND_HALF_UP)
# Whole numbers up to here are exact as floats.
MOST_EXACT = 2.0**53


def read_decimal(text: str) -> Decimal | None:
    """The number that a text is, exactly; None where it is none, or no double can stand for it."""
    if len(text) > LONGEST or not NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if number and not LOWEST <= abs(number) <= HIGHEST:
        return None
    return number


def of_float(number: float) -> Decimal:
    """The shortest decimal that reads back as the same finite float."""
    return Decimal(repr(float(number)))


def in_digits(number: Decimal) -> str:
    """A number in digits: no exponent, no zeros that say nothing, no negative zero."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def rounded(number: Decimal, digits: int) -> Decimal:
    """A number with so many decimals, half up (a tie goes away from zero)."""
    return number.quantize(Decimal(1).scaleb(-digits), context=HALF_UP)


def plain(value: float, most: int | None = None) -> str:
    """A value as a program or a message takes it: all its digits, no exponent, ASCII.

    ``most``: decimals at most, for a value that was computed (0.1 + 0.2 is 0.3).
    """
    if not math.isfinite(value):
        return str(float(value))
    exact = of_float(value)
    if most is not None and decimals_of(value) > most:
        exact = rounded(exact, most)
    return in_digits(exact)


def plain_text(written: str) -> str:
    """A number of a file of results, which may have an exponent, as ``plain``; empty if empty."""
    return plain(float(written)) if written else ""


def plain_change(value: float) -> str:
    """A difference as ``plain``, with its sign, plus included."""
    return f"+{plain(value)}" if value > 0 else plain(value)


def decimals_of(value: float) -> int:
    """How many decimals a finite float has when it is written out: 0 for 16.0, 2 for 0.25."""
    text = in_digits(of_float(value))
    return len(text) - text.index(".") - 1 if "." in text else 0


def most_decimals(values: Iterable[float]) -> int:
    """The most decimals that any of some finite floats has when it is written out."""
    return max(map(decimals_of, values), default=0)


def is_multiple(number: Decimal, step: Decimal) -> bool:
    """Whether a number is a whole multiple of a positive step, exactly."""
    return EXACT.remainder(number, step) == 0


def nearest_multiple(number: Decimal, step: Decimal) -> Decimal:
    """The multiple of a positive step that is nearest to a number."""
    rest = EXACT.remainder_near(number, step)
    return EXACT.subtract(number, rest)


def times(count: int, step: float) -> float:
    """A whole number of steps, as the double nearest to the exact product."""
    return float(EXACT.multiply(of_float(step), Decimal(count)))


def total(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of decimal numbers along the rows, each the double nearest to the exact sum.

    ``columns``: shape ``(rows, terms)``; a row with NaN has the sum NaN.
    """
    known = ~np.isnan(columns)
    # Most are whole, and of those nothing is sorted to see which there are.
    broken = columns[known & (columns != np.rint(columns))]
    factor = 10.0 ** most_decimals(np.unique(broken).tolist())
    largest = float(np.abs(columns).max(initial=0.0, where=known)) * max(columns.shape[1], 1)
    if factor <= 1e15 and largest * factor < MOST_EXACT:
        sums: NDArray[np.float64] = np.rint(columns * factor).sum(axis=1) / factor
        return sums + 0.0  # no negative zero
    return np.array([float(_sum(row)) if not np.isnan(row).any() else np.nan for row in columns])


def _sum(row: NDArray[np.float64]) -> Decimal:
    found = Decimal(0)
    for number in row.tolist():
        found = EXACT.add(found, of_float(number))
    return found


def differences(later: NDArray[np.float64], earlier: NDArray[np.float64]) -> NDArray[np.float64]:
    """``later`` less ``earlier``, pair by pair, in decimal: equal differences are equal floats.

    11234.56 - 11234.51 and 0.10 - 0.05 tie; in binary arithmetic they do not. NaN stays NaN.
    """
    return total(np.column_stack([later, -earlier]))
