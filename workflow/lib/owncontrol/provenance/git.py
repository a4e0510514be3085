"""git asked about a folder that may come from elsewhere: it answers, and runs nothing of theirs.

A repository's own configuration can name programs that git starts by itself when it is merely asked
what changed: a monitor of files, hooks, filters of content, helpers of a transport (git-config(1)).
And GIT_DIR and the like, as they are set inside a hook, would let it answer for another repository.
"""

import os
import subprocess
from pathlib import Path

SETTINGS = (
    *("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.untrackedCache=false"),
    *("core.pager=cat", "log.showSignature=false", "submodule.recurse=false"),
)
# What to ask of a repository's own configuration: programs that change contents on their way.
FILTERS = r"^filter\..*\.(clean|smudge|process|required)$"


def git(folder: Path, *arguments: str) -> bytes:
    """What git prints for a folder.

    Raises FileNotFoundError where there is no git, and CalledProcessError where it refuses.
    """
    settings = [*SETTINGS, *(f"{name}=" for name in _own_filters(folder))]
    return _called(folder, [part for one in settings for part in ("-c", one)], arguments)


def git_root(folder: Path) -> Path | None:
    """The root of the repository that a folder is in; None where it is in none, or without git."""
    try:
        shown = git(folder, "rev-parse", "--show-toplevel")
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return Path(os.fsdecode(shown).rstrip("\n")).resolve()


def _own_filters(folder: Path) -> list[str]:
    """Names of the filters that the repository itself brings; those of the user are the user's."""
    asked = ("config", "--local", "--includes", "--null", "--name-only", "--get-regexp", FILTERS)
    try:
        shown = _called(folder, [], asked)
    except subprocess.CalledProcessError:  # none of them, or no repository
        return []
    return sorted(set(filter(None, os.fsdecode(shown).split("\0"))))


def _called(folder: Path, settings: list[str], arguments: tuple[str, ...]) -> bytes:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # Nothing is written (the index), nothing is fetched that a repository says it has elsewhere.
    own = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
    return subprocess.run(
        ["git", "-C", str(folder), *settings, *arguments],
        env=kept | own | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        check=True,
        capture_output=True,
    ).stdout
