"""The expected change between two days: by hand, and by simulation of persons seen twice."""

from __future__ import annotations

import math

import numpy as np
import pytest
from owncontrol.statistics.score_course import TotalChange, VisitMeans, days_of, expected_change

COURSE = VisitMeans(
    days=(7, 28, 112, 364), means=(10, 14, 20, 23), sds=(8, 9, 10, 11), sizes=(90, 80, 85, 70)
)


def test_between_visits_the_mean_is_linear_in_the_logarithm_of_the_day() -> None:
    # 14 is halfway between 7 and 28 on a scale of logarithms, and so is 56 between 28 and 112.
    assert expected_change(COURSE, 14, 56, 0.8).change == pytest.approx(17 - 12)
    assert expected_change(COURSE, 7, 364, 0.8).change == pytest.approx(13)
    assert expected_change(COURSE, 28, 112, 0.8).change == pytest.approx(6)
    both = (
        expected_change(COURSE, 20, 60, 0.8).change + expected_change(COURSE, 60, 300, 0.8).change
    )
    assert both == pytest.approx(expected_change(COURSE, 20, 300, 0.8).change)


def test_standard_error_and_spread_by_hand() -> None:
    found = expected_change(COURSE, 28, 112, 0.87)
    variance = 81 / 80 + 100 / 85 - 2 * 0.87 * 9 * 10 / 85
    assert found.se == pytest.approx(math.sqrt(variance))
    assert found.sd == pytest.approx(math.sqrt(81 + 100 - 2 * 0.87 * 90))
    lower, upper = found.interval(0.95)
    assert (upper - lower) / 2 == pytest.approx(1.959964 * math.sqrt(variance))
    assert (upper + lower) / 2 == pytest.approx(6)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_standard_error_is_the_spread_of_simulated_cohorts(correlation: float) -> None:
    sds, n, repeats = np.array(COURSE.sds), 40, 20_000
    shared = np.full((4, 4), correlation) + np.eye(4) * (1 - correlation)
    random = np.random.default_rng(7)
    # The mean of n persons has the covariance of one person by n.
    means = random.multivariate_normal(COURSE.means, shared * np.outer(sds, sds) / n, repeats)
    same = VisitMeans(days=COURSE.days, means=COURSE.means, sds=COURSE.sds, sizes=(n,) * 4)
    changes = [
        np.interp(math.log(200), np.log(COURSE.days), row)
        - np.interp(math.log(40), np.log(COURSE.days), row)
        for row in means
    ]
    found = expected_change(same, 40, 200, correlation)
    assert found.se == pytest.approx(np.std(changes), rel=0.03)
    assert found.change == pytest.approx(np.mean(changes), abs=0.1)


def test_a_total_change_is_shared_out_by_time() -> None:
    total = TotalChange(from_day=14, day=364, change=35, se=3.5)
    found = expected_change(total, 49, 119, 0.87)
    assert (found.change, found.se) == (pytest.approx(7), pytest.approx(0.7))
    assert math.isnan(found.sd)
    assert days_of(total) == (14, 364)


def test_what_is_not_published_gives_no_interval() -> None:
    bare = VisitMeans(days=(7, 28), means=(1, 2), sds=(math.nan, 3), sizes=(10, math.nan))
    found = expected_change(bare, 10, 20, 0.87)
    assert found.change > 0
    assert math.isnan(found.se) and math.isnan(found.sd)


def test_what_is_not_published_elsewhere_does_not_matter() -> None:
    partly = VisitMeans(
        days=(7, 28, 112), means=(1, 2, 3), sds=(math.nan, 3, 3), sizes=(math.nan, 9, 9)
    )
    assert expected_change(partly, 28, 112, 0).se == pytest.approx(math.sqrt(2))


@pytest.mark.parametrize("days", [(6, 28), (28, 365), (28, 28), (56, 28), (math.nan, 28)])
def test_nothing_is_extrapolated(days: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="within 7 to 364"):
        expected_change(COURSE, *days, 0.87)


def test_a_correlation_is_a_share() -> None:
    with pytest.raises(ValueError, match="correlation"):
        expected_change(COURSE, 7, 28, 1.2)
