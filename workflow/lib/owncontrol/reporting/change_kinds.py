"""Rows and notes of the table of changes for measurements and for yes or no."""

from typing import Any

import pandas as pd

from owncontrol.basics.number_texts import percent
from owncontrol.basics.units import plural
from owncontrol.estimates.numbers import Numbers
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint

MISSING = "\u2013"


def mean_row(numbers: Numbers, endpoint: CompleteEndpoint) -> list[Any]:
    """Mean and SD at both visits, the mean change with its t interval and the paired t-test."""
    stem = f"change.{endpoint.name}.{endpoint.time_point}"
    change, test = f"{stem}.mean_change", f"{stem}.paired_t"
    return [
        f"  mean (SD), {plural(endpoint.unit)}",
        numbers.n(change),
        _with_spread(numbers, f"{stem}.mean_baseline", f"{stem}.sd_baseline"),
        _with_spread(numbers, f"{stem}.mean_visit", f"{stem}.sd_visit"),
        numbers.change(change),
        numbers.interval(change),
        MISSING if pd.isna(numbers.row(test).p) else numbers.p(test),
        MISSING,
        MISSING,
    ]


def _with_spread(numbers: Numbers, mean: str, spread: str) -> list[Any]:
    if pd.isna(numbers.raw(spread)):
        return [numbers.value(mean)]
    return [numbers.value(mean), " (", numbers.value(spread), ")"]


def yes_no_row(numbers: Numbers, endpoint: CompleteEndpoint, label: str) -> list[Any]:
    """Yes at both visits, the changes both ways and McNemar's exact test."""
    stem = f"change.{endpoint.name}.{endpoint.time_point}"
    main, test = f"{stem}.signed_rank_pratt", f"{stem}.mcnemar"
    adjusted = numbers.row(main).p_adjusted
    return [
        f"{label}, yes",
        numbers.n(f"{stem}.yes_visit"),
        numbers.share(f"{stem}.yes_baseline"),
        numbers.share(f"{stem}.yes_visit"),
        [
            numbers.value(f"{stem}.no_to_yes.shift"),
            " to yes, ",
            numbers.value(f"{stem}.yes_to_no.shift"),
            " to no",
        ],
        MISSING,
        MISSING if pd.isna(numbers.row(test).p) else numbers.p(test),
        MISSING if pd.isna(adjusted) else numbers.p_adjusted(main),
        numbers.share(f"{stem}.improved"),
    ]


def notes(settings: AnalysisSettings) -> str:
    """What the table shows of measurements and of yes or no; empty where the study has none."""
    kinds = {endpoint.kind for endpoint in settings.endpoints}
    said = ""
    if "measurement" in kinds:
        said += (
            "below a measurement: mean and standard deviation (SD), mean change with its "
            f"{percent(settings.level)} % t interval, p of the paired t-test, which takes the "
            "changes as normally distributed and is not adjusted (the main test is the one above); "
        )
    if "yes_no" in kinds:
        said += (
            f"yes or no: {settings.design.called.many} with yes at both visits, changes both "
            "ways, p: exact McNemar "
            "test, two-sided; "
        )
    if kinds == {"yes_no"}:
        said = said[:1].upper() + said[1:]
    return said


def shift_note(numbers: Numbers, endpoint: CompleteEndpoint) -> list[Any] | str:
    """Whom a table of both visits counts; of yes or no with its test."""
    many = numbers.who.capital_many
    if endpoint.kind != "yes_no":
        return f"{many} with a determinate grade at both visits."
    test = f"change.{endpoint.name}.{endpoint.time_point}.mcnemar"
    if pd.isna(numbers.row(test).p):
        return f"{many} with an answer at both visits."
    return [
        f"{many} with an answer at both visits. Exact McNemar test of the changes, two-sided: ",
        numbers.p(test),
        ".",
    ]
