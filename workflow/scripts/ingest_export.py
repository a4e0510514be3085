"""Ingest one export: see workflow/rules/ingest.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from owncontrol.ingest.export import ingest_export
from owncontrol.instruments import load_instrument
from owncontrol.run.job import step
from owncontrol.run.rule_texts import unpacked
from owncontrol.study.exports import Export
from owncontrol.study.manifest import verified
from owncontrol.study.subjects import Characteristic, CodeRules
from owncontrol.tables import write_table

if TYPE_CHECKING:
    from snakemake.script import snakemake
export = Export.model_validate(snakemake.params.export)
characteristics = [Characteristic.model_validate(item) for item in snakemake.params.characteristics]
subjects = snakemake.params.subjects and CodeRules.model_validate(snakemake.params.subjects)

with step(snakemake.log[0]) as log:
    pa.set_cpu_count(snakemake.threads)
    instruments = {Path(path).stem: load_instrument(path) for path in snakemake.input.instruments}
    read = [snakemake.input.file, *snakemake.input.dictionary]
    with verified(dict(zip(read, snakemake.params.hashes, strict=True))):
        ingested = ingest_export(
            snakemake.input.file,
            next(iter(snakemake.input.dictionary), None),
            export,
            instruments,
            characteristics,
            subjects,
            unpacked(snakemake.params.shown),
            snakemake.params.is_selected,
        )
    for path in snakemake.output.tables:
        write_table(ingested.tables[Path(path).stem], path)
    write_table(ingested.rows, snakemake.output.rows)
    write_table(ingested.columns, snakemake.output.columns)
    write_table(ingested.findings, snakemake.output.findings)
    log.info("%d raw rows, %d findings", len(ingested.rows), len(ingested.findings))
