"""The signed-rank test with ties and zeros, and its effect size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .flips import flip_tails
from .result import (
    Alternative,
    Floats,
    Integers,
    Result,
    check_choice,
    check_resolution,
    choose_tail,
    decimal_scale,
    finite_vector,
    normal_tails,
    not_estimable,
    to_grid,
    whole_number,
)

Zeros = Literal["pratt", "wilcoxon"]

EXACT_PAIRS = 500
EXACT_METHOD = "exact, dynamic programming over doubled midranks"
NORMAL_METHOD = "normal approximation with tie correction, no continuity correction"
ZERO_CONVENTIONS = {
    "pratt": "zeros ranked, then dropped (Pratt)",
    "wilcoxon": "zeros dropped before ranking (Wilcoxon)",
}
SYMMETRY = "tests symmetry about zero"  # under skew it rejects a centre of zero too often
FEWER_THAN_TWO = "fewer than two pairs"


def signed_rank_test(
    differences: ArrayLike,
    zeros: Zeros = "pratt",
    alternative: Alternative = "two-sided",
    resolution: float | None = None,
) -> Result:
    """Return the signed-rank test of no change, with ``value`` the rank sum W+ of increases.

    The null hypothesis is that the differences are symmetric about zero, as they are when each
    is as likely up as down. Its distribution is that of all sign flips of the non-zero
    differences, given their midranks: exact up to 500 pairs, a tie-corrected normal above. All
    differences zero gives W+ = 0 and p = 1. Wilcoxon 1945, *Biometrics Bull* 1:80; Pratt 1959,
    *JASA* 54:655.

    Args:
        differences: shape ``(n,)``, after minus before, without missing values.
        zeros: ``"pratt"`` ranks the zeros and then leaves them out, ``"wilcoxon"`` leaves
            them out first.
        alternative: ``"greater"`` is evidence for an increase.
        resolution: the smallest step of the scale; differences are rounded to it so that ties
            are ties. By default a thousand-millionth of the largest magnitude.

    Raises:
        ValueError: NaN or infinite values, an unknown choice, a resolution not positive.
    """
    if zeros not in ZERO_CONVENTIONS:
        check_choice(zeros, "zeros", Zeros)
    check_choice(alternative, "alternative", Alternative)
    values = finite_vector(differences, "differences")
    n = len(values)
    convention = f"{ZERO_CONVENTIONS[zeros]}, midranks, {alternative}, {SYMMETRY}"
    method = EXACT_METHOD if n <= EXACT_PAIRS else NORMAL_METHOD
    if n < 2:
        return not_estimable("signed-rank W+", n, method, convention, FEWER_THAN_TWO)
    if n > EXACT_PAIRS:
        sums = rank_sums(*np.unique(values, return_counts=True), zeros, resolution)
        positive_sum, p = sums[0], _normal_p(*sums, alternative)
    else:
        ranks, positive_sum = signed_ranks(to_grid(values, resolution), zeros)
        p = rank_sum_p(ranks, positive_sum, alternative, exact=True)
    return Result(
        statistic="signed-rank W+",
        value=positive_sum / 2,
        p=p,
        n=n,
        method=method,
        convention=convention,
    )


def signed_rank_p(
    differences: Floats,
    counts: Integers,
    zeros: Zeros = "pratt",
    alternative: Alternative = "two-sided",
    resolution: float | None = None,
) -> float:
    """Return the p-value of ``signed_rank_test`` where each difference stands ``counts`` times.

    For many tests of differences that are the same but for a shift, or for some of them: scores
    differ by few values, and only these are ranked. Two pairs or more, finite.
    """
    if counts.sum() > EXACT_PAIRS:
        return _normal_p(*rank_sums(differences, counts, zeros, resolution), alternative)
    grid = to_grid(np.repeat(differences, counts).tolist(), resolution)
    return rank_sum_p(*signed_ranks(grid, zeros), alternative, exact=True)


def rank_biserial(
    differences: ArrayLike, zeros: Zeros = "pratt", resolution: float | None = None
) -> Result:
    """Return the matched-pairs rank-biserial correlation (R+ - R-) / (R+ + R-).

    It is not estimable when all differences are zero. Kerby 2014, *Compr Psychol* 3:11.IT.3.1.
    Arguments and errors as in :func:`signed_rank_test`.
    """
    check_choice(zeros, "zeros", Zeros)
    values = finite_vector(differences, "differences")
    name, method = "matched-pairs rank-biserial", "(R+ - R-) / (R+ + R-)"
    convention = f"{ZERO_CONVENTIONS[zeros]}, midranks"
    if len(values) < 2:
        return not_estimable(name, len(values), method, convention, FEWER_THAN_TWO)
    if len(values) > EXACT_PAIRS:
        distinct, counts = np.unique(values, return_counts=True)
        positive_sum, total, _ = rank_sums(distinct, counts, zeros, resolution)
    else:
        ranks, positive_sum = signed_ranks(to_grid(values, resolution), zeros)
        total = sum(ranks)
    if total == 0:
        reason = "all differences are zero"
        return not_estimable(name, len(values), method, convention, reason)
    return Result(
        statistic=name,
        value=(2 * positive_sum - total) / total,
        n=len(values),
        method=method,
        convention=convention,
    )


def smallest_p(n: int, alternative: Alternative = "two-sided") -> float:
    """Return the smallest p-value that ``n`` sign flips allow (13, two-sided: 2/8192).

    Raises:
        ValueError: ``n`` is negative, or the alternative unknown.
    """
    check_choice(alternative, "alternative", Alternative)
    one = 2.0 ** -whole_number(n, "n")  # 0 beyond a thousand pairs
    return min(1.0, (2 if alternative == "two-sided" else 1) * one)


def signed_ranks(grid: Sequence[int], zeros: Zeros) -> tuple[list[int], int]:
    """Return the doubled midranks of the non-zero differences and the sum of the positive ones.

    ``grid`` holds the differences as whole numbers. Doubling makes midranks whole, so that
    sums and comparisons are exact. The ranks come in ascending order.
    """
    # Sorting by magnitude with the sign in the lowest bit needs no second pass by index.
    ordered = sorted([2 * step + 1 if step > 0 else -2 * step for step in grid])
    ranks: list[int] = []
    positive_sum = 0
    below = 0  # pairs with a smaller magnitude
    size = len(ordered)
    while below < size and ordered[below] == 0:
        below += 1
    dropped = below if zeros == "wilcoxon" else 0
    while below < size:
        magnitude = ordered[below] >> 1
        above = below
        positive = 0
        while above < size and ordered[above] >> 1 == magnitude:
            positive += ordered[above] & 1
            above += 1
        doubled_midrank = below + above + 1 - 2 * dropped
        ranks += [doubled_midrank] * (above - below)
        positive_sum += positive * doubled_midrank
        below = above
    return ranks, positive_sum


def rank_sums(
    values: Floats, counts: Integers, zeros: Zeros, resolution: float | None
) -> tuple[int, int, int]:
    """Return the sums of the positive doubled midranks, of all of them, and of their squares.

    As :func:`signed_ranks` gives them, for many differences, of which each stands ``counts``
    times: each magnitude is ranked once.
    """
    largest = float(np.abs(values).max(initial=0.0))
    if resolution is not None:
        scaled = values / check_resolution(resolution)
    else:
        scaled = values * (decimal_scale(largest) if largest else 1.0)
    grid = np.rint(scaled).astype(np.int64)
    magnitudes, place = np.unique(np.abs(grid), return_inverse=True)
    all_counts, positive = (
        np.bincount(place, counts * chosen, len(magnitudes)).astype(np.int64)
        for chosen in (True, grid > 0)
    )
    ends = np.cumsum(all_counts)
    ranks = 2 * ends - all_counts + 1
    if len(magnitudes) and magnitudes[0] == 0:
        if zeros == "wilcoxon":
            ranks -= 2 * all_counts[0]
        ranks[0] = all_counts[0] = 0
    parts = zip(ranks.tolist(), all_counts.tolist(), positive.tolist(), strict=True)
    found = [(rank * up, rank * count, rank * rank * count) for rank, count, up in parts]
    sums = [sum(column) for column in zip(*found, strict=True)]
    return (sums[0], sums[1], sums[2]) if sums else (0, 0, 0)


def _normal_p(positive_sum: int, total: int, squares: int, alternative: Alternative) -> float:
    """Return the p-value of :func:`rank_sums`."""
    if not squares:
        return 1.0
    return choose_tail(alternative, *normal_tails((2 * positive_sum - total) / math.sqrt(squares)))


def rank_sum_p(
    ranks: Sequence[int], positive_sum: int, alternative: Alternative, *, exact: bool
) -> float:
    """Return the p-value of a sum of positive doubled midranks."""
    if exact:
        return choose_tail(alternative, *flip_tails(ranks, positive_sum))
    if not ranks:
        return 1.0
    # W+ has mean sum(r)/2 and variance sum(r^2)/4; midranks carry the tie correction.
    deviation = 2 * positive_sum - sum(ranks)
    z = deviation / math.sqrt(sum(rank * rank for rank in ranks))
    return choose_tail(alternative, *normal_tails(z))
