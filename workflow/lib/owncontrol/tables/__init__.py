"""Tables on disk: read and written by their schema, the same bytes for the same content."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from owncontrol.basics.formulas import MAY_BE_RISKY, guarded, without_guards
from owncontrol.basics.program_files import SCHEMAS
from owncontrol.errors import InputError
from owncontrol.files import whole_file
from owncontrol.progress import progress

TABLE_SCHEMAS = SCHEMAS / "tables"
CHARACTERISTIC_TYPES = {"category": "string", "boolean": "boolean", "number": "number"}
DTYPES = {"string": "str", "number": "float64", "integer": "Int64", "boolean": "boolean"}

COLUMNAR = ".parquet"
# Columns of the scores that no analysis of an endpoint looks at, and that are most of their bytes.
NOT_ANALYSED = ("recorded", "agrees", "method", "row_id")
NEEDS_QUOTES = re.compile(r'[,"\r\n]')
# Rows whose text is put together in memory at a time.
ROWS_AT_ONCE = 20_000


@cache
def load_schema(name: str) -> dict[str, Any]:
    """The schema of a table: description, key and fields (see workflow/schemas/tables)."""
    schema: dict[str, Any] = yaml.load(
        (TABLE_SCHEMAS / f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader
    )
    return schema


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

    ``coded``: text as columns of sorted categories, for tables of a million rows. ``without``:
    columns that are left out.
    Raises ValueError for a column that the schema does not have: a stage that writes it is wrong.
    """
    unknown = sorted(set(frame.columns) - set(fields(name)))
    if unknown:
        raise ValueError(f"table {name}: the schema has no column {', '.join(unknown)}")
    columns = {}
    for column, field in fields(name).items():
        if column in without:
            continue
        if column in frame:
            columns[column] = _typed(frame[column], field["type"], coded)
        else:
            columns[column] = _missing(len(frame), field["type"], frame.index)
    return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


MOST_COMMAS = 10_000


def read_text(path: Path | str, without: Collection[str] = ()) -> pd.DataFrame:
    """Read a table as text throughout; an empty cell is an empty text, 'NA' is the text 'NA'.

    ``without``: columns that are left out. Raises InputError where the file is no such table.
    """
    text = {"dtype": "str", "keep_default_na": False, "na_filter": False}
    try:
        with Path(path).open("rb") as file:
            commas = file.readline(MOST_COMMAS * 2).count(b",")
        if commas > MOST_COMMAS:
            raise ValueError(f"{commas} commas in its header")
        table = pd.read_csv(path, usecols=lambda name: name not in without, **text)
    except ValueError as error:  # of decoding, and what pandas makes of a broken table
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path}: cannot be read as a table ({reason})",
            "it is UTF-8, with commas between cells and a header",
        ) from error
    return without_guards(table)


def read_table(path: Path | str, name: str) -> pd.DataFrame:
    """Read a table that a stage has written, with the types of its schema.

    Of a columnar file (``.parquet``) text comes in columns of sorted categories.
    """
    if Path(path).suffix == COLUMNAR:
        from owncontrol.tables.columnar import read_columnar  # small studies do without it

        return read_columnar(path, name)
    return conform(read_text(path), name)


def read_scores(path: Path | str, endpoints: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """The scores, without NOT_ANALYSED; of a columnar file only the scales of these endpoints.

    A text file is read whole: it is small, and rows of other scales do no harm.
    """
    scales = {(endpoint["instrument"], endpoint["scale"]) for endpoint in endpoints}
    return _some_scores(path, lambda columnar: columnar.groups_of(path, scales), NOT_ANALYSED)


def read_assessments(path: Path | str) -> pd.DataFrame:
    """Who was assessed when: of a columnar file the first scale of each instrument.

    Every scale has the same assessments, so that one of them tells.
    """
    without = ("value", "text", *NOT_ANALYSED)
    return _some_scores(path, lambda columnar: columnar.first_groups(path), without)


def read_row_ids(path: Path | str) -> pd.DataFrame:
    """The cleaned row of each assessment, read as ``read_assessments`` does."""
    known = ("subject_id", "visit", "instrument", "scale", "row_id")
    without = [column for column in fields("scores") if column not in known]
    return _some_scores(path, lambda columnar: columnar.first_groups(path), without)


def read_recorded(path: Path | str) -> pd.DataFrame:
    """Scores beside the recorded ones, of a columnar file only of scales that have such.

    Without days, numbers and rows, which would be most of the bytes (``read_row_ids``).
    """
    without = ("day_from_injury", "day_from_treatment", "value", "row_id")
    return _some_scores(path, lambda columnar: columnar.recorded_groups(path), without)


def _some_scores(
    path: Path | str, choose: Callable[[Any], list[int]], without: Collection[str] = ()
) -> pd.DataFrame:
    if Path(path).suffix != COLUMNAR:
        return conform(read_text(path, without), "scores", without=without)
    from owncontrol.tables import columnar  # as above

    return columnar.read_columnar(path, "scores", choose(columnar), without)


def sorted_categories(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A text column as categories in the order of their texts, none without a cell; NA is empty."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        places, distinct = pd.factorize(column.fillna(""))
        column = pd.Series(
            pd.Categorical.from_codes(places, [str(text) for text in distinct]), column.index
        )
    elif column.hasnans:
        column = column.cat.add_categories([""]) if "" not in column.cat.categories else column
        column = column.fillna("")
    used = np.bincount(column.cat.codes, minlength=len(column.cat.categories)) > 0
    if used.all() and column.cat.categories.is_monotonic_increasing:
        return column
    texts = column.cat.categories.to_numpy(dtype=object)
    order = np.array(sorted(np.flatnonzero(used), key=texts.__getitem__), np.int64)
    place = np.full(len(texts) + 1, -1)
    place[order] = np.arange(len(order))
    values = pd.Categorical.from_codes(place[column.cat.codes], [str(texts[i]) for i in order])
    return pd.Series(values, index=column.index)


def read_cleaned(
    path: Path | str, name: str, characteristics: Iterable[dict[str, Any]] = ()
) -> pd.DataFrame:
    """Read a cleaned canonical table, typed: ``row_id``, the schema's columns, study days.

    ``characteristics``: the declared further columns of the subjects table. Texts that are not
    known are missing (NA), so that counts of known values are the same for all types.
    """
    table = read_text(path)
    known = fields(name) | derived_fields(name)
    types = {column: field["type"] for column, field in known.items()}
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
        what, rows = Path(path).name, float(len(frame))
        for lines in progress(
            csv_lines(frame), f"{what} written", "rows", rows, lambda _: ROWS_AT_ONCE
        ):
            file.write(lines)


def write_parts(parts: Iterable[pd.DataFrame], path: Path | str) -> None:
    """Write a table that comes in parts: as CSV below each other, or a row group each (parquet)."""
    with whole_file(path) as partial, partial.open("wb") as file:
        if Path(path).suffix == COLUMNAR:
            from owncontrol.tables.columnar import write_row_groups

            write_row_groups(parts, file)
            return
        for number, part in enumerate(parts):
            if number == 0:
                names = map(_quoted, map(str, part.columns))
                file.write((",".join(names) + "\n").encode())
            file.writelines(csv_lines(part))


def csv_lines(frame: pd.DataFrame) -> Iterator[memoryview]:
    """The rows of a table as the bytes of CSV lines, some thousand rows at a time."""
    columns = [_cell_texts(frame.iloc[:, place]) for place in range(frame.shape[1])]
    starts = range(0, len(frame), ROWS_AT_ONCE)
    if len(starts) < 2:
        yield from (_lines(columns, start) for start in starts)
        return
    # In order, whatever the number of threads, and no more blocks at a time than they need.
    threads = pa.cpu_count()
    with ThreadPoolExecutor(threads) as pool:
        for first in range(0, len(starts), 2 * threads):
            some = starts[first : first + 2 * threads]
            yield from pool.map(lambda start: _lines(columns, start), some)


def _lines(columns: list[pa.Array], start: int) -> memoryview:
    line_end, comma, nothing = (pa.scalar(sign, pa.large_string()) for sign in ("\n", ",", ""))
    parts = [column.slice(start, ROWS_AT_ONCE) for column in columns]
    parts = [
        pc.fill_null(
            part.dictionary_decode() if pa.types.is_dictionary(part.type) else part, nothing
        )
        for part in parts
    ]
    if len(parts) == 1:
        # An empty line would be no row.
        parts = [pc.replace_substring_regex(parts[0], "^$", '""')]
    parts[-1] = pc.binary_join_element_wise(parts[-1], line_end, nothing)
    lines = pc.binary_join_element_wise(*parts, comma)
    # The texts of an Arrow column stand behind each other in one buffer.
    _, offsets, text = lines.buffers()
    return memoryview(text)[: np.frombuffer(offsets, np.int64)[len(lines)]]


def _cell_texts(column: "pd.Series[Any]") -> pa.Array:
    """Each cell's text as CSV writes it, null where it is missing.

    Columns of few different values are coded (Arrow's dictionary), so that each is written once.
    """
    if column.dtype == "str":
        texts = pa.array(column)  # in pieces where tables were put below each other
        return _as_written(texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts)
    if pd.api.types.is_integer_dtype(column.dtype):
        return pa.array(column).cast(pa.large_string())
    if isinstance(column.dtype, pd.CategoricalDtype):
        places, distinct = column.cat.codes.to_numpy(), column.cat.categories
    elif column.dtype == "float64":
        # By their bits, because 0.0 and -0.0 are equal and written differently.
        numbers = column.to_numpy()
        places, bits = pd.factorize(numbers.view(np.int64))
        places, distinct = np.where(np.isnan(numbers), -1, places), bits.view(np.float64)
    elif column.dtype == "object":
        # Equal values of different types (1 and True) are written differently.
        places, distinct = np.where(column.isna(), -1, np.arange(len(column))), column
    else:
        places, distinct = pd.factorize(column)
    texts = pa.array([str(value) for value in distinct.tolist()], pa.large_string())
    if column.dtype != "float64":
        texts = _as_written(texts)
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=places < 0), texts)


def _as_written(texts: pa.Array) -> pa.Array:
    """Texts with the guards and quotes that they need; most columns need none."""
    for signs, function in ((MAY_BE_RISKY, guarded), (NEEDS_QUOTES.pattern, _quoted)):
        if pc.any(pc.match_substring_regex(texts, signs)).as_py():
            changed = [text if text is None else function(text) for text in texts.to_pylist()]
            texts = pa.array(changed, pa.large_string())
    return texts


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if NEEDS_QUOTES.search(text) else text


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Each row as a dictionary, None where a count or a truth is absent.

    As ``DataFrame.to_dict("records")`` in a third of its time.
    """
    names = list(map(str, frame.columns))
    columns = [
        column.tolist() if column.dtype == "float64" else column.to_numpy(object, na_value=None)
        for _, column in frame.items()
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def concat(frames: Iterable[pd.DataFrame], name: str) -> pd.DataFrame:
    """Stack tables of one schema; with none of them, the empty table."""
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return empty_table(name)
    return conform(pd.concat(filled, ignore_index=True), name)


def _typed(column: pd.Series, kind: str, coded: bool = False) -> pd.Series:
    if kind == "string" and coded:
        return sorted_categories(column)
    if kind == "string" and column.dtype == "str":
        return column.fillna("")
    if kind == "string":
        return column.astype("object").where(column.notna(), "").astype("str")
    if column.dtype == "str" and kind != "boolean":
        # Each text once: a column of a hundred thousand days holds some hundred.
        places, distinct = pd.factorize(column)
        numbers = _typed(pd.Series(distinct, dtype="object"), kind).array
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
