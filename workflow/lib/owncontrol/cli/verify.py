"""verify: every result against the hash that the run recorded of it; rebuilt on request.

sign: the same, and a signature of the last run by a key of the user's own.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from owncontrol.basics.chains import Link
from owncontrol.cli.trace import find_results
from owncontrol.errors import InputError
from owncontrol.provenance.history import is_compared, read_history
from owncontrol.provenance.signatures import sign, signed
from owncontrol.run.output_hashes import Comparison, compare, recorded
from owncontrol.study.manifest import MANIFEST, explained_changes


def verify(folder: str | None, rebuild: bool, allowed_signers: Path | None = None) -> bool:
    """Say which results are not as the run left them; True where all are, and history is sound.

    ``rebuild``: remove the altered ones, so that the next run makes them again.
    ``allowed_signers``: the last run must be signed by one of them. Raises InputError for a folder
    without a record, a record that was edited, and a signature that is not good.
    """
    results = find_results(folder).folder
    logs = Path("logs", *results.parts[1:])
    known = recorded(results, logs, elsewhere=True)
    if not known:
        raise InputError(
            f"{results}: no record of what the run has made",
            "run the study first (make)",
        )
    found = compare(known)
    for line in told(found, strangers(results, known)):
        print(line)
    if rebuild:
        for path in found.altered:
            Path(path).unlink()
        print(f"{len(found.altered)} removed, to be made again")
        return True
    runs = read_history(results)
    if runs and not recorded(results, logs):
        print("nothing in this folder remembers its last run: results copied, or a record edited")
    unexplained = unexplained_changes(runs)
    for line in unexplained:
        print(line)
    is_signed = allowed_signers is None or _told_signatures(results, runs, allowed_signers)
    print(head(runs))
    wrong = found.altered or found.missing or found.unfinished or unexplained
    return not wrong and is_signed


def sign_results(folder: str | None, key: Path) -> bool:
    """Sign the last run of a study whose results are all as it left them; False where not."""
    if not verify(folder, rebuild=False):
        return False
    results = find_results(folder).folder
    runs = read_history(results)
    if not runs:
        raise InputError(f"{results}: no run has ended yet", "run the study first (make)")
    print(f"signed: {sign(results, runs[-1], key)}")
    return True


def head(runs: Sequence[Link]) -> str:
    """The hash that stands for the whole history, for somebody to keep elsewhere."""
    if not runs:
        return "history: no run has ended yet"
    number = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
    return f"history: {number}; keep this hash elsewhere: {runs[-1].sha256}"


def unexplained_changes(runs: Sequence[Link]) -> list[str]:
    """A line for each raw file that changed between two runs without a word in MANIFEST.history."""
    lines = []
    for number, (before, after) in enumerate(pairwise(runs), start=2):
        for path, digest in after.entry["raw"].items():
            old = before.entry["raw"].get(path, digest)
            parents = Path(path).parents
            folder = next((part for part in parents if (part / MANIFEST).is_file()), parents[0])
            if old != digest and not explained_changes(folder, path, old, digest):
                lines.append(
                    f"changed before run {number}: {path}\n  from {old}\n  to   {digest}\n"
                    f"  {folder}/{MANIFEST}.history does not say why"
                )
    return lines


def _told_signatures(results: Path, runs: Sequence[Link], allowed: Path) -> bool:
    found = signed(results, runs, allowed)
    for number, name in found:
        print(f"run {number} of {len(runs)}: signed by {name}")
    is_last = bool(found) and found[-1][0] == len(runs)
    if not is_last:
        print("the last run is not signed")
    return is_last


def strangers(results: Path, known: dict[str, str]) -> list[str]:
    """Files of the results folder that no step of the run has made."""
    files = (path for path in results.rglob("*") if path.is_file())
    names = {
        path.as_posix()
        for path in files
        if not path.name.startswith(".") and is_compared(path.relative_to(results).as_posix())
    }
    return sorted(names - set(known))


def told(found: Comparison, unknown: list[str]) -> list[str]:
    """What was found, one line per file that is not as it should be, and the count."""
    lines = [
        f"altered: {path}\n  recorded sha256 {before}\n  found    sha256 {now}"
        for path, (before, now) in found.altered.items()
    ]
    lines += [f"missing: {path}" for path in found.missing]
    lines += [f"unfinished: {path} (the run did not end)" for path in found.unfinished]
    lines += [f"not of this run: {path}" for path in unknown]
    total = len(found.unchanged) + len(found.altered) + len(found.missing) + len(found.unfinished)
    lines.append(f"{len(found.unchanged)} of {total} files are as the run left them")
    return lines
