"""Order statistics of Walsh averages of many differences, without all n(n+1)/2 of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .result import Floats, Integers

# With as many different values or fewer, all averages of two of them are counted at once.
_COUNTED = 1500
_BISECTIONS = 200


def walsh_order_statistics(values: Floats, orders: Sequence[int]) -> list[float]:
    """Return the k-th smallest of all (d_i + d_j)/2, i <= j, for each k (from 1) of ``orders``.

    Scores lie on few different values: then every average of two of them is counted as often as
    it occurs, exactly. Else the k-th is enclosed by bisection, each step counting the averages
    below a limit in O(n log n), and is the next average above it (to the last bits). Johnson and
    Mizoguchi 1978, *SIAM J Comput* 7:147, on selecting in X + Y.
    """
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= _COUNTED:
        return _counted(distinct, counts.astype(np.int64), orders)
    weights = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    return [_enclosed(distinct, counts.astype(np.int64), weights, order) for order in orders]


def _counted(distinct: Floats, counts: Integers, orders: Sequence[int]) -> list[float]:
    first, second = np.triu_indices(len(distinct))
    averages = (distinct[first] + distinct[second]) / 2
    times = counts[first] * counts[second]
    same = first == second
    times[same] = counts * (counts + 1) // 2
    order = np.argsort(averages, kind="stable")
    places = np.searchsorted(np.cumsum(times[order]), orders, side="left")
    found: list[float] = averages[order][places].tolist()
    return found


def _enclosed(distinct: Floats, counts: Integers, weights: Integers, order: int) -> float:
    """``weights``: number of values below each distinct one, and of all."""
    low, high = np.nextafter(distinct[0], -np.inf), distinct[-1]
    for _ in range(_BISECTIONS):
        middle = low + (high - low) / 2
        if not low < middle < high:
            break
        below = weights[np.searchsorted(distinct, 2 * middle - distinct, side="right")]
        with_itself = int(weights[np.searchsorted(distinct, middle, side="right")])
        if (int((counts * below).sum()) + with_itself) // 2 < order:
            low = middle
        else:
            high = middle
    following = np.searchsorted(distinct, 2 * low - distinct, side="right")
    inside = following < len(distinct)
    return float(((distinct[inside] + distinct[following[inside]]) / 2).min())
