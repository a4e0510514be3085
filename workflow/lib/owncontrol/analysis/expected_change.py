"""Each subject's change beside the change that is expected from a published course.

A subject's expected change is that of their grade, level and sex at baseline, between the days
from onset of their own two assessments. Whoever has no such course is left out, and counted.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from owncontrol.analysis.natural_course import NaturalCourse, courses_of
from owncontrol.analysis.pairs import about_pairs, differences, of_endpoint, paired, visits_after
from owncontrol.analysis.settings import ChangeSettings
from owncontrol.basics.decimals import plain
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.strata import PublishedCohort
from owncontrol.estimates.stratum import WHOLE
from owncontrol.statistics.score_course import mean_expected_change
from owncontrol.study import natural_course as declared
from owncontrol.study.settings import CompleteEndpoint

STATISTICS = (Change.EXPECTED_CHANGE, Change.OBSERVED_CHANGE, Change.OBSERVED_MINUS_EXPECTED)


@dataclass(frozen=True)
class Compared:
    """Subjects with their observed and expected change. ``se``: of the mean expected, by name."""

    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    se: dict[str, float]

    def interval(self, level: float, which: str = "main") -> tuple[float, float]:
        """The interval of observed minus expected; NaN of fewer than two subjects."""
        gain = self.observed - self.expected
        if len(gain) < 2:
            return math.nan, math.nan
        own = float(gain.std(ddof=1)) / math.sqrt(len(gain))
        half = float(stdtrit(len(gain) - 1, (1 + level) / 2)) * math.hypot(own, self.se[which])
        return float(gain.mean()) - half, float(gain.mean()) + half


def beside_natural_course(
    estimates: Estimates,
    scores: pd.DataFrame,
    subjects: pd.DataFrame,
    courses: Sequence[NaturalCourse],
    endpoint: CompleteEndpoint,
    settings: ChangeSettings,
) -> None:
    """Add expected change and observed minus expected at each later visit: by cohort, and pooled.

    Of an endpoint whose scale no course is of, nothing is added. ``scores``: those of the
    endpoint's population; ``subjects``: the subjects table, for the sex. Pooled: the mean of the
    cohorts that hold for any subject, over the subjects of whom all of them hold.
    """
    course = settings.natural_course
    cohorts = list(
        dict.fromkeys(
            one.cohort
            for one in courses
            if (one.instrument, one.scale) == (endpoint.instrument, endpoint.scale)
        )
    )
    if course is None or not cohorts:
        return
    groups = _groups(scores, subjects, endpoint, course)
    here = of_endpoint(scores, endpoint)
    for visit in visits_after(settings.visits, endpoint.baseline):
        pairs = paired(here, endpoint.baseline, visit)
        if not len(pairs):
            continue
        people = groups.join(_days(pairs), how="right").assign(observed=differences(pairs))
        deciding = pd.concat([pairs, _deciding(scores, pairs, course)])
        about = about_pairs(estimates, endpoint, visit, deciding)
        found = {
            cohort: _matched([one for one in courses if one.cohort == cohort], people, endpoint)
            for cohort in cohorts
        }
        for cohort, matched in found.items():
            compared = _compared(people, [matched], course)
            stratum = PublishedCohort(cohort)
            _add(estimates, {**about, "stratum": stratum}, compared, people, [matched], settings)
        every = list(found.values())
        holding = [matched for matched in every if any(map(_holds, matched.values()))] or every
        compared = _compared(people, holding, course)
        _add(estimates, {**about, "stratum": WHOLE}, compared, people, holding, settings)


def expected_by_subject(
    scores: pd.DataFrame,
    subjects: pd.DataFrame,
    courses: Sequence[NaturalCourse],
    endpoint: CompleteEndpoint,
    visit: str,
    course: declared.NaturalCourse,
) -> "pd.Series[float]":
    """The expected change to a visit of each subject who has one, the mean of the cohorts.

    Whom it is known of, and which cohorts enter, as for the pooled numbers of
    ``beside_natural_course``.
    """
    pairs = paired(of_endpoint(scores, endpoint), endpoint.baseline, visit)
    groups = _groups(scores, subjects, endpoint, course)
    people = groups.join(_days(pairs), how="right").assign(observed=differences(pairs).to_numpy())
    scale = endpoint.instrument, endpoint.scale
    here = [one for one in courses if (one.instrument, one.scale) == scale]
    every = [
        _matched([one for one in here if one.cohort == cohort], people, endpoint)
        for cohort in dict.fromkeys(one.cohort for one in here)
    ]
    holding = [matched for matched in every if any(map(_holds, matched.values()))]
    kept = [code for code in people.index if holding and all(_holds(of[code]) for of in holding)]
    return pd.Series(_compared(people.loc[kept], holding, course).expected, kept)


def _holds(found: NaturalCourse | str) -> bool:
    return not isinstance(found, str)


def _groups(
    scores: pd.DataFrame,
    subjects: pd.DataFrame,
    endpoint: CompleteEndpoint,
    course: declared.NaturalCourse,
) -> pd.DataFrame:
    """Grade, level and sex of each subject at the endpoint's baseline; empty where not known."""
    people = pd.DataFrame(index=pd.Index(subjects["subject_id"].astype(str)))
    people["sex"] = subjects["sex"].astype(str).to_numpy() if "sex" in subjects else ""
    for column, name in (("grade", course.grade), ("level", course.level_from)):
        people[column] = _texts(scores, name, endpoint.baseline).reindex(people.index).fillna("")
    if course.level_from:
        people["level"] = [_group(text, course) for text in people["level"]]
    else:
        people["level"] = course.level
    return people


def _deciding(
    scores: pd.DataFrame, pairs: pd.DataFrame, course: declared.NaturalCourse
) -> pd.DataFrame:
    """The scores at baseline that decide on the group of the subjects of ``pairs``."""
    baseline = pairs["visit"].iloc[0]
    here = (scores["visit"] == baseline) & scores["subject_id"].isin(pairs["subject_id"])
    parts = [of_scale(scores.loc[here], *names) for names in sorted(course.scales)]
    return pd.concat([pairs.iloc[:0], *parts])


def of_scale(scores: pd.DataFrame, instrument: str, scale: str) -> pd.DataFrame:
    """The rows of one scale."""
    return scores.loc[(scores["instrument"] == instrument) & (scores["scale"] == scale)]


def _texts(scores: pd.DataFrame, scale: str, visit: str) -> "pd.Series[str]":
    """The text of a scale (``instrument.scale``) at a visit, by subject; of none if it is empty.

    Of a grade that is not determined the text names several, and no course has them.
    """
    instrument, _, name = scale.partition(".")
    here = of_scale(scores, instrument, name)
    at = here.loc[here["visit"] == visit].drop_duplicates("subject_id")
    return pd.Series(at["text"].astype(str).to_numpy(), index=at["subject_id"].astype(str))


def _group(text: str, course: declared.NaturalCourse) -> str:
    """The group of a level, or of several possible ones if they are all of one; else empty."""
    found = {course.level_groups.get(part.strip()[:1], "") for part in text.split(",")}
    return found.pop() if len(found) == 1 else ""


def _days(pairs: pd.DataFrame) -> pd.DataFrame:
    """Days from onset of both assessments, by subject; ``pairs`` as from ``paired``."""
    days = pairs["day_from_injury"].astype("float64").to_numpy().reshape(-1, 2)
    codes = pd.Index(pairs["subject_id"].astype(str).array[::2], name="subject_id")
    return pd.DataFrame(days, index=codes, columns=["first", "second"])


def _matched(
    courses: Sequence[NaturalCourse], people: pd.DataFrame, endpoint: CompleteEndpoint
) -> dict[str, NaturalCourse | str]:
    """Of each subject the course of one cohort, or the reason why there is none."""
    return {str(code): _course_of(courses, person, endpoint) for code, person in people.iterrows()}


def _course_of(
    courses: Sequence[NaturalCourse], person: "pd.Series[Any]", endpoint: CompleteEndpoint
) -> NaturalCourse | str:
    scale = endpoint.instrument, endpoint.scale
    of_scale = [one for one in courses if (one.instrument, one.scale) == scale]
    for key in ("grade", "level", "sex"):
        if not person[key] and all(getattr(one, key) for one in of_scale):
            return f"{key} at baseline not known" if key != "sex" else "sex not known"
    found = courses_of(courses, *scale, person["grade"], person["level"], person["sex"])
    if not found:
        group = " ".join(filter(None, ["grade", person["grade"], person["level"]]))
        return f"no course of {group}"
    if not person["first"] > 0 or not person["second"] > person["first"]:
        return "days from onset not known"
    first, last = found[0].days
    if person["first"] < first or person["second"] > last:
        return f"not within days {plain(first)} to {plain(last)}"
    return found[0]


def _compared(
    people: pd.DataFrame,
    cohorts: Sequence[dict[str, NaturalCourse | str]],
    course: declared.NaturalCourse,
) -> Compared:
    """The subjects of whom every cohort has a course; expected: the mean of the cohorts."""
    kept = [code for code in people.index if cohorts and all(_holds(of[code]) for of in cohorts)]
    here = people.loc[kept]
    by_name = {
        "main": course.correlations.main,
        "low": course.correlations.low,
        "high": course.correlations.high,
    }
    expected = np.zeros((len(cohorts), len(kept)))
    variances = {name: np.zeros(len(cohorts)) for name in by_name}
    for number, of in enumerate(cohorts):
        days: dict[NaturalCourse, list[tuple[float, float]]] = {}
        for place, code in enumerate(kept):
            own, both = of[code], (here.loc[code, "first"], here.loc[code, "second"])
            assert not isinstance(own, str)
            expected[number, place] = mean_expected_change(own.course, [both], 0)[0]
            days.setdefault(own, []).append(both)
        for name, correlation in by_name.items():
            variances[name][number] = sum(
                (len(both) / len(kept) * mean_expected_change(own.course, both, correlation)[1])
                ** 2
                for own, both in days.items()
            )
    # The cohorts differ by more than their own uncertainty: that is part of the pooled one.
    k = len(cohorts)
    between = expected.mean(axis=1).var(ddof=1) / k if k > 1 and kept else 0.0
    return Compared(
        here["observed"].to_numpy(dtype="float64"),
        expected.mean(axis=0) if k else np.zeros(0),
        {name: math.sqrt(one.sum() / max(k, 1) ** 2 + between) for name, one in variances.items()},
    )


def _add(
    estimates: Estimates,
    about: About,
    compared: Compared,
    people: pd.DataFrame,
    cohorts: Sequence[dict[str, NaturalCourse | str]],
    settings: ChangeSettings,
) -> None:
    """Add the three numbers of one cohort, or of all of them; or why there are none."""
    assert settings.natural_course is not None
    n, level = len(compared.observed), settings.level
    left_out = _left_out(people, cohorts)
    if not n:
        for name in STATISTICS:
            estimates.add_missing(name, f"no expected change: {left_out}", n=0, **about)
        return
    expected, se = float(compared.expected.mean()), compared.se["main"]
    half = float(ndtri((1 + level) / 2)) * se
    used = settings.natural_course.correlations
    said = "; ".join(
        f"interval at a correlation of {plain(value)}: {plain(lower, 2)} to {plain(upper, 2)}"
        for value, name in ((used.low, "low"), (used.main, "main"), (used.high, "high"))
        for lower, upper in [compared.interval(level, name)]
    )
    lower, upper = compared.interval(level)
    about = {**about, "n": n}
    estimates.add(
        Change.EXPECTED_CHANGE,
        expected,
        method="published course",
        convention=_said(cohorts, used, left_out),
        **about,
        **_bounds(expected - half, expected + half, level),
    )
    estimates.add(
        Change.OBSERVED_CHANGE,
        float(compared.observed.mean()),
        method="mean",
        convention="subjects with an expected change",
        **about,
    )
    estimates.add(
        Change.OBSERVED_MINUS_EXPECTED,
        float((compared.observed - compared.expected).mean()),
        method="mean difference, t interval with the uncertainty of the course",
        convention=said,
        **about,
        **_bounds(lower, upper, level),
    )


def _bounds(lower: float, upper: float, level: float) -> About:
    return {"lower": lower, "upper": upper, "level": level} if lower == lower else {}


def _said(
    cohorts: Sequence[dict[str, NaturalCourse | str]],
    used: declared.Correlations,
    left_out: str,
) -> str:
    """Of which courses an expected change is the mean, and what they are about."""
    found = {own: None for of in cohorts for own in of.values() if not isinstance(own, str)}
    exams = dict.fromkeys(own.grade_exam for own in found if own.grade and own.grade_exam)
    words = []
    if exams:
        words.append(f"grade of the course: {', '.join(exams)}")
    if any(own.linear for own in found):
        words.append("a total change, linear in time: too slow early and too fast late")
    if not all(own.linear for own in found):
        words.append(f"correlation of two exams {plain(used.main)}")
    return "; ".join([*words, *([f"left out: {left_out}"] if left_out else [])])


def _left_out(people: pd.DataFrame, cohorts: Sequence[dict[str, NaturalCourse | str]]) -> str:
    """How many subjects have no expected change, by the first reason of each."""
    reasons: Counter[str] = Counter()
    for code in people.index:
        found = [of[code] for of in cohorts if isinstance(of[code], str)]
        if found:
            reasons[str(found[0])] += 1
    return ", ".join(f"{reason} ({count})" for reason, count in sorted(reasons.items()))
