"""Write the report as a manuscript for Word, and its tables: see workflow/rules/report.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_numbers
from owncontrol.lineage.results import Results
from owncontrol.reporting import office
from owncontrol.reporting.manuscript import write_manuscript
from owncontrol.reporting.page_content import context, figure_texts
from owncontrol.reporting.plan_facts import read_plan_facts
from owncontrol.reporting.recorded_decimals import recorded_decimals
from owncontrol.reporting.report_tables import absent
from owncontrol.reporting.since_cut import read_since
from owncontrol.reporting.workbooks import write_tables
from owncontrol.run.job import step
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import read_table, read_text

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]):
    folder = Path(snakemake.input.estimates).parents[1]
    plan = read_plan_facts(folder)
    settings = plan.told(AnalysisSettings.model_validate(snakemake.params.settings))
    templates = Path(snakemake.input.content).parent
    results = Results(folder, for_report=True)
    decimals = recorded_decimals(results, settings.endpoints, settings.characteristics)
    numbers = plain_numbers(snakemake.input.estimates, decimals)
    pictures = {Path(path).stem: Path(path) for path in snakemake.input.figures}
    content = context(
        numbers,
        settings,
        read_table(snakemake.input.discrepancies, "discrepancies"),
        read_text(snakemake.input.raw_files),
        read_text(snakemake.input.environment),
        plan,
        results,
        read_since(snakemake.input.since_last_cut),
    )
    figures = figure_texts(templates, list(pictures), numbers, settings)
    document = write_manuscript(templates, numbers, figures, pictures, **content)
    office.write_document(document, snakemake.output.manuscript)
    tables = {**content["tables"], "plan": content["plan"]["table"]}
    write_tables(
        list(tables.values()), settings.title, settings.synthetic, snakemake.output.workbook
    )
    for path in map(Path, snakemake.output.tables):
        table = tables.get(path.stem) or absent(path.stem)
        if path.suffix == ".csv":
            office.write_csv(table, path)
        else:
            office.write_docx(table, path, settings.synthetic)
