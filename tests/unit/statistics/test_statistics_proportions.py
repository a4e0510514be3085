"""Intervals and tests of shares against their defining equations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from owncontrol.statistics import (
    binomial_test,
    blaker,
    clopper_pearson,
    lower_bound,
    midp,
    upper_bound,
    wilson,
)
from scipy.special import ndtri
from scipy.stats import binom

counts = some.integers(1, 40).flatmap(lambda n: some.tuples(some.integers(0, n), some.just(n)))
levels = some.sampled_from([0.8, 0.9, 0.95, 0.99])
ALL = (clopper_pearson, wilson, blaker, midp)


def acceptability(events: int, n: int, rates: np.ndarray) -> np.ndarray:
    """Return Blaker's function from its definition, the tails compared one by one."""
    k = np.arange(n + 1)[:, None]
    tail = np.minimum(binom.cdf(k, n, rates), binom.sf(k - 1, n, rates))
    return np.where(tail <= tail[events] * (1 + 1e-12), binom.pmf(k, n, rates), 0).sum(axis=0)


@pytest.mark.slow
@given(counts, levels)
def test_blaker_is_the_hull_of_acceptable_rates(case: tuple[int, int], level: float) -> None:
    events, n = case
    result = blaker(events, n, level)
    rates = np.linspace(0, 1, 2001)
    accepted = rates[acceptability(events, n, rates) > 1 - level]
    assert result.lower <= accepted[0] + 1e-12
    assert result.upper >= accepted[-1] - 1e-12
    # Just inside both ends is accepted, just outside is not.
    for end, inward in ((result.lower, 1), (result.upper, -1)):
        if 0 < end < 1:
            around = np.array([end + inward * 1e-7, end - inward * 1e-7])
            inside, outside = acceptability(events, n, around)
            assert inside > 1 - level - 1e-5 * n
            assert outside <= 1 - level + 1e-5 * n


@given(counts, levels)
def test_clopper_pearson_solves_its_equations(case: tuple[int, int], level: float) -> None:
    events, n = case
    result = clopper_pearson(events, n, level)
    half = (1 - level) / 2
    if events:
        assert binom.sf(events - 1, n, result.lower) == pytest.approx(half, rel=1e-9)
    else:
        assert result.lower == 0
    if events < n:
        assert binom.cdf(events, n, result.upper) == pytest.approx(half, rel=1e-9)
    else:
        assert result.upper == 1


@given(counts, levels)
def test_midp_solves_its_equations(case: tuple[int, int], level: float) -> None:
    events, n = case
    result = midp(events, n, level)
    half = (1 - level) / 2
    if events:
        tail = binom.sf(events, n, result.lower) + binom.pmf(events, n, result.lower) / 2
        assert tail == pytest.approx(half, rel=1e-8)
    if events < n:
        tail = binom.cdf(events - 1, n, result.upper) + binom.pmf(events, n, result.upper) / 2
        assert tail == pytest.approx(half, rel=1e-8)


@given(counts, levels)
def test_wilson_ends_are_one_score_away(case: tuple[int, int], level: float) -> None:
    events, n = case
    result = wilson(events, n, level)
    z = -float(ndtri((1 - level) / 2))
    for end in (result.lower, result.upper):
        if 0 < end < 1:
            assert abs(events / n - end) == pytest.approx(z * math.sqrt(end * (1 - end) / n))


@given(counts, levels)
def test_intervals_mirror_and_nest(case: tuple[int, int], level: float) -> None:
    events, n = case
    exact = clopper_pearson(events, n, level)
    for function in ALL:
        result = function(events, n, level)
        mirrored = function(n - events, n, level)
        assert (1 - mirrored.upper, 1 - mirrored.lower) == pytest.approx(
            (result.lower, result.upper), abs=1e-9
        )
        assert 0 <= result.lower <= result.value <= result.upper <= 1
    for inner in (blaker(events, n, level), midp(events, n, level)):
        assert exact.lower <= inner.lower + 1e-12
        assert inner.upper <= exact.upper + 1e-12


@pytest.mark.parametrize("n", [5, 8, 13, 20])
def test_exact_intervals_never_undercover(n: int) -> None:
    rates = np.linspace(0.001, 0.999, 999)
    for function in (clopper_pearson, blaker):
        ends = [function(events, n) for events in range(n + 1)]
        covered = sum(
            binom.pmf(events, n, rates) * ((end.lower <= rates) & (rates <= end.upper))
            for events, end in enumerate(ends)
        )
        assert covered.min() >= 0.95 - 1e-9


def test_bounds_on_one_side() -> None:
    assert upper_bound(0, 13).upper == pytest.approx(1 - 0.05 ** (1 / 13), abs=1e-14)
    assert upper_bound(0, 13).upper == pytest.approx(0.2058, abs=1e-4)
    assert upper_bound(4, 9, 0.975).upper == pytest.approx(clopper_pearson(4, 9).upper)
    assert lower_bound(4, 9, 0.975).lower == pytest.approx(clopper_pearson(4, 9).lower)
    assert (upper_bound(3, 9).lower, lower_bound(3, 9).upper) == (0, 1)
    assert upper_bound(2, 9, 0.3).upper == pytest.approx(1 - lower_bound(7, 9, 0.3).lower)


@given(counts, some.floats(0.01, 0.99))
def test_binomial_test_by_summation(case: tuple[int, int], rate: float) -> None:
    events, n = case
    chances = binom.pmf(np.arange(n + 1), n, rate)
    assert binomial_test(events, n, rate, "greater").p == pytest.approx(chances[events:].sum())
    assert binomial_test(events, n, rate, "less").p == pytest.approx(chances[: events + 1].sum())
    likely = chances[chances <= chances[events] * (1 + 1e-7)].sum()
    assert binomial_test(events, n, rate).p == pytest.approx(likely)


def test_no_subjects_and_wrong_counts() -> None:
    for function in (*ALL, upper_bound, lower_bound):
        empty = function(0, 0)
        assert empty.reason == "no subjects"
        assert math.isnan(empty.value)
        with pytest.raises(ValueError, match=r"events: is 5, must be a whole number .* at most 4"):
            function(5, 4)
        with pytest.raises(ValueError, match=r"level: is 1\.0"):
            function(1, 4, 1.0)
    assert binomial_test(0, 0, 0.3).reason == "no subjects"
    with pytest.raises(ValueError, match=r"n: is 3\.5"):
        wilson(1, 3.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"rate: is 1\.2"):
        binomial_test(1, 3, 1.2)
