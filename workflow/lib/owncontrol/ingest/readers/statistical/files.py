"""Opening a file of SAS, SPSS or Stata: of what kind it is, whole or cut, in which encoding."""

import codecs
import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from owncontrol.errors import InputError
from owncontrol.findings import Finding
from owncontrol.ingest.readers.statistical.transport import check_rows, one_member

Config = dict[str, Any]
Reader = Callable[..., Any]
MOST_PACKED = 1000  # cells in a byte of a packed file
HEAD = 1000  # bytes that tell what a file is
READERS: dict[str, Reader] = {
    "sas7bdat": pyreadstat.read_sas7bdat,
    "xport": pyreadstat.read_xport,
    "spss": pyreadstat.read_sav,
    "stata": pyreadstat.read_dta,
}
SAS = bytes(12) + bytes.fromhex("c2ea81")
# How the files of each kind begin.
BEGINNINGS = {
    b"$FL2": "spss",
    b"$FL3": "spss",
    b"<stata_dta>": "stata",
    b"HEADER RECORD*******LIB": "xport",
    SAS + b"\x60": "sas7bdat",
}
OTHER_BEGINNINGS = {
    SAS + b"\x63": "a SAS catalog, which holds formats and no data",
    b"**COMPRESSED**": "a SAS CPORT file, which only SAS can read: there, PROC CIMPORT it and "
    "write it with the engine XPORT (LIBNAME ... XPORT, PROC COPY)",
    b"PK\x03\x04": "a workbook or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old workbook (.xls)",
    b"\x1f\x8b": "packed with gzip: unpack it",
}
STATA_RELEASES = range(104, 116)  # the first byte, up to Stata 12
COUNT_OF_CASES = 80  # where SPSS keeps it in the header of a .sav
# Names of encodings in Python that the reader's library of encodings does not know.
ICONV_NAMES = {"mac-roman": "MACINTOSH"}
# In these a sign may wait for the next one, and the reader's library then moves it on.
SIGNS_THAT_WAIT = re.compile(r"(?i)(windows-|cp)1258|tcvn.*|.*jisx0213|big5-?hkscs.*|utf-?7")
OUT_OF_ENCODING = ("requested encoding", "codec can't decode")


class _CountUnknown(io.FileIO):
    """A .sav whose header gives its number of cases as unknown (-1)."""

    def read(self, size: int | None = -1, /) -> bytes:
        start = self.tell()
        content = bytearray(super().read(size) or b"")
        for place in range(COUNT_OF_CASES, COUNT_OF_CASES + 4):
            if start <= place < start + len(content):
                content[place - start] = 0xFF
        return bytes(content)


@dataclass
class Opened:
    """A file that was read: its values as stored, what the file says about them, findings."""

    frame: pd.DataFrame
    about: Any
    kind: str
    findings: list[Finding]


def open_file(path: Path, export: Config, metadata_only: bool = False) -> Opened:
    """Read a file as stored: dates as numbers, user-missing values as they are.

    ``export``: an entry under ``exports``. Raises InputError where the file is of another kind,
    cut or damaged, not in its encoding, or has several datasets and none is named.
    """
    kind = export["format"]
    try:
        content = path.read_bytes() if kind == "xport" else _head(path)
        _check_kind(path, content, kind)
        source: Any = str(path)
        if kind == "xport":
            content = one_member(path, content, export["dataset"])
            source = content
        elif export["dataset"]:
            raise InputError(
                f"{path}: exports.*.dataset names '{export['dataset']}', and only a SAS transport "
                "file holds several datasets",
                "leave exports.*.dataset out",
            )
        return _read(path, source, content, export, metadata_only)
    except InputError:
        raise
    except Exception as error:  # a damaged file makes the reader raise whatever comes
        raise _as_input_error(path, export, error) from error


def _read(path: Path, source: Any, head: bytes, export: Config, metadata_only: bool) -> Opened:
    kind = export["format"]
    is_portable = kind == "spss" and _is_portable(path, head)
    reader = pyreadstat.read_por if is_portable else READERS[kind]
    options: Config = {"disable_datetime_conversion": True}
    if kind != "xport" and not is_portable:
        options["user_missing"] = True
    if export["encoding"] != "utf-8":
        options["encoding"] = _iconv_name(export["encoding"])

    def call(source: Any, **more: Any) -> Any:
        with warnings.catch_warnings():
            # Two variables of one name: the reader would give one of them another name.
            warnings.filterwarnings("error", message="column .* is duplicated")
            given = io.BytesIO(source) if isinstance(source, bytes) else source
            return reader(given, **options, **more)

    frame, about = call(source, metadataonly=True)
    if not about.number_columns:
        raise InputError(f"{path}: holds no variables", "export the file again")
    encoding = options.get("encoding") or about.file_encoding or ""
    if SIGNS_THAT_WAIT.fullmatch(encoding):
        raise InputError(
            f"{path}: texts in the encoding {encoding} cannot be read without loss",
            "export the file again in UTF-8",
        )
    _check_claim(path, kind, about)
    if metadata_only:
        return Opened(frame, about, kind, [])
    rows = 0
    if kind == "xport":
        types, widths = about.readstat_variable_types, about.variable_storage_width
        rows = check_rows(path, source, {name: (types[name], widths[name]) for name in types})
    findings: list[Finding] = []
    if kind == "spss" and about.number_rows is not None and _holds_more(path, about, call):
        detail = f"the header says {about.number_rows} rows, and the file holds more"
        place = (path.name, None, "", "")
        findings.append(Finding(*place, "row_count", "warning", "all rows read", detail))
        with _CountUnknown(path) as file:
            frame, about = call(file)
    else:
        frame, about = call(source)
    if rows > len(frame):  # rows of blanks at the end, which the header counts
        frame = frame.reindex(range(rows))
    return Opened(frame, about, kind, findings)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _check_kind(path: Path, head: bytes, kind: str) -> None:
    """Raise InputError where the file begins as one of another kind does."""
    found = ""
    for beginning, other in BEGINNINGS.items():
        if head.startswith(beginning):
            found = other
    if (
        not found
        and head[:1]
        and head[0] in STATA_RELEASES
        and head[1:4]
        in (
            b"\x01\x01\0",
            b"\x02\x01\0",
        )
    ):
        found = "stata"
    if b"SPSS PORT FILE" in head[:500]:
        found = "spss"
    if found == kind:
        return
    if found:
        raise InputError(
            f"{path}: cannot be read as {kind}: its content is that of {found}",
            f"set exports.*.format: {found}, or name the file that was meant",
        )
    for beginning, what in OTHER_BEGINNINGS.items():
        if head.startswith(beginning):
            raise InputError(f"{path}: cannot be read as {kind}: it is {what}", _RIGHT_FORMAT)
    if not head:
        raise InputError(f"{path}: cannot be read as {kind}: it is empty", "export the file again")
    if _is_text(head):
        raise InputError(
            f"{path}: cannot be read as {kind}: it is a text file",
            "set exports.*.format: csv if it is delimited text, or name the file that was meant",
        )


_RIGHT_FORMAT = "set exports.*.format to what the file is, or export it again"


def _is_text(head: bytes) -> bool:
    """Whether the first line is printable; a portable file of SPSS is checked before."""
    line = head.splitlines()[0] if head.splitlines() else b""
    return all(sign >= 32 or sign in b"\t" for sign in line) and len(line) < HEAD


def _is_portable(path: Path, head: bytes) -> bool:
    if head.startswith((b"$FL2", b"$FL3")):
        return False
    return b"SPSS PORT FILE" in head or path.suffix.lower() == ".por"


def _check_claim(path: Path, kind: str, about: Any) -> None:
    """Raise InputError where the header claims more cells than the file can hold.

    The reader makes room for as many as are claimed. Stata's cells have a byte each or more; the
    other formats may be packed.
    """
    cells = (about.number_rows or 0) * about.number_columns
    size = path.stat().st_size
    if cells > size * (1 if kind == "stata" else MOST_PACKED):
        raise InputError(
            f"{path}: its header claims {cells} cells, and the file has {size} bytes",
            "the file is cut or damaged; export it again",
        )


def _holds_more(path: Path, about: Any, call: Callable[..., Any]) -> bool:
    """Whether a .sav has more cases than its header says; the reader stops at that number."""
    with _CountUnknown(path) as file:
        try:
            claimed, first = about.number_rows, about.column_names[:1]
            further, _ = call(file, row_offset=claimed, row_limit=1, usecols=first)
        except pyreadstat.ReadstatError:
            return False  # what follows the last case is no case
    return not further.empty


def _iconv_name(encoding: str) -> str:
    """The name of an encoding for the reader, from any name that Python knows."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return encoding
    return ICONV_NAMES.get(name, name)


def _as_input_error(path: Path, export: Config, error: Exception) -> InputError:
    reason = " ".join(str(error).split()) or type(error).__name__
    given = export["encoding"]
    if any(part in reason for part in OUT_OF_ENCODING):
        said = "its own encoding" if given == "utf-8" else f"the encoding {given}"
        return InputError(
            f"{path}: a text in it does not fit {said}",
            "set exports.*.encoding to that of the texts (for example windows-1252 or shift_jis)",
        )
    if "unsupported character set" in reason:
        said = "the file's own" if given == "utf-8" else given
        return InputError(
            f"{path}: no such encoding is known ({said})",
            "set exports.*.encoding to that of the texts (for example windows-1252 or shift_jis)",
        )
    return InputError(
        f"{path}: cannot be read as {export['format']} ({reason[:200]})",
        "export the file again, or correct exports.*.format or exports.*.encoding",
    )
