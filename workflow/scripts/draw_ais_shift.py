"""Draw AIS grades before and after as a table: see workflow/rules/draw.smk."""

from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.ais_shift import draw_ais_shift, shift_numbers
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.run.job import step
from owncontrol.run.rule_texts import unpacked

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    before, after = unpacked(snakemake.params.visits)
    numbers = plain_numbers(snakemake.input.estimates)
    rows = shift_numbers(numbers, snakemake.params.endpoint, after["name"])
    labels = (before["label"], after["label"])
    figure = draw_ais_shift(rows, labels, snakemake.params.synthetic)
    for fault in save_figure(figure, rows, "ais_shift", snakemake.output):
        log.warning("text %s", fault)
