"""Draw the AIS grades from visit to visit: see workflow/rules/draw.smk."""

from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.ais_transitions import draw_ais_transitions, transition_numbers
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.run.job import step
from owncontrol.run.rule_texts import unpacked

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    visits = unpacked(snakemake.params.visits)
    flows = transition_numbers(
        plain_numbers(snakemake.input.estimates),
        snakemake.params.endpoint,
        [visit["name"] for visit in visits],
    )
    figure = draw_ais_transitions(flows, visits, snakemake.params.synthetic)
    for fault in save_figure(figure, flows, "ais_transitions", snakemake.output):
        log.warning("text %s", fault)
