"""CDISC Dataset-JSON 1.1 as a grid of text: one dataset, as one object or a line for each row.

Written after the specification of 5 December 2024. Numbers keep the digits that the file has, whole
ones without a decimal point, as in files of SAS; ``null`` is an empty text. Dates are ISO 8601
already. Where the file says how many records it has, it has to have them: it may be cut short.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.basics.file_names import check_is_file
from owncontrol.basics.json_text import read_json
from owncontrol.errors import InputError
from owncontrol.ingest.readers.grid import Grid, check_width
from owncontrol.tables.categories import as_categories

MOST_BYTES = 2**30
FIRST_ROW = 2  # the names are row 1, as they are in the first line of an .ndjson
AGAIN = "export it again; a dataset as CSV or a transport file (.xpt) is read, too"


def read_dataset_json(path: Path) -> Grid:
    """The dataset of a file (.json, or .ndjson with a row per line).

    Raises InputError where it is no Dataset-JSON 1.1, is damaged or cut short, or a row has another
    number of values than there are columns.
    """
    about, rows = _read(path)
    names = [name for name, _ in _columns(path, about)]
    check_width(path, len(names))
    values: list[list[str]] = []
    for number, row in enumerate(rows, start=FIRST_ROW):
        if not isinstance(row, list) or len(row) != len(names):
            raise InputError(f"{path}, row {number}: not {len(names)} values", AGAIN)
        values.append([_text(path, number, value) for value in row])
    records = about.get("records")
    if str(records) != str(len(values)):
        raise InputError(f"{path}: {len(values)} records, and it says {records}", AGAIN)
    index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(values), name="source_row")
    by_column = zip(*values, strict=True) if values else [() for _ in names]
    cells = {
        place: as_categories(pd.Series(texts, index=index, dtype="str"))
        for place, texts in enumerate(by_column)
    }
    return Grid(names, pd.DataFrame(cells, index=index))


def dataset_labels(path: Path) -> dict[str, str]:
    """What the file calls its variables; without those that have no label."""
    about, _ = _read(path)
    return {name: label for name, label in _columns(path, about) if label}


def _read(path: Path) -> tuple[dict[str, Any], list[Any]]:
    """What the file says of itself, and its rows as written."""
    check_is_file(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: over 1 GiB", "export it in parts")
        text = path.read_bytes().decode("utf-8-sig")
        rows: list[Any]
        if path.suffix.lower() == ".ndjson":
            lines = [line for line in text.split("\n") if line.strip()]
            about, rows = _parsed(lines[0]), [_parsed(line) for line in lines[1:]]
        else:
            about = _parsed(text)
            rows = list(about.get("rows") or []) if isinstance(about, dict) else []
        version = about.get("datasetJSONVersion") if isinstance(about, dict) else None
        if not str(version).startswith("1.1"):
            raise InputError(f"{path}: is no Dataset-JSON 1.1 (version: {version})", AGAIN)
        return about, rows
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", "check the path") from error
    except (ValueError, IndexError, RecursionError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: cannot be read as JSON ({reason})", AGAIN) from error


def _parsed(text: str) -> Any:
    """JSON with numbers as texts."""
    return read_json(text, parse_int=str, parse_float=_number, parse_constant=_no_number)


def _number(text: str) -> str:
    value = float(text)
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else text


def _no_number(text: str) -> str:
    raise ValueError(f"{text} is no JSON")


def _columns(path: Path, about: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and label of each variable."""
    columns = about.get("columns")
    if not isinstance(columns, list) or not columns:
        raise InputError(f"{path}: names no columns", AGAIN)
    found: list[tuple[str, str]] = []
    for column in columns:
        if not isinstance(column, dict) or not isinstance(column.get("name"), str):
            raise InputError(f"{path}: column {len(found) + 1} has no name", AGAIN)
        found.append((column["name"], str(column.get("label") or "")))
    return found


def _text(path: Path, number: int, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{path}, row {number}: a value that is no text or number", AGAIN)
    return value
