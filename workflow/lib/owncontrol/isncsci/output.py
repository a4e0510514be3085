"""From result codes and sets to the texts of the contract."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from owncontrol.isncsci import cells
from owncontrol.isncsci.cells import Codes
from owncontrol.isncsci.level_sets import ALL_ONES, Mask

Texts = np.ndarray[Any, np.dtype[np.object_]]

TEXT = pa.large_string()  # what pandas keeps its str columns in


def _labels(output: str) -> tuple[str, ...]:
    """Text of each result code of an output, and of each bit of its sets."""
    if output in cells.LEVEL_OUTPUTS:
        return cells.LEVEL_NAMES
    if output in cells.ZONE_OUTPUTS:
        return (cells.NOT_APPLICABLE, *cells.LEVELS)
    if output == cells.COMPLETENESS:
        return ("C", "I")
    return tuple("ABCDE") if output == cells.AIS else tuple(str(total) for total in range(113))


LABELS = {output: _labels(output) for output in cells.OUTPUTS}


@cache
def set_text(output: str, members: int, starred: int) -> str:
    """A set written out: values joined by commas, those in ``starred`` with ``*``."""
    labels = LABELS[output]
    return ",".join(
        labels[bit] + "*" * (starred >> bit & 1) for bit in range(len(labels)) if members >> bit & 1
    )


def write_sets(output: str, members: Mask, starred: Mask) -> Texts:
    """Sets of one output written out, each different one once."""
    both = members.astype(np.uint64) << np.uint64(32) | starred
    distinct, position = np.unique(both, return_inverse=True)
    written = [set_text(output, int(pair) >> 32, int(pair) & ALL_ONES) for pair in distinct]
    return np.array(written, dtype=object)[position]


class Column:
    """The texts of one output, block by block: each different text once, and where it stands."""

    def __init__(self, output: str) -> None:
        """Start with the labels of the output's codes, and no exam."""
        self._known = {label: place for place, label in enumerate(LABELS[output])}
        self._places: list[NDArray[np.signedinteger[Any]]] = []

    def add(self, codes: Codes, where: NDArray[np.intp], texts: Texts | None) -> None:
        """Add exams: those of ``codes``, shape (exams,), but ``texts`` at ``where``."""
        if texts is None:
            self._places.append(codes)
            return
        positions, distinct = pd.factorize(texts)
        found = [self._known.setdefault(text, len(self._known)) for text in distinct]
        places = codes.astype(np.min_scalar_type(-len(self._known)))
        places[where] = np.array(found, places.dtype)[positions]
        self._places.append(places)

    def whole(self, index: "pd.Index[Any]", coded: bool) -> "pd.Series[Any]":
        """All exams as text, ``coded``: in a column of categories; the blocks are given up."""
        places = np.concatenate(self._places)
        self._places = []
        if coded:
            return pd.Series(pd.Categorical.from_codes(places, list(self._known)), index=index)
        texts = pa.array(list(self._known), TEXT).take(pa.array(places))
        return pd.Series(pd.array(texts, dtype="str"), index=index, copy=False)
