"""Square tables of grade before (rows) by grade after (columns), each subject counted once.

All tests condition on n_ij + n_ji, the number of subjects who moved between two grades in
either direction. Under no change each of them is as likely to have moved up as down, so subjects
who stayed carry no weight.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse.csgraph import connected_components
from scipy.special import chdtrc

from .result import (
    Alternative,
    Floats,
    Integers,
    Result,
    check_choice,
    choose_tail,
    finite_matrix,
    finite_vector,
    normal_tails,
    not_estimable,
    to_grid,
)

McNemarVariant = Literal["exact", "mid-p"]

# Exact work is bounded to about a second; what exceeds it is simulated, and says so.
_SCORE_RANGE = 20_000
_HALF_SUMS = 5_000_000
_LATTICE_STEPS = 2_000_000_000
_LATTICE_CELLS = 5_000_000
_DRAWS, _SEED = 100_000, 1
_NO_CHANGE = "no subject changed grade"
_CONDITIONAL = "conditional on n_ij + n_ji"


def mcnemar(
    table: ArrayLike, variant: McNemarVariant = "exact", alternative: Alternative = "two-sided"
) -> Result:
    """Return McNemar's test of a 2x2 table; ``value`` counts moves from grade 1 to grade 2.

    McNemar 1947, *Psychometrika* 12:153; mid-P as in Fagerland, Lydersen and Laake 2013, *BMC
    Med Res Methodol* 13:91, with their two-sided 1 - P(X = b)/2 where both counts agree. The
    asymptotic test is Bowker's. Nobody changed: p = 1.

    Raises:
        ValueError: the table is not 2x2 of whole counts, or a choice is unknown.
    """
    check_choice(variant, "variant", McNemarVariant)
    check_choice(alternative, "alternative", Alternative)
    counts = _square_table(table)
    if len(counts) != 2:
        raise ValueError(f"table: has {len(counts)} grades, McNemar's test needs 2")
    up, down = int(counts[0, 1]), int(counts[1, 0])
    changed = up + down
    from scipy.stats import binom  # takes half a second; most steps never come here

    lower, upper = float(binom.cdf(up, changed, 0.5)), float(binom.sf(up - 1, changed, 0.5))
    point = float(binom.pmf(up, changed, 0.5))
    if variant == "mid-p" and changed:
        if alternative == "two-sided" and up == down:
            lower = upper = (1 - point / 2) / 2
        else:
            lower, upper = lower - point / 2, upper - point / 2
    return Result(
        statistic="McNemar, moves up",
        value=float(up),
        p=choose_tail(alternative, upper, lower),
        n=int(counts.sum()),
        method="exact, binomial(up + down, 1/2)" if variant == "exact" else "mid-P, binomial",
        convention=f"{_CONDITIONAL}, {alternative}; up {up}, down {down}",
    )


def bowker(table: ArrayLike, exact: bool = True) -> Result:
    """Return Bowker's test of symmetry; ``value`` is his statistic, ``df`` the non-empty pairs.

    Bowker 1948, *JASA* 43:572, without continuity correction and without adding to empty cells.
    The exact p adds all tables with the same n_ij + n_ji and a statistic as large.

    Raises:
        ValueError: the table is not square, of whole counts, of two grades or more.
    """
    counts = _square_table(table)
    pairs = list(_changes(counts))
    name, n = "Bowker symmetry", int(counts.sum())
    if not pairs and not exact:
        return not_estimable(name, n, "asymptotic chi-squared", "no continuity", _NO_CHANGE)
    statistic = math.fsum((up - down) ** 2 / (up + down) for _, _, up, down in pairs)
    if exact:
        p, method = _bowker_exact_p([up + down for _, _, up, down in pairs], statistic)
    else:
        p, method = float(chdtrc(len(pairs), statistic)), "asymptotic chi-squared"
    return Result(
        statistic=name,
        value=statistic,
        p=p,
        n=n,
        method=method,
        convention=f"{_CONDITIONAL}, no continuity correction, {len(pairs)} non-empty pairs",
        df=len(pairs),
    )


def stuart_maxwell(table: ArrayLike, exact: bool = True) -> Result:
    """Return the Stuart-Maxwell test of equal margins, grades taken as unordered.

    The statistic is d' V^- d, d the differences of the margins, V their covariance given
    n_ij + n_ji; ``df`` is the rank of V, so grades that nobody left or entered drop out. Stuart
    1955, *Biometrika* 42:412; Maxwell 1970, *Br J Psychiatry* 116:651.

    Raises:
        ValueError: the table is not square, of whole counts, of two grades or more.
    """
    counts = _square_table(table)
    moved = counts + counts.T
    np.fill_diagonal(moved, 0)
    name, n = "Stuart-Maxwell", int(counts.sum())
    # V is the Laplacian of the graph of changes: its rank is grades less connected parts.
    df = len(counts) - int(connected_components(moved)[0])
    if df == 0 and not exact:
        return not_estimable(name, n, "asymptotic chi-squared", "grades unordered", _NO_CHANGE)
    covariance = np.diag(moved.sum(axis=1)) - moved
    inverse = np.linalg.pinv(covariance.astype(np.float64), hermitian=True)
    difference = counts.sum(axis=1) - counts.sum(axis=0)
    statistic = float(difference @ inverse @ difference)
    if exact:
        p, method = _margins_exact_p(moved, inverse, statistic)
    else:
        p, method = float(chdtrc(df, statistic)), "asymptotic chi-squared"
    return Result(
        statistic=name,
        value=statistic,
        p=p,
        n=n,
        method=method,
        convention=f"{_CONDITIONAL}, empty grades dropped, df = rank",
        df=df,
    )


def marginal_homogeneity(
    table: ArrayLike,
    scores: ArrayLike | None = None,
    alternative: Alternative = "two-sided",
    exact: bool = True,
) -> Result:
    """Return the test of equal margins for ordered grades; ``value`` is the total score gained.

    The value is the sum over subjects of score after less score before. Its exact distribution,
    given n_ij + n_ji, is a sum of weighted binomials. Agresti 2013, *Categorical Data Analysis*,
    section 11.3; ``mh_test`` of R's coin with scores.

    Args:
        table: ``(k, k)`` counts, rows before, columns after, grades in ascending order.
        scores: ``(k,)`` scores of the grades, by default 1..k.
        alternative: ``"greater"`` is evidence for a shift to higher scores.
        exact: False gives the normal approximation.

    Raises:
        ValueError: the table is not square, of whole counts, of two grades or more; scores of
            the wrong length; an unknown alternative.
    """
    check_choice(alternative, "alternative", Alternative)
    counts = _square_table(table)
    grades = list(range(1, len(counts) + 1)) if scores is None else finite_vector(scores, "scores")
    if len(grades) != len(counts):
        raise ValueError(f"scores: {len(grades)} given, the table has {len(counts)} grades")
    steps = to_grid(grades, None)
    movers, gained = _movers(counts, steps)
    name, n = "marginal homogeneity, score gained", int(counts.sum())
    convention = f"scores {', '.join(f'{score:g}' for score in grades)}, {alternative}"
    method = "normal approximation, no continuity correction"
    if not movers and not exact:
        return not_estimable(name, n, method, convention, _NO_CHANGE)
    unit = math.gcd(*movers) or 1
    if exact and sum(weight // unit * size for weight, size in movers.items()) <= _SCORE_RANGE:
        method = "exact, convolution of binomials"
        tails = _score_tails({w // unit: size for w, size in movers.items()}, gained // unit)
    else:
        variance = sum((weight / unit) ** 2 * size for weight, size in movers.items())
        tails = normal_tails(gained / unit / math.sqrt(variance))
    total = math.fsum((grades[j] - grades[i]) * (up - down) for i, j, up, down in _changes(counts))
    return Result(
        statistic=name,
        value=total,
        p=choose_tail(alternative, *tails),
        n=n,
        method=method,
        convention=f"{_CONDITIONAL}, {convention}",
    )


def _movers(counts: Integers, steps: list[int]) -> tuple[dict[int, int], int]:
    """Subjects by the absolute score step that they made, above 0; and the steps gained by all."""
    movers: dict[int, int] = {}
    gained = 0
    for i, j, up, down in _changes(counts):
        weight = steps[j] - steps[i]
        movers[abs(weight)] = movers.get(abs(weight), 0) + up + down
        gained += weight * (up - down)
    movers.pop(0, None)
    return movers, gained


def _square_table(table: ArrayLike) -> Integers:
    values = finite_matrix(table, "table")
    rows, columns = values.shape
    if rows != columns or rows < 2:
        raise ValueError(f"table: has shape {values.shape}, must be square with 2 grades or more")
    if (values < 0).any() or (values != np.floor(values)).any():
        raise ValueError("table: must hold whole counts of subjects, none negative")
    return values.astype(np.int64)


def _changes(counts: Integers) -> Iterator[tuple[int, int, int, int]]:
    """Yield grade i, a higher grade j, moves up and moves down, for each non-empty pair."""
    for i in range(len(counts)):
        for j in range(i + 1, len(counts)):
            if counts[i, j] or counts[j, i]:
                yield i, j, int(counts[i, j]), int(counts[j, i])


def _halves(n: int) -> Floats:
    """Return the probabilities of 0..n when each of n falls either way with even chances."""
    from scipy.stats import binom  # takes half a second; most steps never come here

    chances: Floats = binom.pmf(np.arange(n + 1), n, 0.5)
    return chances


def _score_tails(movers: dict[int, int], gained: int) -> tuple[float, float]:
    """Return P(gain >= gained) and P(gain <= gained) with movers up or down at random."""
    distribution: Floats = np.ones(1)
    for weight in sorted(movers):
        size = movers[weight]
        steps = np.zeros(weight * size + 1)
        steps[::weight] = _halves(size)
        distribution = np.convolve(distribution, steps)
    # Position s is the score gained by those moving up; moving down loses the rest.
    position = (gained + len(distribution) - 1) // 2
    return float(distribution[position:].sum()), float(distribution[: position + 1].sum())


def _at_least(statistic: float) -> float:
    """Return the limit above which a statistic counts as no smaller than the observed one."""
    return statistic - 1e-9 * max(1.0, abs(statistic))


def _bowker_exact_p(totals: list[int], statistic: float) -> tuple[float, str]:
    """Return P(statistic >= observed) over independent pairs, as two enumerated halves."""
    sizes = [total // 2 + 1 for total in totals]
    halves: list[list[int]] = [[], []]
    products = [1, 1]
    for index in sorted(range(len(totals)), key=lambda i: -sizes[i]):
        smaller = 0 if products[0] <= products[1] else 1
        halves[smaller].append(totals[index])
        products[smaller] *= sizes[index]
    if max(products) > _HALF_SUMS:
        rng = np.random.default_rng(_SEED)
        drawn = np.zeros(_DRAWS)
        for total in totals:
            drawn += (2 * rng.binomial(total, 0.5, _DRAWS) - total) ** 2 / total
        return _simulated_p(drawn, statistic)
    (left, left_p), (right, right_p) = (_sum_distribution(half) for half in halves)
    order = np.argsort(right)
    tail = np.append(np.cumsum(right_p[order][::-1])[::-1], 0.0)
    first = np.searchsorted(right[order], _at_least(statistic) - left, side="left")
    return min(1.0, float(left_p @ tail[first])), "exact, all tables with the same n_ij + n_ji"


def _sum_distribution(totals: list[int]) -> tuple[Floats, Floats]:
    """Return the values and probabilities of the sum of (up - down)^2 / total over pairs."""
    values, probabilities = np.zeros(1), np.ones(1)
    for total in totals:
        down = np.arange(total // 2 + 1)
        weight = _halves(total)[down] * np.where(2 * down == total, 1, 2)
        values = np.add.outer(values, (total - 2 * down) ** 2 / total).ravel()
        probabilities = np.multiply.outer(probabilities, weight).ravel()
    return values, probabilities


def _margins_exact_p(moved: Integers, inverse: Floats, statistic: float) -> tuple[float, str]:
    """Return P(d' V^- d >= observed) over all tables with the same n_ij + n_ji.

    The lattice counts, for every grade but the busiest, how many movers left it: d = 2 left -
    movers. Each pair of grades adds its binomial along one direction of the lattice.
    """
    movers = moved.sum(axis=1)
    busiest = int(np.argmax(movers))
    kept = [grade for grade in range(len(moved)) if grade != busiest]
    shape = tuple(int(movers[grade]) + 1 for grade in kept)
    cells = math.prod(shape)
    pairs = [(i, j, int(moved[i, j])) for i, j, _, _ in _changes(moved)]
    if cells > _LATTICE_CELLS or cells * sum(size + 1 for _, _, size in pairs) > _LATTICE_STEPS:
        rng = np.random.default_rng(_SEED)
        drawn = np.zeros((_DRAWS, len(moved)))
        for i, j, size in pairs:
            net = 2 * rng.binomial(size, 0.5, _DRAWS) - size
            drawn[:, i] += net
            drawn[:, j] -= net
        return _simulated_p(_quadratic(drawn, inverse), statistic)
    stride = dict.fromkeys(range(len(moved)), 0)
    for position, grade in enumerate(kept):
        stride[grade] = math.prod(shape[position + 1 :])
    distribution = np.zeros(cells)
    distribution[0] = 1.0
    for i, j, size in pairs:
        mixed = np.zeros(cells)
        for left_i, weight in enumerate(_halves(size)):
            shift = left_i * stride[i] + (size - left_i) * stride[j]
            mixed[shift:] += weight * distribution[: cells - shift]
        distribution = mixed
    reached = np.flatnonzero(distribution)
    difference = np.zeros((len(reached), len(moved)))
    for grade, left in zip(kept, np.unravel_index(reached, shape), strict=True):
        difference[:, grade] = 2 * left - movers[grade]
    difference[:, busiest] = -difference.sum(axis=1)
    extreme = _quadratic(difference, inverse) >= _at_least(statistic)
    p = min(1.0, float(distribution[reached[extreme]].sum()))
    return p, "exact, all margins with the same n_ij + n_ji"


def _quadratic(rows: Floats, inverse: Floats) -> Floats:
    values: Floats = np.einsum("ij,jk,ik->i", rows, inverse, rows, optimize=True)
    return values


def _simulated_p(drawn: Floats, statistic: float) -> tuple[float, str]:
    """Return the Monte Carlo p, the observed table counted as one of the draws."""
    p = (1 + int((drawn >= _at_least(statistic)).sum())) / (1 + len(drawn))
    error = math.sqrt(p * (1 - p) / len(drawn))
    return p, f"Monte Carlo, {len(drawn)} draws, seed {_SEED}, s.e. {error:.2g}"
