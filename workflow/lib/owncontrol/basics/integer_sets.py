"""Sets of whole numbers as runs, and how a text names them: by ranges, or where many by bits.

``2~9,12`` is 2 to 9 and 12. ``#800.KLUv...`` is a set below 800: a bit a number, deflated by zstd,
in the letters of base64 for addresses. So a set is named exactly in at most a sixth of a character
a number, whatever gaps it has.
"""

import base64
from collections.abc import Callable, Collection, Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

# First and last number of each run, shape (runs, 2), in order.
Spans = NDArray[np.int64]
# A set of more runs is named by bits.
MOST_RUNS = 100
RUNS_AT_ONCE = 1000
BITS = "#"


def in_order(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers from 0 on in order, each once; of many, in a tenth of ``np.unique``'s time."""
    if not len(numbers):
        return numbers
    found = np.zeros(int(numbers.max()) + 1, bool)
    found[numbers] = True
    return np.flatnonzero(found)


def runs(numbers: "NDArray[np.int64] | Iterable[int]") -> Spans:
    """The runs of numbers in order, each once."""
    found = np.asarray(
        numbers if isinstance(numbers, np.ndarray) else list(numbers), dtype=np.int64
    )
    if not len(found):
        return np.empty((0, 2), np.int64)
    ends = np.flatnonzero(np.diff(found) != 1)
    firsts = found[np.concatenate([[0], ends + 1])]
    lasts = found[np.concatenate([ends, [len(found) - 1]])]
    return np.column_stack([firsts, lasts])


def length(spans: Spans) -> int:
    """How many numbers there are."""
    return int((spans[:, 1] - spans[:, 0] + 1).sum())


def mask(spans: Spans, size: int) -> NDArray[np.bool_]:
    """Whether each number from 0 to ``size`` (not included) is in the set."""
    steps = np.zeros(size + 1, np.int64)
    np.add.at(steps, spans[:, 0], 1)
    np.add.at(steps, spans[:, 1] + 1, -1)
    inside: NDArray[np.bool_] = np.cumsum(steps[:size]) > 0
    return inside


def numbers(spans: Spans, only: Collection[int] | None = None) -> Iterator[int]:
    """Each number in order; ``only``: those among these."""
    if only is None:
        # Some runs at a time: who asks for the first numbers of a million runs waits for no others.
        for start in range(0, len(spans), RUNS_AT_ONCE):
            for first, last in spans[start : start + RUNS_AT_ONCE].tolist():
                yield from range(first, last + 1)
        return
    for number in sorted(only):
        place = int(np.searchsorted(spans[:, 0], number, side="right")) - 1
        if place >= 0 and number <= spans[place, 1]:
            yield number


def named(spans: Spans, name: Callable[[int], str] = str) -> str:
    """The set in a text; ``name``: what a number is called in a range."""
    if len(spans) > MOST_RUNS:
        return _bits(spans)
    return ",".join(
        name(first) if first == last else f"{name(first)}~{name(last)}"
        for first, last in spans.tolist()
    )


def read(text: str, number: Callable[[str], int] = int) -> Spans:
    """The set that ``named`` has written; ``number``: the number of a name."""
    text = text.strip()
    if text.startswith(BITS):
        return _read_bits(text)
    found = []
    for part in text.split(","):
        first, _, last = part.strip().partition("~")
        found.append((number(first), number(last or first)))
    return np.array(found, np.int64)


def _bits(spans: Spans) -> str:
    size = int(spans[-1, 1]) + 1
    packed = np.packbits(mask(spans, size)).tobytes()
    small = pa.compress(packed, codec="zstd", asbytes=True)
    return f"{BITS}{size}.{base64.urlsafe_b64encode(small).decode('ascii').rstrip('=')}"


def _read_bits(text: str) -> Spans:
    size, _, letters = text.removeprefix(BITS).partition(".")
    small = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4))
    packed = pa.decompress(small, -(-int(size) // 8), codec="zstd", asbytes=True)
    return runs(np.flatnonzero(np.unpackbits(np.frombuffer(packed, np.uint8), count=int(size))))
