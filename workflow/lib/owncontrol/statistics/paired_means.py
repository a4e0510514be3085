"""Means of measurements: mean and standard deviation, the paired t-test and its interval.

Student 1908, *Biometrika* 6:1. The test is exact where the differences are a sample of a normal
distribution; nothing here says whether they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from .result import Result, check_share, finite_vector, not_estimable, to_grid

FEWER_THAN_TWO = "fewer than two pairs"
ALL_EQUAL = "all differences are equal"
T_METHOD = "paired t-test"
T_INTERVAL = "mean of the differences, t interval"
NORMAL = "differences taken as normally distributed"


def mean(values: ArrayLike) -> Result:
    """Return the arithmetic mean, without an interval; not estimable without a value.

    Raises:
        ValueError: not one-dimensional, or NaN or infinite values.
    """
    numbers = finite_vector(values, "values")
    if not numbers:
        return not_estimable("mean", 0, "mean", "", "no value")
    return Result(
        statistic="mean", value=_mean(numbers), n=len(numbers), method="mean", convention=""
    )


def standard_deviation(values: ArrayLike) -> Result:
    """Return the standard deviation with n - 1; not estimable of fewer than two values.

    Raises:
        ValueError: not one-dimensional, or NaN or infinite values.
    """
    numbers = finite_vector(values, "values")
    name, convention = "standard deviation", "divided by n - 1"
    if len(numbers) < 2:
        return not_estimable(name, len(numbers), name, convention, "fewer than two values")
    return Result(
        statistic=name,
        value=_deviation(numbers),
        n=len(numbers),
        method=name,
        convention=convention,
    )


def mean_change(differences: ArrayLike, level: float = 0.95) -> Result:
    """Return the mean difference with its t interval: mean +/- t(n - 1) SD / sqrt(n).

    Of a single pair, or where all differences are equal, the mean has no interval.

    Args:
        differences: shape ``(n,)``, after minus before, without missing values.
        level: confidence level of the interval, a share.

    Raises:
        ValueError: NaN or infinite values, or a level that is no share.
    """
    level = check_share(level, "level")
    numbers = finite_vector(differences, "differences")
    n, name = len(numbers), "mean change"
    if not numbers:
        return not_estimable(name, 0, T_INTERVAL, NORMAL, "no pair")
    centre = _mean(numbers)
    without = _no_spread(numbers)
    if without:
        convention = f"no interval: {without}"
        return Result(statistic=name, value=centre, n=n, method=T_INTERVAL, convention=convention)
    reach = -float(stdtrit(n - 1, (1 - level) / 2)) * _deviation(numbers) / math.sqrt(n)
    return Result(
        statistic=name,
        value=centre,
        lower=centre - reach,
        upper=centre + reach,
        level=level,
        n=n,
        method=T_INTERVAL,
        convention=f"{NORMAL}, {n - 1} degrees of freedom",
        df=n - 1,
    )


def paired_t_test(differences: ArrayLike) -> Result:
    """Return the paired t-test of a mean difference of zero, two-sided; ``value`` is t.

    Not estimable of fewer than two pairs, and where all differences are equal. Arguments and errors
    as in :func:`mean_change`.
    """
    numbers = finite_vector(differences, "differences")
    n = len(numbers)
    convention = f"{NORMAL}, {max(n - 1, 0)} degrees of freedom, two-sided"
    without = _no_spread(numbers)
    if without:
        return not_estimable("t", n, T_METHOD, convention, without)
    t = _mean(numbers) / (_deviation(numbers) / math.sqrt(n))
    return Result(
        statistic="t",
        value=t,
        p=min(1.0, 2 * float(stdtr(n - 1, -abs(t)))),
        n=n,
        method=T_METHOD,
        convention=convention,
        df=n - 1,
    )


def _no_spread(numbers: Sequence[float]) -> str:
    """Why the differences have no standard deviation above 0; empty where they have one."""
    if len(numbers) < 2:
        return FEWER_THAN_TWO
    # 2.6 - 2.2 and 1.4 - 1.0 are equal as they were measured, and differ in binary.
    return ALL_EQUAL if len(set(to_grid(numbers, None))) == 1 else ""


def _mean(numbers: Sequence[float]) -> float:
    return math.fsum(numbers) / len(numbers)


def _deviation(numbers: Sequence[float]) -> float:
    centre = _mean(numbers)
    return math.sqrt(math.fsum((number - centre) ** 2 for number in numbers) / (len(numbers) - 1))
