"""A workbook whose sheets are of one form: read as one table, with what the sheets are called."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.proposed import Options, reading_of
from owncontrol.ingest.readers.workbook import sheets
from owncontrol.study.exports import SHEET
from owncontrol.study.several_files import STAR, parts_of_name
from owncontrol.suggest.visit_words import is_visit_text

# What is between a code and a visit in the name of a sheet.
BETWEEN = (" - ", ", ", " ", "_", "-")


class SeveralSheets(NamedTuple):
    """The rows of all sheets of one form, and the pattern of their names."""

    cells: pd.DataFrame
    pattern: str


def sheets_of_one_form(path: Path, options: Options, first: pd.DataFrame) -> SeveralSheets | None:
    """The visible sheets that have the columns of the first one; None where it has no like.

    A sheet of another form (a legend) is left out where the pattern of the others does not fit it.
    """
    names = [sheet.name for sheet in sheets(path) if sheet.visible]
    tables: dict[str, pd.DataFrame] = {}
    for name in names:
        try:
            cells = read_export(path, reading_of(path, {**options, "sheet": name})).cells
        except InputError:  # no table of that form, whatever it is
            continue
        if list(cells.columns) == list(first.columns):
            tables[name] = cells.astype("str")
    others = [name for name in names if name not in tables]
    pattern = _pattern(list(tables), others)
    if len(tables) < 2 or not pattern:
        return None
    parts = [table.assign(**_parts(name, pattern)) for name, table in tables.items()]
    return SeveralSheets(pd.concat(parts, ignore_index=True), pattern)


def _parts(name: str, pattern: str) -> Mapping[str, str]:
    parts = parts_of_name(name, pattern)
    return {_column(place): part for place, part in enumerate(parts, start=1)}


def _column(place: int) -> str:
    return SHEET if place == 1 else f"{{sheet {place}}}"


def _pattern(names: Sequence[str], others: Sequence[str]) -> str:
    """The first of some patterns that fits all names and none of the others; empty for none."""
    possible = [f"{STAR}{sign}{STAR}" for sign in BETWEEN if _are_code_and_visit(names, sign)]
    possible.append(STAR)
    possible += [f"{STAR}{sign}{STAR}" for sign in BETWEEN]
    begins = _common(names).rstrip("0123456789")
    possible += [f"{begins}{STAR}"] if begins else []
    for pattern in possible:
        fits = all(parts_of_name(name, pattern) for name in names)
        if fits and not any(parts_of_name(name, pattern) for name in others):
            return pattern
    return ""


def _are_code_and_visit(names: Sequence[str], sign: str) -> bool:
    """Whether each name is a code and a visit, or a visit and a code, and some codes come again."""
    parts = [parts_of_name(name, f"{STAR}{sign}{STAR}") for name in names]
    if not all(parts):
        return False
    for code, visit in ((0, 1), (1, 0)):
        codes, visits = ([part[place] for part in parts] for place in (code, visit))
        have_digits = all(any(map(str.isdigit, text)) for text in codes)
        are_visits = all(map(is_visit_text, visits)) and len(set(visits)) < len(visits)
        if have_digits and are_visits and len(set(codes)) < len(codes):
            return True
    return False


def _common(names: Sequence[str]) -> str:
    start = names[0] if names else ""
    while not all(name.startswith(start) for name in names):
        start = start[:-1]
    return start
