"""Cells between a raw and a canonical table: marks of a second column, dates as numbers."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.date_forms import fits_number
from owncontrol.basics.patterns import compiled
from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding
from owncontrol.findings.workbook_rules import DateAsNumber
from owncontrol.ingest.readers import RawTable
from owncontrol.ingest.readers.workbook import date_of_serial
from owncontrol.ingest.reshape import View, in_view
from owncontrol.study.exports import Export
from owncontrol.study.table_mapping import TableMapping
from owncontrol.tables import fields
from owncontrol.tables.categories import as_categories

Rows = NDArray[np.int64]
DATES = ("date", "datetime")


@dataclass(frozen=True)
class Marks:
    """The raw column beside a mapped one, and by its value the text to add behind the cell."""

    raw: str
    values: Mapping[str, str]


def marks_of(
    path: Path, mapping: TableMapping, raw_columns: list[str], columns: dict[str, str]
) -> dict[str, Marks]:
    """By canonical column: the marking column that a pattern declares for it.

    ``columns``: canonical column and raw column. Raises InputError where the file lacks it.
    """
    found = {}
    for pattern in mapping.patterns:
        mark = pattern.mark
        if mark.raw is None or mark.values is None:
            continue
        for column, raw_column in columns.items():
            match = compiled(in_view(pattern.raw), "patterns").fullmatch(raw_column)
            if match is None:
                continue
            name = mark.raw
            for number, group in enumerate(match.groups(), start=1):
                name = name.replace(f"{{{number}}}", group)
            if name not in raw_columns:
                raise InputError(
                    f"{path}: column '{name}' is missing, which marks '{raw_column}'",
                    "correct 'mark' under the pattern, or export the column too",
                )
            found[column] = Marks(name, mark.values)
    return found


def mark_cells(canonical: pd.DataFrame, view: pd.DataFrame, marks: dict[str, Marks]) -> None:
    """Add the marks behind the cells of ``canonical``, in place; both have the same rows."""
    for column, mark in marks.items():
        added = view[mark.raw].astype("str").str.strip().map(mark.values).fillna("")
        canonical[column] = as_categories(canonical[column].astype("str") + added)


@dataclass(frozen=True)
class Dated:
    """Raw cells of a workbook in which numbers that stand for dates are written as dates.

    ``notes``: by raw row, one note a cell.
    """

    cells: pd.DataFrame
    notes: dict[int, list[Finding]]


def dates_of_numbers(
    path: Path, raw: RawTable, view: View, columns: dict[str, str], export: Export, schema: str
) -> Dated:
    """The raw cells of a workbook with a date for each number in a column of dates.

    A cell that nobody formatted as a date holds the number of days since the workbook's epoch.
    Only a cell that is stored as a number counts, and only from 10000 to 99999; where it can be
    a date in a declared form (``dates``) it is left as it is, and so is every other number:
    cleaning reads or refuses it. ``columns``: by canonical column the column of ``view``.
    """
    notes: dict[int, list[Finding]] = {}
    if raw.epoch is None:
        return Dated(raw.cells, notes)
    cells = raw.cells.copy(deep=False)
    kinds = fields(schema)
    dated = [columns[name] for name in kinds if kinds[name]["type"] in DATES and name in columns]
    places = [place for column in dated for place in _raw_places(view, column)]
    for column, rows in places:
        stored = raw.numbers.get(column, np.zeros(0, dtype=np.int64))
        rows = rows[np.isin(rows, stored)]
        if not len(rows):
            continue
        texts = cells[column].astype("str")
        # A list: to set one cell of a column of text copies the column.
        written = texts.tolist()
        for row, place in zip(rows.tolist(), texts.index.get_indexer(rows), strict=True):
            text = written[place]
            date = _date_of(text, raw.epoch, export.dates)
            if not date:
                continue
            written[place] = date
            rule = DateAsNumber(epoch=f"{raw.epoch:%Y-%m-%d}", date=date)
            notes.setdefault(row, []).append(Finding(rule, path.name, row, column, text))
        cells[column] = as_categories(pd.Series(written, texts.index, dtype="str"))
    return Dated(cells, notes)


def notes_of_rows(notes: dict[int, list[Finding]], view: View, rows: pd.Index) -> list[Finding]:
    """The notes about the raw rows behind some rows of a view."""
    kept = set(rows)
    if len(view.members):
        members = view.members
        kept = set(members.loc[members["head"].isin(kept), "source_row"])
    return [finding for row, found in notes.items() if row in kept for finding in found]


def _raw_places(view: View, column: str) -> list[tuple[str, Rows]]:
    """The raw columns behind a column of a view, each with the raw rows that it is read from."""
    if column in view.items:
        value, _ = view.sources[column]
        members = view.members
        return [(value, members.loc[members["item"] == column, "source_row"].to_numpy())]
    everywhere = view.members["source_row"] if len(view.members) else view.cells.index.unique()
    return [(source, everywhere.to_numpy()) for source in view.sources[column]]


def _date_of(text: str, epoch: datetime.datetime, forms: Iterable[str]) -> str:
    """The date that a number stands for; '' where it is none, or may be one in a declared form."""
    date = date_of_serial(text, epoch)
    return "" if date and any(fits_number(text, form) for form in forms) else date
