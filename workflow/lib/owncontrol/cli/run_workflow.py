"""run: a study from its raw files to the report, by Snakemake, in an isolated process."""

import gc
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.program_files import WORKFLOW
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.cli.summary import summary
from owncontrol.errors import InputError
from owncontrol.run.installed import LIBRARY
from owncontrol.run.surroundings import enter
from owncontrol.run.usable_memory import usable_mib
from owncontrol.study.loading import study_name

SNAKEMAKE_LOGS = Path(".snakemake/log")
PROFILES = Path("profiles")
# Where Snakemake looks for a workflow; with none of them here, the program's own is run.
SNAKEFILES = ("Snakefile", "snakefile", "workflow/Snakefile", "workflow/snakefile")


@dataclass(frozen=True)
class Wanted:
    """What is to be run.

    ``study``: the default one for None. ``figure``: only this one; ``figures``: all of them and
    nothing else. ``snakemake_report``: write Snakemake's own report of a finished run.
    ``configuration``: a file that is laid over the study's. ``profile``: of Snakemake, below
    profiles/. ``verbose``: say all that Snakemake says. ``more``: further arguments of Snakemake,
    which then speaks for itself, as with a profile.
    """

    study: str | None = None
    cores: str = "all"
    figure: str | None = None
    figures: bool = False
    snakemake_report: bool = False
    configuration: str | None = None
    profile: str | None = None
    verbose: bool = False
    more: Sequence[str] = ()

    @property
    def whole(self) -> bool:
        """Whether a study is run to its own report."""
        return not (self.figure or self.figures or self.more or self.configuration)


def run(wanted: Wanted) -> int:
    """Run a study in this folder; Snakemake's exit code.

    Raises InputError for a study or figure that there is not, and where no run is possible on this
    computer.
    """
    began = time.time()
    name = study_name(wanted.study)
    if wanted.figure is not None:
        _check_figure(wanted.study, wanted.figure)
    enter(LIBRARY, Path())
    calm = not (wanted.verbose or wanted.more or wanted.profile)
    if calm and not wanted.snakemake_report:
        print(f"{_what(wanted)} of the study {name}: results/{name}/", file=sys.stderr, flush=True)
    code = _snakemake([*(_calm_arguments() if calm else []), *_arguments(wanted, name)])
    if code == 0 and wanted.snakemake_report:
        print(f"Snakemake's report: {_page(name)}")
    elif code == 0 and wanted.whole:
        print("\n".join(summary(f"results/{name}")))
        print(f"Report: results/{name}/report/report.html and report.pdf", flush=True)
    if calm and not wanted.snakemake_report:
        _say_how_it_ended(name, code, began)
    return code


def _what(wanted: Wanted) -> str:
    if wanted.figure:
        return f"Making the figure {wanted.figure}"
    return "Making the figures" if wanted.figures else "Making the report"


def _check_figure(study: str | None, figure: str) -> None:
    """Raise InputError unless the study has this figure."""
    from owncontrol.figures.catalogue import FIGURES
    from owncontrol.figures.shown_settings import figure_names
    from owncontrol.study.loading import load_study

    every = [entry.name for entry in FIGURES]
    if figure not in every:
        raise InputError(f"FIGURE={figure}: no such figure", did_you_mean(figure, every))
    known = load_study({"study": study} if study else {})
    there = figure_names(known)
    if figure not in there:
        raise InputError(
            f"FIGURE={figure}: the study {known.study} has no such figure",
            f"its data give: {', '.join(there)}",
        )


def _arguments(wanted: Wanted, name: str) -> list[str]:
    """The arguments of Snakemake's command line, its targets last.

    Here, steps run side by side as far as cores and memory go (profiles/default says how much of it
    each needs); one that needs more than there is runs alone.
    """
    arguments = ["--config", f"study={wanted.study}"] if wanted.study else []
    arguments += ["--configfile", wanted.configuration] if wanted.configuration else []
    arguments += ["--report", _page(name)] if wanted.snakemake_report else []
    if not any(map(Path.is_file, map(Path, SNAKEFILES))):
        arguments += ["--snakefile", str(WORKFLOW / "Snakefile")]
    # An option with one value comes last: others would take a target after them for theirs.
    if wanted.profile:
        arguments += ["--workflow-profile", str(_profile(wanted.profile))]
    else:
        arguments += ["--resources", f"mem_mb={usable_mib()}", "--cores", wanted.cores]
    arguments += wanted.more
    if wanted.figure is not None:
        arguments += ["--", f"results/{name}/figures/{wanted.figure}.pdf"]
    elif wanted.figures:
        arguments += ["--", "figures"]
    return arguments


def _calm_arguments() -> list[str]:
    """Those of the default profile, which Snakemake would announce, and the calm log."""
    arguments = ["--logger", "owncontrol"]
    file = _profile("default") / "config.yaml"
    if file.is_file():
        arguments += ["--workflow-profile", "none"]
        for key, value in read_yaml(file).items():
            words = value if isinstance(value, list) else [] if value is True else [value]
            arguments += [] if value is False else [f"--{key}", *map(str, words)]
    return arguments


def _profile(name: str) -> Path:
    """The folder of a profile: of this folder, or the program's own."""
    here = PROFILES / name
    return here if here.is_dir() else WORKFLOW.parent / PROFILES / name


def _page(name: str) -> str:
    return f"logs/{name}/snakemake-report.html"


def _say_how_it_ended(name: str, code: int, began: float) -> None:
    """After a run that said little: that it had nothing to do, how long it took, or what failed."""
    from owncontrol.run.calm_log import CalmHandler, spoken_time
    from owncontrol.run.job import failures

    said = CalmHandler.latest
    where = _snakemake_log(began)
    log = f"; Snakemake's log: {where}" if where else ""
    if said is None:
        return
    if code and said.failed:
        if not failures(f"logs/{name}"):
            print("\n".join(f"failed: {step}" for step in said.failed), file=sys.stderr)
        print(f"What was finished is kept{log}", file=sys.stderr)
    elif code == 0 and said.worked:
        print(f"Done in {spoken_time(time.time() - began)}{log}", file=sys.stderr)
    elif code == 0:
        print("Nothing to be done: all of it is up to date.", file=sys.stderr)


def _snakemake_log(began: float) -> Path | None:
    """The log file that Snakemake wrote since this time (s); None if there is none."""
    times = {path: path.stat().st_mtime for path in SNAKEMAKE_LOGS.glob("*.snakemake.log")}
    newest = max(times, key=lambda path: times[path], default=None)
    return newest if newest is not None and times[newest] >= began - 1 else None


def _snakemake(arguments: list[str]) -> int:
    """Snakemake's command line in this process, which is isolated already."""
    # What is made before the first step stays to the end, and a search through it for garbage finds
    # none: a fifth of a run with nothing to do. begin_run (common.smk) turns it on again.
    gc.disable()
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
