"""Shares of subjects: exact, mid-P, Blaker and Wilson intervals, one-sided bounds, tests."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.optimize import brentq
from scipy.special import bdtr, bdtrc, betainccinv, betaincinv, ndtri

from .result import (
    Alternative,
    Result,
    check_choice,
    check_share,
    not_estimable,
    whole_number,
)

_ROOT = {"xtol": 1e-14, "rtol": 1e-13, "maxiter": 500}


def clopper_pearson(events: int, n: int, level: float = 0.95) -> Result:
    """Return the share of events with the exact interval of equal tails.

    Clopper and Pearson 1934, *Biometrika* 26:404. Coverage is never below ``level``.

    Raises:
        ValueError: events or n are not whole numbers with 0 <= events <= n, or the level is
            outside 0..1 (as in all functions of this module).
    """
    return _share(events, n, level, "exact, Clopper-Pearson", "closed, equal tails", _exact_limits)


def wilson(events: int, n: int, level: float = 0.95) -> Result:
    """Return the share of events with the score interval, without continuity correction.

    Wilson 1927, *JASA* 22:209. Approximate: its coverage is near ``level`` only on average.
    """
    method = "Wilson score, approximate"
    return _share(events, n, level, method, "no continuity correction", _wilson_limits)


def blaker(events: int, n: int, level: float = 0.95) -> Result:
    """Return the share of events with Blaker's exact interval, inside Clopper-Pearson's.

    The hull of the rates p whose acceptability exceeds 1 - level. Blaker 2000, *Can J Stat*
    28:783.
    """
    method = "exact, Blaker"
    convention = "hull of the rates with acceptability above 1 - level"
    return _share(events, n, level, method, convention, _blaker_limits)


def midp(events: int, n: int, level: float = 0.95) -> Result:
    """Return the share of events with the mid-P interval.

    Half the probability of the observed count is left out of each tail. Lancaster 1961, *JASA*
    56:223. Not conservative: coverage can fall below ``level``.
    """
    method = "mid-P, not guaranteed to cover"
    return _share(events, n, level, method, "half the observed probability", _midp_limits)


def upper_bound(events: int, n: int, level: float = 0.95) -> Result:
    """Return the share of events with its exact one-sided upper bound (0 of 13: 20.6 %).

    Clopper and Pearson 1934; without events it is 1 - (1 - level)^(1/n) (Hanley and
    Lippman-Hand 1983, *JAMA* 249:1743).
    """
    return _share(
        events, n, level, "exact, Clopper-Pearson", "one-sided upper bound", _upper_limit_only
    )


def lower_bound(events: int, n: int, level: float = 0.95) -> Result:
    """Return the share of events with its exact one-sided lower bound (Clopper-Pearson)."""
    return _share(
        events, n, level, "exact, Clopper-Pearson", "one-sided lower bound", _lower_limit_only
    )


def binomial_test(
    events: int, n: int, rate: float, alternative: Alternative = "two-sided"
) -> Result:
    """Return the exact test of the share of events against a fixed ``rate``.

    Two-sided p adds all counts that are no likelier than the observed one. Clopper and Pearson
    1934; scipy's ``binomtest``.

    Raises:
        ValueError: counts as above, a rate outside 0..1, an unknown alternative.
    """
    check_choice(alternative, "alternative", Alternative)
    check_share(rate, "rate", closed=True)
    events, n = _counts(events, n)
    method, convention = "exact, binomial", f"against a rate of {rate:.6g}, {alternative}"
    if n == 0:
        return not_estimable("share", n, method, convention, "no subjects")
    from scipy.stats import binomtest  # takes half a second; most steps never come here

    return Result(
        statistic="share",
        value=events / n,
        p=float(binomtest(events, n, rate, alternative).pvalue),
        n=n,
        method=method,
        convention=convention,
    )


def _counts(events: int, n: int) -> tuple[int, int]:
    n = whole_number(n, "n")
    return whole_number(events, "events", high=n), n


def _share(
    events: int,
    n: int,
    level: float,
    method: str,
    convention: str,
    limits: Callable[[int, int, float], tuple[float, float]],
) -> Result:
    """Return the share of events with the interval that ``limits(events, n, alpha)`` gives."""
    check_share(level, "level")
    events, n = _counts(events, n)
    if n == 0:
        return not_estimable("share", n, method, convention, "no subjects")
    lower, upper = limits(events, n, 1 - level)
    return Result(
        statistic="share",
        value=events / n,
        lower=lower,
        upper=upper,
        level=level,
        n=n,
        method=method,
        convention=convention,
    )


def _exact_limits(events: int, n: int, alpha: float) -> tuple[float, float]:
    return _exact_lower(events, n, alpha / 2), _exact_upper(events, n, alpha / 2)


def _exact_lower(events: int, n: int, tail: float) -> float:
    """Return the rate at which P(X >= events) is ``tail``."""
    return float(betaincinv(events, n - events + 1, tail)) if events else 0.0


def _exact_upper(events: int, n: int, tail: float) -> float:
    """Return the rate at which P(X <= events) is ``tail``."""
    return float(betainccinv(events + 1, n - events, tail)) if events < n else 1.0


def _wilson_limits(events: int, n: int, alpha: float) -> tuple[float, float]:
    """Return the roots of (share - rate)^2 = z^2 rate (1 - rate) / n. Wilson 1927, JASA 22:209."""
    z = float(ndtri(1 - alpha / 2))
    centre = (events + z**2 / 2) / (n + z**2)
    half = z * math.sqrt(events * (n - events) / n + z**2 / 4) / (n + z**2)
    # The ends are 0 and 1 by algebra and miss them by rounding.
    return centre - half if events else 0.0, centre + half if events < n else 1.0


def _upper_limit_only(events: int, n: int, alpha: float) -> tuple[float, float]:
    return 0.0, _exact_upper(events, n, alpha)


def _lower_limit_only(events: int, n: int, alpha: float) -> tuple[float, float]:
    return _exact_lower(events, n, alpha), 1.0


def _at_most(k: int, n: int, rate: float) -> float:
    """Return P(X <= k), X binomial."""
    return float(bdtr(k, n, rate)) if k >= 0 else 0.0


def _at_least(k: int, n: int, rate: float) -> float:
    """Return P(X >= k), X binomial."""
    return float(bdtrc(k - 1, n, rate)) if k >= 1 else 1.0


def _midp_limits(events: int, n: int, alpha: float) -> tuple[float, float]:
    return (
        _midp_lower(events, n, alpha) if events else 0.0,
        1 - _midp_lower(n - events, n, alpha) if events < n else 1.0,
    )


def _midp_lower(events: int, n: int, alpha: float) -> float:
    def excess(rate: float) -> float:
        return (_at_least(events, n, rate) + _at_least(events + 1, n, rate) - alpha) / 2

    return float(brentq(excess, 0.0, 1.0, **_ROOT))


def _blaker_limits(events: int, n: int, alpha: float) -> tuple[float, float]:
    return _blaker_lower(events, n, alpha), 1 - _blaker_lower(n - events, n, alpha)


def _blaker_lower(events: int, n: int, alpha: float) -> float:
    """Return the lowest rate whose acceptability exceeds ``alpha``.

    Below events/n the acceptability of a rate is P(X >= events) + P(X <= k), k the largest
    count whose lower tail is no larger than that upper tail. It jumps up where k grows and has
    a single minimum between jumps, so it first exceeds alpha at most one jump above the
    Clopper-Pearson limit, either at that jump or at the one root before it.
    """
    if events == 0:
        return 0.0
    start = _exact_lower(events, n, alpha / 2)
    upper_tail = _at_least(events, n, start)
    k = max((k for k in range(events) if _at_most(k, n, start) <= upper_tail), default=-1)

    def acceptability_excess(rate: float) -> float:
        return _at_least(events, n, rate) + _at_most(k, n, rate) - alpha

    def before_jump(rate: float) -> float:
        return _at_least(events, n, rate) - _at_most(k + 1, n, rate)

    jump = float(brentq(before_jump, start, 1.0, **_ROOT))
    if acceptability_excess(jump) <= 0:
        return jump
    return float(brentq(acceptability_excess, start, jump, **_ROOT))
