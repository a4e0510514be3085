"""The results on the first page: the first two changes, what untreated patients do, events."""

from collections.abc import Mapping

from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.event_time_sentences import event_times_sentence
from owncontrol.reporting.natural_course_table import with_course, without_course
from owncontrol.reporting.report_tables import Table, marked_label, shown_value, visit_labels
from owncontrol.reporting.sentences import Ref, Sentence, capital, in_brackets, listed, verb
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint

# From which the smallest p that the pairs allow is worth a reader's attention.
NOT_SMALL = 0.01
BETTER, WORSE, UNCLEAR = "better than expected", "worse than expected", "not clearly different"


def results(
    numbers: Numbers, settings: AnalysisSettings, tables: Mapping[str, Table]
) -> list[Sentence]:
    """The change of the first two endpoints, and how changes compare with a published course."""
    first = [_change(numbers, settings, item) for item in settings.endpoints[:2]]
    lacking = without_course(numbers, settings)
    anyway = "without the treatment" if settings.has_treatments else "in any case"
    unknown = f"No natural course is known here for {lacking}: how much of the change would have "
    return [
        *first,
        *_beside_the_course(numbers, settings, tables),
        *([[f"{unknown}come {anyway} cannot be said."]] if lacking else []),
        event_times_sentence(numbers, settings, tables),
    ]


def _stem(endpoint: CompleteEndpoint) -> str:
    return f"change.{endpoint.name}.{endpoint.time_point}"


def _change(numbers: Numbers, settings: AnalysisSettings, endpoint: CompleteEndpoint) -> Sentence:
    """What became of one endpoint, by its kind: a grade, a score, yes or no."""
    labels, stem = visit_labels(settings), _stem(endpoint)
    baseline, last = labels[endpoint.baseline], labels[endpoint.time_point]
    if not numbers.raw_n(f"{stem}.improved"):
        return [
            f"{endpoint.label} at {last}: not known; no {numbers.who.one} has a value both then "
            "and at "
            f"{baseline}."
        ]
    head = f"{marked_label(endpoint, settings)}, {baseline} to {last}: "
    if endpoint.kind == "yes_no":
        return [head, *_yes_no(numbers, stem)]
    if endpoint.grades:
        return [head, *_shares(numbers, f"{stem}.signed_rank_pratt", stem), "."]
    return [head, *_sizes(numbers, endpoint, stem)]


def _shares(numbers: Numbers, test: str, stem: str) -> Sentence:
    """Who improved and who got worse, with the test."""
    improved = f"{stem}.improved"
    if numbers.raw_n(improved) == 1:  # described, not tested
        return [
            numbers.share(improved),
            " improved, ",
            numbers.share(f"{stem}.worse"),
            " got worse",
        ]
    return [
        numbers.share(improved), " improved (", numbers.level(improved), " % interval ",
        numbers.interval_percent(improved), " %), ", numbers.share(f"{stem}.worse"),
        " got worse; ", numbers.p(test), *_smallest(numbers, f"{stem}.smallest_p"),
    ]  # fmt: skip


def _yes_no(numbers: Numbers, stem: str) -> Sentence:
    return [
        "yes in ", numbers.share(f"{stem}.yes_baseline"), ", then in ",
        numbers.share(f"{stem}.yes_visit"), "; ",
        *_shares(numbers, f"{stem}.mcnemar", stem), ".",
    ]  # fmt: skip


def _smallest(numbers: Numbers, name: str) -> Sentence:
    """The smallest p that so few pairs allow, where it is not small."""
    if name not in numbers or not numbers.raw(name) >= NOT_SMALL:
        return []
    pairs = verb(numbers.raw_n(name), "pair allows", "pairs allow")
    return [", and ", numbers.n(name), f" {pairs} no p below ", numbers.value(name)]


def _sizes(numbers: Numbers, endpoint: CompleteEndpoint, stem: str) -> Sentence:
    """Values before and after, the size of the change, of a measurement also its mean."""
    size, test = f"{stem}.hodges_lehmann", f"{stem}.signed_rank_pratt"
    count = numbers.raw_n(f"{stem}.improved")
    values = [
        "" if count == 1 else "median ",
        shown_value(numbers, f"{stem}.median_baseline", endpoint), ", then ",
        shown_value(numbers, f"{stem}.median_visit", endpoint),
    ]  # fmt: skip
    if numbers.raw(size) != numbers.raw(size):
        few = "" if count == 1 else ", too few for an estimate of the change"
        subjects = numbers.who.of(count)
        return [*values, " (", numbers.n(f"{stem}.improved"), f" {subjects}{few})."]
    lower = "; lower is better" if endpoint.lower_is_better else ""
    return [
        *values, lower, "; Hodges\u2013Lehmann estimate of the change ", numbers.change(size),
        *_unit(numbers, size, endpoint), " (", numbers.level(size), " % interval ",
        numbers.interval(size), "; ", numbers.p(test),
        *_smallest(numbers, f"{stem}.smallest_p"), ")", *_mean(numbers, endpoint, stem), "; ",
        numbers.share(f"{stem}.improved"), " improved, ", numbers.share(f"{stem}.worse"),
        " got worse.",
    ]  # fmt: skip


def _unit(numbers: Numbers, name: str, endpoint: CompleteEndpoint) -> Sentence:
    return [f" {numbers.noun(name, endpoint.unit)}"] if endpoint.unit else []


def _mean(numbers: Numbers, endpoint: CompleteEndpoint, stem: str) -> Sentence:
    """The mean change of a measurement with its interval; empty where it cannot be estimated."""
    mean = f"{stem}.mean_change"
    if endpoint.kind != "measurement" or mean not in numbers:
        return []
    row = numbers.row(mean)
    if row.lower != row.lower:
        return []
    return [
        "; mean change ", numbers.change(mean), *_unit(numbers, mean, endpoint), " (",
        numbers.interval(mean), ")",
    ]  # fmt: skip


def _beside_the_course(
    numbers: Numbers, settings: AnalysisSettings, tables: Mapping[str, Table]
) -> list[Sentence]:
    """How changes compare with those of published cohorts: the first in numbers, all by name."""
    shown = [
        endpoint
        for endpoint in with_course(numbers, settings)
        if endpoint.declared or not settings.plan.version
    ]
    if not shown:
        return []
    first = shown[0]
    name = f"{_stem(first)}.observed_minus_expected"
    known = numbers.row(name).lower == numbers.row(name).lower
    bounds: Sentence = (
        [" (", numbers.level(name), " % interval ", numbers.interval(name), ")"] if known else []
    )
    table = [Ref("table", "natural-course")] if "natural-course" in tables else []
    said: Sentence = [
        "Mean change minus the mean change of published cohorts without the treatment",
        *in_brackets([table]), f": {first.label} ", numbers.change(name),
        *_unit(numbers, name, first), *bounds, ".",
    ]  # fmt: skip
    return [said, *_by_name(numbers, shown)]


def _by_name(numbers: Numbers, endpoints: list[CompleteEndpoint]) -> list[Sentence]:
    """Which changes differ from the expected ones; nothing where there is one with an interval."""
    found: dict[str, list[str]] = {BETTER: [], WORSE: [], UNCLEAR: []}
    for endpoint in endpoints:
        row = numbers.row(f"{_stem(endpoint)}.observed_minus_expected")
        up, down = (WORSE, BETTER) if endpoint.lower_is_better else (BETTER, WORSE)
        if row.lower == row.lower:
            found[up if row.lower > 0 else down if row.upper < 0 else UNCLEAR].append(
                endpoint.label
            )
    parts = [f"{what} in {listed(labels)}" for what, labels in found.items() if labels]
    if len(endpoints) == 1 or not parts:
        return []
    return [[f"{capital('; '.join(parts))}."]]
