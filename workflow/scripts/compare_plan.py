"""What differs from the frozen plan, and what a reader has to know: workflow/rules/plan.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from owncontrol.analysis import plan_comparison as counts
from owncontrol.analysis import plan_disclosures as disclosures
from owncontrol.estimates.collect import Estimates
from owncontrol.instruments import load_instrument
from owncontrol.run.job import step
from owncontrol.study.exclusions import entry_of, reasons_by_entry
from owncontrol.study.plan_departures import departures
from owncontrol.study.plan_lock import PlanLock, PlanVersion
from owncontrol.study.plan_parts import Frozen
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import (
    conform,
    read_assessments,
    read_coded,
    read_table,
    read_text,
    write_table,
)

if TYPE_CHECKING:
    from snakemake.script import snakemake

made, given, params = snakemake.output, snakemake.input, snakemake.params
COLUMNS = ("subject_id", "visit", "instrument", "scale", "value")


def compared() -> PlanVersion | None:
    """The version of the lock that this run is compared with; None without a lock."""
    if not params.lock:
        return None
    versions = read_table(given.versions, "plan_versions")
    number = int(versions.loc[versions["compared"], "version"].iloc[0])
    return PlanLock.model_validate(params.lock).versions[number - 1]


def determinate(settings: AnalysisSettings) -> pd.DataFrame:
    """The determinate scores of treated subjects at the visits that are compared."""
    primary = settings.endpoints[0]
    visits = {settings.baseline, settings.time_point, primary.baseline, primary.time_point}
    scores = read_coded(given.scores, columns=COLUMNS, where={"visit": visits})
    treated = set(read_text(given.treatments)["subject_id"])
    known = scores["value"].notna() & (scores["value"].astype("str") != "")
    return scores.loc[known & scores["subject_id"].astype("str").isin(treated)]


with step(snakemake.log[0]) as log:
    settings = AnalysisSettings.model_validate(params.settings)
    now = Frozen.model_validate(params.now)
    plan = compared()
    different = departures(plan, now) if plan else ()
    planned = {entry_of(item) for item in plan.parts.excluded} if plan else None
    primary = settings.endpoints[0]
    instruments = {Path(path).stem: load_instrument(path) for path in given.instruments}
    labels = {visit.name: visit.label for visit in settings.visits}
    scores = determinate(settings)
    of_primary = scores.loc[
        (scores["instrument"] == primary.instrument) & (scores["scale"] == primary.scale)
    ]
    recorded = disclosures.scores_at_both(scores, settings.baseline, settings.time_point)
    left = disclosures.not_analysed(recorded, settings, instruments)
    lost = disclosures.lost(of_primary, read_assessments(given.scores), primary, settings.visits)
    corrected = read_table(given.corrected, "corrected_cells")
    found = [
        *disclosures.exclusions(reasons_by_entry(settings.excluded), planned),
        *disclosures.corrections(corrected, primary, instruments[primary.instrument], labels),
        *disclosures.gaps(read_table(given.findings, "findings")),
        *disclosures.raw_changes(disclosures.RawChange(**item) for item in params.raw_changes),
        *disclosures.other_rates(now.rates, settings.natural_recovery),
        *left,
        *lost,
    ]
    results = Estimates("plan", "whole study", sorted(read_text(given.subjects)["subject_id"]))
    counts.count_departures(results, different)
    counts.count_disclosures(results, found)
    counts.count_scores(results, len(recorded), len(left))
    counts.count_lost(results, of_primary, lost, primary)
    counts.count_looks(results, found)
    rows = pd.DataFrame(counts.departures_table(different))
    write_table(conform(rows, "departures"), made.departures)
    write_table(disclosures.disclosures_table(found), made.disclosures)
    results.write(made.estimates)
    log.info("%d departures from the plan, %d disclosures", len(different), len(found))
