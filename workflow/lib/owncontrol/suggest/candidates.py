"""Columns that may be what a question is about, and how it shows them."""

from collections.abc import Iterable, Sequence

import pandas as pd

from owncontrol.suggest.raw_file import RawFile

MOST_OFFERED = 12  # columns that a question offers
MOST_VISITS = 40


def subject_candidates(raw: RawFile) -> list[str]:
    """Columns that may be study codes: filled and not all the same; words before numbers."""
    numbers = set(number_columns(raw))
    found = []
    for place, name in enumerate(map(str, raw.cells.columns)):
        texts = raw.texts(name)
        if (texts != "").all() and texts.nunique() > 1 and name not in raw.private:
            found.append((name in numbers, place, name))
    return [name for _, _, name in sorted(found)]


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
    """Columns with some of their values, as a question shows them."""
    shown = []
    for name in list(names)[:MOST_OFFERED]:
        values = [text[:20] for text in raw.texts(name).unique() if text][:3]
        label = f"{raw.labels[name]}: " if name in raw.labels else ""
        shown.append(f"{name} ({label}{', '.join(values)})")
    return "; ".join(shown) or "none"


def number_columns(raw: RawFile) -> list[str]:
    """Columns of which four of five filled cells are numbers."""
    found = []
    for name in raw.usable:
        texts = raw.texts(name)
        texts = texts[texts != ""]
        if len(texts) and pd.to_numeric(texts, errors="coerce").notna().mean() >= 0.8:
            found.append(name)
    return found
