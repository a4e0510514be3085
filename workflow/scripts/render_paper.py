"""Render the report as a PDF with Typst: see workflow/rules/report.smk."""

import tempfile
from pathlib import Path

import typst as compiler
from owncontrol.files import whole_file
from owncontrol.reporting import typst
from owncontrol.reporting.content import context, figure_texts
from owncontrol.reporting.numbers import Numbers
from owncontrol.step import step
from owncontrol.tables import read_table, read_text

with step(snakemake.log[0]) as log, tempfile.TemporaryDirectory() as folder:
    templates, config = Path(snakemake.input.content).parent, snakemake.params.config
    estimates = read_table(snakemake.input.estimates, "estimates")
    numbers = Numbers(estimates, typst.mark)
    plain = Numbers(estimates, lambda shown: shown.text)
    names = [Path(path).stem for path in snakemake.input.figures]
    figures = figure_texts(templates, names, plain, config)
    for path in snakemake.input.figures:
        (Path(folder) / Path(path).name).symlink_to(Path(path).resolve())
        figures[Path(path).stem]["path"] = Path(path).name
    source = typst.render(
        templates,
        numbers,
        figures,
        **context(
            numbers,
            config,
            read_table(snakemake.input.discrepancies, "discrepancies"),
            read_text(snakemake.input.raw_files),
            read_text(snakemake.input.environment),
        ),
    )
    (Path(folder) / "report.typ").write_text(source, "utf-8")
    with whole_file(snakemake.output.paper) as partial:
        compiler.compile(
            Path(folder) / "report.typ",
            output=partial,
            root=folder,
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
            timestamp=0,
        )
