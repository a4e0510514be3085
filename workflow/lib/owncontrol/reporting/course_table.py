"""The report's table of the course: the middle of each endpoint at every visit, and of how many."""

from typing import Any

from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.report_tables import MISSING, Table, marked_label, shown_value
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint


def course_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """Median and n by endpoint and visit; visits at which nothing was assessed are left out."""
    found = {
        (numbers.row(name).endpoint, numbers.row(name).visit): name
        for name in numbers.find(analysis="change", statistic=Change.MEDIAN)
        if numbers.row(name).n
    }
    visits = [visit for visit in settings.visits if any(where == visit.name for _, where in found)]
    endpoints = [
        endpoint
        for endpoint in settings.endpoints
        if any(name == endpoint.name for name, _ in found)
    ]

    def cell(endpoint: CompleteEndpoint, visit: str) -> Any:
        name = found.get((endpoint.name, visit))
        if name is None:
            return MISSING
        return [shown_value(numbers, name, endpoint), " (", numbers.n(name), ")"]

    return Table(
        "course",
        f"Median of each endpoint at every visit, and the number of {numbers.who.many} assessed",
        ["Endpoint", *(visit.label for visit in visits)],
        [
            [marked_label(endpoint, settings), *(cell(endpoint, visit.name) for visit in visits)]
            for endpoint in endpoints
        ],
        f"Median ({numbers.who.many} with a value). Who was assessed differs between visits, so "
        "that part of "
        f"a difference between two medians may be that of the {numbers.who.many}.",
    )
