"""Draw the AIS grades from visit to visit: see workflow/rules/draw.smk."""

from owncontrol.figures.ais_transitions import draw_ais_transitions, transition_numbers
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.step import step
from owncontrol.tables import read_cleaned, read_scores

with step(snakemake.log[0]) as log, journal_style():
    treatments = read_cleaned(snakemake.input.treatments, "treatments")
    visits = snakemake.params.visits
    flows = transition_numbers(
        sorted(treatments["subject_id"].unique()),
        read_scores(snakemake.input.scores, snakemake.params.endpoint),
        snakemake.params.endpoint[0],
        [visit["name"] for visit in visits],
    )
    figure = draw_ais_transitions(flows, visits, snakemake.params.synthetic)
    for fault in save_figure(figure, flows, "ais_transitions", snakemake.output):
        log.warning("text %s", fault)
