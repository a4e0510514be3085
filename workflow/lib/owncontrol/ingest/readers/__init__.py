"""Raw files as text: every cell as written, every row with the number a person would give it."""

import datetime
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.invisible import describe, visible
from owncontrol.basics.patterns import compiled
from owncontrol.errors import InputError
from owncontrol.findings import reading_rules
from owncontrol.findings.finding import Finding, shortened
from owncontrol.ingest import redcap_export
from owncontrol.ingest.readers.arrow_rows import check_odd
from owncontrol.ingest.readers.dataset_json import read_dataset_json
from owncontrol.ingest.readers.delimited import read_delimited
from owncontrol.ingest.readers.file_formats import check_format, file_format
from owncontrol.ingest.readers.grid import Grid
from owncontrol.ingest.readers.headers import first_data_row, one_header, with_names
from owncontrol.ingest.readers.odm import read_odm
from owncontrol.ingest.readers.redcap_xml import read_redcap_xml
from owncontrol.ingest.readers.statistical import read_statistical
from owncontrol.ingest.readers.titles import labelled_cells, with_labelled, without_title
from owncontrol.ingest.readers.workbook import read_sheet
from owncontrol.study.exports import ReadingOptions
from owncontrol.tables.categories import by_value, is_filled, is_one_of

BLANK = "blank row"
RETURN = "\r\n"  # a line break inside a name; spreadsheets write the line feed alone
MISFIT = "row does not fit the header"


@dataclass
class RawTable:
    """A raw file as read.

    ``cells``: text (as categories), one column per raw column under its header, indexed by the
    row's number as a person counts it (the header is row 1). Only rows that can be used;
    ``set_aside`` has the number and the reason of all others. ``cell_findings`` are about single
    cells, of use only where the column is. Of a workbook, ``numbers``: by column, the rows whose
    cell is stored as a number that no format makes a date, a time or a percentage, and
    ``epoch``: day 0 of its dates.
    """

    cells: pd.DataFrame
    set_aside: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    cell_findings: list[Finding] = field(default_factory=list)
    numbers: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    epoch: datetime.datetime | None = None


def read_export(path: Path | str, export: ReadingOptions) -> RawTable:
    """Read one raw file as its entry under ``exports`` in the configuration says.

    Raises InputError where the file cannot be read as that format at all, is by its first bytes of
    another one, or its header names a column twice. Rows that do not fit the header, blank rows
    and rows that are not data are set aside, each with a finding.
    """
    path = Path(path)
    export = export.model_copy(update={"format": file_format(path, export.format)})
    check_format(path, export.format)
    if export.format == "csv":
        grid = read_delimited(path, export.encoding, export.delimiter, export.title_rows)
    elif export.format == "excel":
        grid = without_title(path, read_sheet(path, export.sheet), export.title_rows)
    elif export.format == "redcap_xml":
        grid = read_redcap_xml(path)
    elif export.format == "odm":
        grid = read_odm(path)
    elif export.format == "dataset_json":
        grid = read_dataset_json(path)
    else:
        grid = read_statistical(path, export)
    grid = _with_one_header(path, grid, export)
    grid.header = with_names(path, grid, export.column_names)
    beside = labelled_cells(path, grid, export.labelled_cells)
    if export.dictionary:
        redcap_export.compare(path, grid, export)
    raw = RawTable(pd.DataFrame(), findings=grid.findings)
    names = _header(path, grid, raw, _texts_of(export.plain()))
    raw.cells = grid.cells.iloc[:, : len(names)].set_axis(names, axis=1)
    raw.cell_findings = [
        replace(finding, column=names[position])
        for position, finding in grid.cell_findings
        if position < len(names)
    ]
    raw.numbers = {names[at]: rows for at, rows in grid.numbers.items() if at < len(names)}
    raw.epoch = grid.epoch
    _set_rows_aside(path, grid, raw, export)
    raw.cells = with_labelled(raw.cells, beside)
    if raw.cells.empty and not raw.set_aside:
        raw.findings.append(Finding(reading_rules.NoRows(), path.name))
    return raw


def _with_one_header(path: Path, grid: Grid, export: ReadingOptions) -> Grid:
    """The grid with one row of raw column names, where several rows make them up."""
    first = first_data_row(export) + grid.first_row - 1
    in_head = grid.cells.index < first
    head = [grid.header, *grid.cells.loc[in_head].astype("str").to_numpy().tolist()]
    broken = [row for row in grid.odd if row < first]
    if broken:
        raise InputError(
            f"{path}, row {broken[0]}: {grid.odd[broken[0]].detail}", "correct the header"
        )
    grid.cells = grid.cells.loc[~in_head]
    grid.cell_findings = [
        (position, finding)
        for position, finding in grid.cell_findings
        if finding.row is None or finding.row >= first
    ]
    grid.header = one_header(path, head, export, grid)[0]
    return grid


def _header(path: Path, grid: Grid, raw: RawTable, declared: set[str]) -> list[str]:
    """The column names; trailing columns without a name are dropped if they hold nothing.

    Signs that nobody sees are left out, with a finding, unless the configuration (``declared``)
    names the column with them.
    """
    row = grid.first_row
    names = [_shown_name(written, declared) for written in grid.header]
    while names and not names[-1]:
        position = len(names) - 1
        if is_filled(grid.cells[position]).any():
            break
        place, value = f"(column {len(names)})", grid.header[position]
        raw.findings.append(Finding(reading_rules.BlankColumn(), path.name, row, place, value))
        names.pop()
    known: dict[str, int] = {}
    for position, name in enumerate(names):
        written, place = grid.header[position], f"{path}, row {row}, column {position + 1}"
        if not name:
            raise InputError(
                f"{place}: no column name above filled cells",
                "name the column, delete it, or set exports.*.header_rows where the header has "
                "several rows",
            )
        if name in known:
            other = grid.header[known[name]]
            unseen = describe(written) or describe(other)
            raise InputError(
                f"{place}: '{shortened(name)}' names two columns"
                + (f", which differ only in signs that are not seen: {unseen}" if unseen else "")
                + f"; the other is column {known[name] + 1}",
                "each column needs a name of its own",
            )
        known[name] = position
        unseen = describe(written)
        if unseen:
            sign = reading_rules.SignInName(
                position=position + 1,
                unseen=unseen,
                outcome="read without them"
                if name != written.strip()
                else "read as the configuration has it",
            )
            raw.findings.append(Finding(sign, path.name, row, name, written))
    if not names:
        raise InputError(
            f"{path}, row {row}: blank; the header is missing", "put it in the first row"
        )
    return names


def _shown_name(written: str, declared: set[str]) -> str:
    name = written.strip()
    return name if name in declared else visible(name).strip().replace(RETURN, "\n")


def _texts_of(entry: Any) -> set[str]:
    """All texts in an entry of the configuration, at any depth."""
    if isinstance(entry, dict):
        return set().union(*(_texts_of(part) for pair in entry.items() for part in pair))
    if isinstance(entry, list | tuple):
        return set().union(*map(_texts_of, entry))
    return {entry} if isinstance(entry, str) else set()


def _set_rows_aside(path: Path, grid: Grid, raw: RawTable, export: ReadingOptions) -> None:
    """Take what is no row of data out of ``raw.cells``, with the reason and a finding each."""
    for row, misfit in grid.odd.items():
        if row in grid.odd_blank:
            continue
        raw.set_aside[row] = MISFIT
        raw.findings.append(Finding(misfit, path.name, row))
    cells = raw.cells
    blank = np.ones(len(cells), bool)
    for name in cells:
        blank &= ~is_filled(cells[name])
    first = cells.columns[0]
    patterns = [compiled(pattern, "not_data") for pattern in export.not_data]
    not_data = by_value(
        cells[first], lambda text: any(pattern.fullmatch(text.strip()) for pattern in patterns)
    )
    header = ~not_data
    for name in cells:
        if not header.any():
            break
        header &= is_one_of(cells[name], (name,))
    check_odd(path, len(grid.odd) + int(blank.sum()))
    aside = raw.set_aside
    for row in [*sorted(grid.odd_blank), *cells.index[blank]]:
        aside[int(row)] = BLANK
        raw.findings.append(Finding(reading_rules.BlankRow(), path.name, int(row)))
    for row in cells.index[not_data & ~blank]:
        aside[int(row)] = "not data"
        value = str(cells.at[row, first])
        raw.findings.append(
            Finding(reading_rules.NotData(), path.name, int(row), str(first), value)
        )
    for row in cells.index[header]:
        aside[int(row)] = "the header again"
        raw.findings.append(Finding(reading_rules.RepeatedHeader(), path.name, int(row)))
    if blank.any() or not_data.any() or header.any():
        raw.cells = cells.loc[~(blank | not_data | header)]
    raw.set_aside = dict(sorted(aside.items()))
