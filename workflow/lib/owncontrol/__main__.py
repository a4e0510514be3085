"""Command line: python -m owncontrol COMMAND."""

import argparse
import sys

from owncontrol.errors import InputError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; what a person can mend is one line and a hint, and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m owncontrol", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    manifest = commands.add_parser("manifest", help="record the files of a raw folder as they are")
    manifest.add_argument("folder")
    score = commands.add_parser("score-isncsci", help="classify a file of ISNCSCI exams")
    score.add_argument("exams", help=".csv or .xlsx, one exam a row")
    score.add_argument("-o", "--output", help="CSV to write; the standard output if left out")
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    """Import what the command needs, and nothing else: a command answers at once."""
    if options.command == "manifest":
        from owncontrol.manifest import write_manifest

        print(f"wrote {write_manifest(options.folder)}")
    else:
        from owncontrol.commands.score_isncsci import score_file

        count = score_file(options.exams, options.output)
        print(f"{count} exams classified", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
