"""Published rates combined: random-effects meta-analysis, and what it predicts for a new cohort.

Rates are combined on the logit scale. Where nobody or everybody of a source had the event, half
an event and half a non-event are added to that source, and to no other. The conventions are
those of R's metafor (Viechtbauer 2010, *J Stat Softw* 36(3)), so its numbers can be reproduced.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import chdtrc, expit, gammaln, log_expit, ndtri, stdtrit

from .result import (
    Alternative,
    Floats,
    Result,
    check_choice,
    check_share,
    choose_tail,
    finite_vector,
    not_estimable,
    share_of,
    whole_number,
)

Tau2Method = Literal["DL", "REML", "PM"]
MeanTest = Literal["z", "knha"]
Stopping = Literal["converged", "metafor"]

LARGEST_TAU2 = 100.0  # as metafor's; on the logit scale no rates differ by more
EARLY_CHANGE, EARLY_STEPS = 1e-5, 100  # where metafor stops its steps for REML
EARLY_WIDTH = float(np.finfo(np.float64).eps) ** 0.25  # and its search for PM
REML_GRID = np.concatenate(([0.0], np.geomspace(1e-8, LARGEST_TAU2, 400)))
# The mixture is summed over z = sinh(s): evenly in the middle, far out into heavy tails.
REACH, POINTS, SMALLEST_WEIGHT = 40.0, 10_001, -41.0
SMALLEST_RSS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, kw_only=True, slots=True)
class MetaAnalysis:
    """Published rates combined.

    ``estimate``, its interval and the interval of prediction (for the true rate of a new source)
    are shares; ``mean`` and ``se`` are the same on the logit scale, ``tau2`` the variance between
    sources there, ``df`` the degrees of freedom of the quantiles (infinite: normal). ``i2`` is a
    share, ``q`` Cochran's statistic with its p-value. NaN where it cannot be had.
    """

    estimate: float
    lower: float
    upper: float
    prediction_lower: float
    prediction_upper: float
    level: float
    tau2: float
    i2: float
    q: float
    q_p: float
    mean: float
    se: float
    df: float
    k: int
    method: str
    convention: str

    @property
    def spread(self) -> float:
        """Standard error of the true rate of a new source, on the logit scale."""
        return math.sqrt(self.se**2 + self.tau2)


def meta_analysis(
    events: ArrayLike,
    n: ArrayLike,
    tau2_method: Tau2Method = "REML",
    test: MeanTest = "knha",
    level: float = 0.95,
    stopping: Stopping = "converged",
) -> MetaAnalysis:
    """Return the random-effects mean of the rates ``events`` of ``n``, both of shape ``(k,)``.

    ``tau2_method``: DerSimonian and Laird 1986, *Control Clin Trials* 7:177; restricted maximum
    likelihood (the highest maximum where there are several); Paule and Mandel 1982, *J Res Natl
    Bur Stand* 87:377. ``test``: normal quantiles, or Knapp and Hartung 2003, *Stat Med* 22:2693,
    with t quantiles of k - 1 degrees; the interval of prediction takes the same quantile (Higgins,
    Thompson and Spiegelhalter 2009, *J R Stat Soc A* 172:137). ``stopping="metafor"`` ends the
    search for tau2 as early as metafor 3.8 does, up to 1e-4 from the solution: for comparisons
    with its numbers. From one source no variance between sources can be had: tau2 is 0, the
    interval of prediction that of the source, and with Knapp and Hartung there is no interval.

    Raises:
        ValueError: no source, counts that are not whole numbers with 0 <= events <= n, n = 0,
            lengths that differ, an unknown option, a level outside 0..1.
    """
    check_choice(tau2_method, "tau2_method", Tau2Method)
    check_choice(test, "test", MeanTest)
    check_choice(stopping, "stopping", Stopping)
    check_share(level, "level")
    y, v = _logits(events, n)
    tau2 = _TAU2[tau2_method](y, v, stopping) if len(y) > 1 else 0.0
    return _combined(y, v, tau2, test, level, f"random effects, logit, {tau2_method}")


def _combined(
    y: Floats, v: Floats, tau2: float, test: MeanTest, level: float, method: str
) -> MetaAnalysis:
    """The mean of logits ``y`` with variances ``v``, and ``tau2`` more between sources."""
    k = len(y)
    weights = 1 / (v + tau2)
    mean = float(weights @ y / weights.sum())
    se, df, quantile = 1 / math.sqrt(weights.sum()), math.inf, float(ndtri((1 + level) / 2))
    if test == "knha":
        rss = float(weights @ (y - mean) ** 2)
        df = float(k - 1)
        se *= math.sqrt(rss / df if rss > SMALLEST_RSS else 0.0) if df else math.nan
        quantile = float(stdtrit(df, (1 + level) / 2)) if df else math.nan
    spread = math.sqrt(se**2 + tau2) if not math.isnan(se) else math.nan
    q, typical = _heterogeneity(y, v)
    return MetaAnalysis(
        estimate=float(expit(mean)),
        lower=float(expit(mean - quantile * se)),
        upper=float(expit(mean + quantile * se)),
        prediction_lower=float(expit(mean - quantile * spread)),
        prediction_upper=float(expit(mean + quantile * spread)),
        level=level,
        tau2=tau2,
        i2=tau2 / (tau2 + typical) if k > 1 else 0.0,
        q=q,
        q_p=float(chdtrc(k - 1, q)) if k > 1 else 1.0,
        mean=mean,
        se=se,
        df=df,
        k=k,
        method=method,
        convention=_said(k, test),
    )


def predictive_distribution(sources: MetaAnalysis, n: int) -> Floats:
    """Return P(0 events) .. P(n events) among ``n`` new patients, shape ``(n + 1,)``.

    The logit of their true rate is distributed about the mean of the sources, with the variance
    between sources and that of the mean itself (normal, or t where the meta-analysis is Knapp
    and Hartung's); given the rate the count is binomial.

    Raises:
        ValueError: n is not a whole number, or the meta-analysis has no standard error (one
            source with Knapp and Hartung: take test "z").
    """
    n = whole_number(n, "n")
    logits, weights = _rates(sources)
    chances = np.empty(n + 1)
    down, up = log_expit(-logits), log_expit(logits)
    ways = gammaln(n + 1) - gammaln(np.arange(n + 1) + 1) - gammaln(n - np.arange(n + 1) + 1)
    for count in range(n + 1):
        chances[count] = weights @ np.exp(ways[count] + count * up + (n - count) * down)
    total: Floats = chances / chances.sum()
    return total


def predictive_p(
    events: int, n: int, sources: MetaAnalysis, alternative: Alternative = "greater"
) -> Result:
    """Return the chance that ``n`` new patients do as well as ``events`` (or as badly: "less").

    ``value`` is the share observed; two-sided is twice the smaller tail.

    Raises:
        ValueError: counts that are not whole numbers with 0 <= events <= n, an unknown
            alternative, a meta-analysis without standard error.
    """
    check_choice(alternative, "alternative", Alternative)
    n = whole_number(n, "n")
    events = whole_number(events, "events", high=n)
    words = f"logit-{'normal' if math.isinf(sources.df) else 't'} mixture of binomials"
    convention = f"{sources.method}, {sources.convention}; {alternative}"
    if n == 0:
        return not_estimable("share", n, words, convention, "no subjects")
    chances = predictive_distribution(sources, n)
    tails = float(chances[events:].sum()), float(chances[: events + 1].sum())
    p = choose_tail(alternative, *tails)
    return share_of(events, n, p, words, convention)


def matched_beta(sources: MetaAnalysis) -> tuple[float, float]:
    """Return the beta distribution with mean and variance of the true rate of a new source.

    With it the counts of new patients are beta-binomial, close to ``predictive_distribution``
    where the rate is not spread over all of 0 to 1. Infinite twice where nothing is spread.

    Raises:
        ValueError: the meta-analysis has no standard error.
    """
    logits, weights = _rates(sources)
    rates, away = expit(logits), expit(-logits)
    weights = weights / weights.sum()
    mean, rest = float(weights @ rates), float(weights @ away)
    variance = float(weights @ (rates - mean) ** 2)
    if variance <= 1e-14 * mean * rest:
        return math.inf, math.inf
    size = mean * rest / variance - 1
    return mean * size, rest * size


def _said(k: int, test: MeanTest) -> str:
    quantiles = "normal quantiles" if test == "z" else f"Knapp-Hartung, t with {k - 1} degrees"
    one = "; one source: its variance alone, that between sources is not known" if k == 1 else ""
    return f"{k} source{'s' if k > 1 else ''}, {quantiles}{one}"


def _logits(events: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    """Return logit and its variance of each source."""
    sizes = [whole_number(value, "n", low=1) for value in finite_vector(n, "n")]
    counts = finite_vector(events, "events")
    if len(counts) != len(sizes) or not sizes:
        raise ValueError(f"events and n: {len(counts)} and {len(sizes)}, must be as many, from 1")
    known = np.array(
        [whole_number(x, "events", high=of) for x, of in zip(counts, sizes, strict=True)],
        dtype=np.float64,
    )
    others = np.array(sizes) - known
    added = np.where((known == 0) | (others == 0), 0.5, 0.0)
    known, others = known + added, others + added
    return np.log(known / others), 1 / known + 1 / others


def _heterogeneity(y: Floats, v: Floats) -> tuple[float, float]:
    """Return Cochran's Q and the typical variance within a source (Higgins and Thompson 2002)."""
    if len(y) == 1:
        return 0.0, 0.0
    weights = 1 / v
    total = weights.sum()
    return _q(0.0, y, v), float((len(y) - 1) / (total - weights @ weights / total))


def _q(tau2: float, y: Floats, v: Floats) -> float:
    weights = 1 / (v + tau2)
    return float(weights @ (y - weights @ y / weights.sum()) ** 2)


def _dersimonian_laird(y: Floats, v: Floats, stopping: Stopping) -> float:
    q, typical = _heterogeneity(y, v)
    return max(0.0, (q - (len(y) - 1)) * typical / (len(y) - 1))


def _paule_mandel(y: Floats, v: Floats, stopping: Stopping) -> float:
    """The variance at which Q is k - 1; 0 where it is less than that without any."""

    def excess(tau2: float) -> float:
        return _q(tau2, y, v) - (len(y) - 1)

    if excess(0.0) <= 0:
        return 0.0
    width = EARLY_WIDTH if stopping == "metafor" else 1e-14
    return float(brentq(excess, 0.0, LARGEST_TAU2, xtol=width, rtol=1e-15, maxiter=1000))


def _scoring_step(tau2: float, y: Floats, v: Floats) -> float:
    """Return Fisher's step of the restricted likelihood; of its sign, and 0 at its maximum."""
    weights = 1 / (v + tau2)
    total, squares = weights.sum(), weights @ weights
    rest = y - weights @ y / total
    trace = total - squares / total
    trace_of_square = squares - 2 * (weights**3).sum() / total + (squares / total) ** 2
    return float(((weights * rest) @ (weights * rest) - trace) / trace_of_square)


def _restricted_likelihood(tau2: float, y: Floats, v: Floats) -> float:
    weights = 1 / (v + tau2)
    return float(np.log(weights).sum() - math.log(weights.sum()) - _q(tau2, y, v)) / 2


def _reml(y: Floats, v: Floats, stopping: Stopping) -> float:
    """The variance of the highest restricted likelihood."""
    if stopping == "metafor":
        early = _reml_steps(y, v)
        if early is not None:
            return early
    slopes = [_scoring_step(tau2, y, v) for tau2 in REML_GRID]
    found = [0.0]
    for place in range(len(REML_GRID) - 1):
        if slopes[place] > 0 >= slopes[place + 1]:
            low, high = REML_GRID[place : place + 2]
            found.append(float(brentq(_scoring_step, low, high, (y, v), 1e-16, 1e-15, 1000)))
    return max(found, key=lambda tau2: _restricted_likelihood(tau2, y, v))


def _reml_steps(y: Floats, v: Floats) -> float | None:
    """Fisher's steps from the estimate of Hedges, until one is small; None if none becomes so."""
    tau2 = max(0.0, float(y.var(ddof=1) - v.mean()))
    for _ in range(EARLY_STEPS):
        step = _scoring_step(tau2, y, v)
        while tau2 + step < 0:
            step /= 2
        tau2 += step
        if abs(step) <= EARLY_CHANGE:
            lower = _restricted_likelihood(0.0, y, v) - _restricted_likelihood(tau2, y, v)
            return 0.0 if lower > EARLY_WIDTH and tau2 > EARLY_CHANGE else tau2
    return None


_TAU2 = {"DL": _dersimonian_laird, "REML": _reml, "PM": _paule_mandel}


def _rates(sources: MetaAnalysis) -> tuple[Floats, Floats]:
    """Return logits of the true rate of a new source, and the weight of each, shape ``(m,)``."""
    if math.isnan(sources.se):
        raise ValueError(
            "sources: no standard error from one source with Knapp and Hartung; take test 'z'"
        )
    if sources.spread == 0:
        return np.array([sources.mean]), np.ones(1)
    reach = REACH if math.isfinite(sources.df) else 4.0
    places = np.linspace(-reach, reach, POINTS)
    z = np.sinh(places)
    log_weights = np.log(np.cosh(places))
    if math.isinf(sources.df):
        log_weights -= z**2 / 2
    else:
        log_weights -= (sources.df + 1) / 2 * np.log1p(z**2 / sources.df)
    kept = log_weights > SMALLEST_WEIGHT  # the largest, in the middle, is 0
    weights: Floats = np.exp(log_weights[kept])
    return sources.mean + sources.spread * z[kept], weights / weights.sum()
