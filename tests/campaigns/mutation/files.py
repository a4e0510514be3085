"""Raw files as rows of cells, and back to the bytes that another program could have written."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl

SHEET = "Exams"
Rows = list[list[Any]]


@dataclass(frozen=True)
class RawFile:
    """A raw file: its rows (the header first) and the form in which they were written."""

    name: str
    rows: Rows
    delimiter: str = ""
    mark: str = ""
    line_end: str = ""

    @property
    def is_workbook(self) -> bool:
        return not self.delimiter

    @property
    def header(self) -> list[str]:
        """Column names as findings give them."""
        return [text(name).strip() for name in self.rows[0]]

    def content(self, rows: Rows) -> bytes:
        """The bytes of the file with these rows."""
        return self._workbook(rows) if self.is_workbook else self._text(rows).encode("utf-8")

    def _text(self, rows: Rows) -> str:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.line_end)
        writer.writerows(rows)
        return self.mark + out.getvalue()

    def _workbook(self, rows: Rows) -> bytes:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet(SHEET)
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()


class Percent(float):
    """A number that a workbook shows as percent."""


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, Percent):
        return value if value != "" else None
    cell = openpyxl.cell.WriteOnlyCell(sheet, float(value))
    cell.number_format = "0.0%"
    return cell


def read_file(path: Path) -> RawFile:
    """Read one raw file of the example study."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path, data_only=True)[SHEET]
        rows = [["" if value is None else value for value in row] for row in sheet.values]
        return RawFile(path.name, rows)
    content = path.read_bytes().decode("utf-8")
    mark = "\ufeff" if content.startswith("\ufeff") else ""
    head = content.split("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    line_end = "\r\n" if head.endswith("\r") else "\n"
    lines = io.StringIO(content.removeprefix(mark), newline="")
    return RawFile(
        path.name, list(csv.reader(lines, delimiter=delimiter)), delimiter, mark, line_end
    )


def text(value: Any) -> str:
    """A cell as a person reads it."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes").removesuffix(" 00:00")
    return str(value)
