"""run: a study from its raw files to the report, by Snakemake, in an isolated process."""

import sys
from collections.abc import Sequence
from pathlib import Path

from owncontrol.cli.summary import summary
from owncontrol.run.installed import LIBRARY
from owncontrol.run.surroundings import enter
from owncontrol.study.loading import study_name


def run(
    study: str | None,
    cores: str,
    figure: str | None = None,
    figures: bool = False,
    snakemake_report: bool = False,
    profile: str | None = None,
    more: Sequence[str] = (),
) -> int:
    """Run a study (the default one for None) in this folder; Snakemake's exit code.

    ``figure``: only this one; ``figures``: all of them and nothing else. ``snakemake_report``:
    write Snakemake's own report of a finished run. ``profile``: of Snakemake, below profiles/.
    ``more``: further arguments of Snakemake. Raises InputError for a study that there is not, and
    where no run is possible on this computer.
    """
    name = study_name(study)
    enter(LIBRARY, Path())
    arguments = ["--workflow-profile", f"profiles/{profile}"] if profile else ["--cores", cores]
    arguments += ["--config", f"study={study}"] if study else []
    page = f"logs/{name}/snakemake-report.html"
    if snakemake_report:
        arguments += ["--report", page]
    arguments += more
    if figure is not None:
        arguments += ["--", f"results/{name}/figures/{figure}.pdf"]
    elif figures:
        arguments += ["--", "figures"]
    code = _snakemake(arguments)
    if code == 0 and snakemake_report:
        print(f"Snakemake's report: {page}")
    elif code == 0 and not (figure or figures or more):
        print("\n".join(summary(f"results/{name}")))
        print(f"Report: results/{name}/report/report.html and report.pdf")
    return code


def _snakemake(arguments: list[str]) -> int:
    """Snakemake's command line in this process, which is isolated already."""
    from snakemake.cli import main

    sys.argv = [str(Path(sys.prefix, "bin", "snakemake")), *arguments]
    try:
        main(arguments)
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    return 0
