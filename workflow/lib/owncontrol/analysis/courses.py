"""The course of an endpoint over the visits: of whoever was seen, and of those seen throughout."""

import pandas as pd

from owncontrol.analysis.clock_days import CONVENTIONS, days_on_clock
from owncontrol.analysis.pairs import of_endpoint, visit_names
from owncontrol.analysis.populations import whom
from owncontrol.analysis.settings import EstimandSettings
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.study.settings import CompleteEndpoint
from owncontrol.tables.categories import as_categories, by_value

SEEN_BY = 0.5  # share of the subjects with any value that a visit has, to be part of the course
FEWEST = 3  # subjects of whom a median says more than their own lines


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


def course_medians(
    estimates: Estimates,
    scores: pd.DataFrame,
    endpoint: CompleteEndpoint,
    settings: EstimandSettings,
) -> None:
    """Add the median at each visit of the subjects who have a value at all of them.

    The visits: those at which at least half of the subjects with any value have one. None is
    added where fewer than three subjects have all. ``scores``: of the treated subjects.
    """
    here = of_endpoint(scores, endpoint)
    known = here.loc[here["value"].notna()]
    values = known.pivot(index="subject_id", columns="visit", values="value")
    # A subject without any value has no row.
    often = values.notna().mean() >= SEEN_BY
    visits = [name for name in visit_names(settings.visits) if often.get(name, False)]
    throughout = values[visits].dropna()
    if len(throughout) < FEWEST or len(visits) < 2:
        return
    whose = as_categories(known["subject_id"])
    has_all = by_value(whose, set(throughout.index.tolist()).__contains__)
    for visit in visits:
        used = known.loc[(known["visit"] == visit).to_numpy() & has_all]
        estimates.add(
            Change.COURSE_MEDIAN,
            float(throughout[visit].median()),
            n=len(throughout),
            unit=endpoint.unit,
            population=f"{whom(settings.has_treatments)} with a value at each of these visits",
            endpoint=endpoint.name,
            visit=visit,
            method="median",
            convention=f"visits: {', '.join(visits)}",
            inputs=estimates.inputs(used),
        )


def _with_day_0(here: pd.DataFrame, now: pd.DataFrame, settings: EstimandSettings) -> pd.DataFrame:
    """The rows of a visit, and where days count from the baseline those of the same subjects."""
    if settings.clock != "baseline":
        return now
    whose = here["subject_id"].isin(now["subject_id"])
    return here.loc[here.index.isin(now.index) | (whose & (here["visit"] == settings.baseline))]
