"""Responders against published rates of patients who were not treated."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, bdtrc

from .proportions import lower_bound, upper_bound
from .result import (
    Alternative,
    Floats,
    Result,
    check_choice,
    check_share,
    choose_tail,
    choose_tails,
    finite_vector,
    not_estimable,
    share_of,
    whole_number,
)

JEFFREYS = (0.5, 0.5)


def beta_binomial_predictive(
    events: int,
    n: int,
    historical_events: int,
    historical_n: int,
    prior: tuple[float, float] = JEFFREYS,
    alternative: Alternative = "greater",
) -> Result:
    """Return the predictive p of ``events`` among ``n``, given a published rate with its size.

    The rate's uncertainty is a beta distribution, Jeffreys' prior updated by the published
    counts; the counts of new patients are then beta-binomial. Box 1980, *J R Stat Soc A* 143:383
    (predictive check); Jeffreys 1946, *Proc R Soc A* 186:453.

    Raises:
        ValueError: counts that are not whole numbers with 0 <= events <= n, a prior that is not
            two positive numbers, an unknown alternative.
    """
    check_choice(alternative, "alternative", Alternative)
    events, n = _counts(events, n, "events", "n")
    old, old_n = _counts(historical_events, historical_n, "historical_events", "historical_n")
    if len(prior) != 2 or not min(prior) > 0:
        raise ValueError(f"prior: is {prior!r}, must be two positive numbers")
    method = "beta-binomial predictive"
    convention = (
        f"Beta({prior[0]:g}, {prior[1]:g}) prior, updated by {old} of {old_n}, {alternative}"
    )
    if n == 0:
        return not_estimable("share", n, method, convention, "no subjects")
    from scipy.stats import betabinom  # takes half a second; most steps never come here

    predicted = betabinom(n, prior[0] + old, prior[1] + old_n - old)
    tails = float(predicted.sf(events - 1)), float(predicted.cdf(events))
    p = choose_tail(alternative, *tails)
    return share_of(events, n, p, method, convention)


def poisson_binomial(events: int, rates: ArrayLike, alternative: Alternative = "greater") -> Result:
    """Return the p of ``events`` among subjects who each have a rate of their own.

    For mixed baseline grades: one entry of ``rates``, shape ``(n,)``, for each subject. Exact,
    by convolution; two-sided is twice the smaller tail. Wang 1993, *Statistica Sinica* 3:295.

    Raises:
        ValueError: events is not a whole number up to n, a rate outside 0..1, NaN.
    """
    check_choice(alternative, "alternative", Alternative)
    shares = [check_share(r, "rates", closed=True) for r in finite_vector(rates, "rates")]
    n = len(shares)
    events, n = _counts(events, n, "events", "n")
    method, convention = "exact, Poisson-binomial", f"a rate for each subject, {alternative}"
    if n == 0:
        return not_estimable("share", n, method, convention, "no subjects")
    chances = poisson_binomial_distribution(shares)
    tails = float(chances[events:].sum()), float(chances[: events + 1].sum())
    p = choose_tail(alternative, *tails)
    return share_of(events, n, p, method, f"{convention}; {sum(shares):.4g} events expected")


def poisson_binomial_distribution(rates: ArrayLike) -> Floats:
    """Return P(0 events) .. P(n events), shape ``(n + 1,)``, for subjects with ``rates``."""
    chances: Floats = np.ones(1)
    for rate in finite_vector(rates, "rates"):
        chances = np.convolve(chances, (1 - rate, rate))
    return chances


def p_over_rates(
    events: int, n: int, rates: ArrayLike, alternative: Alternative = "greater"
) -> Floats:
    """Return the exact binomial p-value at each benchmark rate, shape as ``rates``.

    Two-sided is twice the smaller tail, so that the curve has no jumps between rates.

    Raises:
        ValueError: counts that are not whole numbers with 0 <= events <= n, n = 0, a rate
            outside 0..1, an unknown alternative.
    """
    check_choice(alternative, "alternative", Alternative)
    events, n = _counts(events, n, "events", "n", at_least=1)
    grid = np.array([check_share(r, "rates", closed=True) for r in finite_vector(rates, "rates")])
    upper = bdtrc(events - 1, n, grid) if events else np.ones_like(grid)
    lower = bdtr(events, n, grid)
    return choose_tails(alternative, upper, lower)


def tipping_rate(events: int, n: int, alpha: float, alternative: Alternative = "greater") -> Result:
    """Return the benchmark rate at which the exact p-value is ``alpha``, the level of the verdict.

    ``"greater"``: benchmark rates below it make the responders significantly more than
    expected; without events there is none, and the value is 0. ``"less"``: rates above it make
    them significantly fewer. It is the one-sided Clopper-Pearson bound (1934).

    Raises:
        ValueError: counts as above, alpha outside 0..1, a two-sided alternative.
    """
    if alternative not in ("greater", "less"):
        raise ValueError(f"alternative: is {alternative!r}, must be 'greater' or 'less'")
    check_share(alpha, "alpha")
    events, n = _counts(events, n, "events", "n")
    method, convention = "exact, binomial", f"p = {alpha:g}, {alternative}"
    if n == 0:
        return not_estimable("tipping rate", n, method, convention, "no subjects")
    if alternative == "greater":
        rate = lower_bound(events, n, 1 - alpha).lower
    else:
        rate = upper_bound(events, n, 1 - alpha).upper
    return Result(statistic="tipping rate", value=rate, n=n, method=method, convention=convention)


def _counts(
    events: int, n: int, events_name: str, n_name: str, at_least: int = 0
) -> tuple[int, int]:
    n = whole_number(n, n_name, low=at_least)
    return whole_number(events, events_name, high=n), n
