"""A column of cells: each different text is read once, then every cell takes its reading."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.cleaning.cell_values import Column, Reading, read_cell
from owncontrol.cleaning.partial_dates import PRECISIONS, PartialDate
from owncontrol.cleaning.working_table import (
    AS_WRITTEN,
    MISSING,
    NOTED,
    REFUSED,
    Readings,
    Rows,
    Sheet,
    Span,
)
from owncontrol.findings.cleaning_rules import BlankItem, KeyNotPermitted, RequiredValue
from owncontrol.findings.rule import Rule
from owncontrol.tables.categories import codes, narrow, texts

# Reasons go into figures and the report, so they say nothing that the cell holds.
WHY_ASIDE: dict[type[Rule], str] = {
    RequiredValue: "no value",
    KeyNotPermitted: "the value is not permitted",
}


def read_column(sheet: Sheet, columns: dict[str, Column], name: str) -> "pd.Series[Any]":
    """Read one column of a sheet, with findings; rows without a needed value are set aside.

    ``columns``: by raw file, how the column is read there. Returns the typed values.
    """
    written = texts(sheet.written[name])
    # The files of one export are read alike, and what is read alike is read once.
    readers: list[Column] = []
    for column in columns.values():
        if column not in readers:
            readers.append(column)
    cell, pairs = _pairs(sheet, name, {file: readers.index(columns[file]) for file in columns})
    readings = [
        read_cell(written[pair % len(written)], readers[pair // len(written)]) for pair in pairs
    ]
    kinds = np.array([_kind(reading) for reading in readings], np.int8)
    sheet.readings[name] = Readings(kinds, cell)
    told = np.flatnonzero((kinds == NOTED) | (kinds == REFUSED)).tolist()
    found: dict[int, Rule] = {}
    for place in told:
        reader, text = divmod(pairs[place], len(written))
        is_blank = not written[text].strip()
        found[place] = _finding(readings[place], readers[reader], is_blank)
    _report(sheet, name, cell, found, len(pairs))
    if readers[0].kind == "partial_date":
        sheet.spans[name] = _spans(readings, cell)
    return pd.Series(_typed(readings, cell, readers[0].kind), index=sheet.written.index)


def _pairs(sheet: Sheet, name: str, readers: Mapping[str, int]) -> tuple[NDArray[Any], list[int]]:
    """For each cell its place in the list of pairs of reader and text, each of which occurs.

    ``readers``: by file the number of its reader. A pair is that number times how many texts the
    column has, plus the place of the text. Files that are read in ways of their own have few of
    each other's study codes: most pairs do not occur.
    """
    pair = codes(sheet.written[name])
    if len(set(readers.values())) > 1:
        number = np.array([readers[file] for file in texts(sheet.source_file)], np.int64)
        pair = pair + len(texts(sheet.written[name])) * number[codes(sheet.source_file)]
        cell, pairs = pd.factorize(pair, sort=True)
        return narrow(cell, len(pairs)), pairs.tolist()
    used = np.bincount(pair, minlength=len(texts(sheet.written[name]))) > 0
    if used.all():
        return pair, list(range(len(used)))
    return narrow(np.cumsum(used) - 1, len(used))[pair], np.flatnonzero(used).tolist()


def _kind(reading: Reading) -> int:
    if reading.error:
        return REFUSED
    if reading.value is None:
        return MISSING
    return NOTED if reading.note else AS_WRITTEN


def _report(
    sheet: Sheet, name: str, cell: NDArray[Any], found: Mapping[int, Rule], pairs: int
) -> None:
    """Findings of one column: for each rule the rows, with what was done.

    ``found``: by place in the list of ``pairs``.
    """
    by_rule: dict[type[Rule], list[int]] = {}
    for place, one in found.items():
        by_rule.setdefault(type(one), []).append(place)
    for rule, places in by_rule.items():
        concerned = np.zeros(pairs, bool)
        concerned[places] = True
        rows: Rows = np.flatnonzero(concerned[cell])
        sheet.report(rows, name, [found[place] for place in cell[rows].tolist()])
        if rule in WHY_ASIDE:
            sheet.set_aside(rows, f"{name}: {WHY_ASIDE[rule]}")


def _finding(reading: Reading, column: Column, is_blank: bool) -> Rule:
    """What there is to say about a cell that is refused, or read otherwise than it is written."""
    if not reading.error:
        return reading.rule(note=reading.note, value=reading.value)
    if is_blank:
        return (RequiredValue if column.required else BlankItem)(reason=reading.error)
    return (KeyNotPermitted if column.required else column.refusal)(reason=reading.error)


def _spans(readings: list[Reading], cell: NDArray[Any]) -> Span:
    """First and last day that each cell's date can be, and how far it is known."""
    ends: list[tuple[Any, Any]] = []
    known = []
    for reading in readings:
        value = reading.value
        if isinstance(value, PartialDate):
            ends.append(value.span or (None, None))
            known.append(PRECISIONS.index(value.precision))
        else:
            ends.append((value, value))
            unread = PRECISIONS.index("unknown") if reading.error else -1
            known.append(unread if value is None else 0)
    first, last = (np.array([end[place] for end in ends], "datetime64[D]") for place in (0, 1))
    return Span(first, last, np.array(known, np.int8)).take(cell)


def _typed(readings: list[Reading], cell: NDArray[Any], kind: str) -> Any:
    """An array of the kind's type: every cell with the value of its reading."""
    values = [reading.value for reading in readings]
    if kind in ("string", "measure"):
        known: dict[str, int] = {}
        for value in values:
            known.setdefault(value or "", len(known))
        places = narrow([known[value or ""] for value in values], len(known))
        return pd.Categorical.from_codes(places[cell], list(known))
    if kind == "partial_date":
        values = [None if isinstance(value, PartialDate) else value for value in values]
    if kind in ("date", "datetime", "partial_date"):
        return np.array(values, "datetime64[s]")[cell]
    if kind == "number":
        return np.array([np.nan if value is None else value for value in values], float)[cell]
    return pd.array(values, dtype={"integer": "Int64", "boolean": "boolean"}[kind])[cell]
