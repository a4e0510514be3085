"""Table schemas (workflow/schemas/tables), and tables that have their columns and types."""

from collections.abc import Collection, Iterable
from typing import Any

import pandas as pd

from owncontrol.basics.program_files import SCHEMAS, read_program_yaml
from owncontrol.tables.categories import sorted_categories

TABLE_SCHEMAS = SCHEMAS / "tables"
CHARACTERISTIC_TYPES = {"category": "string", "boolean": "boolean", "number": "number"}
DTYPES = {"string": "str", "number": "float64", "integer": "Int64", "boolean": "boolean"}


def load_schema(name: str) -> dict[str, Any]:
    """The schema of a table: description, key and fields (see workflow/schemas/tables)."""
    return read_program_yaml(TABLE_SCHEMAS / f"{name}.yaml")


def fields(name: str) -> dict[str, dict[str, Any]]:
    """The fields of a table's schema by their names, in order."""
    return {field["name"]: field for field in load_schema(name)["fields"]}


def derived_fields(name: str) -> dict[str, dict[str, Any]]:
    """The fields that cleaning adds to a canonical table, by their names, in order."""
    return {field["name"]: field for field in load_schema(name).get("derived", ())}


def empty_table(name: str) -> pd.DataFrame:
    """A table without rows, with the schema's columns and types."""
    return conform(pd.DataFrame(), name)


def conform(
    frame: pd.DataFrame, name: str, coded: bool = False, without: Collection[str] = ()
) -> pd.DataFrame:
    """``frame`` with exactly the schema's columns, in its order and types; absent ones empty.

    But a column that is ``optional`` in the schema stays absent.

    ``coded``: text in categories as columns of sorted ones, and other text as it is, for tables of
    a million rows. ``without``: columns that are left out.
    Raises ValueError for a column that the schema does not have: a stage that writes it is wrong.
    """
    unknown = sorted(set(frame.columns) - set(fields(name)))
    if unknown:
        raise ValueError(f"table {name}: the schema has no column {', '.join(unknown)}")
    columns = {}
    for column, field in fields(name).items():
        if column in without:
            continue
        if field.get("optional") and column not in frame:
            continue
        if column in frame:
            columns[column] = typed(frame[column], field["type"], coded)
        else:
            columns[column] = _missing(len(frame), field["type"], frame.index)
    # A copy of a column is made when either is changed, not before.
    return pd.DataFrame(columns, index=frame.index, copy=False).reset_index(drop=True)


def concat(frames: Iterable[pd.DataFrame], name: str) -> pd.DataFrame:
    """Stack tables of one schema; with none of them, the empty table."""
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return empty_table(name)
    return conform(pd.concat(filled, ignore_index=True), name)


def typed(column: pd.Series, kind: str, coded: bool = False) -> pd.Series:
    """A column in a type of the schemas; ``coded``: text in categories as sorted ones."""
    if kind == "string" and coded and column.dtype != "str":
        return sorted_categories(column)
    if kind == "string" and column.dtype == "str":
        return column.fillna("")
    if kind == "string":
        return column.astype("object").where(column.notna(), "").astype("str")
    if column.dtype == "str" and kind != "boolean":
        # Each text once: a column of a hundred thousand days holds some hundred.
        places, distinct = pd.factorize(column)
        numbers = typed(pd.Series(distinct, dtype="object"), kind).array
        return pd.Series(numbers.take(places, allow_fill=True), index=column.index)
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
