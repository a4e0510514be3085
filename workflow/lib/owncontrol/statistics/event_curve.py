"""Time to an event that was seen or not by a last look: Kaplan-Meier with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from .result import Floats, Result, check_share, not_estimable
from .survival import PRODUCT_LIMIT as METHOD
from .survival import product_limit

BAND = "Greenwood variance, interval on the log-minus-log scale"
MEDIAN = "first time at which half or fewer are without the event; Brookmeyer-Crowley interval"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventCurve:
    """The share without the event after each time at which one was seen.

    ``time``, ``survival``, ``lower``, ``upper``, shape ``(k,)``: one entry for each distinct time
    of an event; bounds are NaN where no share is left, because the variance is not defined there.
    ``last``: the longest time of a subject; nothing is known beyond it. ``total``: of all times.
    """

    time: Floats
    survival: Floats
    lower: Floats
    upper: Floats
    at_risk: Floats
    n: int
    events: int
    total: float
    last: float
    level: float

    def without_at(self, time: float) -> Result:
        """The share without the event after ``time``, with its interval.

        Not estimable beyond the longest time of a subject, unless nobody was without it by then.
        """
        about = ("share", self.n, METHOD, BAND)
        place = int(np.searchsorted(self.time, time, side="right")) - 1
        if time > self.last and (place < 0 or self.survival[place] > 0):
            return not_estimable(*about, "nobody was followed for so long")
        share, lower, upper = 1.0, math.nan, math.nan
        if place >= 0:
            share, lower, upper = (
                float(column[place]) for column in (self.survival, self.lower, self.upper)
            )
        return Result(
            statistic="share",
            value=share,
            lower=lower,
            upper=upper,
            level=self.level,
            n=self.n,
            method=METHOD,
            convention=BAND,
        )

    def median(self) -> Result:
        """The time by which half had the event; not estimable where fewer than half had it.

        A bound that the interval's curve does not reach is NaN: Brookmeyer and Crowley 1982,
        *Biometrics* 38:29.
        """
        value, lower, upper = (
            self._first_at_half(column) for column in (self.survival, self.lower, self.upper)
        )
        if math.isnan(value):
            reason = "fewer than half had the event"
            return not_estimable("median", self.n, METHOD, MEDIAN, reason)
        return Result(
            statistic="median",
            value=value,
            lower=lower,
            upper=upper,
            level=self.level,
            n=self.n,
            method=METHOD,
            convention=MEDIAN,
        )

    def _first_at_half(self, column: Floats) -> float:
        reached = np.flatnonzero(np.nan_to_num(column, nan=1.0) <= 0.5 + 1e-12)
        return float(self.time[reached[0]]) if len(reached) else math.nan


def event_curve(time: ArrayLike, event: ArrayLike, level: float = 0.95) -> EventCurve:
    """Return the product-limit estimate of the share without the event.

    Of an event and a last look at the same time the event comes first. Kaplan and Meier 1958,
    *JASA* 53:457; interval of Kalbfleisch and Prentice 1980, section 1.3, of Greenwood's variance.

    Args:
        time: shape ``(n,)``, time of the event, or of the last look without it; not negative.
        event: shape ``(n,)``, 1 where the event was seen, 0 where not.
        level: of the intervals.

    Raises:
        ValueError: unequal lengths, nobody, a negative, NaN or infinite time, an event that is
            neither 0 nor 1, a level outside 0..1.
    """
    check_share(level, "level")
    table = product_limit(time, event)
    if not table.n or table.time[0] < 0:
        raise ValueError("time: must hold a subject, and no negative time")
    at_event = table.events > 0
    had, at_risk = table.events[at_event], table.at_risk[at_event]
    survival = table.survival[at_event]
    lower, upper = _band(survival, had, at_risk, level)
    return EventCurve(
        time=table.time[at_event],
        survival=survival,
        lower=lower,
        upper=upper,
        at_risk=at_risk,
        n=table.n,
        events=int(had.sum()),
        total=float(np.sum(np.asarray(time, dtype=np.float64))),
        last=float(table.time[-1]),
        level=level,
    )


def _band(survival: Floats, had: Floats, at_risk: Floats, level: float) -> tuple[Floats, Floats]:
    """Both bounds of the share, NaN where it is 0: S to the power exp(-+ z se / log S)."""
    known = survival > 0
    lower, upper = np.full(len(survival), np.nan), np.full(len(survival), np.nan)
    left = np.where(known, at_risk - had, 1.0)
    summed = np.cumsum(np.where(known, had / (at_risk * left), 0.0))[known]
    logs = np.log(survival[known])
    spread = ndtri((1 + level) / 2) * np.sqrt(summed) / np.abs(logs)
    lower[known], upper[known] = (
        survival[known] ** np.exp(spread),
        survival[known] ** np.exp(-spread),
    )
    return lower, upper
