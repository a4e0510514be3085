"""The commands that run a study."""

import argparse

from owncontrol.cli.command import STUDY, Command


def _declare_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--study", help=STUDY)
    parser.add_argument("--cores", default="all", help="how many at most; all if left out")
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument("--figure", metavar="NAME", help="only this figure")
    wanted.add_argument("--figures", action="store_true", help="only the figures")
    wanted.add_argument("--snakemake-report", action="store_true", help="Snakemake's own report")
    parser.add_argument("--configfile", help="a configuration laid over that of the study")
    parser.add_argument("--profile", help="a profile of Snakemake, by its folder in profiles/")
    parser.add_argument("--verbose", action="store_true", help="show Snakemake's own log")
    parser.add_argument("more", nargs="*", help="after --: further arguments of Snakemake")


def _run(options: argparse.Namespace) -> int:
    from owncontrol.cli.run_workflow import Wanted, run

    return run(
        Wanted(
            study=options.study,
            cores=options.cores,
            figure=options.figure,
            figures=options.figures,
            snakemake_report=options.snakemake_report,
            configuration=options.configfile,
            profile=options.profile,
            verbose=options.verbose,
            more=options.more,
        )
    )


def _declare_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help=STUDY)


def _study(options: argparse.Namespace) -> int:
    from owncontrol.study.loading import study_name

    print(study_name(options.name))
    return 0


COMMANDS = (
    Command("run", "run a study from its raw files to the report", _declare_run, _run),
    Command("study", "the name that a study's results go by", _declare_study, _study),
)
