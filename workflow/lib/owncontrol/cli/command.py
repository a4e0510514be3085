"""One command: what it is called, is given, and calls.

A command imports what it needs when it is called, and nothing else: it answers at once.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

STUDY = "a study; the default one if left out"


@dataclass(frozen=True)
class Command:
    """One command. ``declare`` adds its arguments; ``act`` does it, and says how it ended."""

    name: str
    help: str
    declare: Callable[[argparse.ArgumentParser], None]
    act: Callable[[argparse.Namespace], int]


def declare_study(parser: argparse.ArgumentParser) -> None:
    """The argument of a command that is about one study."""
    parser.add_argument("study", nargs="?", help=STUDY)
