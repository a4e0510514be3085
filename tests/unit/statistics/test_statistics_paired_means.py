"""Means and the paired t-test against R's published values and scipy."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from owncontrol.statistics import mean, mean_change, paired_t_test, standard_deviation
from scipy import stats

REAL = Path(__file__).parents[4] / "shared" / "real"
# Extra hours of sleep under two drugs: Cushny and Peebles, in Student 1908, Biometrika 6:20.
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
NUMBERS = some.lists(
    some.integers(-10_000, 10_000).map(lambda number: number / 100), min_size=2, max_size=30
)


def test_sleep_as_r_has_it() -> None:
    change = np.subtract(SECOND, FIRST)
    test, size = paired_t_test(change), mean_change(change)
    # t.test(extra ~ group, paired = TRUE) in R's documentation, signs turned.
    assert (round(test.value, 4), test.df, round(test.p, 6)) == (4.0621, 9, 0.002833)
    assert round(size.value, 10) == 1.58
    assert (round(size.lower, 7), round(size.upper, 6)) == (0.7001142, 2.459886)
    assert round(standard_deviation(change).value, 6) == 1.229995


def test_anorexia_as_r_has_it() -> None:
    path = REAL / "anorexia" / "anorexia.csv"
    if not path.is_file():
        pytest.skip(f"{path} is not on this machine")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Treat"] == "FT"]
    change = [float(row["Postwt"]) - float(row["Prewt"]) for row in rows]
    test = paired_t_test(change)
    # Family therapy in MASS (Hand et al. 1993, data set 285).
    assert (round(test.value, 4), test.df, round(test.p, 7)) == (4.1849, 16, 0.0007003)
    assert round(mean_change(change).value, 6) == 7.264706


@given(NUMBERS, some.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_as_scipy_has_it(change: list[float], level: float) -> None:
    assume(len(set(change)) > 1)
    expected = stats.ttest_rel(change, np.zeros(len(change)))
    test, size = paired_t_test(change), mean_change(change, level)
    assert test.value == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
    assert test.p == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300)
    interval = expected.confidence_interval(level)
    assert (size.lower, size.upper) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert size.value == pytest.approx(np.mean(change), rel=1e-9, abs=1e-12)
    assert standard_deviation(change).value == pytest.approx(np.std(change, ddof=1), rel=1e-9)


@given(NUMBERS)
def test_the_interval_excludes_zero_where_p_is_below_its_error(change: list[float]) -> None:
    assume(len(set(change)) > 1)
    size, p = mean_change(change, 0.95), paired_t_test(change).p
    assume(abs(p - 0.05) > 1e-9)
    assert (size.lower > 0 or size.upper < 0) == (p < 0.05)


def test_differences_that_are_equal_as_measured_have_no_test() -> None:
    change = [2.6 - 2.2, 1.4 - 1.0, 0.4]  # unequal in binary
    assert len(set(change)) > 1
    test, size = paired_t_test(change), mean_change(change)
    assert (test.reason, math.isnan(test.p)) == ("all differences are equal", True)
    assert size.value == pytest.approx(0.4)
    assert math.isnan(size.lower)
    assert "no interval: all differences are equal" in size.convention


def test_few_values() -> None:
    assert paired_t_test([3.0]).reason == "fewer than two pairs"
    assert (mean_change([3.0]).value, mean_change([]).reason) == (3.0, "no pair")
    assert (mean([]).reason, mean([2.0, 4.0]).value) == ("no value", 3.0)
    assert standard_deviation([2.0]).reason == "fewer than two values"


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_share(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        mean_change([1.0, 2.0], level)


def test_what_is_no_number_is_refused() -> None:
    for function in (mean, standard_deviation, mean_change, paired_t_test):
        with pytest.raises(ValueError, match=r"differences|values"):
            function([1.0, math.nan])
