"""Columns that may be what a question is about, and how it shows them."""

from collections.abc import Iterable, Sequence

import pandas as pd

from owncontrol.suggest.known_words import plain_words
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.shown_cells import examples

MOST_OFFERED = 12  # columns that a question offers
MOST_VISITS = 40
DECIMAL_COMMA = r"^(-?\d+),(\d+)$"
ROW_NAMES = ("row", "rowname", "rownames", "row names", "index", "unnamed 0", "x")


def subject_candidates(raw: RawFile, *, is_row_each: bool = False) -> list[str]:
    """Columns that may be study codes: filled and not all the same; words before numbers.

    ``is_row_each``: every row is another subject, so that no code comes again.
    """
    numbers = set(number_columns(raw))
    found = []
    for place, name in enumerate(map(str, raw.cells.columns)):
        texts = raw.texts(name)
        several = texts.is_unique if is_row_each else texts.nunique() > 1
        if (texts != "").all() and several and name not in raw.private:
            found.append((name in numbers, place, name))
    return [name for _, _, name in sorted(found)]


def row_numbers(raw: RawFile) -> str:
    """The first column where it numbers or names the rows, as R and pandas do; else empty."""
    name = str(raw.cells.columns[0])
    texts = raw.texts(name).tolist()
    counted = [[str(first + row) for row in range(len(texts))] for first in (0, 1)]
    names = plain_words(name) in ROW_NAMES and all(texts) and len(set(texts)) == len(texts)
    return name if texts in counted or names else ""


def visit_candidates(raw: RawFile, subject: Sequence[str]) -> list[str]:
    """Columns that may say which visit a row is of: few texts, each subject once at each."""
    codes = raw.cells[list(subject)].astype("str")
    found = []
    for name in map(str, raw.cells.columns):
        texts = raw.texts(name)
        if name in subject or name in raw.private or not 2 <= texts.nunique() <= MOST_VISITS:
            continue
        together = codes.assign(_visit=texts)
        found.append((int(together.duplicated().sum()), texts.nunique(), name))
    return [name for _, _, name in sorted(found)]


def offered(raw: RawFile, names: Iterable[str]) -> str:
    """Columns with some of their values, in a line."""
    shown = []
    for name in list(names)[:MOST_OFFERED]:
        label = f"{raw.labels[name]}: " if name in raw.labels else ""
        shown.append(f"{name} ({label}{examples(raw, name)})")
    return "; ".join(shown) or "none"


def shown_columns(raw: RawFile, names: Sequence[str]) -> list[tuple[str, str]]:
    """Columns with some of their values, each as a choice of a question shows it."""
    labels = {name: f"{label}: " for name, label in raw.labels.items() if label}
    return [(name, f"{labels.get(name, '')}{examples(raw, name)}") for name in names[:MOST_OFFERED]]


def number_columns(raw: RawFile, rows: "pd.Series[bool] | None" = None) -> list[str]:
    """Columns of which four of five filled cells are numbers, also with a decimal comma.

    ``rows``: those that are looked at; all of them where left out.
    """
    found = []
    for name in raw.usable:
        texts = raw.texts(name) if rows is None else raw.texts(name)[rows]
        texts = texts[texts != ""].str.replace(DECIMAL_COMMA, r"\1.\2", regex=True)
        if len(texts) and pd.to_numeric(texts, errors="coerce").notna().mean() >= 0.8:
            found.append(name)
    return found


def is_of_subjects(raw: RawFile, subject: Sequence[str], column: str) -> bool:
    """Whether a column has one value per subject, and not the same for all."""
    texts = raw.texts(column)
    known = raw.cells.loc[texts != "", list(subject)].astype("str").agg("-".join, axis=1)
    values = texts[texts != ""].groupby(known).nunique()
    return bool(len(values) and (values == 1).all() and texts[texts != ""].nunique() > 1)
