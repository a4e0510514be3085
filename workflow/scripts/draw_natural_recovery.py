"""Draw p over the rates of natural recovery: see workflow/rules/draw.smk."""

from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.natural_recovery import draw_natural_recovery, recovery_numbers
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.run.job import step

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    numbers = plain_numbers(snakemake.input.estimates)
    rows = recovery_numbers(numbers, snakemake.params.comparison)
    alpha = 1 - snakemake.params.level
    figure = draw_natural_recovery(rows, alpha, snakemake.params.synthetic)
    for fault in save_figure(figure, rows, "natural_recovery", snakemake.output):
        log.warning("text %s", fault)
