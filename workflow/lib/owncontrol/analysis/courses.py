"""The course of an endpoint over the visits, of whoever was seen."""

from typing import Any

import pandas as pd

from owncontrol.analysis.clock_days import CONVENTIONS, days_on_clock
from owncontrol.analysis.pairs import of_endpoint, visit_names
from owncontrol.analysis.populations import whom
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

    The day is that of the study's clock, of those whose day is known; none where only the order
    of the visits is known. Who was missed at a visit is missing in its median, so that it can move
    without anybody's change. ``scores``: of the treated subjects.
    """
    here = of_endpoint(scores, endpoint)
    known = here.loc[here["value"].notna()]
    known = known.assign(day=days_on_clock(known, settings.clock, settings.visits))
    measured = [(Change.MEDIAN, "value", endpoint.unit, "")]
    if settings.clock != "order":
        measured += [(Change.MEDIAN_DAY, "day", "days", CONVENTIONS[settings.clock])]
    for visit in visit_names(settings.visits):
        now = known.loc[known["visit"] == visit]
        about: About = {
            "population": f"{whom(settings.has_treatments)} with a value at the visit",
            "endpoint": endpoint.name,
            "visit": visit,
            "method": "median",
        }
        for name, column, unit, convention in measured:
            numbers = now[column].astype("float").dropna()
            rows = now if name == Change.MEDIAN else _with_day_0(here, now, settings)
            if len(numbers):
                estimates.add(
                    name,
                    float(numbers.median()),
                    n=len(numbers),
                    unit=unit,
                    convention=convention,
                    inputs=estimates.inputs(rows),
                    **about,
                )


def _with_day_0(here: pd.DataFrame, now: pd.DataFrame, settings: EstimandSettings) -> pd.DataFrame:
    """The rows of a visit, and where days count from the baseline those of the same subjects."""
    if settings.clock != "baseline":
        return now
    whose = here["subject_id"].isin(now["subject_id"])
    return here.loc[here.index.isin(now.index) | (whose & (here["visit"] == settings.baseline))]
