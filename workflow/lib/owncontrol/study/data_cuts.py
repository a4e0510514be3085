"""Data cuts of a running series: folders beside each other below ``cuts/`` in the raw folder.

A cut is a folder whose name begins with the year (``2026-11-29T101500Z`` as a pull names it, or
``2026-11-29`` by hand), so that names in their order are cuts in time. It holds raw files under the
names that the configuration has for them; a data dictionary may be called ``dictionary.csv`` there.
A raw file that a cut does not hold is the same for every cut.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from owncontrol.errors import InputError
from owncontrol.study.manifest import listed_hash
from owncontrol.study.model import Study

CUTS = "cuts"
DICTIONARY = "dictionary.csv"
CUT_NAMES = "[0-9][0-9][0-9][0-9]*"
NOW = "the raw files as they are now"


@dataclass(frozen=True)
class EarlierCut:
    """The cut before the data that are analysed. ``files``: by raw file its place in that cut.

    ``look``: which different data these are, counted from the first cut. ``current``: the cut that
    is analysed, or that it is none.
    """

    name: str
    current: str
    look: int
    files: Mapping[str, str]


def earlier_cut(study: Study, raw: Path, manifest: Mapping[str, str]) -> EarlierCut | None:
    """The last cut before the data that are analysed; None where there is none.

    ``manifest``: hash by path in the raw folder. Cuts that equal the one before are no other data.
    Raises InputError for a cut without any raw file of the study, or that no MANIFEST lists.
    """
    names = sorted(path.name for path in (raw / CUTS).glob(CUT_NAMES) if path.is_dir())
    now = {name: listed_hash(raw, dict(manifest), name) for name in study.raw_files}
    distinct: list[tuple[str, dict[str, str], dict[str, str]]] = []
    for name in names:
        files = _files_of(study, raw, name)
        held = {file: listed_hash(raw, dict(manifest), place) for file, place in files.items()}
        if not distinct or distinct[-1][2] != {**now, **held}:
            distinct.append((name, files, {**now, **held}))
    place = max((at for at, cut in enumerate(distinct) if cut[2] == now), default=len(distinct))
    if place == 0:
        return None
    name, files, _ = distinct[place - 1]
    current = distinct[place][0] if place < len(distinct) else NOW
    return EarlierCut(name, current, place + 1, files)


def _files_of(study: Study, raw: Path, name: str) -> dict[str, str]:
    """By raw file of the study its path in the raw folder, of those that a cut holds."""
    places = {file: f"{CUTS}/{name}/{Path(file).name}" for file in study.raw_files}
    for export in study.exports.values():
        own = places.get(export.dictionary, "")
        if own and not (raw / own).is_file():
            places[export.dictionary] = f"{CUTS}/{name}/{DICTIONARY}"
    found = {file: place for file, place in places.items() if (raw / place).is_file()}
    if not found:
        raise InputError(
            f"{raw / CUTS / name}: holds no raw file of the study",
            f"put there what the configuration names: {', '.join(study.raw_files)}; or move the "
            "folder out of cuts",
        )
    return found
