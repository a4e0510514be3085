"""The Hodges-Lehmann size of change and its two intervals."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from owncontrol.basics.decimals import most_decimals

from .flips import ArrayCounts, PackedCounts, flip_distribution, lower_counts
from .result import (
    Floats,
    Integers,
    Result,
    check_choice,
    check_share,
    choose_tail,
    finite_vector,
    not_estimable,
    to_grid,
)
from .signed_rank import EXACT_PAIRS, FEWER_THAN_TWO, rank_sum_p, signed_ranks
from .walsh import walsh_order_statistics

Interval = Literal["walsh", "inversion"]

# Inverting the exact test costs one null distribution a candidate: 0.3 s at 100 pairs.
EXACT_INVERSION_PAIRS = 100
_NAME = "Hodges-Lehmann estimate"
_ESTIMATE = "median of all n(n+1)/2 Walsh averages, zeros kept"
_SYMMETRY = "for symmetric differences"


def hodges_lehmann(
    differences: ArrayLike,
    level: float = 0.95,
    interval: Interval = "walsh",
    resolution: float | None = None,
) -> Result:
    """Return the median of all Walsh averages (d_i + d_j)/2, i <= j, with an interval.

    ``"walsh"`` is the closed interval from the k-th smallest to the k-th largest Walsh average,
    k from the signed-rank distribution without ties; under ties it is conservative (Noether
    1967, *JASA* 62:184). ``"inversion"`` is the hull of all shifts mu that the exact Pratt test
    of ``differences - mu`` does not reject. The estimate: Hodges and Lehmann 1963, *Ann Math
    Stat* 34:598. Both intervals hold their level for differences that are symmetric about some
    value and fall short under skew; ``median_interval`` asks no symmetry.

    Where the number of pairs allows no interval of the wanted level, the Walsh interval is the
    widest there is and ``level`` its achieved level; the inversion interval is unbounded.

    Args:
        differences: shape ``(n,)``, after minus before, without missing values.
        level: confidence level, a share.
        interval: ``"walsh"`` or ``"inversion"``.
        resolution: step of the scale, used by the inversion as in ``signed_rank_test``.

    Raises:
        ValueError: NaN or infinite values, a level outside 0..1, an unknown interval.
    """
    check_share(level, "level")
    check_choice(interval, "interval", Interval)
    values = finite_vector(differences, "differences")
    n = len(values)
    if n < 2:
        return not_estimable(_NAME, n, "exact", _ESTIMATE, FEWER_THAN_TWO)
    if interval == "walsh":
        return _by_walsh(values, level)
    return _by_inversion(values, level, resolution)


def _by_walsh(values: list[float], level: float) -> Result:
    """The estimate with the interval between two order statistics of the Walsh averages."""
    n = len(values)
    pairs = n * (n + 1) // 2
    k, achieved = walsh_order(n, level)
    wanted = [(pairs + 1) // 2, pairs // 2 + 1, k, pairs + 1 - k]
    if n <= EXACT_PAIRS:
        averages = np.sort(_walsh_averages(np.array(values)))
        below, above, lower, upper = averages[np.array(wanted) - 1].tolist()
    else:
        below, above, lower, upper = walsh_order_statistics(np.array(values), wanted)
    source = "exact" if n <= EXACT_PAIRS else "normal approximation of the"
    value, lower, upper = _as_decimals(values, (below + above) / 2, lower, upper)
    return Result(
        statistic=_NAME,
        value=value,
        lower=lower,
        upper=upper,
        level=min(level, achieved),
        n=n,
        method=f"{source} signed-rank critical value without ties",
        convention=f"{_ESTIMATE}; closed interval of order statistics k={k} of "
        f"{pairs}, achieved level {achieved:.2%} {_SYMMETRY}, conservative under ties",
    )


def _by_inversion(values: list[float], level: float, resolution: float | None) -> Result:
    """The estimate with the hull of the shifts that the signed-rank test does not reject."""
    n = len(values)
    if n > EXACT_PAIRS:
        reason = f"the inversion interval is made for up to {EXACT_PAIRS} pairs: use 'walsh'"
        return not_estimable(_NAME, n, "inversion of the signed-rank test", _ESTIMATE, reason)
    limits = _inverted_interval(values, level, resolution)
    if limits is None:
        reason = "every shift is rejected, the differences are symmetric about none: use 'walsh'"
        return not_estimable(_NAME, n, "inversion of the signed-rank test", _ESTIMATE, reason)
    value = float(np.median(_walsh_averages(np.array(values))))
    value, lower, upper = _as_decimals(values, value, *limits)
    unbounded = "; unbounded, too few pairs for this level" if math.isinf(lower) else ""
    exact = n <= EXACT_INVERSION_PAIRS
    return Result(
        statistic=_NAME,
        value=value,
        lower=lower,
        upper=upper,
        level=level,
        n=n,
        method=f"inversion of the {'exact' if exact else 'tie-corrected normal'} signed-rank test",
        convention=f"{_ESTIMATE}; hull of the shifts with a two-sided Pratt p above "
        f"{1 - level:.4g}, level {_SYMMETRY}{unbounded}",
    )


@lru_cache(maxsize=256)
def walsh_order(n: int, level: float = 0.95) -> tuple[int, float]:
    """Return k, the order of the Walsh average that bounds the interval, and the achieved level.

    k is the largest rank-sum with P(W+ < k) <= (1 - level)/2 without ties, and at least 1. The
    achieved level is 1 - 2 P(W+ < k): 13 pairs give k = 18 and 95.2 %. Above 500 pairs both
    come from the normal approximation. Hollander and Wolfe 1973, section 3.3.
    """
    half = (1 - level) / 2
    if n > EXACT_PAIRS:
        mean, deviation = n * (n + 1) / 4, math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        k = max(1, math.floor(mean + deviation * float(ndtri(half))))
        return k, math.erf((mean - k) / deviation / math.sqrt(2))
    counts = lower_counts(range(1, n + 1), n * (n + 1) // 4)
    cumulative = np.cumsum(counts) / 2.0**n
    # P(W+ < k) is cumulative[k - 1]; the slack forgives rounding in a level such as 1 - 2/8192.
    k = max(1, int(np.searchsorted(cumulative, half * (1 + 1e-12), side="right")))
    return k, 1 - 2 * float(cumulative[k - 1])


def _walsh_averages(values: Floats) -> Floats:
    first, second = np.triu_indices(len(values))
    averages: Floats = (values[first] + values[second]) / 2
    return averages


def _as_decimals(values: list[float], *found: float) -> tuple[float, ...]:
    """Averages of averages without the rounding error of binary fractions.

    The average of two decimal numbers has one decimal more than they have, of four two more.
    """
    places = most_decimals(np.unique(values).tolist()) + 2
    return tuple(round(number, places) if math.isfinite(number) else number for number in found)


def _inverted_interval(
    values: list[float], level: float, resolution: float | None
) -> tuple[float, float] | None:
    """Return the hull of the shifts that the two-sided Pratt test does not reject.

    None where it rejects them all, as it can with many zeros and the other changes in one
    direction: such differences are symmetric about no value.

    The p-value changes only where the shift passes a Walsh average, so it is constant between
    neighbours and may differ on them: both kinds of place are tried, from the outside in.
    """
    grid = np.array(to_grid(values, resolution), dtype=np.int64)
    averages = _walsh_averages(np.array(values))
    first, second = np.triu_indices(len(grid))
    sums, where, counts = np.unique(
        grid[first] + grid[second], return_index=True, return_counts=True
    )
    lower = _first_accepted(grid, sums, counts, level)
    upper = _first_accepted(-grid, -sums[::-1], counts[::-1], level)
    if lower is None or upper is None:
        return -math.inf, math.inf
    if lower == len(sums):
        return None
    return float(averages[where[lower]]), float(averages[where[len(sums) - 1 - upper]])


def _first_accepted(grid: Integers, sums: Integers, counts: Integers, level: float) -> int | None:
    """Return the index of the lowest Walsh average that bounds the set of accepted shifts.

    ``sums`` are the distinct doubled Walsh averages in ascending order. None: even a shift below
    all of them is accepted, so the set is unbounded. Their number: no shift is accepted.
    """
    n = len(grid)
    alpha = 1 - level
    exact = n <= EXACT_INVERSION_PAIRS
    if exact and 2.0 ** (1 - n) > alpha * (1 + 1e-12):
        return None
    # W+ - W- at a shift is the number of Walsh averages above it less the number below, ties
    # and zeros included. The outermost shifts are rejected for sure: for random signs,
    # P(sum of +-r >= t) <= c P(Z >= t / norm(r)), c = 1 / (4 P(Z >= sqrt 2)) (Bentkus and
    # Dzindzalieta 2015, Bernoulli 21:1231), and ties only lower the norm.
    below = np.cumsum(counts)
    on_average = below[-1] - below - (below - counts)
    after_average = below[-1] - 2 * below
    tail = 2 * alpha * float(ndtr(-math.sqrt(2)))
    bound = -float(ndtri(tail)) * math.sqrt(n * (n + 1) * (2 * n + 1) / 6)
    p_at = _ShiftTest(exact)
    for index in range(len(sums)):
        if on_average[index] < bound and p_at(2 * grid - sums[index]) > alpha:
            return index
        if index + 1 < len(sums) and after_average[index] < bound:
            between = 4 * grid - sums[index] - sums[index + 1]
            if p_at(between) > alpha:
                return index
    return len(sums)


class _ShiftTest:
    """The two-sided Pratt p of shifted differences; shifts with the same ranks share a null."""

    def __init__(self, exact: bool) -> None:
        self.exact = exact
        self.nulls: dict[tuple[int, ...], PackedCounts | ArrayCounts] = {}

    def __call__(self, shifted: Integers) -> float:
        ranks, positive_sum = signed_ranks(shifted.tolist(), "pratt")
        if not self.exact or not ranks:
            return rank_sum_p(ranks, positive_sum, "two-sided", exact=self.exact)
        pattern = tuple(ranks)
        null = self.nulls.get(pattern)
        if null is None:
            null = self.nulls[pattern] = flip_distribution(ranks)
        return choose_tail("two-sided", *null.tails(positive_sum))
