"""The cells of a workbook's sheet (.xlsx) as a grid of text. Formulas are never evaluated."""

import datetime
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from owncontrol.errors import InputError
from owncontrol.findings import note
from owncontrol.ingest.readers.grid import Grid
from owncontrol.text_columns import as_categories

PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# A sheet of 100,000 exams has half of both; what has more is no workbook that somebody typed.
MOST_BYTES, MOST_CELLS = 2**30, 40_000_000
# XML packs to a twentieth, seldom to a fiftieth; a part made to burst packs to a thousandth.
MOST_PACKED, BURST_BYTES = 200, 2**24
Rows = list[tuple[Any, ...]]


def read_sheet(path: Path, sheet: str) -> Grid:
    """Read one sheet (the first one where ``sheet`` is empty).

    Dates become ISO 8601, whole numbers lose their decimal point, and a formula gives the value
    that was stored with it. Raises InputError where the file is damaged or has no such sheet.
    """
    with as_input_error(path):
        _check_package(path)
        rows = _values(path, sheet)
    while rows and not any(_text(value).strip() for value in rows[-1]):
        rows.pop()  # a sheet's used range often runs past its last row
    if not rows:
        raise InputError(f"{path}: empty; there is not even a header", "export the file again")
    width = max(map(len, rows))
    columns = list(zip(*(row + (None,) * (width - len(row)) for row in rows), strict=True))
    grid = Grid([_text(column[0]) for column in columns], _cells(columns))
    for position, column in enumerate(columns):
        _find_numbers_as_text(path, grid, position, column[1:])
    return grid


@contextmanager
def as_input_error(path: Path) -> Iterator[None]:
    """Whatever a damaged workbook makes its reader raise, as one line."""
    try:
        with warnings.catch_warnings():
            # Of parts that hold no cell values: styles, validation lists, headers and footers.
            warnings.simplefilter("ignore", UserWarning)
            yield
    except InputError:
        raise
    except Exception as error:  # errors of zip, zlib, XML and openpyxl's own come through
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{path}: cannot be read as a workbook ({reason[:200]})", "save it as .xlsx again"
        ) from error


def _check_package(path: Path) -> None:
    """Raise where a part of the package is damaged, or is made to burst.

    Each part has a sum, and not all are read later. None of a workbook declares a document type,
    with which XML can unfold to any size.
    """
    with zipfile.ZipFile(path) as package:
        parts = package.infolist()
        size = sum(part.file_size for part in parts)
        packed = max(1, sum(part.compress_size for part in parts))
        if size > MOST_BYTES or (size > BURST_BYTES and size > MOST_PACKED * packed):
            raise InputError(
                f"{path}: {packed} bytes that unpack to {size}",
                "no program saves a workbook like this; a large table is exported as CSV",
            )
        damaged = package.testzip()
        if damaged:
            raise zipfile.BadZipFile(f"its part {damaged} is damaged")
        for part in parts:
            with package.open(part) as file:
                if b"<!DOCTYPE" in file.read(4096).replace(b"\0", b""):
                    raise InputError(
                        f"{path}: its part {part.filename} declares a document type",
                        "no program saves a workbook like this",
                    )


def _values(path: Path, sheet: str) -> Rows:
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        if sheet and sheet not in book.sheetnames:
            raise InputError(
                f"{path}: has no sheet '{sheet}'; it has: {', '.join(book.sheetnames)}",
                "correct exports.*.sheet",
            )
        page = book[sheet] if sheet else book.worksheets[0]
        page.reset_dimensions()  # what a file says of its size may be wrong and would cut it
        return _filled_rows(path, page.iter_rows(values_only=True))


def _filled_rows(path: Path, sheet: Iterator[tuple[Any, ...]]) -> Rows:
    """All rows to the last one with content; a sheet's used range often runs past it."""
    rows: Rows = []
    blank = width = 0
    for row in sheet:
        if not any(value is not None for value in row):
            blank += 1
            continue
        rows += [()] * blank
        rows.append(tuple(row))
        blank, width = 0, max(width, len(row))
        if len(rows) * width > MOST_CELLS:
            raise InputError(
                f"{path}, row {len(rows)}: more than {MOST_CELLS} cells down to here",
                "is there a cell far away from the table? a table of this size is exported as CSV",
            )
    return rows


def _cells(columns: list[tuple[Any, ...]]) -> pd.DataFrame:
    index = pd.RangeIndex(2, len(columns[0]) + 1, name="source_row")
    return pd.DataFrame(
        {
            position: as_categories(
                pd.Series([_text(value) for value in column[1:]], index=index, dtype="str")
            )
            for position, column in enumerate(columns)
        },
        index=index,
    )


def _text(value: object) -> str:
    """A workbook's cell as text: dates as ISO 8601, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _find_numbers_as_text(path: Path, grid: Grid, position: int, column: tuple[Any, ...]) -> None:
    """Note the text cells that hold a number, in a column in which most numbers are numbers."""
    texts = [
        row
        for row, value in enumerate(column, start=2)
        if isinstance(value, str) and PLAIN_NUMBER.fullmatch(value)
    ]
    numbers = sum(isinstance(value, int | float) for value in column)
    if len(texts) < numbers:
        detail = "a text cell among number cells"
        grid.cell_findings += [
            (
                position,
                note(path.name, "number_as_text", "read as a number", detail, row, value=text),
            )
            for row in texts
            if (text := str(column[row - 2]))
        ]
