"""How an estimate names what it was computed from, and how that is followed to the raw cells.

``inputs`` of an estimate is a text of one or more selections, exact and short at any size:

``scores[scim3.total,scim3.walking; baseline,day_180; S01~S05,S07]``
    the scored values of these scales at these visits in these subjects. A range runs over the
    study's sorted subject codes, so ``S01~S05`` is every subject of the study from S01 to S05.
``adverse_events[adverse_events:2~9,12]``
    rows of a cleaned table: export, and rows of its raw file.
``findings[severity=error]``
    the rows of a table in which columns have these values.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FEW = 5000  # rows of the scores table
SELECTION = re.compile(r"(\w+)\[([^\]]*)\]")
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
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
        return len(self.scales) * len(self.visits) * _length(self.spans)

    def keys(self, subjects: Sequence[str], only: set[int] | None = None) -> Iterator[str]:
        """``subject/visit/instrument.scale`` of each; ``only``: of the subjects at these places."""
        for place in _places(self.spans, only):
            for visit in self.visits:
                for scale in self.scales:
                    yield f"{subjects[place]}/{visit}/{scale}"


@dataclass(frozen=True)
class RowSelection:
    """Rows of a cleaned table that were read from one export; ``spans`` of raw row numbers."""

    table: str
    export: str
    spans: Spans

    def __len__(self) -> int:
        """How many rows it names."""
        return _length(self.spans)

    def row_ids(self, only: set[str] | None = None) -> Iterator[str]:
        """``export:row`` of each; ``only``: those among these."""
        if only is None:
            yield from (f"{self.export}:{row}" for row in _places(self.spans, None))
            return
        named = {row_id.rpartition(":") for row_id in only}
        here = {int(row) for export, _, row in named if export == self.export}
        yield from (f"{self.export}:{row}" for row in _places(self.spans, here))


@dataclass(frozen=True)
class Matching:
    """The rows of a table in which columns have these values."""

    table: str
    conditions: dict[str, str]


def name_scores(scores: pd.DataFrame, subjects: Sequence[str]) -> str:
    """The selections that name exactly the given rows of the scores table.

    ``subjects``: all subjects of the study, sorted; ranges are taken over them.
    """
    by_scale: dict[str, dict[bytes, list[str]]] = {}
    places = {}
    for (scale, visit), who in _subjects_of_cells(scores, subjects):
        group = by_scale.setdefault(scale, {})
        group.setdefault(who.tobytes(), []).append(visit)
        places[who.tobytes()] = who
    merged: dict[tuple[tuple[str, ...], bytes], list[str]] = {}
    for scale, groups in by_scale.items():
        for members, visits in groups.items():
            merged.setdefault((tuple(visits), members), []).append(scale)
    return " ".join(
        f"scores[{','.join(scales)}; {','.join(visits)}; {_ranges(places[members], subjects)}]"
        for (visits, members), scales in merged.items()
    )


def _subjects_of_cells(
    scores: pd.DataFrame, subjects: Sequence[str]
) -> Iterator[tuple[tuple[str, str], NDArray[np.int64]]]:
    """Scale and visit, in the order in which they first stand, with the places of the subjects."""
    if len(scores) <= FEW:
        yield from _of_few_cells(scores, subjects)
        return
    keys, texts = [], []
    for column in ("instrument", "scale", "visit"):
        codes, distinct = pd.factorize(scores[column])
        keys.append(codes)
        texts.append([str(text) for text in distinct])
    shape = [len(text) for text in texts]
    cell, cells = pd.factorize(np.ravel_multi_index(keys, shape))
    place = pd.Index(subjects).get_indexer(scores["subject_id"])
    if (place < 0).any():
        unknown = scores["subject_id"].to_numpy()[place < 0][0]
        raise KeyError(f"{unknown} is no subject of the study")
    for number, (first, second, third) in enumerate(
        zip(*np.unravel_index(cells, shape), strict=True)
    ):
        who = np.unique(place[cell == number]).astype(np.int64)
        yield (f"{texts[0][first]}.{texts[1][second]}", texts[2][third]), who


def _of_few_cells(
    scores: pd.DataFrame, subjects: Sequence[str]
) -> Iterator[tuple[tuple[str, str], NDArray[np.int64]]]:
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


def name_rows(table: str, row_ids: Iterable[str]) -> str:
    """The selection that names rows of a cleaned table by their ``row_id`` (export:row)."""
    by_export: dict[str, list[int]] = {}
    for row_id in row_ids:
        export, _, row = row_id.rpartition(":")
        by_export.setdefault(export, []).append(int(row))
    parts = [
        f"{export}:" + ",".join(_span(str(first), str(last)) for first, last in _runs(sorted(rows)))
        for export, rows in sorted(by_export.items())
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
            spans = tuple((position[first], position[last]) for first, last in _read_spans(who))
            found.append(ScoreSelection(tuple(scales.split(",")), tuple(visits.split(",")), spans))
        elif "=" in inside:
            pairs = (condition.strip().partition("=") for condition in inside.split(";"))
            found.append(Matching(table, {column: value for column, _, value in pairs}))
        else:
            for part in inside.split(";"):
                export, _, rows = part.strip().rpartition(":")
                numbers = tuple((int(first), int(last)) for first, last in _read_spans(rows))
                found.append(RowSelection(table, export, numbers))
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


def _runs(places: "NDArray[np.int64] | list[int]") -> list[tuple[int, int]]:
    """First and last of each run of consecutive numbers."""
    numbers = np.asarray(places)
    if not len(numbers):
        return []
    ends = np.flatnonzero(np.diff(numbers) != 1)
    firsts = numbers[np.concatenate([[0], ends + 1])]
    lasts = numbers[np.concatenate([ends, [len(numbers) - 1]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}~{last}"


def _ranges(places: NDArray[np.int64], subjects: Sequence[str]) -> str:
    return ",".join(_span(subjects[first], subjects[last]) for first, last in _runs(places))


def _read_spans(text: str) -> Iterator[tuple[str, str]]:
    """First and last of each part of ``S01~S05,S07``."""
    for part in text.split(","):
        first, _, last = part.strip().partition("~")
        yield first, last or first


def _length(spans: Spans) -> int:
    return sum(last - first + 1 for first, last in spans)


def _places(spans: Spans, only: set[int] | None) -> Iterator[int]:
    if only is None:
        for first, last in spans:
            yield from range(first, last + 1)
    else:
        for place in sorted(only):
            if any(first <= place <= last for first, last in spans):
                yield place


def name_matching(table: str, /, **conditions: str) -> str:
    """The selection that names the rows of a table in which columns have the given values."""
    return f"{table}[{'; '.join(f'{column}={value}' for column, value in conditions.items())}]"
