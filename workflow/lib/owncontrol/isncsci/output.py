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
DICTIONARIES = {output: pa.array(labels, TEXT) for output, labels in LABELS.items()}


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


def to_text(output: str, codes: Codes, where: NDArray[np.intp], texts: Texts | None) -> pa.Array:
    """Texts of one output: those of ``codes``, shape (exams,), but ``texts`` at ``where``."""
    if texts is None:
        return DICTIONARIES[output].take(pa.array(codes))
    positions, distinct = pd.factorize(texts)
    wide = codes.astype(np.int32)
    wide[where] = len(LABELS[output]) + positions
    labels = pa.concat_arrays([DICTIONARIES[output], pa.array(distinct, TEXT)])
    return labels.take(pa.array(wide))


def to_frame(columns: dict[str, list[pa.Array]], index: "pd.Index[Any]") -> pd.DataFrame:
    """One str column an output; chunks are joined one output at a time, and freed."""
    series = {}
    for output in cells.OUTPUTS:
        joined = pa.chunked_array(columns.pop(output), type=TEXT).combine_chunks()
        series[output] = pd.Series(pd.array(joined, dtype="str"), index=index, copy=False)
    return pd.DataFrame(series, index=index, columns=list(cells.OUTPUTS))
