"""Tables as columnar files (parquet), for millions of rows: a part of the table is a row group.

The scores table has one row group a scale, so that an analysis reads those of its endpoints alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import parquet

from owncontrol.files import whole_file
from owncontrol.tables.backend import Choose, OnDisk, Part
from owncontrol.tables.categories import sorted_categories
from owncontrol.tables.columns_in_parts import Coded, Numbers, Texts
from owncontrol.tables.schemas import conform, fields

# Columns with gaps, not by way of Python's objects.
NULLABLE = {pa.bool_(): pd.BooleanDtype(), pa.int64(): pd.Int64Dtype()}


class ParquetFile(OnDisk):
    """A table in a parquet file (see ``backend.TableFile``); its parts are the row groups."""

    format_name = "parquet"
    media_type = "application/vnd.apache.parquet"

    def header(self) -> list[str]:
        """The column names; InputError where the file is absent."""
        self.check()
        names: list[str] = parquet.read_schema(self.path).names
        return names

    def read(
        self, schema: str, without: Collection[str] = (), choose: Choose | None = None
    ) -> pd.DataFrame:
        """The table in the types of its schema, but text comes in columns of sorted categories.

        Row ids, which differ from row to row, come as text.
        """
        texts = [column for column, field in fields(schema).items() if field["type"] == "string"]
        texts = [column for column in texts if column != "row_id"]
        file = parquet.ParquetFile(self.path, read_dictionary=texts)
        every = range(file.num_row_groups)
        chosen = every if choose is None else sorted(choose(_parts(file.metadata)))
        there = set(file.schema_arrow.names)  # an optional column may be absent
        columns = [name for name in fields(schema) if name in there and name not in without]
        types = {name: file.schema_arrow.field(name).type for name in columns}
        whole = {
            name: Coded()
            if name in texts
            else Texts()
            if name == "row_id"
            else Numbers(types[name], NULLABLE)
            for name in types
        }
        # A row group at a time, as Arrow has four bytes for each text of all of them.
        for group in chosen:
            table = file.read_row_group(group, columns=columns)
            for name, column in whole.items():
                column.add(table[name])
        found = {}
        for name in columns:
            column = whole.pop(name).whole()
            # Now, so that no two forms of all columns are there at once.
            found[name] = sorted_categories(column) if name in texts else column
        return conform(pd.DataFrame(found, copy=False), schema, coded=True, without=without)

    def read_text(self, without: Collection[str] = ()) -> pd.DataFrame:
        """The table as text, as it would be in a CSV file."""
        columns = [name for name in self.header() if name not in without]
        return _as_text(parquet.read_table(self.path, columns=columns))

    def read_coded(
        self,
        numbers: Collection[str] = (),
        columns: Collection[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
        plain: Collection[str] = (),
    ) -> pd.DataFrame:
        """The table with text in columns of categories; numbers are known to be such."""
        wanted = [name for name in self.header() if columns is None or name in columns]
        asked = where or {}
        read = list(dict.fromkeys([*wanted, *asked]))
        coded = [name for name in read if name in asked or name not in plain]
        file = parquet.ParquetFile(self.path, read_dictionary=coded)
        parts = [file.schema_arrow.empty_table().select(wanted)] if not file.num_row_groups else []
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=read)
            if asked:
                table = table.filter(pa.array(_has_values(table, asked)))
            parts.append(table.select(wanted))
        frame: pd.DataFrame = pa.concat_tables(parts).unify_dictionaries().to_pandas()
        return frame

    def find_rows(
        self, where: Mapping[str, Collection[str]], at_most: int | None = None
    ) -> pd.DataFrame:
        """The rows in which each of these columns has one of its values, as text in a CSV file."""
        self.check()
        filters = [(column, "in", sorted(values)) for column, values in where.items()]
        return _as_text(parquet.read_table(self.path, filters=filters or None))

    def column_parts(self, column: str) -> Iterator[pa.Array]:
        """A column of text, a row group at a time."""
        self.check()
        file = parquet.ParquetFile(self.path, read_dictionary=[column])
        for group in range(file.num_row_groups):
            yield from file.read_row_group(group, columns=[column])[column].chunks

    def write(self, frame: pd.DataFrame) -> None:
        """Write a table as pandas does, with what other programs need to read its types."""
        with whole_file(self.path) as partial:
            frame.to_parquet(partial, index=False)

    def write_parts(self, parts: Iterable[pd.DataFrame]) -> None:
        """Write each part as a row group; parts have the same columns, text in categories."""
        with whole_file(self.path) as partial, partial.open("wb") as file:
            _write_row_groups(parts, file)


def _parts(metadata: parquet.FileMetaData) -> list[Part]:
    """What is known of each row group: of its columns the lowest value, and whether any has one."""
    names = metadata.schema.names
    parts = []
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        about = {name: group.column(place).statistics for place, name in enumerate(names)}
        filled = [name for name in names if about[name].null_count < group.num_rows]
        parts.append(Part({name: about[name].min for name in names}, frozenset(filled)))
    return parts


def _has_values(table: pa.Table, where: Mapping[str, Collection[str]]) -> NDArray[np.bool_]:
    """Whether each row has one of the values of each coded column: a distinct text is asked once.

    Arrow's own filter compares the text of every row, which takes twice as long.
    """
    found = np.ones(len(table), bool)
    for column, values in where.items():
        asked = pa.array(sorted(values), pa.string())
        parts = [np.zeros(0, bool)]
        for part in table[column].chunks:
            is_asked = pc.is_in(part.dictionary, value_set=asked).to_numpy(zero_copy_only=False)
            places = pc.fill_null(part.indices, len(is_asked)).to_numpy()
            parts.append(np.append(is_asked, False)[places])  # the last one: a missing value
        found &= np.concatenate(parts)
    return found


def _as_text(table: pa.Table) -> pd.DataFrame:
    texts = {
        name: ["" if value is None else str(value) for value in table[name].to_pylist()]
        for name in table.column_names
    }
    return pd.DataFrame(texts, dtype="str")


def _write_row_groups(parts: Iterable[pd.DataFrame], file: IO[bytes]) -> None:
    """A part is written while the next one is made, and no more than one waits."""
    writer: parquet.ParquetWriter | None = None

    def write(part: pd.DataFrame) -> None:
        nonlocal writer
        table = _alike(part)
        if writer is None:
            writer = parquet.ParquetWriter(file, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=max(1, len(table)))

    with ThreadPoolExecutor(1) as pool:
        writing: Future[None] | None = None
        for part in parts:
            if writing is not None:
                writing.result()
            writing = pool.submit(write, part)
        if writing is not None:
            writing.result()
    if writer is not None:
        writer.close()


def _alike(part: pd.DataFrame) -> pa.Table:
    """The same types for all parts, whose categories may need more bytes in one than in another."""
    table = pa.Table.from_pandas(part, preserve_index=False).replace_schema_metadata(None)
    schema = pa.schema([pa.field(field.name, _kind(field.type)) for field in table.schema])
    return table.cast(schema)


def _kind(kind: pa.DataType) -> pa.DataType:
    """Text in categories, or as it is; everything else as it comes."""
    if pa.types.is_dictionary(kind):
        return pa.dictionary(pa.int32(), pa.string())
    return pa.string() if pa.types.is_large_string(kind) else kind
