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
from owncontrol.text_columns import Grid, as_categories

PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
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
    """Raise where a part of the package is damaged: each has a sum, and not all are read later."""
    with zipfile.ZipFile(path) as package:
        damaged = package.testzip()
    if damaged:
        raise zipfile.BadZipFile(f"its part {damaged} is damaged")


def _values(path: Path, sheet: str) -> Rows:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        if sheet and sheet not in book.sheetnames:
            raise InputError(
                f"{path}: has no sheet '{sheet}'; it has: {', '.join(book.sheetnames)}",
                "correct exports.*.sheet",
            )
        page = book[sheet] if sheet else book.worksheets[0]
        page.reset_dimensions()  # what a file says of its size may be wrong and would cut it
        return [tuple(row) for row in page.iter_rows(values_only=True)]
    finally:
        book.close()


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
