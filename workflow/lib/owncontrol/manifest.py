"""The raw files and their MANIFEST: known to be unaltered, or one line that says which is not."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from owncontrol.errors import InputError
from owncontrol.files import sha256, write_text

MANIFEST = "MANIFEST"


def read_manifest(folder: Path | str) -> dict[str, str]:
    """Read ``folder/MANIFEST``: lines of ``<sha256>  <file>``, as sha256sum writes them.

    Raises InputError if it is missing or a line has another form.
    """
    path = Path(folder) / MANIFEST
    if not path.is_file():
        raise InputError(
            f"{path}: missing; the raw files of a study need a manifest of their hashes",
            f"python -m owncontrol manifest {folder} writes one from the files as they are now",
        )
    expected = {}
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
        digest, separator, name = line.partition("  ")
        if not separator or len(digest) != 64:
            raise InputError(
                f"{path}, line {number}: {line!r} is not '<sha256>  <file>'",
                f"python -m owncontrol manifest {folder} writes the manifest anew",
            )
        expected[name.strip()] = digest
    return expected


def write_manifest(folder: Path | str) -> Path:
    """Write ``folder/MANIFEST`` for every file in the folder (no hidden file, not itself)."""
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder", "name the folder that holds the raw exports")
    names = sorted(
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and file.name != MANIFEST and not file.name.startswith(".")
    )
    write_text(folder / MANIFEST, "".join(f"{sha256(folder / name)}  {name}\n" for name in names))
    return folder / MANIFEST


def check_file(path: Path | str, expected: str, found: str) -> None:
    """Raise InputError with both hashes where ``found`` is not the ``expected`` SHA-256."""
    if found != expected:
        path = Path(path)
        raise InputError(
            f"{path}: altered: MANIFEST has sha256 {expected}, the file has {found}",
            "put the original file back or, if the change is meant, say so with "
            f"'python -m owncontrol manifest {path.parent.as_posix()}'",
        )


@contextmanager
def verified(expected: Mapping[str, str]) -> Iterator[None]:
    """Vouch that what is read meanwhile from some files are the bytes that the MANIFEST lists.

    ``expected``: SHA-256 by path. Each file is hashed before, and its state must be the same
    after: an edit in between shows in the time of its last change (ctime), which nobody sets, also
    where the file was put back and its date of modification with it. Raises InputError.
    """
    states = {path: _state(path) for path in expected}
    for path, digest in expected.items():
        check_file(path, digest, sha256(path))
    yield
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
            f"python -m owncontrol manifest {folder} adds it",
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
