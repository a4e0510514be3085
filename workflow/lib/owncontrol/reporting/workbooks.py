"""Analysis results as a workbook; the same bytes each time."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from owncontrol.basics.number_texts import MINUS, THIN_SPACE
from owncontrol.reporting.office import lines_of
from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.word_tables import cell_text as cell_text_of
from owncontrol.reporting.zipped import cell_text, write_archive

# How a text begins that a spreadsheet would compute (CWE-1236) or openpyxl take for an error.
COMPUTED = re.compile(r"[=+\-@#\t\r]")
MOST_ROWS = 1_000_000  # of a sheet; Excel takes 1,048,576
LONGEST_NAME = 31  # of a sheet
WIDEST = 60  # signs of a column
NUMBER = re.compile(rf"{MINUS}?\d[\d{THIN_SPACE}]{{0,14}}(\.\d+)?")


def write_workbook(frame: pd.DataFrame, name: str, path: Path | str) -> None:
    """A table as .xlsx; texts stay texts, also those that begin like a formula.

    More rows than a sheet can hold go on in the next one.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "owncontrol"
    for part, start in enumerate(range(0, max(1, len(frame)), MOST_ROWS), start=1):
        sheet = book.create_sheet(name if part == 1 else f"{name} {part}")
        sheet.freeze_panes = "A2"
        sheet.append(list(map(str, frame.columns)))
        for row in frame.iloc[start : start + MOST_ROWS].itertuples(index=False):
            sheet.append([_sheet_cell(sheet, value) for value in row])
    packed = io.BytesIO()
    book.save(packed)
    write_archive(packed, path)


def write_tables(tables: Sequence[Table], title: str, synthetic: bool, path: Path | str) -> None:
    """The report's tables as a workbook: a sheet ``about``, then one for each that has rows.

    Each has a filter, a head that stays in sight, and columns as wide as their texts.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "owncontrol"
    shown = [table for table in tables if table.rows]
    names = [table.name[:LONGEST_NAME] for table in shown]
    about = [["Sheet", "Table", "Rows", "Note"]]
    about += [
        [name, table.title, str(len(table.rows)), cell_text_of(table.note)]
        for name, table in zip(names, shown, strict=True)
    ]
    mark = "SYNTHETIC data. " if synthetic else ""
    _fill(book.create_sheet("about"), about, [[f"{mark}{title}"], []])
    for name, table in zip(names, shown, strict=True):
        _fill(book.create_sheet(name), lines_of(table))
    packed = io.BytesIO()
    book.save(packed)
    write_archive(packed, path)


def _fill(sheet: Any, lines: list[list[str]], above: Sequence[list[str]] = ()) -> None:
    """A sheet with a head and rows; ``above``: lines before the head."""
    head, last = len(above) + 1, get_column_letter(len(lines[0]))
    sheet.freeze_panes = f"A{head + 1}"
    sheet.auto_filter.ref = f"A{head}:{last}{len(above) + len(lines)}"
    for place, column in enumerate(zip(*lines, strict=True), start=1):
        width = min(WIDEST, max(map(len, column)) + 3)
        sheet.column_dimensions[get_column_letter(place)].width = width
    for line in above:
        sheet.append([_sheet_cell(sheet, text) for text in line])
    for line in lines:
        sheet.append([_number_cell(sheet, text) for text in line])


def _number_cell(sheet: Any, text: str) -> Any:
    """A number as a number, with the decimals that it is printed with; any other text as text."""
    if not NUMBER.fullmatch(text):
        return _sheet_cell(sheet, text)
    cell = WriteOnlyCell(sheet, float(text.replace(MINUS, "-").replace(THIN_SPACE, "")))
    decimals = len(text.partition(".")[2])
    cell.number_format = f"0.{'0' * decimals}" if decimals else "0"
    return cell


def _sheet_cell(sheet: Any, value: Any) -> Any:
    if pd.isna(value):
        return None
    if not isinstance(value, str):
        return value
    value = cell_text(value)
    if not COMPUTED.match(value):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell
