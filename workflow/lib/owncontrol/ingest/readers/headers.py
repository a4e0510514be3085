"""From the rows of a file to one header and its data: several header rows, labels, formulas.

Called between the reader of a format and the checks that all formats share.
"""

from collections.abc import Mapping
from pathlib import Path

from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding
from owncontrol.findings.workbook_rules import FormulaWithoutValue
from owncontrol.ingest.readers.grid import Grid
from owncontrol.ingest.readers.statistical import FORMATS
from owncontrol.study.exports import ReadingOptions


def first_data_row(export: ReadingOptions) -> int:
    """Number of the first row of data as a person counts it in the program that shows the file.

    A text file and a workbook are counted from their first line; an observation of SAS, SPSS or
    Stata has a number of its own, because names are no row there.
    """
    return 1 if export.format in FORMATS else 1 + export.header_rows


def one_header(
    path: Path, rows: list[list[str]], export: ReadingOptions, grid: Grid
) -> list[list[str]]:
    """``rows`` of a grid (from its header on) with one row of raw column names before the data.

    Several header rows become one name per column; in a workbook a merged cell counts for every
    column that it spans, in a text file, which has no merged cells, a name in an upper row counts
    until the next one. A formula whose result the workbook does not hold is reported at its cell.
    """
    count = export.header_rows if export.format not in FORMATS else 1
    if len(rows) < count:
        raise InputError(
            f"{path}: {len(rows)} rows where the header alone has {count}",
            "correct exports.*.header_rows",
        )
    if count > 1:
        head = [list(row) for row in rows[:count]]
        if export.format == "excel":
            above = grid.first_row - 1
            fill_merged(
                head,
                [
                    (left, top - above, right, bottom - above)
                    for left, top, right, bottom in grid.merged
                ],
            )
        else:
            _fill_right(head[:-1])
        rows = [joined_header(head), *rows[count:]]
    for row, column, formula in grid.formulas:
        if row >= grid.first_row + count:
            name = rows[0][column - 1].strip() if column <= len(rows[0]) else ""
            grid.findings.append(
                Finding(
                    FormulaWithoutValue(), path.name, row, name or f"(column {column})", formula
                )
            )
    return rows


def with_names(path: Path, grid: Grid, names: Mapping[str, str]) -> list[str]:
    """The header with names, by number from 1, for columns that have none.

    Raises InputError where a column has one, or is not there.
    """
    header = list(grid.header)
    for number, name in names.items():
        place = f"{path}: exports.*.column_names: column {number}"
        if not number.isdecimal() or not 0 < int(number) <= len(header):
            raise InputError(f"{place} is not there", f"the table has {len(header)} columns")
        if header[int(number) - 1].strip():
            raise InputError(
                f"{place} is called '{header[int(number) - 1].strip()}'",
                "take it out of exports.*.column_names; map the column by its own name",
            )
        header[int(number) - 1] = name
    return header


def fill_merged(rows: list[list[str]], ranges: list[tuple[int, int, int, int]]) -> None:
    """Write the text of each merged range into all its cells in ``rows`` (the sheet's first)."""
    for left, top, right, bottom in ranges:
        if not 0 < top <= len(rows):
            continue
        text = rows[top - 1][left - 1] if left <= len(rows[top - 1]) else ""
        for row in rows[top - 1 : bottom]:
            for column in range(left - 1, min(right, len(row))):
                row[column] = text


def joined_header(rows: list[list[str]]) -> list[str]:
    """One name per column from several header rows: their texts in order, each once, with spaces.

    An empty cell of an upper row that is not merged adds nothing.
    """
    width = max(map(len, rows), default=0)
    names = []
    for column in range(width):
        parts = [row[column].strip() if column < len(row) else "" for row in rows]
        names.append(" ".join(dict.fromkeys(part for part in parts if part)))
    return names


def _fill_right(rows: list[list[str]]) -> None:
    for row in rows:
        for place in range(1, len(row)):
            if not row[place].strip():
                row[place] = row[place - 1]
