"""How far the main results depend on missed visits, on the baseline, and on who rated."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.analysis.clock_days import days_apart
from owncontrol.analysis.pairs import about_pairs, gains, of_endpoint, paired, visit_names
from owncontrol.analysis.settings import SensitivitySettings
from owncontrol.analysis.sizes import SIZE_AND_TEST, add_gain, add_size
from owncontrol.basics import decimals
from owncontrol.basics.decimals import plain
from owncontrol.basics.units import plural
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Sensitivity
from owncontrol.estimates.strata import RatingShift
from owncontrol.statistics.hodges_lehmann import hodges_lehmann
from owncontrol.statistics.missing import missing_cases, tipping_change
from owncontrol.statistics.proportions import clopper_pearson
from owncontrol.statistics.signed_rank import EXACT_PAIRS, signed_rank_p
from owncontrol.study.settings import CompleteEndpoint

Populations = dict[str, pd.DataFrame]
TIMES = 1.96  # of a standard deviation: the repeatability coefficient (Bland and Altman 1986)
WEEK = 7
# Of the numbers from two baselines, those that a study with one has as missing.
ONE_BASELINE = (
    Sensitivity.FROM_FIRST,
    Sensitivity.FROM_SECOND,
    Sensitivity.FROM_MEAN,
    Sensitivity.RATE_DIFFERENCE,
)
# A curve over shifts has no more points; a scale in hundredths is then drawn in coarser steps.
MOST_POINTS = 1000
# A scale without steps is searched to a millionth of its unit.
FINEST_DECIMALS = 6


def chosen_endpoints(estimates: Estimates, settings: SensitivitySettings) -> list[CompleteEndpoint]:
    """The endpoints to examine; a row, not estimable, for a name that is not defined.

    Where none is named all but those of yes and no, whose change has no size to compare.
    """
    names = settings.sensitivity.endpoints
    known = {endpoint.name: endpoint for endpoint in settings.endpoints}
    for name in names:
        if name not in known:
            estimates.add_missing(
                Sensitivity.SPECIFICATIONS, f"no endpoint '{name}' is defined", endpoint=name, n=0
            )
    usual = [name for name, endpoint in known.items() if endpoint.kind != "yes_no"]
    return [known[name] for name in names or usual if name in known]


def time_points(endpoint: CompleteEndpoint, settings: SensitivitySettings) -> list[str]:
    """The visits at which an endpoint is examined, its own first."""
    return list(dict.fromkeys([endpoint.time_point, *settings.sensitivity.time_points]))


def missing_visits(
    estimates: Estimates,
    populations: Populations,
    endpoint: CompleteEndpoint,
    visit: str,
    settings: SensitivitySettings,
) -> None:
    """Add test and size of the improvement with complete pairs, and with the missing at both ends.

    Missing: subjects with a value at baseline and none at ``visit``. The tipping change is the
    least common improvement of the missing at which p (two-sided) stays at most alpha.
    """
    here = of_endpoint(populations[endpoint.population], endpoint)
    pairs = paired(here, endpoint.baseline, visit)
    start = here.loc[(here["visit"] == endpoint.baseline) & here["value"].notna()]
    lost = start.loc[~start["subject_id"].isin(pairs["subject_id"])]
    low, high = _ends(endpoint, here)
    worst, best = _to_ends(endpoint, lost["value"].to_numpy(), low, high)
    gain = gains(pairs, endpoint)
    about = about_pairs(estimates, endpoint, visit, pd.concat([pairs, lost]))
    estimates.add_count(
        Sensitivity.MISSING_SUBJECTS,
        len(lost),
        len(start),
        **{**about, "unit": "subjects"},
    )
    bounded = _bounded_by(endpoint)
    _add_cases(estimates, gain, worst, best, settings.level, bounded, about)
    if not len(lost):
        estimates.add_missing(Sensitivity.TIPPING_CHANGE, "nobody is missing", n=len(gain), **about)
        return
    # One-sided at half of alpha: the two-sided test, in the direction of an improvement.
    result = tipping_change(
        gain,
        len(lost),
        float(worst.min()),
        float(best.max()),
        _smallest_step(endpoint, np.concatenate([gain, worst, best])),
        alpha=(1 - settings.level) / 2,
    )
    estimates.add_result(result, statistic=Sensitivity.TIPPING_CHANGE, **about)


def _add_cases(
    estimates: Estimates,
    gain: NDArray[np.float64],
    worst: NDArray[np.float64],
    best: NDArray[np.float64],
    level: float,
    bounded: str,
    about: About,
) -> None:
    """Add size and test of the improvement: complete pairs, the missing at either end."""
    tests = missing_cases(gain, worst, best)
    for case, words, imputed in (
        (Sensitivity.COMPLETE_CASE, "complete", []),
        (Sensitivity.WORST_CASE, "worst", worst),
        (Sensitivity.BEST_CASE, "best", best),
    ):
        size = hodges_lehmann([*gain, *imputed], level)
        said = f"{SIZE_AND_TEST}; {len(imputed)} subjects imputed{bounded}"
        add_size(estimates, case, size, tests[words], said, about)


def _ends(endpoint: CompleteEndpoint, here: pd.DataFrame) -> tuple[float, float]:
    """Lowest and highest value of the scale; where it has no end, the one that was seen."""
    seen = here["value"].dropna()
    low = seen.min() if endpoint.minimum is None else endpoint.minimum
    high = seen.max() if endpoint.maximum is None else endpoint.maximum
    return float(low), float(high)


def _bounded_by(endpoint: CompleteEndpoint) -> str:
    """What the worst and the best case are bounded by, where it is not the scale."""
    has_ends = endpoint.minimum is not None and endpoint.maximum is not None
    return "" if has_ends else " within the values that were seen"


def _to_ends(
    endpoint: CompleteEndpoint, values: NDArray[np.float64], low: float, high: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The improvement from each value to the worst, and to the best, end of the scale."""
    down = decimals.differences(values, np.full(len(values), low))
    up = decimals.differences(np.full(len(values), high), values)
    return (-up, down) if endpoint.lower_is_better else (-down, up)


def observer_bias(
    estimates: Estimates,
    populations: Populations,
    endpoint: CompleteEndpoint,
    settings: SensitivitySettings,
) -> None:
    """Add p if every rating at the time point was too good by k, up to the k that removes it.

    The shift is taken off the improvement of every subject, whatever room the scale leaves.
    """
    here = of_endpoint(populations[endpoint.population], endpoint)
    pairs = paired(here, endpoint.baseline, endpoint.time_point)
    gain, alpha = gains(pairs, endpoint), 1 - settings.level
    kind = "exact" if len(gain) <= EXACT_PAIRS else "normal approximation of the"
    about = about_pairs(estimates, endpoint, endpoint.time_point, pairs)
    about |= {"n": len(gain), "method": f"{kind} signed-rank test of the shifted improvement"}
    if len(gain) < 2:
        estimates.add_missing(Sensitivity.TIPPING_SHIFT, "fewer than two pairs", **about)
        return
    ratings = _Ratings(*np.unique(gain, return_counts=True))
    step = _smallest_step(endpoint, ratings.gains)
    low, high = _ends(endpoint, here)
    width = high - low
    drawn = _drawn_step(width, step)
    count, p = _curve(estimates, ratings, range(int(width / drawn) + 1), drawn, alpha, about)
    if count == 0:
        reason = f"p exceeds {plain(alpha, 9)} without any shift, there is no finding to remove"
        estimates.add_missing(Sensitivity.TIPPING_SHIFT, reason, **about)
        return
    shift = decimals.times(count, drawn)
    if drawn > step and p > alpha:  # between two points of the curve, on the scale's own steps
        first, last = round((count - 1) * drawn / step), round(count * drawn / step)
        shift = ratings.least_shift(first, last, step, alpha)
        p = ratings.p_after(shift)
    estimates.add(
        Sensitivity.TIPPING_SHIFT,
        shift,
        p=p,
        convention=f"least shift of every rating at which p exceeds {plain(alpha, 9)}",
        **about,
    )


class _Ratings(NamedTuple):
    """Improvements, each once and in order, and in how many subjects each was seen."""

    gains: NDArray[np.float64]
    subjects: NDArray[np.int64]

    def p_after(self, shift: float) -> float:
        """p (two-sided, towards better) if every rating was too good by ``shift``."""
        left = decimals.differences(self.gains, np.full(len(self.gains), shift))
        return min(1.0, 2 * signed_rank_p(left, self.subjects, alternative="greater"))

    def least_shift(self, low: int, high: int, step: float, alpha: float) -> float:
        """The least shift with p above ``alpha``; above ``low`` steps, at most ``high``."""
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.p_after(middle * step) > alpha else (middle, high)
        return decimals.times(high, step)


def _curve(
    estimates: Estimates,
    ratings: _Ratings,
    counts: range,
    drawn: float,
    alpha: float,
    about: About,
) -> tuple[int, float]:
    """Add p by shift, up to the first above ``alpha``; returns the last count of steps, and its p.

    ``drawn``: a step of the curve.
    """
    for count in counts:
        shift = decimals.times(count, drawn)
        p = ratings.p_after(shift)
        estimates.add(
            Sensitivity.OBSERVER_SHIFT,
            shift,
            stratum=RatingShift(shift),
            p=p,
            convention="value: how much every rating was too good; p two-sided, towards better",
            **about,
        )
        if p > alpha:
            break
    return count, p


def _smallest_step(endpoint: CompleteEndpoint, values: NDArray[np.float64]) -> float:
    """The scale's step, at most 1; of a scale without steps the last decimal that is written."""
    if endpoint.resolution:
        return min(1.0, float(endpoint.resolution))
    return float(10.0 ** -min(decimals.most_decimals(values.tolist()), FINEST_DECIMALS))


def _drawn_step(width: float, step: float) -> float:
    """The step of a curve over a scale's width: the scale's own, or ten, a hundred ... of them."""
    while width / step > MOST_POINTS:
        step = decimals.times(10, step)
    return step


def two_baselines(
    estimates: Estimates,
    populations: Populations,
    endpoint: CompleteEndpoint,
    settings: SensitivitySettings,
) -> None:
    """Add the change from each of two baselines and from their mean, and the rates around it.

    Subjects chosen for a low first value are higher at the second by chance (regression to the
    mean); a change from the second is free of that. The first baseline is the earliest visit
    before the endpoint's own. All numbers are of the subjects with both and the time point.
    """
    names = visit_names(settings.visits)
    earlier = names[: names.index(endpoint.baseline)]
    about: About = {"endpoint": endpoint.name, "unit": endpoint.unit}
    if not earlier:
        reason = "there is one baseline only"
        for name in ONE_BASELINE:
            estimates.add_missing(name, reason, n=0, **about)
        return
    visits = [earlier[0], endpoint.baseline, endpoint.time_point]
    here = of_endpoint(populations[endpoint.population], endpoint)
    known = here.loc[here["value"].notna() & here["visit"].isin(visits)]
    known = known.assign(day=days_apart(known, settings.clock, settings.visits))
    wide, day = _values_and_days(known, visits)
    about["inputs"] = estimates.inputs(known.loc[known["subject_id"].isin(wide.index)])
    sign = -1 if endpoint.lower_is_better else 1
    first, second, last = (sign * wide[visit] for visit in visits)
    for name, gain in (
        (Sensitivity.FROM_FIRST, last - first),
        (Sensitivity.FROM_SECOND, last - second),
        (Sensitivity.FROM_MEAN, last - (first + second) / 2),
        (Sensitivity.RUN_IN, second - first),
    ):
        add_gain(estimates, name, gain, settings.level, about)
    weeks = day.diff(axis=1) / WEEK
    valid = (weeks[visits[1:]] > 0).all(axis=1)
    before = ((second - first) / weeks[visits[1]]).loc[valid]
    after = ((last - second) / weeks[visits[2]]).loc[valid]
    about["unit"] = f"{plural(endpoint.unit)} a week"
    for name, gain in (
        (Sensitivity.RATE_BEFORE, before),
        (Sensitivity.RATE_AFTER, after),
        (Sensitivity.RATE_DIFFERENCE, after - before),
    ):
        add_gain(estimates, name, gain, settings.level, about)
    about["unit"] = endpoint.unit
    _repeatability(estimates, second - first, last - second, settings.level, about)


def _values_and_days(known: pd.DataFrame, visits: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Value and day at each visit, of the subjects who have both at all of them.

    Where no day is known, only the values have to be: no rate can be had.
    """
    wide, day = (
        known.pivot(index="subject_id", columns="visit", values=column)
        .reindex(columns=visits)
        .astype("float64")
        for column in ("value", "day")
    )
    wide = wide.dropna()
    if known["day"].notna().any():
        day = day.dropna()
        wide = wide.loc[wide.index.isin(day.index)]
    return wide, day.loc[wide.index]


def _repeatability(
    estimates: Estimates,
    between: "pd.Series[float]",
    gain: "pd.Series[float]",
    level: float,
    about: About,
) -> None:
    """What two baselines of a subject differ by, and how many changed by more afterwards."""
    if len(between) < 2:
        for name in (Sensitivity.REPEATABILITY, Sensitivity.BEYOND_REPEATABILITY):
            estimates.add_missing(name, "fewer than two subjects", n=len(between), **about)
        return
    limit = TIMES * float(between.std(ddof=1))
    estimates.add(
        Sensitivity.REPEATABILITY,
        limit,
        n=len(between),
        method="1.96 standard deviations of the difference between two baselines",
        convention="Bland and Altman 1986; natural recovery between the two widens it",
        **about,
    )
    beyond = int((gain > limit).sum())
    estimates.add_result(
        clopper_pearson(beyond, len(gain), level),
        statistic=Sensitivity.BEYOND_REPEATABILITY,
        events=beyond,
        **{**about, "unit": "share"},
    )
