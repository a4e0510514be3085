"""Files of SAS, SPSS and Stata as text: each value as the program that wrote it shows it.

Read by pyreadstat (ReadStat). Numbers are written with the fewest digits that read back the same,
whole ones without a decimal point, dates as ISO 8601. A value that the file itself declares
missing is written as SAS and Stata write it, with a full stop before it (``.A``, ``.b``; SPSS's
user-missing 99 as ``.99``), so that it cannot be taken for a value; ``missing`` in the
configuration lists those that may stand there. A cell without any value is an empty text.
"""

import datetime
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from owncontrol.errors import InputError

Config = dict[str, Any]
SUFFIXES = {".sas7bdat": "sas7bdat", ".xpt": "xport", ".sav": "spss", ".zsav": "spss"}
SUFFIXES |= {".por": "spss", ".dta": "stata"}
FORMATS = ("sas7bdat", "xport", "spss", "stata")
MOST_PACKED = 1000  # cells in a byte of a packed file
READERS: dict[str, Callable[..., Any]] = {
    "sas7bdat": pyreadstat.read_sas7bdat,
    "xport": pyreadstat.read_xport,
    "spss": pyreadstat.read_sav,
    "stata": pyreadstat.read_dta,
}


def read_statistical(path: Path | str, export: Config) -> list[list[str]]:
    """Rows of text, the variable names first. Observations are counted from 1 in these programs.

    ``export``: an entry under ``exports``. Its ``labels`` asks for value labels in place of the
    values; its ``encoding`` counts only where it is not utf-8, because the file knows its own.
    Raises InputError where the file cannot be read as that format.
    """
    path = Path(path)
    kind = export["format"]
    reader = _reader(path, kind)
    options: Config = {} if export["encoding"] == "utf-8" else {"encoding": export["encoding"]}
    if kind != "xport" and path.suffix.lower() != ".por":
        options["user_missing"] = True
    try:
        _check_claim(path, kind, reader)
        frame, about = reader(str(path), **options)
    except InputError:
        raise
    except Exception as error:  # a damaged file makes the reader raise whatever comes
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{path}: cannot be read as {kind} ({reason[:200]})",
            "export the file again, or correct exports.*.format or exports.*.encoding",
        ) from error
    columns = [_column(frame[name], str(name), about, export["labels"]) for name in frame.columns]
    return [list(map(str, frame.columns)), *map(list, zip(*columns, strict=True))]


def _check_claim(path: Path, kind: str, reader: Callable[..., Any]) -> None:
    """Raise InputError where the header claims more cells than the file can hold.

    The reader makes room for as many as are claimed. Stata's cells have a byte each or more; the
    other formats may be packed.
    """
    _, about = reader(str(path), metadataonly=True)
    cells = (about.number_rows or 0) * about.number_columns
    size = path.stat().st_size
    if cells > size * (1 if kind == "stata" else MOST_PACKED):
        raise InputError(
            f"{path}: its header claims {cells} cells, and the file has {size} bytes",
            "the file is cut or damaged; export it again",
        )


def variable_labels(path: Path | str, export: Config) -> dict[str, str]:
    """What the file calls its variables; without those that have no label."""
    path = Path(path)
    _, about = _reader(path, export["format"])(str(path), metadataonly=True)
    return {name: label for name, label in about.column_names_to_labels.items() if label}


def _reader(path: Path, kind: str) -> Callable[..., Any]:
    return pyreadstat.read_por if path.suffix.lower() == ".por" else READERS[kind]


def _column(column: pd.Series, name: str, about: Any, labels: bool) -> list[str]:
    """One variable as text. Each different value is written once, however often it occurs."""
    tags = set(about.missing_user_values.get(name, ()))
    ranges = about.missing_ranges.get(name, ())
    words = about.variable_value_labels.get(name, {}) if labels else {}
    known: dict[Any, str] = {}
    texts = []
    for value in column.tolist():
        key = (type(value), value)
        if key not in known:
            known[key] = _text(value, tags, ranges, words)
        texts.append(known[key])
    return texts


def _text(value: Any, tags: set[Any], ranges: Any, words: dict[Any, str]) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if value in tags or any(_within(value, bounds) for bounds in ranges):
        return f".{_plain(value)}"
    return words[value] if value in words else _plain(value)


def _within(value: Any, bounds: Config) -> bool:
    if isinstance(value, str) != isinstance(bounds["lo"], str):
        return False
    return bool(bounds["lo"] <= value <= bounds["hi"])


def _plain(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        form = "%Y-%m-%d %H:%M" if value.second == 0 else "%Y-%m-%d %H:%M:%S"
        return value.strftime(form)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)  # dates and times in ISO 8601, numbers in their shortest form
