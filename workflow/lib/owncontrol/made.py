"""What the steps of a run have made: the hash of each file, and which files are no longer so.

Each step writes a small record beside its log (``logs/<study>/.../<step>.made``, in the form of
sha256sum): before its work that its outputs are unfinished, after it what they are. A run that was
killed thus leaves no file in doubt. ``provenance/outputs.csv`` is the same of the whole run.
"""

import csv
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from owncontrol.errors import InputError
from owncontrol.files import sha256, write_text

UNFINISHED = "unfinished"
RECORD = "provenance/outputs.csv"
SHOWN = 5


def this_job() -> Any:
    """The Snakemake job whose script runs now; None outside of one."""
    return getattr(sys.modules["__main__"], "snakemake", None)


def outputs_of_this_script() -> list[str]:
    """The outputs of the Snakemake job whose script runs now; none outside of one."""
    job = this_job()
    return [] if job is None else [str(path) for path in job.output]


def mark_unfinished(record: Path, outputs: Iterable[str]) -> None:
    """Record that a step is about to make these files."""
    _write(record, ((path, UNFINISHED) for path in outputs))


def mark_made(record: Path, outputs: Iterable[str]) -> None:
    """Record what a step has made."""
    _write(record, ((path, sha256(path)) for path in outputs))


def _write(record: Path, entries: Iterable[tuple[str, str]]) -> None:
    lines = [f"{digest}  {path}\n" for path, digest in entries]
    if lines:
        write_text(record, "".join(lines))


def recorded(results: Path | str, logs: Path | str) -> dict[str, str]:
    """By path the hash that each file of the results was left with, or ``unfinished``.

    What the steps recorded goes before the record of the whole run, which an interrupted run has
    not yet written anew. Raises InputError where that record cannot be read.
    """
    results = Path(results)
    known: dict[str, str] = {}
    record = results / RECORD
    if record.is_file():
        known |= _of_run(record)
    for made in Path(logs).rglob("*.made"):
        # Signs that are no text make a hash that no file has, or a name of none.
        for line in made.read_text("utf-8", errors="replace").splitlines():
            digest, _, path = line.partition("  ")
            known[path] = digest
    here = results.as_posix() + "/"
    return {path: digest for path, digest in known.items() if path.startswith(here)}


def _of_run(record: Path) -> dict[str, str]:
    """The record of the whole run; InputError where it cannot be read."""
    try:
        with record.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, restval=""))
    except (UnicodeDecodeError, csv.Error) as error:
        reason = f"cannot be read ({error})"
        raise InputError(f"{record}: {reason}", _mend(record.parts[-3])) from error
    if not rows or not {"file", "sha256"} <= set(rows[0]):
        raise InputError(f"{record}: has no columns file and sha256", _mend(record.parts[-3]))
    return {row["file"]: row["sha256"] for row in rows}


@dataclass
class Comparison:
    """The files of a results folder against their record, as paths."""

    unchanged: list[str] = field(default_factory=list)
    altered: dict[str, tuple[str, str]] = field(default_factory=dict)  # recorded, found
    missing: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)


def compare(known: dict[str, str], hash_of: Callable[[str], str] = sha256) -> Comparison:
    """Hold each recorded file against what is there now."""
    result = Comparison()
    for path, digest in sorted(known.items()):
        if digest == UNFINISHED:
            result.unfinished.append(path)
        elif not Path(path).is_file():
            result.missing.append(path)
        elif (found := hash_of(path)) == digest:
            result.unchanged.append(path)
        else:
            result.altered[path] = (digest, found)
    return result


def check_untouched(
    results: Path | str, logs: Path | str, hash_of: Callable[[str], str] = sha256
) -> None:
    """Raise InputError where a finished file is no longer what its step made.

    A file that is missing is made again by the run, and one that is unfinished as well.
    """
    altered = compare(recorded(results, logs), hash_of).altered
    if altered:
        names = list(altered)
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        raise InputError(
            f"{', '.join(names[:SHOWN])}{more}: no longer as the run left it; a result that was "
            "changed by hand is not taken further",
            _mend(Path(results).name),
        )


def _mend(study: str) -> str:
    return f"make verify STUDY={study} REBUILD=yes makes it anew; keep a copy of it elsewhere"
