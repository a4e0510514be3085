"""Exports of several raw files: a list, or a pattern such as ``site-*.csv``.

Each file is an export of its own, read as the entry says. So every row keeps the name of its file
and its number there, in lineage, findings, flow and corrections; and a file that arrives later
changes no other file's tables.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from owncontrol.errors import InputError
from owncontrol.study.manifest import MANIFEST, listing, read_manifest

STAR = "*"
NOT_RAW = (".", "~$")  # how the names of files begin that programs leave beside the raw ones


def with_files_found(values: dict[str, Any], folder: Path, source: str) -> dict[str, Any]:
    """``values`` (a configuration) with an export for each file where one names several.

    ``folder``: of the project, in which ``raw`` lies. What is no configuration of that form is
    left to the checks of its types. Raises InputError for a pattern that no file fits.
    """
    exports = values.get("exports")
    if not isinstance(exports, dict) or not any(map(_is_several, exports.values())):
        return values
    raw = folder / str(values.get("raw", ""))
    elsewhere = set(_named(values))
    files = {
        name: list(_files_of(entry["file"], raw, elsewhere, f"{source}: exports.{name}.file"))
        for name, entry in exports.items()
        if _is_several(entry)
    }
    found: dict[str, Any] = {}
    known = set(exports)
    for name, entry in exports.items():
        if name not in files:
            found[name] = entry
            continue
        names = _names(name, files[name], known)
        known |= set(names)
        for key, (file, pattern) in zip(names, files[name], strict=True):
            of = {"export": name, "pattern": pattern}
            found[key] = {**entry, "file": file, "found_by": of}
    return {**values, "exports": found}


def part_of_name(file: str, pattern: str) -> str:
    """What the first ``*`` of the pattern stands for; the name without its ending without one."""
    match = _expression(pattern).fullmatch(file) if STAR in pattern else None
    return match[1] if match else Path(file).stem


def _is_several(entry: Any) -> bool:
    file = entry.get("file") if isinstance(entry, dict) else None
    if isinstance(file, list):
        texts = [name for name in file if isinstance(name, str)]
        return bool(file) and len(set(texts)) == len(file)
    return isinstance(file, str) and STAR in file


def _named(values: Mapping[str, Any]) -> Iterator[str]:
    """The files that a configuration names by their whole names, for whatever."""
    yield str(values.get("corrections", ""))
    for entry in values["exports"].values():
        if isinstance(entry, dict):
            yield str(entry.get("dictionary", ""))
            if not _is_several(entry):
                yield str(entry.get("file", ""))


def _files_of(
    given: str | list[str], raw: Path, elsewhere: Collection[str], place: str
) -> Iterator[tuple[str, str]]:
    """Each file, and the entry that it was found by; a file that two entries fit, once."""
    seen: set[str] = set()
    for entry in [given] if isinstance(given, str) else given:
        fitting = [entry]
        if STAR in entry:
            fits = _expression(entry).fullmatch
            fitting = [name for name in _raw_names(raw) if fits(name) and name not in elsewhere]
        if not fitting:
            raise InputError(
                f"{place}: no file fits '{entry}' in {raw.as_posix()}",
                f"correct the pattern, or put the files there; the folder holds: {listing(raw)}",
            )
        for name in fitting:
            if name not in seen:
                yield name, entry
            seen.add(name)


def _expression(pattern: str) -> re.Pattern[str]:
    """``*`` stands for any text without a slash, and may be empty nowhere."""
    return re.compile("([^/]+)".join(map(re.escape, pattern.split(STAR))))


def _raw_names(raw: Path) -> list[str]:
    """The files of the raw folder, sorted; with those that its MANIFEST lists and are gone."""
    names = {path.relative_to(raw).as_posix() for path in raw.rglob("*") if path.is_file()}
    if (raw / MANIFEST).is_file():
        names |= set(read_manifest(raw))
    return sorted(name for name in names if not Path(name).name.startswith(NOT_RAW))


def _names(export: str, files: list[tuple[str, str]], known: Collection[str]) -> list[str]:
    """A name for each file's export: that of the entry, and the part of the file's name."""
    plain = [
        f"{export}_{_slug(part_of_name(file, pattern))}".rstrip("_") for file, pattern in files
    ]
    times = Counter(plain)
    return [
        f"{name}_{hashlib.sha256(file.encode()).hexdigest()[:8]}"
        if times[name] > 1 or name in known
        else name
        for name, (file, _) in zip(plain, files, strict=True)
    ]


def _slug(text: str) -> str:
    """A text in the signs of a name: small letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "_", plain.lower()).strip("_")
