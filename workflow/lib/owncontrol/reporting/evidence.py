"""The report's tables about what the change means: estimands, responders, natural recovery."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from owncontrol.basics.number_texts import exact, percent, significance
from owncontrol.basics.units import with_unit
from owncontrol.estimates.collect import slug
from owncontrol.estimates.conventions import RateConvention, Timing
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import BaselineGrade, PublishedRate
from owncontrol.reporting.report_tables import MISSING, Table, marked_label, visit_labels
from owncontrol.study.endpoints import IntercurrentEvent
from owncontrol.study.natural_recovery import Comparison
from owncontrol.study.settings import AnalysisSettings, ChosenDifference

TIMINGS = {
    Timing.LATER: "later here",
    Timing.EARLIER: "earlier here",
    Timing.OVERLAPPING: "overlapping",
    Timing.NOT_KNOWN_HERE: "day here not known",
    Timing.NOT_KNOWN_THERE: "mixed or not known",
}
BY_WEEK = "By week: lasting improvement known by then, of all assessed. "
POPULATIONS = {
    "treated": "treated",
    "all": "all",
    "eligible": "eligible",
    "in_window": "inside the windows",
}


def estimands_table(settings: AnalysisSettings) -> Table:
    """Every endpoint with its estimand, as declared."""
    labels = visit_labels(settings)
    rows, sources = [], []
    for endpoint in settings.endpoints:
        difference = endpoint.important_difference
        rows.append(
            [
                f"{endpoint.label} ({endpoint.instrument_label})",
                endpoint.family.replace("_", " "),
                POPULATIONS[endpoint.population],
                labels[endpoint.baseline],
                labels[endpoint.time_point],
                amount(difference, endpoint.unit) if difference else MISSING,
                "declared" if endpoint.declared else "post hoc",
            ]
        )
        if difference:
            about = f" ({difference.kind})" if difference.population else ""
            sources.append(f"{endpoint.label}: {difference.source}{about}")
    return Table(
        "estimands",
        "Endpoints and their estimands",
        [
            "Endpoint (instrument)",
            "Family",
            "Population",
            "Baseline",
            "Time point",
            "Important difference",
            "Plan",
        ],
        rows,
        f"Where the important differences come from: {'; '.join(sources) or 'none is set'}.",
    )


def amount(difference: ChosenDifference, unit: str) -> str:
    """An important difference with its unit: 1 grade, 2 points."""
    return with_unit(exact(difference.threshold), unit)


@dataclass(frozen=True)
class EstimandSet:
    """What endpoints have in common of their estimands; ``labels``: which endpoints these are."""

    summary: str
    intercurrent_events: tuple[IntercurrentEvent, ...]
    labels: list[str]


def events_by_estimand(settings: AnalysisSettings) -> list[EstimandSet]:
    """Distinct sets of intercurrent events and summaries, with the endpoints they hold for."""
    found: dict[tuple[str, tuple[IntercurrentEvent, ...]], list[str]] = {}
    for endpoint in settings.endpoints:
        estimand = endpoint.summary, endpoint.intercurrent_events
        found.setdefault(estimand, []).append(endpoint.label)
    if len(found) == 1:
        return [EstimandSet(*estimand, ["Every endpoint"]) for estimand in found]
    return [EstimandSet(*estimand, labels) for estimand, labels in found.items()]


def responders_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """Who reached each criterion at its time point, and by when an improvement that lasts began."""
    visits = visit_labels(settings)
    rows = []
    for item in settings.endpoints:
        if item.important_difference:
            label = marked_label(item, settings)
            label = f"{label}, {amount(item.important_difference, item.unit)}"
            if item.time_point != settings.time_point:
                label = f"{label}, {visits[item.time_point]}"
            rows.append(_criterion_row(numbers, settings, item.name, item.time_point, label))
    groups = {0: "Endpoints, by their important difference"}
    if settings.responders:
        groups[len(rows)] = "Declared together"
    for together in settings.responders:
        label = marked_label(together, settings)
        rows.append(_criterion_row(numbers, settings, together.name, settings.time_point, label))
    return Table(
        "responders",
        f"{numbers.who.capital_many} who reached each criterion, and by when",
        [
            "Criterion",
            f"At {visits[settings.time_point]}",
            "Interval, %",
            *(f"By week {week}" for week in settings.improved_by_weeks),
            f"Half improved, {'between' if settings.clock == 'order' else 'days'}",
        ],
        rows,
        "Shares of those in whom it is known, with the Clopper\u2013Pearson interval at "
        f"{percent(settings.level)} %. {BY_WEEK if settings.improved_by_weeks else ''}"
        f"Half improved: interval that holds the median {settings.clock_words.since} (Turnbull, "
        "between visits); an improvement lasts if every later assessment has it too.",
        groups if rows else {},
    )


def _criterion_row(
    numbers: Numbers, settings: AnalysisSettings, name: str, visit: str, label: str
) -> list[Any]:
    stem = f"responders.{name}"
    reached = f"{stem}.{visit}.responders"
    weeks = settings.improved_by_weeks
    return [
        label,
        numbers.share(reached) if numbers.row(reached).n else MISSING,
        numbers.interval_percent(reached),
        *(_share(numbers, f"{stem}.week_{week}.known_improved_by") for week in weeks),
        _half_between(numbers, settings, stem)
        if settings.clock == "order"
        else _half(numbers, stem),
    ]


def _half_between(numbers: Numbers, settings: AnalysisSettings, stem: str) -> Any:
    """The visits between which the median lies, where only their order is known."""
    places = [f"{stem}.median_{side}" for side in ("left", "right")]
    known = [numbers.raw(name) for name in places if name in numbers]
    if len(known) < len(places) or any(place != place for place in known):
        return _half(numbers, stem)
    first, second = (settings.visits[int(place)].label for place in known)
    return f"{first} and {second}"


def _share(numbers: Numbers, estimate_id: str) -> Any:
    return numbers.share(estimate_id) if estimate_id in numbers else MISSING


def _half(numbers: Numbers, stem: str) -> Any:
    left, right = f"{stem}.median_left", f"{stem}.median_right"
    if left not in numbers or numbers.raw(left) != numbers.raw(left):
        return MISSING
    if numbers.raw(right) != numbers.raw(right):
        return ["after ", numbers.value(left)]
    return [numbers.value(left), " to ", numbers.value(right)]


def tipping_rates(numbers: Numbers, comparison: str) -> dict[str, str]:
    """By baseline grade, the id of its tipping rate in a comparison."""
    found = numbers.by_stratum(
        BaselineGrade,
        analysis="natural_recovery",
        endpoint=comparison,
        statistic=NaturalRecovery.TIPPING_RATE,
    )
    return {stratum.grade: estimate_id for stratum, estimate_id in found.items()}


def grades_of(numbers: Numbers, comparison: str) -> list[str]:
    """Baseline grades with at least one patient in a comparison."""
    rates = tipping_rates(numbers, comparison)
    return [grade for grade, estimate_id in rates.items() if numbers.row(estimate_id).n]


def recovery_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """Each comparison by baseline grade."""
    recovery = settings.natural_recovery
    assert recovery is not None
    rows: list[list[Any]] = []
    groups: dict[int, str] = {}
    for comparison in recovery.comparisons:
        groups[len(rows)] = marked_label(comparison, settings)
        for grade in grades_of(numbers, comparison.name):
            rows.append(_recovery_row(numbers, comparison.name, grade))
        stem = f"natural_recovery.{comparison.name}.all_grades"
        if numbers.row(f"{stem}.improved").n:
            rows.append(_mixed_row(numbers, stem))
        else:
            rows.append([f"No {numbers.who.one} with both exams", *[MISSING] * 12])
    return Table(
        "natural-recovery",
        "Share improved beside published rates of untreated patients",
        [
            "Grade",
            "Improved",
            "Interval, %",
            "Exam, day",
            "Published, %",
            "Expected",
            "p",
            "If all improved, p",
            "Tipping rate, %",
            "To spare",
            "All sources, %",
            "p more",
            "p fewer",
        ],
        rows,
        "Published: the main rate; p: chance that untreated patients with that rate do as well "
        "(one-sided, exact binomial; all grades: Poisson\u2013binomial, each "
        f"{numbers.who.one} with the rate of their own grade). Expected: {numbers.who.many} who "
        "would "
        "improve with those rates, over all "
        "grades. If all improved: the p that would have been possible. Tipping rate: published "
        f"rate at which p is {significance(1 - recovery.primary.alpha)}. To spare: improvements "
        "that may have been misrated before p exceeds it. All sources: random-effects mean of the "
        "published rates that enter, of each registry one, with the interval of prediction of a "
        "rate; p more and p fewer: chance that as many or more (as few or fewer) of so many new "
        f"{numbers.who.many} improve, given those rates. "
        f"Exam: day of the baseline exam from {settings.onset}, first to last.",
        groups,
    )


def _recovery_row(numbers: Numbers, comparison: str, grade: str) -> list[Any]:
    stem = f"natural_recovery.{comparison}.{slug(grade)}"
    known = numbers.raw(f"{stem}.benchmark") == numbers.raw(f"{stem}.benchmark")
    spare = numbers.raw(f"{stem}.to_spare")
    return [
        grade,
        numbers.share(f"{stem}.improved"),
        numbers.interval_percent(f"{stem}.improved"),
        numbers.interval(f"{stem}.baseline_day_from_injury"),
        numbers.percent(f"{stem}.benchmark") if known else MISSING,
        MISSING,
        numbers.p(f"{stem}.benchmark") if known else MISSING,
        numbers.p(f"{stem}.best_possible") if known else MISSING,
        numbers.percent(f"{stem}.tipping_rate"),
        numbers.value(f"{stem}.to_spare") if spare == spare else MISSING,
        *_predicted_cells(numbers, stem),
    ]


def _predicted_cells(numbers: Numbers, stem: str) -> list[Any]:
    more, fewer = f"{stem}.predicted_more", f"{stem}.predicted_fewer"
    if numbers.raw(more) != numbers.raw(more):
        return [MISSING] * 3
    bounds = numbers.interval_percent(more)
    return [[numbers.percent(more), " (", bounds, ")"], numbers.p(more), numbers.p(fewer)]


def _mixed_row(numbers: Numbers, stem: str) -> list[Any]:
    known = numbers.raw(f"{stem}.mixed") == numbers.raw(f"{stem}.mixed")
    return [
        "All grades",
        numbers.share(f"{stem}.improved"),
        numbers.interval_percent(f"{stem}.improved"),
        numbers.interval(f"{stem}.baseline_day_from_injury"),
        MISSING,
        numbers.value(f"{stem}.expected") if known else MISSING,
        numbers.p(f"{stem}.mixed") if known else MISSING,
        *[MISSING] * 6,
    ]


def sources_table(numbers: Numbers, comparison: Comparison) -> Table:
    """Every published rate of a comparison, by grade."""
    rows: list[list[Any]] = []
    groups: dict[int, str] = {}
    for grade in grades_of(numbers, comparison.name):
        stem = f"natural_recovery.{comparison.name}.{slug(grade)}"
        groups[len(rows)] = f"Grade {grade}"
        rows.append(
            ["Improved here", MISSING, numbers.percent(f"{stem}.improved"),
             numbers.interval_percent(f"{stem}.improved"), MISSING, MISSING]
        )  # fmt: skip
        rows += _published_rates(numbers, comparison.name, grade)
        rows.append(["All that enter", MISSING, *_predicted_rate(numbers, stem)])
    return Table(
        "published-rates",
        f"Published rates beside the share improved ({comparison.label})",
        ["Source", "Baseline exam", "Improved, %", "Interval, %", "p", "All sources"],
        rows,
        "p of the share improved here against the source's rate, one-sided: beta-binomial with the "
        "source's counts, exact binomial where it gives none. Baseline exam of "
        f"these {numbers.who.many} "
        "compared with the source's: the later, the less natural recovery is left. All sources: "
        "whether the rate enters the mean of all, or why it does not. All that enter: their mean, "
        "with the interval of prediction of a rate and the p for as many or more improved.",
        groups,
    )


def _published_rates(numbers: Numbers, comparison: str, grade: str) -> Iterator[list[Any]]:
    """A row per published rate of a grade."""
    about = {"analysis": "natural_recovery", "endpoint": comparison}
    enters = numbers.by_stratum(PublishedRate, **about, statistic=NaturalRecovery.SOURCE_ENTERS)
    published = numbers.by_stratum(PublishedRate, **about, statistic=NaturalRecovery.PUBLISHED_RATE)
    for here, estimate_id in published.items():
        if here.grade != grade:
            continue
        row = numbers.row(estimate_id)
        counted = not math.isnan(row.lower)
        yield [
            here.source,
            TIMINGS[RateConvention.parse(row.convention.words).timing],
            numbers.percent(estimate_id),
            numbers.interval_percent(estimate_id) if counted else MISSING,
            numbers.p(estimate_id),
            numbers.row(enters[here]).convention.words,
        ]


def _predicted_rate(numbers: Numbers, stem: str) -> list[Any]:
    """Mean of the rates that enter, interval of prediction, p, and how many enter."""
    more, count = f"{stem}.predicted_more", f"{stem}.sources"
    if numbers.raw(more) != numbers.raw(more):
        return [MISSING, MISSING, MISSING, "none enters"]
    bounds = numbers.interval_percent(more)
    return [numbers.percent(more), bounds, numbers.p(more), [numbers.share(count), " enter"]]


def main_sources(numbers: Numbers, settings: AnalysisSettings, comparison: Comparison) -> str:
    """The sources whose rates are the main ones of a comparison, with their grades if several."""
    assert settings.natural_recovery is not None
    by_source: dict[str, list[str]] = {}
    for grade, estimate_id in tipping_rates(numbers, comparison.name).items():
        benchmark = estimate_id.removesuffix(".tipping_rate") + ".benchmark"
        if numbers.raw(benchmark) == numbers.raw(benchmark):
            source = comparison.benchmark.get(grade, settings.natural_recovery.benchmark)
            by_source.setdefault(source, []).append(grade)
    if len(by_source) < 2:
        return "".join(by_source) or "none"
    return "; ".join(f"{source} (grade {', '.join(of)})" for source, of in by_source.items())
