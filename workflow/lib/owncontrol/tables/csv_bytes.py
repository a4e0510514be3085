"""The bytes of CSV: the same for the same table, made a column at a time."""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from owncontrol.basics.formulas import MAY_BE_RISKY, guarded

NEEDS_QUOTES = re.compile(r'[,"\r\n]')
# Rows whose text is put together in memory at a time.
ROWS_AT_ONCE = 20_000
# Rows of which each column is brought into a form to be written from, at a time.
ROWS_OF_COLUMNS = 25 * ROWS_AT_ONCE


def csv_header(names: Iterable[str]) -> bytes:
    """The line of the column names."""
    return (",".join(_quoted(guarded(str(name))) for name in names) + "\n").encode()


def csv_lines(frame: pd.DataFrame) -> Iterator[memoryview]:
    """The rows of a table as the bytes of CSV lines, some thousand rows at a time."""
    for start in range(0, len(frame), ROWS_OF_COLUMNS):
        yield from _csv_lines(frame.iloc[start : start + ROWS_OF_COLUMNS])


def _csv_lines(frame: pd.DataFrame) -> Iterator[memoryview]:
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
    # The texts of an Arrow column follow each other in one buffer.
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
    if len(distinct) > len(column):  # a part of a long column knows the texts of the whole one
        used, places = np.unique(places, return_inverse=True)
        distinct = distinct.take(used)
        places = np.where(used[places] < 0, -1, places)
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
