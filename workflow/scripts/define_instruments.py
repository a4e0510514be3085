"""Write the instruments that a study defines itself, as those of the library are: verify.smk."""

from typing import TYPE_CHECKING

import yaml
from owncontrol.files import write_text
from owncontrol.run.job import step

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log:
    for path, definition in zip(snakemake.output, snakemake.params.definitions, strict=True):
        write_text(path, yaml.safe_dump(definition, allow_unicode=True, sort_keys=False))
    log.info("%d instruments of the study", len(snakemake.output))
