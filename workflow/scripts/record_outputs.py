"""Record what a run has made: every output with its hash and the step that made it."""

from owncontrol.provenance import outputs
from owncontrol.step import step
from owncontrol.tables import write_table

with step(snakemake.log[0]) as log:
    table = outputs(snakemake.params.steps)
    write_table(table, snakemake.output.outputs)
    log.info("%d files", len(table))
