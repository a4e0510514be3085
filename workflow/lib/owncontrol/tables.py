"""Tables on disk: read and written by their schema, the same bytes for the same content."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import yaml
from numpy.typing import NDArray

from owncontrol.files import whole_file
from owncontrol.formulas import guarded, without_guards

SCHEMAS = Path(__file__).parents[2] / "schemas" / "tables"
CHARACTERISTIC_TYPES = {"category": "string", "boolean": "boolean", "number": "number"}
DTYPES = {"string": "str", "number": "float64", "integer": "Int64", "boolean": "boolean"}

NEEDS_QUOTES = re.compile(r'[,"\r\n]')
# Rows whose text is put together in memory at a time.
ROWS_AT_ONCE = 20_000


@cache
def load_schema(name: str) -> dict[str, Any]:
    """The schema of a table: description, key and fields (see workflow/schemas/tables)."""
    schema: dict[str, Any] = yaml.load(
        (SCHEMAS / f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader
    )
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
    return without_guards(pd.read_csv(path, dtype="str", keep_default_na=False, na_filter=False))


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
    """Write a table as CSV: UTF-8, Unix line ends, shortest numbers that read back the same.

    The bytes are those of ``DataFrame.to_csv(index=False)``, made a column at a time; but a CR
    alone is quoted, too, so that it reads back, and texts that a spreadsheet would run are guarded.
    Raises ValueError for a table without columns.
    """
    if not frame.shape[1]:
        raise ValueError(f"{path}: a table without columns")
    with whole_file(path) as partial, partial.open("wb") as file:
        file.write((",".join(_quoted(str(name)) for name in frame.columns) + "\n").encode())
        file.writelines(csv_lines(frame))


def csv_lines(frame: pd.DataFrame) -> Iterator[memoryview]:
    """The rows of a table as the bytes of CSV lines, some thousand rows at a time."""
    columns = [_cell_texts(frame.iloc[:, place]) for place in range(frame.shape[1])]
    if len(columns) == 1:
        # An empty line would be no row.
        columns = [(codes, [text or '""' for text in texts]) for codes, texts in columns]
    last = columns[-1]
    columns[-1] = (last[0], [f"{text}\n" for text in last[1]])
    encoded = [
        pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(texts, pa.large_string()))
        for codes, texts in columns
    ]
    for start in range(0, len(frame), ROWS_AT_ONCE):
        parts = [column.slice(start, ROWS_AT_ONCE).dictionary_decode() for column in encoded]
        lines = pc.binary_join_element_wise(*parts, pa.scalar(",", pa.large_string()))
        # The texts of an Arrow column stand behind each other in one buffer.
        _, offsets, text = lines.buffers()
        yield memoryview(text)[: np.frombuffer(offsets, np.int64)[len(lines)]]


def _cell_texts(column: "pd.Series[Any]") -> tuple[NDArray[np.int32], list[str]]:
    """Place of each cell's text among the distinct texts as CSV writes them; missing is empty."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        places, distinct = column.cat.codes.to_numpy(), column.cat.categories.tolist()
    elif column.dtype == "float64":
        # By their bits, because 0.0 and -0.0 are equal and written differently.
        numbers = column.to_numpy()
        places, bits = pd.factorize(numbers.view(np.int64))
        distinct = bits.view(np.float64).tolist()
        places = np.where(np.isnan(numbers), -1, places)
    elif column.dtype == "object":
        # Equal values of different types (1 and True) are written differently.
        distinct = column.tolist()
        places = np.where(column.isna(), -1, np.arange(len(column)))
    else:
        places, found = pd.factorize(column)
        distinct = found.tolist()
    texts = list(map(str, distinct))
    if column.dtype != "float64":
        texts = list(map(guarded, texts))
    if NEEDS_QUOTES.search("".join(texts)):
        texts = list(map(_quoted, texts))
    return np.where(places < 0, len(texts), places).astype(np.int32), [*texts, ""]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if NEEDS_QUOTES.search(text) else text


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
