"""Command line: python -m owncontrol COMMAND."""

import argparse
import sys

from owncontrol.errors import InputError
from owncontrol.manifest import write_manifest


def main(arguments: list[str] | None = None) -> int:
    """Run one command; what a person can mend is one line and a hint, and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m owncontrol", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    manifest = commands.add_parser("manifest", help="record the files of a raw folder as they are")
    manifest.add_argument("folder")
    options = parser.parse_args(arguments)
    try:
        print(f"wrote {write_manifest(options.folder)}")
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
