"""The signed-rank test of many endpoints at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from .flips import ArrayCounts, PackedCounts, flip_distribution
from .result import (
    Alternative,
    Floats,
    Integers,
    check_choice,
    check_resolution,
    choose_tails,
    decimal_scales,
    finite_matrix,
)
from .signed_rank import EXACT_PAIRS, Zeros


def signed_rank_tests(
    differences: ArrayLike,
    zeros: Zeros = "pratt",
    alternative: Alternative = "two-sided",
    resolution: float | None = None,
) -> Floats:
    """Return the p-values of ``signed_rank_test`` for each column, shape ``(n_endpoints,)``.

    Endpoints that share a pattern of ties and zeros share their null distribution, which is
    made once. Exact up to 500 subjects, a tie-corrected normal above, as for one test. Fewer
    than two subjects give what the flips allow: p = 1, or 1/2 one-sided with one subject.

    Args:
        differences: shape ``(n_subjects, n_endpoints)``, complete.
        zeros: as in ``signed_rank_test``.
        alternative: as in ``signed_rank_test``.
        resolution: step of the scale, the same for all columns; by default each column has its
            own decimal grid.

    Raises:
        ValueError: NaN or infinite values, an unknown choice, a resolution not positive.
    """
    check_choice(zeros, "zeros", Zeros)
    check_choice(alternative, "alternative", Alternative)
    values = finite_matrix(differences, "differences")
    if values.size == 0:
        return np.ones(values.shape[1])
    # Sorted with each endpoint's subjects next to each other, then used subject by subject.
    coded = np.sort(_sign_coded(values, resolution).T.copy(), axis=1).T.copy()
    ranks = _doubled_midranks(coded >> 1, zeros)
    positive_sums = (ranks * (coded & 1)).sum(axis=0)
    if len(values) > EXACT_PAIRS:
        norms = np.sqrt((ranks.astype(np.float64) ** 2).sum(axis=0))
        norms[norms == 0] = 1.0  # all zero: z = 0
        z = (2 * positive_sums - ranks.sum(axis=0)) / norms
        return choose_tails(alternative, ndtr(-z), ndtr(z))
    return _exact_p(ranks, positive_sums, alternative)


def signed_rank_matrix(differences: Floats, resolution: float | None = None) -> Floats:
    """Return sign times Pratt midrank for each entry of a ``(n_subjects, n_endpoints)`` matrix."""
    coded = _sign_coded(differences, resolution)
    magnitudes = coded >> 1
    order = np.argsort(magnitudes, axis=0)
    ranks = _doubled_midranks(np.take_along_axis(magnitudes, order, axis=0), "pratt")
    placed = np.empty_like(ranks)
    np.put_along_axis(placed, order, ranks, axis=0)
    signed: Floats = np.where(coded & 1, 0.5, -0.5) * placed.astype(np.float64)
    return signed


def _sign_coded(values: Floats, resolution: float | None) -> Integers:
    """Return twice the magnitude on the grid, plus one where positive; shape as ``values``.

    Sorting these codes sorts by magnitude and keeps the signs.
    """
    if resolution is not None:
        scaled = values / check_resolution(resolution)
    else:
        largest = np.abs(values).max(axis=0)
        largest[largest == 0] = 1.0
        scaled = values * decimal_scales(largest)
    np.rint(scaled, out=scaled)
    coded: Integers = (2 * np.abs(scaled)).astype(np.int64)
    coded += scaled > 0
    return coded


def _doubled_midranks(magnitudes: Integers, zeros: Zeros) -> Integers:
    """Return doubled midranks, 0 for zeros, of columns of ascending ``magnitudes``."""
    size = len(magnitudes)
    changes = magnitudes[1:] != magnitudes[:-1]
    position = np.arange(size, dtype=np.int32)[:, None]
    first = np.zeros(magnitudes.shape, dtype=np.int32)
    np.multiply(changes, position[1:], out=first[1:])
    np.maximum.accumulate(first, axis=0, out=first)
    last = np.full(magnitudes.shape, size - 1, dtype=np.int32)
    np.copyto(last[:-1], position[:-1], where=changes)
    last = np.minimum.accumulate(last[::-1], axis=0)[::-1]
    ranks: Integers = first + last + 2
    is_zero = magnitudes == 0
    if zeros == "wilcoxon":
        ranks -= 2 * is_zero.sum(axis=0, dtype=np.int32)
    ranks[is_zero] = 0
    return ranks


def _exact_p(ranks: Integers, positive_sums: Integers, alternative: Alternative) -> Floats:
    """Return the exact p of each column; columns with the same ranks share a distribution."""
    columns = np.ascontiguousarray(ranks.T.astype(np.uint16))  # doubled ranks reach 1000
    packed, width = columns.tobytes(), columns.strides[0]
    distributions: dict[bytes, PackedCounts | ArrayCounts] = {}
    tails = [(1.0, 1.0)] * len(columns)  # what a column of zeros keeps
    for column, positive_sum in enumerate(positive_sums.tolist()):
        pattern = packed[column * width : (column + 1) * width]
        distribution = distributions.get(pattern)
        if distribution is None:
            weights = [rank for rank in columns[column].tolist() if rank]
            if not weights:
                continue
            distribution = distributions[pattern] = flip_distribution(weights)
        tails[column] = distribution.tails(positive_sum)
    upper, lower = np.array(tails).T
    return choose_tails(alternative, upper, lower)
