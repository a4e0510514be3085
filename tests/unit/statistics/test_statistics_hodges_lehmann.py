"""Hodges-Lehmann estimate and intervals against their definitions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from owncontrol.statistics import hodges_lehmann, signed_rank_test, walsh_order

changes_of_six = some.lists(some.integers(-5, 8), min_size=6, max_size=8)


def walsh(changes: list[float]) -> list[float]:
    return sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(changes, 2))


@given(some.lists(some.integers(-9, 9), min_size=2, max_size=15))
def test_estimate_and_closed_interval_by_definition(changes: list[int]) -> None:
    averages = walsh(changes)
    result = hodges_lehmann(changes)
    k, achieved = walsh_order(len(changes))
    assert result.value == np.median(averages)
    assert (result.lower, result.upper) == (averages[k - 1], averages[-k])
    assert result.level == min(0.95, achieved)
    assert f"k={k} of {len(averages)}" in result.convention


@pytest.mark.parametrize("n", range(2, 13))
@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
def test_order_is_the_largest_that_holds_the_level(n: int, level: float) -> None:
    sums = [sum(s) for s in itertools.product(*[(0, rank) for rank in range(1, n + 1)])]
    below = [sum(s < k for s in sums) / 2**n for k in range(n * (n + 1) // 2 + 2)]
    k, achieved = walsh_order(n, level)
    assert achieved == pytest.approx(1 - 2 * below[k], abs=1e-12)
    assert k == 1 or below[k] <= (1 - level) / 2 + 1e-12
    assert below[k + 1] > (1 - level) / 2


def test_order_at_thirteen_and_above_five_hundred() -> None:
    assert walsh_order(13) == (18, pytest.approx(0.9521484375, abs=1e-12))
    assert walsh_order(13, 1 - 2 / 8192)[0] == 1
    exact, normal = walsh_order(500)[0], walsh_order(501)[0]
    assert 0 < normal - exact < 400
    assert walsh_order(501)[1] == pytest.approx(0.95, abs=2e-4)
    assert "normal approximation" in hodges_lehmann(np.arange(501.0)).method


def scanned_hull(changes: list[float], level: float) -> tuple[float, float]:
    """Return the hull of accepted shifts over every place where p can change, none left out."""
    places = sorted(set(walsh(changes)))
    between = [(a + b) / 2 for a, b in itertools.pairwise(places)]
    accepted = []
    for mu in places:
        if signed_rank_test([x - mu for x in changes]).p > 1 - level:
            accepted.append((mu, mu))
    for (low, high), mu in zip(itertools.pairwise(places), between, strict=True):
        if signed_rank_test([x - mu for x in changes]).p > 1 - level:
            accepted.append((low, high))
    return min(low for low, _ in accepted), max(high for _, high in accepted)


@settings(max_examples=40)
@given(changes_of_six, some.sampled_from([0.8, 0.9, 0.95]))
def test_inversion_is_the_hull_of_accepted_shifts(changes: list[int], level: float) -> None:
    result = hodges_lehmann(changes, level, "inversion")
    assert (result.lower, result.upper) == pytest.approx(scanned_hull(changes, level), abs=1e-12)
    assert result.level == level


@pytest.mark.parametrize("seed", range(4))
def test_inversion_skips_no_accepted_shift_in_larger_samples(seed: int) -> None:
    changes = np.random.default_rng(seed).choice([0, 0, 0, 1, 2, 5, -1, -3], 22).tolist()
    result = hodges_lehmann(changes, interval="inversion")
    assert (result.lower, result.upper) == scanned_hull(changes, 0.95)


@given(changes_of_six, some.integers(-3, 3))
def test_shift_scale_and_sign(changes: list[int], shift: int) -> None:
    for interval in ("walsh", "inversion"):
        plain = hodges_lehmann(changes, 0.9, interval)
        moved = hodges_lehmann([2 * change + shift for change in changes], 0.9, interval)
        mirrored = hodges_lehmann([-change for change in changes], 0.9, interval)
        values = [plain.value, plain.lower, plain.upper]
        expected = [2 * value + shift for value in values]
        assert [moved.value, moved.lower, moved.upper] == pytest.approx(expected, abs=1e-9)
        assert [-mirrored.value, -mirrored.upper, -mirrored.lower] == pytest.approx(values)


def test_too_few_pairs_for_the_level_is_said() -> None:
    closed = hodges_lehmann([1, 2, 3, 4, 5])
    assert (closed.lower, closed.upper, closed.level) == (1, 5, 0.9375)
    inverted = hodges_lehmann([1, 2, 3, 4, 5], interval="inversion")
    assert (inverted.lower, inverted.upper) == (-math.inf, math.inf)
    assert "too few pairs" in inverted.convention
    bounded = hodges_lehmann([1, 2, 3, 4, 5, 6], interval="inversion")
    assert math.isfinite(bounded.lower)
    just = hodges_lehmann([1, 2, 3, 4, 5], 0.9375, "inversion")
    assert math.isfinite(just.lower)


def test_differences_symmetric_about_no_value() -> None:
    changes = [0] * 80 + list(range(1, 21))
    inverted = hodges_lehmann(changes, interval="inversion")
    assert "every shift is rejected" in inverted.reason
    closed = hodges_lehmann(changes)
    assert (closed.lower, closed.value) == (0, 0)
    assert closed.estimable


def test_size_limits_of_the_inversion() -> None:
    changes = np.random.default_rng(1).integers(-5, 9, 150).astype(float)
    normal = hodges_lehmann(changes, interval="inversion")
    assert "tie-corrected normal" in normal.method
    assert "exact" in hodges_lehmann(changes[:100], interval="inversion").method
    assert "exact" not in hodges_lehmann(changes[:101], interval="inversion").method
    assert normal.lower <= normal.value <= normal.upper
    refused = hodges_lehmann(np.arange(501.0), interval="inversion")
    assert "up to 500 pairs" in refused.reason


def test_degenerate_data() -> None:
    assert hodges_lehmann([4]).reason == "fewer than two pairs"
    for interval in ("walsh", "inversion"):
        constant = hodges_lehmann([3] * 13, interval=interval)
        assert (constant.value, constant.lower, constant.upper) == (3, 3, 3)
        unchanged = hodges_lehmann([0] * 8, interval=interval)
        assert (unchanged.value, unchanged.lower, unchanged.upper) == (0, 0, 0)
    with pytest.raises(ValueError, match="level: is 95, must be a share between 0 and 1"):
        hodges_lehmann([1, 2], 95)
    with pytest.raises(ValueError, match="must be finite"):
        hodges_lehmann([1, math.nan])
