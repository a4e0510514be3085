"""A table while it is cleaned: what was written, how it was read, what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from owncontrol.findings.finding import check_declared, shortened
from owncontrol.findings.rule import Rule
from owncontrol.ingest.reshape import VISIT
from owncontrol.study.table_mapping import BaselineColumns
from owncontrol.tables.categories import all_categories, by_value, codes, constant, stack, texts

KEPT, QUARANTINED, MERGED, NOT_PART = "kept", "quarantined", "merged", "not_part"
STATES = (KEPT, QUARANTINED, MERGED, NOT_PART)
# What became of a cell, in the order of the columns of the table flow_cells.
AS_WRITTEN, NOTED, MISSING, REFUSED = range(4)
DAYS = ("day_from_injury", "day_from_treatment", "study_day")
ORIGIN = np.datetime64("2000-01-01", "D")
NONE_REPEATED: Mapping[str, BaselineColumns] = MappingProxyType({})
Rows = NDArray[np.intp]
Days = NDArray[np.datetime64]
PerRow = str | Iterable[str]
Found = Rule | Sequence[Rule]


@dataclass
class Span:
    """What is known of the dates of a column that may be partial: an array entry a row.

    ``first`` and ``last``: the days between which the date lies, NaT where nothing is known.
    ``known``: place in ``PRECISIONS``, -1 where no date is written.
    """

    first: Days
    last: Days
    known: NDArray[np.int8]

    def take(self, rows: Rows) -> "Span":
        """The same of other rows."""
        return Span(self.first[rows], self.last[rows], self.known[rows])


@dataclass(frozen=True)
class Readings:
    """What became of each cell of a column, a byte for each different one.

    ``kinds``: ``AS_WRITTEN`` ... of each different cell; ``cell``: by row, which of them it is.
    """

    kinds: NDArray[np.int8]
    cell: NDArray[np.integer[Any]]

    def of(self, rows: Any = slice(None)) -> Any:
        """What became of the cells of some rows, or of the cell of one."""
        return self.kinds[self.cell[rows]]


@dataclass
class Sheet:
    """One canonical table on its way through cleaning; rows have places 0, 1, 2 ...

    ``written``: text as it is in the raw file, in columns of categories. ``values``: the same
    columns, typed. ``state``: place in ``STATES`` for each row, with a ``reason`` for those that
    are not kept. ``raw_columns``: raw column by (file, canonical column). ``readings``: what
    became of the cells of each column. ``corrected``: places of
    cells (row, column) that a correction changed. ``left_out``: raw rows (file, row) of a long
    table whose value the configuration leaves out, while others of the assessment stay.
    ``parts``: by (file, canonical column), the raw columns that make up a code together.
    ``spans``: of columns of dates that may be known in part; their ``values`` are the days that
    are known. ``repeated``: by file, columns with the values of one visit that every row repeats.
    """

    table: str
    written: pd.DataFrame
    source_file: "pd.Series[Any]"
    source_row: NDArray[np.int64]
    raw_columns: dict[tuple[str, str], str]
    exports: dict[str, str]
    values: pd.DataFrame = field(default_factory=pd.DataFrame)
    readings: dict[str, Readings] = field(default_factory=dict)
    corrected: set[tuple[int, str]] = field(default_factory=set)
    left_out: set[tuple[str, int]] = field(default_factory=set)
    parts: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    findings: list[pd.DataFrame] = field(default_factory=list)
    spans: dict[str, Span] = field(default_factory=dict)
    repeated: dict[str, BaselineColumns] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start with every row kept and nothing read."""
        self.state = np.zeros(len(self.written), np.int8)
        self.reason = np.full(len(self.written), "", dtype=object)
        self.is_repeated = np.zeros(len(self.written), bool)
        for file, columns in self.repeated.items():
            rows = self.rows_of(file)
            visits = self.written["visit"].iloc[rows].astype("str").to_numpy()
            self.is_repeated[rows] = visits == columns.visit

    @cached_property
    def files(self) -> list[str]:
        """The raw files that the table is read from."""
        return sorted({file for file, _ in self.raw_columns})

    @property
    def is_kept(self) -> NDArray[np.bool_]:
        """Whether each row is kept."""
        kept: NDArray[np.bool_] = self.state == 0
        return kept

    @property
    def is_part(self) -> NDArray[np.bool_]:
        """Whether each row is part of the study."""
        part: NDArray[np.bool_] = self.state != STATES.index(NOT_PART)
        return part

    def has(self, *columns: str) -> bool:
        """Whether the study has these columns."""
        return set(columns) <= set(self.values.columns)

    def days(self, column: str) -> Days:
        """A date column as days (datetime64[D]); NaT where missing or the study has none."""
        if column not in self.values:
            return np.full(len(self.written), np.datetime64("NaT", "D"))
        days: Days = self.values[column].to_numpy().astype("datetime64[D]")
        return days

    def span(self, column: str) -> Span:
        """What is known of the dates of a column; nothing where the study has none."""
        if column in self.spans:
            return self.spans[column]
        days = self.days(column)
        return Span(days, days, np.where(np.isnat(days), -1, 0).astype(np.int8))

    @property
    def when(self) -> str:
        """The column that says when an assessment was made; empty where the file does not."""
        return next((name for name in ("date", *DAYS) if name in self.values), "")

    def times(self) -> Days:
        """When each assessment was made, to compare those of one subject; NaT where not known.

        Days on a clock count from an arbitrary day, the same for all.
        """
        if self.when in ("", "date"):
            return self.days("date")
        return ORIGIN + self.since(self.when)

    def since(self, column: str) -> NDArray[np.timedelta64]:
        """A column of days on a clock; NaT where missing."""
        days = self.values[column]
        numbers = days.fillna(0).to_numpy(np.int64).astype("timedelta64[D]")
        return np.where(days.isna().to_numpy(bool), np.timedelta64("NaT", "D"), numbers)

    def raw_names(self, column: str, rows: Rows) -> NDArray[Any]:
        """The raw column that each row's cell of a column was read from.

        A wide table has one for each visit, a repeated baseline its own; a column that is not
        mapped keeps its own name.
        """
        files = self.source_file.iloc[rows]
        names = by_value(files, lambda file: self.raw_columns.get((file, column), column))
        is_wide = by_value(files, lambda file: VISIT in self.raw_columns.get((file, column), ""))
        if is_wide.any():
            names = names.astype(object)
            visits = self.written["visit"].iloc[rows[is_wide]].astype("str")
            pairs = zip(names[is_wide], visits, strict=True)
            names[is_wide] = [name.replace(VISIT, visit) for name, visit in pairs]
        repeated = self.is_repeated[rows]
        if repeated.any():
            names = names.astype(object)
            of_rows = files.iloc[np.flatnonzero(repeated)]
            pairs = zip(names[repeated], of_rows.astype("str"), strict=True)
            names[repeated] = [self.repeated[file].raw_column(column, name) for name, file in pairs]
        return names

    def rows_of(self, file: str) -> Rows:
        """The rows that are in a raw file, in order; a copy that may be changed."""
        return self._rows_by_file.get(file, np.zeros(0, np.intp)).copy()

    def at_row(self, file: str, number: int) -> Rows:
        """The rows that were made of a row of a raw file."""
        rows = self.rows_of(file)
        found: Rows = rows[self.source_row[rows] == number]
        return found

    @cached_property
    def _rows_by_file(self) -> dict[str, Rows]:
        """Found once for all files: a hundred sites would else be looked for in each other."""
        file = codes(self.source_file)
        order = np.argsort(file, kind="stable")
        ends = np.searchsorted(file[order], np.arange(len(texts(self.source_file)) + 1))
        return {
            name: order[ends[place] : ends[place + 1]]
            for place, name in enumerate(texts(self.source_file))
        }

    def row_ids(self, rows: Rows) -> Any:
        """Name of each of the rows: export and raw row; an array of text."""
        names = [self.exports[file] for file in texts(self.source_file)]
        places = pa.array(codes(self.source_file)[rows])
        export = pa.DictionaryArray.from_arrays(places, pa.array(names, pa.large_string()))
        numbers = pa.array(self.source_row[rows]).cast(pa.large_string())
        colon = pa.scalar(":", pa.large_string())
        joined = pc.binary_join_element_wise(export.dictionary_decode(), numbers, colon)
        return pd.array(joined, dtype="str")

    def report(self, rows: Iterable[int], column: str, found: Found) -> None:
        """One finding for each of the rows, at the raw cell that ``column`` was read from.

        ``found``: what a rule has found, the same for all rows or one for each. Nothing is
        reported about a row that is not part of the study.
        """
        places = np.fromiter(rows, np.intp)
        each = [found] * len(places) if isinstance(found, Rule) else found
        part = self.state[places] != STATES.index(NOT_PART)
        if not part.all():
            each = [one for one, is_part in zip(each, part, strict=True) if is_part]
            places = places[part]
        if not len(places):
            return
        for one in each:
            check_declared(one)
        table = {
            "file": by_value(self.source_file.iloc[places], str),
            "row": self.source_row[places],
            "column": self.raw_names(column, places),
            "value": "",
            "rule": [one.code for one in each],
            "severity": [one.severity for one in each],
            "action": [one.done for one in each],
            "detail": [one.detail for one in each],
        }
        if column in self.written:
            # Only the texts of these rows: a column of study codes has one a patient.
            table["value"] = list(map(shortened, self.written[column].iloc[places]))
        self.findings.append(pd.DataFrame(table))

    def keep_values_alone(self) -> None:
        """Give up what was written and how it was read, when all findings and counts are made.

        The tables as they are to be written need about as much memory.
        """
        self.written = self.written.iloc[:, :0]
        self.readings.clear()

    def set_aside(self, rows: Rows, reason: PerRow, state: str = QUARANTINED) -> None:
        """Set rows aside; a row that is already set aside keeps its first reason."""
        still = self.state[rows] == STATES.index(KEPT)
        reasons = reason if isinstance(reason, str) else np.array(list(reason), object)[still]
        self.reason[rows[still]] = reasons
        self.state[rows[still]] = STATES.index(state)

    def change(self, rows: Rows, column: str, text: str) -> None:
        """Write another text into cells (a correction)."""
        self.write(rows, column, text)
        self.corrected |= {(int(row), column) for row in rows}

    def write(self, rows: Rows, column: str, text: str) -> None:
        """Write another text into cells."""
        known = texts(self.written[column])
        if text not in known:
            known.append(text)
        places = codes(self.written[column]).astype(np.int64)
        places[rows] = known.index(text)
        cells = pd.Categorical.from_codes(places, known)
        self.written[column] = pd.Series(cells, index=self.written.index)


def make_sheet(
    table: str,
    ingested: dict[str, pd.DataFrame],
    columns: dict[str, pd.DataFrame],
    repeated: Mapping[str, BaselineColumns] = NONE_REPEATED,
) -> Sheet:
    """Stack the table's rows from all exports that feed it.

    ``ingested``: by export, the ingested table. ``columns``: by export, its record of columns.
    ``repeated``: by export, the columns of a baseline that every row repeats.
    """
    raw_columns: dict[tuple[str, str], str] = {}
    made_of: dict[tuple[str, str], list[str]] = {}
    exports = {}
    for export in ingested:
        record = columns[export].loc[lambda record: record["table"] == table]
        for file, column, raw_column in zip(
            record["file"], record["column"], record["raw_column"], strict=True
        ):
            # Of a code that several columns make up, the last one is its own number.
            raw_columns[str(file), str(column)] = str(raw_column)
            made_of.setdefault((str(file), str(column)), []).append(str(raw_column))
            exports[str(file)] = export
    parts = [all_categories(frame.drop(columns="source_row")) for frame in ingested.values()]
    names = dict.fromkeys(name for part in parts for name in part)
    stacked = {
        name: stack([part[name] if name in part else constant("", len(part)) for part in parts])
        for name in names
    }
    rows = [frame["source_row"].to_numpy().astype(np.int64) for frame in ingested.values()]
    source_file = stacked.pop("source_file")
    return Sheet(
        table,
        pd.DataFrame(stacked, copy=False),
        source_file,
        np.concatenate(rows),
        raw_columns,
        exports,
        parts={place: names for place, names in made_of.items() if len(names) > 1},
        repeated={file: repeated[key] for file, key in exports.items() if repeated.get(key)},
    )
