"""Exports of several raw files (a list, or a pattern such as ``site-*.csv``) or several sheets.

Each file, and each sheet, is an export of its own, read as the entry says. So every row keeps the
name of its file and its number there, in lineage, findings, flow and corrections; and a file that
arrives later changes no other file's tables.
"""

import hashlib
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from owncontrol.errors import InputError
from owncontrol.study.manifest import MANIFEST, listing, read_manifest

STAR = "*"
MOST_UNPACKED = 1 << 30
NOT_RAW = (".", "~$")  # how the names of files begin that programs leave beside the raw ones


def with_files_found(values: dict[str, Any], folder: Path, source: str) -> dict[str, Any]:
    """``values`` (a configuration) with an export for each file or sheet where one names several.

    ``folder``: of the project, in which ``raw`` lies. What is no configuration of that form is
    left to the checks of its types. Raises InputError for a pattern that no file or sheet fits.
    """
    exports = values.get("exports")
    if not isinstance(exports, dict):
        return values
    raw = folder / str(values.get("raw", ""))
    if any(map(_is_several, exports.values())):
        exports = _each_file(exports, values, raw, source)
    if any(map(_has_several_sheets, exports.values())):
        exports = _each_sheet(exports, raw, source)
    return {**values, "exports": exports}


def _each_file(
    exports: dict[str, Any], values: dict[str, Any], raw: Path, source: str
) -> dict[str, Any]:
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
    return found


def _each_sheet(exports: dict[str, Any], raw: Path, source: str) -> dict[str, Any]:
    """``exports`` with one for each sheet that fits a pattern."""
    known, found = set(exports), {}
    for name, entry in exports.items():
        if not _has_several_sheets(entry) or not (raw / entry["file"]).is_file():
            found[name] = entry  # a file that is missing is told by the check of the raw files
            continue
        place = f"{source}: exports.{name}.sheet"
        named = {
            other["sheet"]
            for other in exports.values()
            if isinstance(other, dict) and other.get("file") == entry["file"] and "sheet" in other
        }
        sheets = _fitting_sheets(raw / entry["file"], entry["sheet"], named, place)
        keys = _names(name, [(sheet, entry["sheet"]) for sheet in sheets], known)
        known |= set(keys)
        of = {"export": name, "pattern": entry["file"], **entry.get("found_by", {})}
        for key, sheet in zip(keys, sheets, strict=True):
            found[key] = {**entry, "sheet": sheet, "found_by": {**of, "sheet": entry["sheet"]}}
    return found


def _has_several_sheets(entry: Any) -> bool:
    sheet = entry.get("sheet") if isinstance(entry, dict) else None
    return isinstance(sheet, str) and STAR in sheet and isinstance(entry.get("file"), str)


def _fitting_sheets(path: Path, pattern: str, named: Collection[str], place: str) -> list[str]:
    """The visible sheets whose names fit, in their order, without those that are ``named``."""
    visible = visible_sheets(path)
    fits = _expression(pattern).fullmatch
    found = [sheet for sheet in visible if fits(sheet) and sheet not in named]
    if not found:
        raise InputError(
            f"{place}: no sheet of {path.name} fits '{pattern}'",
            f"correct the pattern; the workbook has {len(visible)} visible sheets",
        )
    return found


def visible_sheets(path: Path) -> list[str]:
    """Names of the visible worksheets of a workbook, in their order.

    Raises InputError where it is no workbook that can be opened.
    """
    from openpyxl import load_workbook  # takes a moment, and few configurations need it

    try:
        with zipfile.ZipFile(path) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise InputError(f"{path}: unpacks to over 1 GiB", "split the workbook")
        book = load_workbook(path, read_only=True)
    except InputError:
        raise
    except Exception as error:  # of zipfile, of XML, of openpyxl: whatever is wrong with the file
        raise InputError(
            f"{path}: cannot be read as a workbook ({type(error).__name__})",
            "save it again as .xlsx; a pattern of sheets needs one",
        ) from error
    try:
        return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    finally:
        book.close()


def part_of_name(file: str, pattern: str) -> str:
    """What the first ``*`` of the pattern stands for; the name without its ending without one."""
    parts = parts_of_name(file, pattern)
    return parts[0] if parts else Path(file).stem


def parts_of_name(name: str, pattern: str) -> tuple[str, ...]:
    """What each ``*`` of the pattern stands for; nothing where the name does not fit it."""
    match = _expression(pattern).fullmatch(name)
    return match.groups() if match else ()


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
    """``*`` stands for any text without a slash, the shortest that fits, and is empty nowhere.

    Each but the last is settled where it first fits (an atomic group): a later place would leave
    less for those behind it, and to try all of them takes for ever with a dozen stars.
    """
    first, *parts = map(re.escape, pattern.split(STAR))
    stars = [f"(?>([^/]+?){part})" for part in parts[:-1]]
    return re.compile("".join([first, *stars, *(f"([^/]+?){part}" for part in parts[-1:])]))


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
