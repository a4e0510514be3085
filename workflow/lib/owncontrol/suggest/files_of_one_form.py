"""Raw files with the same columns: read as one table, with what each file is called."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.ingest.reshape import VISIT
from owncontrol.study.exports import FILE
from owncontrol.study.several_files import STAR, part_of_name, parts_of_name
from owncontrol.suggest.common_form import common_form
from owncontrol.suggest.raw_file import RawFile


def with_files_of_one_form(files: Sequence[RawFile]) -> list[RawFile]:
    """The files, of which those with the same columns and way of reading are one.

    Its ``entry`` is a pattern of their names, or the list of them; its cells have the column
    ``{file}``, with what the pattern's ``*`` stands for in each (the name without its ending where
    it is a list). Files that come with a dictionary or a schedule of their own stay apart.
    """
    groups: dict[tuple[object, ...], list[RawFile]] = {}
    for raw in files:
        form = tuple(map(str, raw.cells.columns)), repr(sorted(raw.options.items()))
        key = (str(raw.path),) if raw.known or raw.events else form
        groups.setdefault(key, []).append(raw)
    names = [raw.path.name for raw in files]
    return [_as_one(group, names) if len(group) > 1 else group[0] for group in groups.values()]


def check_codes_of_files(raw: RawFile, subject: Sequence[str], visit: str) -> None:
    """Refuse codes that several files have at one visit, where no file is a visit: whose are they?

    ``subject``, ``visit``: the columns of the code and of the visit; no visit where each row is a
    subject. Raises InputError.
    """
    if FILE not in raw.cells or FILE in (*subject, visit):
        return
    rows = [*subject, *([visit] if visit else [])]
    files = raw.cells.groupby(rows)[FILE].nunique()
    shared = files.index[files > 1].to_frame()[[*subject]].drop_duplicates()
    if len(shared):
        raise InputError(
            f"--subject: {len(shared)} of the codes are in several files",
            f"where each file counts its subjects from 1: --subject {','.join((FILE, *subject))}; "
            f"where each file is a visit: --visit {FILE}",
        )


def _as_one(group: Sequence[RawFile], names: Sequence[str]) -> RawFile:
    own = [raw.path.name for raw in group]
    pattern = _pattern(own, [name for name in names if name not in own])
    parts = [part_of_name(name, pattern or name) for name in own]
    cells = pd.concat(
        [
            raw.cells.astype("str").assign(**{FILE: part})
            for raw, part in zip(group, parts, strict=True)
        ],
        ignore_index=True,
    )
    return replace(group[0], cells=cells, entry=pattern or tuple(own))


def _pattern(own: Sequence[str], others: Sequence[str]) -> str:
    """The pattern that all names fit and none of the others; empty where there is none."""
    endings = {Path(name).suffix for name in own}
    if len(endings) > 1:
        return ""
    common, parts = common_form([Path(name).stem for name in own])
    pattern = common.replace(VISIT, STAR) + endings.pop()
    fits = all(parts) and all(parts_of_name(name, pattern) for name in own)
    return pattern if fits and not any(parts_of_name(name, pattern) for name in others) else ""
