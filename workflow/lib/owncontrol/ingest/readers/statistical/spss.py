"""Two things about .sav files that the reader is not left to: their encoding, and more cases.

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

HEADER, LAYOUT = 176, 64  # bytes; where the layout code is, which is 2 or 3 in the file's order
COUNT_OF_CASES = 80  # where the header has it
VARIABLE, LABELS, LABELLED, DOCUMENTS, EXTENSION = 2, 3, 4, 6, 7
CODE_PAGE, NAMED = 3, 20  # extensions: a number for the encoding, and its name


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


def own_encoding(path: Path) -> str:
    """The name of the encoding that a .sav gives, or an empty text.

    The reader must not be left to find it: it crashes at a value label that does not fit it.
    """
    found = {CODE_PAGE: "", NAMED: ""}
    with path.open("rb") as file:
        header = file.read(HEADER)
        order = "<" if header[LAYOUT : LAYOUT + 1] in (b"\2", b"\3") else ">"
        try:
            for subtype, content in _extensions(file, order):
                if subtype == CODE_PAGE:
                    found[subtype] = _of_code_page(struct.unpack_from(f"{order}8i", content)[7])
                elif subtype == NAMED:
                    found[subtype] = content.decode("latin-1").strip(" \0")
        except struct.error:  # the file ends within its dictionary: the reader reports that
            pass
    return found[NAMED] or found[CODE_PAGE]


def _of_code_page(number: int) -> str:
    """A code page of Windows; 2 and 3 are ASCII and signs of eight bits, which was Windows."""
    if number in (2, 3):
        return "windows-1252"
    return f"iso8859-{number - 28590}" if 28590 < number < 28610 else f"cp{number}"


def _extensions(file: BinaryIO, order: str) -> Iterator[tuple[int, bytes]]:
    """Subtype and content of the extension records after the header. Raises struct.error at the
    end of the file.
    """
    kind = _number(file, order)
    while kind in (*_PASS_OVER, EXTENSION):
        if kind != EXTENSION:
            _PASS_OVER[kind](file, order)
        else:
            subtype, size = _number(file, order), _number(file, order) * _number(file, order)
            if subtype in (CODE_PAGE, NAMED) and 0 <= size < HEADER:
                yield subtype, file.read(size)
            else:
                _skip(file, size)
        kind = _number(file, order)


def _number(file: BinaryIO, order: str) -> int:
    return int(struct.unpack(f"{order}i", file.read(4))[0])


def _skip(file: BinaryIO, size: int) -> None:
    if size < 0:
        raise struct.error("a record of negative length")
    file.seek(size, io.SEEK_CUR)


def _pass_variable(file: BinaryIO, order: str) -> None:
    """A label where there is one, padded to whole words, and up to three codes for missing."""
    _, has_label, missing = (_number(file, order) for _ in range(3))
    _skip(file, 16)
    if has_label:
        _skip(file, -(-_number(file, order) // 4) * 4)
    _skip(file, 8 * abs(missing))


def _pass_labels(file: BinaryIO, order: str) -> None:
    """Each a value and a text, whose length and letters together fill units of eight bytes."""
    for _ in range(_number(file, order)):
        _skip(file, 8)
        (length,) = struct.unpack("B", file.read(1))
        _skip(file, (length + 8) // 8 * 8 - 1)


# By type of record what moves behind it.
_PASS_OVER: dict[int, Callable[[BinaryIO, str], None]] = {
    VARIABLE: _pass_variable,
    LABELS: _pass_labels,
    LABELLED: lambda file, order: _skip(file, 4 * _number(file, order)),
    DOCUMENTS: lambda file, order: _skip(file, 80 * _number(file, order)),
}
