"""Cells between a raw and a canonical table: marks of a second column, dates as numbers."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.findings import Finding
from owncontrol.ingest.readers.formats import file_format
from owncontrol.ingest.readers.workbook_parts import date_of_number, epoch
from owncontrol.ingest.reshape import in_view
from owncontrol.tables import fields
from owncontrol.text_columns import as_categories, by_value

Config = dict[str, Any]
DATES = ("date", "datetime")
NUMBER = re.compile(r"\s*\d+(\.\d+)?\s*")


@dataclass(frozen=True)
class Marks:
    """The raw column beside a mapped one, and by its value the text to add behind the cell."""

    raw: str
    values: dict[str, str]


def marks_of(
    path: Path, mapping: Config, raw_columns: list[str], columns: dict[str, str]
) -> dict[str, Marks]:
    """By canonical column: the marking column that a pattern declares for it.

    ``columns``: canonical column and raw column. Raises InputError where the file lacks it.
    """
    found = {}
    for pattern in mapping["patterns"]:
        if not pattern["mark"]:
            continue
        for column, raw_column in columns.items():
            match = re.fullmatch(in_view(pattern["raw"]), raw_column)
            if match is None:
                continue
            name = pattern["mark"]["raw"]
            for number, group in enumerate(match.groups(), start=1):
                name = name.replace(f"{{{number}}}", group)
            if name not in raw_columns:
                raise InputError(
                    f"{path}: column '{name}' is missing, which marks '{raw_column}'",
                    "correct 'mark' under the pattern, or export the column too",
                )
            found[column] = Marks(name, pattern["mark"]["values"])
    return found


def mark_cells(canonical: pd.DataFrame, view: pd.DataFrame, marks: dict[str, Marks]) -> None:
    """Add the marks behind the cells of ``canonical``, in place; both have the same rows."""
    for column, mark in marks.items():
        added = view[mark.raw].astype("str").str.strip().map(mark.values).fillna("")
        canonical[column] = as_categories(canonical[column].astype("str") + added)


def dates_of_numbers(
    path: Path, canonical: pd.DataFrame, columns: dict[str, str], export: Config, schema: str
) -> list[Finding]:
    """Write the date for each number in a date column of a workbook, in place; one note a cell.

    A cell that nobody formatted as a date holds the number of days since the workbook's epoch.
    ``canonical`` is indexed by raw row; ``columns`` gives the raw column of each of its columns.
    """
    findings: list[Finding] = []
    if file_format(path, export["format"]) != "excel":
        return findings
    named = [name for name, field in fields(schema).items() if field["type"] in DATES]
    for column in [name for name in named if name in canonical]:
        numbers = by_value(canonical[column], lambda text: NUMBER.fullmatch(text) is not None)
        if not numbers.any():
            continue
        start = epoch(path)
        dates = canonical[column].astype("str")
        written = dates.loc[numbers]
        read = [date_of_number(text, start) for text in written]
        dates.loc[numbers] = read
        canonical[column] = as_categories(dates)
        findings += [
            Finding(
                path.name,
                int(row),
                columns[column],
                text,
                "date_as_number",
                "note",
                f"read as {date}",
                f"days since the epoch of the workbook ({start:%Y-%m-%d})",
            )
            for row, text, date in zip(written.index, written, read, strict=True)
            if date != text
        ]
    return findings
