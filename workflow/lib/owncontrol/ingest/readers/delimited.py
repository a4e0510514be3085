"""Delimited text: bytes to a grid of text, every row with its number, every departure on record.

A well-formed file is read by Arrow, a column at a time. What Arrow would read without a word
although it is broken (a quote lost, a NUL byte, another encoding) is looked for before; the line
is set aside or the file is refused, each with its place.
"""

import codecs
import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc
from numpy.typing import NDArray
from pyarrow import compute

from owncontrol.errors import InputError
from owncontrol.findings import Finding, note
from owncontrol.formulas import without_guards
from owncontrol.ingest.readers.grid import Grid
from owncontrol.progress import progress
from owncontrol.text_columns import by_value

BLOCK = 1 << 24
TEXT = pa.dictionary(pa.int32(), pa.string())
LONGEST_LINE = 1 << 26
# With more broken lines than this the file is of another form, and each line would be a finding.
MOST_BROKEN = 1000
# Stands for a broken line until the file is read; no file with this byte gets so far.
BROKEN = "\0"
BROKEN_QUOTES = "quotes do not match: a cell has none, or one at each end and doubled ones inside"
LINE_END, RETURN, QUOTE = b'\n\r"'


def read_delimited(path: Path, encoding: str, delimiter: str) -> Grid:
    """Read a delimited text file.

    Raises InputError where its bytes are not text of that encoding, where it is empty, and where
    its header cannot be read.
    """
    if not delimiter.isascii():
        raise InputError(f"{path.name}: delimiter {delimiter!r} is not ASCII", "use , ; tab or |")
    _check_lines(path)
    findings: list[Finding] = []
    raw = _decoded(path, path.read_bytes(), encoding, findings)
    raw = _line_ends(path, raw, findings)
    if not raw or raw.isspace():
        raise InputError(f"{path}: empty; there is not even a header", "export the file again")
    raw = _without_broken_lines(path, raw, delimiter.encode())
    header, body = _split_header(path, raw, delimiter)
    grid = Grid(header, *_parse(path, body, len(header), delimiter))
    grid.findings += findings
    return grid


def _check_lines(path: Path) -> None:
    """Raise InputError where a line is longer than any table has, before it is in memory."""
    size, start = path.stat().st_size, 0
    with path.open("rb") as file:
        while size - start > LONGEST_LINE:
            file.seek(start)
            block = file.read(LONGEST_LINE)
            end = max(block.rfind(b"\n"), block.rfind(b"\r"))
            if end < 0:
                raise InputError(
                    f"{path}: a line of more than {LONGEST_LINE >> 20} MiB, from byte {start} on",
                    "is this a text file, with each row in a line of its own?",
                )
            start += end + 1


def read_stage_table(
    path: Path | str,
    numbers: tuple[str, ...] = (),
    columns: Collection[str] | None = None,
    where: Mapping[str, Collection[str]] | None = None,
) -> pd.DataFrame:
    """Read a table that a stage has written: text in columns of categories, whole ``numbers``.

    The way for tables of a million rows; ``owncontrol.tables.read_text`` gives plain text. Of
    ``columns`` those that there are, of the rows those that have one of the values of each column
    of ``where``; the rest is not kept in memory.
    """
    path = Path(path)
    header, body = _split_header(path, path.read_bytes(), ",")
    types = {name: pa.int64() if name in numbers else TEXT for name in header}
    wanted = [name for name in header if columns is None or name in columns]
    if not len(body):
        return pd.DataFrame({name: pd.Series([], dtype="str") for name in wanted})
    tables = []
    for block in _read_blocks(path, body, types, ",", where):
        for row in block.odd:
            raise InputError(f"{path}: a row has {row.actual_columns} cells", "run the step again")
        table = block.table if where is None else block.table.filter(_has(block.table, where))
        tables.append(table.select(wanted))
    return without_guards(_one_frame(tables, types))


def _has(table: pa.Table, where: Mapping[str, Collection[str]]) -> NDArray[np.bool_]:
    """Whether each row has one of the values of each column."""
    found = np.ones(len(table), bool)
    for name, values in where.items():
        known = pa.array(sorted(values), pa.string())
        found &= compute.is_in(table[name].cast(pa.string()), known).to_numpy()
    return found


def _decoded(path: Path, raw: bytes, encoding: str, findings: list[Finding]) -> bytes:
    """The file's text as UTF-8 without a byte order mark."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise InputError(
            f"exports, {path.name}: there is no encoding '{encoding}'",
            "usual ones: utf-8, utf-16, windows-1252, shift_jis",
        ) from error
    if raw.startswith(codecs.BOM_UTF8):
        detail = "the file starts with a byte order mark"
        findings.append(note(path.name, "byte_order_mark", "ignored", detail))
        raw = raw[len(codecs.BOM_UTF8) :]
    try:
        if name in ("utf-8", "utf-8-sig"):
            if not _is_utf8(raw):
                raw.decode("utf-8")  # says where
        else:
            if not name.startswith(("utf", "ascii")) and not raw.isascii() and _is_utf8(raw):
                detail = (
                    "all its letters beyond ASCII are valid UTF-8, which is hardly chance; "
                    "is exports.*.encoding right?"
                )
                rule, action = "encoding_doubtful", f"read as {encoding}"
                findings.append(Finding(path.name, None, "", "", rule, "warning", action, detail))
            raw = raw.decode(name).encode("utf-8")
    except UnicodeError as error:
        raise _wrong_encoding(path, raw, encoding, error) from error
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        raise InputError(
            f"{path}, line {line}: holds a NUL byte, so this is no {encoding} text",
            "export the file again, or set exports.*.encoding (for example utf-16)",
        )
    return raw


def _is_utf8(raw: bytes) -> bool:
    """As Python would decide, but a gigabyte is checked in a moment and without a copy."""
    try:
        pa.array([raw], pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _wrong_encoding(path: Path, raw: bytes, encoding: str, error: UnicodeError) -> InputError:
    if not isinstance(error, UnicodeDecodeError):
        return InputError(f"{path}: no {encoding} text ({error})", "set exports.*.encoding")
    line = raw[: error.start].count(b"\n") + 1
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    likely = "utf-16, by its first bytes" if wide else "for example windows-1252 or shift_jis"
    return InputError(
        f"{path}, line {line}: byte {raw[error.start]:#04x} is no {encoding}",
        f"set exports.*.encoding for {path.name} ({likely}); if only this line differs, the file "
        "was put together from two encodings: export it again",
    )


def _line_ends(path: Path, raw: bytes, findings: list[Finding]) -> bytes:
    """The bytes with line ends that later steps find; a note where they are not plain LF."""
    pairs, feeds, returns = raw.count(b"\r\n"), raw.count(b"\n"), raw.count(b"\r")
    if not returns:
        return raw
    rule = "mixed_line_ends"
    detail = f"{pairs} lines end in CR LF, {feeds - pairs} in LF, {returns - pairs} in CR alone"
    if pairs == feeds == returns:
        rule, detail = "windows_line_ends", "lines end in CR LF, as Windows writes them"
    findings.append(note(path.name, rule, "read as line ends", detail))
    return raw if feeds else raw.replace(b"\r", b"\n")


def _without_broken_lines(path: Path, raw: bytes, delimiter: bytes) -> bytes:
    """The file with ``BROKEN`` in place of each line with misplaced quotes."""
    if b'"' not in raw:
        return raw
    parts, start = [], 0
    for count, (first, last) in enumerate(_broken_lines(raw, delimiter)):
        if first == 0:
            raise InputError(
                f"{path}, row 1: the quotes in the header do not match",
                "quotes stand around a whole name and are doubled inside it",
            )
        if count == MOST_BROKEN:
            raise InputError(
                f"{path}: quotes do not match in more than {MOST_BROKEN} lines",
                "is exports.*.delimiter right? quotes stand around a whole cell and are doubled "
                "inside it",
            )
        parts += [raw[start:first], BROKEN.encode()]
        start = last
    return b"".join([*parts, raw[start:]])


def _broken_lines(raw: bytes, delimiter: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each line whose quotes cannot be those of a delimited file.

    An opening quote stands at the start of a cell, a closing one at its end; doubled inside a
    cell they stand side by side. Where one does not, the first line of its row is broken, and
    reading goes on at the next line: a lost quote costs its own line only.
    """
    data = np.frombuffer(raw, np.uint8)
    edges = np.array([delimiter[0], LINE_END, RETURN], np.uint8)
    start, size = 0, BLOCK
    while start < len(raw):
        stop = min(start + size, len(raw))
        quotes = start + np.flatnonzero(data[start:stop] == QUOTE)
        ends = start + np.flatnonzero(data[start:stop] == LINE_END)
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]  # those inside a cell end no row
        bad = _misplaced(data, quotes, edges)
        ends = ends if bad is None else ends[ends < bad]
        row = int(ends[-1]) + 1 if len(ends) else start
        if bad is None and stop < len(raw):
            start, size = row, (BLOCK if row > start else 2 * size)
            continue
        if bad is None and len(quotes) % 2 == 0:
            return
        line_end = raw.find(b"\n", row)
        line_end = len(raw) if line_end < 0 else line_end
        yield row, line_end
        start, size = line_end, BLOCK


def _misplaced(
    data: NDArray[np.uint8], quotes: NDArray[np.intp], edges: NDArray[np.uint8]
) -> int | None:
    """Position of the first quote that neither opens, closes nor doubles; None if all do."""
    fine = np.empty(len(quotes), bool)
    opening, closing = quotes[0::2], quotes[1::2]
    doubled = np.append(False, np.diff(quotes) == 1)[: len(quotes)]
    before = data[np.maximum(opening - 1, 0)]
    fine[0::2] = np.isin(before, edges) | (opening == 0) | doubled[0::2]
    after = data[np.minimum(closing + 1, len(data) - 1)]
    fine[1::2] = np.isin(after, edges) | (after == QUOTE) | (closing + 1 == len(data))
    wrong = np.flatnonzero(~fine)
    return int(quotes[wrong[0]]) if len(wrong) else None


def _split_header(path: Path, raw: bytes, delimiter: str) -> tuple[list[str], memoryview]:
    """The cells of the first row, and the bytes below it (a name may hold a line end)."""
    end = raw.find(b"\n")
    while end >= 0 and raw.count(b'"', 0, end) % 2:
        end = raw.find(b"\n", end + 1)
    end = len(raw) if end < 0 else end + 1
    try:
        lines = csv.reader(
            io.StringIO(raw[:end].decode("utf-8"), newline=""), delimiter=delimiter, strict=True
        )
        header = next(lines)
    except csv.Error as error:
        raise InputError(
            f"{path}, row 1: not readable as a header ({error})",
            "is this the right file, and exports.*.delimiter the right one?",
        ) from error
    if not header:
        raise InputError(f"{path}, row 1: blank; the header is missing", "put it in the first row")
    return header, memoryview(raw)[end:]


def _parse(
    path: Path, body: memoryview, width: int, delimiter: str
) -> tuple[pd.DataFrame, dict[int, str], set[int]]:
    """Cells of the rows that are as wide as the header; reason of the others; the blank of them."""
    types = {str(position): TEXT for position in range(width)}
    blocks = list(_read_blocks(path, body, types, delimiter))
    odd: dict[int, str] = {}
    blank: set[int] = set()
    first = 2  # the header is row 1
    for block in blocks:
        for row in block.odd:
            number = first + row.number - 1
            if not row.text.replace(delimiter, "").replace('"', "").strip():
                blank.add(number)
            odd[number] = (
                BROKEN_QUOTES
                if row.text == BROKEN
                else f"{row.actual_columns} cells where the header has {width}: a delimiter inside "
                "a text without quotes, or a line that was cut or run together"
            )
        first += len(block.table) + len(block.odd)
    frame = _one_frame([block.table for block in blocks], types)
    frame.columns = pd.RangeIndex(width)
    numbers = np.arange(2, first)
    numbers = numbers[~np.isin(numbers, list(odd))]
    frame.index = pd.Index(numbers, dtype="int64", name="source_row")
    if width == 1 and len(frame):
        broken = by_value(frame[0], lambda text: text == BROKEN)
        odd |= {int(row): BROKEN_QUOTES for row in frame.index[broken]}
        frame = frame.loc[~broken]
    return frame, dict(sorted(odd.items())), blank


class Block(NamedTuple):
    """Some rows of a file: those that fit, and those that do not (numbered from 1 in the block)."""

    table: pa.Table
    odd: list[pc.InvalidRow]


def _read_blocks(
    path: Path,
    body: memoryview,
    types: dict[str, pa.DataType],
    delimiter: str,
    where: Mapping[str, Collection[str]] | None = None,
) -> Iterator[Block]:
    """Parse a file's rows some megabytes at a time, on as many threads as Arrow may use.

    ``where``: most of the rows without these values are left out before their cells are read.
    """

    def read(part: memoryview) -> Block:
        odd: list[pc.InvalidRow] = []

        def set_aside(row: pc.InvalidRow) -> str:
            odd.append(row)
            return "skip"

        if where is not None:
            found = _arrow_table(path, part, types, delimiter, set_aside, list(where))
            part = _some_lines(part, _has(found, where))
        return Block(_arrow_table(path, part, types, delimiter, set_aside), odd)

    parts = list(_split(body))
    megabytes = len(body) / 1e6
    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        blocks = zip(pool.map(read, parts), parts, strict=True)
        for block, _ in progress(
            blocks, f"{path.name} read", "MB", megabytes, lambda pair: len(pair[1]) / 1e6
        ):
            yield block


def _some_lines(part: memoryview, wanted: NDArray[np.bool_]) -> memoryview:
    """The lines of the wanted rows, at least one; all lines where a cell may hold line ends."""
    data = np.frombuffer(part, np.uint8)
    if (data == QUOTE).any():
        return part
    starts = [0, *(np.flatnonzero(data == LINE_END) + 1).tolist(), len(part)]
    rows = np.flatnonzero(wanted).tolist() or [0]
    return memoryview(b"".join(part[starts[row] : starts[row + 1]] for row in rows))


def _split(body: memoryview) -> Iterator[memoryview]:
    """The bytes in blocks that end where a row does (a cell in quotes may hold line ends)."""
    data = np.frombuffer(body, np.uint8)
    start, size = 0, BLOCK
    while len(data) - start > size:
        here = data[start : start + size]
        ends = np.flatnonzero(here == LINE_END)
        ends = ends[np.searchsorted(np.flatnonzero(here == QUOTE), ends) % 2 == 0]
        if not len(ends):
            size *= 2
            continue
        stop = start + int(ends[-1]) + 1
        yield body[start:stop]
        start, size = stop, BLOCK
    if start < len(data):
        yield body[start:]


def _one_frame(tables: list[pa.Table], types: dict[str, pa.DataType]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame({name: pd.Categorical([]) for name in types})
    table = pa.concat_tables(tables)
    frame: pd.DataFrame = table.unify_dictionaries().to_pandas()
    return frame


def _arrow_table(
    path: Path,
    part: memoryview,
    types: dict[str, pa.DataType],
    delimiter: str,
    set_aside: Callable[[pc.InvalidRow], str],
    columns: Collection[str] = (),
) -> pa.Table:
    try:
        return pc.read_csv(
            pa.BufferReader(pa.py_buffer(part)),
            # One thread, because only then a skipped row knows its number; one block, because no
            # row may lie across two.
            read_options=pc.ReadOptions(
                column_names=list(types), use_threads=False, block_size=len(part) + 1
            ),
            parse_options=pc.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=set_aside,
            ),
            convert_options=pc.ConvertOptions(
                column_types=types, strings_can_be_null=False, include_columns=list(columns)
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(f"{path}: cannot be read ({error})", "export it again") from error
