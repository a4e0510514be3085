"""How numbers are written: as journals print them, and never without what they mean.

Every number that a person reads becomes text here. A float counts as the shortest decimal that
reads back the same, and that decimal is rounded half up: 2.675 is 2.68 and 0.125 is 0.13, where
binary rounding gives 2.67 and 0.12.
"""

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

from owncontrol.basics import decimals
from owncontrol.basics.decimals import decimals_of, of_float, rounded

MINUS = "\u2212"
THIN_SPACE = "\u202f"
INFINITY = "\u221e"
MOST_DECIMALS = 6  # of a measured value without a grid
SIGNIFICANT = 3  # digits of values that the source computed
MOST_SIGNIFICANT = 5  # digits of recorded values that are shown
MORE_DIGITS = 3  # that a small number may take until a digit other than 0 shows
# Decimals below the last one printed that an estimate keeps: what lies below is the noise of
# binary sums and differences, as in 54.9 - 55.4 = -0.5 exactly and -0.49999999999999289 in floats.
NOISE = 6
# The significant digits that every float keeps (DBL_DIG of the C standard).
CERTAIN = Context(prec=15, rounding=ROUND_HALF_UP)
# As many digits as any float has, before and after the point.
CONTEXT = Context(prec=1_000, rounding=ROUND_HALF_UP)


def most_decimals(values: Iterable[float]) -> int:
    """The largest number of decimals among measured values, at most MOST_DECIMALS; NaN has none."""
    return min(MOST_DECIMALS, decimals.most_decimals(filter(math.isfinite, values)))


def recorded_decimals(values: Iterable[float]) -> int:
    """Decimals of recorded values. What has more than MOST_DECIMALS was computed by the source.

    Such values (a sum made up for missing items, 22.413793103448278) do not show how fine the scale
    is: then three significant digits of the middle one, or the decimals that the others have. Of
    values with many digits (288.6508) no more than two decimals, or five significant digits, count.
    """
    known = [value for value in values if math.isfinite(value)]
    written = [value for value in known if decimals_of(value) <= MOST_DECIMALS]
    sizes = sorted(abs(value) for value in known if value)
    if not sizes:
        return 0
    before_point = math.floor(math.log10(sizes[len(sizes) // 2]))
    if len(written) == len(known):
        return min(decimals.most_decimals(known), max(2, MOST_SIGNIFICANT - 1 - before_point))
    shown = min(MOST_DECIMALS, max(0, SIGNIFICANT - 1 - before_point))
    return max(shown, decimals.most_decimals(written))


def scale_decimals(resolution: float, values: Iterable[float]) -> int:
    """Decimals of a scale's values: of its resolution, of ``values`` where it has none (0)."""
    return decimals_of(resolution) if resolution else recorded_decimals(values)


def exact(value: float) -> str:
    """A value of the configuration in print: all its digits."""
    return number(value, decimals_of(value) if math.isfinite(value) else None)


def number(value: float, digits: int | None = None) -> str:
    """A number with a true minus sign; whole numbers without decimals unless ``digits`` says so.

    What is not zero does not read as zero: it gets up to three digits more, or is below a limit.
    """
    if math.isnan(value):
        return "not estimable"
    if math.isinf(value):
        return INFINITY if value > 0 else MINUS + INFINITY
    if digits is None:
        digits = 0 if float(value).is_integer() else 1
    return _number(of_float(value), digits)


def estimate(value: float, digits: int | None) -> str:
    """A computed number with so many decimals, rounded without the noise of its arithmetic."""
    return number(without_noise(value, digits), digits)


def without_noise(value: float, digits: int | None) -> float:
    """``value`` without what binary arithmetic left far below the last of ``digits`` decimals."""
    if digits is None or not math.isfinite(value):
        return value
    return float(rounded(of_float(value), digits + NOISE))


def certain(value: float) -> float:
    """``value`` to the digits that binary arithmetic leaves certain: 5.5 of 5.500000000000001."""
    return float(CERTAIN.create_decimal(repr(float(value))))


def signed(value: float, digits: int | None = None) -> str:
    """A change: with its sign, plus included."""
    text = number(value, digits)
    return f"+{text}" if value > 0 and text[0].isdigit() else text


def interval(lower: float, upper: float, digits: int | None = None) -> str:
    """An interval's two bounds, joined by 'to' because bounds can be negative."""
    if math.isnan(lower) or math.isnan(upper):
        return "not estimable"
    if digits is None:
        digits = 0 if float(lower).is_integer() and float(upper).is_integer() else 1
    return f"{number(lower, digits)} to {number(upper, digits)}"


def p_value(p: float) -> str:
    """A p-value with its sign: p = 0.031, p = 0.24, p < 0.001."""
    if math.isnan(p):
        return "p not estimable"
    if p < 0.001:
        return "p < 0.001"
    return f"p = {number(p, 3 if p < 0.1 else 2)}"


def share(events: int, n: int) -> str:
    """Events of n with the percentage: 12/13 (92 %).

    Some read neither as none (0 %) nor as all (100 %), whatever their number.
    """
    if n == 0:
        return "0/0"
    percentage = 100 * Decimal(events) / Decimal(n)
    text = _number(percentage, 0) if events == n else _below_all(percentage)
    return f"{events}/{n} ({text}\u00a0%)"


def percent(value: float, digits: int | None = None) -> str:
    """A share as a percentage: with so many decimals, or one decimal where it needs it."""
    if not math.isfinite(value):
        return number(value)
    exact = of_float(value).scaleb(2, CONTEXT)
    text = _number(exact, 1 if digits is None else digits)
    return text.removesuffix(".0") if digits is None else text


def significance(level: float) -> str:
    """What a confidence level leaves: 0.05 for 0.95, with all its digits."""
    return _digits((1 - of_float(level)).normalize(CONTEXT))


def _number(exact: Decimal, digits: int) -> str:
    """``exact`` rounded, with more digits while it would read as zero and is not."""
    for more in range(MORE_DIGITS + 1 if exact else 1):
        shown = rounded(exact, digits + more)
        if shown:
            return _digits(shown)
    if not exact:
        return _digits(abs(shown))
    limit = _digits(Decimal(1).scaleb(-digits - MORE_DIGITS))
    return f"< {limit}" if exact > 0 else f"> {MINUS}{limit}"


def _below_all(percentage: Decimal) -> str:
    """A percentage below 100, with more digits while it would read as 100."""
    for more in range(MORE_DIGITS + 1):
        if rounded(percentage, more) < 100:
            return _number(percentage, more)
    return f"> {_digits(100 - Decimal(1).scaleb(-MORE_DIGITS))}"


def _digits(exact: Decimal) -> str:
    """All digits of a decimal: thousands apart, a true minus sign, no exponent."""
    text = f"{abs(exact):,f}".replace(",", THIN_SPACE)
    return MINUS + text if exact < 0 else text
