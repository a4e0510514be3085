"""The raw files and their MANIFEST: known to be unaltered, or one line that says which is not."""

import getpass
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from owncontrol.basics.chains import append, read_chain
from owncontrol.basics.file_names import check_file_name
from owncontrol.errors import InputError
from owncontrol.files import sha256, write_text

MANIFEST = "MANIFEST"
# Beside it, a chain: each listed file that was changed, its old hash, who, when and why.
HISTORY = "MANIFEST.history"


def read_manifest(folder: Path | str) -> dict[str, str]:
    """Read ``folder/MANIFEST``: lines of ``<sha256>  <file>``, as sha256sum writes them.

    Raises InputError if it is missing or a line has another form.
    """
    path = Path(folder) / MANIFEST
    if not path.is_file():
        raise InputError(
            f"{path}: missing; the raw files of a study need a manifest of their hashes",
            f"owncontrol manifest {folder} writes one from the files as they are now",
        )
    expected = {}
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
        digest, separator, name = line.partition("  ")
        if not separator or len(digest) != 64:
            raise InputError(
                f"{path}, line {number}: {line!r} is not '<sha256>  <file>'",
                f"owncontrol manifest {folder} writes the manifest again",
            )
        expected[name.strip()] = digest
    return expected


def write_manifest(folder: Path | str) -> Path:
    """Write ``folder/MANIFEST`` for every file in the folder (no hidden file, not itself).

    For files that were just made; ``record_files`` is for those of a study.
    """
    folder = Path(folder)
    return _write(folder, _hashes(folder))


def record_files(folder: Path | str, why: str, who: str) -> tuple[Path, int]:
    """Write ``folder/MANIFEST`` again; gives its path and the number of listed files that changed.

    A file that was listed and is another now, or gone, is recorded in ``MANIFEST.history`` with its
    old hash, ``who``, when and ``why``. Raises InputError where such a file has no ``why``.
    """
    folder = Path(folder)
    now = _hashes(folder)
    before = read_manifest(folder) if (folder / MANIFEST).is_file() else {}
    changed = [name for name, digest in sorted(before.items()) if now.get(name) != digest]
    if changed and not why.strip():
        raise InputError(
            f"{folder}: {', '.join(changed[:5])}: changed since {MANIFEST} was written",
            f'say why: owncontrol manifest {folder} --why "..." (kept in {HISTORY})',
        )
    read_chain(folder / HISTORY)  # one that was edited is told before anything is written
    for name in changed:
        entry = {
            "file": name,
            "old": before[name],
            "new": now.get(name, ""),
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": who.strip() or user(),
            "why": why.strip(),
        }
        append(folder / HISTORY, entry, sync=True)
    return _write(folder, now), len(changed)


def explained_changes(folder: Path | str, path: str, old: str, new: str) -> bool:
    """Whether the records of a raw folder lead from one hash of a file to another one."""
    name = Path(path).relative_to(folder).as_posix()
    reached = {old}
    for link in read_chain(Path(folder) / HISTORY):
        if link.entry.get("file") == name and link.entry.get("old") in reached:
            reached.add(link.entry["new"])
    return new in reached


def recorded_changes(folder: Path | str, files: Iterable[str]) -> list[dict[str, str]]:
    """By file the day and the reason of each recorded change of these listed raw files.

    Also of those that were taken off the list: what is not there any more, no configuration names.
    Raises InputError where the record was edited.
    """
    named = set(files)
    return [
        {
            "file": str(link.entry["file"]),
            "when": str(link.entry.get("when", ""))[:10],
            "why": str(link.entry.get("why", "")),
        }
        for link in read_chain(Path(folder) / HISTORY)
        if link.entry.get("file") in named or link.entry.get("new") == ""
    ]


def gone(folder: Path | str, manifest: Iterable[str]) -> list[str]:
    """The files that a manifest lists and the folder does not hold."""
    return sorted(name for name in manifest if not (Path(folder) / name).is_file())


def user() -> str:
    """The name of whoever runs this, or the number where the system has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"user {os.getuid()}"


def _hashes(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder", "name the folder that holds the raw exports")
    files = [
        file.relative_to(folder)
        for file in folder.rglob("*")
        if file.is_file() and file.name not in (MANIFEST, HISTORY) and not file.name.startswith(".")
    ]
    for place in sorted({part for file in files for part in (file, *file.parents[:-1])}):
        check_file_name(folder / place)
        _check_target(folder / place, folder)
    names = sorted(file.as_posix() for file in files)
    return {name: sha256(folder / name) for name in names}


def _check_target(path: Path, folder: Path) -> None:
    """Raise InputError for a link that leads out, say to a device or a file of somebody else."""
    if path.is_symlink():
        target = path.resolve()
        if not any(target.is_relative_to(place.resolve()) for place in (folder, Path())):
            raise InputError(
                f"{path}: is a link that leads out of the folder", "copy the file in its place"
            )


def _write(folder: Path, hashes: Mapping[str, str]) -> Path:
    text = "".join(f"{digest}  {name}\n" for name, digest in hashes.items())
    write_text(folder / MANIFEST, text)
    return folder / MANIFEST


def check_file(path: Path | str, expected: str, found: str) -> None:
    """Raise InputError with both hashes where ``found`` is not the ``expected`` SHA-256."""
    if found != expected:
        path = Path(path)
        raise InputError(
            f"{path}: altered: MANIFEST has sha256 {expected}, the file has {found}",
            "put the original file back or, if the change is meant, record it with "
            f"'owncontrol manifest {path.parent.as_posix()} --why \"...\"'",
        )


@contextmanager
def verified(expected: Mapping[str, str]) -> Iterator[None]:
    """Vouch that what is read meanwhile from some files are the bytes that the MANIFEST lists.

    ``expected``: SHA-256 by path. Each file is hashed before, and its state must be the same
    after: an edit in between shows in the time of its last change (ctime), which nobody sets, also
    where the file was put back and its date of modification with it. A file that is cut off
    meanwhile may break its reader, which is not what is told. Raises InputError.
    """
    states = {path: _state(path) for path in expected}
    for path, digest in expected.items():
        check_file(path, digest, sha256(path))
    try:
        yield
    finally:
        for path, state in states.items():
            if _state(path) != state:
                raise InputError(
                    f"{path}: was changed while it was read",
                    "raw files stay as they arrived; see that nothing writes there, and run again",
                )


def _state(path: str) -> tuple[int, ...]:
    """What changes with a file: which file it is, its size, and its times in nanoseconds."""
    try:
        found = Path(path).stat()
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror})", "put the raw file back"
        ) from error
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def listed_hash(folder: Path | str, manifest: dict[str, str], name: str) -> str:
    """The hash that the manifest has for ``name``; InputError if file or entry is missing."""
    path = Path(folder) / name
    if not path.is_file():
        raise InputError(
            f"{path}: missing; the configuration names it as a raw file",
            f"put the file there or correct its name under 'exports'; the folder holds: "
            f"{listing(folder)}",
        )
    if name not in manifest:
        raise InputError(
            f"{path}: not listed in {Path(folder) / MANIFEST}",
            f"owncontrol manifest {folder} adds it",
        )
    return manifest[name]


def listing(folder: Path | str) -> str:
    """The files of a folder as a person would name them, or that there is no such folder."""
    folder = Path(folder)
    if not folder.is_dir():
        return "(the folder does not exist)"
    return _join(file.name for file in folder.iterdir() if file.is_file())


def _join(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "(no file)"
