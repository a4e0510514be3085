"""What the steps of a run have made: the hash of each file, and which files are no longer so.

A file is accepted only where a record vouches for it. Each step adds two lines to
``logs/<study>/steps.jsonl``: before its work that its outputs are unfinished, after it what they
are and what they were made from. These lines follow from the last run in the history of the study
(provenance.history), which has the hash of every result. An edit thus shows, also one of a result
together with one record of it; what no record vouches for is made again.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from owncontrol.basics.chains import BEFORE, FIRST, append, read_chain
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.provenance.history import is_witnessed, last_hash, read_history

UNFINISHED = "unfinished"
STEPS = "steps.jsonl"
SHOWN = 5
LONG_AGO = (1, 1)  # seconds: older than whatever a file is made from


class Record(NamedTuple):
    """What vouches for a file: its hash or ``unfinished``, the hash of what it was made from, and
    the line of steps.jsonl, 0 for one of the last run that ended.
    """

    sha256: str
    made_from: str
    line: int


def this_job() -> Any:
    """The Snakemake job whose script runs now; None outside of one."""
    return getattr(sys.modules["__main__"], "snakemake", None)


def outputs_of_this_script() -> list[str]:
    """The outputs of the Snakemake job whose script runs now; none outside of one."""
    job = this_job()
    return [] if job is None else [str(path) for path in job.output]


def made_from(params: Mapping[str, Any] | None) -> str:
    """Hash of what a step is made from: its parameters, of which one is the hash of its code.

    Empty for a step without known parameters. ``made_from`` itself is left out.
    """
    if not params:
        return ""
    named = {key: value for key, value in params.items() if key != "made_from"}
    text = json.dumps(named, sort_keys=True, default=_plain, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple | set) else str(value)


def mark_unfinished(record: Path, outputs: Iterable[str]) -> None:
    """Record that a step is about to make these files. ``record``: its log, with any suffix."""
    _write(record, dict.fromkeys(outputs, UNFINISHED))


def mark_made(record: Path, outputs: Iterable[str]) -> None:
    """Record what a step has made."""
    _write(record, {path: sha256(path) for path in outputs})


def _write(record: Path, files: dict[str, str]) -> None:
    if not files:
        return
    job = this_job()
    logs = _study_logs(record)
    step = record.relative_to(logs).with_suffix("").as_posix()
    entry = {
        "step": step,
        "files": files,
        "made_from": made_from(None if job is None else dict(job.params.items())),
    }
    results = Path("results", *logs.parts[1:])
    append(logs / STEPS, entry, start=lambda: last_hash(results))


def _study_logs(record: Path) -> Path:
    """``logs/<study>`` of a log; its own folder for a log elsewhere."""
    if record.parts[0] != "logs" or len(record.parts) < 3:
        return record.parent
    return Path(*record.parts[: 3 if record.parts[1] == "what-if" else 2])


def records(results: Path | str, logs: Path | str, elsewhere: bool = False) -> dict[str, Record]:
    """By path what vouches for each file of the results.

    What steps have made since the last run that ended goes before the record of that run, which
    counts only where something outside the results knows it: an edit of its last line shows in
    nothing else. ``elsewhere``: believe it all the same, as in a copy of the results. Raises
    InputError where a record was edited.
    """
    results, known = Path(results), dict[str, Record]()
    runs = read_history(results)
    steps = read_chain(Path(logs) / STEPS)
    last = runs[-1].sha256 if runs else FIRST
    # Lines that follow from another run than the last one say nothing of what is there now.
    follows = bool(steps) and steps[0].entry[BEFORE] == last
    if runs and (follows or elsewhere or is_witnessed(results, last)):
        entry = runs[-1].entry
        known |= {
            path: Record(digest, entry["made_from"].get(path, ""), 0)
            for path, digest in entry["results"].items()
        }
    for line, step in enumerate(steps if follows else [], start=1):
        for path, digest in step.entry["files"].items():
            known[path] = Record(digest, step.entry["made_from"], line)
    here = results.as_posix() + "/"
    return {path: record for path, record in known.items() if path.startswith(here)}


def recorded(results: Path | str, logs: Path | str, elsewhere: bool = False) -> dict[str, str]:
    """By path the hash that each file of the results was left with, or ``unfinished``."""
    return {path: record.sha256 for path, record in records(results, logs, elsewhere).items()}


@dataclass
class Comparison:
    """The files of a results folder against their record, as paths."""

    unchanged: list[str] = field(default_factory=list)
    altered: dict[str, tuple[str, str]] = field(default_factory=dict)  # recorded, found
    missing: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)


def compare(known: dict[str, str], hash_of: Callable[[str], str] = sha256) -> Comparison:
    """Compare each recorded file with what is there now."""
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
    return f"make verify STUDY={study} REBUILD=yes makes it again; keep a copy of it elsewhere"


def unvouched(steps: Iterable[Mapping[str, Any]], known: Mapping[str, Record]) -> list[str]:
    """Outputs that are there, and that no record vouches for: none has them, or as unfinished.

    ``steps``: by step ``outputs``, ``inputs`` and ``made_from``, see ``made_from``.
    """
    outputs = (path for step in steps for path in step["outputs"])
    return [
        path
        for path in outputs
        if Path(path).is_file() and (path not in known or known[path].sha256 == UNFINISHED)
    ]


def stale(steps: Iterable[Mapping[str, Any]], known: Mapping[str, Record]) -> list[str]:
    """Outputs with a record by which they were made from something else than they would be now.

    From other code or settings, or before one of their inputs. Snakemake sees the same by records
    of its own, as long as these are there.
    """
    found = []
    for step in steps:
        for path in step["outputs"]:
            record = known.get(path)
            if record is None:
                continue
            origin = step["made_from"]
            later = any(known[name].line > record.line for name in step["inputs"] if name in known)
            if later or (origin and record.made_from and record.made_from != origin):
                found.append(path)
    return found


def forget_unvouched(steps: list[dict[str, Any]], known: Mapping[str, Record]) -> int:
    """See to it that a run makes again what no record vouches for, or what is stale.

    Files without a valid record are removed. Stale ones stay until they are made again: they only
    become older than what they are made from. Gives the number of files removed.
    """
    removed = unvouched(steps, known)
    for path in removed:
        Path(path).unlink()
    for path in stale(steps, known):
        if Path(path).is_file():
            os.utime(path, LONG_AGO)
    return len(removed)


def check_vouched(steps: Iterable[Mapping[str, Any]], known: Mapping[str, Record]) -> None:
    """Raise InputError unless a record vouches for all outputs, as made from what is there now."""
    steps = list(steps)
    outputs = [path for step in steps for path in step["outputs"]]
    doubtful = {*unvouched(steps, known), *stale(steps, known), *(set(outputs) - set(known))}
    if doubtful:
        more = f" and {len(doubtful) - 1} more" if len(doubtful) > 1 else ""
        raise InputError(
            f"{min(doubtful)}{more}: no record says that the present code made it",
            "a record of Snakemake (.snakemake) was changed: snakemake --forceall makes all again",
        )
