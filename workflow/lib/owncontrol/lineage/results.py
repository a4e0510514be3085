"""The results folder of a study, read row by row as an audit needs it.

Tables are streamed and filtered, so that a large study's results need no more memory than the rows
that were asked for.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from owncontrol.basics.invisible import visible
from owncontrol.basics.program_files import INSTRUMENTS
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.errors import InputError
from owncontrol.estimates.estimate import About
from owncontrol.estimates.selections import Matching, RowSelection, ScoreSelection, read_selections
from owncontrol.findings.cleaning_rules import NotPermitted
from owncontrol.findings.rule import HIDDEN
from owncontrol.ingest.kept_rows import NOT_PART
from owncontrol.ingest.long_tables import ITEM, JOINED
from owncontrol.instruments import Instrument, load_instrument
from owncontrol.study.table_mapping import raw_names
from owncontrol.tables import records, stored_table
from owncontrol.tables.categories import as_categories, by_value

VISIT = "{visit}"  # in the columns of a wide raw table, where the name of the visit stands
# How the record of quarantine begins its reason for a row that was merged with another one.
MERGED_REASONS = ("equal to an earlier row", "the same event as row ")


@dataclass(frozen=True)
class Joins:
    """The raw rows of a long table: ``heads`` (head and item of each row), ``of_heads`` (the rows
    of each head), ``of_items`` (the rows that give an item, by head and item), ``items``.
    """

    heads: dict[str, tuple[str, str]]
    of_heads: dict[str, list[str]]
    of_items: dict[tuple[str, str], list[str]]
    items: set[str]

    @classmethod
    def of(cls, record: pd.DataFrame, table: str) -> "Joins":
        """From ingest's record of the raw rows, as text."""
        record = record.loc[record[JOINED + table] != ""]
        rows, heads, items = (record[name] for name in ("source_row", JOINED + table, ITEM + table))
        of_items: dict[tuple[str, str], list[str]] = {}
        of_heads: dict[str, list[str]] = {}
        for row, head, item in zip(rows, heads, items, strict=True):
            of_heads.setdefault(head, []).append(row)
            if item:
                of_items.setdefault((head, item), []).append(row)
        places = dict(zip(rows, zip(heads, items, strict=True), strict=True))
        return cls(places, of_heads, of_items, set(items) - {""})


class Results:
    """A finished run of a study.

    ``columns``: what ingest recorded, with the export's name: export, file, table, column,
    raw_column, raw_position.
    """

    def __init__(self, folder: Path | str, for_report: bool = False) -> None:
        """Take the folder (``results/<study>``); nothing is read yet.

        ``for_report``: findings without the text of cells that were refused, and ages above 89.
        """
        self.folder, self.for_report = Path(folder), for_report

    @cached_property
    def estimates(self) -> dict[str, dict[str, str]]:
        """All analysis results as text, by their id, in the table's order."""
        rows = records(self.rows("statistics/estimates.csv"))
        return {row["estimate_id"]: row for row in rows}

    def about(self, estimate_id: str) -> About:
        """What an analysis result is about; InputError for one that this version does not declare.

        So nothing can lose its lineage without a word.
        """
        try:
            return About.of(self.estimates[estimate_id])
        except ValueError as error:
            raise InputError(
                f"{self.folder}/statistics/estimates.csv, {estimate_id}: {error}",
                "the results are of another version; run the study again (make)",
            ) from error

    def matching_estimates(self, conditions: Mapping[str, str]) -> list[str]:
        """Ids of the estimates whose columns have these values."""
        if set(conditions) == {"estimate_id"}:
            return [name for name in conditions.values() if name in self.estimates]
        return [
            estimate_id
            for estimate_id, row in self.estimates.items()
            if all(row[column] == value for column, value in conditions.items())
        ]

    @cached_property
    def subjects(self) -> list[str]:
        """The study's subject codes, sorted: what the ranges of ``inputs`` run over."""
        return sorted(self.subject_rows)

    @cached_property
    def subject_rows(self) -> dict[str, str]:
        """The id of each subject's row in the subjects table."""
        rows = self.rows("cleaned/subjects.csv")
        return dict(zip(rows["subject_id"], rows["row_id"], strict=True))

    @cached_property
    def positions(self) -> dict[str, int]:
        """The place of each subject in the sorted codes."""
        return {subject: place for place, subject in enumerate(self.subjects)}

    def selections(self, inputs: str) -> list[ScoreSelection | RowSelection | Matching]:
        """What the ``inputs`` of an estimate select; many estimates have the same."""
        if inputs not in self._selections:
            self._selections[inputs] = read_selections(inputs, self.positions)
        return self._selections[inputs]

    @cached_property
    def _selections(self) -> dict[str, list[ScoreSelection | RowSelection | Matching]]:
        return {}

    @cached_property
    def columns(self) -> pd.DataFrame:
        """Which raw column each canonical column was read from, of all exports.

        Without the columns of one of several files that no table reads, and without files of an
        earlier run that are no longer there.
        """
        known = self.configuration.get("exports")
        parts = [
            self.rows(path.relative_to(self.folder)).assign(export=path.parent.name)
            for path in sorted(self.folder.glob("ingested/*/columns.csv"))
            if not known or path.parent.name in known
        ]
        if not parts:
            raise InputError(
                f"{self.folder}: holds no ingested export", "name the results folder of a study"
            )
        both = pd.concat(parts, ignore_index=True)
        return both.loc[both["table"] != ""].reset_index(drop=True)

    @cached_property
    def raw_columns(self) -> dict[tuple[str, str], dict[str, str]]:
        """By export and table: the raw column of each canonical column, in order.

        Of a code that several columns make up, the last of them (see ``parts``).
        """
        groups = self.columns.groupby(["export", "table"], sort=False)
        return {
            (str(export), str(table)): dict(zip(group["column"], group["raw_column"], strict=True))
            for (export, table), group in groups
        }

    @cached_property
    def parts(self) -> dict[tuple[str, str, str], list[str]]:
        """By export, table and canonical column: the raw columns of a code that several make up."""
        groups = self.columns.groupby(["export", "table", "column"], sort=False)["raw_column"]
        several = groups.filter(lambda names: len(names) > 1).index
        found: dict[tuple[str, str, str], list[str]] = {}
        for entry in self.columns.loc[several].itertuples():
            place = (str(entry.export), str(entry.table), str(entry.column))
            found.setdefault(place, []).append(str(entry.raw_column))
        return found

    @cached_property
    def files(self) -> dict[str, str]:
        """The raw file of each export."""
        return dict(zip(self.columns["export"], self.columns["file"], strict=True))

    @cached_property
    def findings(self) -> pd.DataFrame:
        """All findings, as text."""
        found = self.rows("cleaned/findings.csv")
        return _without_refused(found) if self.for_report else found

    @cached_property
    def quarantine(self) -> pd.DataFrame:
        """The raw rows that were set aside or merged, by table, as text."""
        return self.rows("cleaned/quarantine.csv")

    def raw_rows(self, export: str) -> pd.DataFrame:
        """Every raw row of an export, as flow counts them: by its number, tables, status, reason.

        A raw row that feeds several tables is kept if one of them kept it.
        """
        if export not in self._raw_rows:
            record = self.rows(f"ingested/{export}/rows.csv").set_index("source_row")
            aside = self.quarantine.loc[self.quarantine["file"] == self.files[export]]
            self._raw_rows[export] = _with_status(record["tables"], aside)
        return self._raw_rows[export]

    @cached_property
    def _raw_rows(self) -> dict[str, pd.DataFrame]:
        return {}

    def set_aside(self, export: str, table: str) -> "pd.Series[str]":
        """By raw row that a table is made from, why it was set aside; empty where it was not."""
        if (export, table) not in self._set_aside:
            tables = as_categories(self.raw_rows(export)["tables"])
            aside = self.quarantine
            aside = aside.loc[(aside["file"] == self.files[export]) & (aside["table"] == table)]
            # A raw row of a wide table can be set aside at several visits.
            reasons = aside.drop_duplicates("row", keep="last").set_index("row")["reason"]
            rows = tables.index[by_value(tables, lambda taking: table in taking.split())]
            self._set_aside[export, table] = reasons.reindex(rows, fill_value="")
        return self._set_aside[export, table]

    @cached_property
    def _set_aside(self) -> dict[tuple[str, str], "pd.Series[str]"]:
        return {}

    def instrument(self, name: str) -> Instrument:
        """An instrument's definition."""
        if name not in self._instruments:
            self._instruments[name] = load_instrument(INSTRUMENTS / f"{name}.yaml")
        return self._instruments[name]

    @cached_property
    def _instruments(self) -> dict[str, Instrument]:
        return {}

    @cached_property
    def configuration(self) -> dict[str, Any]:
        """The configuration of the run, as merged and checked; empty if the run has no record."""
        path = self.folder / "provenance/configuration.yaml"
        return read_yaml(path) if path.is_file() else {"exports": {}}

    def is_wide(self, export: str, table: str) -> bool:
        """Whether one raw row holds several visits."""
        return (export, table) in self._wide

    @cached_property
    def _wide(self) -> set[tuple[str, str]]:
        here = self.columns["raw_column"].str.contains(VISIT, regex=False)
        wide = self.columns.loc[here]
        return set(zip(wide["export"], wide["table"], strict=True))

    def is_long(self, export: str, table: str = "") -> bool:
        """Whether several raw rows make one cleaned row (of this table, or of any)."""
        tables = [table] if table else [of for name, of in self.raw_columns if name == export]
        return any(self._joins(export, name) is not None for name in tables)

    def visit(self, export: str, table: str, written: str) -> str:
        """The visit of the schedule that an export's text for it means."""
        recode = self._mapping(export, table).get("recode", {}).get("visit", {})
        plain = visible(unicodedata.normalize("NFKC", written)).strip()
        return str(recode.get(plain, plain))

    def places(self, export: str, table: str, row: str, raw_column: str) -> list[tuple[str, str]]:
        """Raw row and column of each cell that a value of a cleaned row stands in.

        ``row``: the raw row that the cleaned one is named after. In a long table an item has a raw
        row of its own, or several that say the same, or none.
        """
        column = self.cell_column(export, table, raw_column)
        joined = self._joins(export, table)
        if joined is None or column == raw_column:
            return [(row, raw_column)]
        return [(item_row, column) for item_row in joined.of_items.get((row, raw_column), [])]

    def cell_column(self, export: str, table: str, raw_column: str) -> str:
        """The column of the raw file that a value stands in: of an item, that of the values."""
        value = self.value_column(export, table)
        if not value or raw_column in {value, *self._key_columns(export, table)}:
            return raw_column
        return value

    def value_column(self, export: str, table: str) -> str:
        """The raw column of the values of a long table; empty for any other."""
        return str(self._mapping(export, table).get("long", {}).get("value", ""))

    def step_place(self, export: str, table: str, row: str) -> tuple[str, tuple[str, ...]]:
        """Id of the cleaned row that a raw row went to, and the canonical columns it is read for.

        Of a row of a long table the column of its item, of any other whose row it is.
        """
        joined = self._joins(export, table)
        if joined is None or row not in joined.heads:
            return f"{export}:{row}", ("subject_id",)
        head, item = joined.heads[row]
        names = self.raw_columns[export, table].items()
        columns = tuple(name for name, raw_column in names if item and raw_column == item)
        whose = ("subject_id",) if row == head or not columns else ()
        return f"{export}:{head}", (*whose, *columns)

    def heads(self, export: str, row: str) -> set[str]:
        """The raw rows that cleaned rows are named after, for any of those they are made from."""
        found = {row}
        for name, table in self.raw_columns:
            joined = self._joins(export, table) if name == export else None
            if joined is not None and row in joined.heads:
                found.add(joined.heads[row][0])
        return found

    def rows_of(self, export: str, row: str) -> list[str]:
        """The raw rows behind the cleaned rows that are named after a raw row, itself first."""
        found = {row: None}
        for name, table in self.raw_columns:
            joined = self._joins(export, table) if name == export else None
            if joined is not None:
                found |= dict.fromkeys(joined.of_heads.get(row, []))
        return list(found)

    def names_assessment(self, export: str, row: str, column: str) -> bool:
        """Whether a cell is one that a row of a long table was joined by, or its item code."""
        for name, table in self.raw_columns:
            joined = self._joins(export, table) if name == export else None
            if joined is not None and row in joined.heads:
                items = self._item_columns(export, table)
                if column in (*items, *self._key_columns(export, table)):
                    return True
        return False

    def raw_texts(self, export: str, row: str) -> dict[str, str]:
        """The texts of a raw row that ingest's record of the rows repeats, by raw column."""
        return self._raw_texts(export).get(row, {})

    def _raw_texts(self, export: str) -> dict[str, dict[str, str]]:
        if export not in self._texts:
            record = self.rows(f"ingested/{export}/rows.csv")
            self._texts[export] = dict(zip(record["source_row"], records(record), strict=True))
        return self._texts[export]

    @cached_property
    def _texts(self) -> dict[str, dict[str, dict[str, str]]]:
        return {}

    def _key_columns(self, export: str, table: str) -> set[str]:
        """The raw columns by which the rows of a long table are joined."""
        mapping, known = self._mapping(export, table), self._joins(export, table)
        items = set() if known is None else known.items
        named = [raw for value in mapping["columns"].values() for raw in raw_names(value)]
        return set(named) - items - {mapping["long"]["value"], *self._item_columns(export, table)}

    def _item_columns(self, export: str, table: str) -> tuple[str, ...]:
        """The raw columns that make up the item code of a long table."""
        long = self._mapping(export, table)["long"]
        return tuple(raw_names(long["item"])) if long else ()

    def _mapping(self, export: str, table: str) -> dict[str, Any]:
        tables = self.configuration["exports"].get(export, {}).get("tables", {})
        mapping: dict[str, Any] = tables.get(table, {})
        return mapping

    def _joins(self, export: str, table: str) -> "Joins | None":
        """Which raw rows a long table joined; None of another table."""
        if (export, table) not in self._joined:
            name = f"ingested/{export}/rows.csv"
            found = None
            if JOINED + table in stored_table(self.folder / name).header():
                found = Joins.of(self.rows(name), table)
            self._joined[export, table] = found
        return self._joined[export, table]

    @cached_property
    def _joined(self) -> dict[tuple[str, str], "Joins | None"]:
        return {}

    def has(self, name: str) -> bool:
        """Whether the run has this table."""
        return stored_table(self.folder / name).exists()

    def rows(
        self, name: Path | str, at_most: int | None = None, **where: Collection[str]
    ) -> pd.DataFrame:
        """The rows of one of its tables in which each of these columns has one of the values.

        ``at_most``: how many there can be; reading stops when they are found. Raises InputError
        where the table is absent: the study has not been run, or not to its end.
        """
        return stored_table(self.folder / name).find_rows(where, at_most)

    def counts(self, name: str, column: str) -> Counter[str]:
        """How many rows of one of its tables have each text in a column."""
        parts = stored_table(self.folder / name).column_parts(column)
        counted = [part.value_counts() for part in parts]
        if not counted:
            return Counter()
        texts = pa.chunked_array([part.field("values").cast(pa.string()) for part in counted])
        times = pa.chunked_array([part.field("counts") for part in counted])
        total = pa.table({"text": texts, "n": times}).group_by("text").aggregate([("n", "sum")])
        return Counter(dict(zip(*(column.to_pylist() for column in total.columns), strict=True)))


def _with_status(tables: pd.Series, aside: pd.DataFrame) -> pd.DataFrame:
    """``tables``: what took each raw row. ``aside``: the rows that were set aside or merged."""
    in_table = aside.loc[aside["table"] != ""]
    lost = in_table.groupby("row").size().reindex(tables.index, fill_value=0)
    merged = in_table["reason"].str.startswith(MERGED_REASONS).groupby(in_table["row"]).sum()
    feeds = tables.str.split().str.len()
    status = pd.Series("kept", index=tables.index)
    status[lost >= feeds] = "quarantined"
    status[(feeds > 0) & (merged.reindex(tables.index, fill_value=0) == feeds)] = "merged"
    outside = aside["reason"].str.startswith(NOT_PART).groupby(aside["row"]).all()
    outside = outside.reindex(tables.index, fill_value=False).astype(bool)
    status[outside & (lost >= feeds)] = "not_part"
    reason = aside.groupby("row")["reason"].agg("; ".join).reindex(tables.index, fill_value="")
    return pd.DataFrame({"tables": tables, "status": status, "reason": reason})


def _without_refused(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings without the value wherever a cell was refused: it may be anything at all."""
    is_refused = (findings["rule"] == NotPermitted.code) | (findings["severity"] == "error")
    is_refused &= (findings["row"] != "") & (findings["value"] != "")
    return findings.assign(
        value=findings["value"].where(~is_refused, HIDDEN),
        detail=findings["detail"].where(~is_refused, HIDDEN),
    )
