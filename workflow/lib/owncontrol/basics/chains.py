"""Files that only grow: lines of JSON, each with the hash of the line before it.

An edit, a removal or an insertion anywhere but at the end breaks the chain. Whoever writes the
whole file again can forge it: see SECURITY.md, and ``owncontrol sign``.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from owncontrol.basics.json_text import read_json
from owncontrol.errors import InputError

Entry = dict[str, Any]
BEFORE = "before"
FIRST = ""  # before the first line there is none


class Link(NamedTuple):
    """One line of a chain: what it says, and its hash."""

    entry: Entry
    sha256: str


def read_chain(path: Path | str) -> list[Link]:
    """The lines of a chain, oldest first; none where there is no such file.

    A last line without an end was cut off while it was written, and is left out. Raises InputError
    where a line does not follow from the one before it.
    """
    path = Path(path)
    _check_own_file(path)
    content = path.read_bytes() if path.is_file() else b""
    return _links(path, content)[0]


def append(
    path: Path | str, entry: Entry, start: Callable[[], str] | None = None, sync: bool = False
) -> str:
    """Add a line to a chain, one process at a time; gives the hash of the line.

    ``start``: gives what the first line has to follow from; a chain that follows from something
    else begins again. ``sync``: wait until the disk has it. Raises InputError where the chain is
    broken.
    """
    path = Path(path)
    _check_own_file(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        links, size = _links(path, file.read())
        first = start() if start else FIRST
        if start and links and links[0].entry[BEFORE] != first:
            links, size = [], 0
        line = _line({**entry, BEFORE: links[-1].sha256 if links else first})
        file.truncate(size)
        file.write(line)
        file.flush()
        if sync:
            os.fsync(file.fileno())
    return _hash(line)


def _check_own_file(path: Path) -> None:
    """Raise InputError for a link, pipe or device: a record is a file of its own."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise InputError(
            f"{path}: is no plain file, as a record is", "move it elsewhere, and run again"
        )


def _line(entry: Entry) -> bytes:
    return (json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _links(path: Path, content: bytes) -> tuple[list[Link], int]:
    """The whole lines of a chain, and how many bytes they have."""
    links: list[Link] = []
    size = content.rfind(b"\n") + 1
    for number, line in enumerate(content[:size].splitlines(keepends=True), start=1):
        try:
            entry = read_json(line.decode("utf-8"))
        except (ValueError, RecursionError):
            entry = None
        # A file that begins with another line than its first shows by what its reader expects.
        follows = isinstance(entry, dict) and (
            entry.get(BEFORE) == links[-1].sha256 if links else isinstance(entry.get(BEFORE), str)
        )
        if not follows or _line(entry) != line:
            raise InputError(
                f"{path}, line {number}: does not follow from the line before it; the record was "
                "edited",
                "put the file back as it was; without a copy move it elsewhere, and run again: "
                "what it vouched for is made again",
            )
        links.append(Link(entry, _hash(line)))
    return links, size
