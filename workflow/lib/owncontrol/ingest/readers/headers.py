"""From the rows of a file to one header and its data: several header rows, labels, formulas.

Called between the reader of a format and the checks that all formats share.
"""

from pathlib import Path
from typing import Any

from owncontrol.errors import InputError
from owncontrol.findings import Finding
from owncontrol.ingest.readers import workbook_parts as workbook
from owncontrol.ingest.readers.statistical import FORMATS

Config = dict[str, Any]


def first_data_row(export: Config) -> int:
    """Number of the first row of data as a person counts it in the program that shows the file.

    A text file and a workbook are counted from their first line; an observation of SAS, SPSS or
    Stata has a number of its own, because names are no row there.
    """
    return 1 if export["format"] in FORMATS else 1 + int(export["header_rows"])


def one_header(
    path: Path, rows: list[list[str]], export: Config, findings: list[Finding]
) -> list[list[str]]:
    """``rows`` with one row of raw column names before the data.

    Several header rows become one name a column; in a workbook a merged cell counts for every
    column that it spans, in a text file, which has no merged cells, a name in an upper row counts
    until the next one. A formula whose result the workbook does not hold is reported at its cell.
    """
    count = int(export["header_rows"]) if export["format"] not in FORMATS else 1
    if len(rows) < count:
        raise InputError(
            f"{path}: {len(rows)} rows where the header alone has {count}",
            "correct exports.*.header_rows",
        )
    xml = workbook.sheet_xml(path, export["sheet"]) if export["format"] == "excel" else b""
    if count > 1:
        head = [list(row) for row in rows[:count]]
        if xml:
            workbook.fill_merged(head, workbook.merged_ranges(xml))
        else:
            _fill_right(head[:-1])
        rows = [workbook.joined_header(head), *rows[count:]]
    for row, column, formula in workbook.formulas_without_value(xml):
        if row > count:
            name = rows[0][column - 1].strip() if column <= len(rows[0]) else ""
            findings.append(
                Finding(
                    path.name,
                    row,
                    name or f"(column {column})",
                    formula,
                    "formula_without_value",
                    "error",
                    "read as empty",
                    "a formula whose result the file does not hold: open the workbook, let it "
                    "calculate, and save it",
                )
            )
    return rows


def _fill_right(rows: list[list[str]]) -> None:
    for row in rows:
        for place in range(1, len(row)):
            if not row[place].strip():
                row[place] = row[place - 1]
