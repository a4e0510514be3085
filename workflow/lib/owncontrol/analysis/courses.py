"""The course of an endpoint over the visits, of whoever was seen."""

from typing import Any

import pandas as pd

from owncontrol.analysis.pairs import of_endpoint, visit_names
from owncontrol.analysis.settings import EstimandSettings
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.study.settings import CompleteEndpoint

About = dict[str, Any]


def medians(
    estimates: Estimates,
    scores: pd.DataFrame,
    endpoint: CompleteEndpoint,
    settings: EstimandSettings,
) -> None:
    """Add the median of an endpoint at each visit where anybody has a value, and their median day.

    The day counts from the treatment, of those whose day is known. Who was missed at a visit is
    missing in its median, so that it can move without anybody's change. ``scores``: of the
    treated subjects.
    """
    here = of_endpoint(scores, endpoint)
    known = here.loc[here["value"].notna()]
    for visit in visit_names(settings.visits):
        now = known.loc[known["visit"] == visit]
        about: About = {
            "population": "treated subjects with a value at the visit",
            "endpoint": endpoint.name,
            "visit": visit,
            "method": "median",
            "inputs": estimates.inputs(now),
        }
        for name, column, unit in (
            (Change.MEDIAN, "value", endpoint.unit),
            (Change.MEDIAN_DAY, "day_from_treatment", "days"),
        ):
            numbers = now[column].astype("float").dropna()
            if len(numbers):
                estimates.add(name, float(numbers.median()), n=len(numbers), unit=unit, **about)
