"""Clean all tables of a study: see workflow/rules/clean.smk."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
from owncontrol.cleaning.clean import clean_study
from owncontrol.cleaning.corrections import read_corrections
from owncontrol.instruments import load_instrument
from owncontrol.run.job import step
from owncontrol.study.manifest import verified
from owncontrol.study.parts import CleaningSettings
from owncontrol.tables import read_coded, read_table, write_table

if TYPE_CHECKING:
    from snakemake.script import snakemake


def by_export(paths: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Read one record of each export, by the export's name (its folder)."""
    return {Path(path).parent.name: read_coded(path, ("source_row",)) for path in paths}


settings = CleaningSettings.model_validate(snakemake.params.config)

with step(snakemake.log[0]) as log:
    pa.set_cpu_count(snakemake.threads)
    tables = [Path(path).stem for path in snakemake.output.tables]
    with verified(dict(zip(snakemake.input.corrections, snakemake.params.hashes, strict=True))):
        corrections = [read_corrections(path) for path in snakemake.input.corrections]
    cleaned = clean_study(
        settings,
        {Path(path).stem: load_instrument(path) for path in snakemake.input.instruments},
        {table: by_export(snakemake.input[f"ingested_{table}"]) for table in tables},
        by_export(snakemake.input.rows),
        by_export(snakemake.input.columns),
        [read_table(path, "findings") for path in snakemake.input.findings],
        corrections[0] if corrections else None,
        snakemake.params.plan_dates,
    )
    for path in snakemake.output.tables:
        write_table(cleaned.finished[Path(path).stem](), path)
    write_table(cleaned.findings, snakemake.output.findings)
    write_table(cleaned.quarantine, snakemake.output.quarantine)
    write_table(cleaned.flow, snakemake.output.flow)
    write_table(cleaned.flow_cells, snakemake.output.flow_cells)
    write_table(cleaned.flow_subjects, snakemake.output.flow_subjects)
    write_table(cleaned.plan_timing, snakemake.output.timing)
    write_table(cleaned.corrected_cells, snakemake.output.corrected)
    log.info("%d findings, %d rows set aside", len(cleaned.findings), len(cleaned.quarantine))
