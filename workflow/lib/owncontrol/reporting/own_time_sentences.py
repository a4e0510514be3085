"""What page one says of each patient's own time as control, and of what no treatment can do."""

import math

from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.report_tables import visit_labels
from owncontrol.reporting.sentences import Sentence
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint


def own_time_words(numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    """Sentences for the first page, as far as the data have exams before and soon after it."""
    return [*_rates(numbers, settings), *_early(numbers, settings)]


def control_words(numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    """Sentences on dermatomes that should stay, and on who examined."""
    return [*_dermatomes(numbers, settings), *_assessors(numbers, settings)]


def _known(numbers: Numbers, name: str) -> bool:
    return name in numbers and not math.isnan(numbers.raw(name))


def _first(
    numbers: Numbers, settings: AnalysisSettings, statistic: str
) -> tuple[CompleteEndpoint, str] | None:
    """The first endpoint of amounts with a statistic of its own time, and the stem of its id."""
    for endpoint in settings.endpoints:
        stem = f"sensitivity.{endpoint.name}"
        if not endpoint.grades and _known(numbers, f"{stem}.{statistic}"):
            return endpoint, stem
    return None


def _rates(numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    """How fast the main score rose before and after, a week and on the scale of recovery."""
    found = _first(numbers, settings, "rate_difference")
    if found is None:
        return []
    endpoint, stem = found
    label = visit_labels(settings)[endpoint.baseline]
    before = "the treatment" if settings.has_treatments else label
    said: Sentence = [
        f"Own time as control. {endpoint.label}: an improvement of ",
        *_amount(numbers, f"{stem}.rate_before", endpoint), f" a week before {before} and of ",
        numbers.value(f"{stem}.rate_after"), " a week after it, ",
        _compared(numbers, f"{stem}.rate_difference"), " (",
        numbers.p(f"{stem}.rate_difference"), ").",
    ]  # fmt: skip
    if not _known(numbers, f"{stem}.doubling_difference"):
        return [said]
    return [
        [
            *said, f" Recovery slows down with time; per doubling of the time since the "
            f"{settings.onset} it was ", numbers.value(f"{stem}.doubling_before"), " before and ",
            numbers.value(f"{stem}.doubling_after"), " after, ",
            _compared(numbers, f"{stem}.doubling_difference"), " (",
            numbers.p(f"{stem}.doubling_difference"), ").",
            *_disagreement(numbers, stem),
        ]
    ]  # fmt: skip


def _amount(numbers: Numbers, name: str, endpoint: CompleteEndpoint) -> Sentence:
    """A number with the unit of its endpoint, where that has one."""
    return [numbers.value(name), f" {numbers.noun(name, endpoint.unit)}" if endpoint.unit else ""]


def _compared(numbers: Numbers, name: str) -> str:
    row = numbers.row(name)
    if row.lower > 0:
        return "faster than before"
    return "slower than before" if row.upper < 0 else "not clearly different from before"


def _disagreement(numbers: Numbers, stem: str) -> Sentence:
    """That the answer hangs on how recovery slows down, where the two scales differ."""
    scales = ("rate_difference", "doubling_difference")
    if len({_compared(numbers, f"{stem}.{name}") for name in scales}) == 1:
        return []
    return [" Which of the two is fair depends on how fast recovery slows down without it."]


def _early(numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    """How much of the primary improvement was there before a treatment could have worked."""
    endpoint = settings.endpoints[0]
    name = f"sensitivity.{endpoint.name}.early_of_improved"
    if not settings.has_treatments or not _known(numbers, name) or not numbers.raw(name):
        return []
    visit = visit_labels(settings)[endpoint.time_point]
    return [
        [
            f"Early change. {endpoint.label}: of the ", numbers.n(name), f" {numbers.who.many} "
            "with an exam "
            f"within two days of the treatment who had improved at {visit}, ",
            numbers.events(name), " had improved by that exam already. A treatment that takes "
            "longer than two days to act cannot have caused these improvements: they are recovery "
            "that was under way, other care, or rating.",
        ]
    ]  # fmt: skip


def _dermatomes(numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    stem = f"change.c2_to_c4.{settings.time_point}"
    better, worse = f"{stem}.control_better", f"{stem}.control_worse"
    if better not in numbers or not numbers.raw_n(better):
        return []
    return [
        [
            "Negative control: in the dermatomes C2 to C4, where little change is expected, ",
            numbers.value(better), " of ", numbers.n(better), f" {numbers.who.many} were better "
            "and ",
            numbers.value(worse), f" worse at {visit_labels(settings)[settings.time_point]}.",
        ]
    ]  # fmt: skip


def _assessors(numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    for endpoint in settings.endpoints:
        stem = f"change.{endpoint.name}.{endpoint.time_point}"
        same, other = (f"{stem}.{who}_assessor.by_assessor" for who in ("same", "another"))
        if _known(numbers, same) and _known(numbers, other):
            return [
                [
                    f"{endpoint.label} by assessor: the change was ", numbers.change(same),
                    " where the same assessor made both exams (n = ", numbers.n(same),
                    ") and ", numbers.change(other), " where another one did (n = ",
                    numbers.n(other), "); described, not tested.",
                ]
            ]  # fmt: skip
    return []
