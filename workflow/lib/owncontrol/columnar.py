"""Columnar files (parquet) for tables of millions of rows: a part of the table is a row group.

The scores table has one row group a scale, so that an analysis reads those of its endpoints alone.
"""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from owncontrol.tables import COLUMNAR, conform, fields, read_table

Scale = tuple[str, str]


def write_row_groups(parts: Iterable[pd.DataFrame], file: IO[bytes]) -> None:
    """Write each part as a row group; parts have the same columns, text in categories."""
    writer = None
    for part in parts:
        table = pa.Table.from_pandas(part, preserve_index=False).replace_schema_metadata(None)
        # Plain text, because the places of categories may need more bytes in another part.
        plain = [
            pa.field(field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type)
            for field in table.schema
        ]
        table = table.cast(pa.schema(plain))
        if writer is None:
            writer = parquet.ParquetWriter(file, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=max(1, len(table)))
    if writer is not None:
        writer.close()


def read_columnar(
    path: Path | str, name: str, groups: Collection[int] | None = None
) -> pd.DataFrame:
    """A table of the schema ``name``, of it some row groups, text as sorted categories."""
    texts = [column for column, field in fields(name).items() if field["type"] == "string"]
    file = parquet.ParquetFile(path, read_dictionary=texts)
    chosen = range(file.num_row_groups) if groups is None else sorted(groups)
    table = file.read_row_groups(list(chosen)).unify_dictionaries()
    return conform(table.to_pandas(), name, coded=True)


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


def read_scores(path: Path | str, scales: Iterable[Scale]) -> pd.DataFrame:
    """The scores table; of a columnar file only these scales.

    A text file is read whole: it is small, and rows of other scales do no harm.
    """
    if Path(path).suffix != COLUMNAR:
        return read_table(path, "scores")
    wanted = set(scales)
    groups = [place for place, scale in enumerate(scales_of(path)) if scale in wanted]
    return read_columnar(path, "scores", groups)


def read_assessments(path: Path | str) -> pd.DataFrame:
    """The scores table, of a columnar file only the first scale of each instrument.

    Every scale has the same assessments, so that one of them tells who was assessed when.
    """
    if Path(path).suffix != COLUMNAR:
        return read_table(path, "scores")
    first: dict[str, int] = {}
    for place, (instrument, _) in enumerate(scales_of(path)):
        first.setdefault(instrument, place)
    return read_columnar(path, "scores", list(first.values()))


def find_rows(path: Path, where: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """The rows in which each of these columns has one of the values, as text like in a CSV file."""
    filters = [(column, "in", sorted(values)) for column, values in where.items()]
    table = parquet.read_table(path, filters=filters or None)
    texts = {
        name: ["" if value is None else str(value) for value in table[name].to_pylist()]
        for name in table.column_names
    }
    return pd.DataFrame(texts, dtype="str")
