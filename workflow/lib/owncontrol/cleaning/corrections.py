"""Corrections: only those on record, only where the value found is the one they expect."""

from pathlib import Path

import pandas as pd

from owncontrol.cleaning.sheet import Sheet
from owncontrol.errors import InputError
from owncontrol.findings import Finding
from owncontrol.tables import read_text

COLUMNS = ("file", "row_key", "column", "from", "to", "why", "who", "when")


def read_corrections(path: Path | str) -> pd.DataFrame:
    """Read a file of corrections: one row a cell, with who, when and why.

    ``row_key`` names the row by raw columns and their values: ``record_id=P1;visit=Day 1``.
    Raises InputError where columns are missing or a row key has another form.
    """
    table = read_text(path)
    for column in COLUMNS:
        if column not in table:
            raise InputError(
                f"{path}: column '{column}' is missing",
                f"a file of corrections has the columns {', '.join(COLUMNS)}",
            )
    for number, key in enumerate(table["row_key"], start=2):
        if not all("=" in part for part in key.split(";")):
            raise InputError(
                f"{path}, row {number}, column row_key: {key!r} names no row",
                "write 'column=value;column=value' with the file's own columns",
            )
    return table


def apply_corrections(
    corrections: pd.DataFrame, name: str, sheets: dict[str, Sheet], files: dict[str, pd.DataFrame]
) -> list[Finding]:
    """Change the written text of each corrected cell; returns a finding for each correction.

    ``name``: the corrections' own file name, for the findings of those that are refused.
    ``files``: by raw file, its ingested rows as text under raw column names with ``source_row``.
    A correction is refused where its row or column is not found, its row is found more than once,
    or the cell holds another value than the correction expects.
    """
    findings = []
    for number, entry in enumerate(corrections.to_dict("records"), start=2):
        rows = _matching_rows(entry, files)
        problem = _refusal(entry, rows, files)
        if problem:
            findings.append(
                Finding(
                    name,
                    number,
                    "from",
                    entry["from"],
                    "correction_refused",
                    "error",
                    "not applied",
                    problem,
                )
            )
            continue
        row = rows[0]
        for sheet in sheets.values():
            _change(sheet, entry, row)
        findings.append(
            Finding(
                entry["file"],
                row,
                entry["column"],
                entry["from"],
                "correction",
                "note",
                f"corrected to {entry['to']!r}",
                f"{entry['why']} ({entry['who']}, {entry['when']}; {name} row {number})",
            )
        )
    return findings


def raw_cells(sheets: dict[str, Sheet], rows: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """By raw file, every cell that was read, as written: raw columns, indexed by raw row number.

    ``rows``: by raw file, ingest's record of its rows.
    """
    files: dict[str, pd.DataFrame] = {}
    for sheet in sheets.values():
        for file in sheet.source_file.unique():
            here = sheet.source_file == file
            names = {
                column: raw for (source, column), raw in sheet.raw_columns.items() if source == file
            }
            cells = sheet.written.loc[here, list(names)].rename(columns=names)
            cells.index = pd.Index(sheet.source_row[here], name="source_row")
            known = files.get(file)
            files[file] = cells if known is None else known.combine_first(cells)
    for file, record in rows.items():
        deciding = record.set_index(record["source_row"].astype(int)).drop(
            columns=["source_row", "tables", "reason"]
        )
        if file in files:
            files[file] = files[file].combine_first(deciding)
    return files


def _matching_rows(entry: dict[str, str], files: dict[str, pd.DataFrame]) -> list[int]:
    cells = files.get(entry["file"])
    if cells is None:
        return []
    here = pd.Series(True, index=cells.index)
    for part in entry["row_key"].split(";"):
        column, _, value = part.partition("=")
        if column.strip() not in cells:
            return []
        here &= cells[column.strip()].fillna("").str.strip() == value.strip()
    return [int(row) for row in cells.index[here]]


def _refusal(entry: dict[str, str], rows: list[int], files: dict[str, pd.DataFrame]) -> str:
    """Why a correction cannot be applied; empty where it can."""
    if entry["file"] not in files:
        return f"no raw file '{entry['file']}' is read"
    if len(rows) != 1:
        return f"{len(rows)} rows match {entry['row_key']!r}; exactly one has to"
    if entry["column"] not in files[entry["file"]]:
        return f"column '{entry['column']}' is not read from {entry['file']}"
    found = files[entry["file"]].at[rows[0], entry["column"]]
    if found != entry["from"]:
        return f"the cell ({entry['file']} row {rows[0]}, {entry['column']}) holds {found!r}"
    return ""


def _change(sheet: Sheet, entry: dict[str, str], row: int) -> None:
    here = (sheet.source_file == entry["file"]) & (sheet.source_row == row)
    for (file, column), raw in sheet.raw_columns.items():
        if file == entry["file"] and raw == entry["column"]:
            sheet.written.loc[here, column] = entry["to"]
