"""What differs from the last data cut: see workflow/rules/cuts.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.lineage.results import Results
from owncontrol.lineage.since_cut import since_cut
from owncontrol.run.earlier_data import earlier_run
from owncontrol.run.job import step
from owncontrol.study.manifest import verified
from owncontrol.tables import write_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

params = snakemake.params

with step(snakemake.log[0]) as log:
    now = Results(Path(snakemake.input.estimates).parents[1])
    cuts = params.cut["name"], params.cut["current"]
    shipped = list(snakemake.input.shipped)
    raw = params.config["raw"]
    of_cut = {f"{raw}/{name}": digest for name, digest in params.cut["hashes"].items()}
    with (
        verified(of_cut),
        earlier_run(params.config, params.files, shipped, snakemake.threads) as folder,
    ):
        found = since_cut(Results(folder), now, cuts, params.cut["look"])
    write_table(found, snakemake.output.table)
    log.info("compared with the data cut %s", cuts[0])
