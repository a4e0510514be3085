"""Columns of text as categories: work on them costs what their few different values cost.

A raw file may have a million rows and a hundred columns, yet most columns hold a handful of
different texts. All that reads, compares or changes text does it once a distinct value.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from owncontrol.basics.invisible import visible


def as_categories(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A text column as categories, in the order in which they first appear; missing is empty."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes, uniques = pd.factorize(column.fillna(""))
    values = pd.Categorical.from_codes(codes, [str(text) for text in uniques])
    return pd.Series(values, index=column.index, name=column.name)


def all_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of text with all its columns as categories."""
    return pd.DataFrame({name: as_categories(frame[name]) for name in frame}, index=frame.index)


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
    codes = narrow(place, len(order))[column.cat.codes]
    values = pd.Categorical.from_codes(codes, [str(texts[i]) for i in order])
    return pd.Series(values, index=column.index)


def texts(column: "pd.Series[Any]") -> list[str]:
    """The distinct texts of a column of categories, in the order of their codes."""
    found: list[str] = column.cat.categories.tolist()
    return found


def codes(column: "pd.Series[Any]") -> NDArray[np.integer[Any]]:
    """The place of each cell's text in ``texts``."""
    found: NDArray[np.integer[Any]] = column.cat.codes.to_numpy()
    return found


def present_texts(column: "pd.Series[Any]") -> list[str]:
    """The distinct texts that some cell of a column holds; ``texts`` may have others, too."""
    known = texts(column)
    return [known[code] for code in np.flatnonzero(cells_by_text(column))]


def cells_by_text(column: "pd.Series[Any]") -> NDArray[np.int64]:
    """How many cells of a column hold each of its ``texts``; none is missing."""
    return np.bincount(codes(column), minlength=len(column.cat.categories))


def by_value(column: "pd.Series[Any]", function: Callable[[str], Any]) -> NDArray[Any]:
    """``function`` of each cell's text, called once a distinct text.

    A part of a long column knows the texts of the whole one: only its own are looked at.
    """
    if not len(column):
        return np.zeros(0, dtype=bool)
    known, places = column.cat.categories, codes(column)
    if len(known) > len(column):
        used, places = np.unique(places, return_inverse=True)
        known = known[used]
    return np.take(np.array([function(text) for text in known.tolist()]), places)


def is_one_of(column: "pd.Series[Any]", values: Collection[str]) -> NDArray[np.bool_]:
    """Whether each cell's text, as it is seen and without spaces around it, is one of some."""
    return by_value(column, lambda text: visible(text).strip() in values)


def is_filled(column: "pd.Series[Any]") -> NDArray[np.bool_]:
    """Whether each cell holds more than spaces."""
    return by_value(column, lambda text: bool(text.strip()))


def replaced(column: "pd.Series[Any]", old: str, new: str) -> "pd.Series[Any]":
    """A column of categories with one text in place of another."""
    return recoded(column, {old: new}) if old in texts(column) else column


def recoded(column: "pd.Series[Any]", new: Mapping[str, str]) -> "pd.Series[Any]":
    """A column of categories with other texts in place of some (old text: new text)."""
    known = [new.get(text, text) for text in texts(column)]
    names = {text: number for number, text in enumerate(dict.fromkeys(known))}
    place = np.array([names[text] for text in known], dtype=np.int64)
    found = place[codes(column)] if len(known) else codes(column)
    return pd.Series(pd.Categorical.from_codes(found, list(names)), index=column.index)


def stack(columns: "list[pd.Series[Any]]") -> "pd.Series[Any]":
    """Columns of categories below each other, with an index of their own."""
    if len(columns) == 1:
        return columns[0].reset_index(drop=True)
    known: dict[str, int] = {}
    for column in columns:
        for text in texts(column):
            known.setdefault(text, len(known))
    places = [
        narrow([known[text] for text in texts(column)], len(known))[codes(column)]
        for column in columns
    ]
    return pd.Series(pd.Categorical.from_codes(np.concatenate(places), list(known)))


def narrow(places: ArrayLike, count: int) -> NDArray[np.signedinteger[Any]]:
    """Places of ``count`` things (-1 for none) in as few bytes each as they need."""
    return np.asarray(places).astype(np.min_scalar_type(-max(1, count)))


def constant(text: str, length: int) -> "pd.Series[Any]":
    """A column of categories that holds one text throughout."""
    return pd.Series(pd.Categorical.from_codes(np.zeros(length, dtype=np.int8), [text]))
