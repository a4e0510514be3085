"""What is above or beside a table in its file: title rows, and cells with a label.

A sheet that a person filled in often says whose exam it is in a cell above the table ("Patient" in
one cell, the code in the next, or "Patient: P-01" in one). A configuration names the labels; the
cell with the label has to be there once, and nothing is guessed.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from owncontrol.basics.invisible import visible
from owncontrol.errors import InputError
from owncontrol.ingest.readers.grid import Grid
from owncontrol.study.exports import labelled_column
from owncontrol.tables.categories import as_categories, by_value, constant

ENDS_LABEL = ":：="
Rows = list[tuple[int, list[str]]]


class Labelled(NamedTuple):
    """A labelled cell: its text, and where label and text stand (row, position from 0)."""

    text: str
    places: tuple[tuple[int, int], ...]


def without_title(path: Path, grid: Grid, rows: int) -> Grid:
    """The grid of a workbook with its header below ``rows`` rows, which go into ``title``.

    Raises InputError where the sheet has no further row.
    """
    if not rows:
        return grid
    if rows + 1 > grid.cells.index.max():
        raise InputError(
            f"{path}: {rows} title rows and no header below them", "correct exports.*.title_rows"
        )
    above = [grid.header, *grid.cells.loc[: rows + 1].astype("str").to_numpy().tolist()]
    grid.title, grid.header = above[:rows], above[rows]
    grid.cells = grid.cells.loc[rows + 2 :]
    grid.first_row = rows + 1
    return grid


def labelled_cells(path: Path, grid: Grid, labels: Sequence[str]) -> dict[str, str]:
    """By raw column (``{cell LABEL}``) the text of each labelled cell, which the grid then lacks.

    The text comes after the label and a colon, or in the next cell to the right that is filled
    and no label. Raises InputError where a label is nowhere, or twice.
    """
    if not labels:
        return {}
    wanted = {_plain(label): label for label in labels}
    found: dict[str, Labelled] = {}
    for row, texts in [*enumerate(grid.title, start=1), *_rows_with(grid, wanted)]:
        for label, cell in _in_row(row, texts, wanted):
            if label in found:
                raise InputError(
                    f"{path}: the label '{label}' is in row {found[label].places[0][0]} and in "
                    f"row {row}",
                    "take it out of one of them, or out of exports.*.labelled_cells",
                )
            found[label] = cell
    for label in labels:
        if label not in found:
            raise InputError(
                f"{path}: no cell has the label '{label}'",
                "exports.*.labelled_cells names the texts that are before a value, beside the "
                "table",
            )
    _take_out(grid, [place for cell in found.values() for place in cell.places])
    return {labelled_column(label): found[label].text for label in labels}


def with_labelled(cells: pd.DataFrame, texts: dict[str, str]) -> pd.DataFrame:
    """The cells of a table with those that are beside it, in every row."""
    columns = {name: constant(text, len(cells)).array for name, text in texts.items()}
    return cells.assign(**columns) if columns else cells


def _plain(text: str) -> str:
    return visible(text).strip().rstrip(ENDS_LABEL).strip().casefold()


def _label_of(text: str, wanted: Collection[str]) -> str:
    """The label that a cell has, alone or before its value; empty where it has none."""
    whole = _plain(text)
    if whole in wanted:
        return whole
    before = _plain(re.split(f"[{ENDS_LABEL}]", visible(text), maxsplit=1)[0])
    return before if before in wanted and re.search(f"[{ENDS_LABEL}]", text) else ""


def _rows_with(grid: Grid, wanted: Collection[str]) -> Rows:
    """Number and texts of each row of the table that has a label somewhere."""
    here = np.zeros(len(grid.cells), bool)
    for position in grid.cells:
        here |= by_value(grid.cells[position], lambda text: bool(_label_of(text, wanted)))
    rows = grid.cells.loc[here].astype("str")
    return [(int(row), list(texts)) for row, *texts in rows.itertuples(name=None)]


def _in_row(row: int, texts: list[str], wanted: dict[str, str]) -> Iterator[tuple[str, Labelled]]:
    labels = [_label_of(text, wanted) for text in texts]
    for position, label in enumerate(labels):
        if not label:
            continue
        parts = re.split(f"[{ENDS_LABEL}]", texts[position], maxsplit=1)
        if _plain(texts[position]) != label:
            yield wanted[label], Labelled(parts[1].strip(), ((row, position),))
            continue
        behind = [at for at in range(position + 1, len(texts)) if texts[at].strip()]
        if behind and not labels[behind[0]]:
            at = behind[0]
            yield wanted[label], Labelled(texts[at].strip(), ((row, position), (row, at)))
        else:
            yield wanted[label], Labelled("", ((row, position),))


def _take_out(grid: Grid, places: Collection[tuple[int, int]]) -> None:
    """Empty these cells; a row of the table of which nothing is left was none."""
    inside = [(row, position) for row, position in places if row in grid.cells.index]
    for position in {position for _, position in inside}:
        column = grid.cells[position].astype("str")
        column.loc[[row for row, at in inside if at == position]] = ""
        grid.cells[position] = as_categories(column)
    rows = sorted({row for row, _ in inside})
    left = (grid.cells.loc[rows].astype("str").apply(lambda cell: cell.str.strip()) != "").any(
        axis=1
    )
    grid.cells = grid.cells.drop(index=[row for row in rows if not left[row]])
