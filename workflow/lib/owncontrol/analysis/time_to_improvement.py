"""The time to the first improvement that lasts, known only between visits."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.analysis.clock_days import days_on_clock
from owncontrol.analysis.pairs import visits_after
from owncontrol.analysis.responders import Criterion, Reached
from owncontrol.analysis.settings import RespondersSettings
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Responders
from owncontrol.estimates.statistic import Statistic
from owncontrol.estimates.strata import ByWeek, CurveStep, OfSubject
from owncontrol.estimates.stratum import WHOLE, Stratum
from owncontrol.statistics.proportions import clopper_pearson
from owncontrol.statistics.survival import SurvivalCurve, kaplan_meier, turnbull
from owncontrol.study.clocks import WORDS
from owncontrol.study.visits import StudyClock

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
# The interval of each single subject is a number of its own up to so many subjects.
MOST_LISTED = 200
MEDIAN = (Responders.MEDIAN_LEFT, Responders.MEDIAN_RIGHT)
LASTS = "criterion reached at this and every later assessment of the subject"


def lasting_intervals(
    found: dict[str, Reached], criterion: Criterion, settings: RespondersSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """When each subject's lasting improvement began, and the rows it was read from.

    One row per subject assessed after baseline: ``left``, the day on the study's clock of the
    last assessment without it; ``right``, that of the first with it (infinite if there is none);
    ``last``, of the last assessment. Days are those of the assessments,
    but where the clock is that of the schedule.
    ``found`` as from ``responders.looks``.
    """
    visits = visits_after(settings.visits, criterion.baseline)
    if not visits:
        return pd.DataFrame(columns=["left", "right", "last"]), pd.DataFrame()
    rows = pd.concat([found[visit].rows for visit in visits])
    people = pd.Index(rows["subject_id"].unique()).sort_values()
    # One row per subject, one column per visit: whether it was met, its day, that of the baseline.
    met = np.zeros((len(people), len(visits)), bool)
    day, start = np.full(met.shape, np.nan), np.full(met.shape, np.nan)
    for place, visit in enumerate(visits):
        known, used = found[visit].met.dropna(), found[visit].rows
        who = people.get_indexer(known.index)
        met[who, place] = known.to_numpy(bool)
        subject = people.get_indexer(used["subject_id"])
        days = days_on_clock(used, settings.clock, settings.visits).to_numpy()
        for name, target in ((visit, day), (criterion.baseline, start)):
            here = (used["visit"] == name).to_numpy() & ~np.isnan(days)
            target[who, place] = _latest(subject[here], days[here], len(people))[who]
    day[~(day > start)] = np.nan
    intervals = _intervals(met, day, start)
    intervals.index = people.take(intervals.index)
    return intervals, rows.loc[rows["subject_id"].isin(intervals.index)]


def _latest(subject: NDArray[np.intp], day: Floats, size: int) -> Floats:
    """The last day of each subject, as scales may have been assessed on several; NaN of none."""
    latest = np.full(size, -math.inf)
    np.maximum.at(latest, subject, day)
    return np.where(np.isfinite(latest), latest, np.nan)


def _intervals(met: Flags, day: Floats, start: Floats) -> pd.DataFrame:
    """By place of the subject, of those with an assessment.

    Arrays of shape (subjects, visits); ``day`` is NaN where there was no assessment. Of two on one
    day the one of the later visit counts.
    """
    order = np.argsort(day, axis=1, kind="stable")  # NaN last
    met, day = np.take_along_axis(met, order, 1), np.take_along_axis(day, order, 1)
    start = np.take_along_axis(start, order, 1)
    seen = ~np.isnan(day)
    seen[:, :-1] &= day[:, :-1] != day[:, 1:]
    subject = np.nonzero(seen)[0]
    met, day, start = met[seen], day[seen], start[seen]
    first = np.flatnonzero(np.diff(subject, prepend=-1))
    if not len(first):
        return pd.DataFrame(columns=["left", "right", "last"])
    end = np.r_[first[1:], len(subject)]
    place = np.arange(len(subject))
    without = np.maximum.reduceat(np.where(met, -1, place), first)
    following = np.where(without < 0, first, without + 1)
    left = np.where(without < 0, start[first], day[without])
    right = np.where(following < end, day[np.minimum(following, len(day) - 1)], math.inf)
    return pd.DataFrame({"left": left, "right": right, "last": day[end - 1]}, subject[first])


def time_to_improvement(
    estimates: Estimates,
    found: dict[str, Reached],
    criterion: Criterion,
    settings: RespondersSettings,
) -> None:
    """Add shares with a lasting improvement, Turnbull's and Kaplan-Meier's curve, the median.

    ``found`` as from ``responders.looks``; ``settings``: improved_by_weeks, visits, level.
    """
    reason = next((look.reason for look in found.values() if look.reason), "")
    about: About = {"endpoint": criterion.name}
    if reason:
        estimates.add_missing(Responders.LASTING, reason, n=0, **about)
        return
    intervals, rows = lasting_intervals(found, criterion, settings)
    about["n"] = len(intervals)
    if not len(intervals):
        estimates.add_missing(Responders.LASTING, "nobody was assessed after baseline", **about)
        return
    about["inputs"] = estimates.inputs(rows)
    improved = pd.Series(np.isfinite(intervals["right"]), index=intervals.index)
    estimates.add_result(
        clopper_pearson(int(improved.sum()), len(intervals), settings.level),
        statistic=Responders.LASTING,
        events=int(improved.sum()),
        **about,
    )
    unconfirmed = int((intervals["right"] == intervals["last"]).sum())
    estimates.add(
        Responders.UNCONFIRMED,
        unconfirmed,
        events=unconfirmed,
        method="count",
        convention="lasting improvements seen at the last assessment only",
        unit="subjects",
        **about,
    )
    between = turnbull(intervals["left"], intervals["right"])
    at_visits = kaplan_meier(
        intervals["right"].where(improved, intervals["last"]), improved.astype(int)
    )
    for week in settings.improved_by_weeks:
        _by_week(estimates, intervals, between, at_visits, week, settings.level, about)
    _curves(estimates, between, at_visits, settings.clock, about)
    if len(intervals) <= MOST_LISTED:
        _each_subject(estimates, intervals, rows, criterion.name, settings.clock)


def _by_week(
    estimates: Estimates,
    intervals: pd.DataFrame,
    between: SurvivalCurve,
    at_visits: SurvivalCurve,
    week: int,
    level: float,
    about: About,
) -> None:
    day, stratum = 7 * week, ByWeek(week)
    known = int((intervals["right"] <= day).sum())
    estimates.add_result(
        clopper_pearson(known, len(intervals), level),
        statistic=Responders.KNOWN_IMPROVED_BY,
        events=known,
        stratum=stratum,
        **about,
    )
    least, most = (1 - share for share in reversed(between.survival_after(day)))
    for name, share in ((Responders.TURNBULL_LEAST, least), (Responders.TURNBULL_MOST, most)):
        _add_curve_number(estimates, name, share, between, "share", stratum, about)
    step = 1 - at_visits.survival_after(day)[0]
    _add_curve_number(estimates, Responders.KAPLAN_MEIER, step, at_visits, "share", stratum, about)


def _curves(
    estimates: Estimates,
    between: SurvivalCurve,
    at_visits: SurvivalCurve,
    clock: StudyClock,
    about: About,
) -> None:
    """Add the steps of both curves, and the interval that holds Turnbull's median."""
    days = WORDS[clock].unit
    for place, (left, right, survival) in enumerate(
        zip(between.left, between.right, between.survival, strict=True), start=1
    ):
        stratum = CurveStep(place)
        for name, value, unit in (
            (Responders.TURNBULL_LEFT, left, days),
            (Responders.TURNBULL_RIGHT, right, days),
            (Responders.TURNBULL_SURVIVAL, survival, "share"),
        ):
            _add_curve_number(estimates, name, value, between, unit, stratum, about)
    for place, (day, survival) in enumerate(
        zip(at_visits.right, at_visits.survival, strict=True), start=1
    ):
        for name, value, unit in (
            (Responders.KAPLAN_MEIER_DAY, day, days),
            (Responders.KAPLAN_MEIER_SURVIVAL, survival, "share"),
        ):
            _add_curve_number(estimates, name, value, at_visits, unit, CurveStep(place), about)
    for name, day in zip(MEDIAN, between.quantile(), strict=True):
        _add_curve_number(estimates, name, day, between, days, WHOLE, about)


def _add_curve_number(
    estimates: Estimates,
    name: Statistic,
    value: float,
    curve: SurvivalCurve,
    unit: str,
    stratum: Stratum,
    about: About,
) -> None:
    common = {"method": curve.method, "unit": unit, "stratum": stratum, **about}
    if math.isfinite(value):
        estimates.add(name, value, convention=f"{curve.convention}; {LASTS}", **common)
    else:
        reason = curve.reason or "not seen by the last assessment"
        estimates.add_missing(name, reason, **common)


def _each_subject(
    estimates: Estimates,
    intervals: pd.DataFrame,
    rows: pd.DataFrame,
    name: str,
    clock: StudyClock,
) -> None:
    by_subject = dict(list(rows.groupby("subject_id")))
    for code, person in intervals.iterrows():
        common: About = {
            "endpoint": name,
            "stratum": OfSubject(str(code)),
            "n": 1,
            "unit": WORDS[clock].unit,
            "method": "assessments",
            "inputs": estimates.inputs(by_subject[code]),
        }
        estimates.add(Responders.INTERVAL_LEFT, person["left"], convention=LASTS, **common)
        if math.isfinite(person["right"]):
            estimates.add(Responders.INTERVAL_RIGHT, person["right"], convention=LASTS, **common)
        else:
            estimates.add_missing(
                Responders.INTERVAL_RIGHT, "no lasting improvement by the last assessment", **common
            )
