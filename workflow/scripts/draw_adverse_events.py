"""Draw adverse events by class and grade: see workflow/rules/draw.smk."""

from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.adverse_events import (
    adverse_event_numbers,
    draw_adverse_events,
    why_empty,
)
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.run.job import step

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    numbers = plain_numbers(snakemake.input.estimates)
    rows = adverse_event_numbers(numbers)
    figure = draw_adverse_events(rows, snakemake.params.synthetic, why_empty(numbers))
    for fault in save_figure(figure, rows, "adverse_events", snakemake.output):
        log.warning("text %s", fault)
