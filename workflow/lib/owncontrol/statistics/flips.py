"""The exact distribution of a weighted sum of fair coins, which every sign-flip test needs.

S adds each of m positive whole weights with probability 1/2, independently. Its distribution
comes from dynamic programming over the reachable sums (Streitberg and Röhmel 1986, *Statistical
Software Newsletter* 12:10-17).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .result import Floats

# Up to here the counts are packed into one Python integer: at n = 13 that is ten times as fast
# as array operations, and there is no rounding at all.
_PACKED_WEIGHTS = 64
_PACKED_BITS = 2**20
# Counts are at most 2^m, which must fit float64.
_MOST_WEIGHTS = 1000


class PackedCounts:
    """How many of the 2^m subsets reach each sum, as the digits of one large integer.

    Digit s (in base 2^(m+1)) is the number of subsets with sum s. Adding one weight is one
    shift and one addition; a sum of digits is a remainder modulo the base less one ("casting
    out nines"), exact because all digits together are 2^m.
    """

    __slots__ = ("base_less_one", "counts", "subsets", "unit", "width")

    def __init__(self, weights: Sequence[int], unit: int) -> None:
        """Count the subset sums of ``weights``, in steps of their common divisor ``unit``."""
        self.width = width = len(weights) + 1
        self.unit = unit
        self.subsets = 1 << len(weights)
        self.base_less_one = (1 << width) - 1
        counts = 1
        for weight in weights:
            counts += counts << weight // unit * width
        self.counts = counts

    def tails(self, observed: int) -> tuple[float, float]:
        """Return P(S >= observed) and P(S <= observed)."""
        digits = self.counts >> observed // self.unit * self.width
        at_least = digits % self.base_less_one
        at_most = self.subsets - at_least + (digits & self.base_less_one)
        return at_least / self.subsets, at_most / self.subsets


class ArrayCounts:
    """The same counts up to half the total, as float64 with a relative error below 1e-12."""

    __slots__ = ("below", "subsets", "total", "unit")

    def __init__(self, weights: Sequence[int], unit: int) -> None:
        """Count the subset sums of ``weights``, in steps of their common divisor ``unit``."""
        steps = [weight // unit for weight in weights]
        self.total = sum(steps)
        self.below = np.cumsum(lower_counts(steps, self.total // 2))
        self.subsets = 2.0 ** len(steps)
        self.unit = unit

    def tails(self, observed: int) -> tuple[float, float]:
        """Return P(S >= observed) and P(S <= observed)."""
        step = observed // self.unit
        smaller = min(step, self.total - step)
        small_tail = float(self.below[smaller]) / self.subsets
        beyond = float(self.below[smaller - 1]) / self.subsets if smaller else 0.0
        return (1 - beyond, small_tail) if step == smaller else (small_tail, 1 - beyond)


def flip_distribution(weights: Sequence[int]) -> PackedCounts | ArrayCounts:
    """Return the distribution of S for positive whole ``weights``, between 1 and 1000 of them."""
    unit = math.gcd(*weights)
    if len(weights) <= _PACKED_WEIGHTS and sum(weights) // unit * len(weights) <= _PACKED_BITS:
        return PackedCounts(weights, unit)
    return ArrayCounts(weights, unit)


def flip_tails(weights: Sequence[int], observed: int) -> tuple[float, float]:
    """Return P(S >= observed) and P(S <= observed); without weights both are 1."""
    if not weights:
        return 1.0, 1.0
    return flip_distribution(weights).tails(observed)


def lower_counts(weights: Sequence[int], limit: int) -> Floats:
    """Return how many subsets of ``weights`` have each sum 0 .. ``limit``.

    Raises:
        ValueError: more than 1000 weights, whose counts would not fit float64.
    """
    if len(weights) > _MOST_WEIGHTS:
        raise ValueError(f"weights: {len(weights)} of them, at most {_MOST_WEIGHTS} fit float64")
    counts = np.zeros(limit + 1)
    counts[0] = 1.0
    reach = 0
    for weight in sorted(weights):  # ascending: the array in use grows as late as possible
        if weight > limit:
            break
        reach = min(reach + weight, limit)
        counts[weight : reach + 1] += counts[: reach + 1 - weight]
    return counts
