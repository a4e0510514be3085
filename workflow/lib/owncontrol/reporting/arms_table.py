"""The table of main results by arm, and what it does not say."""

from typing import Any

import pandas as pd

from owncontrol.basics.number_texts import percent
from owncontrol.basics.units import plural
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.strata import OfArm
from owncontrol.reporting.report_tables import MISSING, Table, marked_label, visit_labels
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint

NOT_COMPARED = (
    "The arms are described side by side and are not compared with each other: no test and no "
    "interval is about a difference between them."
)


def arms_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """The change of each endpoint in each arm; no row in a study without arms."""
    rows = [
        row
        for endpoint in (settings.endpoints if settings.arms else ())
        for row in _rows(numbers, endpoint, settings)
    ]
    return Table(
        "arms",
        "Change from baseline by arm",
        ["Endpoint", "Arm", "n", "Missing", "Change", "Interval"],
        rows,
        f"n: {numbers.who.many} with a value at both visits; missing: the other "
        f"{numbers.who.many} of the arm. "
        f"{_measures(settings)}{NOT_COMPARED}",
    )


def _rows(
    numbers: Numbers, endpoint: CompleteEndpoint, settings: AnalysisSettings
) -> list[list[Any]]:
    about = {"analysis": "change", "endpoint": endpoint.name, "visit": endpoint.time_point}
    absent = numbers.by_stratum(OfArm, statistic=Change.ARM_MISSING, **about)
    changes = numbers.by_stratum(OfArm, statistic=_statistic(endpoint), **about)
    visit = visit_labels(settings)[endpoint.time_point]
    label = f"{marked_label(endpoint, settings)}, {visit}"
    rows = []
    for place, (arm, missing) in enumerate(absent.items()):
        estimate = changes[arm]
        is_share = endpoint.kind == "yes_no"
        change = numbers.share(estimate) if is_share else numbers.change(estimate)
        interval = numbers.interval_percent if is_share else numbers.interval
        is_known = not pd.isna(numbers.raw(estimate))
        bounds = interval(estimate) if is_known else MISSING
        first = label if place == 0 else ""
        rows.append([first, arm.name, numbers.n(estimate), numbers.value(missing), change, bounds])
    return rows


def _statistic(endpoint: CompleteEndpoint) -> Change:
    of_kind = {"yes_no": Change.ARM_IMPROVED, "measurement": Change.ARM_MEAN_CHANGE}
    return of_kind.get(endpoint.kind, Change.ARM_CHANGE)


def _measures(settings: AnalysisSettings) -> str:
    """What the change is, by kind of endpoint."""
    kinds = {endpoint.kind for endpoint in settings.endpoints}
    level = percent(settings.level)
    said = []
    if kinds - {"yes_no", "measurement"}:
        said.append(f"Change: Hodges\u2013Lehmann estimate with its interval (nominal {level} %)")
    if "measurement" in kinds:
        units = {e.unit for e in settings.endpoints if e.kind == "measurement"}
        unit = f", {plural(units.pop())}" if len(units) == 1 else ""
        said.append(f"of a measurement: mean change with its {level} % t interval{unit}")
    if "yes_no" in kinds:
        said.append(
            f"of yes or no: {settings.design.called.many} improved, with the "
            "Clopper\u2013Pearson interval in percent"
        )
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}. "
