"""Friedman and Page against all permutations within blocks, written out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from owncontrol.statistics import blocks as blocks_module
from owncontrol.statistics import friedman, page
from scipy.stats import friedmanchisquare, page_trend_test, rankdata


def matrices(visits: int, subjects: int, high: int = 4) -> some.SearchStrategy[np.ndarray]:
    row = some.lists(some.integers(0, high), min_size=visits, max_size=visits)
    return some.lists(row, min_size=2, max_size=subjects).map(np.array)


def all_rank_sums(values: np.ndarray) -> np.ndarray:
    ranks = rankdata(values, axis=1)
    orders = [list(itertools.permutations(block)) for block in ranks]
    return np.array([np.sum(choice, axis=0) for choice in itertools.product(*orders)])


small = some.one_of(matrices(3, 4), matrices(2, 5), matrices(4, 2))


@settings(max_examples=40)
@given(small)
def test_friedman_equals_enumeration(values: np.ndarray) -> None:
    result = friedman(values)
    if (values == values[:, :1]).all():
        assert result.reason == "no block has two different values"
        return
    spread = ((all_rank_sums(values) - len(values) * (values.shape[1] + 1) / 2) ** 2).sum(axis=1)
    observed = (
        (rankdata(values, axis=1).sum(axis=0) - len(values) * (values.shape[1] + 1) / 2) ** 2
    ).sum()
    assert result.p == pytest.approx((spread >= observed - 1e-9).mean(), abs=1e-12)
    assert result.method.startswith("exact")


@settings(max_examples=40)
@given(small, some.sampled_from(["greater", "less", "two-sided"]))
def test_page_equals_enumeration(values: np.ndarray, alternative: str) -> None:
    order = np.arange(1, values.shape[1] + 1)
    trends = all_rank_sums(values) @ order
    observed = rankdata(values, axis=1).sum(axis=0) @ order
    upper, lower = (trends >= observed - 1e-9).mean(), (trends <= observed + 1e-9).mean()
    tails = {"greater": upper, "less": lower, "two-sided": min(1, 2 * min(upper, lower))}
    result = page(values, alternative=alternative)
    assert result.value == observed
    assert result.p == pytest.approx(tails[alternative], abs=1e-12)


@given(matrices(4, 6, high=9))
def test_statistic_agrees_with_scipy(values: np.ndarray) -> None:
    if (values != values[:, :1]).any():
        expected = friedmanchisquare(*values.T)
        result = friedman(values, exact=False)
        assert result.value == pytest.approx(expected.statistic)
        assert result.p == pytest.approx(expected.pvalue)
        assert result.df == 3


@pytest.mark.parametrize("visits", [3, 6])
def test_page_agrees_with_scipy_without_ties(visits: int) -> None:
    values = np.random.default_rng(visits).normal(size=(7, visits)) + np.arange(visits) / 3
    for exact, method in ((True, "exact"), (False, "asymptotic")):
        expected = page_trend_test(values, method=method)
        result = page(values, exact=exact)
        assert result.value == expected.statistic
        assert result.p == pytest.approx(expected.pvalue, rel=1e-9)


@settings(max_examples=25)
@given(matrices(3, 5), some.permutations(range(3)), some.sampled_from([0.1, 0.3, 10]))
def test_names_of_visits_and_units_do_not_matter(
    values: np.ndarray, order: list[int], unit: float
) -> None:
    plain = friedman(values)
    baselines = np.arange(len(values))[:, None]
    other = friedman((values * unit + baselines * unit)[:, order])
    assert other.reason == plain.reason
    if plain.estimable:
        assert other.p == pytest.approx(plain.p, abs=1e-12)
        assert other.value == pytest.approx(plain.value)


def test_page_reverses_with_the_visits() -> None:
    values = np.array([[1, 2, 2, 4], [3, 3, 5, 4], [0, 1, 0, 2]])
    falling = page(values[:, ::-1], alternative="less").p
    assert page(values).p == pytest.approx(falling)


def test_simulation_takes_over_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(5).integers(0, 6, (8, 4)) + np.arange(4)
    exact = friedman(values)
    monkeypatch.setattr(blocks_module, "_EXACT_ADDITIONS", 1)
    simulated = friedman(values)
    error = math.sqrt(simulated.p * (1 - simulated.p) / 100_000)
    assert simulated.method == f"Monte Carlo, 100000 draws, seed 1, s.e. {error:.2g}"
    assert simulated.p == pytest.approx(exact.p, abs=0.005)
    assert friedman(values) == simulated


def test_many_visits() -> None:
    values = np.random.default_rng(6).integers(0, 9, (5, 9))
    assert friedman(values).method.startswith("Monte Carlo")
    assert page(values).method.startswith("normal approximation")
    assert page(values).p == pytest.approx(page(values, exact=False).p)


def test_up_to_500_subjects_the_trend_is_exact() -> None:
    """As the docstring says; p of two visits is that of the sign test's counts."""
    values = [[0, 1], [1, 0]] * 250
    assert page(values).method == "exact, all permutations within blocks"
    assert page([*values, [0, 1]]).method.startswith("normal approximation")


def test_resolution_and_noise_make_ties() -> None:
    noisy = [[0.1 + 0.2, 0.3, 0.5], [0.7, 0.6 + 0.1, 0.2], [0.3, 0.4, 0.4]]
    clean = [[3, 3, 5], [7, 7, 2], [3, 4, 4]]
    assert friedman(noisy).p == pytest.approx(friedman(clean).p)
    assert friedman(noisy, resolution=0.1).p == pytest.approx(friedman(clean).p)
    assert friedman(noisy, resolution=10).reason == "no block has two different values"


def test_degenerate_and_wrong_blocks() -> None:
    for test in (friedman, page):
        assert test([[1, 2, 3]]).reason == "fewer than two complete blocks"
        assert test(np.zeros((0, 3))).reason == "fewer than two complete blocks"
        with pytest.raises(ValueError, match=r"blocks: value nan at position \[0, 1\]"):
            test([[1, math.nan, 2], [1, 2, 3]])
        with pytest.raises(ValueError, match="1 visits, at least 2 are needed"):
            test([[1], [2]])
        with pytest.raises(ValueError, match="all rows of one length"):
            test([[1, 2], [1]])
    assert page([[1, 1, 1], [2, 2, 2]]).p == 1.0
    assert page([[1, 1, 1], [2, 2, 2]], exact=False).reason == "no block has two different values"
