"""The counts that the report's first page has of the plan: departures and disclosures."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from owncontrol.analysis.plan_disclosures import Disclosure, Kind
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Plan
from owncontrol.estimates.selections import name_matching
from owncontrol.estimates.strata import OfPlan
from owncontrol.study.plan_departures import Departure
from owncontrol.study.settings import CompleteEndpoint

COUNT = "count"


def departures_table(found: Sequence[Departure]) -> list[dict[str, str]]:
    """The rows of the table ``departures``."""
    return [{**vars(item), "area": item.area.value} for item in found]


def count_departures(estimates: Estimates, found: Sequence[Departure]) -> None:
    """Add how many parts of the study differ from the frozen plan, and of which area."""
    by_area = Counter(item.area for item in found)
    selections = {area: name_matching("departures", area=area.value) for area in by_area}
    estimates.add(
        Plan.DEPARTURES,
        len(found),
        n=len(found),
        method=COUNT,
        unit="departures",
        inputs=" ".join(selections.values()),
    )
    for area, count in by_area.items():
        estimates.add(
            Plan.DEPARTURES,
            count,
            stratum=OfPlan(area.value),
            n=count,
            method=COUNT,
            unit="departures",
            inputs=selections[area],
        )


def count_disclosures(estimates: Estimates, found: Sequence[Disclosure]) -> None:
    """Add how many there are of each kind; 0 of those that there are none of."""
    by_kind = Counter(item.kind for item in found)
    for kind in Kind:
        estimates.add(
            Plan.DISCLOSED,
            by_kind[kind],
            stratum=OfPlan(kind.value),
            n=by_kind[kind],
            method=COUNT,
            inputs=name_matching("disclosures", kind=kind.value) if by_kind[kind] else "",
        )


def count_scores(estimates: Estimates, recorded: int, left: int) -> None:
    """Add how many of the scores that are there at both visits are analysed."""
    estimates.add(
        Plan.SCORES_ANALYSED,
        recorded - left,
        n=recorded,
        events=recorded - left,
        method=COUNT,
        unit="scores",
        inputs=name_matching("disclosures", kind=Kind.NOT_ANALYSED.value) if left else "",
    )


def count_lost(
    estimates: Estimates,
    known: pd.DataFrame,
    lost: Sequence[Disclosure],
    endpoint: CompleteEndpoint,
) -> None:
    """Add how many subjects with an endpoint at baseline have none at its time point.

    ``known``: scores of the endpoint at both visits, determinate, of treated subjects.
    """
    before = known.loc[known["visit"] == endpoint.baseline]
    estimates.add(
        Plan.LOST,
        len(lost),
        endpoint=endpoint.name,
        visit=endpoint.time_point,
        n=int(before["subject_id"].nunique()),
        events=len(lost),
        method=COUNT,
        unit="subjects",
        scores=known,
    )


def count_looks(estimates: Estimates, found: Sequence[Disclosure]) -> None:
    """Add how many states of the raw files there were: one, and one for each day of changes."""
    days = {item.name for item in found if item.kind is Kind.RAW_CHANGE}
    estimates.add(
        Plan.DATA_CUTS,
        len(days) + 1,
        n=len(days),
        method="1, and one for each day on which listed raw files were changed",
        inputs=name_matching("disclosures", kind=Kind.RAW_CHANGE.value) if days else "",
    )
