"""Texts of a statistical file from their bytes: each in the encoding that the file has.

ReadStat would lose what does not fit: a letter at the end of a text that is the beginning of a
longer sign in UTF-8, and in some encodings the last sign of a text, which it gives to the next.
So it is asked for ISO 8859-1, where each byte is a sign, and Python decodes.
"""

import codecs
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from owncontrol.errors import InputError
from owncontrol.ingest.readers.encodings import codec_of

BYTES = "ISO-8859-1"
HINT = "set exports.*.encoding to that of the texts (for example windows-1252 or shift_jis)"
# What ReadStat says of a text outside its encoding, and of an encoding that it does not know.
OUT_OF_ENCODING = re.compile("requested encoding|codec can't decode")
UNKNOWN_ENCODING = "unsupported character set"
FIRST_UNICODE_STATA = 118


class Encoding:
    """The encoding of a file: the one declared in the configuration, or the file's own."""

    def __init__(self, name: str, is_own: bool) -> None:
        """``name``: as Python or the file has it. Raises LookupError where that is none."""
        self.name, self.is_own = name, is_own
        self.codec = codec_of(name)

    def text(self, stored: str) -> str:
        """A text that was read as ISO 8859-1. Raises UnicodeDecodeError where it does not fit."""
        return stored if stored.isascii() else stored.encode(BYTES).decode(self.codec)

    def without_cut_sign(self, stored: str, width: int) -> str | None:
        """A text whose last sign is cut off, without it; None where the text is not of that kind.

        A program that cuts a text at a number of bytes may cut within a sign. It is taken for that
        where the text fills its ``width`` in bytes, or its other signs show that the encoding is
        the right one; otherwise it may be a letter in another encoding.
        """
        content = stored.encode(BYTES)
        try:
            rest = codecs.getincrementaldecoder(self.codec)().decode(content)
        except UnicodeDecodeError:
            return None
        return rest if len(content) >= width or not rest.isascii() else None

    def misfit(self, path: Path, place: str) -> InputError:
        """What is raised about a text that does not fit; ``place``: where it is."""
        own = "the encoding that the file gives" if self.is_own else "exports.*.encoding"
        return InputError(f"{path}{place}: a text is not {self.name}, {own}", HINT)

    def is_doubtful(self, stored: str) -> bool:
        """Whether a text in an encoding of one byte a sign is UTF-8, which is hardly by chance."""
        if stored.isascii() or not self.is_own or self.codec == "utf-8":
            return False
        try:
            stored.encode(BYTES).decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True


def encoding_of(path: Path, declared: str, own: str) -> Encoding | None:
    """How the texts of a file are decoded; None where Python does not know its own encoding.

    ``declared``: by the configuration, or an empty text for the file's ``own``. Raises InputError
    where nothing is called as declared.
    """
    try:
        return Encoding(declared or own, not declared)
    except LookupError:
        if not declared:
            return None
        raise InputError(f"{path}: no encoding is called '{declared}'", HINT) from None


def decoded(value: Any, text: Callable[[str], str]) -> Any:
    """A structure of the reader's with all its texts decoded."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {decoded(key, text): decoded(part, text) for key, part in value.items()}
    if isinstance(value, list):
        return [decoded(part, text) for part in value]
    return value


def usual_encoding(head: bytes, kind: str) -> str:
    """The encoding of a file that does not give one: Stata's of its release, else UTF-8.

    ``head``: how the file begins.
    """
    if kind != "stata":
        return "utf-8"
    release = re.search(rb"<release>(\d+)", head)
    is_unicode = release is not None and int(release[1]) >= FIRST_UNICODE_STATA
    return "utf-8" if is_unicode else "windows-1252"
