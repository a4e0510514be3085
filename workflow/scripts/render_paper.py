"""Render the report as a PDF with Typst: see workflow/rules/report.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import Numbers
from owncontrol.files import whole_file
from owncontrol.lineage.results import Results
from owncontrol.reporting import typst
from owncontrol.reporting.page_content import context, figure_texts
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
    numbers = Numbers(estimates, typst.mark, decimals)
    plain = numbers.marked(lambda shown: shown.text)
    names = [Path(path).stem for path in snakemake.input.figures]
    figures = figure_texts(templates, names, plain, settings)
    pictures = {Path(path).name: Path(path) for path in snakemake.input.figures}
    for name in names:
        figures[name]["path"] = f"{name}.svg"
    others = (
        settings,
        read_table(snakemake.input.discrepancies, "discrepancies"),
        read_text(snakemake.input.raw_files),
        read_text(snakemake.input.environment),
        plan,
        results,
        read_since(snakemake.input.since_last_cut),
    )
    source = typst.render(templates, numbers, figures, **context(numbers, *others))
    with whole_file(snakemake.output.paper) as partial:
        if given_up := typst.compile_paper(source, pictures, partial):
            log.warning("%s", given_up)
