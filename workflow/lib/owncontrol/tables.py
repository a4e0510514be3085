"""Tables on disk: read and written by their schema, the same bytes for the same content."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from owncontrol.files import whole_file

SCHEMAS = Path(__file__).parents[2] / "schemas" / "tables"
CHARACTERISTIC_TYPES = {"category": "string", "boolean": "boolean", "number": "number"}
DTYPES = {"string": "str", "number": "float64", "integer": "Int64", "boolean": "boolean"}


@cache
def load_schema(name: str) -> dict[str, Any]:
    """The schema of a table: description, key and fields (see workflow/schemas/tables)."""
    schema: dict[str, Any] = yaml.safe_load((SCHEMAS / f"{name}.yaml").read_text("utf-8"))
    return schema


def fields(name: str) -> dict[str, dict[str, Any]]:
    """The fields of a table's schema by their names, in order."""
    return {field["name"]: field for field in load_schema(name)["fields"]}


def empty_table(name: str) -> pd.DataFrame:
    """A table without rows, with the schema's columns and types."""
    return conform(pd.DataFrame(), name)


def conform(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """``frame`` with exactly the schema's columns, in its order and types; absent ones empty.

    Raises ValueError for a column that the schema does not have: a stage that writes it is wrong.
    """
    unknown = sorted(set(frame.columns) - set(fields(name)))
    if unknown:
        raise ValueError(f"table {name}: the schema has no column {', '.join(unknown)}")
    columns = {}
    for column, field in fields(name).items():
        if column in frame:
            columns[column] = _typed(frame[column], field["type"])
        else:
            columns[column] = _missing(len(frame), field["type"], frame.index)
    return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


def read_text(path: Path | str) -> pd.DataFrame:
    """Read a table as text throughout; an empty cell is an empty text, 'NA' is the text 'NA'."""
    return pd.read_csv(path, dtype="str", keep_default_na=False, na_filter=False)


def read_table(path: Path | str, name: str) -> pd.DataFrame:
    """Read a table that a stage has written, with the types of its schema."""
    return conform(read_text(path), name)


def read_cleaned(
    path: Path | str, name: str, characteristics: Iterable[dict[str, Any]] = ()
) -> pd.DataFrame:
    """Read a cleaned canonical table, typed: ``row_id``, the schema's columns, study days.

    ``characteristics``: the declared further columns of the subjects table. Texts that are not
    known are missing (NA), so that counts of known values are the same for all types.
    """
    table = read_text(path)
    types = {column: field["type"] for column, field in fields(name).items()}
    types |= {item["name"]: CHARACTERISTIC_TYPES[item["type"]] for item in characteristics}
    for column in table:
        kind = "integer" if column.endswith("_day") else types.get(column, "string")
        table[column] = _typed(table[column], kind)
        if kind == "string":
            table[column] = table[column].where(table[column] != "")
    return table


def write_table(frame: pd.DataFrame, path: Path | str) -> None:
    """Write a table as CSV: UTF-8, Unix line ends, shortest numbers that read back the same."""
    with whole_file(path) as partial:
        frame.to_csv(partial, index=False, lineterminator="\n", encoding="utf-8")


def concat(frames: Iterable[pd.DataFrame], name: str) -> pd.DataFrame:
    """Stack tables of one schema; with none of them, the empty table."""
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return empty_table(name)
    return conform(pd.concat(filled, ignore_index=True), name)


def _typed(column: pd.Series, kind: str) -> pd.Series:
    if kind == "string":
        return column.astype("object").where(column.notna(), "").astype("str")
    if column.dtype in ("object", "str"):
        column = column.replace(
            {"": None, "True": True, "False": False} if kind == "boolean" else {"": None}
        )
        if kind != "boolean":
            column = pd.to_numeric(column)
    return column.astype(DTYPES[kind])


def _missing(length: int, kind: str, index: pd.Index) -> pd.Series:
    value = "" if kind == "string" else None
    return pd.Series([value] * length, index=index, dtype=DTYPES[kind])
