"""Tables as delimited text (CSV): UTF-8, Unix line ends, quotes where they are needed."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from owncontrol.basics.formulas import guarded, unguarded, without_guards
from owncontrol.errors import InputError
from owncontrol.files import whole_file
from owncontrol.progress import progress
from owncontrol.tables.backend import Choose
from owncontrol.tables.csv_bytes import ROWS_AT_ONCE, csv_header, csv_lines
from owncontrol.tables.schemas import conform

MOST_COMMAS = 10_000
BLOCK_BYTES = 8 * 2**20


class TextFile:
    """A table in a CSV file (see ``backend.TableFile``); it has no parts."""

    format_name = "csv"
    media_type = "text/csv"

    def __init__(self, path: Path | str) -> None:
        """Take the path; nothing is read yet."""
        self.path = Path(path)

    def exists(self) -> bool:
        """Whether there is such a file."""
        return self.path.is_file()

    def header(self) -> list[str]:
        """The column names; InputError where the file is absent."""
        if not self.exists():
            raise InputError(f"{self.path}: no such file", "run the study to its end first (make)")
        with self.path.open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file))

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
                usecols=lambda name: name not in without,
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
        return without_guards(table)

    def find_rows(
        self, where: Mapping[str, Collection[str]], at_most: int | None = None
    ) -> pd.DataFrame:
        """The rows in which each of these columns has one of its values, as text.

        Only blocks with a row that is wanted are read whole; of the others only the columns of
        ``where``.
        """
        header = self.header()
        values = {
            column: pa.array(sorted(map(guarded, wanted)), pa.string())
            for column, wanted in where.items()
        }
        found: list[pa.Table] = []
        for block in self._blocks():
            if not where or _matching(_parse(block, header, list(where)), values).num_rows:
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

    def _blocks(self) -> Iterator[bytes]:
        """The rows in whole records, some megabytes at a time."""
        with self.path.open("rb") as file:
            file.readline()
            yield from _whole_records(file)


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


def _parse(block: bytes, header: list[str], columns: list[str]) -> pa.Table:
    return arrow_csv.read_csv(
        pa.BufferReader(block),
        read_options=arrow_csv.ReadOptions(column_names=header),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=columns,
            column_types={name: pa.string() for name in header},
            strings_can_be_null=False,
        ),
    )


def _without_guards(texts: pa.Array) -> pa.Array:
    if not pc.any(pc.starts_with(texts, "'")).as_py():
        return texts
    return pa.array(map(unguarded, texts.to_pylist()), pa.string())


def _matching(table: pa.Table, values: Mapping[str, pa.Array]) -> pa.Table:
    for column, wanted in values.items():
        table = table.filter(pc.is_in(table[column], value_set=wanted))
    return table
