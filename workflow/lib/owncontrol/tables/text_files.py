"""Tables as delimited text (CSV): UTF-8, Unix line ends, quotes where they are needed."""

import csv
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from owncontrol.basics.formulas import guarded, unguarded, without_guards
from owncontrol.errors import InputError
from owncontrol.files import whole_file
from owncontrol.progress import progress
from owncontrol.tables.backend import Choose, OnDisk
from owncontrol.tables.columns_in_parts import Coded, Numbers, Texts
from owncontrol.tables.csv_bytes import ROWS_AT_ONCE, csv_header, csv_lines
from owncontrol.tables.schemas import conform

MOST_COMMAS = 10_000
BLOCK_BYTES = 8 * 2**20
CODED = pa.dictionary(pa.int32(), pa.string())


class TextFile(OnDisk):
    """A table in a CSV file (see ``backend.TableFile``); it has no parts."""

    format_name = "csv"
    media_type = "text/csv"

    def header(self) -> list[str]:
        """The column names; InputError where the file is absent."""
        self.check()
        with self.path.open(encoding="utf-8", newline="") as file:
            return list(map(unguarded, next(csv.reader(file))))

    def read(
        self, schema: str, without: Collection[str] = (), choose: Choose | None = None
    ) -> pd.DataFrame:
        """The table in the types of its schema, whole whatever parts are wanted: it is small."""
        return conform(self.read_text(without), schema, without=without)

    def read_text(self, without: Collection[str] = ()) -> pd.DataFrame:
        """The table as text; InputError where the file is no such table."""
        try:
            with self.path.open("rb") as file:
                commas = file.readline(MOST_COMMAS * 2).count(b",")
            if commas > MOST_COMMAS:
                raise ValueError(f"{commas} commas in its header")
            table = pd.read_csv(
                self.path,
                usecols=lambda name: unguarded(name) not in without,
                dtype="str",
                keep_default_na=False,
                na_filter=False,
            )
        except ValueError as error:  # of decoding, and what pandas makes of a broken table
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"{self.path}: cannot be read as a table ({reason})",
                "it is UTF-8, with commas between cells and a header",
            ) from error
        return without_guards(table.rename(columns=unguarded))

    def read_coded(
        self,
        numbers: Collection[str] = (),
        columns: Collection[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
        plain: Collection[str] = (),
    ) -> pd.DataFrame:
        """The table with text in columns of categories, read on as many threads as Arrow may use.

        InputError where a row has another number of cells than the header.
        """
        header = self.header()
        types = {name: pa.int64() if name in numbers else CODED for name in header}
        types |= {name: pa.string() for name in header if name in plain}
        wanted = [name for name in header if columns is None or name in columns]
        values = _guarded_values(where or {})

        whole = {
            name: Coded()
            if types[name] == CODED
            else Texts()
            if name in plain
            else Numbers(types[name])
            for name in wanted
        }
        count = 0
        try:
            for table in self._parts(header, types, values, wanted):
                count += 1
                for name, column in whole.items():
                    column.add(table[name])
        except pa.ArrowInvalid as error:
            raise InputError(
                f"{self.path}: cannot be read as a table ({error})", "run the step again"
            ) from error
        if not count:
            return pd.DataFrame({name: pd.Series([], dtype="str") for name in wanted})
        return without_guards(pd.DataFrame({name: whole.pop(name).whole() for name in wanted}))

    def find_rows(
        self, where: Mapping[str, Collection[str]], at_most: int | None = None
    ) -> pd.DataFrame:
        """The rows in which each of these columns has one of its values, as text.

        Only lines that are wanted are read whole; of the others only the columns of ``where``.
        """
        header = self.header()
        values = _guarded_values(where)
        found: list[pa.Table] = []
        for block in self._blocks():
            if where:
                wanted = _has_values(_parse(block, header, list(where)), values)
                block = _some_lines(block, wanted) if wanted.any() else b""
            if block:
                found.append(_matching(_parse(block, header, header), values))
            if at_most is not None and sum(map(len, found)) >= at_most:
                break
        if not found:
            return pd.DataFrame(columns=header, dtype="str")
        return without_guards(pa.concat_tables(found).to_pandas())

    def column_parts(self, column: str) -> Iterator[pa.Array]:
        """A column of text, a block at a time."""
        header = self.header()
        for block in self._blocks():
            yield from map(_without_guards, _parse(block, header, [column])[column].chunks)

    def write(self, frame: pd.DataFrame) -> None:
        """Write the bytes of ``DataFrame.to_csv(index=False)``, a column at a time.

        But a CR alone is quoted, too, so that it reads back, and texts that a spreadsheet would run
        are guarded. Raises ValueError for a table without columns.
        """
        if not frame.shape[1]:
            raise ValueError(f"{self.path}: a table without columns")
        with whole_file(self.path) as partial, partial.open("wb") as file:
            file.write(csv_header(frame.columns))
            file.writelines(
                progress(
                    csv_lines(frame),
                    f"{self.path.name} written",
                    "rows",
                    float(len(frame)),
                    lambda _: ROWS_AT_ONCE,
                )
            )

    def write_parts(self, parts: Iterable[pd.DataFrame]) -> None:
        """Write parts below each other, as ``write`` does; the header is that of the first."""
        with whole_file(self.path) as partial, partial.open("wb") as file:
            for number, part in enumerate(parts):
                if number == 0:
                    file.write(csv_header(part.columns))
                file.writelines(csv_lines(part))

    def _parts(
        self,
        header: list[str],
        types: Mapping[str, pa.DataType],
        values: Mapping[str, pa.Array],
        wanted: list[str],
    ) -> Iterator[pa.Table]:
        """The wanted columns of each block, of the rows with these values; on several threads."""

        def read(block: bytes) -> tuple[pa.Table, float]:
            size = len(block) / 1e6
            if values:
                found = _parse(block, header, list(values))
                block = _some_lines(block, _has_values(found, values))
            table = _parse(block, header, list(dict.fromkeys([*wanted, *values])), types)
            return _matching(table, values).select(wanted), size

        whole, threads = self.path.stat().st_size / 1e6, pa.cpu_count()
        with ThreadPoolExecutor(threads) as pool:
            parts = progress(
                _in_order(pool, read, self._blocks(), 2 * threads),
                f"{self.path.name} read",
                "MB",
                whole,
                lambda part: part[1],
            )
            yield from (table for table, _ in parts)

    def _blocks(self) -> Iterator[bytes]:
        """The rows in whole records, some megabytes at a time."""
        with self.path.open("rb") as file:
            _skip_row(file)
            yield from _whole_records(file)


def _in_order(
    pool: ThreadPoolExecutor,
    read: Callable[[bytes], tuple[pa.Table, float]],
    blocks: Iterable[bytes],
    ahead: int,
) -> Iterator[tuple[pa.Table, float]]:
    """What is read of each block, in order; no more blocks wait than are ``ahead``."""
    waiting: deque[Future[tuple[pa.Table, float]]] = deque()
    for block in blocks:
        waiting.append(pool.submit(read, block))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _skip_row(file: IO[bytes]) -> None:
    """Read one row; a line end inside quotes does not end it."""
    line = file.readline()
    quotes = line.count(b'"')
    while quotes % 2 and line:
        line = file.readline()
        quotes += line.count(b'"')


def _whole_records(file: IO[bytes]) -> Iterator[bytes]:
    """The rest of a CSV file in blocks: a line end inside quotes ends none."""
    rest = b""
    while piece := file.read(BLOCK_BYTES):
        rest += piece
        end = rest.rfind(b"\n")
        while end >= 0 and rest.count(b'"', 0, end) % 2:
            end = rest.rfind(b"\n", 0, end)
        if end >= 0:
            yield rest[: end + 1]
            rest = rest[end + 1 :]
    if rest:
        yield rest


def _parse(
    block: bytes,
    header: list[str],
    columns: list[str],
    types: Mapping[str, pa.DataType] | None = None,
) -> pa.Table:
    """Columns of a block, as text where nothing else is said of their types."""
    return arrow_csv.read_csv(
        pa.BufferReader(block),
        # One block, because no row may lie across two.
        read_options=arrow_csv.ReadOptions(
            column_names=header, use_threads=False, block_size=len(block) + 1
        ),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=columns,
            column_types={name: pa.string() for name in header} | dict(types or {}),
            strings_can_be_null=False,
        ),
    )


def _without_guards(texts: pa.Array) -> pa.Array:
    if not pc.any(pc.starts_with(texts, "'")).as_py():
        return texts
    return pa.array(map(unguarded, texts.to_pylist()), pa.string())


def _guarded_values(where: Mapping[str, Collection[str]]) -> dict[str, pa.Array]:
    """The values that are wanted of each column, as they are in the file."""
    return {
        column: pa.array(sorted(map(guarded, wanted)), pa.string())
        for column, wanted in where.items()
    }


def _matching(table: pa.Table, values: Mapping[str, pa.Array]) -> pa.Table:
    return table.filter(_has_values(table, values)) if values else table


def _has_values(table: pa.Table, values: Mapping[str, pa.Array]) -> NDArray[np.bool_]:
    """Whether each row has one of the values of each column."""
    found = np.ones(len(table), bool)
    for column, wanted in values.items():
        found &= pc.is_in(table[column].cast(pa.string()), value_set=wanted).to_numpy()
    return found


def _some_lines(block: bytes, wanted: NDArray[np.bool_]) -> bytes:
    """The lines of the wanted rows, at least one; all lines where a cell may hold line ends."""
    if b'"' in block:
        return block
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n")) + 1
    starts = [0, *ends.tolist(), len(block)]
    rows = np.flatnonzero(wanted).tolist() or [0]
    return b"".join(block[starts[row] : starts[row + 1]] for row in rows)
