"""Raw files as text: every cell as written, every row with the number a person would give it."""

import codecs
import csv
import datetime
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from owncontrol.errors import InputError
from owncontrol.findings import Finding

Config = dict[str, Any]


@dataclass
class RawTable:
    """A raw file as read.

    ``cells``: text, one column a raw column under its header, indexed by the row's number as a
    person counts it (the header is row 1). Only rows that can be used; ``set_aside`` has the
    number and the reason of all others.
    """

    cells: pd.DataFrame
    set_aside: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_export(path: Path | str, export: Config) -> RawTable:
    """Read one raw file as its entry under ``exports`` in the configuration says.

    Raises InputError where the file cannot be read as that format at all, or its header names a
    column twice. Rows that do not fit the header, blank rows and rows that are not data are set
    aside, each with a finding.
    """
    path = Path(path)
    findings: list[Finding] = []
    if export["format"] == "csv":
        rows = _read_delimited(path, export["encoding"], export["delimiter"], findings)
    else:
        rows = _read_sheet(path, export["sheet"])
    if not rows:
        raise InputError(f"{path}: empty; there is not even a header", "export the file again")
    header = _header(path, rows[0], rows[1:], findings)
    return _table(path, header, rows[1:], export, findings)


def _read_delimited(
    path: Path, encoding: str, delimiter: str, findings: list[Finding]
) -> list[list[str]]:
    raw = path.read_bytes()
    if raw.startswith(codecs.BOM_UTF8):
        findings.append(
            _note(
                path,
                None,
                "",
                "byte_order_mark",
                "ignored",
                "the file starts with a byte order mark",
            )
        )
        raw = raw[len(codecs.BOM_UTF8) :]
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}, line {line}: byte {raw[error.start]:#04x} is no {encoding}",
            f"set exports.*.encoding for {path.name} (for example windows-1252 or shift_jis)",
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise InputError(
            f"{path}, line {line}: holds a NUL byte, so this is no {encoding} text",
            "export the file again, or set exports.*.encoding (for example utf-16)",
        )
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _read_sheet(path: Path, sheet: str) -> list[list[str]]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl lets errors of zip, XML and its own through
        raise InputError(
            f"{path}: cannot be read as a workbook ({error})", "save it as .xlsx again"
        ) from error
    try:
        if sheet and sheet not in book.sheetnames:
            raise InputError(
                f"{path}: has no sheet '{sheet}'; it has: {', '.join(book.sheetnames)}",
                "correct exports.*.sheet",
            )
        page = book[sheet] if sheet else book.worksheets[0]
        rows = [[_cell_text(value) for value in row] for row in page.iter_rows(values_only=True)]
    finally:
        book.close()
    while rows and not any(rows[-1]):
        rows.pop()  # a sheet's used range often runs past its last row
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _cell_text(value: object) -> str:
    """A workbook's cell as text: dates as ISO 8601, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _header(
    path: Path, header: list[str], rows: list[list[str]], findings: list[Finding]
) -> list[str]:
    """The column names; trailing columns without a name are dropped if they hold nothing."""
    names = [name.strip() for name in header]
    while names and not names[-1]:
        position = len(names)
        if any(len(row) >= position and row[position - 1].strip() for row in rows):
            break
        names.pop()
        findings.append(
            _note(
                path,
                1,
                f"(column {position})",
                "blank_column",
                "ignored",
                "a column without name and content",
            )
        )
    for position, name in enumerate(names, start=1):
        if not name:
            raise InputError(
                f"{path}, row 1, column {position}: no column name above filled cells",
                "name the column, or delete it",
            )
        if names.count(name) > 1:
            raise InputError(
                f"{path}, row 1, column {position}: '{name}' names two columns",
                "each column needs a name of its own",
            )
    return names


def _table(
    path: Path,
    header: list[str],
    rows: list[list[str]],
    export: Config,
    findings: list[Finding],
) -> RawTable:
    not_data = [re.compile(pattern) for pattern in export["not_data"]]
    numbers, cells, set_aside = [], [], {}
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            set_aside[number] = "blank row"
            findings.append(
                _note(path, number, "", "blank_row", "row set aside", "a row without any content")
            )
        elif any(cell.strip() for cell in row[len(header) :]) or len(row) < len(header):
            set_aside[number] = "row does not fit the header"
            findings.append(
                Finding(
                    path.name,
                    number,
                    "",
                    "",
                    "row_length",
                    "error",
                    "row quarantined",
                    f"{len(row)} cells where the header has {len(header)}: a delimiter inside "
                    "a text without quotes, or a line that was cut",
                )
            )
        elif any(pattern.fullmatch(row[0].strip()) for pattern in not_data):
            set_aside[number] = "not data"
            findings.append(
                _note(
                    path,
                    number,
                    header[0],
                    "not_data",
                    "row set aside",
                    "the configuration (not_data) says that such a row is no data",
                    row[0],
                )
            )
        else:
            numbers.append(number)
            cells.append(row[: len(header)])
    index = pd.Index(numbers, dtype="int64", name="source_row")
    return RawTable(
        pd.DataFrame(cells, index=index, columns=header, dtype="str"), set_aside, findings
    )


def _note(
    path: Path, row: int | None, column: str, rule: str, action: str, detail: str, value: str = ""
) -> Finding:
    return Finding(path.name, row, column, value, rule, "note", action, detail)
