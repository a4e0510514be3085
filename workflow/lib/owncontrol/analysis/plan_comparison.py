"""A run beside its plan: what departs from it, and what a reader has to know without one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from owncontrol.analysis import plan_disclosures as disclosures
from owncontrol.analysis.plan_counts import determinate, of_endpoint
from owncontrol.analysis.plan_disclosures import Disclosure, RawChange
from owncontrol.instruments import Instrument
from owncontrol.study.exclusions import entry_of, reasons_by_entry
from owncontrol.study.plan_departures import departures
from owncontrol.study.plan_lock import PlanVersion
from owncontrol.study.plan_parts import Frozen
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import conform


@dataclass(frozen=True)
class PlanData:
    """What is looked at of the data.

    ``treated``: codes of the treated. ``scores``: subject_id, visit, instrument, scale and value of
    the treated at the visits that are compared. ``assessed``: who was assessed when.
    ``corrected``, ``findings``: the tables of cleaning. ``raw_files``: SHA-256 by name of the raw
    files; ``raw_gone``: those that are listed and not there.
    """

    treated: Sequence[str]
    scores: pd.DataFrame
    assessed: pd.DataFrame
    corrected: pd.DataFrame
    findings: pd.DataFrame
    raw_changes: Sequence[RawChange] = ()
    raw_files: Mapping[str, str] = field(default_factory=dict)
    raw_gone: Sequence[str] = ()


@dataclass(frozen=True)
class Compared:
    """What was found, as the tables departures and disclosures."""

    departures: pd.DataFrame
    disclosures: pd.DataFrame


def compare(
    settings: AnalysisSettings,
    now: Frozen,
    plan: PlanVersion | None,
    data: PlanData,
    instruments: Mapping[str, Instrument],
) -> Compared:
    """Compare a study with its frozen plan (None: there is none), and list what has to be known."""
    different = departures(plan, now) if plan else ()
    planned = {entry_of(item) for item in plan.parts.excluded} if plan else None
    primary = settings.endpoints[0]
    known = determinate(data.scores)
    of_primary = of_endpoint(known, primary)
    recorded = disclosures.scores_at_both(known, settings.baseline, settings.time_point)
    left = disclosures.not_analysed(recorded, settings, instruments)
    lost = disclosures.lost(of_primary, data.assessed, primary, settings.visits)
    found = [
        *_of_the_data(settings, data, instruments, planned),
        *disclosures.keyed_codes(now),
        *disclosures.other_references(now),
        *disclosures.parts_not_held(plan, now),
        *disclosures.changed_since(plan.raw_files if plan else {}, data.raw_files),
        *left,
        *disclosures.untreated(data.assessed, data.treated, primary),
        *disclosures.without_baseline(of_primary, data.treated, primary),
        *lost,
    ]
    rows = [{**vars(item), "area": item.area.value} for item in different]
    return Compared(
        conform(pd.DataFrame(rows), "departures"),
        disclosures.disclosures_table(found),
    )


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
        *disclosures.raw_gone(data.raw_gone),
    ]
