"""From columns as people and files hold them to one signed byte a cell, every value checked."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from owncontrol.errors import InputError
from owncontrol.isncsci import cells
from owncontrol.isncsci.cells import Codes

SHOWN = 5  # values that are not permitted an error message lists


def encode(exams: pd.DataFrame) -> list[Codes]:
    """Codes of the 136 cells, each of shape (exams,), in the order of ``cells.ALL_CELLS``.

    A value that is not permitted becomes ``NOT_PERMITTED``; integers are taken as codes
    (`cells`), whatever their width. Columns of signed bytes are not copied.

    Raises:
        InputError: a cell's column is missing or duplicated.
    """
    _check_columns(exams)
    return [encode_column(exams[cell], cell) for cell in cells.ALL_CELLS]


def blocks(exams: pd.DataFrame, size: int) -> Iterator[Codes]:
    """Codes of the exams, ``size`` at a time, shape (136, exams of the block).

    The same memory serves every block; an empty table gives one empty block.
    """
    columns = encode(exams)
    buffer = np.empty((len(cells.ALL_CELLS), min(size, len(exams))), dtype=np.int8)
    for start in range(0, max(len(exams), 1), size):
        block = buffer[:, : min(size, len(exams) - start)]
        for row, column in enumerate(columns):
            block[row] = column[start : start + size]
        yield block


def check(block: Codes, exams: pd.DataFrame) -> None:
    """Raise for a block of ``exams`` with values that are not permitted."""
    known = np.take_along_axis(cells.PERMITTED_CODES, block.view(np.uint8), axis=1)
    if not known.all():
        raise refuse(exams)


def encode_column(column: "pd.Series[Any]", cell: str) -> Codes:
    """Codes of one column, shape (exams,); see `encode`."""
    codes: Codes
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iub":
        return _narrow(column.to_numpy())
    if isinstance(column.dtype, pd.CategoricalDtype):
        table = _code_values(column.cat.categories, cell)
        codes = table.take(column.cat.codes.to_numpy(), mode="wrap")  # missing is -1: the last
        return codes
    if isinstance(column.dtype, pd.StringDtype) and column.dtype.storage == "pyarrow":
        return _encode_arrow(pa.array(column.array), cell)
    positions, uniques = pd.factorize(column.to_numpy(dtype=object))
    codes = _code_values(uniques, cell).take(positions, mode="wrap")
    return codes


def parse_exams(exams: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Type a table of exams and list the values that are not permitted.

    Returns:
        The exams as signed bytes (136 columns, the index kept; a value that is not permitted is
        ``cells.NOT_PERMITTED``), which `classify` takes as they are, and the problems: one row
        each with ``row`` (its index label), ``column``, ``value`` and ``permitted``.

    Raises:
        InputError: a cell's column is missing or duplicated.
    """
    typed: dict[str, Codes] = {}
    found: list[tuple[Any, str, Any, str]] = []
    for row, (cell, codes) in enumerate(zip(cells.ALL_CELLS, encode(exams), strict=True)):
        bad = np.flatnonzero(~cells.PERMITTED_CODES[row].take(codes.view(np.uint8)))
        typed[cell] = codes.copy()
        typed[cell][bad] = cells.NOT_PERMITTED
        words = cells.vocabulary(cell).words
        written = zip(exams.index[bad], exams[cell].iloc[bad], strict=True)
        found += [(label, cell, value, words) for label, value in written]
    problems = pd.DataFrame(found, columns=["row", "column", "value", "permitted"])
    return pd.DataFrame(typed, index=exams.index), problems


def refuse(exams: pd.DataFrame) -> InputError:
    """The error for exams with values that are not permitted; it lists the first few."""
    problems = parse_exams(exams)[1]
    listed = "; ".join(
        f"row {p.row}, {p.column}: {p.value!r} (permitted: {p.permitted})"
        for p in problems.head(SHOWN).itertuples()
    )
    more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    return InputError(
        f"{len(problems)} value(s) are not permitted in an ISNCSCI exam: {listed}{more}",
        "correct them in the source, or write NT where the cell could not be tested",
    )


def _check_columns(exams: pd.DataFrame) -> None:
    missing = [cell for cell in cells.ALL_CELLS if cell not in exams.columns]
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise InputError(
            f"the exams lack {len(missing)} column(s): {', '.join(missing[:SHOWN])}{more}",
            "one row per exam, one column per cell, named as in owncontrol.isncsci.cells.ALL_CELLS",
        )
    repeated = exams.columns[exams.columns.duplicated()].intersection(list(cells.ALL_CELLS))
    if len(repeated):
        raise InputError(
            f"the exams hold the column {repeated[0]!r} more than once", "keep one of them"
        )


def _narrow(numbers: np.ndarray[Any, Any]) -> Codes:
    """Integers of any width as signed bytes; one that does not fit is not permitted."""
    if numbers.dtype == np.int8:
        return numbers
    if numbers.dtype == np.bool_:
        return numbers.view(np.int8)
    codes = numbers.astype(np.int8)
    codes[codes != numbers] = cells.NOT_PERMITTED
    return codes


def _code_values(values: Any, cell: str) -> Codes:
    """Codes of distinct values (texts as written, whole numbers as codes), then of a missing one.

    A missing value is permitted only where empty is.
    """
    codes = cells.vocabulary(cell).codes
    known = set(codes.values())
    coded = []
    for value in values:
        if isinstance(value, str):
            coded.append(codes.get(value, cells.NOT_PERMITTED))
        else:
            whole = isinstance(value, (bool, int, float, np.number)) and value in known
            coded.append(int(value) if whole else cells.NOT_PERMITTED)
    coded.append(codes.get("", cells.NOT_PERMITTED))
    return np.array(coded, dtype=np.int8)


def _encode_arrow(texts: "pa.Array | pa.ChunkedArray", cell: str) -> Codes:
    """Codes of a column of Arrow strings."""
    codes = cells.vocabulary(cell).codes
    vocabulary = pa.array(list(codes), type=texts.type)
    if "" in codes:
        texts = pc.fill_null(texts, "")
    positions = pc.fill_null(pc.index_in(texts, value_set=vocabulary), len(codes))
    table = np.array([*codes.values(), cells.NOT_PERMITTED], dtype=np.int8)
    return table.take(np.asarray(positions))
