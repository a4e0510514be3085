"""Columnar files (parquet) for tables of millions of rows: a part of the table is a row group.

The scores table has one row group a scale, so that an analysis reads those of its endpoints alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from owncontrol.tables import conform, fields

Scale = tuple[str, str]
# Columns with gaps, not by way of Python's objects.
NULLABLE = {pa.bool_(): pd.BooleanDtype(), pa.int64(): pd.Int64Dtype()}


def write_row_groups(parts: Iterable[pd.DataFrame], file: IO[bytes]) -> None:
    """Write each part as a row group; parts have the same columns, text in categories.

    A part is written while the next one is made, and no more than one waits.
    """
    writer: parquet.ParquetWriter | None = None

    def write(part: pd.DataFrame) -> None:
        nonlocal writer
        table = _plain(part)
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


def _plain(part: pd.DataFrame) -> pa.Table:
    """Text as it is, because the places of categories may need more bytes in another part."""
    table = pa.Table.from_pandas(part, preserve_index=False).replace_schema_metadata(None)
    plain = [
        pa.field(field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type)
        for field in table.schema
    ]
    return table.cast(pa.schema(plain))


def read_columnar(
    path: Path | str,
    name: str,
    groups: Collection[int] | None = None,
    without: Collection[str] = (),
) -> pd.DataFrame:
    """A table of the schema ``name``, of it some row groups, text as sorted categories.

    ``without``: columns that are left out.
    """
    texts = [column for column, field in fields(name).items() if field["type"] == "string"]
    file = parquet.ParquetFile(path, read_dictionary=texts)
    chosen = range(file.num_row_groups) if groups is None else sorted(groups)
    columns = [column for column in fields(name) if column not in without]
    table = file.read_row_groups(list(chosen), columns=columns).unify_dictionaries()
    frame = table.to_pandas(types_mapper=NULLABLE.get)
    return conform(frame, name, coded=True, without=without)


def scales_of(path: Path | str) -> list[Scale]:
    """Instrument and scale of each row group of the scores table."""
    metadata = parquet.read_metadata(path)
    places = {name: place for place, name in enumerate(metadata.schema.names)}
    return [
        (
            metadata.row_group(group).column(places["instrument"]).statistics.min,
            metadata.row_group(group).column(places["scale"]).statistics.min,
        )
        for group in range(metadata.num_row_groups)
    ]


def groups_of(path: Path | str, wanted: Collection[Scale]) -> list[int]:
    """The row groups of the scores table that hold these scales."""
    return [place for place, scale in enumerate(scales_of(path)) if scale in wanted]


def first_groups(path: Path | str) -> list[int]:
    """The row group of the first scale of each instrument."""
    first: dict[str, int] = {}
    for place, (instrument, _) in enumerate(scales_of(path)):
        first.setdefault(instrument, place)
    return list(first.values())


def recorded_groups(path: Path | str) -> list[int]:
    """The row groups of the scales that an examiner wrote anything for."""
    metadata = parquet.read_metadata(path)
    column = metadata.schema.names.index("agrees")
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    return [
        place
        for place, group in enumerate(groups)
        if group.column(column).statistics.null_count < group.num_rows
    ]


def find_rows(path: Path, where: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """The rows in which each of these columns has one of the values, as text like in a CSV file."""
    filters = [(column, "in", sorted(values)) for column, values in where.items()]
    table = parquet.read_table(path, filters=filters or None)
    texts = {
        name: ["" if value is None else str(value) for value in table[name].to_pylist()]
        for name in table.column_names
    }
    return pd.DataFrame(texts, dtype="str")


def column_parts(path: Path, column: str) -> Iterator[pa.ChunkedArray]:
    """A column of text, a row group at a time."""
    file = parquet.ParquetFile(path, read_dictionary=[column])
    for group in range(file.num_row_groups):
        yield file.read_row_group(group, columns=[column])[column]
