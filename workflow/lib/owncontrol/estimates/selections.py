"""How an estimate names what it was computed from, and how that is followed to the raw cells.

``inputs`` of an estimate is a text of one or more selections, exact at any size:

``scores[scim3.total,scim3.walking; baseline,day_180; S01~S05,S07]``
    the scored values of these scales at these visits in these subjects. A range runs over the
    study's sorted subject codes, so ``S01~S05`` is every subject of the study from S01 to S05.
``adverse_events[adverse_events:2~9,12]``
    rows of a cleaned table: export, and rows of its raw file.
``findings[severity=error]``
    the rows of a table in which columns have these values.

A set with many gaps is named by bits instead of ranges (see basics.integer_sets), so that
of a hundred thousand subjects no more than seventeen thousand characters are needed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from owncontrol.basics import integer_sets as sets
from owncontrol.basics.integer_sets import Spans
from owncontrol.tables.categories import as_categories, codes, narrow, texts

FEW = 5000  # rows of the scores table
SELECTION = re.compile(r"(\w+)\[([^\]]*)\]")
# Signs of a value (the name of a file) that would end it.
ESCAPED = str.maketrans({sign: quote(sign) for sign in "%;]"})
Cell = tuple[str, str]  # scale (with its instrument) and visit
Places = NDArray[np.int64]
ROWS_AT_ONCE = 500_000  # that are sorted by scale and visit


@dataclass(frozen=True, eq=False)
class ScoreSelection:
    """Scored values: each of these scales at each of these visits in each of these subjects.

    ``spans``: first and last place of each run in the study's sorted subject codes, so that a
    selection of a hundred thousand subjects is as small as its text.
    """

    scales: tuple[str, ...]
    visits: tuple[str, ...]
    spans: Spans

    def __len__(self) -> int:
        """How many scored values it names."""
        return len(self.scales) * len(self.visits) * sets.length(self.spans)

    def keys(self, subjects: Sequence[str], only: set[int] | None = None) -> Iterator[str]:
        """``subject/visit/instrument.scale`` of each; ``only``: of the subjects at these places."""
        for place in sets.numbers(self.spans, only):
            for visit in self.visits:
                for scale in self.scales:
                    yield f"{subjects[place]}/{visit}/{scale}"


@dataclass(frozen=True, eq=False)
class RowSelection:
    """Rows of a cleaned table that were read from one export; ``spans`` of raw row numbers."""

    table: str
    export: str
    spans: Spans

    def __len__(self) -> int:
        """How many rows it names."""
        return sets.length(self.spans)

    def row_ids(self, only: set[str] | None = None) -> Iterator[str]:
        """``export:row`` of each; ``only``: those among these."""
        if only is None:
            yield from (f"{self.export}:{row}" for row in sets.numbers(self.spans))
            return
        named = {row_id.rpartition(":") for row_id in only}
        here = {int(row) for export, _, row in named if export == self.export}
        yield from (f"{self.export}:{row}" for row in sets.numbers(self.spans, here))


@dataclass(frozen=True)
class Matching:
    """The rows of a table in which columns have these values."""

    table: str
    conditions: dict[str, str]


class SubjectPlaces:
    """Where each subject is among all subjects of the study, sorted.

    The tables of an analysis are cut from one and share its categories of subjects: these are
    looked up once, not for each of some hundred numbers.
    """

    def __init__(self, subjects: Sequence[str]) -> None:
        """``subjects``: all subjects of the study, sorted."""
        self.subjects = subjects
        self._index = pd.Index(subjects, dtype="str")
        self._categories: pd.Index[str] | None = None
        self._of_categories = np.empty(0, np.int64)

    def of(self, column: "pd.Series[str]") -> Places:
        """The place of the subject in each cell; KeyError for one who is not of the study."""
        places: Places
        if isinstance(column.dtype, pd.CategoricalDtype):
            categories = column.cat.categories
            if categories is not self._categories:
                found = self._index.get_indexer(categories)
                self._of_categories = np.append(found, -1)  # a missing one is the last
                self._categories = categories
            places = self._of_categories[codes(column)]
        else:
            places = self._index.get_indexer(column)
        if (places < 0).any():
            unknown = column.iloc[int(np.argmax(places < 0))]
            raise KeyError(f"{unknown} is no subject of the study")
        return places


def name_scores(scores: pd.DataFrame, places: SubjectPlaces) -> str:
    """The selections that name exactly the given rows of the scores table.

    Ranges are taken over the sorted subjects of the study, from ``places``.
    """
    return name_cells(_subjects_of_cells(scores, places), places.subjects)


def name_cells(cells: Iterable[tuple[Cell, Places]], subjects: Sequence[str]) -> str:
    """The same of scales and visits, each with the places of its subjects in order."""
    by_scale: dict[str, dict[bytes, list[str]]] = {}
    places = {}
    for (scale, visit), who in cells:
        group = by_scale.setdefault(scale, {})
        group.setdefault(who.tobytes(), []).append(visit)
        places[who.tobytes()] = who
    merged: dict[tuple[tuple[str, ...], bytes], list[str]] = {}
    for scale, groups in by_scale.items():
        for members, visits in groups.items():
            merged.setdefault((tuple(visits), members), []).append(scale)
    who_in = {key: sets.named(sets.runs(who), subjects.__getitem__) for key, who in places.items()}
    return " ".join(
        f"scores[{','.join(scales)}; {','.join(visits)}; {who_in[members]}]"
        for (visits, members), scales in merged.items()
    )


def _subjects_of_cells(
    scores: pd.DataFrame, places: SubjectPlaces
) -> Iterator[tuple[Cell, Places]]:
    """Scale and visit, in the order in which they first appear, with the places of the subjects."""
    if len(scores) <= FEW:
        yield from _of_few_cells(scores, places.subjects)
        return
    columns = [as_categories(scores[column]) for column in ("instrument", "scale", "visit")]
    shape = [max(1, len(texts(column))) for column in columns]
    is_in: dict[int, NDArray[np.bool_]] = {}
    # Of thirteen million rows some at a time, or their places alone would be most of the memory.
    for start in range(0, len(scores), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        keys = np.ravel_multi_index([codes(column)[part] for column in columns], shape)
        cell, cells = pd.factorize(keys)
        # Small numbers are sorted in a pass; nothing is looked for by cell.
        order = np.argsort(narrow(cell, len(cells)), kind="stable")
        ends = np.cumsum(np.bincount(cell))[:-1]
        by_cell = np.split(places.of(scores["subject_id"].iloc[part])[order], ends)
        for key, who in zip(cells.tolist(), by_cell, strict=True):
            is_in.setdefault(key, np.zeros(len(places.subjects), bool))[who] = True
    for key in list(is_in):
        instrument, scale, visit = (
            texts(column)[code]
            for column, code in zip(columns, np.unravel_index(key, shape), strict=True)
        )
        yield (f"{instrument}.{scale}", visit), np.flatnonzero(is_in.pop(key))


def _of_few_cells(scores: pd.DataFrame, subjects: Sequence[str]) -> Iterator[tuple[Cell, Places]]:
    """The same without the set-up that takes longest in a small study."""
    position = {subject: place for place, subject in enumerate(subjects)}
    by_cell: dict[tuple[str, str], set[int]] = {}
    columns = ("instrument", "scale", "visit", "subject_id")
    for instrument, scale, visit, subject in zip(
        *(scores[column].tolist() for column in columns), strict=True
    ):
        by_cell.setdefault((f"{instrument}.{scale}", visit), set()).add(position[subject])
    for cell, places in by_cell.items():
        yield cell, np.array(sorted(places), np.int64)


def split_row_ids(row_ids: "pd.Series[str]") -> pd.DataFrame:
    """``export`` (sorted categories) and ``row`` (number in its raw file) of each ``row_id``."""
    halves = pc.split_pattern(pa.array(row_ids.astype("str")), ":", max_splits=1, reverse=True)
    export, row = (pc.list_element(halves, place) for place in (0, 1))
    codes, names = pd.factorize(export.to_pandas(), sort=True)
    return pd.DataFrame(
        {
            "export": pd.Categorical.from_codes(codes, names),
            "row": row.cast(pa.int64()).to_numpy(),
        },
        index=row_ids.index,
    )


def name_rows(table: str, row_ids: "Iterable[str] | pd.DataFrame") -> str:
    """The selection that names rows of a cleaned table by their ``row_id`` (export:row).

    ``row_ids`` may have been split already (``split_row_ids``).
    """
    if not isinstance(row_ids, pd.DataFrame):
        row_ids = pd.Series(row_ids, dtype="str")
        if not len(row_ids):
            return ""
        row_ids = split_row_ids(row_ids)
    exports, rows = row_ids["export"].cat, row_ids["row"].to_numpy()
    codes = exports.codes.to_numpy()
    parts = [
        f"{export}:{sets.named(sets.runs(sets.in_order(rows[codes == code])))}"
        for code, export in enumerate(exports.categories)
        if (codes == code).any()
    ]
    return f"{table}[{'; '.join(parts)}]" if parts else ""


def read_selections(
    inputs: str, position: Mapping[str, int]
) -> list[ScoreSelection | RowSelection | Matching]:
    """The selections of ``inputs``; ``position``: place of each subject in the sorted codes."""
    found: list[ScoreSelection | RowSelection | Matching] = []
    for table, inside in SELECTION.findall(inputs):
        if table == "scores":
            scales, visits, who = (part.strip() for part in inside.split(";"))
            spans = sets.read(who, position.__getitem__)
            found.append(ScoreSelection(tuple(scales.split(",")), tuple(visits.split(",")), spans))
        elif "=" in inside:
            pairs = (condition.strip().partition("=") for condition in inside.split(";"))
            found.append(Matching(table, {column: unquote(value) for column, _, value in pairs}))
        else:
            for part in inside.split(";"):
                export, _, rows = part.strip().rpartition(":")
                found.append(RowSelection(table, export, sets.read(rows)))
    return found


def read_inputs(inputs: str, subjects: Sequence[str]) -> list[tuple[str, str]]:
    """Every row that ``inputs`` names: (table, key) in order.

    The key of a score is ``subject/visit/instrument.scale``, that of a cleaned row its
    ``row_id``; conditions stand for all rows that they name.
    """
    position = {subject: place for place, subject in enumerate(subjects)}
    found: list[tuple[str, str]] = []
    for selection in read_selections(inputs, position):
        if isinstance(selection, ScoreSelection):
            found += [("scores", key) for key in selection.keys(subjects)]
        elif isinstance(selection, RowSelection):
            found += [(selection.table, row_id) for row_id in selection.row_ids()]
        else:
            pairs = selection.conditions.items()
            found.append((selection.table, "; ".join(f"{name}={value}" for name, value in pairs)))
    return found


def name_matching(table: str, /, **conditions: str) -> str:
    """The selection that names the rows of a table in which columns have the given values."""
    pairs = (f"{column}={value.translate(ESCAPED)}" for column, value in conditions.items())
    return f"{table}[{'; '.join(pairs)}]"
