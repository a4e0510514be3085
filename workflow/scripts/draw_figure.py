"""Draw one figure, by the function of its own module: see workflow/rules/draw.smk."""

import gc
from importlib import import_module
from typing import TYPE_CHECKING

from owncontrol.figures import settings
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.run.job import step
from owncontrol.run.rule_texts import unpacked

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log, journal_style():
    gc.disable()  # a figure is of thousands of parts, and none is garbage before the step ends
    maker = import_module(snakemake.params.maker)
    part = getattr(settings, snakemake.params.part)
    told = part.model_validate(unpacked(snakemake.params.settings))
    rows, figure = maker.make_figure(dict(snakemake.input.items()), told)
    name = snakemake.params.maker.rpartition(".")[2]
    for fault in save_figure(figure, rows, name, snakemake.output):
        log.warning("text %s", fault)
