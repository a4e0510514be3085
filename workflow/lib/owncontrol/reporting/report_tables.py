"""The report's tables, built from analysis results; the same for page and print."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from owncontrol.basics.number_texts import percent
from owncontrol.basics.units import plural
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.strata import Move
from owncontrol.reporting import change_kinds
from owncontrol.reporting.sentences import listed
from owncontrol.study.endpoints import Responder
from owncontrol.study.event_times import EventTime
from owncontrol.study.natural_recovery import Comparison
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint
from owncontrol.study.visits import Visit

MISSING = "\u2013"
# What the report labels: an endpoint, a criterion, a comparison, an event.
Labelled = CompleteEndpoint | Responder | Comparison | EventTime
EXACT_TEST = "exact signed-rank test"


@dataclass(frozen=True)
class Table:
    """A table: header and rows of cells (text or marked numbers); first column text, rest numbers.

    ``note``: text, or the parts of one (text and marked numbers). ``groups``: label of a group of
    rows by the index of its first row.
    """

    name: str
    title: str
    header: list[Any]
    rows: list[list[Any]]
    note: Any = ""
    groups: dict[int, str] = field(default_factory=dict)


def absent(name: str) -> Table:
    """A table that the results of a study have nothing for; it says so where it is a file."""
    title = name.replace("-", " ").replace("_", " ").capitalize()
    return Table(
        name, title, ["Nothing to show"], [], "The results of this study have no row of it."
    )


def patients_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """Table 1: who was treated and with what. No p-values: nothing is compared."""
    rows = [
        _spread(numbers, "patients.age", "Age, years"),
        _count(numbers, "patients.sex.female.subjects", "Female"),
    ]
    followed = {name for event in settings.event_times for name in (event.time, event.seen)}
    for item in settings.characteristics:
        name = item.name
        if name in followed:  # what came later does not describe who was treated
            continue
        if item.type == "number":
            label = ", ".join(filter(None, (item.label, plural(item.unit))))
            rows.append(_spread(numbers, f"patients.{name}", label))
        elif item.type == "boolean":
            rows.append(_count(numbers, f"patients.{name}.true.subjects", item.label))
        else:
            rows += [
                _count(numbers, estimate_id, f"{item.label}: {numbers.row(estimate_id).stratum}")
                for estimate_id in numbers.find(analysis="patients", endpoint=name)
            ]
    injury = settings.event_clock == "injury"
    onset = settings.onset.capitalize() if injury else "Baseline"
    who = numbers.who
    several = "patients.treatments_given.median" in numbers
    dose = "Dose of each treatment" if several else "Dose"
    for column, label in (
        ("registration_day", f"{onset} to registration, days"),
        ("collection_day", f"{onset} to collection of marrow, days"),
        ("treatment_start_day", f"{onset} to treatment, days"),
        ("culture_days", "Culture, days"),
        ("treatments_given", f"Treatments {who.a}"),
        ("dose", f"{dose}, {superscript(settings.dose_unit)}"),
        ("viability", "Viability at release, percent"),
        ("treatment_days", "Length of treatment, days"),
    ):
        rows.append(_spread(numbers, f"patients.{column}", label))
    return Table(
        "patients",
        f"{who.capital_many} and treatment" if settings.has_treatments else who.capital_many,
        ["", who.capital_many, "n"],
        [row for row in rows if row],
        f"Median (first to third quartile; smallest to largest), or {who.many} of those known (%). "
        f"No test is made: {_why_no_test(settings)}.",
    )


def _why_no_test(settings: AnalysisSettings) -> str:
    return "arms are not compared" if settings.arms else "there is no other group"


def superscript(unit: str) -> str:
    """A unit as it is printed: 10^8 cells with a raised 8."""
    raised = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    return re.sub(r"\^(-?[0-9]+)", lambda found: found[1].translate(raised), unit)


def change_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """Change from baseline at the time point, by family."""
    visit, labels = settings.time_point, visit_labels(settings)
    rows: list[list[Any]] = []
    groups: dict[int, str] = {}
    families = dict.fromkeys(endpoint.family for endpoint in settings.endpoints)
    for family in families:
        groups[len(rows)] = family.replace("_", " ").capitalize()
        for endpoint in settings.endpoints:
            if endpoint.family == family:
                rows += _change_rows(numbers, endpoint, settings)
    return Table(
        "change",
        f"Change from baseline to {labels[visit]}",
        [
            "Endpoint",
            "n",
            "Baseline",
            labels[visit],
            "Change",
            "Interval",
            "p",
            "p adjusted",
            "Improved",
        ],
        rows,
        f"{_of_ranks(numbers, settings)}{change_kinds.notes(settings)}adjusted: Holm inside the "
        f"family, for what the plan declares. {_of_steps(settings)}Improved: "
        f"{numbers.who.many} of those with both visits.",
        groups,
    )


def _of_steps(settings: AnalysisSettings) -> str:
    """In what changes of scales are counted whose values have names."""
    scales: dict[tuple[str, str], list[str]] = {}
    for endpoint in settings.endpoints:
        if endpoint.names:
            ends = endpoint.names[0], endpoint.names[-1]
            scales.setdefault(ends, []).append(endpoint.label)
    return "".join(
        f"Changes of {listed(labels)} are steps from {first} to {last}. "
        for (first, last), labels in scales.items()
    )


def _of_ranks(numbers: Numbers, settings: AnalysisSettings) -> str:
    """What the table shows of all endpoints but those of yes and no."""
    if all(endpoint.kind == "yes_no" for endpoint in settings.endpoints):
        return ""
    return (
        "Medians (first to third quartile); change: Hodges\u2013Lehmann estimate with its "
        "interval at the level that the "
        f"number of pairs allows (nominal {percent(settings.level)} %); p: "
        f"{signed_rank_words(numbers)} with ties and zeros (Pratt), two-sided; "
    )


def signed_rank_words(numbers: Numbers) -> str:
    """What the signed-rank tests of the change were by their method: exact, approximate, both."""
    exact = {
        numbers.row(estimate_id).is_exact
        for estimate_id in numbers.find(analysis="change", statistic=Change.SIGNED_RANK_PRATT)
    }
    if False not in exact:
        return EXACT_TEST
    if True not in exact:
        return "signed-rank test, by its normal approximation"
    return "signed-rank test, exact where the pairs allow and else by its normal approximation"


def _change_rows(
    numbers: Numbers, endpoint: CompleteEndpoint, settings: AnalysisSettings
) -> list[list[Any]]:
    """The row of an endpoint, and that of its means where it is a measurement."""
    label = _label_with_visits(endpoint, settings)
    if endpoint.kind == "yes_no":
        return [change_kinds.yes_no_row(numbers, endpoint, label)]
    means = [change_kinds.mean_row(numbers, endpoint)] if endpoint.kind == "measurement" else []
    return [_change_row(numbers, endpoint, label), *means]


def _label_with_visits(endpoint: CompleteEndpoint, settings: AnalysisSettings) -> str:
    """The label of an endpoint, with its visits where they are not those of the study."""
    label = marked_label(endpoint, settings)
    own = [endpoint.baseline, endpoint.time_point]
    if own != [settings.baseline, settings.time_point]:
        first, last = (visit_labels(settings)[visit] for visit in own)
        label = f"{label}, {first} to {last}"
    return label


def _change_row(numbers: Numbers, endpoint: CompleteEndpoint, label: str) -> list[Any]:
    stem = f"change.{endpoint.name}.{endpoint.time_point}"
    estimate, test = f"{stem}.hodges_lehmann", f"{stem}.signed_rank_pratt"
    adjusted = numbers.row(test).p_adjusted
    return [
        label,
        numbers.n(estimate),
        _with_quartiles(numbers, f"{stem}.median_baseline", endpoint),
        _with_quartiles(numbers, f"{stem}.median_visit", endpoint),
        numbers.change(estimate),
        numbers.interval(estimate),
        numbers.p(test),
        MISSING if pd.isna(adjusted) else numbers.p_adjusted(test),
        numbers.share(f"{stem}.improved"),
    ]


def _with_quartiles(numbers: Numbers, estimate_id: str, endpoint: CompleteEndpoint) -> Any:
    """A median with its quartiles; alone where there is one value or none."""
    row = numbers.row(estimate_id)
    if row.lower != row.lower or row.counted < 2:
        return shown_value(numbers, estimate_id, endpoint)
    bounds = numbers.interval(estimate_id)
    if endpoint.names and endpoint.minimum is not None:
        bounds = numbers.steps(estimate_id, endpoint.names, endpoint.minimum)
    return [shown_value(numbers, estimate_id, endpoint), " (", bounds, ")"]


def shown_value(numbers: Numbers, estimate_id: str, endpoint: CompleteEndpoint) -> Any:
    """A value of an endpoint as a reader knows it: by name where its steps have names."""
    if endpoint.names and endpoint.minimum is not None:
        return numbers.step(estimate_id, endpoint.names, endpoint.minimum)
    return numbers.value(estimate_id)


def shift_table(numbers: Numbers, settings: AnalysisSettings, endpoint: CompleteEndpoint) -> Table:
    """From which grade to which: rows before, columns after."""
    labels = visit_labels(settings)
    moves = numbers.by_stratum(
        Move,
        analysis="change",
        endpoint=endpoint.name,
        visit=endpoint.time_point,
        statistic=Change.SHIFT,
    )
    grades = list(dict.fromkeys(move.before for move in moves))
    return Table(
        f"shift-{endpoint.name}",
        f"{marked_label(endpoint, settings)}: {labels[endpoint.baseline]} and "
        f"{labels[endpoint.time_point]}",
        ["From", *(f"to {grade}" for grade in grades)],
        [
            [grade, *(numbers.value(moves[Move(grade, after)]) for after in grades)]
            for grade in grades
        ],
        change_kinds.shift_note(numbers, endpoint),
    )


def attendance_table(
    numbers: Numbers, settings: AnalysisSettings, instruments: Iterable[str]
) -> Table:
    """Who was assessed when."""
    instruments = list(instruments)
    labels = {item.instrument: item.instrument_label for item in settings.endpoints}

    def assessed(visit: Visit, name: str) -> Any:
        estimate_id = f"patients.{name}.{visit.name}.assessed"
        return numbers.share(estimate_id) if estimate_id in numbers else MISSING

    return Table(
        "attendance",
        f"{numbers.who.capital_many} assessed at each visit",
        ["Visit", *(labels[name] for name in instruments)],
        [
            [visit.label, *(assessed(visit, name) for name in instruments)]
            for visit in settings.visits
        ],
        f"Kept assessments, of {'treated' if settings.has_treatments else 'all'} "
        f"{numbers.who.many}.",
    )


def marked_label(item: Labelled, settings: AnalysisSettings) -> str:
    """The label of an endpoint, criterion or comparison; post hoc where the plan lacks it."""
    return f"{item.label} (post hoc)" if item.name in settings.post_hoc else item.label


def visit_labels(settings: AnalysisSettings) -> dict[str, str]:
    """Label of each visit by its name."""
    return {visit.name: visit.label for visit in settings.visits}


def _spread(numbers: Numbers, stem: str, label: str) -> list[Any]:
    if f"{stem}.median" not in numbers:
        return []
    if pd.isna(numbers.raw(f"{stem}.median")):
        return [label, MISSING, numbers.n(f"{stem}.median")]
    low, high = numbers.value(f"{stem}.first_quartile"), numbers.value(f"{stem}.third_quartile")
    ends = numbers.value(f"{stem}.minimum"), numbers.value(f"{stem}.maximum")
    cell = [
        numbers.value(f"{stem}.median"),
        " (",
        low,
        " to ",
        high,
        "; ",
        ends[0],
        " to ",
        ends[1],
        ")",
    ]
    return [label, cell, numbers.n(f"{stem}.median")]


def _count(numbers: Numbers, estimate_id: str, label: str) -> list[Any]:
    return (
        [label, numbers.share(estimate_id), numbers.n(estimate_id)]
        if estimate_id in numbers
        else []
    )
