"""Tables on disk, read and written in the format that a file's name says."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Protocol

import pandas as pd

from owncontrol.tables.backend import TableFile
from owncontrol.tables.schemas import CHARACTERISTIC_TYPES, derived_fields, fields, typed
from owncontrol.tables.text_files import TextFile

COLUMNAR = ".parquet"


class DeclaredColumn(Protocol):
    """A column of the subjects table that a study declares beside those of the schema."""

    @property
    def name(self) -> str:
        """Name of the column."""
        ...

    @property
    def type(self) -> str:
        """One of the keys of ``CHARACTERISTIC_TYPES``."""
        ...


def table_file(path: Path | str) -> TableFile:
    """The table in a file, in the format of its name: ``.parquet``, and text for any other."""
    if Path(path).suffix == COLUMNAR:
        from owncontrol.tables.parquet_files import ParquetFile  # small studies do without it

        return ParquetFile(path)
    return TextFile(path)


def stored_table(path: Path | str) -> TableFile:
    """A table that a stage has written: the text file ``path``, or if it is large a columnar one.

    The text file, if there is neither.
    """
    text, columnar = Path(path), Path(path).with_suffix(COLUMNAR)
    return table_file(columnar if columnar.is_file() and not text.is_file() else text)


def read_text(path: Path | str, without: Collection[str] = ()) -> pd.DataFrame:
    """Read a table as text throughout; an empty cell is an empty text, 'NA' is the text 'NA'.

    ``without``: columns that are left out. Raises InputError where the file is no such table.
    """
    return table_file(path).read_text(without)


def read_coded(
    path: Path | str,
    numbers: Collection[str] = (),
    columns: Collection[str] | None = None,
    where: Mapping[str, Collection[str]] | None = None,
    plain: Collection[str] = (),
) -> pd.DataFrame:
    """Read a table of a million rows: text in columns of categories, and whole ``numbers``.

    ``plain``: columns of text that differs from row to row, which comes as it is.

    Of ``columns`` those that there are, of the rows those that have one of the values of each
    column of ``where``. Raises InputError where the file is no such table.
    """
    return table_file(path).read_coded(numbers, columns, where, plain)


def read_table(path: Path | str, name: str) -> pd.DataFrame:
    """Read a table that a stage has written, with the types of its schema.

    Of a columnar file (``.parquet``) text comes in columns of sorted categories.
    """
    return table_file(path).read(name)


def read_cleaned(
    path: Path | str, name: str, characteristics: Iterable[DeclaredColumn] = ()
) -> pd.DataFrame:
    """Read a cleaned canonical table, typed: ``row_id``, the schema's columns, study days.

    ``characteristics``: the declared further columns of the subjects table. Texts that are not
    known are missing (NA), so that counts of known values are the same for all types.
    """
    table = read_text(path)
    known = fields(name) | derived_fields(name)
    types = {column: field["type"] for column, field in known.items()}
    types |= {item.name: CHARACTERISTIC_TYPES[item.type] for item in characteristics}
    for column in table:
        kind = "integer" if column.endswith("_day") else types.get(column, "string")
        table[column] = typed(table[column], kind)
        if kind == "string":
            table[column] = table[column].where(table[column] != "")
    return table


def write_table(frame: pd.DataFrame, path: Path | str) -> None:
    """Write a table: the same bytes for the same content.

    As CSV it has the shortest numbers that read back the same, and texts that a spreadsheet would
    run are guarded. Raises ValueError for a table without columns.
    """
    table_file(path).write(frame)


def write_parts(parts: Iterable[pd.DataFrame], path: Path | str) -> None:
    """Write a table that comes in parts: as CSV below each other, or a row group each (parquet)."""
    table_file(path).write_parts(parts)
