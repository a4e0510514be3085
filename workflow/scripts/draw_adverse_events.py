"""Draw adverse events by class and grade: see workflow/rules/draw.smk."""

from owncontrol.figures.adverse_events import adverse_event_numbers, draw_adverse_events
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.reporting.numbers import plain_numbers
from owncontrol.step import step

with step(snakemake.log[0]) as log, journal_style():
    rows = adverse_event_numbers(plain_numbers(snakemake.input.estimates))
    figure = draw_adverse_events(rows, snakemake.params.synthetic)
    for fault in save_figure(figure, rows, "adverse_events", snakemake.output):
        log.warning("text %s", fault)
