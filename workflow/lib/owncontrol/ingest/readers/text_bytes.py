"""A delimited text file's bytes as UTF-8: encoding, marks, line ends, the line that names a sign.

Whatever departs from plain UTF-8 with LF is a note; what cannot be read is refused with its place.
"""

import codecs
import re
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from owncontrol.errors import InputError
from owncontrol.findings import reading_rules
from owncontrol.findings.finding import Finding
from owncontrol.ingest.readers.encodings import codec_of, guess, wide_order

LONGEST_LINE = 1 << 26
END_OF_FILE = b"\x1a"  # Ctrl-Z, with which DOS and CP/M end a text
# Excel's first line, which names the delimiter; quotes around it and a row filled up are accepted.
SEPARATOR = re.compile(
    rb'("?)sep=(\\t|(?=[\x01-\x7f])(?:[^\w"\r\n]|_))\1[ \t,;|]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE
)
USUAL = "usual ones: utf-8, utf-16, windows-1252, shift_jis"


class LineEnds(NamedTuple):
    """How many line ends of each kind a file has, those inside cells included."""

    pairs: int
    feeds: int
    returns: int

    @property
    def has_lone_returns(self) -> bool:
        """Whether a CR stands anywhere without an LF behind it."""
        return self.returns > self.pairs


def check_lines(path: Path) -> None:
    """Raise InputError where a line is longer than any table has, before it is in memory."""
    size, start = path.stat().st_size, 0
    with path.open("rb") as file:
        while size - start > LONGEST_LINE:
            file.seek(start)
            block = file.read(LONGEST_LINE)
            end = max(block.rfind(b"\n"), block.rfind(b"\r"))
            if end < 0:
                raise InputError(
                    f"{path}: a line of more than {LONGEST_LINE >> 20} MiB, from byte {start} on",
                    "check that this is a text file with each row in a line of its own",
                )
            start += end + 1


def decoded(path: Path, raw: bytes, encoding: str, findings: list[Finding]) -> bytes:
    """The file's text as UTF-8 without a byte order mark.

    Raises InputError where the bytes are not text of that encoding.
    """
    name = _codec(path, encoding)
    if raw.startswith(codecs.BOM_UTF8):
        _check_mark(path, raw, name, encoding)
        findings.append(Finding(reading_rules.ByteOrderMark(), path.name))
        raw = raw[len(codecs.BOM_UTF8) :]
    try:
        if name in ("utf-8", "utf-8-sig"):
            if not is_utf8(raw):
                raw.decode("utf-8")  # says where
            text = raw
        else:
            if name.startswith(("utf-16", "utf-32")):
                name = _with_order(path, raw, name, findings)
            text = raw.decode(name).encode("utf-8").removeprefix(codecs.BOM_UTF8)
            _find_doubts(path, raw, text, name, encoding, findings)
    except UnicodeError as error:
        raise _wrong_encoding(path, raw, encoding, error) from error
    if b"\0" in text:
        fit = guess(raw).encoding
        raise InputError(
            f"{path}, line {line_number(text, text.index(0))}: holds a NUL byte, so this is no "
            f"{encoding} text",
            f"set exports.*.encoding (by its bytes: {fit})"
            if fit.startswith(("utf-16", "utf-32"))
            else "export the file again: NUL bytes mean that the file was cut or is no text",
        )
    return text


def _codec(path: Path, encoding: str) -> str:
    try:
        return codec_of(encoding)
    except (LookupError, ValueError) as error:
        raise InputError(
            f"exports, {path.name}: '{encoding}' is no encoding of text", USUAL
        ) from error


def _check_mark(path: Path, raw: bytes, name: str, encoding: str) -> None:
    """Raise where a file says that it is UTF-8, and the configuration says something else."""
    if not name.startswith("utf-8") and not raw[3:].isascii() and is_utf8(raw):
        raise InputError(
            f"{path}: starts with the byte order mark of utf-8 and is valid utf-8, but "
            f"exports.*.encoding is {encoding}",
            "set exports.*.encoding: utf-8",
        )


def _with_order(path: Path, raw: bytes, name: str, findings: list[Finding]) -> str:
    """The codec with its byte order: by a mark, or by where the NUL bytes of signs stand.

    Without it Python takes the order of the computer, and a whole table becomes one of nonsense.
    """
    size = 2 if name.startswith("utf-16") else 4
    marks = {
        2: {codecs.BOM_UTF16_LE: "le", codecs.BOM_UTF16_BE: "be"},
        4: {codecs.BOM_UTF32_LE: "le", codecs.BOM_UTF32_BE: "be"},
    }[size]
    order = marks.get(raw[:size], "")
    if not order and len(raw) >= size:
        order = wide_order(raw, size)[-2:]
        if not order:
            raise InputError(
                f"{path}: no {name} text: it has no byte order mark, and its bytes do not go "
                "together as a table of that encoding",
                f"set exports.*.encoding (by its bytes: {guess(raw).encoding})",
            )
        if name in ("utf-16", "utf-32"):
            findings.append(Finding(reading_rules.ByteOrder(codec=f"{name}-{order}"), path.name))
    if order and name not in ("utf-16", "utf-32", f"utf-{8 * size}-{order}"):
        raise InputError(
            f"{path}: its bytes are utf-{8 * size}-{order}, but exports.*.encoding is {name}",
            f"set exports.*.encoding: utf-{8 * size}-{order}",
        )
    return f"utf-{8 * size}-{order}" if order else name


def _find_doubts(
    path: Path, raw: bytes, text: bytes, name: str, encoding: str, findings: list[Finding]
) -> None:
    """Warn of text that fits the declared encoding, but hardly is of it."""
    if not name.startswith(("utf", "ascii")) and not raw.isascii() and is_utf8(raw):
        findings.append(Finding(reading_rules.LikelyUtf8(encoding=encoding), path.name))
    controls = re.search(rb"\xc2[\x80-\x9f]", text)
    if controls and not name.startswith("utf"):
        sign = reading_rules.ControlCharacter(
            encoding=encoding,
            line=str(line_number(text, controls.start())),
            point=ord(controls[0].decode("utf-8")),
        )
        findings.append(Finding(sign, path.name))


def is_utf8(raw: bytes) -> bool:
    """As Python would decide, but a gigabyte is checked in a moment and without a copy."""
    try:
        pa.array([raw], pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def line_number(text: bytes, place: int) -> int:
    """The number of the line of a byte, whatever its lines end in."""
    before = text[:place]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def _wrong_encoding(path: Path, raw: bytes, encoding: str, error: UnicodeError) -> InputError:
    likely = guess(raw).encoding
    way_out = f"set exports.*.encoding for {path.name} (by its bytes perhaps {likely})"
    if _codec(path, likely) == _codec(path, encoding):
        way_out = (
            "export it again, in utf-8: it fits no usual encoding, so it is damaged or no text"
        )
    if not isinstance(error, UnicodeDecodeError):
        return InputError(f"{path}: no {encoding} text ({error})", way_out)
    before = raw[: error.start].decode(error.encoding, "replace").encode("utf-8", "replace")
    return InputError(
        f"{path}, line {line_number(before, len(before))}: byte {raw[error.start]:#04x} is no "
        f"{encoding}",
        f"{way_out}; if only this line differs, the file was put together from two encodings: "
        "export it again",
    )


def without_end_mark(path: Path, text: bytes, findings: list[Finding]) -> bytes:
    """The text without the sign of DOS for its end, which comes after the last row."""
    if not text[-4096:].rstrip(b"\r\n").endswith(END_OF_FILE):
        return text
    findings.append(Finding(reading_rules.EndOfFileMark(), path.name))
    return text.rstrip(b"\r\n").rstrip(END_OF_FILE)


def without_separator_line(
    path: Path, text: bytes, delimiter: str, findings: list[Finding]
) -> tuple[bytes, str]:
    """The text behind a first line such as ``sep=;``, and the delimiter that it names.

    Raises InputError where another delimiter is declared; a comma is what nobody declared.
    """
    named = separator_line(text)
    if not named:
        return text, delimiter
    sign, length = named
    if delimiter not in (",", sign):
        raise InputError(
            f"{path}, row 1: names {sign!r} as the delimiter, but exports.*.delimiter is "
            f"{delimiter!r}",
            f"set exports.*.delimiter: {sign!r}, or take the line out of the export",
        )
    findings.append(Finding(reading_rules.SeparatorLine(sign=sign), path.name, 1))
    return text[length:], sign


def separator_line(text: bytes) -> tuple[str, int] | None:
    """The delimiter that a text's first line names (``sep=;``) and the line's length; else None."""
    found = SEPARATOR.match(text)
    if not found:
        return None
    return "\t" if found[2] == b"\\t" else found[2].decode("ascii"), found.end()


def line_ends(text: bytes) -> LineEnds:
    """Count the line ends of a text."""
    returns = text.count(b"\r")
    if not returns:
        return LineEnds(0, 0, 0)  # nothing to say of plain LF
    return LineEnds(text.count(b"\r\n"), text.count(b"\n"), returns)
