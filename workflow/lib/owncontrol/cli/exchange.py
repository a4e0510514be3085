"""The commands that exchange data with other systems: what each is given, and calls."""

import argparse
import os
from pathlib import Path


def declare_pull(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``pull``. The token is none of them: arguments are seen by everybody."""
    parser.add_argument("study", nargs="?", help="a study; the default one if left out")
    parser.add_argument("--url", default="", help="address of the REDCap API; else REDCAP_API_URL")
    parser.add_argument("--export", default="", help="which entry under exports; if there are two")
    parser.add_argument("--who", default="", metavar="NAME", help="who pulls; the user if left out")
    parser.add_argument("--batch", type=int, default=200, help="records asked for at once")


def pull(options: argparse.Namespace) -> int:
    """Make a data cut."""
    from owncontrol.pull.pulling import ADDRESS, Request, pull_study
    from owncontrol.pull.token import find_token

    request = Request(options.study, options.url, options.export, options.who, options.batch)
    print("\n".join(pull_study(request, Path(), find_token, address=os.environ.get(ADDRESS, ""))))
    return 0


def declare_export(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``export``."""
    parser.add_argument("study", nargs="?", help="a study; the default one if left out")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="archive/STUDY-adam if left out")


def export(options: argparse.Namespace) -> int:
    """Write the datasets of a finished run."""
    from owncontrol.standards.export import export_study

    print("\n".join(export_study(options.study, options.to, Path())))
    return 0


def declare_publish(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``publish``: what only a person can say of a deposit."""
    add = parser.add_argument
    add("study", nargs="?", help="a study; the default one if left out")
    add("--author", action="append", default=[], metavar="NAME", help="each author, in order")
    add("--licence", default="", metavar="SPDX", help="of the deposit, such as CC-BY-4.0")


def publish(options: argparse.Namespace) -> int:
    """Write the folder of a deposit."""
    from owncontrol.cli.publish_study import publish as write
    from owncontrol.publication.metadata import Terms

    print(write(options.study, Terms(tuple(options.author), options.licence)))
    return 0
