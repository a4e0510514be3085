"""Corrections: only those on record, only where the value found is the one they expect."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from owncontrol.cleaning.sheet import Sheet
from owncontrol.errors import InputError
from owncontrol.findings import Finding, note
from owncontrol.ingest.readers.delimited import read_delimited
from owncontrol.ingest.reshape import VISIT

# What ingest's record of a file's rows has beside raw columns.
RECORD_COLUMNS = ("source_row", "tables", "reason", "joined_to", "item")
COLUMNS = ("file", "row_key", "column", "from", "to", "why", "who", "when")


def read_corrections(path: Path | str) -> pd.DataFrame:
    """Read a file of corrections: one row a cell, with who, when and why.

    ``row_key`` names the row by raw columns and their values: ``record_id=P1;visit=Day 1``.
    Raises InputError where the file cannot be read, columns are missing or stand there twice, or a
    row key has another form.
    """
    grid = read_delimited(Path(path), "utf-8", ",")
    for row, reason in grid.odd.items():
        if row not in grid.odd_blank:
            raise InputError(f"{path}, row {row}: {reason}", "quote texts that hold a comma")
    names = [name.strip() for name in grid.header]
    for position, name in enumerate(names, start=1):
        if name and name in names[: position - 1]:  # blank ones: empty columns of a spreadsheet
            raise InputError(
                f"{path}, row 1, column {position}: '{name}' names two columns",
                "each column needs a name of its own",
            )
    table = grid.cells.set_axis(names, axis=1).astype("str")
    for column in COLUMNS:
        if column not in table:
            raise InputError(
                f"{path}: column '{column}' is missing",
                f"a file of corrections has the columns {', '.join(COLUMNS)}, divided by commas",
            )
    table = table.loc[table[list(COLUMNS)].apply(lambda column: column.str.strip()).any(axis=1)]
    for number, key in table["row_key"].items():
        if not all("=" in part for part in key.split(";")):
            raise InputError(
                f"{path}, row {number}, column row_key: {key!r} names no row",
                "write 'column=value;column=value' with the file's own columns",
            )
    return table


@dataclass
class RawCells:
    """The cells that were read, by raw file and raw column, as they stood before any correction.

    ``rows``: by raw file, ingest's record of its rows with the columns that decide on a table.
    """

    sheets: dict[str, Sheet]
    rows: dict[str, pd.DataFrame]

    def column(self, file: str, raw_column: str) -> "pd.Series[Any] | None":
        """Text of a raw column, indexed by raw row; None where it is not read."""
        parts = []
        for sheet in self.sheets.values():
            here = sheet.in_file(file)
            for (source, column), raw in sheet.raw_columns.items():
                if source != file or not (raw == raw_column or VISIT in raw):
                    continue
                rows = np.flatnonzero(here)
                rows = rows[sheet.raw_names(column, rows) == raw_column]
                cells = sheet.written[column].iloc[rows]
                parts.append(cells.set_axis(sheet.source_row[rows]).astype("str"))
        record = self.rows[file]
        if raw_column in record and raw_column not in RECORD_COLUMNS:
            numbers = record["source_row"].astype(int)
            parts.append(record[raw_column].astype("str").set_axis(numbers))
        if not any(map(len, parts)):
            return None
        both = pd.concat(parts)
        return both.loc[~both.index.duplicated()]


def apply_corrections(
    corrections: pd.DataFrame, name: str, sheets: dict[str, Sheet], rows: dict[str, pd.DataFrame]
) -> list[Finding]:
    """Change the written text of each corrected cell; returns a finding for each correction.

    ``name``: the corrections' own file name, for the findings of those that are refused.
    ``rows``: by raw file, ingest's record of its rows. A correction is refused where its row or
    column is not found, its row is found more than once, the cell holds another value than the
    correction expects, or an earlier one has changed the cell.
    """
    raw = RawCells(sheets, rows)
    columns: dict[tuple[str, str], pd.Series[Any] | None] = {}
    for entry in corrections.to_dict("records"):
        for column in [*_key(entry), entry["column"]]:
            if entry["file"] in rows and (entry["file"], column) not in columns:
                columns[entry["file"], column] = raw.column(entry["file"], column)
    findings = []
    done: dict[tuple[str, int, str], int] = {}
    for number, entry in zip(corrections.index, corrections.to_dict("records"), strict=True):
        found = _matching_rows(entry, columns)
        refusal = _refusal(entry, found, columns, set(rows), done)
        if refusal:
            place, problem = refusal
            action, rule = "not applied", "correction_refused"
            findings.append(
                Finding(name, int(number), place, entry[place], rule, "error", action, problem)
            )
            continue
        done[entry["file"], found[0], entry["column"]] = int(number)
        for sheet in sheets.values():
            _change(sheet, entry, found[0])
        findings.append(
            note(
                entry["file"],
                "correction",
                f"corrected to {entry['to']!r}",
                f"{entry['why']} ({entry['who']}, {entry['when']}; {name} row {number})",
                found[0],
                entry["column"],
                entry["from"],
            )
        )
    return findings


def _key(entry: dict[Any, str]) -> dict[str, str]:
    """Column and value of each part of a row key."""
    parts = [part.partition("=") for part in entry["row_key"].split(";")]
    return {column.strip(): value.strip() for column, _, value in parts}


def _matching_rows(
    entry: dict[Any, str], columns: "dict[tuple[str, str], pd.Series[Any] | None]"
) -> list[int]:
    found: set[int] | None = None
    for column, value in _key(entry).items():
        cells = columns.get((entry["file"], column))
        if cells is None:
            return []
        here = set(cells.index[cells.str.strip() == value].tolist())
        found = here if found is None else found & here
    return sorted(found or ())


def _refusal(
    entry: dict[Any, str],
    rows: list[int],
    columns: "dict[tuple[str, str], pd.Series[Any] | None]",
    files: set[str],
    done: dict[tuple[str, int, str], int],
) -> tuple[str, str] | None:
    """The column of the correction that cannot be followed, and why; None where all can."""
    file, column = entry["file"], entry["column"]
    if file not in files:
        return "file", f"no raw file '{file}' is read"
    if len(rows) != 1:
        return "row_key", f"{len(rows)} rows match {entry['row_key']!r}; exactly one has to"
    cells = columns[file, column]
    if cells is None or rows[0] not in cells.index:
        return "column", f"column '{column}' is not read from {file} row {rows[0]}"
    if cells[rows[0]] != entry["from"]:
        return "from", f"the cell ({file} row {rows[0]}, {column}) holds {cells[rows[0]]!r}"
    if (file, rows[0], column) in done:
        return "to", f"row {done[file, rows[0], column]} has already corrected this cell"
    return None


def _change(sheet: Sheet, entry: dict[Any, str], row: int) -> None:
    here = np.flatnonzero(sheet.in_file(entry["file"]) & (sheet.source_row == row))
    if not len(here):
        return
    for (file, column), raw in sheet.raw_columns.items():
        if file != entry["file"] or not (raw == entry["column"] or VISIT in raw):
            continue
        rows = here[sheet.raw_names(column, here) == entry["column"]]
        if len(rows):
            sheet.change(rows, column, entry["to"])
