"""What differs from the frozen plan, and what a reader has to know: workflow/rules/plan.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from owncontrol.analysis.plan_comparison import PlanData, compare
from owncontrol.analysis.plan_disclosures import RawChange
from owncontrol.analysis.settings import PlanSettings
from owncontrol.instruments import load_instrument
from owncontrol.run.job import step
from owncontrol.study.plan_lock import PlanLock, PlanVersion
from owncontrol.study.plan_parts import Frozen
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import (
    read_assessments,
    read_coded,
    read_table,
    read_text,
    write_table,
)
from owncontrol.tables.categories import as_categories, by_value

if TYPE_CHECKING:
    from snakemake.script import snakemake

made, given, params = snakemake.output, snakemake.input, snakemake.params
COLUMNS = ("subject_id", "visit", "instrument", "scale", "value")


def compared_version() -> PlanVersion | None:
    """The version of the lock that this run is compared with; None without a lock."""
    if not params.lock:
        return None
    versions = read_table(given.versions, "plan_versions")
    number = int(versions.loc[versions["compared"], "version"].iloc[0])
    return PlanLock.model_validate(params.lock).versions[number - 1]


def treated_scores(settings: AnalysisSettings, treated: set[str]) -> pd.DataFrame:
    """The scores of treated subjects at the visits that are compared."""
    where = {"visit": PlanSettings.taken_from(settings).compared_visits}
    scores = read_coded(given.scores, columns=COLUMNS, where=where)
    return scores.loc[by_value(as_categories(scores["subject_id"]), treated.__contains__)]


with step(snakemake.log[0]) as log:
    settings = AnalysisSettings.model_validate(params.settings)
    treated = set(read_text(given.people)["subject_id"])
    data = PlanData(
        treated=sorted(treated),
        scores=treated_scores(settings, treated),
        assessed=read_assessments(given.scores),
        corrected=read_table(given.corrected, "corrected_cells"),
        findings=read_table(given.findings, "findings"),
        raw_files=dict(params.raw_files),
        raw_gone=list(params.raw_gone),
        raw_changes=[RawChange(**item) for item in params.raw_changes],
    )
    instruments = {Path(path).stem: load_instrument(path) for path in given.instruments}
    now = Frozen.model_validate(params.now)
    found = compare(settings, now, compared_version(), data, instruments)
    write_table(found.departures, made.departures)
    write_table(found.disclosures, made.disclosures)
    log.info("%d departures from the plan", len(found.departures))
