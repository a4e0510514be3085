"""Analysis results as a workbook; the same bytes each time."""

import io
import re
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from owncontrol.reporting.zipped import cell_text, write_archive

# How a text begins that a spreadsheet would compute (CWE-1236) or openpyxl take for an error.
COMPUTED = re.compile(r"[=+\-@#\t\r]")
MOST_ROWS = 1_000_000  # of a sheet; Excel takes 1,048,576


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
