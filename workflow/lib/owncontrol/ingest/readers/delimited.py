"""Delimited text: bytes to a grid of text, every row with its number, every departure on record.

The way to the rows is the same for the run and for proposals: bytes to UTF-8 (``text_bytes``),
broken lines out, the rest by Arrow (``arrow_rows``).
"""

import csv
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding
from owncontrol.findings.reading_rules import (
    BrokenQuotes,
    FirstNameMissing,
    MixedLineEnds,
    RowLength,
    WindowsLineEnds,
)
from owncontrol.ingest.readers import text_bytes
from owncontrol.ingest.readers.arrow_rows import (
    BROKEN,
    Text,
    check_odd,
    count_row_ends,
    first_row_end,
    header_cells,
    read_blocks,
    row_widths,
    without_broken_lines,
)
from owncontrol.ingest.readers.encodings import guess
from owncontrol.ingest.readers.file_formats import read_whole
from owncontrol.ingest.readers.grid import Grid, check_width
from owncontrol.tables.categories import by_value

TEXT = pa.dictionary(pa.int32(), pa.string())
USUAL_DELIMITERS, SELDOM_DELIMITERS = "\t;,|", "^: "
SAMPLE = 1 << 22
LONGEST_FIRST_ROW = 1 << 20  # of which it is asked whether the header is shorter


class Detected(NamedTuple):
    """How a delimited text can be read. ``doubts``: by what they are about (encoding, ...)."""

    encoding: str
    delimiter: str
    doubts: dict[str, str]


def read_delimited(path: Path, encoding: str, delimiter: str, title_rows: int = 0) -> Grid:
    """Read a delimited text file, the header below ``title_rows`` rows.

    Raises InputError where its bytes are not text of that encoding, where it is empty, and where
    its header cannot be read.
    """
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\n\r\0':
        raise InputError(
            f"{path.name}: delimiter {delimiter!r} is not ASCII, or no single sign that stands "
            "between cells",
            "use , ; tab or |",
        )
    text_bytes.check_lines(path)
    findings: list[Finding] = []
    raw = text_bytes.decoded(path, read_whole(path), encoding, findings)
    raw = text_bytes.without_end_mark(path, raw, findings)
    whole = len(raw)
    raw, delimiter = text_bytes.without_separator_line(path, raw, delimiter, findings)
    first_row = 2 if len(raw) < whole else 1
    if not raw or raw.isspace():
        raise InputError(f"{path}: is empty; there is not even a header", "export the file again")
    ends = text_bytes.line_ends(raw)
    text, title = without_title_rows(path, Text(raw, ends.has_lone_returns), delimiter, title_rows)
    first_row += title_rows
    text = without_broken_lines(path, text, delimiter.encode(), first_row)
    findings += _about_line_ends(path, text, ends)
    end = first_row_end(text)
    _check_signs(path, text.raw[:end], delimiter)
    check_odd(path, text.raw.count(b"\n\n") + text.raw.count(b"\r\r"))
    header = header_cells(path, text.raw[:end], delimiter)
    if header == [""]:
        raise InputError(
            f"{path}, row {first_row}: blank; the header is missing", "put it in the first row"
        )
    if lacks_first_name(path, text, delimiter):
        header = ["", *header]
        findings.append(Finding(FirstNameMissing(), path.name, first_row))
    check_width(path, len(header))
    body = memoryview(text.raw)[end:]
    grid = Grid(header, *_parse(path, text, body, len(header), delimiter, first_row + 1))
    grid.first_row, grid.title = first_row, title
    grid.findings += findings
    return grid


def lacks_first_name(path: Path, text: Text, delimiter: str) -> bool:
    """Whether the header lacks a name for the first column, as R writes a table with row names.

    Every row has one cell more than it, and begins with a text in quotes. Of a comma it would not
    be known: decimal commas give each row a cell more as well.
    """
    end = first_row_end(text)
    body = text._replace(raw=text.raw[end : end + LONGEST_FIRST_ROW])
    first = body.raw[: first_row_end(body)]
    found = delimiter != "," and first.startswith(b'"')
    try:
        width = len(header_cells(path, text.raw[:end], delimiter)) if found else 0
        # All rows are looked at where the first is one cell longer.
        found = width > 1 and len(header_cells(path, first, delimiter)) == width + 1
        return found and set(row_widths(path, text, delimiter)[1:]) == {width + 1}
    except InputError:
        return False  # what cannot be read is refused where it is read


def without_title_rows(
    path: Path, text: Text, delimiter: str, rows: int
) -> tuple[Text, list[list[str]]]:
    """The text behind its first rows, and the cells of these.

    Raises InputError where nothing is left.
    """
    title = []
    for _ in range(rows):
        end = first_row_end(text)
        line = text.raw[:end].decode("utf-8").rstrip("\r\n")
        title.append(next(csv.reader([line], delimiter=delimiter), []))
        text = text._replace(raw=text.raw[end:])
        if not text.raw.strip():
            raise InputError(
                f"{path}: {rows} title rows and no header below them",
                "correct exports.*.title_rows",
            )
    return text, title


def read_small_table(path: Path) -> pd.DataFrame:
    """A table that a person keeps by hand (corrections, published rates): text, by row number.

    UTF-8, divided by commas; columns without a name are left out. Raises InputError where the file
    cannot be read, a row has more or fewer cells than the header, or two columns have one name.
    """
    grid = read_delimited(path, "utf-8", ",")
    for row, misfit in grid.odd.items():
        if row not in grid.odd_blank:
            raise InputError(f"{path}, row {row}: {misfit.detail}", "quote texts that hold a comma")
    names = [name.strip() for name in grid.header]
    for position, name in enumerate(names, start=1):
        if name and name in names[: position - 1]:
            raise InputError(
                f"{path}, row 1, column {position}: '{name}' names two columns",
                "each column needs a name of its own",
            )
    table = grid.cells.set_axis(names, axis=1).astype("str")
    return table.loc[:, [name for name in names if name]]


def _check_signs(path: Path, first_row: bytes, delimiters: str) -> None:
    """Raise InputError before a header of so many cells is parsed; inside quotes they are text."""
    if b'"' not in first_row:
        check_width(path, 1 + max(first_row.count(sign.encode()) for sign in delimiters))


def _about_line_ends(path: Path, text: Text, ends: text_bytes.LineEnds) -> list[Finding]:
    """A note where the rows do not end in plain LF; line ends inside cells are content."""
    if not ends.returns:
        return []
    rule: WindowsLineEnds | MixedLineEnds = WindowsLineEnds()
    if not ends.pairs == ends.feeds == ends.returns:
        pairs, feeds, returns = count_row_ends(text)
        if not pairs and not returns:
            return []
        if feeds or returns:
            rule = MixedLineEnds(pairs=pairs, feeds=feeds, returns=returns)
    return [Finding(rule, path.name)]


def detect(path: Path) -> Detected:
    """The likeliest encoding and delimiter of a delimited text file, and what is doubtful in them.

    Decoded and parsed as a run does it. The delimiter is the one that gives most rows as many cells
    as the header has, more than one. Raises InputError where the file cannot be read, and where no
    encoding gives a text.
    """
    text_bytes.check_lines(path)
    raw = read_whole(path)
    check_odd(path, raw.count(b"\n\n") + raw.count(b"\r\r"))
    doubts: dict[str, str] = {}
    encoding, others = guess(raw)
    if others:
        doubts["encoding"] = f"{' and '.join(others)} would fit too; compare a few names and words"
    text = text_bytes.without_end_mark(path, text_bytes.decoded(path, raw, encoding, []), [])
    named = text_bytes.separator_line(text)
    if named:
        return Detected(encoding, named[0], doubts)
    return Detected(encoding, _delimiter(path, text, doubts), doubts)


def _delimiter(path: Path, raw: bytes, doubts: dict[str, str]) -> str:
    sample = raw[:SAMPLE]
    if len(sample) < len(raw):
        end = max(sample.rfind(b"\n"), sample.rfind(b"\r")) + 1
        sample = sample[:end] if end else raw
    text = Text(sample, text_bytes.line_ends(sample).has_lone_returns)
    _check_signs(path, text.raw[: first_row_end(text)], USUAL_DELIMITERS)
    for signs in (USUAL_DELIMITERS, SELDOM_DELIMITERS):
        fits = {sign: fit for sign in signs if (fit := _fit(path, text, sign))}
        best = max(fits, key=lambda sign: fits[sign], default="")
        if best and fits[best][0]:
            return best
        if best in USUAL_DELIMITERS and best:
            doubts["delimiter"] = "the header has another number of cells than most rows"
            return best
    doubts["format"] = "no delimiter found; the file seems to have one column"
    return ","


def _fit(path: Path, text: Text, delimiter: str) -> tuple[bool, int, int] | None:
    """How well a delimiter fits; None where it makes one column or no header.

    First whether the most frequent width over 1 is that of the header too (a decimal comma and a
    comma in a quoted text are in rows alone), or the header lacks a name for the first column, then
    the rows of that width, then the width.
    """
    if delimiter.encode() not in text.raw:
        return None
    try:
        widths = row_widths(path, text, delimiter)
    except InputError:
        return None
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return None
    width = max(counts, key=lambda width: (counts[width], width == widths[0], width))
    rows = counts[width]
    if lacks_first_name(path, text, delimiter):
        return True, rows, width
    return width == widths[0] and rows > min(1, len(widths) - 1), rows, width


def _parse(
    path: Path, text: Text, body: memoryview, width: int, delimiter: str, first: int
) -> tuple[pd.DataFrame, dict[int, BrokenQuotes | RowLength], set[int]]:
    """Cells of the rows that are as wide as the header; rule of the others; the blank of them.

    ``first``: number of the first row of ``body``.
    """
    types = {str(position): TEXT for position in range(width)}
    blocks = list(read_blocks(path, body, types, delimiter, lone_returns=text.lone_returns))
    odd: dict[int, BrokenQuotes | RowLength] = {}
    blank: set[int] = set()
    start = first
    for block in blocks:
        for row in block.odd:
            number = first + row.number - 1
            if not row.text.replace(delimiter, "").replace('"', "").strip():
                blank.add(number)
            cells = f"{row.actual_columns} cell{'s' * (row.actual_columns != 1)}"
            odd[number] = (
                BrokenQuotes() if row.text == BROKEN else RowLength(cells=cells, width=width)
            )
        first += len(block.table) + len(block.odd)
    frame = _one_frame([block.table for block in blocks], types)
    frame.columns = pd.RangeIndex(width)
    numbers = np.arange(start, first)
    numbers = numbers[~np.isin(numbers, list(odd))]
    frame.index = pd.Index(numbers, dtype="int64", name="source_row")
    if width == 1 and len(frame):
        broken = by_value(frame[0], lambda text: text == BROKEN)
        odd |= {int(row): BrokenQuotes() for row in frame.index[broken]}
        frame = frame.loc[~broken]
    return frame, dict(sorted(odd.items())), blank


def _one_frame(tables: list[pa.Table], types: dict[str, pa.DataType]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame({name: pd.Categorical([]) for name in types})
    table = pa.concat_tables(tables)
    frame: pd.DataFrame = table.unify_dictionaries().to_pandas()
    return frame
