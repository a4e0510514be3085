"""verify: every result against the hash that the run recorded of it; rebuilt on request."""

from pathlib import Path

from owncontrol.commands.trace import find_results
from owncontrol.errors import InputError
from owncontrol.made import Comparison, compare, recorded


def verify(folder: str | None, rebuild: bool) -> bool:
    """Say which results are not as the run left them; True where all are.

    ``rebuild``: remove the altered ones, so that the next run makes them anew. Raises InputError
    for a folder without a record.
    """
    results = find_results(folder).folder
    known = recorded(results, Path("logs") / results.relative_to("results"))
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
        print(f"{len(found.altered)} removed, to be made anew")
        return True
    return not (found.altered or found.missing or found.unfinished)


def strangers(results: Path, known: dict[str, str]) -> list[str]:
    """Files of the results folder that no step of the run has made."""
    files = (path for path in results.rglob("*") if path.is_file())
    names = {path.as_posix() for path in files if not path.name.startswith(".")}
    return sorted(names - set(known))


def told(found: Comparison, unknown: list[str]) -> list[str]:
    """What was found, one line a file that is not as it should be, and the count."""
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
