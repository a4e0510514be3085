"""The rows that a trace needs, cleaned and as written, and the raw cell behind each value."""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.findings.rule import HIDDEN
from owncontrol.findings.workbook_rules import DateAsNumber
from owncontrol.lineage.results import VISIT, Results
from owncontrol.privacy.ages import hidden
from owncontrol.study.exports import is_in_name
from owncontrol.study.subjects import age_columns
from owncontrol.tables import records

Row = dict[str, str]


class Cell(NamedTuple):
    """A raw cell: ``written`` as in the raw file, ``cleaned`` as it was read.

    ``notes``: the findings at the cell, corrections included. ``table``, ``row_id`` and
    ``canonical`` column: where cleaning put it; empty for a cell that no table has.
    """

    file: str
    row: str
    column: str
    written: str
    cleaned: str = ""
    notes: str = ""
    table: str = ""
    row_id: str = ""
    canonical: str = ""


class RawCells:
    """Rows of the cleaned and the ingested tables by their id, and the cells that they are from.

    A row of a wide raw table is several cleaned rows, one a visit; of a long one, several raw rows
    are one cleaned row.
    """

    def __init__(self, results: Results) -> None:
        """Start without rows."""
        self.results = results
        self.notes, self._originals = _at_cells(results.findings)
        refused = results.findings.loc[results.findings["value"] == HIDDEN]
        columns = (refused[name] for name in ("file", "row", "column"))
        self._hidden = set(zip(*columns, strict=True))
        self._ages = _age_columns(results) if results.for_report else set()
        self._cleaned: dict[str, dict[str, list[Row]]] = {}
        self._written: dict[str, dict[str, list[Row]]] = {}

    def load(self, wanted: dict[str, set[str]]) -> None:
        """Read these rows (ids by table), those that are not read yet.

        Raises InputError where a row is not there: tables of different runs.
        """
        for table, row_ids in wanted.items():
            written = self._written.setdefault(table, {})
            new = row_ids - set(written)
            if not new:
                continue
            exports = {row_id.rpartition(":")[0] for row_id in new}
            wide = any(self.results.is_wide(export, table) for export in exports)
            cleaned = self.results.rows(
                f"cleaned/{table}.csv", None if wide else len(new), row_id=new
            )
            _collect(self._cleaned.setdefault(table, {}), cleaned, cleaned["row_id"])
            for export in sorted(exports):
                rows = {row_id.rpartition(":")[2] for row_id in new if _export(row_id) == export}
                name = f"ingested/{export}/{table}.csv"
                part = self.results.rows(name, None if wide else len(rows), source_row=rows)
                _collect(written, part, export + ":" + part["source_row"])
            if not new <= set(written):
                raise InputError(
                    f"{table}: row {min(new - set(written))} is named, but not there",
                    "the tables are of different runs; run the study again (make)",
                )

    def is_kept(self, table: str, row_id: str) -> bool:
        """Whether cleaning kept the row."""
        return row_id in self._cleaned[table]

    def subject(self, table: str, row_id: str) -> str:
        """The subject of a cleaned row."""
        return self._cleaned[table][row_id][0]["subject_id"]

    def cells(self, table: str, row_id: str, columns: Iterable[str], visit: str = "") -> list[Cell]:
        """The raw cells of these canonical columns of a row; ``visit``: of a wide table's row."""
        export, _, row = row_id.rpartition(":")
        file, names = self.results.files[export], self.results.raw_columns[export, table]
        written = self._of_visit(export, table, self._written[table][row_id], visit)
        cleaned = self._of_visit("", table, self._cleaned[table].get(row_id, [{}]), visit)
        repeated = self.results.repeated(export, table)
        is_repeated = bool(repeated) and written.get("visit") == repeated.visit
        found = []
        for column in columns:
            if is_in_name(names[column]) or (column == "visit" and names[column] == VISIT):
                continue  # it is in the names of the columns, or of the file, not in a cell
            raw_column = names[column].replace(VISIT, written.get("visit", ""))
            if is_repeated:
                if column == "visit":
                    continue  # which visit it is says the configuration
                raw_column = repeated.raw_column(column, raw_column)
            read = cleaned.get(cleaned_column(column), "")
            for place, text in self._texts(export, table, row, column, raw_column).items():
                text = written[column] if text is None else text
                original = self._originals.get((file, *place), text)
                notes = self.notes.get((file, *place), "")
                if (file, *place) in self._hidden:
                    original = HIDDEN
                if table == "subjects" and column in self._ages:
                    original = hidden(original)
                found.append(Cell(file, *place, original, read, notes, table, row_id, column))
        return found

    def _texts(
        self, export: str, table: str, row: str, column: str, raw_column: str
    ) -> dict[tuple[str, str], str | None]:
        """Row and column of each raw cell of a value, with its text where that is not the value's.

        A code that several columns make up has a cell in each; where keyed codes replace it, the
        parts are not shown.
        """
        parts = self.results.parts.get((export, table, column))
        if parts is None:
            return dict.fromkeys(self.results.places(export, table, row, raw_column))
        known = self.results.raw_texts(export, row)
        return {(row, part): known.get(part) for part in parts if not is_in_name(part)}

    def _of_visit(self, export: str, table: str, rows: list[Row], visit: str) -> Row:
        """The row of a visit; with ``export``, its visits are as written and have to be read."""
        if visit:
            for row in rows:
                name = self.results.visit(export, table, row["visit"]) if export else row["visit"]
                if name == visit:
                    return row
        return rows[0]


def cleaned_column(column: str) -> str:
    """The cleaned column that a canonical one became: a date became study days."""
    if column == "date":
        return "day_from_injury"
    if column.endswith("_date") or column in ("culture_start", "treatment_start", "treatment_end"):
        return f"{column.removesuffix('_date')}_day"
    return column


def _export(row_id: str) -> str:
    return row_id.rpartition(":")[0]


def _collect(known: dict[str, list[Row]], rows: pd.DataFrame, row_ids: pd.Series) -> None:
    for row_id, row in zip(row_ids, records(rows), strict=True):
        known.setdefault(row_id, []).append(row)


def _at_cells(
    findings: pd.DataFrame,
) -> tuple[dict[tuple[str, ...], str], dict[tuple[str, ...], str]]:
    """What was found at each raw cell, in words; and its text where ingest made a date of it."""
    notes: dict[tuple[str, ...], str] = {}
    originals: dict[tuple[str, ...], str] = {}
    for entry in records(findings):
        cell = (entry["file"], entry["row"], entry["column"])
        text = f"{entry['rule']}: {entry['action']}; {entry['detail']}"
        notes[cell] = f"{notes[cell]} | {text}" if cell in notes else text
        if entry["rule"] == DateAsNumber.code:
            originals[cell] = entry["value"]
    return notes, originals


def _age_columns(results: Results) -> set[str]:
    """The columns of ages that the configuration of the run does not show above 89."""
    return age_columns(results.study.characteristics, results.study.ages_above_89)
