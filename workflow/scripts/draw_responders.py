"""Draw who reached each criterion: see workflow/rules/draw.smk."""

from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.responders import draw_responders, responders_numbers
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.run.job import step
from owncontrol.run.rule_texts import unpacked

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    criteria = unpacked(snakemake.params.criteria)
    rows = responders_numbers(plain_numbers(snakemake.input.estimates), criteria)
    labels = {item["name"]: item["label"] for item in criteria}
    figure = draw_responders(rows, labels, snakemake.params.synthetic)
    for fault in save_figure(figure, rows, "responders", snakemake.output):
        log.warning("text %s", fault)
