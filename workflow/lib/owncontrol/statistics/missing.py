"""What missed visits could change: the best case, the worst case, the tipping point."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from owncontrol.basics.decimals import of_float, plain

from .result import (
    Alternative,
    Floats,
    Integers,
    Result,
    check_choice,
    check_share,
    finite_vector,
    not_estimable,
    to_grid,
    whole_number,
)
from .signed_rank import EXACT_PAIRS, Zeros, signed_rank_p, signed_rank_test

_NAME = "tipping change of the missing"
# So many different changes are each tried; each costs an exact test.
_MOST_SCANNED = 200


def missing_cases(
    differences: ArrayLike,
    worst: ArrayLike,
    best: ArrayLike,
    zeros: Zeros = "pratt",
    alternative: Alternative = "two-sided",
    resolution: float | None = None,
) -> dict[str, Result]:
    """Return the signed-rank test of the complete pairs, and with the missing at either end.

    Keys ``"complete"``, ``"worst"``, ``"best"``. No value is carried forward: each missing
    subject gets the least and the greatest change that the scale leaves from its own baseline.
    Manski 1990, *Am Econ Rev* 80:319 (bounds without assumptions).

    Args:
        differences: shape ``(n,)``, complete pairs.
        worst: shape ``(m,)``, least possible change of each missing subject.
        best: shape ``(m,)``, greatest possible change, in the same order.
        zeros: as in ``signed_rank_test``, like the two below.
        alternative: direction of the test.
        resolution: step of the scale.

    Raises:
        ValueError: NaN or infinite values, unequal lengths, a best below its worst.
    """
    observed = finite_vector(differences, "differences")
    lowest, highest = finite_vector(worst, "worst"), finite_vector(best, "best")
    if len(lowest) != len(highest):
        raise ValueError(f"best: {len(highest)} values, worst has {len(lowest)}")
    if any(high < low for low, high in zip(lowest, highest, strict=True)):
        raise ValueError("best: holds a change below the worst one of the same subject")
    return {
        case: signed_rank_test(observed + imputed, zeros, alternative, resolution)
        for case, imputed in (("complete", []), ("worst", lowest), ("best", highest))
    }


def tipping_change(
    differences: ArrayLike,
    missing: int,
    lowest: float,
    highest: float,
    step: float,
    alpha: float = 0.05,
    zeros: Zeros = "pratt",
    alternative: Alternative = "greater",
) -> Result:
    """Return the least common change of the missing from which on p stays at or below ``alpha``.

    All missing subjects are given the same change, from ``lowest`` to ``highest`` by ``step``.
    At ``lowest`` the conclusion survives anything; if even ``highest`` leaves p above alpha the
    value is not estimable and the reason says so. Yan, Lee and Li 2009, *J Biopharm Stat*
    19:1085 (tipping point).

    Args:
        differences: shape ``(n,)``, complete pairs.
        missing: how many subjects missed the visit.
        lowest: least common change tried, in the unit of the scale.
        highest: greatest common change tried.
        step: smallest step of the scale, also its resolution.
        alpha: level of the test.
        zeros: as in ``signed_rank_test``.
        alternative: direction of the test.

    Raises:
        ValueError: NaN or infinite values, a step that is not positive, highest below lowest.
    """
    observed = finite_vector(differences, "differences")
    missing = whole_number(missing, "missing")
    check_share(alpha, "alpha")
    check_choice(zeros, "zeros", Zeros)
    check_choice(alternative, "alternative", Alternative)
    _check_range(lowest, highest, step)
    n = len(observed) + missing
    kind = "exact" if n <= EXACT_PAIRS else "normal approximation of the"
    method = f"{kind} signed-rank test at each common change"
    convention = f"{missing} missing given one change, {zeros}, {alternative}, p <= {alpha:g}"
    if n < 2 or not observed:
        return not_estimable(_NAME, n, method, convention, "no complete pairs")
    p_of = partial(signed_rank_p, zeros=zeros, alternative=alternative, resolution=step)
    first = _tipping_step(observed, missing, (lowest, highest), step, alpha, p_of)
    if first is None:
        reason = f"no common change up to {plain(highest)} gives p <= {alpha:g}"
        return not_estimable(_NAME, n, method, convention, reason)
    tipping = float(of_float(step) * first)
    return Result(statistic=_NAME, value=tipping, n=n, method=method, convention=convention)


def _tipping_step(
    observed: list[float],
    missing: int,
    bounds: tuple[float, float],
    step: float,
    alpha: float,
    p_of: Callable[[Floats, Integers], float],
) -> int | None:
    """The least common change within bounds, in steps, from which on p is at most ``alpha``.

    ``p_of``: from the distinct changes, and how often each is there. None where p is above alpha
    at the upper bound.
    """
    distinct, counts = np.unique(observed, return_counts=True)
    counts = np.append(counts, missing)
    lowest, highest = (round(bound / step) for bound in bounds)
    stretches = _stretches(to_grid(distinct.tolist(), step), lowest, highest)

    def holds(stretch: tuple[int, int]) -> bool:
        return p_of(np.append(distinct, stretch[1] * step), counts) <= alpha

    first = _first_of_last_run(stretches, holds)
    return None if first is None else first[0]


def _check_range(lowest: float, highest: float, step: float) -> None:
    """Raise ValueError for a step that is not positive, and for highest below lowest."""
    if not (step > 0 and math.isfinite(step)):
        raise ValueError(f"step: is {step!r}, must be a positive number")
    if not highest >= lowest:
        raise ValueError(f"highest: {highest!r}, must be at least lowest ({lowest!r})")


def _stretches(observed: list[int], lowest: int, highest: int) -> list[tuple[int, int]]:
    """Stretches of common changes with the same p, first and last, in ascending order.

    All in steps of the scale. The test depends on a common change only through its sign and its
    place among the magnitudes of the observed changes, so p is constant between two of them.
    """
    magnitudes = {abs(change) for change in observed}
    edges = sorted({0, *magnitudes, *(-change for change in magnitudes)})
    found = []
    start = lowest
    for edge in edges:
        if start < edge <= highest:
            found.append((start, edge - 1))
        if lowest <= edge <= highest:
            found.append((edge, edge))
            start = edge + 1
    if start <= highest:
        found.append((start, highest))
    return found


def _first_of_last_run(
    stretches: list[tuple[int, int]], holds: Callable[[tuple[int, int]], bool]
) -> tuple[int, int] | None:
    """The first of the stretches at the upper end that all hold; None where the last does not.

    Of very many stretches the boundary is bisected: there p falls as the common change rises.
    """
    if not holds(stretches[-1]):
        return None
    low, high = -1, len(stretches) - 1  # high holds, low does not
    while high - low > 1:
        middle = (low + high) // 2 if high - low > _MOST_SCANNED else high - 1
        if holds(stretches[middle]):
            high = middle
        else:
            low = middle
    return stretches[high]
