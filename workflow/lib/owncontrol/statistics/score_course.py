"""The change of a score between two days that a published course lets one calculate.

A course is the mean score of a cohort on several days. Between them the mean is interpolated
linearly in the logarithm of the day: recovery is fast at first and slows down. Persons examined
on two days are largely the same, so their means are correlated; how strongly is rarely published.
"""

from __future__ import annotations

import math
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
    first, last = days_of(course)
    if not first <= from_day < to_day <= last:
        raise ValueError(
            f"from_day, to_day: are {from_day:g} and {to_day:g}, must ascend within {first:g} to "
            f"{last:g}"
        )
    if isinstance(course, TotalChange):
        part = (to_day - from_day) / (last - first)
        return ExpectedChange(change=part * course.change, se=part * course.se, sd=math.nan)
    before, after = _weights(course, from_day), _weights(course, to_day)
    weights = after - before
    used = weights != 0
    sds, sizes = np.array(course.sds), np.array(course.sizes)
    shared = np.full((len(sds), len(sds)), correlation)
    np.fill_diagonal(shared, 1.0)
    covariance = shared * np.outer(sds, sds) / np.maximum.outer(sizes, sizes)
    part = weights[used] @ covariance[np.ix_(used, used)] @ weights[used]
    one, other = _at(sds, before), _at(sds, after)
    spread = one**2 + other**2 - 2 * correlation * one * other
    return ExpectedChange(
        change=float(weights @ np.array(course.means)),
        se=math.sqrt(part) if part >= 0 else math.nan,
        sd=math.sqrt(spread) if spread >= 0 else math.nan,
    )


def _weights(course: VisitMeans, day: float) -> Floats:
    """Return how much of each visit's mean is in the mean of a day; they add up to 1."""
    days = np.log(np.array(course.days))
    return np.array(
        [np.interp(math.log(day), days, row) for row in np.eye(len(days))], dtype=np.float64
    )


def _at(values: Floats, weights: Floats) -> float:
    used = weights != 0
    return float(weights[used] @ values[used])
