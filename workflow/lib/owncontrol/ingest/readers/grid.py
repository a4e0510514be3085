"""A raw file as a grid of text: what every reader gives."""

import datetime
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding
from owncontrol.findings.reading_rules import BrokenQuotes, RowLength

# As many as a sheet has. A project of many forms has some thousand; each takes a millisecond.
MOST_COLUMNS = 2**14
# A sheet of 100,000 exams has half of it. Empty cells take memory, too.
MOST_CELLS = 40_000_000


def check_width(path: Path, columns: int) -> None:
    """Raise InputError where a table has more columns than one that somebody has filled in."""
    if columns > MOST_COLUMNS:
        raise InputError(
            f"{path}: {columns} columns; at most {MOST_COLUMNS}",
            "is the delimiter the right one, or a cell far away from the table? a table of this "
            "width is exported in parts",
        )


def check_cells(path: Path, rows: int, columns: int) -> None:
    """Raise InputError where records that name few cells each would fill a table of billions."""
    if rows * columns > MOST_CELLS:
        raise InputError(
            f"{path}: {rows} rows of {columns} columns, over {MOST_CELLS // 10**6} million cells",
            "export it in parts, or as CSV",
        )


@dataclass
class Grid:
    """A raw file as a grid of text.

    ``header``: the first row as written. ``cells``: one text column a position (0, 1 ...), indexed
    by the row's number as a person counts it (the header is row 1). ``odd``: rows that are not as
    wide as the header, or cannot be told apart into cells, by their number, with the rule;
    ``odd_blank`` are those of them without any content. ``cell_findings``: about single cells,
    by position of the column. ``first_row``: number of the header, where a line comes before
    it that is no row of the table. ``title``: texts of the rows above the header.

    Of a workbook alone: ``merged``: first column, first row, last column and last row of each
    merged area, from 1. ``formulas``: row, column (from 1) and text of each formula without a
    stored result. ``numbers``: by position of a column, the rows whose cell is stored as a number
    that no format makes a date, a time or a percentage. ``epoch``: day 0 of its dates.
    """

    header: list[str]
    cells: pd.DataFrame
    odd: dict[int, BrokenQuotes | RowLength] = field(default_factory=dict)
    odd_blank: set[int] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    cell_findings: list[tuple[int, Finding]] = field(default_factory=list)
    first_row: int = 1
    title: list[list[str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    formulas: list[tuple[int, int, str]] = field(default_factory=list)
    numbers: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    epoch: datetime.datetime | None = None
