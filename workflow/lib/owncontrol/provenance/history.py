"""The runs of a study, each with what it was made from and what it made: a chain that only grows.

``results/<study>/provenance/history.jsonl`` has a line for each run that ended: when, commit, raw
files, the hash of what each step was made from (its code and parameters), the hash of each result,
and the hash of the line before. It differs from run to run and is compared with nothing.
"""

from pathlib import Path
from typing import Any

from owncontrol.basics.chains import FIRST, Link, append, read_chain
from owncontrol.errors import InputError
from owncontrol.files import write_text

HISTORY = "provenance/history.jsonl"
RUN = "provenance/run.yaml"
# What a run says of its packages: with others, other bytes are no contradiction.
ENVIRONMENT = ("provenance/environment.csv", "provenance/imported.csv")
# Outside the results, by results folder the hash of the line that was written last. The last line
# of a chain has none after it that would show an edit; this does, and so does steps.jsonl.
WITNESSES = Path(".snakemake/owncontrol_history")
GONE = "removed or replaced"  # said of the record before a run, by that run
PARTS = {
    "recorded": str,
    "commit": str,
    "raw": dict,  # by path the hash of each raw file, then of code, notebooks and other inputs
    "inputs": dict,
    "made_from": dict,  # by path, see owncontrol.run.output_hashes
    "results": dict,
}


def is_compared(name: str) -> bool:
    """Whether equal runs leave the same bytes in this file (a path in the results folder).

    Not in the record of clock and host, the history, and its signatures.
    """
    return name != RUN and not name.startswith("provenance/history")


def read_history(results: Path | str) -> list[Link]:
    """The runs of a results folder, oldest first; InputError where the record was edited."""
    path = Path(results) / HISTORY
    runs = read_chain(path)
    if runs and runs[0].entry["before"] != FIRST:
        raise InputError(
            f"{path}: its first lines are missing; the record was edited",
            "put the file back as it was; without a copy move it elsewhere, and run again",
        )
    for number, run in enumerate(runs, start=1):
        if any(not isinstance(run.entry.get(key), kind) for key, kind in PARTS.items()):
            raise InputError(
                f"{path}, line {number}: is no record of a run",
                "move the file elsewhere, and run again",
            )
    return runs


def last_hash(results: Path | str) -> str:
    """Hash of the last run's line; empty where no run has ended yet."""
    runs = read_history(results)
    return runs[-1].sha256 if runs else FIRST


def add_run(results: Path | str, entry: dict[str, Any]) -> str:
    """Record a run that has ended; gives the hash of its line.

    The line says where the record that this folder wrote last is not there any more.

    Raises InputError where an earlier run from the same code, settings, raw files and packages
    left other bytes: equal runs leave the same, so a result of one of the two was changed.
    """
    for run in reversed(read_history(results)):
        differing = _contradictions(run.entry, entry)
        if differing:
            more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
            raise InputError(
                f"{differing[0]}{more}: not as the run of {run.entry['recorded']} left it, though "
                "code, configuration, raw files and packages are the same",
                "make everything again (snakemake --forceall); if the line stays, that earlier run "
                f"was altered: move {Path(results) / HISTORY} elsewhere and report it",
            )
    if is_cut(results):
        entry = {**entry, "earlier_record": GONE}
    last = append(Path(results) / HISTORY, entry, sync=True)
    write_text(_witness(results), f"{last}\n")
    return last


def is_cut(results: Path | str) -> bool:
    """Whether runs are remembered outside of the results that the record does not end with."""
    path = _witness(results)
    return path.is_file() and not is_witnessed(results, last_hash(results))


def is_witnessed(results: Path | str, last: str) -> bool:
    """Whether this folder remembers that it wrote the line with this hash last."""
    path = _witness(results)
    return path.is_file() and path.read_text("utf-8", "replace").strip() == last


def _witness(results: Path | str) -> Path:
    return WITNESSES / Path(results).as_posix().replace("/", "_")


def _contradictions(earlier: dict[str, Any], now: dict[str, Any]) -> list[str]:
    if any(earlier[key] != now[key] for key in ("raw", "inputs", "made_from")):
        return []
    before, after = (
        {path: digest for path, digest in entry["results"].items() if is_compared(_inner(path))}
        for entry in (earlier, now)
    )
    environment = [path for path in after if path.endswith(ENVIRONMENT)]
    if any(before.get(path) != after[path] for path in environment):
        return []
    return sorted(path for path in {*before, *after} if before.get(path) != after.get(path))


def _inner(path: str) -> str:
    """A path below the results folder: from ``provenance/`` on, where it has that."""
    _, found, rest = path.partition("/provenance/")
    return f"provenance/{rest}" if found else path
