"""Two things about .sav files that the reader does not see to: dangling labels, and more cases.

Layout of the dictionary after the PSPP developers' guide, "System File Format": a header of 176
bytes, then records that begin with their type: 2 a variable, or eight further bytes of one; 3 value
labels and 4 the variables that they belong to; 6 documents; 7 extensions; 999 the end.
"""

import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyreadstat

from owncontrol.errors import InputError

HEADER, LAYOUT = 176, 64  # bytes; where the layout code is, which is 2 or 3 in the file's order
COUNT_OF_CASES = 80  # where the header has it
VARIABLE, LABELS, LABELLED, DOCUMENTS, EXTENSION = 2, 3, 4, 6, 7


class CountUnknown(io.FileIO):
    """A .sav whose header gives its number of cases as unknown (-1), so that all are read."""

    def read(self, size: int | None = -1, /) -> bytes:
        """As of a file, with the number in the header overwritten."""
        start = self.tell()
        content = bytearray(super().read(size) or b"")
        for place in range(COUNT_OF_CASES, COUNT_OF_CASES + 4):
            if start <= place < start + len(content):
                content[place - start] = 0xFF
        return bytes(content)


def holds_more(path: Path, about: Any, call: Callable[..., Any], **options: Any) -> bool:
    """Whether there are more cases than the header says; the reader stops at that number.

    ``about``: what the reader says of the file. ``call``: the reader, with ``options``.
    """
    with CountUnknown(path) as file:
        try:
            claimed, first = about.number_rows, about.column_names[:1]
            further, _ = call(file, row_offset=claimed, row_limit=1, usecols=first, **options)
        except pyreadstat.ReadstatError:
            return False  # what follows the last case is no case
    return not further.empty


def check_labels(path: Path) -> None:
    """Raise InputError where value labels belong to no variable: the reader would crash.

    What else is damaged in the dictionary is left for the reader to report.
    """
    with path.open("rb") as file:
        header = file.read(HEADER)
        if len(header) < HEADER:
            return
        order = "<" if header[LAYOUT] in (2, 3) else ">"
        try:
            starts: set[int] = set()
            for kind, numbers in _records(file, order):
                if kind == VARIABLE:
                    starts |= set(numbers)
                elif kind == LABELLED and not starts & set(numbers):
                    raise InputError(
                        f"{path}: value labels in it belong to no variable",
                        "the file is damaged; export it again",
                    )
        except struct.error:  # the file ends within its dictionary
            return


def _records(file: BinaryIO, order: str) -> Iterator[tuple[int, list[int]]]:
    """Variables, each with its number (the place among records of that type, from 1), and the
    numbers of labelled variables. Raises struct.error at the end of the file.
    """

    def number() -> int:
        return int(struct.unpack(f"{order}i", file.read(4))[0])

    def skip(size: int) -> None:
        if size < 0:
            raise struct.error("a record of negative length")
        file.seek(size, io.SEEK_CUR)

    place = 0
    while True:
        kind = number()
        if kind == VARIABLE:
            place += 1
            width, has_label, missing = number(), number(), number()
            skip(16)
            if has_label:
                skip(-(-number() // 4) * 4)
            skip(8 * abs(missing))
            yield VARIABLE, [place] if width >= 0 else []
        elif kind == LABELS:
            for _ in range(number()):
                skip(8)
                (length,) = struct.unpack("B", file.read(1))
                skip((length + 8) // 8 * 8 - 1)
        elif kind == LABELLED:
            yield LABELLED, [number() for _ in range(number())]
        elif kind == DOCUMENTS:
            skip(80 * number())
        elif kind == EXTENSION:
            number()
            skip(number() * number())
        else:
            return
