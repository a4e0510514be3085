"""The visit of each raw row by its number or date, where no column names it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from owncontrol.basics.date_forms import TYPED_DATES, in_form
from owncontrol.basics.decimals import read_decimal
from owncontrol.basics.invisible import visible
from owncontrol.ingest.raw_checks import require_column
from owncontrol.ingest.readers import RawTable
from owncontrol.ingest.reshape import joined_code
from owncontrol.study.exports import Export
from owncontrol.study.visit_windows import FROM_TARGET, WINDOW, VisitWindows, visit_at
from owncontrol.tables.categories import as_categories


def with_windows(path: Path, raw: RawTable, export: Export) -> RawTable:
    """``raw`` with the visit of each row as a column of its cells, where windows are declared.

    A second one says how far the row is from what was planned for that visit.

    Raises InputError where the file lacks a column that they name.
    """
    declared = export.visit_windows
    if declared is None:
        return raw
    for column in (declared.column, *declared.since_first):
        require_column(path, raw.cells, column)
    numbers = numbers_of_rows(raw.cells, declared, export.dates, export.missing)
    visits = [visit_at(number, declared.windows) for number in numbers]
    away = [
        f"{number - declared.target(visit):.12g}" if visit and number is not None else ""
        for number, visit in zip(numbers, visits, strict=True)
    ]
    columns = {WINDOW: visits, FROM_TARGET: away}
    made = {
        name: as_categories(pd.Series(texts, index=raw.cells.index, dtype="str"))
        for name, texts in columns.items()
    }
    return replace(raw, cells=raw.cells.assign(**made))


def visits_of_rows(
    cells: pd.DataFrame, declared: VisitWindows, forms: Sequence[str], missing: Collection[str]
) -> "pd.Series[str]":
    """The visit of each row; empty where its number lies in no window, or is none.

    ``forms``: permitted forms of dates. A date counts in days since the first of its subject, which
    is day 0; without a study code it has no visit.
    """
    numbers = numbers_of_rows(cells, declared, forms, missing)
    found = [visit_at(number, declared.windows) for number in numbers]
    return pd.Series(found, index=cells.index, dtype="str")


def without_number(
    cells: pd.DataFrame, declared: VisitWindows, forms: Sequence[str], missing: Collection[str]
) -> "pd.Series[str]":
    """The text of each row that no visit can be told from: none at all, or no number or date.

    Rows with a number are left out, in a window or not. ``forms``: permitted forms of dates.
    """
    texts = _texts(cells, declared, missing)
    read = partial(_day, forms=forms) if declared.since_first else _number
    known = {text: read(text) for text in texts.unique()}
    return texts[texts.map(lambda text: known[text] is None).to_numpy(bool)]


def numbers_of_rows(
    cells: pd.DataFrame, declared: VisitWindows, forms: Sequence[str], missing: Collection[str]
) -> list[float | None]:
    """The number of each row that its visit goes by, as ``visits_of_rows`` has it."""
    texts = _texts(cells, declared, missing).tolist()
    if declared.since_first:
        parts = cells[list(declared.since_first)].astype("str").to_numpy().tolist()
        codes = [joined_code(row, missing) for row in parts]
        return _days_since_first(texts, codes, forms)
    return [_number(text) for text in texts]


def _texts(
    cells: pd.DataFrame, declared: VisitWindows, missing: Collection[str]
) -> "pd.Series[str]":
    """The texts of the column that visits go by; empty for a missing code."""
    texts = [visible(text).strip() for text in cells[declared.column].astype("str")]
    texts = ["" if text in missing else text for text in texts]
    return pd.Series(texts, index=cells.index, dtype="str")


def _number(text: str) -> float | None:
    read = read_decimal(text.replace(",", ".") if text.count(",") == 1 else text)
    return None if read is None else float(read)


def _days_since_first(
    texts: Sequence[str], codes: Sequence[str], forms: Sequence[str]
) -> list[float | None]:
    known = {text: _day(text, forms) for text in dict.fromkeys(texts)}
    days = [known[text] for text in texts]
    first: dict[str, int] = {}
    for code, day in zip(codes, days, strict=True):
        if code and day is not None:
            first[code] = min(day, first.get(code, day))
    return [
        None if day is None or not code else float(day - first[code])
        for code, day in zip(codes, days, strict=True)
    ]


def _day(text: str, forms: Sequence[str]) -> int | None:
    """The day of a date, counted from the year 1; None where no form reads it."""
    read = (in_form(text, form) for form in (*forms, *TYPED_DATES))
    return next((found.toordinal() for found in read if found is not None), None)
