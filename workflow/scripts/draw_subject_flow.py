"""Draw where subjects, raw rows and cells went: see workflow/rules/draw.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.figures.style import journal_style, save_figure
from owncontrol.figures.subject_flow import draw_subject_flow, subject_flow_numbers
from owncontrol.instruments import load_instrument
from owncontrol.run.job import step
from owncontrol.run.rule_texts import unpacked
from owncontrol.tables import read_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    rows = subject_flow_numbers(
        read_table(snakemake.input.flow_subjects, "flow_subjects"),
        read_table(snakemake.input.flow, "flow"),
        read_table(snakemake.input.flow_cells, "flow_cells"),
    )
    names = {visit["name"]: visit["label"] for visit in unpacked(snakemake.params.visits)}
    names |= {Path(path).stem: load_instrument(path).label for path in snakemake.input.instruments}
    figure = draw_subject_flow(rows, names, snakemake.params.synthetic)
    for fault in save_figure(figure, rows, "subject_flow", snakemake.output):
        log.warning("text %s", fault)
