"""Data cuts in a raw folder: they are side by side, and none is ever written again.

``cuts/<time>/`` has what was pulled at that time, with ``cut.json``: when, by whom, from where, and
the SHA-256 of each file. The files that the configuration names are copies of those of the newest
cut, so a mapping, a correction and a trace speak of one file whichever cut is analysed. A file of
the same name that came another way is kept in ``cuts/before-<hash>/`` when a cut replaces it.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from owncontrol.basics.chains import read_chain
from owncontrol.basics.json_text import read_json
from owncontrol.errors import InputError
from owncontrol.files import sha256, whole_file, write_text
from owncontrol.study.data_cuts import CUTS
from owncontrol.study.manifest import HISTORY, MANIFEST, check_file, read_manifest, record_files

ABOUT = "cut.json"
BEFORE = "before-"
STAMP = "%Y-%m-%dT%H%M%SZ"
IGNORE_ALL = "# Raw files stay out of git.\n*\n"


@dataclass(frozen=True)
class Cut:
    """What is on record of a cut. ``files``: SHA-256 by name; ``fields``: columns of the data."""

    pulled: str
    who: str
    url: str
    redcap_version: str
    project_id: str
    records: int
    rows: int
    fields: tuple[str, ...]
    missing_data_codes: Mapping[str, str]
    files: Mapping[str, str]


def newest_cut(raw: Path) -> tuple[str, Cut] | None:
    """Name and record of the newest cut of a raw folder; None where there is none."""
    found = sorted(path.parent.name for path in (raw / CUTS).glob(f"[0-9]*/{ABOUT}"))
    if not found:
        return None
    return found[-1], _read_cut(raw / CUTS / found[-1] / ABOUT)


def _read_cut(path: Path) -> Cut:
    """The record of a cut; InputError where it is damaged."""
    try:
        values = read_json(path.read_text("utf-8"))
        cut = Cut(**{**values, "fields": tuple(values["fields"])})
        if not isinstance(cut.files, dict):
            raise TypeError("files are no object")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(f"{path}: damaged ({error})", "put the file back from a copy") from error
    return cut


def check_ready(raw: Path, replaced: Mapping[str, str]) -> None:
    """Raise InputError where another raw file is not as the MANIFEST lists it, or a cut is damaged.

    A cut writes the MANIFEST again; a change that nobody has explained may not slip into it.
    ``replaced``: the files that the cut is to replace.
    """
    read_chain(raw / HISTORY)
    for about in (raw / CUTS).glob(f"*/{ABOUT}"):
        _read_cut(about)
    listed = read_manifest(raw) if (raw / MANIFEST).is_file() else {}
    for name, digest in listed.items():
        if name in replaced:
            continue
        if not (raw / name).is_file():
            raise InputError(f"{raw / name}: missing", f"{raw / MANIFEST} lists it; put it back")
        check_file(raw / name, digest, sha256(raw / name))


def add_cut(raw: Path, cut: Cut, contents: Mapping[str, bytes], current: Mapping[str, str]) -> str:
    """Write a cut beside the others, and make it the one that is analysed. Gives its name.

    ``contents``: bytes by name; ``current``: by name in the raw folder the name in the cut that it
    is a copy of. Where this is interrupted the last cut is as it was, or the new one is complete
    and pulling again brings the copies up to it.
    """
    now = datetime.fromisoformat(cut.pulled).astimezone(UTC).strftime(STAMP)
    raw.mkdir(parents=True, exist_ok=True)
    if not (raw / ".gitignore").exists():
        write_text(raw / ".gitignore", IGNORE_ALL)
    place = raw / CUTS / now
    if place.exists():
        raise InputError(f"{place}: exists already", "wait a second, and pull again")
    with tempfile.TemporaryDirectory(dir=raw.parent, prefix=f".pull-{raw.name}-") as scratch:
        folder = Path(scratch) / now
        folder.mkdir()
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        about = {**asdict(cut), "files": hashes(contents)}
        write_text(folder / ABOUT, json.dumps(about, indent=1, ensure_ascii=False) + "\n")
        place.parent.mkdir(exist_ok=True)
        folder.rename(place)
    switch_to(raw, now, current, cut)
    return now


def hashes(contents: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 by name."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def switch_to(raw: Path, name: str, current: Mapping[str, str], cut: Cut) -> None:
    """Make the files of the raw folder copies of those of a cut, and list all in the MANIFEST."""
    kept = {
        digest
        for about in (raw / CUTS).glob(f"*/{ABOUT}")
        for digest in _read_cut(about).files.values()
    }
    for target, source in current.items():
        path = raw / target
        if path.is_file() and (digest := sha256(path)) not in kept:
            before = raw / CUTS / f"{BEFORE}{digest[:12]}"
            before.mkdir(exist_ok=True)
            shutil.copyfile(path, before / path.name)
        with whole_file(path) as partial:
            shutil.copyfile(raw / CUTS / name / source, partial)
    record_files(raw, f"data cut {name} ({cut.records} records)", cut.who)


def is_current(raw: Path, name: str, current: Mapping[str, str]) -> bool:
    """Whether the files of the raw folder are those of a cut, and listed in the MANIFEST."""
    listed = read_manifest(raw) if (raw / MANIFEST).is_file() else {}
    return all(
        (raw / target).is_file()
        and sha256(raw / target) == sha256(raw / CUTS / name / source) == listed.get(target)
        for target, source in current.items()
    )
