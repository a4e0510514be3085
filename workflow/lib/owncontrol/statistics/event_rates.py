"""Events over time under observation: rates, and the ratio of two, with exact intervals."""

from __future__ import annotations

import math

from scipy.special import gammaincinv

from .proportions import clopper_pearson
from .result import Result, check_share, not_estimable, whole_number

RATE = "exact, Garwood"
RATIO = "exact, conditional on the number of events"
INDEPENDENT = "events as if independent, also those of one subject"


def event_rate(events: int, time: float, n: int, level: float = 0.95) -> Result:
    """Return events per unit of ``time`` with the exact interval of a Poisson mean.

    Garwood 1936, *Biometrika* 28:437. ``n``: the subjects under observation.

    Raises:
        ValueError: events are no whole number, time is negative or not finite, or the level is
            outside 0..1.
    """
    events, level = whole_number(events, "events"), check_share(level, "level")
    _check_time(time, "time")
    if not time:
        return not_estimable("rate", n, RATE, INDEPENDENT, "no time under observation")
    tail = (1 - level) / 2
    lower = float(gammaincinv(events, tail)) if events else 0.0
    return Result(
        statistic="rate",
        value=events / time,
        lower=lower / time,
        upper=float(gammaincinv(events + 1, 1 - tail)) / time,
        level=level,
        n=n,
        method=RATE,
        convention=INDEPENDENT,
    )


def rate_ratio(
    events: tuple[int, int], times: tuple[float, float], n: int, level: float = 0.95
) -> Result:
    """Return the second rate over the first, with its exact interval.

    Of all events the number in the second time is binomial with the share r t2 / (t1 + r t2), so
    that the Clopper-Pearson bounds of the share are bounds of the ratio r (Przyborowski and
    Wilenski 1940, *Biometrika* 31:313). An end that the events leave open is NaN.

    Raises:
        ValueError: as for ``event_rate``.
    """
    first, second = (whole_number(count, "events") for count in events)
    for time in times:
        _check_time(time, "time")
    if not all(times):
        return not_estimable("ratio", n, RATIO, INDEPENDENT, "no time under observation")
    if not first:
        reason = "no event in the first of the two times"
        return not_estimable("ratio", n, RATIO, INDEPENDENT, reason)
    share = clopper_pearson(second, first + second, level)
    scale = times[0] / times[1]
    return Result(
        statistic="ratio",
        value=second / first * scale,
        lower=_odds(share.lower) * scale,
        upper=_odds(share.upper) * scale,
        level=level,
        n=n,
        method=RATIO,
        convention=INDEPENDENT,
    )


def _odds(share: float) -> float:
    return share / (1 - share)


def _check_time(time: float, name: str) -> None:
    if not (math.isfinite(time) and time >= 0):
        raise ValueError(f"{name}: is {time!r}, must be a number of at least 0")
