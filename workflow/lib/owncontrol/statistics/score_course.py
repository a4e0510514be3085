"""The change of a score between two days that a published course lets one calculate.

A course is the mean score of a cohort on several days. Between them the mean is interpolated
linearly in the logarithm of the day: recovery is fast at first and slows down. Persons examined
on two days are largely the same, so their means are correlated; how strongly is rarely published.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from .result import Floats, check_share


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitMeans:
    """Means of a cohort by day. ``days`` ascend from 1 on; SD and n are NaN where not published."""

    days: tuple[float, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]
    sizes: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TotalChange:
    """A change from ``from_day`` to ``day`` with its standard error, taken as linear in time."""

    from_day: float
    day: float
    change: float
    se: float


Course = VisitMeans | TotalChange


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedChange:
    """A mean change with its standard error, and the SD of the change of one person (or NaN)."""

    change: float
    se: float
    sd: float

    def interval(self, level: float) -> tuple[float, float]:
        """Return the normal interval of the mean change at a confidence level (a share)."""
        half = float(ndtri((1 + check_share(level, "level")) / 2)) * self.se
        return self.change - half, self.change + half


def days_of(course: Course) -> tuple[float, float]:
    """Return the first and the last day that a course holds."""
    if isinstance(course, TotalChange):
        return course.from_day, course.day
    return course.days[0], course.days[-1]


def expected_change(
    course: Course, from_day: float, to_day: float, correlation: float
) -> ExpectedChange:
    """Return the mean at ``to_day`` less the mean at ``from_day``.

    ``correlation``: of one person's scores on two days. All who were examined on one of two days
    are taken as examined on that with more of them as well, so that the covariance of two means is
    correlation * SD * SD / (larger n). Of a linear change the standard error is that of the total
    by the share of the time; it holds the correlation already.

    Raises:
        ValueError: a day outside the course, ``to_day`` not after ``from_day``, a correlation
            outside 0..1.
    """
    check_share(correlation, "correlation", closed=True)
    change, se = mean_expected_change(course, [(from_day, to_day)], correlation)
    return ExpectedChange(
        change=change, se=se, sd=_spread_of_one(course, from_day, to_day, correlation)
    )


def mean_expected_change(
    course: Course, days: Sequence[tuple[float, float]], correlation: float
) -> tuple[float, float]:
    """Return the mean of the expected changes of several persons, and its standard error.

    ``days``: first and second day of each person. All of them share the uncertainty of the course.

    Raises:
        ValueError: as ``expected_change``; no days.
    """
    if not days:
        raise ValueError("days: are none, must be those of at least one person")
    for from_day, to_day in days:
        _check_days(course, from_day, to_day)
    if isinstance(course, TotalChange):
        whole = len(days) * (course.day - course.from_day)
        part = sum(to_day - from_day for from_day, to_day in days) / whole
        return part * course.change, part * course.se
    weights = np.mean(
        [_weights(course, to_day) - _weights(course, from_day) for from_day, to_day in days],
        axis=0,
    )
    used = weights != 0
    sds, sizes = np.array(course.sds), np.array(course.sizes)
    shared = np.full((len(sds), len(sds)), correlation)
    np.fill_diagonal(shared, 1.0)
    covariance = shared * np.outer(sds, sds) / np.maximum.outer(sizes, sizes)
    variance = float(weights[used] @ covariance[np.ix_(used, used)] @ weights[used])
    se = math.sqrt(max(0.0, variance)) if variance == variance else math.nan
    return float(weights @ np.array(course.means)), se


def _check_days(course: Course, from_day: float, to_day: float) -> None:
    first, last = days_of(course)
    if not first <= from_day < to_day <= last:
        raise ValueError(
            f"from_day, to_day: are {from_day:g} and {to_day:g}, must ascend within {first:g} to "
            f"{last:g}"
        )


def _spread_of_one(course: Course, from_day: float, to_day: float, correlation: float) -> float:
    """Return the SD of the change of one person; NaN of a total change."""
    if isinstance(course, TotalChange):
        return math.nan
    sds = np.array(course.sds)
    one, other = _at(sds, _weights(course, from_day)), _at(sds, _weights(course, to_day))
    variance = one**2 + other**2 - 2 * correlation * one * other
    return math.sqrt(max(0.0, variance)) if variance == variance else math.nan


def _weights(course: VisitMeans, day: float) -> Floats:
    """Return how much of each visit's mean is in the mean of a day; they add up to 1."""
    days = course.days
    last = min(max(bisect_right(days, day), 1), len(days) - 1)
    share = math.log(day / days[last - 1]) / math.log(days[last] / days[last - 1])
    weights: Floats = np.zeros(len(days))
    weights[last - 1 : last + 1] = 1 - share, share
    return weights


def _at(values: Floats, weights: Floats) -> float:
    used = weights != 0
    return float(weights[used] @ values[used])
