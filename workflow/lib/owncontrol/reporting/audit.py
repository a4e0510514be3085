"""The report's words and tables on how firm the results are: sensitivity, trial size, claims."""

import math
from dataclasses import dataclass
from typing import Any

from owncontrol.basics.number_texts import significance
from owncontrol.estimates.collect import slug
from owncontrol.estimates.declared_statistics import (
    Change,
    Claims,
    Patients,
    Responders,
    Sensitivity,
)
from owncontrol.estimates.estimate import Estimate
from owncontrol.estimates.event_statistics import AdverseEvents
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import TrialGrade
from owncontrol.estimates.statistic import Printed, Statistic
from owncontrol.estimates.strata import HavingValue
from owncontrol.estimates.stratum import Stratum
from owncontrol.reporting.claim_verdicts import marked_verdict, reason
from owncontrol.reporting.design_sentences import blinding
from owncontrol.reporting.evidence import grades_of
from owncontrol.reporting.report_tables import (
    MISSING,
    Labelled,
    Table,
    marked_label,
    signed_rank_words,
    visit_labels,
)
from owncontrol.reporting.verdict_sentences import verdict_level
from owncontrol.study.claims import Claim
from owncontrol.study.natural_recovery import Trial
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint

WORDS = {
    Change.HODGES_LEHMANN: "change",
    Change.SIGNED_RANK_PRATT: "its test",
    Responders.RESPONDERS: "reached",
    Responders.KNOWN_IMPROVED_BY: "known improved",
    AdverseEvents.SUBJECTS_WITH_EVENT: "{many} with an event",
    NaturalRecovery.BENCHMARK: "published rate",
    NaturalRecovery.TO_SPARE: "improvements to spare",
    Claims.PER_ARM: "{many} in each arm",
    Patients.SUBJECTS: "",
    Patients.OTHER_CELLS: "infusions of another {one}'s cells",
    Patients.UNRELEASED: "infusions without a release before them",
    Patients.UNTREATED_ASSESSED: "{many} assessed and not treated",
}


@dataclass(frozen=True)
class ClaimNumber:
    """A number that a claim is checked against; ``parts``: what is printed of it, in turn."""

    label: str
    parts: list[Any]


@dataclass(frozen=True)
class ReportedClaim:
    """A claim with what the results say of it.

    ``reason``: why it cannot be tested; empty where it can. ``about_events``: whether a number of
    it is one of adverse events.
    """

    claim: Claim
    verdict: str
    reason: str
    shown: list[ClaimNumber]
    about_events: bool


def grade_findings(numbers: Numbers, settings: AnalysisSettings) -> dict[str, list[str]]:
    """Which baseline grades decide against natural recovery, and how: lists of grades.

    ``exceeds``: more improved than expected from the main published rate. ``within``: no more, and
    more would have shown. ``silent``: had every patient improved, natural recovery could explain
    it. ``unknown``: no main rate. Of the main comparison.
    """
    found: dict[str, list[str]] = {"exceeds": [], "within": [], "silent": [], "unknown": []}
    if settings.natural_recovery is None:
        return found
    name = settings.natural_recovery.primary_comparison.name
    alpha = verdict_level(numbers, settings)
    for grade in grades_of(numbers, name):
        stem = f"natural_recovery.{name}.{slug(grade)}"
        best, seen = (numbers.row(f"{stem}.{key}").p for key in ("best_possible", "benchmark"))
        if math.isnan(best):
            found["unknown"].append(grade)
        elif best > alpha:
            found["silent"].append(grade)
        else:
            found["exceeds" if seen <= alpha else "within"].append(grade)
    return found


def multiverse_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """How the result depends on the choices of the analysis."""
    rows = []
    for endpoint in examined(numbers, settings, Sensitivity.SMALLEST_ESTIMATE):
        stem = f"sensitivity.{endpoint.name}"
        rows.append(
            [
                marked_label(endpoint, settings),
                numbers.value(f"{stem}.specifications"),
                [
                    numbers.change(f"{stem}.smallest_estimate"),
                    " to ",
                    numbers.change(f"{stem}.largest_estimate"),
                ],
                [numbers.value(f"{stem}.largest_p")],
                numbers.share(f"{stem}.significant"),
            ]
        )
    return Table(
        "multiverse",
        "Every combination of defensible choices",
        ["Endpoint", "Combinations", "Estimates", "Largest p", "Improvement found"],
        rows,
        "Zero convention and statistic (signed-rank test with the zeros of Pratt and of Wilcoxon, "
        "sign test, sign-flip test), baseline, visit, analysis set. Improvement found: p at "
        f"most {significance(settings.level)} in the better direction.",
    )


def baselines_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """The change from each of two baselines, and how fast it was before and after treatment."""
    rows = []
    for endpoint in examined(numbers, settings, Sensitivity.RATE_DIFFERENCE):
        stem = f"sensitivity.{endpoint.name}"
        rows.append(
            [
                marked_label(endpoint, settings),
                numbers.n(f"{stem}.from_first"),
                *(
                    [
                        numbers.change(f"{stem}.{name}"),
                        " (",
                        numbers.interval(f"{stem}.{name}"),
                        ")",
                    ]
                    for name in ("from_first", "from_second", "from_mean")
                ),
                numbers.change(f"{stem}.rate_before"),
                numbers.change(f"{stem}.rate_after"),
                [
                    numbers.change(f"{stem}.rate_difference"),
                    ", ",
                    numbers.p(f"{stem}.rate_difference"),
                ],
            ]
        )
    return Table(
        "baselines",
        "Improvement from two baselines, and its rate before and after "
        f"{'treatment' if settings.has_treatments else visit_labels(settings)[settings.baseline]}",
        [
            "Endpoint",
            "n",
            "From the first",
            "From the second",
            "From their mean",
            "A week before",
            "A week after",
            "Difference",
        ],
        rows,
        "Hodges\u2013Lehmann estimates of the improvement (interval), in "
        f"{numbers.who.many} with both "
        "baselines and the time point. A change that regression to the mean makes would vanish "
        "from the second baseline. Before and after: improvement a week between the baselines and "
        "from the second on; natural recovery slows down with time.",
    )


def rating_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """Missed visits, and how far every rating would have to be off."""
    labels = visit_labels(settings)
    rows = []
    for endpoint in examined(numbers, settings, Sensitivity.COMPLETE_CASE):
        visit = endpoint.time_point
        stem = f"sensitivity.{endpoint.name}.{visit}"
        shift = f"{stem}.tipping_shift"
        rows.append(
            [
                f"{marked_label(endpoint, settings)}, {labels[visit]}",
                numbers.share(f"{stem}.missing_subjects"),
                *(
                    [numbers.change(f"{stem}.{case}_case"), ", ", numbers.p(f"{stem}.{case}_case")]
                    for case in ("complete", "worst", "best")
                ),
                MISSING if math.isnan(numbers.raw(shift)) else numbers.value(shift),
            ]
        )
    return Table(
        "missing-and-rating",
        "Missed visits and observer bias",
        [
            "Endpoint",
            "Missing",
            "Complete pairs",
            "Worst case",
            "Best case",
            "Rating shift that removes it",
        ],
        rows,
        f"Improvement with its {signed_rank_words(numbers)}. Worst and best case: every missing "
        f"{numbers.who.one} at {_ends_of(settings)}. Rating shift: how much too good every "
        "rating at the "
        f"time point would have to be for p to exceed {significance(settings.level)}. "
        f"{blinding(settings.design)}".strip(),
    )


def _ends_of(settings: AnalysisSettings) -> str:
    """What bounds the worst and the best case."""
    ends = [(endpoint.minimum, endpoint.maximum) for endpoint in settings.endpoints]
    open_ended = any(None in pair for pair in ends)
    seen = "the lowest or highest value that was seen where the scale has no end"
    return f"the end of the scale, or {seen}" if open_ended else "the end of the scale"


def examined(
    numbers: Numbers, settings: AnalysisSettings, statistic: Statistic
) -> list[CompleteEndpoint]:
    """Endpoints for which the sensitivity analysis has a number."""
    known = {
        numbers.row(estimate_id).endpoint
        for estimate_id in numbers.find(analysis="sensitivity", statistic=statistic)
        if not math.isnan(numbers.raw(estimate_id))
    }
    return [endpoint for endpoint in settings.endpoints if endpoint.name in known]


def trial_table(numbers: Numbers, settings: AnalysisSettings, trial: Trial) -> Table:
    """The size of a controlled trial, by grade."""
    rows: list[list[Any]] = []
    ids = numbers.find(analysis="claims", statistic=Claims.PER_ARM)
    for estimate_id in ids:
        row = numbers.row(estimate_id)
        known = row.value == row.value
        power = numbers.beside(estimate_id, Claims.POWER)
        rows.append(
            [
                _arms(row.stratum),
                numbers.value(estimate_id) if known else MISSING,
                "exact"
                if known and row.lower != row.lower
                else numbers.interval(estimate_id)
                if known
                else MISSING,
                numbers.percent(power) if known else row.convention.reason,
            ]
        )
    return Table(
        "trial",
        f"{numbers.who.capital_many} that a controlled trial would need in each arm",
        ["Grade", "In each arm", "Interval of the size", "Power, %"],
        rows,
        "Control arm: main published rate; treated arm: share improved here, or the lower end of "
        "its interval. Mantel\u2013Haenszel test stratified by grade, continuity corrected, "
        f"two-sided at {significance(settings.level)}. Of one grade exact, over all outcomes; of "
        f"several {trial.replicates} simulated trials a size, whose Monte-Carlo error the interval "
        "has.",
    )


def _arms(stratum: Stratum) -> str:
    """What the two arms of a trial have for rates."""
    if isinstance(stratum, TrialGrade) and stratum.lower_bound:
        return f"{stratum.grade}, lower bound of the share improved"
    return str(stratum)


def claim_numbers(numbers: Numbers, claim: Claim, settings: AnalysisSettings) -> list[ClaimNumber]:
    """The numbers that a claim is checked against."""
    return [
        ClaimNumber(_label(numbers.row(name), settings), _parts(numbers, name))
        if name in numbers
        else ClaimNumber(name, ["no such result"])
        for name in dict.fromkeys(_named(claim))
    ]


def _named(claim: Claim) -> list[str]:
    """Ids of the estimates that a claim names."""
    return [*(condition.estimate for condition in claim.conditions), *claim.numbers]


def reported_claim(claim: Claim, numbers: Numbers, settings: AnalysisSettings) -> ReportedClaim:
    """A claim with what the results say of it."""
    return ReportedClaim(
        claim,
        marked_verdict(numbers, claim),
        reason(numbers, claim),
        claim_numbers(numbers, claim, settings),
        any(name.startswith("adverse_events.") for name in _named(claim)),
    )


def _label(row: Estimate, settings: AnalysisSettings) -> str:
    recovery = settings.natural_recovery
    comparisons = recovery.comparisons if recovery else ()
    defined: list[Labelled] = [*settings.endpoints, *settings.responders, *comparisons]
    labels = {item.name: marked_label(item, settings) for item in defined}
    labels |= {item.name: item.label for item in settings.characteristics}
    plain = isinstance(row.stratum, HavingValue) and row.stratum.is_true
    words = [
        labels.get(row.endpoint, row.endpoint.replace("_", " ")),
        "" if plain else str(row.stratum),
        settings.design.called.within(WORDS.get(row.statistic, row.statistic.replace("_", " "))),
    ]
    return ", ".join(filter(None, words))


def _parts(numbers: Numbers, name: str) -> list[Any]:
    row = numbers.row(name)
    if math.isnan(row.value):
        return ["not estimable"]
    printed = row.statistic.printed
    if printed is Printed.TEST:
        return ["adjusted ", numbers.p_adjusted(name)]
    if printed is Printed.BOUND:
        return ["upper bound ", numbers.upper_percent(name), " %"]
    if printed is Printed.PROPORTION:
        return [numbers.share(name), " (interval ", numbers.interval_percent(name), " %)"]
    if printed is Printed.SHARE:
        p = [] if math.isnan(row.p) else [", ", numbers.p(name)]
        return [numbers.percent(name), " %", *p]
    if not math.isnan(row.lower):
        return [numbers.value(name), " (", numbers.interval(name), ")"]
    if row.events == row.value:
        return [numbers.value(name), " of ", numbers.n(name)]
    return [numbers.value(name)]
