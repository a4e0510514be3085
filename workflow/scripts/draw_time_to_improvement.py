"""Draw when a lasting improvement began: see workflow/rules/draw.smk."""

from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.figures.time_to_improvement import draw_time_to_improvement, improvement_numbers
from owncontrol.run.job import step
from owncontrol.run.rule_texts import unpacked

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    criteria = unpacked(snakemake.params.criteria)
    numbers = plain_numbers(snakemake.input.estimates)
    rows = improvement_numbers(numbers, criteria, snakemake.params.weeks)
    labels = {item["name"]: item["label"] for item in criteria}
    figure = draw_time_to_improvement(rows, labels, snakemake.params.synthetic)
    for fault in save_figure(figure, rows, "time_to_improvement", snakemake.output):
        log.warning("text %s", fault)
