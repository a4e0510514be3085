"""What every statistic returns, and the checks of what goes into one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Alternative = Literal["two-sided", "greater", "less"]
LARGEST = 1e100  # no measurement is larger; squares and sums of such stay finite
Floats = NDArray[np.float64]
Integers = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One number with the method and the conventions that made it.

    A non-empty ``reason`` says that the statistic is not estimable, and why; ``value`` and
    ``p`` are then NaN. ``level`` is the confidence level that ``lower`` and ``upper`` hold
    (a share, 0.95), ``df`` the degrees of freedom of a chi-squared statistic.
    """

    statistic: str
    value: float
    lower: float = math.nan
    upper: float = math.nan
    level: float = math.nan
    p: float = math.nan
    n: int
    method: str
    convention: str
    reason: str = ""
    df: float = math.nan

    @property
    def estimable(self) -> bool:
        """Whether the data allow the statistic."""
        return not self.reason


def not_estimable(statistic: str, n: int, method: str, convention: str, reason: str) -> Result:
    """Return the result that says why ``statistic`` cannot be had from these data."""
    return Result(
        statistic=statistic,
        value=math.nan,
        n=n,
        method=method,
        convention=convention,
        reason=reason,
    )


def share_of(events: int, n: int, p: float, method: str, convention: str) -> Result:
    """Return the share of ``events`` among ``n`` (at least 1) with the p-value of a test of it."""
    return Result(
        statistic="share", value=events / n, p=p, n=n, method=method, convention=convention
    )


def finite_vector(values: ArrayLike, name: str) -> list[float]:
    """Return ``values`` (shape ``(n,)``) as Python floats.

    Raises:
        ValueError: not one-dimensional, not numeric, or NaN, infinite or beyond 1e100 anywhere.
    """
    array = float_array(values, name)
    if array.ndim != 1:
        raise ValueError(f"{name}: has shape {array.shape}, must have one dimension (n,)")
    numbers: list[float] = array.tolist()
    # A sum with NaN is NaN and fails the comparison; only then is the culprit looked for.
    if not sum(map(abs, numbers)) <= LARGEST:
        _raise_if_not_finite(array, name)
    return numbers


def finite_matrix(values: ArrayLike, name: str) -> Floats:
    """Return ``values`` as a float matrix.

    Raises:
        ValueError: not two-dimensional, not numeric, or NaN, infinite or beyond 1e100 anywhere.
    """
    array = float_array(values, name)
    if array.ndim != 2:
        raise ValueError(f"{name}: has shape {array.shape}, must have two dimensions")
    _raise_if_not_finite(array, name)
    return array


def whole_number(value: Any, name: str, low: int = 0, high: int | None = None) -> int:
    """Return ``value`` as an int within ``low .. high``; raises ValueError otherwise."""
    allowed = f"a whole number of at least {low}" + (
        f", at most {high}" if high is not None else ""
    )
    if isinstance(value, bool | np.bool_) or not np.isscalar(value):
        raise ValueError(f"{name}: is {value!r}, must be {allowed}")
    number = float(value)  # type: ignore[arg-type]
    if not number.is_integer() or number < low or (high is not None and number > high):
        raise ValueError(f"{name}: is {value!r}, must be {allowed}")
    return int(number)


def check_share(value: float, name: str, *, closed: bool = False) -> float:
    """Return ``value``, a share between 0 and 1 (ends allowed when ``closed``)."""
    inside = 0 <= value <= 1 if closed else 0 < value < 1
    if not inside:
        ends = "0 and 1 included" if closed else "0 and 1 excluded"
        raise ValueError(f"{name}: is {value!r}, must be a share between 0 and 1, {ends}")
    return float(value)


def check_choice(value: str, name: str, allowed: Any) -> None:
    """Raise ValueError unless ``value`` is one of the literal type ``allowed``."""
    choices = get_args(allowed)
    if value not in choices:
        raise ValueError(f"{name}: is {value!r}, must be one of {', '.join(map(repr, choices))}")


def check_resolution(value: float) -> float:
    """Return ``value``, the step of a scale; raises ValueError unless it is positive."""
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"resolution: is {value!r}, must be a positive number")
    return value


def choose_tail(alternative: Alternative, upper: float, lower: float) -> float:
    """Return the p-value from P(T >= t) and P(T <= t); two-sided is twice the smaller tail.

    Twice the smaller tail equals P(|T - E T| >= |t - E T|) where the null distribution is
    symmetric, as under sign flips it always is.
    """
    if alternative == "greater":
        return min(1.0, upper)
    if alternative == "less":
        return min(1.0, lower)
    return min(1.0, 2 * min(upper, lower))


def choose_tails(alternative: Alternative, upper: Floats, lower: Floats) -> Floats:
    """Return :func:`choose_tail` of each pair of tails."""
    tail = {"greater": upper, "less": lower, "two-sided": 2 * np.minimum(upper, lower)}
    p: Floats = np.minimum(1.0, tail[alternative])
    return p


def normal_tails(z: float) -> tuple[float, float]:
    """Return P(Z >= z) and P(Z <= z) of the standard normal distribution."""
    return math.erfc(z / math.sqrt(2)) / 2, math.erfc(-z / math.sqrt(2)) / 2


def to_grid(values: Sequence[float], resolution: float | None) -> list[int]:
    """Return ``values`` as whole multiples of the scale's ``resolution``.

    Differences such as 2.6 - 2.2 and 1.4 - 1.0 are equal on the scale and unequal in floating
    point; on the grid they tie. Without a resolution the grid is decimal, a thousand-millionth
    of the largest magnitude.

    Raises:
        ValueError: the resolution is not a positive number.
    """
    if resolution is not None:
        check_resolution(resolution)
        return [round(value / resolution) for value in values]
    largest = max(map(abs, values), default=0.0)
    if largest == 0:
        return [0] * len(values)
    scale = decimal_scale(largest)
    return [round(value * scale) for value in values]


def decimal_scale(largest: float) -> float:
    """Return the power of ten that brings ``largest`` to between 1e9 and 1e10."""
    return 10.0 ** min(9 - math.floor(math.log10(largest)), 300)


def decimal_scales(largest: Floats) -> Floats:
    """Return :func:`decimal_scale` of each positive number."""
    scales: Floats = 10.0 ** np.minimum(9 - np.floor(np.log10(largest)), 300)
    return scales


def float_array(values: ArrayLike, name: str) -> Floats:
    """Return ``values`` as a float array, NaN allowed; raises ValueError if not numeric."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: must be numbers, all rows of one length ({error})") from error


def _raise_if_not_finite(array: Floats, name: str) -> None:
    bad = np.argwhere(~(np.abs(array) <= LARGEST))
    if len(bad):
        place = ", ".join(str(int(index)) for index in bad[0])
        raise ValueError(
            f"{name}: value {array[tuple(bad[0])]} at position [{place}], {len(bad)} such in all; "
            f"must be finite, at most {LARGEST:g}. Hint: remove missing pairs before the test"
        )
