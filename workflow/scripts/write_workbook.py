"""Write all analysis results as a workbook: see workflow/rules/analyse.smk."""

from typing import TYPE_CHECKING

from owncontrol.reporting.workbooks import write_workbook
from owncontrol.run.job import step
from owncontrol.tables import read_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]):
    estimates = read_table(snakemake.input.estimates, "estimates")
    write_workbook(estimates, "estimates", snakemake.output.workbook)
