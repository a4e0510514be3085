"""What would change the conclusion: ratings, missing patients, other rates, other choices."""

from collections.abc import Mapping
from typing import Any

from owncontrol.basics.number_texts import significance
from owncontrol.estimates.collect import slug
from owncontrol.estimates.declared_statistics import Sensitivity
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import NullWorld
from owncontrol.reporting.audit import examined, grade_findings
from owncontrol.reporting.own_time_sentences import own_time_words
from owncontrol.reporting.report_tables import Table, visit_labels
from owncontrol.reporting.sentences import Ref, Sentence, verb
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint


def what_would_change(
    numbers: Numbers,
    settings: AnalysisSettings,
    verdict: dict[str, Any] | None,
    tables: Mapping[str, Table],
) -> list[Sentence]:
    """A point each; none where the analyses have looked at nothing of the kind."""
    said = [
        _misjudged(verdict, tables, numbers.who.many),
        _known_misrating(numbers, settings),
        *_rates(numbers, settings),
        worst_world(numbers, settings, tables),
        _missed(numbers, settings),
        _rating(numbers, settings),
        *own_time_words(numbers, settings),
        _choices(numbers, settings),
    ]
    return [sentence for sentence in said if sentence]


def _misjudged(verdict: dict[str, Any] | None, tables: Mapping[str, Table], many: str) -> Sentence:
    """How many ratings or missing subjects the verdict survives."""
    if not verdict or not verdict["survives"]:
        return []
    joined = [part for sentence in verdict["survives"] for part in [*sentence, " "]]
    table = ["(", Ref("table", "verdict"), ")"] if "verdict" in tables else joined.pop() and []
    return [f"Ratings and missing {many}. ", *joined, *table]


def _known_misrating(numbers: Numbers, settings: AnalysisSettings) -> Sentence:
    """What known misclassification does to the verdict; empty where none is configured."""
    recovery = settings.natural_recovery
    if recovery is None or not recovery.misrated.is_known:
        return []
    stem = f"natural_recovery.{recovery.primary_comparison.name}.all_grades"
    improved = f"{stem}.{NaturalRecovery.TRULY_IMPROVED}"
    if improved not in numbers:
        return []
    return [
        "Known misclassification of grades. With it, ", numbers.value(improved), " of ",
        numbers.n(improved), f" {numbers.who.many} are expected to have improved, and the "
        "verdict is "
        "the same with a chance of ",
        numbers.percent(f"{stem}.{NaturalRecovery.SAME_VERDICT}"), " %.",
    ]  # fmt: skip


def _rates(numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    """Of each grade that is informative: the chosen rate, the rates there are, all together."""
    recovery = settings.natural_recovery
    if recovery is None:
        return []
    found = grade_findings(numbers, settings)
    name = recovery.primary_comparison.name
    return [
        _rates_of(numbers, grade, f"natural_recovery.{name}.{slug(grade)}")
        for grade in found["exceeds"] + found["within"]
    ]


def _rates_of(numbers: Numbers, grade: str, stem: str) -> Sentence:
    return [
        f"Published rates. For grade {grade} the chosen source has ",
        numbers.percent(f"{stem}.benchmark"), " % (", numbers.p(f"{stem}.benchmark"),
        "), and sources range from ", numbers.percent(f"{stem}.lowest_published"), " to ",
        numbers.percent(f"{stem}.highest_published"), " %. A rate of ",
        numbers.percent(f"{stem}.tipping_rate"), " % or more would explain ",
        numbers.share(f"{stem}.improved"), " improved.", *_together(numbers, stem),
    ]  # fmt: skip


def _together(numbers: Numbers, stem: str) -> Sentence:
    """What the eligible sources say together; empty where none is eligible."""
    more, count = f"{stem}.predicted_more", f"{stem}.sources"
    if numbers.raw(more) != numbers.raw(more):
        return [" No source is eligible for a combined rate."]
    sources = verb(numbers.raw(count), "source", "sources together")
    return [
        " With the ", numbers.value(count), f" eligible {sources}: ", numbers.p(more),
        "; with the highest rate of each registry: ", numbers.p(f"{stem}.predicted_more_highest"),
        ".",
    ]  # fmt: skip


def worst_world(
    numbers: Numbers, settings: AnalysisSettings, tables: Mapping[str, Table]
) -> Sentence:
    """The assumption of the verdict that matters most, by simulated studies; empty without any."""
    if settings.natural_recovery is None or "null-worlds" not in tables:
        return []
    worlds = numbers.by_stratum(
        NullWorld,
        analysis="natural_recovery",
        endpoint=settings.natural_recovery.primary_comparison.name,
        statistic=NaturalRecovery.FALSE_MORE,
    )
    worst = max(worlds.values(), key=numbers.raw)
    return [
        "Assumptions. Of simulated studies in which the treatment does nothing, ",
        numbers.percent(worst), " % would still find more improved than expected where "
        f"{numbers.row(worst).convention.words} (", Ref("table", "null-worlds"), ").",
    ]  # fmt: skip


def _first(
    numbers: Numbers, settings: AnalysisSettings, statistic: Sensitivity
) -> CompleteEndpoint | None:
    """The first endpoint of which the sensitivity analysis has a number."""
    return next(iter(examined(numbers, settings, statistic)), None)


def _missed(numbers: Numbers, settings: AnalysisSettings) -> Sentence:
    """The worst case for patients without the main visit; empty where nobody lacks it."""
    endpoint = _first(numbers, settings, Sensitivity.WORST_CASE)
    if endpoint is None:
        return []
    stem = f"sensitivity.{endpoint.name}.{endpoint.time_point}"
    missing = f"{stem}.missing_subjects"
    if missing not in numbers or not numbers.raw(missing):
        return []
    label = visit_labels(settings)[endpoint.time_point]
    return [
        "Missing visits. ", numbers.share(missing), f" lack {endpoint.label} at {label}. With the "
        "worst possible value for all of them: ", numbers.p(f"{stem}.worst_case"), ".",
    ]  # fmt: skip


def _rating(numbers: Numbers, settings: AnalysisSettings) -> Sentence:
    """By how much every rating would have to be too good; empty where that is not known."""
    endpoint = _first(numbers, settings, Sensitivity.TIPPING_SHIFT)
    if endpoint is None or endpoint.kind in ("measurement", "count", "yes_no"):
        return []
    shift = f"sensitivity.{endpoint.name}.{endpoint.time_point}.tipping_shift"
    label = visit_labels(settings)[endpoint.time_point]
    unit = f" {numbers.noun(shift, endpoint.unit)}" if endpoint.unit else ""
    return [
        f"Lenient rating. If every {endpoint.label} at {label} were rated ", numbers.value(shift),
        f"{unit} too favourably, its change would no longer stand out (p above "
        f"{significance(settings.level)}).",
    ]  # fmt: skip


def _choices(numbers: Numbers, settings: AnalysisSettings) -> Sentence:
    """In how many combinations of other choices the improvement is found."""
    endpoint = _first(numbers, settings, Sensitivity.SPECIFICATIONS)
    if endpoint is None:
        return []
    stem = f"sensitivity.{endpoint.name}"
    return [
        f"Other choices of the analysis. An improvement of {endpoint.label} is found in ",
        numbers.share(f"{stem}.significant"), " combinations of "
        "other defensible choices.",
    ]  # fmt: skip
