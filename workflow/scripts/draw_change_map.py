"""Draw where on the body the exam changed: see workflow/rules/draw.smk."""

from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.change_map import change_map_numbers, draw_change_map
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.run.job import step

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    numbers = plain_numbers(snakemake.input.estimates)
    rows = change_map_numbers(numbers, snakemake.params.visit)
    figure = draw_change_map(rows, snakemake.params.synthetic)
    for fault in save_figure(figure, rows, "change_map", snakemake.output):
        log.warning("text %s", fault)
