"""Draw each patient's course on each scale: see workflow/rules/draw.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.figures.trajectories import draw_trajectories, trajectory_numbers
from owncontrol.instruments import load_instrument
from owncontrol.run.job import step
from owncontrol.run.rule_texts import unpacked
from owncontrol.tables import read_scores

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    endpoints = unpacked(snakemake.params.endpoints)
    instruments = snakemake.input.instruments
    definitions = {Path(path).stem: load_instrument(path) for path in instruments}
    rows = trajectory_numbers(
        read_scores(snakemake.input.scores, endpoints),
        plain_numbers(snakemake.input.estimates),
        endpoints,
        snakemake.params.visits,
    )
    figure = draw_trajectories(
        rows,
        endpoints,
        {item["name"]: definitions[item["instrument"]].scales[item["scale"]] for item in endpoints},
        snakemake.params.baseline,
        snakemake.params.synthetic,
    )
    for fault in save_figure(figure, rows, "trajectories", snakemake.output):
        log.warning("text %s", fault)
