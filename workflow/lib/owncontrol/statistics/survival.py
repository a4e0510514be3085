"""Time to a first event: Turnbull's estimate between visits, Kaplan-Meier at visits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from .result import Floats, check_choice, check_share, finite_vector, float_array

Closure = Literal["half-open", "closed"]

_KKT_TOLERANCE = 1e-10
_NEWTON_STEPS = 500
_NO_MASS = 1e-9
_CLOSURES: dict[Closure, str] = {
    "half-open": "half-open (l, r], exact where l = r",
    "closed": "closed [l, r]",
}
_FEWER_THAN_TWO = "fewer than two subjects"
PRODUCT_LIMIT = "Kaplan-Meier product-limit"


@dataclass(frozen=True, kw_only=True, slots=True)
class SurvivalCurve:
    """A non-parametric estimate of the time to a first event.

    The event falls within ``left[i] .. right[i]`` with probability ``mass[i]``; where in that
    interval, the data do not say. ``survival[i]`` is the share without the event after
    ``right[i]``. Kaplan-Meier rows have ``left == right``. Times are in the unit of the input.
    ``kkt_excess`` is how far the estimate is from the maximum (0 at the maximum). A non-empty
    ``reason`` says that there is no estimate, and why.
    """

    left: tuple[float, ...] = ()
    right: tuple[float, ...] = ()
    mass: tuple[float, ...] = ()
    survival: tuple[float, ...] = ()
    log_likelihood: float = math.nan
    kkt_excess: float = math.nan
    n: int
    events: int
    method: str
    convention: str
    reason: str = ""

    def survival_after(self, time: float) -> tuple[float, float]:
        """Return the least and greatest share without the event after ``time``.

        They differ only where ``time`` lies inside an interval of positive mass.
        """
        if self.reason:
            return math.nan, math.nan
        sure = sum(m for m, right in zip(self.mass, self.right, strict=True) if right <= time)
        begun = sum(
            mass
            for mass, left, right in zip(self.mass, self.left, self.right, strict=True)
            if right <= time or left < time
        )
        return max(0.0, 1 - begun), max(0.0, 1 - sure)

    def quantile(self, share: float = 0.5) -> tuple[float, float]:
        """Return the interval by whose end at least ``share`` of the subjects had the event.

        Kaplan-Meier gives the smallest time with survival at most ``1 - share`` twice;
        infinity where that is never reached.

        Raises:
            ValueError: the share is outside 0..1.
        """
        check_share(share, "share")
        for left, right, survival in zip(self.left, self.right, self.survival, strict=True):
            if survival <= 1 - share + 1e-12:
                return left, right
        return math.inf, math.inf


def turnbull(left: ArrayLike, right: ArrayLike, closure: Closure = "half-open") -> SurvivalCurve:
    """Return the non-parametric maximum likelihood estimate for interval-censored times.

    Mass can lie only on the innermost intervals, between a left end and the right end next to it
    (Turnbull 1976, *J R Stat Soc B* 38:290). It is found by the constrained Newton method (Wang
    2007, *Comput Stat Data Anal* 52:2388), and proven maximal by the Kuhn-Tucker conditions
    (Gentleman and Geyer 1994, *Biometrika* 81:618): no innermost interval may raise the
    likelihood.

    Args:
        left: shape ``(n,)``, last time known to be without the event.
        right: shape ``(n,)``, first time known to be with it; infinity or NaN where not seen.
        closure: ``"half-open"`` reads ``(left, right]``, and an exact time where both agree;
            ``"closed"`` reads ``[left, right]``.

    Raises:
        ValueError: unequal lengths, left not finite, right before left, an unknown closure.
    """
    check_choice(closure, "closure", Closure)
    starts, ends = _bounds(left, right)
    n = len(starts)
    curve = partial(
        SurvivalCurve,
        n=n,
        events=int(np.isfinite(ends).sum()),
        method="Turnbull maximum likelihood estimate, constrained Newton, Kuhn-Tucker checked",
        convention=_CLOSURES[closure],
    )
    if n < 2:
        return curve(reason=_FEWER_THAN_TWO)
    # Each distinct interval is looked at once, however many subjects have it.
    intervals, counts = np.unique(np.column_stack([starts, ends]), axis=0, return_counts=True)
    inner_left, inner_right, covers = _innermost(intervals[:, 0], intervals[:, 1], closure)
    rows, place = np.unique(covers, axis=0, return_inverse=True)
    weights = np.bincount(place, weights=counts)
    mass, excess = _maximise(rows.astype(np.float64), weights / n)
    if not excess <= _KKT_TOLERANCE:
        return curve(reason=f"not converged, Kuhn-Tucker excess {excess:.1e}")
    kept = mass > _NO_MASS
    survival = np.clip(1 - np.cumsum(mass[kept]), 0, 1)
    survival[-1] = 0.0
    return curve(
        left=tuple(inner_left[kept].tolist()),
        right=tuple(inner_right[kept].tolist()),
        mass=tuple(mass[kept].tolist()),
        survival=tuple(survival.tolist()),
        log_likelihood=float(weights @ np.log(rows @ mass)),
        kkt_excess=excess,
    )


def _bounds(left: ArrayLike, right: ArrayLike) -> tuple[Floats, Floats]:
    """Return both ends of each subject's interval, infinity where the event was not seen."""
    starts = np.array(finite_vector(left, "left"))
    ends = float_array(right, "right").copy()
    if starts.shape != ends.shape:
        raise ValueError(f"right: has shape {ends.shape}, left has shape {starts.shape}")
    ends[np.isnan(ends)] = math.inf
    if (ends < starts).any():
        row = int(np.argmax(ends < starts))
        raise ValueError(f"right: {ends[row]:g} at position [{row}] is before left {starts[row]:g}")
    return starts, ends


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> SurvivalCurve:
    """Return the product-limit estimate, one row for each distinct time, censored ones included.

    For events found at visits it puts them on the visit, later than they were: an approximation,
    and labelled so. Kaplan and Meier 1958, *JASA* 53:457.

    Args:
        time: shape ``(n,)``, time of the event or of the last look.
        event: shape ``(n,)``, 1 where the event was seen, 0 where not.

    Raises:
        ValueError: unequal lengths, NaN or infinite values, an event that is neither 0 nor 1.
    """
    table = product_limit(time, event)
    curve = partial(
        SurvivalCurve,
        n=table.n,
        events=int(table.events.sum()),
        method=PRODUCT_LIMIT,
        convention="events at visit times, an approximation to interval censoring",
    )
    if table.n < 2:
        return curve(reason=_FEWER_THAN_TWO)
    places = tuple(table.time.tolist())
    return curve(
        left=places,
        right=places,
        mass=tuple((-np.diff(table.survival, prepend=1.0)).tolist()),
        survival=tuple(table.survival.tolist()),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductLimit:
    """Kaplan and Meier's table: one entry for each distinct time, ascending, shape ``(k,)``.

    ``events`` fell at the time, ``at_risk`` were followed until it or longer, ``survival`` is the
    share without the event after it. ``n``: of subjects.
    """

    time: Floats
    events: Floats
    at_risk: Floats
    survival: Floats
    n: int


def product_limit(time: ArrayLike, event: ArrayLike) -> ProductLimit:
    """Return the product-limit table; of an event and a last look at one time the event is first.

    Kaplan and Meier 1958, *JASA* 53:457. Arguments and errors as in :func:`kaplan_meier`.
    """
    times = np.array(finite_vector(time, "time"))
    seen = np.array(finite_vector(event, "event"))
    if times.shape != seen.shape:
        raise ValueError(f"event: has shape {seen.shape}, time has shape {times.shape}")
    if not np.isin(seen, (0, 1)).all():
        raise ValueError(f"event: holds {seen[~np.isin(seen, (0, 1))][0]:g}, must be 0 or 1")
    distinct, index, counts = np.unique(times, return_inverse=True, return_counts=True)
    events = np.bincount(index, weights=seen, minlength=len(distinct)).astype(np.float64)
    at_risk = (len(times) - np.cumsum(counts) + counts).astype(np.float64)
    survival = np.cumprod(1 - events / at_risk).astype(np.float64)
    return ProductLimit(
        time=distinct, events=events, at_risk=at_risk, survival=survival, n=len(times)
    )


def _innermost(
    starts: Floats, ends: Floats, closure: Closure
) -> tuple[Floats, Floats, np.ndarray[tuple[int, int], np.dtype[np.bool_]]]:
    """Return the ends of the innermost intervals and which subject's interval covers which.

    Each end is a time and a side: 0 starts at the time, 1 ends at it, 2 starts just after it.
    """
    # A time and a side as one number: its place among all times, and the side.
    times = np.unique(np.concatenate([starts, ends]))
    opening = 3 * np.searchsorted(times, starts)
    if closure == "half-open":
        opening[ends > starts] += 2
    closing = 3 * np.searchsorted(times, ends) + 1
    places = np.unique(np.concatenate([opening, closing]))
    inner = np.flatnonzero((places[:-1] % 3 != 1) & (places[1:] % 3 == 1))
    firsts, seconds = places[inner], places[inner + 1]
    covers = (opening[:, None] <= firsts) & (seconds <= closing[:, None])
    return times[firsts // 3], times[seconds // 3], covers


def _maximise(covers: Floats, weights: Floats) -> tuple[Floats, float]:
    """Return the masses that maximise sum(weights * log(covers @ mass)), and the KKT excess.

    Each Newton step is a non-negative least squares problem: with S the rows of ``covers``
    over their probability, the log-likelihood is, to second order, -|S m - 2|^2 / 2, which for
    masses of sum 1 is -|(S - 2) m|^2 / 2. A row of ones with target 1 then gives the direction
    of m (Dax 1990, *SIAM J Matrix Anal Appl* 11:104).
    """
    size = covers.shape[1]
    mass: Floats = np.full(size, 1 / size)
    root = np.sqrt(weights)[:, None]
    target = np.append(np.zeros(len(covers)), 1.0)
    excess = _kkt_excess(mass, covers, weights)
    for _ in range(_NEWTON_STEPS):
        if excess <= _KKT_TOLERANCE:
            break
        scaled = covers / (covers @ mass)[:, None]
        system = np.vstack([(scaled - 2) * root, np.ones(size)])
        proposal = nnls(system, target, maxiter=50 * size)[0]
        mass = _step_towards(mass, proposal / proposal.sum(), covers, weights)
        excess = _kkt_excess(mass, covers, weights)
    return mass, excess


def _kkt_excess(mass: Floats, covers: Floats, weights: Floats) -> float:
    """Return how far the gradient is from 1 where there is mass, and above 1 anywhere."""
    likely = covers @ mass
    if (likely <= 0).any():
        return math.inf
    gradient = weights @ (covers / likely[:, None])
    return max(float(gradient.max()) - 1, float(mass @ np.abs(gradient - 1)))


def _step_towards(mass: Floats, proposal: Floats, covers: Floats, weights: Floats) -> Floats:
    """Return the first halving of the way to the proposal that raises the likelihood enough.

    Close to the maximum a gain is lost in rounding: the proposal is taken if its gradient is
    closer to the maximum's.
    """
    if _kkt_excess(proposal, covers, weights) < _kkt_excess(mass, covers, weights):
        return proposal
    before = covers @ mass
    current = float(weights @ np.log(before))
    slope = float(weights @ ((covers @ proposal) / before)) - 1
    step = 0.5
    while True:
        moved = (1 - step) * mass + step * proposal
        gained = float(weights @ np.log(covers @ moved)) - current
        if gained >= slope * step / 3 or step < 1e-12:
            return moved
        step /= 2
