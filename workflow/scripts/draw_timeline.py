"""Draw when what happened to each patient: see workflow/rules/draw.smk."""

from typing import TYPE_CHECKING

import pandas as pd
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.figures.timeline import draw_timeline, timeline_numbers
from owncontrol.run.job import step
from owncontrol.run.rule_texts import unpacked
from owncontrol.tables import read_assessments, read_cleaned

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    events = [read_cleaned(path, "adverse_events") for path in snakemake.input.adverse_events]
    rows = timeline_numbers(
        read_cleaned(snakemake.input.subjects, "subjects"),
        read_cleaned(snakemake.input.treatments, "treatments"),
        events[0] if events else pd.DataFrame(),
        read_assessments(snakemake.input.scores),
        snakemake.params.visits,
    )
    figure = draw_timeline(rows, snakemake.params.synthetic, unpacked(snakemake.params.onset))
    for fault in save_figure(figure, rows, "timeline", snakemake.output):
        log.warning("text %s", fault)
