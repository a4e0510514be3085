"""Describe every table of the results: see workflow/rules/prove.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.files import write_text
from owncontrol.instruments import load_instrument
from owncontrol.provenance.data_package import describe_tables, dictionary_table, package_text
from owncontrol.run.job import step
from owncontrol.study.parts import DescribedTables
from owncontrol.tables import write_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log:
    folder = Path(snakemake.output.package).parent
    package = describe_tables(
        folder,
        [Path(path).relative_to(folder).as_posix() for path in snakemake.input.tables],
        snakemake.params.later,
        DescribedTables.model_validate(snakemake.params.config),
        {Path(path).stem: load_instrument(path) for path in snakemake.input.instruments},
    )
    write_text(snakemake.output.package, package_text(package))
    write_table(dictionary_table(package), snakemake.output.dictionary)
    log.info("%d tables", len(package["resources"]))
