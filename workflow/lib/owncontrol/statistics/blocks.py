"""Repeated visits in complete blocks: Friedman's test and Page's test for a trend."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from .result import (
    Alternative,
    Floats,
    Integers,
    Result,
    check_choice,
    check_resolution,
    choose_tail,
    decimal_scale,
    finite_matrix,
    normal_tails,
    not_estimable,
)

# About one second of additions for Friedman's exact distribution.
_EXACT_ADDITIONS = 1_000_000_000
_EXACT_VISITS = 8  # 8! orders of one block
_EXACT_BLOCKS = 500  # subjects; above, the approximations are as good, and time grows with n
_DRAWS, _SEED = 100_000, 1
_CONVENTION = "midranks within complete blocks"


def friedman(blocks: ArrayLike, exact: bool = True, resolution: float | None = None) -> Result:
    """Return Friedman's test of no difference between visits, corrected for ties.

    The exact p is over all permutations within blocks of the midranks, by convolution of the
    rank-sum vectors; where that takes more than about a second it is a seeded simulation and
    says so; above 500 subjects it is the chi-squared approximation. Friedman 1937, *JASA* 32:675;
    Conover 1999, section 5.8.

    Args:
        blocks: shape ``(n_subjects, n_visits)``, each subject with all visits.
        exact: False gives the chi-squared approximation.
        resolution: step of the scale, as in ``signed_rank_test``.

    Raises:
        ValueError: NaN or infinite values (leave out subjects with a missed visit, and count
            them), fewer than two visits.
    """
    ranks = _doubled_ranks(blocks, resolution)
    n, k = ranks.shape
    name, method = "Friedman chi-squared", "asymptotic chi-squared"
    if n < 2:
        return not_estimable(name, n, method, _CONVENTION, "fewer than two complete blocks")
    sums = ranks.sum(axis=0)
    spread = float(((ranks - (k + 1)) ** 2).sum())
    if spread == 0:
        return not_estimable(name, n, method, _CONVENTION, "no block has two different values")
    statistic = (k - 1) * float(((sums - n * (k + 1)) ** 2).sum()) / spread
    p = float(chdtrc(k - 1, statistic))
    if exact and n <= _EXACT_BLOCKS:
        p, method = _friedman_exact_p(ranks)
    return Result(
        statistic=name,
        value=statistic,
        p=p,
        n=n,
        method=method,
        convention=f"{_CONVENTION}, corrected for ties",
        df=k - 1,
    )


def page(
    blocks: ArrayLike,
    exact: bool = True,
    alternative: Alternative = "greater",
    resolution: float | None = None,
) -> Result:
    """Return Page's test for a trend over the visits in the order given; ``value`` is L.

    L is the sum over visits of visit number times rank sum. Exact over all permutations within
    blocks up to 8 visits and 500 subjects, a tie-corrected normal above. Page 1963, *JASA* 58:216.
    Arguments and errors as in :func:`friedman`; ``alternative="greater"`` is a rise over the
    visits.
    """
    check_choice(alternative, "alternative", Alternative)
    ranks = _doubled_ranks(blocks, resolution)
    n, k = ranks.shape
    convention = f"{_CONVENTION}, columns in the order given, {alternative}"
    name, method = "Page L", "normal approximation with tie correction"
    if n < 2:
        return not_estimable(name, n, method, convention, "fewer than two complete blocks")
    order = np.arange(1, k + 1)
    doubled_l = int(ranks.sum(axis=0) @ order)
    if exact and k <= _EXACT_VISITS and n <= _EXACT_BLOCKS:
        method = "exact, all permutations within blocks"
        tails = _page_exact_tails(ranks, doubled_l)
    else:
        within = ((ranks - (k + 1)) ** 2).sum()
        if within == 0:
            return not_estimable(name, n, method, convention, "no block has two different values")
        variance = float(((order - (k + 1) / 2) ** 2).sum() * within) / (k - 1)
        tails = normal_tails((doubled_l - n * k * (k + 1) ** 2 / 2) / math.sqrt(variance))
    return Result(
        statistic=name,
        value=doubled_l / 2,
        p=choose_tail(alternative, *tails),
        n=n,
        method=method,
        convention=convention,
    )


def _doubled_ranks(blocks: ArrayLike, resolution: float | None) -> Integers:
    values = finite_matrix(blocks, "blocks")
    if values.shape[1] < 2:
        raise ValueError(f"blocks: {values.shape[1]} visits, at least 2 are needed")
    if len(values) == 0:
        return values.astype(np.int64)
    if resolution is not None:
        steps = values / check_resolution(resolution)
    else:
        steps = values * decimal_scale(float(np.abs(values).max()) or 1.0)
    from scipy.stats import rankdata  # takes half a second; most steps never come here

    doubled: Integers = (2 * rankdata(np.rint(steps), axis=1)).astype(np.int64)
    return doubled


def _friedman_exact_p(ranks: Integers) -> tuple[float, str]:
    """Return P(sum of squared rank sums >= observed) over permutations within blocks."""
    k = ranks.shape[1]
    if k > _EXACT_VISITS:
        return _friedman_simulated_p(ranks)
    # Whole numbers from 0: per block the smallest rank is taken off, and the common divisor out.
    lifted = np.sort(ranks - ranks.min(axis=1, keepdims=True), axis=1)
    unit = math.gcd(*lifted.ravel().tolist())
    lifted //= unit
    lifted = lifted[lifted[:, -1] > 0]  # wholly tied blocks add a constant
    target = (ranks - ranks.min(axis=1, keepdims=True)).sum(axis=0) // unit
    observed = int((target**2).sum())
    arrangements = [_distinct_orders(block) for block in lifted]
    # Blocks with many orders come first, while the array of rank sums is small.
    arrangements.sort(key=lambda orders: (-len(orders), int(orders[0].max())))
    # The statistic does not depend on the names of the visits: the first block may stay put.
    arrangements[0] = arrangements[0][:1]
    sides = np.cumsum([int(orders.max()) for orders in arrangements]) + 1
    additions = sum(
        len(orders) * float(side) ** (k - 1)
        for orders, side in zip(arrangements, sides, strict=True)
    )
    if additions > _EXACT_ADDITIONS:
        return _friedman_simulated_p(ranks)
    distribution: Floats = np.ones((1,) * (k - 1))
    for orders, side in zip(arrangements, sides.tolist(), strict=True):
        wider = np.zeros((side,) * (k - 1))
        before = distribution.shape[0]
        for order in orders[:, :-1].tolist():
            wider[tuple(slice(shift, shift + before) for shift in order)] += distribution
        distribution = wider / len(orders)
    sums = np.ogrid[tuple(slice(size) for size in distribution.shape)]
    rest = int(lifted.sum()) - sum(sums)
    extreme = sum(axis**2 for axis in sums) + rest**2 >= observed
    p = min(1.0, float(distribution[extreme & (distribution > 0)].sum()))
    return p, "exact, all permutations within blocks"


def _distinct_orders(block: Integers) -> Integers:
    """Return the distinct permutations of one block, each as likely as the next."""
    return np.array(sorted(set(itertools.permutations(block.tolist()))), dtype=np.int64)


def _friedman_simulated_p(ranks: Integers) -> tuple[float, str]:
    rng = np.random.default_rng(_SEED)
    sums = np.zeros((_DRAWS, ranks.shape[1]), dtype=np.int64)
    if ranks.shape[1] <= _EXACT_VISITS:
        # The same as to permute each draw, from a table of all orders: three times as fast.
        orders = np.array(list(itertools.permutations(range(ranks.shape[1]))))
        for block in ranks:
            sums += block[orders][rng.integers(len(orders), size=_DRAWS)]
    else:
        for block in ranks:
            sums += rng.permuted(np.broadcast_to(block, sums.shape), axis=1)
    observed = int((ranks.sum(axis=0) ** 2).sum())
    p = (1 + int(((sums**2).sum(axis=1) >= observed).sum())) / (1 + _DRAWS)
    error = math.sqrt(p * (1 - p) / _DRAWS)
    return p, f"Monte Carlo, {_DRAWS} draws, seed {_SEED}, s.e. {error:.2g}"


def _page_exact_tails(ranks: Integers, doubled_l: int) -> tuple[float, float]:
    """Return P(L >= observed) and P(L <= observed), L the sum of independent blocks."""
    k = ranks.shape[1]
    orders = np.array(list(itertools.permutations(range(k))), dtype=np.int64)
    order = np.arange(1, k + 1)
    distribution: Floats = np.ones(1)
    lowest = 0
    for block in np.sort(ranks, axis=1):
        totals = block[orders] @ order
        offset = int(totals.min())
        histogram = np.bincount(totals - offset) / len(orders)
        distribution = np.convolve(distribution, histogram)
        lowest += offset
    position = doubled_l - lowest
    return float(distribution[position:].sum()), float(distribution[: position + 1].sum())
