"""Where the header of a raw file stands: below a title, and in one row or several."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from owncontrol.ingest.readers import text_bytes
from owncontrol.ingest.readers.arrow_rows import Text
from owncontrol.ingest.readers.delimited import lacks_first_name
from owncontrol.ingest.readers.file_formats import read_whole
from owncontrol.ingest.readers.headers import fill_merged, joined_header
from owncontrol.ingest.readers.proposed import Options
from owncontrol.ingest.readers.workbook import read_sheet
from owncontrol.suggest.exam_layout import are_levels

Texts = list[str]
UNNAMED = "level"  # the column of levels, whose corner of a sheet is often empty
NUMBERED = "row"  # the column of row names that R and pandas write without a heading
LOOKED_AT = 300  # rows
LAST_HEADER, MOST_HEADER_ROWS = 30, 3
FILLED = 0.2  # of the rows of data, for a column that needs a name
NUMBER_OR_DATE = re.compile(r"[-+<>]?\d[\d.,:/ -]*%?(T[\d:]+)?")
Areas = list[tuple[int, int, int, int]]


def header_place(path: Path, options: Options) -> Options:
    """``title_rows`` and ``header_rows`` of a text file or workbook, where they are not 0 and 1.

    The header is the first row, or the first few together, that give each column with data a name
    of its own, hold no number, and no text that is in its column again.
    """
    rows, merged = _first_rows(path, options)
    for last in range(min(LAST_HEADER, len(rows) - 1)):
        for count in range(1, min(MOST_HEADER_ROWS, last + 1) + 1):
            if _is_header(rows, last, count, merged, options["format"] == "excel"):
                place = {"title_rows": last + 1 - count, "header_rows": count}
                usual = {"title_rows": 0, "header_rows": 1}
                found = {key: number for key, number in place.items() if number != usual[key]}
                head = [row[0] for row in rows[last + 1 - count : last + 1]]
                name = _name_of_first([row[0] for row in rows[last + 1 :]], last)
                return found if any(head) or not name else {**found, "column_names": {"1": name}}
    return {}


def _name_of_first(texts: Sequence[str], last: int) -> str:
    """A name for a first column without one: of levels, or of row names; empty for any other.

    Below a first row (``last`` is 0) only, or it may lack the other half of a header of two rows.
    """
    if are_levels(texts):
        return UNNAMED
    filled = [text for text in texts if text]
    are_names = all(any(map(str.isdigit, text)) for text in filled)
    is_one_each = len(set(filled)) == len(filled) > 1
    return NUMBERED if last == 0 and are_names and is_one_each else ""


def own_names(path: Path, options: Options, names: Sequence[str]) -> dict[str, str]:
    """By name of several header rows the part in the last row, where no other column has it."""
    count = int(options.get("header_rows", 1))
    if count == 1:
        return {}
    last = first_rows(path, options)[int(options.get("title_rows", 0)) + count - 1]
    own = dict(zip(names, last, strict=False))
    texts = list(own.values())
    return {
        name: text
        for name, text in own.items()
        if text not in ("", name) and texts.count(text) == 1
    }


def first_rows(path: Path, options: Options) -> list[Texts]:
    """The texts of the first rows of a text file or workbook, all of one width."""
    return _first_rows(path, options)[0]


def _first_rows(path: Path, options: Options) -> tuple[list[Texts], Areas]:
    """The first rows, and the merged areas."""
    rows: list[Texts] = []
    merged: Areas = []
    if options["format"] == "excel":
        grid = read_sheet(path, str(options.get("sheet", "")))
        below = grid.cells.iloc[:LOOKED_AT].astype("str").to_numpy().tolist()
        rows, merged = [grid.header, *below], grid.merged
    elif options["format"] == "csv":
        rows = list(_text_rows(path, options))
    width = max(map(len, rows), default=0)
    rows = [[*(text.strip() for text in row), *[""] * (width - len(row))] for row in rows]
    return rows, merged


def _text_rows(path: Path, options: Options) -> Iterator[Texts]:
    text = text_bytes.decoded(path, read_whole(path), str(options.get("encoding", "utf-8")), [])
    text, delimiter = text_bytes.without_separator_line(
        path, text, str(options.get("delimiter", ",")), []
    )
    whole = Text(text, text_bytes.line_ends(text).has_lone_returns)
    lines = csv.reader(io.StringIO(text.decode("utf-8"), newline=""), delimiter=delimiter)
    if lacks_first_name(path, whole, delimiter):
        yield ["", *next(lines)]
    try:
        for _, row in zip(range(LOOKED_AT), lines, strict=False):
            yield row
    except csv.Error:  # a cell longer than a header can have: the rows before it have to do
        return


def _is_header(
    rows: Sequence[Texts], last: int, count: int, merged: Areas, is_workbook: bool
) -> bool:
    """Whether the ``count`` rows down to ``last`` (from 0) are the header of the rows below."""
    first = last + 1 - count
    head = [list(row) for row in rows[first : last + 1]]
    if not all(any(row) for row in head):
        return False
    data = [row for row in rows[last + 1 :] if any(row) and row != rows[last]]
    width = len(rows[last])
    needed = [
        column
        for column in range(width)
        if sum(bool(row[column]) for row in data) >= max(1, FILLED * len(data))
    ]
    if len(needed) < 2:
        return False
    if is_workbook and count > 1:
        fill_merged(head, [(a, top - first, b, end - first) for a, top, b, end in merged])
    elif count > 1:
        for row in head[:-1]:
            for column in range(1, width):
                row[column] = row[column] or row[column - 1]
    names = joined_header(head)
    names[0] = names[0] or _name_of_first([row[0] for row in data], last)
    named = [name for name in names if name]
    if not all(names[column] for column in needed) or len(set(named)) < len(named):
        return False
    if first == 0 and count == 1:
        return True  # it is where a header is meant to be
    texts = [text for row in rows[first : last + 1] for text in row if text]
    again = any(
        rows[last][column] and rows[last][column] == row[column]
        for row in data
        for column in range(width)
    )
    return not again and not any(map(NUMBER_OR_DATE.fullmatch, texts))
