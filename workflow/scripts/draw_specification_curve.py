"""Draw the change under every defensible choice: see workflow/rules/draw.smk."""

from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.specification_curve import (
    draw_specification_curve,
    specification_numbers,
)
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.run.job import step
from owncontrol.run.rule_texts import unpacked

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    endpoints, alpha = unpacked(snakemake.params.endpoints), 1 - snakemake.params.level
    numbers = plain_numbers(snakemake.input.estimates)
    rows = specification_numbers(numbers, endpoints, alpha)
    labels = {visit["name"]: visit["label"] for visit in unpacked(snakemake.params.visits)}
    figure = draw_specification_curve(rows, endpoints, labels, alpha, snakemake.params.synthetic)
    for fault in save_figure(figure, rows, "specification_curve", snakemake.output):
        log.warning("text %s", fault)
