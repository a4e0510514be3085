"""From a sheet's cells to the grid that all readers give, with what there is to say about it."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from openpyxl.utils.cell import get_column_letter

from owncontrol.errors import InputError
from owncontrol.findings import workbook_rules
from owncontrol.findings.finding import Finding
from owncontrol.ingest.readers.grid import MOST_CELLS, Grid, check_width
from owncontrol.ingest.readers.workbook.book import Book
from owncontrol.ingest.readers.workbook.sheet import Area, Cells
from owncontrol.ingest.readers.workbook.stored_values import PLAIN_NUMBER, Value, value_of

Numbers = NDArray[np.int32]
CellFindings = list[tuple[int, Finding]]

MOST_BLANK = 10_000


class _Column:
    """The cells of one column: their rows in order, and by row the place of the value."""

    def __init__(self, rows: Numbers, codes: Numbers, values: list[Value]) -> None:
        self.rows, self.codes, self._values = rows, codes, values
        places, self.known = pd.factorize(codes)
        self._places = places

    def where(self, flag: Any) -> list[int]:
        """The rows (from 1) below the header whose value has a property."""
        marked = np.array([flag(self._values[code]) for code in self.known], dtype=bool)
        if not marked.any():
            return []
        rows = self.rows[marked[self._places]]
        return [int(row) for row in rows if row > 1]

    def value(self, row: int) -> Value:
        """The value in a row that has one."""
        return self._values[int(self.codes[np.searchsorted(self.rows, row)])]

    def series(self, last: int) -> "pd.Series[Any]":
        """The column's texts below the header as categories, in the order in which they appear."""
        below = self.rows > 1
        dense = np.full(last - 1, -1, dtype=np.int64)
        dense[self.rows[below] - 2] = self.codes[below]
        places, known = pd.factorize(dense)
        texts = ["" if code < 0 else self._values[code].text for code in known]
        # Two contents can have one text: a number and the same one stored as text.
        different = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        place_of = np.array([different[text] for text in texts], dtype=np.int64)
        chosen = place_of[places] if len(known) else places
        values = pd.Categorical.from_codes(chosen, list(different))
        return pd.Series(values, index=_index(last))


def grid_of_cells(path: Path, cells: Cells, book: Book) -> Grid:
    """The grid of a sheet: every cell at its address, the header in row 1.

    Raises InputError where the sheet has no content, one address has two different contents, or
    the content lies so far apart that no table can be meant.
    """
    values = [value_of(content, book) for content in cells.contents]
    filled = np.array([bool(value.text.strip()) for value in values], dtype=bool)
    rows, columns, codes = (
        np.frombuffer(part, dtype=np.int32) for part in (cells.rows, cells.columns, cells.codes)
    )
    content = filled[codes]
    if not content.any():
        raise InputError(f"{path}: empty; there is not even a header", "export the file again")
    last = int(rows[content].max())  # a sheet's used range often runs past its last row
    if rows.max() > last:
        inside = rows <= last
        rows, columns, codes = rows[inside], columns[inside], codes[inside]
    bare = [column for row, column, _ in cells.formulas if row <= last]
    width = max(int(columns.max()), *bare, 0)
    if last * width > MOST_CELLS:
        raise InputError(
            f"{path}, row {last}: more than {MOST_CELLS} cells down to here",
            "is there a cell far away from the table? a table of this size is exported as CSV",
        )
    check_width(path, width)
    _check_gaps(path, rows, last)
    table = _columns(path, values, rows, columns, codes, width)
    header = [column.value(1).text if 1 in column.rows[:1] else "" for column in table]
    frame = pd.DataFrame(
        {place: column.series(last) for place, column in enumerate(table)}, index=_index(last)
    )
    grid = Grid(header, frame, merged=cells.merged, formulas=cells.formulas, epoch=book.epoch)
    for place, column in enumerate(table):
        numbers = column.where(lambda value: value.is_number)
        if numbers:
            grid.numbers[place] = np.array(numbers)
        grid.cell_findings += [
            (place, finding) for finding in _findings_of(path, column, len(numbers))
        ]
    grid.cell_findings += _merged_findings(path, cells.merged, table, last)
    if book.recalculated:
        grid.cell_findings += _placeholders(path, cells, width, last)
    grid.findings += _hidden(path, cells, rows, width)
    return grid


def _check_gaps(path: Path, rows: Numbers, last: int) -> None:
    """Raise InputError for a cell far below the table: each blank row between is a finding."""
    blank = last - len(np.unique(rows))
    if blank > MOST_BLANK:
        raise InputError(
            f"{path}, row {last}: {blank} of the rows down to here are blank; at most {MOST_BLANK}",
            "is there a cell far away from the table? delete it, or the blank rows",
        )


def _index(last: int) -> pd.RangeIndex:
    return pd.RangeIndex(2, last + 1, name="source_row")


def _columns(
    path: Path, values: list[Value], rows: Numbers, columns: Numbers, codes: Numbers, width: int
) -> list[_Column]:
    """The sheet's columns, each in the order of its rows, whatever the order of the file."""
    in_rows = bool((np.diff(rows) >= 0).all())
    order = np.argsort(columns, kind="stable") if in_rows else np.lexsort((rows, columns))
    rows, columns, codes = rows[order], columns[order], codes[order]
    again = np.flatnonzero((np.diff(rows) == 0) & (np.diff(columns) == 0)) + 1
    for place in again:
        first, second = values[codes[place - 1]].text, values[codes[place]].text
        if first != second:
            address = f"{get_column_letter(int(columns[place]))}{rows[place]}"
            raise InputError(
                f"{path}: the cell {address} is there twice, as {first[:40]!r} and {second[:40]!r}",
                "open the workbook in a spreadsheet program, check the cell and save it again",
            )
    if len(again):
        rows, columns, codes = (np.delete(part, again) for part in (rows, columns, codes))
    bounds = np.searchsorted(columns, np.arange(1, width + 2))
    return [
        _Column(rows[start:end], codes[start:end], values)
        for start, end in itertools.pairwise(bounds)
    ]


def _findings_of(path: Path, column: _Column, numbers: int) -> list[Finding]:
    """What there is to say about single cells of one column."""
    found = []
    for row in column.where(lambda value: value.fault is not None):
        value = column.value(row)
        if value.fault is not None:
            found.append(Finding(value.fault, path.name, row, value=value.text))
    percents = column.where(lambda value: value.stored != "")
    if percents:
        found.append(_percent(path, column, percents, numbers))
    texts = column.where(lambda value: value.is_text and PLAIN_NUMBER.fullmatch(value.text))
    if len(texts) < numbers + len(percents):
        found += [
            Finding(workbook_rules.NumberAsText(), path.name, row, value=column.value(row).text)
            for row in texts
        ]
    return found


def _percent(path: Path, column: _Column, rows: list[int], numbers: int) -> Finding:
    """How the percentages of a column were stored; a warning where other numbers are among them."""
    first = column.value(rows[0])
    cells, hold = ("1 cell", "holds") if len(rows) == 1 else (f"{len(rows)} cells", "hold")
    rule = workbook_rules.PercentCell(cells=cells, form=first.form, hold=hold, shown=first.text)
    if numbers:
        rule = workbook_rules.PercentCellAmongOthers(**vars(rule), others=numbers)
    return Finding(rule, path.name, rows[0], value=first.stored)


def _merged_findings(
    path: Path, merged: list[Area], table: list[_Column], last: int
) -> CellFindings:
    """A warning for each merged area with a content: its other cells are read as empty."""
    found = []
    for left, top, right, bottom in merged:
        if left > len(table) or top > last or (left, top) == (right, bottom):
            continue
        column = table[left - 1]
        place = int(np.searchsorted(column.rows, top))
        if place == len(column.rows) or column.rows[place] != top:
            continue
        area = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
        rule = workbook_rules.MergedCells(area=area)
        found.append((left - 1, Finding(rule, path.name, top, value=column.value(top).text)))
    return found


def _placeholders(path: Path, cells: Cells, width: int, last: int) -> CellFindings:
    """A warning for each formula whose stored result is 0 in a file that was never calculated.

    A program that writes formulas and does not calculate stores 0 (xlsxwriter, for one), and
    asks in the file that they be calculated when it is opened.
    """
    return [
        (column - 1, Finding(workbook_rules.FormulaNotCalculated(), path.name, row, value=formula))
        for row, column, formula in cells.zeros
        if 1 < row <= last and column <= width
    ]


def _hidden(path: Path, cells: Cells, rows: Numbers, width: int) -> list[Finding]:
    """A note where rows or columns of the table are hidden, or filtered out."""
    count = len(cells.hidden_rows & set(np.unique(rows).tolist())) if cells.hidden_rows else 0
    columns = {
        column
        for first, final in cells.hidden_columns
        for column in range(first, min(final, width) + 1)
    }
    if not count and not columns:
        return []
    parts = [f"{count} row{'s' * (count != 1)}"] if count else []
    parts += [f"{len(columns)} column{'s' * (len(columns) != 1)}"] if columns else []
    return [Finding(workbook_rules.HiddenCells(hidden=" and ".join(parts)), path.name)]
