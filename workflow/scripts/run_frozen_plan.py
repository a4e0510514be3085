"""Verdict and main result by the whole frozen plan: see workflow/rules/frozen.smk."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from owncontrol.errors import InputError
from owncontrol.run import frozen_results
from owncontrol.run.earlier_data import earlier_run
from owncontrol.run.job import step
from owncontrol.tables import read_table, write_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

params = snakemake.params


def compared() -> dict[str, Any] | None:
    """The run of the version that this study is compared with; None where nothing departs."""
    versions = read_table(snakemake.input.versions, "plan_versions")
    number = str(versions.loc[versions["compared"], "version"].iloc[0])
    found: dict[str, Any] | None = params.runs.get(number)
    return found


def report(run: dict[str, Any]) -> pd.DataFrame:
    """What the first page says of a run."""
    if run["why_not"]:
        return frozen_results.not_run(run["why_not"])
    with tempfile.TemporaryDirectory(dir=".snakemake", prefix="plan-") as scratch:
        values, files = frozen_results.files_of(run, params.raw, Path(scratch))
        wanted, cores = frozen_results.targets(values), snakemake.threads
        try:
            with earlier_run(
                values, files, run["shipped"], cores, wanted, frozen_results.FAULT
            ) as folder:
                return frozen_results.reported(run, folder)
        except InputError as error:
            return frozen_results.not_run(frozen_results.without_values(error.message, values))


with step(snakemake.log[0]) as log:
    run = compared()
    table = report(run) if run else frozen_results.nothing_reported()
    write_table(table, snakemake.output.table)
    log.info("%d rows on the study by its frozen plan", len(table))
