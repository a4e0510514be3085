"""Tables for Word and spreadsheets: .docx, .csv, .xlsx, .parquet; the same bytes each time."""

import datetime
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import pandas as pd
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from owncontrol.files import whole_file
from owncontrol.reporting.tables import Table
from owncontrol.tables import write_table

# The clock of every file: the first that a zip archive can hold.
EPOCH = datetime.datetime(1980, 1, 1)
MOST_ROWS = 1_000_000  # of a sheet; Excel takes 1,048,576
# How a text begins that a spreadsheet would compute (CWE-1236).
FORMULA = re.compile(r"[=+\-@\t\r]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # not permitted in XML


def cell_text(cell: Any) -> str:
    """A cell of a table in plain text."""
    return "".join(map(str, cell)) if isinstance(cell, list) else str(cell)


def write_csv(table: Table, path: Path | str) -> None:
    """A table as CSV: group, then its columns; ``write_table`` guards formulas."""
    rows, group = [], ""
    for place, row in enumerate(table.rows):
        group = table.groups.get(place, group)
        rows.append([group, *map(cell_text, row)])
    header = ["Group", *map(cell_text, table.header)]
    frame = pd.DataFrame(rows, columns=range(len(header)), dtype="str")
    frame.columns = pd.Index(header)
    write_table(frame if table.groups else frame.iloc[:, 1:], path)


def write_docx(table: Table, path: Path | str, synthetic: bool) -> None:
    """A table as Word file: title, the table with its rules and a repeated head, note."""
    document = docx.Document()
    document.styles["Normal"].font.size = Pt(9)
    title = document.add_paragraph()
    title.paragraph_format.keep_with_next = True
    title.add_run("Table. ").bold = True
    title.add_run(_xml(("SYNTHETIC data. " if synthetic else "") + table.title))
    _fill(document, table)
    if table.note:
        document.add_paragraph(_xml(table.note)).style = "Caption"
    properties = document.core_properties
    properties.title, properties.author = _xml(table.title), "owncontrol"
    properties.created = properties.modified = EPOCH
    packed = io.BytesIO()
    document.save(packed)
    _write_archive(packed, path)


def _fill(document: Any, table: Table) -> None:
    lines: list[tuple[str, Sequence[str]]] = [("head", [cell_text(cell) for cell in table.header])]
    for place, row in enumerate(table.rows):
        if place in table.groups:
            lines.append(("group", [table.groups[place], *[""] * (len(table.header) - 1)]))
        lines.append(("row", [cell_text(cell) for cell in row]))
    made = document.add_table(rows=len(lines), cols=len(table.header))
    made.autofit = True
    _rules(made, len(lines))
    for (kind, texts), line in zip(lines, made.rows, strict=True):
        for text, cell in zip(texts, line.cells, strict=True):
            run = cell.paragraphs[0].add_run(_xml(text))
            run.bold, run.font.size = kind != "row", Pt(8)
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _rules(made: Any, count: int) -> None:
    """A line above and below the head, and one below the table, as journals set them."""
    for place, edges in ((0, ("top", "bottom")), (count - 1, ("bottom",))):
        for cell in made.rows[place].cells:
            borders = OxmlElement("w:tcBorders")
            for edge in edges:
                line = OxmlElement(f"w:{edge}")
                line.set(qn("w:val"), "single")
                line.set(qn("w:sz"), "6")
                borders.append(line)
            cell._tc.get_or_add_tcPr().append(borders)


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
    _write_archive(packed, path)


def _sheet_cell(sheet: Any, value: Any) -> Any:
    if pd.isna(value):
        return None
    if not isinstance(value, str):
        return value
    value = _xml(value)
    if not FORMULA.match(value):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell


def write_parquet(frame: pd.DataFrame, path: Path | str) -> None:
    """A table as Parquet."""
    with whole_file(path) as partial:
        frame.to_parquet(partial, index=False)


def _xml(text: str) -> str:
    """``text`` with a sign for each character that a file of XML cannot hold."""
    return CONTROL.sub("\ufffd", text)


def _write_archive(packed: io.BytesIO, path: Path | str) -> None:
    """An Office file with no clock in it."""
    with (
        zipfile.ZipFile(packed) as source,
        whole_file(path) as partial,
        zipfile.ZipFile(partial, "w") as target,
    ):
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                stamp = EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, content)
            new = zipfile.ZipInfo(entry.filename, EPOCH.timetuple()[:6])
            target.writestr(new, content, zipfile.ZIP_DEFLATED)
