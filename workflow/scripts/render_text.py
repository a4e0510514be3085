"""Write the page of the report but for pictures and dictionary: see workflow/rules/report.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import Numbers
from owncontrol.files import write_text
from owncontrol.lineage.results import Results
from owncontrol.reporting import html
from owncontrol.reporting.page_content import caption_file, context, figure_texts
from owncontrol.reporting.plan_facts import read_plan_facts
from owncontrol.reporting.recorded_decimals import recorded_decimals
from owncontrol.reporting.since_cut import read_since
from owncontrol.run.job import step
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import read_table, read_text

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log:
    plan = read_plan_facts(Path(snakemake.input.estimates).parents[1])
    settings = plan.told(AnalysisSettings.model_validate(snakemake.params.settings))
    templates = Path(snakemake.input.content).parent
    estimates = read_table(snakemake.input.estimates, "estimates")
    results = Results(Path(snakemake.input.estimates).parents[1], for_report=True)
    decimals = recorded_decimals(results, settings.endpoints, settings.characteristics)
    numbers = Numbers(estimates, html.mark, decimals)
    plain = numbers.marked(lambda shown: shown.text)
    figures = figure_texts(templates, snakemake.params.figures, plain, settings)
    for path in snakemake.output.captions:
        write_text(path, caption_file(figures[Path(path).stem]))
    page = html.render(
        templates,
        numbers,
        estimates,
        figures,
        results,
        **context(
            numbers,
            settings,
            read_table(snakemake.input.discrepancies, "discrepancies"),
            read_text(snakemake.input.raw_files),
            read_text(snakemake.input.environment),
            plan,
            results,
            read_since(snakemake.input.since_last_cut),
        ),
    )
    write_text(snakemake.output.text, page)
    log.info("%d numbers on the page, %.1f MB", len(numbers.shown), len(page) / 1e6)
