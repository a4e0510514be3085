"""Columns that are read in parts, and how they are one column of pandas in the end."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from owncontrol.tables.categories import narrow


class Coded:
    """A column of text in parts, each coded by itself, as one column of categories.

    A code takes a byte where there are few texts: of a hundred columns of a million rows the codes
    of the parts, with four bytes each, would be most of a step's memory.
    """

    def __init__(self) -> None:
        """Start without a part."""
        self.parts: list[NDArray[np.signedinteger[Any]]] = []
        self._known: dict[str, int] = {}
        self._last: pa.Array | None = None
        self._places = np.zeros(0, np.int8)

    def add(self, part: pa.ChunkedArray) -> None:
        """Add rows; texts are numbered as they come, and a missing one is -1."""
        for chunk in part.chunks:
            # Parts that have the same texts in the same order are those of the same rows, mostly.
            if self._last is None or not self._last.equals(chunk.dictionary):
                self._last = chunk.dictionary
                texts = self._last.to_pylist()
                places = [self._known.setdefault(text, len(self._known)) for text in texts]
                self._places = narrow([*places, -1], len(self._known))
            self.parts.append(self._places[pc.fill_null(chunk.indices, -1).to_numpy()])

    def whole(self) -> "pd.Series[Any]":
        """All rows; the parts are given up."""
        texts = pd.Index(list(self._known), dtype="str")
        parts = [np.zeros(0, np.int8), *self.parts]
        self.parts, self._last = [], None
        return pd.Series(pd.Categorical.from_codes(np.concatenate(parts), texts))


class Texts:
    """A column of text in parts, of which most cells are the only ones with theirs."""

    def __init__(self) -> None:
        """Start without a part."""
        self.parts: list[pa.Array] = []

    def add(self, part: pa.ChunkedArray) -> None:
        """Add rows."""
        self.parts += part.chunks

    def whole(self) -> "pd.Series[Any]":
        """All rows."""
        return pd.Series(pd.array(pa.chunked_array(self.parts, pa.string()), dtype="str"))


class Numbers:
    """A column in parts that is no text.

    ``kind``: its type; ``nullable``: by type, pandas' own for a column with gaps, where it is not
    to be floating numbers with NaN.
    """

    def __init__(
        self, kind: pa.DataType, nullable: Mapping[pa.DataType, Any] = MappingProxyType({})
    ) -> None:
        """Start without a part."""
        self.parts: list[pa.Array] = []
        self._kind, self._nullable = kind, nullable

    def add(self, part: pa.ChunkedArray) -> None:
        """Add rows."""
        self.parts += part.chunks

    def whole(self) -> "pd.Series[Any]":
        """All rows; the parts are given up."""
        parts, self.parts = self.parts, []
        return pa.chunked_array(parts, self._kind).to_pandas(types_mapper=self._nullable.get)
