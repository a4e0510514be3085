"""A workflow whose rules are read from a git host, with the library that is installed here."""

from collections.abc import Callable
from pathlib import Path

from owncontrol.errors import InputError


def check_same_workflow(installed: Path, read: Callable[[str], str], place: str) -> None:
    """Raise InputError where a rule or script is not that of the installed workflow.

    Rules of one version do not fit the library of another one. ``installed``: its folder; ``read``:
    the text of a file by its path in that folder, as the git host has it (OSError, or whatever a
    git host raises, where it has none); ``place``: what the git host calls it.
    """
    names = [installed / "Snakefile", *installed.glob("rules/*.smk")]
    for path in sorted([*names, *installed.glob("scripts/*.py")]):
        name = path.relative_to(installed).as_posix()
        try:
            text = read(name)
        except Exception:  # each git host has errors of its own
            text = ""
        # A git host's cache leaves the last line end out.
        if text.rstrip() != path.read_text("utf-8").rstrip():
            raise InputError(
                f"{place}: {name} is not that of the owncontrol that is installed here",
                "name the tag of the installed version, or install the version of the tag",
            )
