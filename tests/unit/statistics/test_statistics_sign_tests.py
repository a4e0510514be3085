"""Sign test and sign-flip test against enumeration."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from owncontrol.statistics import (
    Directions,
    count_directions,
    median_interval,
    sign_flip_test,
    sign_test,
)
from owncontrol.statistics.sign_tests import _enumerated_tails

ALTERNATIVES = ("two-sided", "greater", "less")
small_changes = some.lists(some.integers(-6, 6), min_size=2, max_size=9)


def tail_p(sums: np.ndarray, observed: float, alternative: str) -> float:
    noise = 1e-9
    upper, lower = np.mean(sums >= observed - noise), np.mean(sums <= observed + noise)
    tails = {"greater": upper, "less": lower, "two-sided": min(1, 2 * min(upper, lower))}
    return float(tails[alternative])


def all_flips(size: int) -> np.ndarray:
    return np.array(list(itertools.product((-1, 1), repeat=size))).reshape(2**size, size)


@given(small_changes, some.sampled_from(ALTERNATIVES))
def test_sign_test_equals_enumeration(changes: list[int], alternative: str) -> None:
    signs = np.sign([change for change in changes if change])
    expected = tail_p((all_flips(len(signs)) > 0).sum(axis=1), (signs > 0).sum(), alternative)
    result = sign_test(changes, alternative)
    assert result.p == pytest.approx(expected, abs=1e-14)
    assert result.value == (signs > 0).sum()


@given(small_changes, some.sampled_from(ALTERNATIVES), some.sampled_from([1, 0.1, 0.3]))
def test_sign_flip_test_equals_enumeration(
    changes: list[int], alternative: str, unit: float
) -> None:
    sums = all_flips(len(changes)) @ np.array(changes)
    result = sign_flip_test([change * unit for change in changes], alternative)
    assert result.p == tail_p(sums, sum(changes), alternative)
    assert result.value == pytest.approx(sum(changes) * unit)
    assert "dynamic programming" in result.method


@given(
    some.lists(some.floats(-1, 1).filter(lambda x: abs(x) > 1e-3), min_size=4, max_size=9),
    some.sampled_from(ALTERNATIVES),
)
def test_sign_flip_test_off_any_grid(changes: list[float], alternative: str) -> None:
    sums = all_flips(len(changes)) @ np.array(changes)
    assert sign_flip_test(changes, alternative).p == tail_p(sums, sum(changes), alternative)


@given(small_changes.filter(any))
def test_two_halves_agree_with_the_grid(changes: list[int]) -> None:
    upper, lower = _enumerated_tails([float(change) for change in changes])
    assert sign_flip_test(changes, "greater").p == upper
    assert sign_flip_test(changes, "less").p == lower


def test_thirds_tie_although_no_decimal_grid_holds_them() -> None:
    third = 1 / 3
    result = sign_flip_test([third, third, -2 * third, 5 * third])
    assert result.p == sign_flip_test([1, 1, -2, 5]).p
    assert "two enumerated halves" in result.method


def test_large_off_grid_samples_are_approximated_and_say_so() -> None:
    changes = np.random.default_rng(0).normal(0.2, 1, 200)
    result = sign_flip_test(changes)
    assert result.method.startswith("normal approximation")
    on_grid = sign_flip_test(np.rint(changes * 1000))
    assert on_grid.method.startswith("exact")
    assert result.p == pytest.approx(on_grid.p, rel=0.1)


def test_counts_and_degenerate_data() -> None:
    assert count_directions([3, 0, -1, 2]) == Directions(up=2, same=1, down=1)
    assert count_directions([0.2, -0.2, 3.0], resolution=1) == Directions(1, 2, 0)
    for test in (sign_test, sign_flip_test):
        assert test([0, 0, 0]).p == 1.0
        assert test([2.0]).reason == "fewer than two pairs"
        with pytest.raises(ValueError, match="must be finite"):
            test([1.0, math.nan])
    assert "up 2, same 1, down 1" in sign_test([3, 0, -1, 2]).convention


@given(some.lists(some.floats(-9, 9), min_size=2, max_size=14, unique=True))
def test_median_interval_is_what_the_sign_test_does_not_reject(changes: list[float]) -> None:
    result = median_interval(changes)
    ordered = sorted(changes)
    assert result.value == np.median(changes)
    if result.level < 0.95:
        assert (result.lower, result.upper) == (ordered[0], ordered[-1])
        return
    # Between two neighbours all shifts have the same signs, so counting them is enough.
    kept = [
        (ordered[below - 1], ordered[below])
        for below in range(1, len(changes))
        if sign_test([-1.0] * below + [1.0] * (len(changes) - below)).p > 0.05
    ]
    assert (result.lower, result.upper) == (kept[0][0], kept[-1][1])


def test_median_interval_of_thirteen_and_of_too_few() -> None:
    thirteen = median_interval(range(1, 14))
    assert (thirteen.lower, thirteen.value, thirteen.upper) == (3, 7, 11)
    assert "k=3 of 13, achieved level 97.75%" in thirteen.convention
    assert median_interval([1, 2, 3, 4]).level == 0.875
    assert median_interval([1]).reason == "fewer than two pairs"
