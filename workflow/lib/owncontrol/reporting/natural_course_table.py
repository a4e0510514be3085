"""The report's table of scores beside their published course without the treatment."""

from collections.abc import Sequence
from typing import Any

from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.strata import PublishedCohort
from owncontrol.reporting.report_tables import MISSING, Table, marked_label, visit_labels
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint

MOST_NAMED = 4  # endpoints by their label in one sentence


def with_course(numbers: Numbers, settings: AnalysisSettings) -> list[CompleteEndpoint]:
    """The endpoints of whose change at their time point some is expected, in order."""
    found = []
    for endpoint in settings.endpoints:
        name = f"change.{endpoint.name}.{endpoint.time_point}.observed_minus_expected"
        if name in numbers and numbers.raw(name) == numbers.raw(name):
            found.append(endpoint)
    return found


def without_course(numbers: Numbers, settings: AnalysisSettings) -> str:
    """The scores of which no natural course is known, in words; empty where none has to be named.

    Scores that the plan declares, or all where it declares none; grades are compared with rates.
    Nothing is said where the design declares that no recovery is expected.
    """
    if settings.design.natural_course not in (None, "recovery"):
        return ""
    known = with_course(numbers, settings)
    scores = [item for item in settings.endpoints if not item.grades]
    declared = [item for item in scores if item.declared] or scores
    lacking = [item.label for item in declared if item not in known]
    if len(lacking) > MOST_NAMED:
        some = len(lacking) < len(declared)
        return (
            f"{len(lacking)} of {len(declared)} scores" if some else f"these {len(lacking)} scores"
        )
    return " and ".join(filter(None, [", ".join(lacking[:-1]), *lacking[-1:]]))


def natural_course_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """Observed and expected change of each endpoint, by published cohort and over all of them."""
    rows: list[list[Any]] = []
    groups: dict[int, str] = {}
    labels = visit_labels(settings)
    for endpoint in with_course(numbers, settings):
        first, last = labels[endpoint.baseline], labels[endpoint.time_point]
        groups[len(rows)] = f"{marked_label(endpoint, settings)}, {first} to {last}"
        cohorts = numbers.by_stratum(
            PublishedCohort,
            analysis="change",
            endpoint=endpoint.name,
            visit=endpoint.time_point,
            statistic=Change.EXPECTED_CHANGE,
        )
        rows += [_row(numbers, cohort.name, name) for cohort, name in cohorts.items()]
        whole = f"change.{endpoint.name}.{endpoint.time_point}.expected_change"
        if len(cohorts) > 1:
            rows.append(_row(numbers, "Mean of the cohorts", whole))
    return Table(
        "natural-course",
        "Change beside the published course without the treatment",
        ["Cohort", "n", "Observed", "Expected", "Interval", "Difference", "Interval", "Course"],
        rows,
        f"Observed: mean change of the {numbers.who.many} who have an expected one. Expected: "
        "mean of what "
        f"the published course gives for each {numbers.who.one}'s own group at baseline and own "
        "two days from "
        f"{settings.onset}; its interval is that of the course alone. Difference: observed less "
        "expected; its interval carries the uncertainty of both. A course is made of the means of "
        "whoever was examined on each day, and a change in it is no change of the same persons; a "
        "total change is that of the source's model.",
        groups,
    )


def _row(numbers: Numbers, label: str, expected: str) -> list[Any]:
    stem = expected.removesuffix("expected_change")
    observed, difference = f"{stem}observed_change", f"{stem}observed_minus_expected"
    said = numbers.row(expected).convention
    if numbers.raw(expected) != numbers.raw(expected):
        return [label, numbers.n(expected), *[MISSING] * 5, said.reason]
    row = numbers.row(difference)
    return [
        label,
        numbers.n(expected),
        numbers.change(observed),
        numbers.change(expected),
        numbers.interval(expected),
        numbers.change(difference),
        numbers.interval(difference) if row.lower == row.lower else MISSING,
        said.words,
    ]


def minus_expected(numbers: Numbers, endpoints: Sequence[CompleteEndpoint]) -> list[Any]:
    """The cell of each endpoint in the table of changes: observed less expected."""
    cells = []
    for endpoint in endpoints:
        name = f"change.{endpoint.name}.{endpoint.time_point}.observed_minus_expected"
        known = name in numbers and numbers.raw(name) == numbers.raw(name)
        interval = known and numbers.row(name).lower == numbers.row(name).lower
        bounds = [" (", numbers.interval(name), ")"] if interval else []
        cells.append([numbers.change(name), *bounds] if known else MISSING)
    return cells
