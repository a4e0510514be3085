"""Rows of delimited text: where each ends, which are broken, and all of them parsed by Arrow.

One idea of quotes and line ends for header, rows and proposals: outside quotes LF,
CR LF and CR alone each end a row; inside they are content. What Arrow would read without a word
although it is broken (a quote lost) is looked for before.
"""

import codecs
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from numpy.typing import NDArray

from owncontrol.errors import InputError
from owncontrol.progress import progress

BLOCK = 1 << 24
HEADER_BLOCK = 1 << 16
# With more broken lines than this the file is of another form, and each line would be a finding.
MOST_BROKEN = 1000
AFTER_BROKEN = 2**16
# Stands for a broken line until the file is read; no file with this byte gets so far.
BROKEN = "\0"
LINE_END, RETURN, QUOTE = b'\n\r"'
Positions = NDArray[np.intp]


class Text(NamedTuple):
    """A text as UTF-8 bytes. ``lone_returns``: whether a CR without LF may end one of its rows.

    A text without any is looked through once less, and that is nearly every text.
    """

    raw: bytes
    lone_returns: bool = False


def row_ends(text: Text, start: int, stop: int) -> Positions:
    """Position of the last byte of each row that ends in a part; ``start`` is outside quotes."""
    data = np.frombuffer(text.raw, np.uint8)
    quotes = start + np.flatnonzero(data[start:stop] == QUOTE)
    return _outside(_line_ends(data, start, stop, text.lone_returns), quotes)


def _line_ends(data: NDArray[np.uint8], start: int, stop: int, lone_returns: bool) -> Positions:
    here = data[start:stop]
    ends = here == LINE_END
    if lone_returns:
        alone = here == RETURN
        following = data[start + 1 : stop + 1]
        alone[: len(following)] &= following != LINE_END
        ends |= alone
    return start + np.flatnonzero(ends)


def _outside(ends: Positions, quotes: Positions) -> Positions:
    """The line ends that are not inside a cell in quotes."""
    outside: Positions = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return outside


def first_row_end(text: Text) -> int:
    """Length of the first row, its line end included (a name in quotes may hold others)."""
    size = HEADER_BLOCK
    while True:
        ends = row_ends(text, 0, min(size, len(text.raw)))
        if len(ends):
            return int(ends[0]) + 1
        if size >= len(text.raw):
            return len(text.raw)
        size *= 4


def count_row_ends(text: Text) -> tuple[int, int, int]:
    """How many rows end in CR LF, in LF, and in CR alone; quotes have to match."""
    pairs = feeds = returns = 0
    data = np.frombuffer(text.raw, np.uint8)
    start = 0
    for part in split(memoryview(text.raw), text.lone_returns):
        ends = row_ends(text, start, start + len(part))
        at_feed = data[ends] == LINE_END
        after_return = (ends > 0) & (data[np.maximum(ends - 1, 0)] == RETURN)
        pairs += int((at_feed & after_return).sum())
        feeds += int((at_feed & ~after_return).sum())
        returns += int((~at_feed).sum())
        start += len(part)
    return pairs, feeds, returns


def without_broken_lines(path: Path, text: Text, delimiter: bytes, first_row: int = 1) -> Text:
    """The text with ``BROKEN`` in place of each line with misplaced quotes.

    Raises InputError where that is the header (whose number is ``first_row``), or most lines.
    """
    if b'"' not in text.raw:
        return text
    parts, start = [], 0
    for count, (first, last) in enumerate(_broken_lines(text, delimiter)):
        if first == 0:
            raise InputError(
                f"{path}, row {first_row}: the quotes in the header do not match",
                "quotes are around a whole name and are doubled inside it; check "
                "exports.*.delimiter",
            )
        if count == MOST_BROKEN:
            raise InputError(
                f"{path}: quotes do not match in more than {MOST_BROKEN} lines",
                "check exports.*.delimiter; quotes are around a whole cell and are doubled "
                "inside it",
            )
        parts += [text.raw[start:first], BROKEN.encode()]
        start = last
    return text._replace(raw=b"".join([*parts, text.raw[start:]])) if parts else text


def _broken_lines(text: Text, delimiter: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each line whose quotes cannot be those of a delimited file.

    An opening quote is at the start of a cell, a closing one at its end; doubled inside a
    cell they are side by side. Where one does not, the first line of its row is broken, and
    reading goes on at the next line: a lost quote costs its own line only.
    """
    raw = text.raw
    data = np.frombuffer(raw, np.uint8)
    edges = np.array([delimiter[0], LINE_END, RETURN], np.uint8)
    start, size = 0, BLOCK
    while start < len(raw):
        stop = min(start + size, len(raw))
        quotes = start + np.flatnonzero(data[start:stop] == QUOTE)
        ends = _outside(_line_ends(data, start, stop, text.lone_returns), quotes)
        bad = _misplaced(data, quotes, edges)
        ends = ends if bad is None else ends[ends < bad]
        row = int(ends[-1]) + 1 if len(ends) else start
        if bad is None and stop < len(raw):
            start, size = row, (min(BLOCK, 2 * size) if row > start else 2 * size)
            continue
        if bad is None and len(quotes) % 2 == 0:
            return
        line_end = _end_of_line(text, row)
        yield row, line_end
        start, size = line_end, AFTER_BROKEN  # the next one may be near, and there may be many


def _end_of_line(text: Text, start: int) -> int:
    """Position of the first line end at or behind ``start``, in quotes or not."""
    feed = text.raw.find(b"\n", start)
    end = len(text.raw) if feed < 0 else feed
    if text.lone_returns:
        alone = text.raw.find(b"\r", start, end)
        end = end if alone < 0 else alone
    return end


def _misplaced(
    data: NDArray[np.uint8], quotes: NDArray[np.intp], edges: NDArray[np.uint8]
) -> int | None:
    """Position of the first quote that neither opens, closes nor doubles; None if all do."""
    fine = np.empty(len(quotes), bool)
    opening, closing = quotes[0::2], quotes[1::2]
    doubled = np.append(False, np.diff(quotes) == 1)[: len(quotes)]
    before = data[opening - 1]  # before the first byte the last one, which does not matter
    fine[0::2] = np.isin(before, edges) | (opening == 0) | doubled[0::2]
    after = data[np.minimum(closing + 1, len(data) - 1)]
    fine[1::2] = np.isin(after, edges) | (after == QUOTE) | (closing + 1 == len(data))
    wrong = np.flatnonzero(~fine)
    return int(quotes[wrong[0]]) if len(wrong) else None


# Each is a finding of its own; of a million exams with a fault in a hundred they are 10,000.
MOST_ODD = 50_000


def check_odd(path: Path, rows: int) -> None:
    """Raise InputError where so many rows do not fit that the file is not what it is read as."""
    if rows > MOST_ODD:
        raise InputError(
            f"{path}: more than {MOST_ODD} rows are blank or do not fit the header",
            "is this the right delimiter, is a quote never closed? export the file again",
        )


class Block(NamedTuple):
    """Some rows of a file: those that fit, and those that do not (numbered from 1 in the block)."""

    table: pa.Table
    odd: list[pc.InvalidRow]


def read_blocks(
    path: Path,
    body: memoryview,
    types: dict[str, pa.DataType],
    delimiter: str,
    lone_returns: bool = False,
) -> Iterator[Block]:
    """Parse a file's rows some megabytes at a time, on as many threads as Arrow may use."""

    def read(part: memoryview) -> Block:
        odd: list[pc.InvalidRow] = []

        def set_aside(row: pc.InvalidRow) -> str:
            odd.append(row)
            return "skip" if len(odd) <= MOST_ODD else "error"

        try:
            return Block(_arrow_table(path, part, types, delimiter, set_aside), odd)
        except InputError:
            check_odd(path, len(odd))
            raise

    parts = list(split(body, lone_returns))
    megabytes = len(body) / 1e6
    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        blocks = zip(pool.map(read, parts), parts, strict=True)
        for block, _ in progress(
            blocks, f"{path.name} read", "MB", megabytes, lambda pair: len(pair[1]) / 1e6
        ):
            yield block


def split(body: memoryview, lone_returns: bool = False) -> Iterator[memoryview]:
    """The bytes in blocks that end where a row does (a cell in quotes may hold line ends)."""
    data = np.frombuffer(body, np.uint8)
    start, size = 0, BLOCK
    while len(data) - start > size:
        stop = start + size
        quotes = start + np.flatnonzero(data[start:stop] == QUOTE)
        ends = _outside(_line_ends(data, start, stop, lone_returns), quotes)
        if not len(ends):
            size *= 2
            continue
        stop = int(ends[-1]) + 1
        yield body[start:stop]
        start, size = stop, BLOCK
    if start < len(data):
        yield body[start:]


def header_cells(path: Path, first_row: bytes, delimiter: str) -> list[str]:
    """The cells of a header, parsed as the rows are."""
    line = first_row if first_row.endswith((b"\n", b"\r")) else first_row + b"\n"
    table = _parsed(path, line, pc.ReadOptions(), delimiter, pc.ConvertOptions(), None)
    names: list[str] = table.column_names
    return names


def row_widths(path: Path, text: Text, delimiter: str) -> list[int]:
    """How many cells each row has, the header first; of a row with misplaced quotes one."""
    text = without_broken_lines(path, text, delimiter.encode())
    end = first_row_end(text)
    width = len(header_cells(path, text.raw[:end], delimiter))
    odd: dict[int, int] = {}

    def count(row: pc.InvalidRow) -> str:
        odd[row.number] = 1 if row.text == BROKEN else row.actual_columns
        return "skip" if len(odd) <= MOST_ODD else "error"

    body = memoryview(text.raw)[end:]
    if not len(body):
        return [width]
    names = {str(place): pa.string() for place in range(width)}
    try:
        table = _arrow_table(path, body, names, delimiter, count, ["0"])
    except InputError:
        check_odd(path, len(odd))
        raise
    return [width, *([width] * len(table)), *odd.values()]


def _arrow_table(
    path: Path,
    part: memoryview,
    types: dict[str, pa.DataType],
    delimiter: str,
    set_aside: Callable[[pc.InvalidRow], str],
    columns: Collection[str] = (),
) -> pa.Table:
    return _parsed(
        path,
        part,
        pc.ReadOptions(column_names=list(types)),
        delimiter,
        pc.ConvertOptions(
            column_types=types, strings_can_be_null=False, include_columns=list(columns)
        ),
        set_aside,
    )


def _parsed(
    path: Path,
    part: bytes | memoryview,
    reading: pc.ReadOptions,
    delimiter: str,
    converting: pc.ConvertOptions,
    set_aside: Callable[[pc.InvalidRow], str] | None,
) -> pa.Table:
    """What Arrow makes of a part of a file, with the options that all parts share."""
    if part[:3] == codecs.BOM_UTF8:
        part = codecs.BOM_UTF8 + part  # Arrow leaves one out, and here it is content
    # One thread, because only then a skipped row knows its number; one block, because no row may
    # lie across two.
    reading.use_threads = False
    reading.block_size = len(part)
    try:
        return pc.read_csv(
            pa.BufferReader(pa.py_buffer(part)),
            read_options=reading,
            parse_options=pc.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=set_aside,
            ),
            convert_options=converting,
        )
    except (pa.ArrowException, OverflowError) as error:
        raise InputError(f"{path}: cannot be read ({error})", "export it again") from error
