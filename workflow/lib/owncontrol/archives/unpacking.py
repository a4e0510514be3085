"""An archive from elsewhere, unpacked within bounds: nothing in it is believed, and nothing run.

Refused before anything of it is used: what is too large or unfolds too much, members that are no
plain files, names that mean something else on another system, and a list of hashes that is not
exactly that of the members.
"""

import gzip
import hashlib
import os
import re
import tarfile
import unicodedata
import zlib
from pathlib import Path
from typing import cast

from owncontrol.errors import InputError

SUMS = "SHA256SUMS"
MOST_MEMBERS = 20_000
MOST_BYTES = 8 * 2**30
MOST_TIMES = 200  # that the archive may unfold, once it is larger than SMALL
SMALL = 64 * 2**20
LONGEST_NAME, LONGEST_PART, DEEPEST = 1000, 200, 20
LARGEST_HEADER = 2**20
CHUNK = 2**16
SUM_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
# Letters that some system does not allow in names, control signs, and what turns text around.
BAD_SIGNS = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]'
)
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
HINT = "get it again from whoever made it, and distrust it if it is the same"


class _Bounded(gzip.GzipFile):
    """A gzip file that gives up where it unfolds to more than an archive of ours would."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self.path, self.unfolded = path, 0
        self.most = min(MOST_BYTES, max(SMALL, MOST_TIMES * path.stat().st_size))

    def read(self, size: int | None = -1) -> bytes:
        """Read some bytes; InputError where they are too many, at once or altogether."""
        if size is None or size < 0 or size > LARGEST_HEADER:
            raise _bad(self.path, f"has a header of more than {LARGEST_HEADER} bytes")
        content = super().read(size)
        self.unfolded += len(content)
        if self.unfolded > self.most:
            raise _bad(self.path, f"unfolds to more than {self.most // 2**20} MiB")
        return content


def unpack(archive: Path, folder: Path) -> dict[str, str]:
    """Unpack an archive into an empty folder; gives the hash of each member but the list of them.

    Raises InputError where anything is not as ``owncontrol archive`` writes it.
    """
    if not archive.is_file():
        raise InputError(f"{archive}: no such file", "make archive writes one")
    found: dict[str, str] = {}
    taken: dict[str, str] = {}
    try:
        with (
            _Bounded(archive) as file,
            tarfile.open(fileobj=cast("gzip.GzipFile", file), mode="r:") as tar,
        ):
            while (entry := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined]  # no list of them is needed
                _check_entry(archive, entry, taken, file.most)
                if len(taken) > MOST_MEMBERS:
                    raise _bad(archive, f"has more than {MOST_MEMBERS} members")
                found[entry.name] = _write(archive, tar, entry, folder)
            while rest := file.read(CHUNK):  # to its end, where gzip has the sum of it all
                if rest.strip(b"\0"):
                    raise _bad(archive, "has something behind its last member")
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise _bad(archive, f"cannot be unpacked: {reason}") from error
    except OSError as error:
        raise InputError(
            f"{archive}: cannot be unpacked: {error.strerror or error}", "is the disk full?"
        ) from error
    _check_sums(archive, folder, found)
    return found


def _check_entry(archive: Path, entry: tarfile.TarInfo, taken: dict[str, str], most: int) -> None:
    """Raise InputError unless a member is a plain file of a plain name that no other one has."""
    name = entry.name
    if not entry.isreg() or entry.issparse():
        raise _bad(archive, f"{name!r} is no plain file (a link, folder, device or the like)")
    fault = fault_of_name(name)
    if fault:
        raise _bad(archive, f"{name[:100]!r}: {fault}")
    key = unicodedata.normalize("NFKC", name).casefold()
    if key in taken:
        raise _bad(archive, f"{name!r} and {taken[key]!r} are one file on some systems")
    taken[key] = name
    if entry.size > most:
        raise _bad(archive, f"{name!r} has more than {most // 2**20} MiB")


def fault_of_name(name: str) -> str:
    """What is wrong with a member's name; empty where it is a plain relative path."""
    parts = name.split("/")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is no UTF-8"
    if len(name) > LONGEST_NAME or any(len(part.encode()) > LONGEST_PART for part in parts):
        return "its name is too long"
    if len(parts) > DEEPEST:
        return "it lies in too many folders"
    if any(part in ("", ".", "..") for part in parts):
        return "its name is no plain relative path"
    if BAD_SIGNS.search(name) or unicodedata.normalize("NFC", name) != name:
        return "its name has signs that not every system takes"
    if any(part != part.strip() or part.endswith(".") for part in parts):
        return "a part of its name begins or ends with a blank, or ends with a dot"
    if any(RESERVED.fullmatch(part) for part in parts):
        return "its name is reserved on some systems"
    return ""


def _write(archive: Path, tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> str:
    """Write a member as a new file; gives its hash."""
    target = folder / entry.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except (FileExistsError, NotADirectoryError) as error:
        raise _bad(archive, f"{entry.name!r} is a file and a folder") from error
    source = tar.extractfile(entry)
    digest, left = hashlib.sha256(), entry.size
    with os.fdopen(handle, "wb") as file:
        while source is not None and left:
            content = source.read(min(CHUNK, left))
            if not content:
                raise _bad(archive, f"{entry.name!r} is cut off")
            digest.update(content)
            file.write(content)
            left -= len(content)
    return digest.hexdigest()


def _check_sums(archive: Path, folder: Path, found: dict[str, str]) -> None:
    """Raise InputError unless the list of hashes is exactly that of the members."""
    if found.pop(SUMS, None) is None:
        raise _bad(archive, f"holds no {SUMS}")
    try:
        lines = (folder / SUMS).read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise _bad(archive, f"{SUMS} is no UTF-8") from error
    listed: dict[str, str] = {}
    for line in lines[:-1] if not lines[-1] else lines:
        match = SUM_LINE.fullmatch(line)
        if match is None or match[2] in listed:
            raise _bad(archive, f"{SUMS}: {line[:100]!r} is no line of its own of '<sha256>  file'")
        listed[match[2]] = match[1]
    if not listed:
        raise _bad(archive, f"{SUMS} lists nothing")
    for name in sorted({*listed, *found}):
        if name not in listed:
            raise _bad(archive, f"{name!r} is not listed in {SUMS}")
        if name not in found:
            raise _bad(archive, f"{SUMS} lists {name!r}, which is not there")
        if listed[name] != found[name]:
            raise _bad(archive, f"{name!r} is not what {SUMS} says")


def _bad(archive: Path, what: str) -> InputError:
    return InputError(f"{archive}: {what}", HINT)
