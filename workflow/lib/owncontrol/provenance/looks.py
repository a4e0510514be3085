"""Which look at the data of a study a run is: how many sets of raw files were analysed so far.

It follows from the history of runs in this folder, so it differs from copy to copy of a project and
is no part of the report: it is kept beside it, in ``provenance/history-looks.txt``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from owncontrol.basics.chains import Link
from owncontrol.files import write_text
from owncontrol.provenance.history import GONE, read_history

LOOKS = "provenance/history-looks.txt"


@dataclass
class Look:
    """One set of raw files: when it was first analysed, and in how many runs."""

    first: str
    runs: int = 0


def looks(runs: Sequence[Link]) -> tuple[list[Look], int]:
    """The different sets of raw files in order, and the number (from 1) of that of the last run."""
    found: dict[frozenset[tuple[str, str]], Look] = {}
    number = 0
    for run in runs:
        files = frozenset(run.entry["raw"].items())
        look = found.setdefault(files, Look(run.entry["recorded"]))
        look.runs += 1
        number = list(found).index(files) + 1
    return list(found.values()), number


def write_looks(results: Path) -> str:
    """Write the file beside the report; gives its first line."""
    runs = read_history(results)
    found, number = looks(runs)
    total = f"{len(found)} different set{'' if len(found) == 1 else 's'} of raw files"
    head = f"This is look {number} at the data; {total} analysed in this folder so far."
    lines = [
        f"look {place}: first analysed {look.first}, {look.runs} run{'' if look.runs == 1 else 's'}"
        for place, look in enumerate(found, start=1)
    ]
    lines += [
        f"The record of the runs before that of {run.entry['recorded']} was {GONE}: there were "
        "more looks than are counted here."
        for run in runs
        if run.entry.get("earlier_record") == GONE
    ]
    note = "Runs of the same raw files are one look. A copy of the project has its own history."
    write_text(results / LOOKS, "\n".join([head, *lines, note]) + "\n")
    return head
