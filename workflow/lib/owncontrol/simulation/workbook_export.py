"""The assessors' workbook as bytes that depend on its content alone."""

from __future__ import annotations

import datetime
import io
import re
import zipfile

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

ABOUT = (
    "SYNTHETIC: no real patient. Made by workflow/scripts/simulate_study.py.",
    "One exam per row; cells as in the ISNCSCI worksheet (R right, L left; LT light touch, PP pin "
    "prick). NT: not testable. ND: total not determinable.",
    "Totals, levels, Complete (C or I) and AIS are the examiner's own.",
)
FIXED_DATE = datetime.datetime(2022, 1, 31)
ZIP_DATE = (2022, 1, 31, 0, 0, 0)


def workbook_bytes(exams: pd.DataFrame) -> bytes:
    """A workbook with the sheets Exams (header in row 1) and About."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has no worksheet")
    sheet.title = "Exams"
    sheet.append(list(exams.columns))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in exams.itertuples(index=False, name=None):
        sheet.append([None if value == "" else value for value in row])
    for cell in sheet[column_letter(sheet, "Exam date")][1:]:
        if isinstance(cell.value, datetime.date):
            cell.number_format = "yyyy-mm-dd"
    sheet.freeze_panes = "E2"
    about = book.create_sheet("About")
    for line in ABOUT:
        about.append([line])
    book.properties.creator = "simulate_study.py"
    book.properties.title = "SYNTHETIC ISNCSCI exams"
    book.properties.created = FIXED_DATE
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_clock(buffer.getvalue())


def column_letter(sheet: Worksheet, name: str) -> str:
    """Letter of the column with this header."""
    letter: str = next(cell.column_letter for cell in sheet[1] if cell.value == name)
    return letter


def _without_clock(content: bytes) -> bytes:
    """The same package with fixed times; uncompressed, as zlib builds differ in their output."""
    stamp = FIXED_DATE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in sorted(
            source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)
        ):
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, data)
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            target.writestr(entry, data)
    return buffer.getvalue()
