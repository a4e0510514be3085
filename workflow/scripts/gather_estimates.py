"""Stack the rows of all analyses; an estimate_id that is there twice stops the run."""

from typing import TYPE_CHECKING

from owncontrol.run.job import step
from owncontrol.tables import concat, read_table, write_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log:
    estimates = concat(
        [read_table(path, "estimates") for path in snakemake.input.estimates], "estimates"
    )
    twice = sorted(estimates.loc[estimates["estimate_id"].duplicated(), "estimate_id"])
    if twice:
        raise ValueError(f"estimate_id is there twice: {', '.join(twice)}")
    write_table(estimates, snakemake.output.estimates)
    write_table(estimates, snakemake.output.parquet)
    log.info("%d estimates", len(estimates))
