"""Write the report as a manuscript for Word, and its tables: see workflow/rules/report.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.estimates.numbers import plain_mark
from owncontrol.reporting import office
from owncontrol.reporting.manuscript import write_manuscript
from owncontrol.reporting.report_tables import absent
from owncontrol.reporting.study_report import read_study_report
from owncontrol.reporting.workbooks import write_tables
from owncontrol.run.job import step

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]):
    pictures = {Path(path).stem: Path(path) for path in snakemake.input.figures}
    files = dict(snakemake.input.items())
    report = read_study_report(files, snakemake.params.settings, list(pictures), plain_mark)
    content, settings = report.context, report.settings
    document = write_manuscript(
        report.templates, report.numbers, report.figures, pictures, **content
    )
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
