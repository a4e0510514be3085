"""A run beside its plan: what departs from it, what to know without one, and the counts of both."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from owncontrol.analysis import plan_disclosures as disclosures
from owncontrol.analysis.plan_disclosures import Disclosure, Kind, RawChange
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Plan
from owncontrol.estimates.selections import name_matching
from owncontrol.estimates.strata import OfPlan
from owncontrol.instruments import Instrument
from owncontrol.study.exclusions import entry_of, reasons_by_entry
from owncontrol.study.plan_departures import Departure, departures
from owncontrol.study.plan_parts import Frozen
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint
from owncontrol.tables import conform

COUNT = "count"


@dataclass(frozen=True)
class PlanData:
    """What is looked at of the data.

    ``subjects``, ``treated``: codes of all of them, and of the treated, sorted. ``scores``:
    subject_id, visit, instrument, scale and value of the treated at the visits that are compared.
    ``assessed``: who was assessed when. ``corrected``, ``findings``: the tables of cleaning.
    """

    subjects: Sequence[str]
    treated: Sequence[str]
    scores: pd.DataFrame
    assessed: pd.DataFrame
    corrected: pd.DataFrame
    findings: pd.DataFrame
    raw_changes: Sequence[RawChange] = ()


@dataclass(frozen=True)
class Compared:
    """What was found, as the tables departures, disclosures and estimates."""

    departures: pd.DataFrame
    disclosures: pd.DataFrame
    estimates: pd.DataFrame


def compared_visits(settings: AnalysisSettings) -> set[str]:
    """The visits whose scores are looked at."""
    primary = settings.endpoints[0]
    return {settings.baseline, settings.time_point, primary.baseline, primary.time_point}


def compare(
    settings: AnalysisSettings,
    now: Frozen,
    plan: Frozen | None,
    data: PlanData,
    instruments: Mapping[str, Instrument],
) -> Compared:
    """Compare a study with its frozen plan (None: there is none), and list what has to be known."""
    different = departures(plan, now) if plan else ()
    planned = {entry_of(item) for item in plan.parts.excluded} if plan else None
    primary = settings.endpoints[0]
    known = determinate(data.scores)
    of_primary = known.loc[
        (known["instrument"] == primary.instrument) & (known["scale"] == primary.scale)
    ]
    recorded = disclosures.scores_at_both(known, settings.baseline, settings.time_point)
    left = disclosures.not_analysed(recorded, settings, instruments)
    lost = disclosures.lost(of_primary, data.assessed, primary, settings.visits)
    found = [
        *_of_the_data(settings, data, instruments, planned),
        *disclosures.other_rates(now.rates, settings.natural_recovery),
        *left,
        *disclosures.without_baseline(of_primary, data.treated, primary),
        *lost,
    ]
    results = Estimates("plan", "whole study", data.subjects)
    count_departures(results, different)
    count_disclosures(results, found)
    count_scores(results, len(recorded), len(left))
    count_treated(results, len(data.treated), found)
    count_lost(results, of_primary, lost, primary)
    count_looks(results, found)
    rows = [{**vars(item), "area": item.area.value} for item in different]
    return Compared(
        conform(pd.DataFrame(rows), "departures"),
        disclosures.disclosures_table(found),
        results.table(),
    )


def determinate(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores that have a value, as a number or (of a table of text) as a text."""
    values = scores["value"]
    if pd.api.types.is_numeric_dtype(values.dtype):
        return scores.loc[values.notna()]
    return scores.loc[(values.notna() & (values != "")).to_numpy(bool)]


def _of_the_data(
    settings: AnalysisSettings,
    data: PlanData,
    instruments: Mapping[str, Instrument],
    planned: Collection[str] | None,
) -> list[Disclosure]:
    """Exclusions, corrections, gaps and changes of raw files."""
    primary = settings.endpoints[0]
    labels = {visit.name: visit.label for visit in settings.visits}
    instrument = instruments[primary.instrument]
    return [
        *disclosures.exclusions(reasons_by_entry(settings.excluded), planned),
        *disclosures.corrections(data.corrected, primary, instrument, labels),
        *disclosures.gaps(data.findings),
        *disclosures.raw_changes(data.raw_changes),
    ]


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


def count_treated(estimates: Estimates, treated: int, found: Sequence[Disclosure]) -> None:
    """Add how many of the treated have no primary endpoint at baseline."""
    without = sum(item.kind is Kind.NO_BASELINE for item in found)
    estimates.add(
        Plan.WITHOUT_BASELINE,
        without,
        n=treated,
        events=without,
        method=COUNT,
        unit="subjects",
        inputs=name_matching("disclosures", kind=Kind.NO_BASELINE.value) if without else "",
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
