"""The share improved against what such patients do untreated, within each baseline grade.

Every p-value here is one-sided (more improved than is expected from the published rate): it is the
chance that untreated patients with that rate do as well as these.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from owncontrol.analysis.graded_exams import improvements
from owncontrol.analysis.predicted_recovery import add_prediction
from owncontrol.analysis.published_rates import Rate, main_rate, rates_of
from owncontrol.analysis.settings import RecoverySettings
from owncontrol.basics.decimals import plain
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.conventions import RateConvention, Timing
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import (
    AllGrades,
    AtRate,
    BaselineGrade,
    ExamDays,
    PublishedRate,
)
from owncontrol.statistics.external_rates import (
    beta_binomial_predictive,
    p_over_rates,
    poisson_binomial,
    tipping_rate,
)
from owncontrol.statistics.proportions import binomial_test, clopper_pearson
from owncontrol.study.natural_recovery import Comparison
from owncontrol.study.settings import CompleteEndpoint

HUNDREDTHS = range(0, 101, 2)  # the rates of the curve of p
ALL = AllGrades()
DAYS = {
    ("baseline", "injury"): NaturalRecovery.BASELINE_DAY_FROM_INJURY,
    ("baseline", "treatment"): NaturalRecovery.BASELINE_DAY_FROM_TREATMENT,
    ("follow_up", "injury"): NaturalRecovery.FOLLOW_UP_DAY_FROM_INJURY,
    ("follow_up", "treatment"): NaturalRecovery.FOLLOW_UP_DAY_FROM_TREATMENT,
}
WITHOUT_RATE = (
    NaturalRecovery.BENCHMARK,
    NaturalRecovery.BEST_POSSIBLE,
    NaturalRecovery.TO_SPARE,
)


def graded_endpoint(settings: RecoverySettings) -> CompleteEndpoint | None:
    """The endpoint whose grades are compared; None if the configuration does not define it."""
    name = settings.natural_recovery.endpoint
    return next((item for item in settings.endpoints if item.name == name), None)


def run_comparison(
    estimates: Estimates,
    populations: dict[str, pd.DataFrame],
    endpoint: CompleteEndpoint | None,
    rates: pd.DataFrame,
    comparison: Comparison,
    settings: RecoverySettings,
) -> None:
    """Add one comparison, in the population of the graded endpoint; or why there is none."""
    if endpoint is None or not endpoint.grades:
        name = settings.natural_recovery.endpoint
        reason = f"'{name}' is no endpoint with grades"
        for statistic in (NaturalRecovery.IMPROVED, NaturalRecovery.MIXED):
            estimates.add_missing(statistic, reason, endpoint=comparison.name, stratum=ALL, n=0)
        return
    scores = populations[endpoint.population]
    people, used = improvements(scores, endpoint, comparison)
    compare(estimates, people, used, rates, comparison, endpoint.grades, settings)


def compare(
    estimates: Estimates,
    people: pd.DataFrame,
    scores: pd.DataFrame,
    rates: pd.DataFrame,
    comparison: Comparison,
    grades: Sequence[str],
    settings: RecoverySettings,
) -> None:
    """Add one comparison: each grade by itself, its exam days, and all grades with their own rates.

    ``people`` and ``scores`` as from ``improvements``; ``grades`` in order; ``settings``:
    natural_recovery and level. Empty grades get rows that say so.
    """
    recovery = settings.natural_recovery
    occurring = {*rates["grade"], *people["grade"]}
    chosen: dict[str, Rate | None] = {}
    for grade in grades:
        if grade not in occurring:
            continue
        source = comparison.benchmark.get(grade, recovery.benchmark)
        needed = comparison.gain.get(grade, 1)
        chosen[grade] = main_rate(rates, grade, needed, source)
        stratum = BaselineGrade(grade)
        group = _Group(estimates, comparison, stratum, people, scores, settings)
        group.share()
        group.days()
        group.benchmark(chosen[grade], f"{source} has no rate for grade {grade}, gain {needed}")
        group.sources(rates_of(rates, grade, needed))
        about, seen = {**group.about, "stratum": stratum}, (group.events, group.n)
        add_prediction(estimates, about, seen, rates, needed, recovery.eligible, settings.level)
        group.curve()
        _by_exam_day(group, chosen[grade], recovery.exam_days)
    _mixed(_Group(estimates, comparison, ALL, people, scores, settings), chosen)


class _Group:
    """The subjects of one grade, or of all of them, in one comparison."""

    def __init__(
        self,
        estimates: Estimates,
        comparison: Comparison,
        stratum: AllGrades | BaselineGrade | ExamDays,
        people: pd.DataFrame,
        scores: pd.DataFrame,
        settings: RecoverySettings,
    ) -> None:
        self.estimates, self.settings, self.level = estimates, settings, settings.level
        # That of the verdict: what this group shows is judged as the verdict judges it.
        self.alpha = settings.natural_recovery.primary.alpha
        self.comparison, self.all, self.scores = comparison, people, scores
        self.stratum = stratum
        grade = "" if isinstance(stratum, AllGrades) else stratum.grade
        self.grade = grade
        self.people = people.loc[people["grade"] == grade] if grade else people
        self.n = len(self.people)
        self.events = int(self.people["improved"].sum())
        rows = scores.loc[scores["subject_id"].isin(self.people.index)]
        self.about: About = {
            "endpoint": comparison.name,
            "inputs": estimates.inputs(rows),
            "unit": "share",
        }

    def share(self) -> None:
        """Add the share improved, and how many had a baseline exam after the treatment."""
        self.estimates.add_result(
            clopper_pearson(self.events, self.n, self.level),
            statistic=NaturalRecovery.IMPROVED,
            stratum=self.stratum,
            events=self.events,
            **self.about,
        )
        late = int((self.people["baseline_from_treatment"] > 0).sum())
        self.estimates.add_count(
            NaturalRecovery.BASELINE_AFTER_TREATMENT,
            late,
            self.n,
            stratum=self.stratum,
            **{**self.about, "unit": "subjects"},
        )

    def days(self) -> None:
        """Add when the exams were, on both clocks: median, with the first and last day."""
        for (exam, clock), name in DAYS.items():
            known = self.people[f"{exam}_from_{clock}"].dropna()
            about: About = {**self.about, "stratum": self.stratum, "unit": "days", "n": len(known)}
            if len(known):
                self.estimates.add(
                    name,
                    float(known.median()),
                    lower=float(known.min()),
                    upper=float(known.max()),
                    method="median",
                    convention="bounds: first and last day",
                    **about,
                )
            else:
                self.estimates.add_missing(name, f"no subject of {self.stratum}", **about)

    def benchmark(self, rate: Rate | None, reason: str) -> None:
        """Add the main comparison: p, tipping rate, what the number of subjects can show at all."""
        about: About = {**self.about, "stratum": self.stratum}
        self.estimates.add_result(
            tipping_rate(self.events, self.n, self.alpha),
            statistic=NaturalRecovery.TIPPING_RATE,
            **about,
        )
        if rate is None or not self.n:
            reason = reason if self.n else f"no subject of {self.stratum}"
            for name in WITHOUT_RATE:
                self.estimates.add_missing(name, reason, n=self.n, **about)
            return
        result = binomial_test(self.events, self.n, rate.share, "greater")
        words = f"{rate.words}; one-sided"
        self.estimates.add(
            NaturalRecovery.BENCHMARK,
            rate.share,
            p=result.p,
            n=self.n,
            events=self.events,
            method="exact, binomial",
            convention=words,
            **about,
        )
        best = binomial_test(self.n, self.n, rate.share, "greater")
        self.estimates.add(
            NaturalRecovery.BEST_POSSIBLE,
            1.0,
            p=best.p,
            n=self.n,
            events=self.n,
            method="exact, binomial",
            convention=f"p if every subject had improved; {words}",
            **about,
        )
        self._to_spare(rate, about)

    def _to_spare(self, rate: Rate, about: About) -> None:
        p = [
            binomial_test(self.events - fewer, self.n, rate.share, "greater").p
            for fewer in range(self.events + 1)
        ]
        kept = next((fewer for fewer, value in enumerate(p) if value > self.alpha), None)
        words = f"improvements that may have been misrated before p exceeds {plain(self.alpha, 9)}"
        method = {"method": "exact, binomial", "n": self.n, **about, "unit": "subjects"}
        if kept == 0:
            self.estimates.add_missing(
                NaturalRecovery.TO_SPARE, f"p exceeds {plain(self.alpha, 9)} as it is", **method
            )
        elif kept is not None:
            said = f"{words}; {rate.words}"
            self.estimates.add(NaturalRecovery.TO_SPARE, kept, convention=said, **method)
        else:
            reason = "the published rate is zero, a single improvement exceeds it"
            self.estimates.add_missing(NaturalRecovery.TO_SPARE, reason, **method)

    def sources(self, published: list[Rate]) -> None:
        """Add every published rate with its interval and the p-value against it; their range."""
        for rate in published:
            about: About = {
                **self.about,
                "stratum": PublishedRate(self.grade, f"{rate.source}, {rate.population}"),
                "events": self.events,
            }
            if not self.n:
                self.estimates.add_missing(
                    NaturalRecovery.PUBLISHED_RATE, f"no subject of {self.stratum}", n=0, **about
                )
                continue
            if rate.n:
                result = beta_binomial_predictive(self.events, self.n, rate.events, rate.n)
                limits = clopper_pearson(rate.events, rate.n, self.level)
                bounds: About = {
                    "lower": limits.lower,
                    "upper": limits.upper,
                    "level": limits.level,
                }
            else:
                result = binomial_test(self.events, self.n, rate.share, "greater")
                bounds = {}
            self.estimates.add(
                NaturalRecovery.PUBLISHED_RATE,
                rate.share,
                p=result.p,
                n=self.n,
                method=result.method,
                convention=str(self._said(rate)),
                **bounds,
                **about,
            )
        self._range(published)

    def _range(self, published: list[Rate]) -> None:
        about: About = {**self.about, "stratum": self.stratum, "method": "published"}
        for name, choose in (
            (NaturalRecovery.LOWEST_PUBLISHED, min),
            (NaturalRecovery.HIGHEST_PUBLISHED, max),
        ):
            if published:
                rate = choose(published, key=lambda entry: entry.share)
                self.estimates.add(name, rate.share, n=self.n, convention=rate.words, **about)
            else:
                reason = f"no published rate of {self.stratum}"
                self.estimates.add_missing(name, reason, n=self.n, **about)
        self._exceeded(published, about)

    def _exceeded(self, published: list[Rate], about: About) -> None:
        """Add the highest published rate that the share improved exceeds.

        Not how many it exceeds: sources share patients, so they are no votes.
        """
        beaten = [
            rate
            for rate in published
            if self.n and binomial_test(self.events, self.n, rate.share, "greater").p <= self.alpha
        ]
        if beaten:
            rate = max(beaten, key=lambda entry: entry.share)
            self.estimates.add(
                NaturalRecovery.HIGHEST_EXCEEDED,
                rate.share,
                n=self.n,
                convention=f"{rate.words}; p at most {plain(self.alpha, 9)}",
                **about,
            )
            return
        reason = f"no subject or no published rate of {self.stratum}"
        if published and self.n:
            reason = f"p exceeds {plain(self.alpha, 9)} against every published rate"
        self.estimates.add_missing(NaturalRecovery.HIGHEST_EXCEEDED, reason, n=self.n, **about)

    def _said(self, rate: Rate) -> RateConvention:
        """The rate in words, and whether the source's patients were examined when these were."""
        days = self.people["baseline_from_injury"].dropna()
        if not len(days):
            return RateConvention(rate.words, Timing.NOT_KNOWN_HERE)
        if np.isnan(rate.exam_from) or np.isnan(rate.exam_to):
            return RateConvention(rate.words, Timing.NOT_KNOWN_THERE)
        here = f"here day {plain(days.min())} to {plain(days.max())}"
        timing = Timing.OVERLAPPING
        if days.min() > rate.exam_to:
            timing = Timing.LATER
        elif days.max() < rate.exam_from:
            timing = Timing.EARLIER
        return RateConvention(f"{rate.words}; exam {rate.exam}, {here}", timing)

    def curve(self) -> None:
        """Add the p-value at every benchmark rate from 0 to 1."""
        if not self.n:
            return
        p = p_over_rates(self.events, self.n, [place / 100 for place in HUNDREDTHS])
        for place, value in zip(HUNDREDTHS, p.tolist(), strict=True):
            self.estimates.add(
                NaturalRecovery.P_AT_RATE,
                place / 100,
                stratum=AtRate(self.grade, place),
                p=value,
                n=self.n,
                events=self.events,
                method="exact, binomial",
                convention="value: benchmark rate; one-sided",
                **self.about,
            )

    def within(self, stratum: ExamDays, chosen: pd.Series) -> "_Group":
        """The group's subjects for whom ``chosen`` is true, a stratum of their own."""
        return _Group(
            self.estimates,
            self.comparison,
            stratum,
            self.all.loc[self.all.index.isin(self.people.index[chosen])],
            self.scores,
            self.settings,
        )


def _by_exam_day(group: _Group, rate: Rate | None, limits: Sequence[int]) -> None:
    """Add share and main comparison by the day of the baseline exam, for days that occur."""
    edges = [-1.0, *sorted(limits), np.inf]
    day = group.people["baseline_from_injury"]
    for low, high in pairwise(edges):
        chosen = (day > low) & (day <= high)
        if not chosen.any():
            continue
        part = group.within(ExamDays.between(group.grade, low, high), chosen)
        part.share()
        part.benchmark(rate, "no main rate for this grade")


def _mixed(group: _Group, chosen: dict[str, Rate | None]) -> None:
    """Add all grades together, each subject with the rate of their own grade."""
    group.share()
    group.days()
    about: About = {**group.about, "stratum": group.stratum, "events": group.events}
    lacking = sorted({grade for grade in group.people["grade"] if chosen.get(grade) is None})
    if lacking or not group.n:
        reason = f"no main rate for grade {', '.join(lacking)}" if lacking else "no subject"
        for name in (NaturalRecovery.MIXED, NaturalRecovery.EXPECTED):
            group.estimates.add_missing(name, reason, n=group.n, **about)
        return
    shares = [rate.share for grade in group.people["grade"] if (rate := chosen[grade])]
    result = poisson_binomial(group.events, shares)
    group.estimates.add_result(result, statistic=NaturalRecovery.MIXED, **about)
    group.estimates.add(
        NaturalRecovery.EXPECTED,
        float(sum(shares)),
        n=group.n,
        method="sum of the published rates, one a subject",
        **{**about, "unit": "subjects"},
    )
