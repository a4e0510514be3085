"""Direction of change: the sign test and its interval, and the sign-flip test of the mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .flips import flip_tails
from .result import (
    Alternative,
    Floats,
    Result,
    check_choice,
    check_share,
    choose_tail,
    finite_vector,
    normal_tails,
    not_estimable,
    to_grid,
)
from .signed_rank import EXACT_PAIRS, FEWER_THAN_TWO, SYMMETRY

# Dynamic programming runs over sums of whole steps; a finer grid than this is enumerated.
_GRID_SUM = 1_000_000
# Two halves of 20 pairs are 2^20 sums each: 0.3 s.
_ENUMERATED_PAIRS = 40
_SUM_NOISE = 1e-9


class Directions(NamedTuple):
    """How many subjects went up, stayed the same, went down."""

    up: int
    same: int
    down: int


def count_directions(differences: ArrayLike, resolution: float | None = None) -> Directions:
    """Return the counts of positive, zero and negative ``differences``, shape ``(n,)``.

    Raises:
        ValueError: NaN or infinite values.
    """
    values = finite_vector(differences, "differences")
    if len(values) > EXACT_PAIRS:
        # As below, each distinct difference once.
        distinct, counts = np.unique(values, return_counts=True)
        sign = np.sign(to_grid(distinct.tolist(), resolution))
        up, down = int(counts[sign > 0].sum()), int(counts[sign < 0].sum())
    else:
        steps = to_grid(values, resolution)
        up, down = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
    return Directions(up, len(values) - up - down, down)


def sign_test(
    differences: ArrayLike,
    alternative: Alternative = "two-sided",
    resolution: float | None = None,
) -> Result:
    """Return the exact sign test; ``value`` is the number of increases, zeros are left out.

    The counts up, same and down are in the convention. Dixon and Mood 1946, *JASA* 41:557.

    Raises:
        ValueError: NaN or infinite values, an unknown alternative.
    """
    check_choice(alternative, "alternative", Alternative)
    up, same, down = count_directions(differences, resolution)
    n = up + same + down
    method = "exact, binomial(up + down, 1/2)"
    convention = f"zeros dropped, {alternative}; up {up}, same {same}, down {down}"
    if n < 2:
        return not_estimable("sign test, increases", n, method, convention, FEWER_THAN_TWO)
    from scipy.stats import binomtest  # takes half a second; most steps never come here

    changed = up + down
    p = float(binomtest(up, changed, 0.5, alternative).pvalue) if changed else 1.0
    return Result(
        statistic="sign test, increases",
        value=float(up),
        p=p,
        n=n,
        method=method,
        convention=convention,
    )


def median_interval(differences: ArrayLike, level: float = 0.95) -> Result:
    """Return the median change with the interval that inverts the sign test.

    Closed, from the k-th smallest to the k-th largest difference; conservative under ties. It
    asks no symmetry, which the Hodges-Lehmann intervals do. With too few pairs it is the widest
    interval there is, and ``level`` its achieved level. Thompson 1936, *Ann Math Stat* 7:122.

    Raises:
        ValueError: NaN or infinite values, a level outside 0..1.
    """
    check_share(level, "level")
    values = sorted(finite_vector(differences, "differences"))
    n = len(values)
    method, convention = "exact, binomial(n, 1/2)", "zeros kept"
    if n < 2:
        return not_estimable("median", n, method, convention, FEWER_THAN_TWO)
    from scipy.stats import binom  # as above

    # The largest k with P(X < k) <= (1 - level) / 2, X binomial(n, 1/2), and at least 1.
    below = binom.cdf(np.arange(n // 2 + 1), n, 0.5)
    k = max(1, int(np.searchsorted(below, (1 - level) / 2 * (1 + 1e-12), side="right")))
    achieved = 1 - 2 * float(below[k - 1])
    return Result(
        statistic="median",
        value=median(values),
        lower=values[k - 1],
        upper=values[-k],
        level=min(level, achieved),
        n=n,
        method=method,
        convention=f"{convention}; closed interval of order statistics k={k} of {n}, "
        f"achieved level {achieved:.2%}, conservative under ties",
    )


def sign_flip_test(
    differences: ArrayLike,
    alternative: Alternative = "two-sided",
    resolution: float | None = None,
) -> Result:
    """Return the sign-flip (Fisher-Pitman) test; ``value`` is the sum of the differences.

    All 2^n flips are accounted for: by dynamic programming where the differences lie on a
    decimal grid (up to 500 pairs), by combining two enumerated halves elsewhere (up to 40
    pairs, sums within a thousand-millionth of the largest possible one counted as tied). What
    is left gets a normal approximation. Fisher 1935, *The Design of Experiments*, section 21;
    Pitman 1937, *J R Stat Soc Suppl* 4:119.

    Raises:
        ValueError: NaN or infinite values, an unknown alternative.
    """
    check_choice(alternative, "alternative", Alternative)
    values = finite_vector(differences, "differences")
    name, n = "sign-flip test, sum of differences", len(values)
    convention = f"sum of differences (Fisher-Pitman), {alternative}, {SYMMETRY}"
    if n < 2:
        return not_estimable(name, n, "exact", convention, FEWER_THAN_TWO)
    tails, method = _flip_sum_tails(values, resolution)
    return Result(
        statistic=name,
        value=math.fsum(values),
        p=choose_tail(alternative, *tails),
        n=n,
        method=method,
        convention=convention,
    )


def _flip_sum_tails(
    values: list[float], resolution: float | None
) -> tuple[tuple[float, float], str]:
    """Return P(sum >= observed), P(sum <= observed) under flips, and the method used."""
    up, _, down = count_directions(values, resolution)
    if up + down > EXACT_PAIRS:
        return _normal_flip_tails(values)
    steps = to_grid(values, resolution)
    unit = math.gcd(*steps) or 1
    weights = [abs(step) // unit for step in steps if step]
    if len(weights) <= EXACT_PAIRS and sum(weights) <= _GRID_SUM:
        observed = sum(step // unit for step in steps if step > 0)
        return flip_tails(weights, observed), "exact, dynamic programming over the grid of sums"
    if len(weights) <= _ENUMERATED_PAIRS:
        return _enumerated_tails(values), "exact, all sign flips as two enumerated halves"
    return _normal_flip_tails(values)


def _normal_flip_tails(values: list[float]) -> tuple[tuple[float, float], str]:
    z = sum(values) / math.sqrt(sum(value * value for value in values))
    return normal_tails(z), "normal approximation, no continuity correction"


def _enumerated_tails(values: Sequence[float]) -> tuple[float, float]:
    magnitudes = [abs(value) for value in values if value]
    middle = len(magnitudes) // 2
    left, right = _flipped_sums(magnitudes[:middle]), np.sort(_flipped_sums(magnitudes[middle:]))
    observed, noise = math.fsum(values), _SUM_NOISE * math.fsum(magnitudes)
    at_least = len(right) - np.searchsorted(right, observed - noise - left, side="left")
    at_most = np.searchsorted(right, observed + noise - left, side="right")
    flips = 2.0 ** len(magnitudes)
    return float(at_least.sum()) / flips, float(at_most.sum()) / flips


def _flipped_sums(magnitudes: Sequence[float]) -> Floats:
    sums: Floats = np.zeros(1)
    for magnitude in magnitudes:
        sums = np.concatenate([sums - magnitude, sums + magnitude])
    return sums
