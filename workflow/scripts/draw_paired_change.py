"""Draw before and after with the estimate of the change: see workflow/rules/draw.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.paired_change import draw_paired_change, paired_numbers
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.instruments import load_instrument
from owncontrol.reporting.digits import endpoint_decimals
from owncontrol.run.job import step
from owncontrol.run.rule_texts import unpacked
from owncontrol.tables import read_scores

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    endpoints = unpacked(snakemake.params.endpoints)
    instruments = snakemake.input.instruments
    definitions = {Path(path).stem: load_instrument(path) for path in instruments}
    scales = {
        item["name"]: definitions[item["instrument"]].scales[item["scale"]] for item in endpoints
    }
    before, after = unpacked(snakemake.params.visits)
    scores = read_scores(snakemake.input.scores, endpoints)
    decimals = endpoint_decimals(
        [{**item, "resolution": scales[item["name"]].resolution} for item in endpoints], scores
    )
    rows = paired_numbers(
        scores,
        plain_numbers(snakemake.input.estimates, decimals),
        endpoints,
        scales,
        before["name"],
        after["name"],
    )
    labels = (before["label"], after["label"])
    figure = draw_paired_change(rows, endpoints, scales, labels, snakemake.params.synthetic)
    for fault in save_figure(figure, rows, "paired_change", snakemake.output):
        log.warning("text %s", fault)
