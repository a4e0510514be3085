"""Results that a command cannot read: damaged since the run, or an error of the program."""

from pathlib import Path

from owncontrol.cli.trace import find_results
from owncontrol.errors import InputError
from owncontrol.run.output_hashes import compare, recorded


def damage(folders: list[str | None], error: Exception) -> InputError | None:
    """What is wrong with the results that a command could not read; None where nothing is.

    ``folders``: the results folders it was given (None: the only one). ``error``: what it raised.
    The record of the run decides: results that are as the run left them are to be readable.
    """
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    for folder in folders:
        try:
            results = find_results(folder).folder
            known = recorded(results, Path("logs") / results.name)
        except InputError as refused:
            return refused
        found = compare(known)
        for path in (*found.altered, *found.missing):
            return InputError(
                f"{path}: is not as the run left it, and cannot be read ({reason})",
                f"make verify STUDY={results.name} names all such files; REBUILD=yes makes them "
                "again",
            )
        if not known:
            return InputError(
                f"{results}: cannot be read as the results of a run ({reason})",
                "there is no record here of what its files were: run the study again",
            )
    return None
