"""Put pictures and data dictionary into the page of the report: see workflow/rules/report.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.files import write_text
from owncontrol.reporting.pictures import complete
from owncontrol.run.job import step
from owncontrol.tables import read_text

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log:
    page = complete(
        Path(snakemake.input.text).read_bytes().decode("utf-8"),
        {Path(path).stem: Path(path) for path in snakemake.input.figures},
        read_text(snakemake.input.dictionary),
    )
    write_text(snakemake.output.page, page)
    log.info("%.1f MB", len(page) / 1e6)
