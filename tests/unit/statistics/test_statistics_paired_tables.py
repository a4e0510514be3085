"""Tests of square tables against all tables with the same n_ij + n_ji, written out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from owncontrol.statistics import (
    bowker,
    marginal_homogeneity,
    mcnemar,
    paired_tables,
    stuart_maxwell,
)
from scipy.stats import binom, chi2, norm

ALTERNATIVES = ("two-sided", "greater", "less")


def tables(grades: int, most: int) -> some.SearchStrategy[np.ndarray]:
    cells = some.lists(some.integers(0, most), min_size=grades**2, max_size=grades**2)
    return cells.map(lambda values: np.array(values).reshape(grades, grades))


def same_totals(table: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Return all tables with the same n_ij + n_ji and the probability of each."""
    pairs = list(itertools.combinations(range(len(table)), 2))
    totals = [int(table[i, j] + table[j, i]) for i, j in pairs]
    found = []
    for ups in itertools.product(*[range(total + 1) for total in totals]):
        other = np.diag(np.diag(table)).copy()
        for (i, j), up, total in zip(pairs, ups, totals, strict=True):
            other[i, j], other[j, i] = up, total - up
        chance = math.prod(math.comb(t, u) / 2**t for t, u in zip(totals, ups, strict=True))
        found.append((other, chance))
    return found


def enumerated_tails(
    table: np.ndarray, statistic: Callable[[np.ndarray], float]
) -> tuple[float, float]:
    observed = statistic(table)
    values = [(statistic(other), chance) for other, chance in same_totals(table)]
    upper = math.fsum(chance for value, chance in values if value >= observed - 1e-9)
    lower = math.fsum(chance for value, chance in values if value <= observed + 1e-9)
    return upper, lower


def bowker_statistic(table: np.ndarray) -> float:
    return sum(
        (table[i, j] - table[j, i]) ** 2 / (table[i, j] + table[j, i])
        for i, j in itertools.combinations(range(len(table)), 2)
        if table[i, j] + table[j, i]
    )


def stuart_statistic(table: np.ndarray) -> float:
    """Return d' V^-1 d over the grades with changes but one of each connected part."""
    kept, seen = [], set()
    moved = (table + table.T).astype(float)
    np.fill_diagonal(moved, 0)
    for grade in range(len(table)):
        if grade not in seen:
            part, queue = {grade}, [grade]
            while queue:
                for other in np.flatnonzero(moved[queue.pop()]):
                    if other not in part:
                        part.add(other)
                        queue.append(other)
            seen |= part
            kept += sorted(part)[1:]
    if not kept:
        return 0.0
    d = (table.sum(axis=1) - table.sum(axis=0))[kept]
    v = (np.diag(moved.sum(axis=1)) - moved)[np.ix_(kept, kept)]
    return float(d @ np.linalg.solve(v, d))


@settings(max_examples=40)
@given(tables(3, 5))
def test_bowker_exact_equals_enumeration(table: np.ndarray) -> None:
    result = bowker(table)
    assert result.value == pytest.approx(bowker_statistic(table))
    assert result.p == pytest.approx(enumerated_tails(table, bowker_statistic)[0], abs=1e-12)


@settings(max_examples=25)
@given(tables(3, 4))
def test_stuart_maxwell_exact_equals_enumeration(table: np.ndarray) -> None:
    result = stuart_maxwell(table)
    assert result.value == pytest.approx(stuart_statistic(table), abs=1e-9)
    assert result.p == pytest.approx(enumerated_tails(table, stuart_statistic)[0], abs=1e-12)


@settings(max_examples=40)
@given(
    tables(3, 4),
    some.sampled_from([(1, 2, 3), (0, 1, 5), (0, 0.5, 0.8), (1, 1, 2), (3, 2, 1)]),
    some.sampled_from(ALTERNATIVES),
)
def test_marginal_homogeneity_equals_enumeration(
    table: np.ndarray, scores: tuple[float, ...], alternative: str
) -> None:
    def gained(counts: np.ndarray) -> float:
        return float((counts * np.subtract.outer(scores, scores).T).sum())

    upper, lower = enumerated_tails(table, gained)
    tails = {"greater": upper, "less": lower, "two-sided": min(1, 2 * min(upper, lower))}
    result = marginal_homogeneity(table, scores, alternative)
    assert result.value == pytest.approx(gained(table), abs=1e-9)
    assert result.p == pytest.approx(tails[alternative], abs=1e-12)
    assert result.method.startswith("exact")


@given(some.integers(0, 12), some.integers(0, 12), some.sampled_from(ALTERNATIVES))
def test_mcnemar_by_summation(up: int, down: int, alternative: str) -> None:
    table = [[3, up], [down, 2]]
    n = up + down
    chances = binom.pmf(np.arange(n + 1), n, 0.5)
    upper, lower = chances[up:].sum(), chances[: up + 1].sum()
    point = chances[up] if n else 0
    tails = {"greater": upper, "less": lower, "two-sided": min(1, 2 * min(upper, lower))}
    assert mcnemar(table, "exact", alternative).p == pytest.approx(tails[alternative])
    half = {"greater": upper - point / 2, "less": lower - point / 2}
    half["two-sided"] = 1 - point / 2 if up == down else 2 * min(upper, lower) - point
    assert mcnemar(table, "mid-p", alternative).p == pytest.approx(half[alternative])
    assert mcnemar(table, "exact").method.startswith("exact")
    assert mcnemar(table, "mid-p").method.startswith("mid-P")


@given(tables(2, 9))
def test_two_grades_are_one_test(table: np.ndarray) -> None:
    p = mcnemar(table).p
    assert bowker(table).p == pytest.approx(p)
    assert stuart_maxwell(table).p == pytest.approx(p)
    assert marginal_homogeneity(table).p == pytest.approx(p)


@pytest.mark.slow
@given(tables(4, 3), some.permutations(range(4)))
def test_unordered_tests_ignore_names_and_direction(table: np.ndarray, order: list[int]) -> None:
    renamed = table[np.ix_(order, order)]
    for test in (bowker, stuart_maxwell):
        assert test(renamed).p == pytest.approx(test(table).p, abs=1e-12)
        assert test(table.T).p == pytest.approx(test(table).p, abs=1e-12)
    up, down = (
        marginal_homogeneity(table, alternative="greater"),
        marginal_homogeneity(table.T, alternative="less"),
    )
    assert up.p == pytest.approx(down.p)
    assert up.value == -down.value


def test_empty_grades_keep_the_right_degrees_of_freedom() -> None:
    shift = [[3, 2, 1, 0, 0], [0, 1, 2, 0, 0], [0, 0, 1, 2, 0], [0, 0, 0, 1, 0], [0] * 5]
    result = stuart_maxwell(shift, exact=False)
    assert result.df == 3
    assert result.p == pytest.approx(0.0897, abs=5e-5)
    apart = [[0, 5, 0, 0], [1, 0, 0, 0], [0, 0, 0, 4], [0, 0, 4, 0]]
    assert stuart_maxwell(apart, exact=False).df == 2
    assert bowker(shift, exact=False).df == 4


def test_simulation_takes_over_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    table = [[5, 4, 1], [1, 3, 6], [0, 2, 4]]
    exact = bowker(table).p, stuart_maxwell(table).p, marginal_homogeneity(table).p
    monkeypatch.setattr(paired_tables, "_HALF_SUMS", 1)
    monkeypatch.setattr(paired_tables, "_LATTICE_CELLS", 1)
    monkeypatch.setattr(paired_tables, "_SCORE_RANGE", 1)
    for test, p in zip((bowker, stuart_maxwell), exact[:2], strict=True):
        simulated = test(table)
        error = math.sqrt(simulated.p * (1 - simulated.p) / 100_000)
        assert simulated.method == f"Monte Carlo, 100000 draws, seed 1, s.e. {error:.2g}"
        assert simulated.p == pytest.approx(p, abs=0.005)
        assert test(table) == simulated
    normal = marginal_homogeneity(table)
    assert normal.method.startswith("normal approximation")
    assert normal.p == pytest.approx(exact[2], abs=0.1)


def test_the_normal_test_of_ordered_grades_by_hand() -> None:
    """Gained: 3 and 4 by one step, 1 by two; moved: 5 and 8 by one step, 1 by two."""
    table = [[5, 4, 1], [1, 3, 6], [0, 2, 4]]
    z = (3 + 4 + 2 * 1) / math.sqrt(5 + 8 + 4 * 1)
    p = {"greater": norm.sf(z), "less": norm.cdf(z), "two-sided": 2 * norm.sf(z)}
    for alternative in ALTERNATIVES:
        result = marginal_homogeneity(table, None, alternative, exact=False)
        assert result.p == pytest.approx(p[alternative])


@pytest.mark.slow
def test_large_tables_use_every_exact_path() -> None:
    vision = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
    assert bowker(vision).method.startswith("exact")
    assert bowker(vision).p == pytest.approx(chi2.sf(19.107, 6), rel=0.05)
    assert stuart_maxwell(vision).method.startswith("Monte Carlo")
    assert stuart_maxwell(vision).p == pytest.approx(0.0075, abs=0.001)


@pytest.mark.parametrize("step", [1, 3])
def test_a_score_of_many_is_exact_up_to_twenty_thousand_steps(step: int) -> None:
    """The method that is reported changes there, and the p-value hardly does."""
    few, many = (marginal_homogeneity([[0, 10_100], [up, 0]], [0, step]) for up in (9_900, 9_901))
    assert few.method.startswith("exact")
    assert many.method.startswith("normal approximation")
    assert few.p == pytest.approx(2 * binom.cdf(9_900, 20_000, 0.5))
    assert many.p == pytest.approx(few.p, rel=0.02)


def test_nobody_changed() -> None:
    still = np.diag([3, 4, 2])
    assert mcnemar([[3, 0], [0, 2]]).p == mcnemar([[3, 0], [0, 2]], "mid-p").p == 1.0
    for test in (bowker, stuart_maxwell, marginal_homogeneity):
        assert test(still).p == 1.0
        assert test(still, exact=False).reason == "no subject changed grade"


def test_wrong_tables_are_refused() -> None:
    with pytest.raises(ValueError, match="must be square with 2 grades or more"):
        bowker([[1, 2, 3], [1, 2, 3]])
    with pytest.raises(ValueError, match="must hold whole counts"):
        stuart_maxwell([[1, 2], [0.5, 3]])
    with pytest.raises(ValueError, match="must hold whole counts"):
        marginal_homogeneity([[1, -2], [1, 3]])
    with pytest.raises(ValueError, match="scores: 2 given, the table has 3 grades"):
        marginal_homogeneity(np.eye(3), [1, 2])
    with pytest.raises(ValueError, match="table: has 3 grades"):
        mcnemar(np.eye(3))
