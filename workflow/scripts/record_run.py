"""Record what a run is made from: configuration, raw files, environment."""

from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from owncontrol.files import write_text
from owncontrol.provenance.environment import environment
from owncontrol.run.common_files import imported
from owncontrol.run.job import step
from owncontrol.tables import write_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]):
    text = yaml.safe_dump(snakemake.params.config, allow_unicode=True, sort_keys=False)
    write_text(snakemake.output.configuration, text)
    records = [Path(path).read_text("utf-8").rstrip("\n") for path in snakemake.input.verified]
    rows = [record.split("  ", maxsplit=1) for record in records]
    write_text(
        snakemake.output.raw_files,
        "file,sha256\n" + "".join(f"{name},{digest}\n" for digest, name in rows),
    )
    write_table(environment(), snakemake.output.environment)
    write_table(imported(), snakemake.output.imported)
