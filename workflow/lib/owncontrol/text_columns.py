"""Columns of text as categories: work on them costs what their few different values cost.

A raw file may have a million rows and a hundred columns, yet most columns hold a handful of
different texts. All that reads, compares or changes text does it once a distinct value.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.findings import Finding


@dataclass
class Grid:
    """A raw file as a grid of text.

    ``header``: the first row as written. ``cells``: one text column a position (0, 1 ...), indexed
    by the row's number as a person counts it (the header is row 1). ``odd``: rows that are not as
    wide as the header, or cannot be told apart into cells, by their number, with the reason;
    ``odd_blank`` are those of them without any content. ``cell_findings``: about single cells,
    by position of the column.
    """

    header: list[str]
    cells: pd.DataFrame
    odd: dict[int, str] = field(default_factory=dict)
    odd_blank: set[int] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    cell_findings: list[tuple[int, Finding]] = field(default_factory=list)


def grid_of_rows(rows: list[list[str]], first: int) -> Grid:
    """A grid from rows of text, the names first; the row below them has the number ``first``."""
    width = max(map(len, rows))
    filled = [row + [""] * (width - len(row)) for row in rows]
    index = pd.RangeIndex(first, first + len(rows) - 1, name="source_row")
    cells = pd.DataFrame(filled[1:], index=index, columns=range(width), dtype="str")
    return Grid(filled[0], all_categories(cells))


def as_categories(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A text column as categories, in the order in which they first stand; missing is empty."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes, uniques = pd.factorize(column.fillna(""))
    values = pd.Categorical.from_codes(codes, [str(text) for text in uniques])
    return pd.Series(values, index=column.index, name=column.name)


def all_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of text with all its columns as categories."""
    return pd.DataFrame({name: as_categories(frame[name]) for name in frame}, index=frame.index)


def texts(column: "pd.Series[Any]") -> list[str]:
    """The distinct texts of a column of categories, in the order of their codes."""
    found: list[str] = column.cat.categories.tolist()
    return found


def codes(column: "pd.Series[Any]") -> NDArray[np.integer[Any]]:
    """The place of each cell's text in ``texts``."""
    found: NDArray[np.integer[Any]] = column.cat.codes.to_numpy()
    return found


def by_value(column: "pd.Series[Any]", function: Callable[[str], Any]) -> NDArray[Any]:
    """``function`` of each cell's text, called once a distinct text."""
    if not len(column):
        return np.zeros(0, dtype=bool)
    results = np.array([function(text) for text in texts(column)])
    return np.take(results, codes(column))


def is_one_of(column: "pd.Series[Any]", values: Collection[str]) -> NDArray[np.bool_]:
    """Whether each cell's text, without spaces around it, is one of some."""
    return by_value(column, lambda text: text.strip() in values)


def is_filled(column: "pd.Series[Any]") -> NDArray[np.bool_]:
    """Whether each cell holds more than spaces."""
    return by_value(column, lambda text: bool(text.strip()))


def replaced(column: "pd.Series[Any]", old: str, new: str) -> "pd.Series[Any]":
    """A column of categories with one text in place of another."""
    known = texts(column)
    if old not in known:
        return column
    names = list(dict.fromkeys(new if text == old else text for text in known))
    place = np.array([names.index(new if text == old else text) for text in known])
    return pd.Series(pd.Categorical.from_codes(place[codes(column)], names), index=column.index)


def stack(columns: "list[pd.Series[Any]]") -> "pd.Series[Any]":
    """Columns of categories below each other, with an index of their own."""
    if len(columns) == 1:
        return columns[0].reset_index(drop=True)
    known: dict[str, int] = {}
    for column in columns:
        for text in texts(column):
            known.setdefault(text, len(known))
    places = [
        np.array([known[text] for text in texts(column)], dtype=np.int64)[codes(column)]
        for column in columns
    ]
    return pd.Series(pd.Categorical.from_codes(np.concatenate(places), list(known)))


def constant(text: str, length: int) -> "pd.Series[Any]":
    """A column of categories that holds one text throughout."""
    return pd.Series(pd.Categorical.from_codes(np.zeros(length, dtype=np.int8), [text]))
