"""Render the report as a PDF with Typst: see workflow/rules/report.smk."""

from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.files import whole_file
from owncontrol.reporting import typst
from owncontrol.reporting.study_report import read_study_report
from owncontrol.run.job import step

if TYPE_CHECKING:
    from snakemake.script import snakemake

with step(snakemake.log[0]) as log:
    pictures = {Path(path).name: Path(path) for path in snakemake.input.figures}
    names = [Path(name).stem for name in pictures]
    files = dict(snakemake.input.items())
    report = read_study_report(files, snakemake.params.settings, names, typst.mark)
    for name in names:
        report.figures[name]["path"] = f"{name}.svg"
    source = typst.render(report.templates, report.numbers, report.figures, **report.context)
    with whole_file(snakemake.output.paper) as partial:
        if given_up := typst.compile_paper(source, pictures, partial):
            log.warning("%s", given_up)
