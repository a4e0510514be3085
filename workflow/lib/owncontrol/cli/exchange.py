"""The commands that hand a study on to others."""

import argparse
from pathlib import Path

from owncontrol.cli.command import Command, declare_study


def _declare_export(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``export``."""
    declare_study(parser)
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="archive/STUDY-adam if left out")


def _export(options: argparse.Namespace) -> int:
    """Write the datasets of a finished run."""
    from owncontrol.standards.export import export_study

    print("\n".join(export_study(options.study, options.to, Path())))
    return 0


def _declare_publish(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``publish``: what only a person can say of a deposit."""
    declare_study(parser)
    add = parser.add_argument
    add("--author", action="append", default=[], metavar="NAME", help="each author, in order")
    add("--licence", default="", metavar="SPDX", help="of the deposit, such as CC-BY-4.0")


def _publish(options: argparse.Namespace) -> int:
    """Write the folder of a deposit."""
    from owncontrol.cli.publish_study import publish as write
    from owncontrol.publication.metadata import Terms

    print(write(options.study, Terms(tuple(options.author), options.licence)))
    return 0


def _declare_archive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", help="results/STUDY")
    parser.add_argument("archive", help="the file to write, .tar.gz")
    parser.add_argument("--with-raw", action="store_true", help="the raw files, not only hashes")


def _archive(options: argparse.Namespace) -> int:
    from owncontrol.cli.archive import archive_study

    archive_study(Path(options.results), Path(options.archive), options.with_raw)
    return 0


def _declare_verify_archive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive")
    parser.add_argument("--raw", type=Path, help="folder of the raw files if it has only hashes")
    parser.add_argument("--key", type=Path, help="key file of keyed codes, as the study names it")
    parser.add_argument(
        "--allowed-signers", type=Path, metavar="FILE", help="one of them signed it"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--code", metavar="COMMIT", help="run this commit, not the present code")
    source.add_argument(
        "--run-foreign-code", action="store_true", help="run the archive's own code"
    )
    parser.add_argument("--cores", default="all")


def _verify_archive(options: argparse.Namespace) -> int:
    from owncontrol.cli.verify_archive import Request, verify_archive

    request = Request(
        Path(options.archive),
        options.raw,
        options.cores,
        options.code,
        options.run_foreign_code,
        options.key,
        options.allowed_signers,
    )
    return 0 if verify_archive(request) else 1


COMMANDS = (
    Command("export", "datasets like ADaM's, for others", _declare_export, _export),
    Command("publish", "a folder to deposit, unsent", _declare_publish, _publish),
    Command("archive", "a study with code and results in one file", _declare_archive, _archive),
    Command(
        "verify-archive",
        "run an archive again, compare all hashes",
        _declare_verify_archive,
        _verify_archive,
    ),
)
