"""Write the page of the report but for pictures and dictionary: see workflow/rules/report.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.files import write_text
from owncontrol.reporting import html
from owncontrol.reporting.page_content import caption_file
from owncontrol.reporting.study_report import read_study_report
from owncontrol.run.job import step

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log:
    files, params = dict(snakemake.input.items()), snakemake.params
    report = read_study_report(files, params.settings, params.figures, html.mark)
    for path in snakemake.output.captions:
        write_text(path, caption_file(report.figures[Path(path).stem]))
    page = html.render(
        report.templates,
        report.numbers,
        report.estimates,
        report.figures,
        report.results,
        **report.context,
    )
    write_text(snakemake.output.text, page)
    log.info("%d numbers on the page, %.1f MB", len(report.numbers.shown), len(page) / 1e6)
