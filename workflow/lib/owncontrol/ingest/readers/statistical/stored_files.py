"""Opening a file of SAS, SPSS or Stata: whole, its values as stored, its texts decoded."""

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding
from owncontrol.findings.reading_rules import RowCount
from owncontrol.ingest.readers.grid import check_width
from owncontrol.ingest.readers.statistical.declared_encodings import (
    BYTES,
    HINT,
    OUT_OF_ENCODING,
    UNKNOWN_ENCODING,
    Encoding,
    decoded,
    encoding_of,
    usual_encoding,
)
from owncontrol.ingest.readers.statistical.spss import CountUnknown, holds_more, own_encoding
from owncontrol.ingest.readers.statistical.transport import check_rows, one_member
from owncontrol.study.exports import ReadingOptions

Call = Callable[..., tuple[pd.DataFrame, Any]]
MOST_PACKED = 1000  # cells in a byte of a packed file
HEAD = 1000  # bytes that tell whether a file of SPSS is a portable one, and the release of Stata
PORTABLE = b"SPSS PORT FILE"
READERS: dict[str, Callable[..., Any]] = {
    "sas7bdat": pyreadstat.read_sas7bdat,
    "xport": pyreadstat.read_xport,
    "spss": pyreadstat.read_sav,
    "stata": pyreadstat.read_dta,
}


@dataclass
class Opened:
    """A file as read: one column per position, texts not yet decoded, dates as numbers.

    ``names`` and ``labels`` of the variables, ``types`` and ``widths`` of their storage (as
    ReadStat names them, and in bytes), ``formats`` as the file has them, ``value_labels`` and
    ``missing`` (ranges of values that are declared missing) by position. ``encoding``: None where
    texts are decoded already.
    """

    path: Path
    kind: str
    frame: pd.DataFrame
    encoding: Encoding | None
    names: list[str]
    labels: list[str]
    types: list[str]
    widths: list[int]
    formats: list[str]
    value_labels: list[dict[Any, str]]
    missing: list[list[dict[str, Any]]]
    findings: list[Finding] = field(default_factory=list)


def open_file(path: Path, export: ReadingOptions, metadata_only: bool = False) -> Opened:
    """Read a file as stored.

    ``export``: an entry under ``exports``. Raises InputError where the file is of another kind,
    cut or damaged, not in its encoding, or has several datasets and none is named.
    """
    kind = export.format
    try:
        head = path.read_bytes() if kind == "xport" else _head(path)
        if kind == "xport":
            source: Path | bytes = one_member(path, head, export.dataset)
        elif export.dataset:
            raise InputError(
                f"{path}: exports.*.dataset names '{export.dataset}', and only a SAS transport "
                "file holds several datasets",
                "leave exports.*.dataset out",
            )
        else:
            source = path
        return _read(path, source, head, export, metadata_only)
    except InputError:
        raise
    except Exception as error:  # a damaged file makes the reader raise whatever comes
        raise _as_input_error(path, kind, error) from error


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _read(
    path: Path, source: Path | bytes, head: bytes, export: ReadingOptions, metadata_only: bool
) -> Opened:
    kind = export.format
    portable = kind == "spss" and PORTABLE in head
    declared = "" if export.encoding == "utf-8" else export.encoding
    call = _caller(pyreadstat.read_por if portable else READERS[kind], kind, portable)
    # A portable file has its own table of signs.
    encoding = None if portable else _encoding(path, source, head, kind, declared, call)
    options = {} if encoding is None else {"encoding": BYTES}
    frame, about = call(source, metadataonly=True, **options)
    if not about.number_columns:
        raise InputError(f"{path}: holds no variables", "export the file again")
    _check_claim(path, kind, about)
    if metadata_only:
        return _opened(path, kind, frame, about, encoding)
    rows = 0
    if kind == "xport" and isinstance(source, bytes):
        types, widths = about.readstat_variable_types, about.variable_storage_width
        rows = check_rows(path, source, {name: (types[name], widths[name]) for name in types})
    findings: list[Finding] = []
    if (
        kind == "spss"
        and about.number_rows is not None
        and holds_more(path, about, call, encoding=BYTES)
    ):
        findings.append(Finding(RowCount(said=about.number_rows), path.name))
        with CountUnknown(path) as file:
            frame, about = call(file, **options)
    else:
        frame, about = call(source, **options)
    if rows > len(frame):  # rows of blanks at the end, which the header counts
        frame = frame.reindex(range(rows))
    opened = _opened(path, kind, frame, about, encoding)
    opened.findings = findings
    return opened


def _encoding(
    path: Path, source: Path | bytes, head: bytes, kind: str, declared: str, call: Call
) -> Encoding | None:
    own = ""
    if kind == "spss":
        own = own_encoding(path)
    elif not declared:
        own = call(source, metadataonly=True)[1].file_encoding or ""
    found = encoding_of(path, declared, own or usual_encoding(head, kind))
    if found is None and kind == "spss":
        raise InputError(f"{path}: the encoding that it gives ({own}) is not known", HINT)
    return found


def _caller(reader: Callable[..., Any], kind: str, portable: bool) -> Call:
    """The reader with the options that are always the same."""
    fixed: dict[str, Any] = {"disable_datetime_conversion": True}
    if kind != "xport" and not portable:
        fixed["user_missing"] = True

    def call(source: Any, **options: Any) -> tuple[pd.DataFrame, Any]:
        given = io.BytesIO(source) if isinstance(source, bytes) else source
        with warnings.catch_warnings():
            # Two variables of one name: the reader would give one of them another name.
            warnings.filterwarnings("error", message="column .* is duplicated")
            frame, about = reader(given, **fixed, **options)
        return frame, about

    return call


def _opened(
    path: Path, kind: str, frame: pd.DataFrame, about: Any, encoding: Encoding | None
) -> Opened:
    def texts(value: Any, what: str) -> Any:
        if encoding is None:
            return value
        try:
            return decoded(value, encoding.text)
        except UnicodeDecodeError:
            raise encoding.misfit(path, f", {what}") from None

    names = about.column_names
    return Opened(
        path,
        kind,
        frame.set_axis(range(frame.shape[1]), axis=1),
        encoding,
        [texts(name or "", "names of variables") for name in names],
        [texts(label or "", "labels of variables") for label in about.column_labels],
        [about.readstat_variable_types[name] for name in names],
        [about.variable_storage_width[name] for name in names],
        [about.original_variable_types[name] or "" for name in names],
        [texts(about.variable_value_labels.get(name, {}), "value labels") for name in names],
        [texts(about.missing_ranges.get(name, []), "missing values") for name in names],
    )


def _check_claim(path: Path, kind: str, about: Any) -> None:
    """Raise InputError where the header claims more cells than the file can hold.

    The reader makes room for as many as are claimed. Stata's cells have a byte each or more; the
    other formats may be packed.
    """
    check_width(path, about.number_columns)
    cells = (about.number_rows or 0) * about.number_columns
    size = path.stat().st_size
    if cells > size * (1 if kind == "stata" else MOST_PACKED):
        raise InputError(
            f"{path}: its header claims {cells} cells, and the file has {size} bytes",
            "the file is cut or damaged; export it again",
        )


def _as_input_error(path: Path, kind: str, error: Exception) -> InputError:
    reason = " ".join(str(error).split()) or type(error).__name__
    if OUT_OF_ENCODING.search(reason):
        return InputError(f"{path}: a text in it is not in the encoding that it gives", HINT)
    if UNKNOWN_ENCODING in reason:
        return InputError(f"{path}: the encoding that it gives is not known", HINT)
    return InputError(
        f"{path}: cannot be read as {kind} ({reason[:200]})",
        "export the file again, or correct exports.*.format or exports.*.encoding",
    )
