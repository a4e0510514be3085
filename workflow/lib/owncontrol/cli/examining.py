"""The commands that look at what a run gave."""

import argparse
from pathlib import Path

from owncontrol.cli.command import STUDY, Command


def _declare_trace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("estimate_id", nargs="?", help="follow this number to its raw cells")
    parser.add_argument("--raw", metavar="FILE:ROW[:COLUMN]", help="list the numbers it touches")
    parser.add_argument("--results", metavar="FOLDER", help="results/STUDY; may be left out if one")
    parser.add_argument("--limit", type=int, default=100, help="scores or rows followed; 0: all")
    parser.add_argument("--key", help="key of the keyed codes: name rows as the raw files do")
    parser.add_argument("--json", action="store_true", help="as JSON instead of a tree")


def _trace(options: argparse.Namespace) -> int:
    from owncontrol.cli.trace import print_trace

    print_trace(
        options.estimate_id,
        options.raw,
        options.results,
        options.limit,
        options.json,
        options.key,
    )
    return 0


def _declare_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", nargs="?", help="results/STUDY; may be left out if one")
    parser.add_argument("--rebuild", action="store_true", help="remove what was altered")
    parser.add_argument("--allowed-signers", type=Path, metavar="FILE", help="one of them signed")


def _verify(options: argparse.Namespace) -> int:
    from owncontrol.cli.verify import verify

    signers = options.allowed_signers
    return 0 if verify(options.results, options.rebuild, signers) else 1


def _declare_sign(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", nargs="?", help="results/STUDY; may be left out if one")
    parser.add_argument("--key", type=Path, required=True, help="private SSH key")


def _sign(options: argparse.Namespace) -> int:
    from owncontrol.cli.verify import sign_results

    return 0 if sign_results(options.results, options.key) else 1


def _declare_summary(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", help="results/STUDY")


def _summary(options: argparse.Namespace) -> int:
    from owncontrol.cli.summary import summary

    print("\n".join(summary(options.results)))
    return 0


def _declare_diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="RUN_A", help="a results folder")
    parser.add_argument("second", metavar="RUN_B", help="another one")
    parser.add_argument("--limit", type=int, default=20, help="lines of each kind; 0: all")
    parser.add_argument("--json", action="store_true", help="as JSON, all of it")


def _diff(options: argparse.Namespace) -> int:
    from owncontrol.cli.diff import print_differences

    print_differences(options.first, options.second, options.limit, options.json)
    return 0


def _declare_what_if(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--study", help=STUDY)
    parser.add_argument("--exclude", action="append", default=[], help="a subject, or FILE:ROW")
    parser.add_argument("--rule", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--cores", default="all")


def _what_if(options: argparse.Namespace) -> int:
    from owncontrol.cli.what_if import what_if

    what_if(options.study, options.exclude, options.rule, options.cores)
    return 0


COMMANDS = (
    Command("trace", "from a number to its raw cells, or back", _declare_trace, _trace),
    Command("verify", "check each result against its recorded hash", _declare_verify, _verify),
    Command("sign", "sign the last run of a study with a key of your own", _declare_sign, _sign),
    Command("summary", "rows set aside and findings of a run", _declare_summary, _summary),
    Command("diff", "what differs between two runs, and why", _declare_diff, _diff),
    Command("what-if", "run a study changed, and show the difference", _declare_what_if, _what_if),
)
