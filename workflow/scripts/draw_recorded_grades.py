"""Draw recorded AIS grades beside computed ones: see workflow/rules/draw.smk."""

from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.recorded_grades import draw_recorded_grades, recorded_numbers
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.run.job import step

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    rows = recorded_numbers(plain_numbers(snakemake.input.estimates))
    figure = draw_recorded_grades(rows, snakemake.params.synthetic)
    for fault in save_figure(figure, rows, "recorded_grades", snakemake.output):
        log.warning("text %s", fault)
