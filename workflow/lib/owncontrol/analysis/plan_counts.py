"""The counts that the report's first page has of the plan: departures and disclosures."""

import pandas as pd

from owncontrol.analysis.plan_disclosures import Kind, scores_at_both
from owncontrol.analysis.settings import PlanSettings
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Plan
from owncontrol.estimates.selections import name_matching
from owncontrol.estimates.strata import OfPlan
from owncontrol.study.settings import CompleteEndpoint

COUNT = "count"


def determinate(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores that have a value, as a number or (of a table of text) as a text."""
    values = scores["value"]
    if pd.api.types.is_numeric_dtype(values.dtype):
        return scores.loc[values.notna()]
    return scores.loc[(values.notna() & (values != "")).to_numpy(bool)]


def of_endpoint(scores: pd.DataFrame, endpoint: CompleteEndpoint) -> pd.DataFrame:
    """The rows of scores that hold an endpoint."""
    here = scores["instrument"] == endpoint.instrument
    return scores.loc[here & (scores["scale"] == endpoint.scale)]


def count_departures(estimates: Estimates, departures: pd.DataFrame) -> None:
    """Add how many parts of the study differ from the frozen plan, and of which area."""
    by_area = {str(area): len(rows) for area, rows in departures.groupby("area", sort=False)}
    selections = {area: name_matching("departures", area=area) for area in by_area}
    estimates.add(
        Plan.DEPARTURES,
        len(departures),
        n=len(departures),
        method=COUNT,
        unit="departures",
        inputs=" ".join(selections.values()),
    )
    for area, count in by_area.items():
        estimates.add(
            Plan.DEPARTURES,
            count,
            stratum=OfPlan(area),
            n=count,
            method=COUNT,
            unit="departures",
            inputs=selections[area],
        )


def count_disclosures(estimates: Estimates, disclosures: pd.DataFrame) -> None:
    """Add how many there are of each kind; 0 of those that there are none of."""
    for kind in Kind:
        count = int((disclosures["kind"] == kind.value).sum())
        estimates.add(
            Plan.DISCLOSED,
            count,
            stratum=OfPlan(kind.value),
            n=count,
            method=COUNT,
            inputs=_naming(kind, count),
        )


def count_scores(
    estimates: Estimates, scores: pd.DataFrame, disclosures: pd.DataFrame, settings: PlanSettings
) -> None:
    """Add how many of the scores that are there at both visits are analysed.

    ``scores``: those of the treated at the visits that are compared.
    """
    known = determinate(scores)
    known = known.loc[known["visit"].isin([settings.baseline, settings.time_point])]
    recorded = len(scores_at_both(known, settings.baseline, settings.time_point))
    left = int((disclosures["kind"] == Kind.NOT_ANALYSED.value).sum())
    estimates.add(
        Plan.SCORES_ANALYSED,
        recorded - left,
        n=recorded,
        events=recorded - left,
        method=COUNT,
        unit="scores",
        scores=known,
    )


def count_patients(
    estimates: Estimates,
    scores: pd.DataFrame,
    disclosures: pd.DataFrame,
    people: tuple[str, pd.DataFrame],
    settings: PlanSettings,
) -> None:
    """Add how many of the treated lack the primary endpoint at baseline, or at its time point.

    ``scores``: of the treated at the visits that are compared. ``people``: whom the results are
    about, as the name of a cleaned table and its subject_id and row_id: treatments, or subjects in
    a study without any. The second count is of those who have it at baseline.
    """
    primary = settings.endpoints[0]
    known = of_endpoint(determinate(scores), primary)
    before = known.loc[known["visit"] == primary.baseline]
    without, lost = (
        int((disclosures["kind"] == kind.value).sum()) for kind in (Kind.NO_BASELINE, Kind.LOST)
    )
    estimates.add(
        Plan.WITHOUT_BASELINE,
        without,
        n=people[1]["subject_id"].nunique(),
        events=without,
        method=COUNT,
        unit="subjects",
        rows=(people[0], people[1]["row_id"]),
    )
    estimates.add(
        Plan.LOST,
        lost,
        endpoint=primary.name,
        visit=primary.time_point,
        n=int(before["subject_id"].nunique()),
        events=lost,
        method=COUNT,
        unit="subjects",
        scores=known,
    )


def count_cuts(estimates: Estimates, disclosures: pd.DataFrame) -> None:
    """Add how many states of the raw files there were: one, and one for each day of changes."""
    changed = disclosures.loc[disclosures["kind"] == Kind.RAW_CHANGE.value, "name"]
    estimates.add(
        Plan.DATA_CUTS,
        changed.nunique() + 1,
        n=len(changed),
        method="1, and one for each day on which listed raw files were changed",
        inputs=_naming(Kind.RAW_CHANGE, len(changed)),
    )


def _naming(kind: Kind, count: int) -> str:
    """What names the disclosures of a kind; nothing where there is none."""
    return name_matching("disclosures", kind=kind.value) if count else ""
