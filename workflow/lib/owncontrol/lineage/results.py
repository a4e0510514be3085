"""A finished run of a study: what became of each raw row, and where each value was read."""

import unicodedata
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from owncontrol.basics.invisible import visible
from owncontrol.cleaning.merged_rows import is_merged
from owncontrol.ingest.kept_rows import NOT_PART
from owncontrol.ingest.long_tables import BETWEEN, ITEM, JOINED
from owncontrol.lineage.stored_run import StoredRun
from owncontrol.study.table_mapping import BaselineColumns, TableMapping, raw_names
from owncontrol.tables import records, stored_table
from owncontrol.tables.categories import as_categories, by_value

VISIT = "{visit}"  # in the columns of a wide raw table, where the name of the visit stands


@dataclass(frozen=True)
class Joins:
    """The raw rows of a long table: ``heads`` (head and items of each row), ``of_heads`` (the rows
    of each head), ``of_items`` (the rows that give an item, by head and item), ``items``.
    """

    heads: dict[str, tuple[str, tuple[str, ...]]]
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
        places: dict[str, tuple[str, tuple[str, ...]]] = {}
        for row, head, recorded in zip(rows, heads, items, strict=True):
            of_heads.setdefault(head, []).append(row)
            given = tuple(filter(None, recorded.split(BETWEEN)))
            for item in given:
                of_items.setdefault((head, item), []).append(row)
            places[row] = head, given
        return cls(places, of_heads, of_items, {item for _, item in of_items})


class Results(StoredRun):
    """A finished run, asked about its raw rows."""

    def raw_rows(self, export: str) -> pd.DataFrame:
        """Every raw row of an export, as flow counts them: by its number, tables, status, reason.

        A raw row that feeds several tables is kept if one of them kept it.
        """
        if export not in self._raw_rows:
            record = self.rows(f"ingested/{export}/rows.csv").set_index("source_row")
            aside = self.quarantine_of(self.files[export])
            self._raw_rows[export] = _with_status(record["tables"], aside)
        return self._raw_rows[export]

    @cached_property
    def _raw_rows(self) -> dict[str, pd.DataFrame]:
        return {}

    def set_aside(self, export: str, table: str) -> "pd.Series[str]":
        """By raw row that a table is made from, why it was set aside; empty where it was not."""
        if (export, table) not in self._set_aside:
            tables = as_categories(self.raw_rows(export)["tables"])
            aside = self.quarantine_of(self.files[export])
            aside = aside.loc[aside["table"] == table]
            # A raw row of a wide table can be set aside at several visits.
            reasons = aside.drop_duplicates("row", keep="last").set_index("row")["reason"]
            rows = tables.index[by_value(tables, lambda taking: table in taking.split())]
            self._set_aside[export, table] = reasons.reindex(rows, fill_value="")
        return self._set_aside[export, table]

    @cached_property
    def _set_aside(self) -> dict[tuple[str, str], "pd.Series[str]"]:
        return {}

    def is_wide(self, export: str, table: str) -> bool:
        """Whether one raw row holds several visits."""
        return (export, table) in self._wide or bool(self.repeated(export, table))

    def repeated(self, export: str, table: str) -> BaselineColumns:
        """The columns of a baseline that every row of its subject repeats; none for most tables."""
        mapping = self._mapping(export, table)
        return mapping.baseline_columns if mapping else BaselineColumns()

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
        mapping = self._mapping(export, table)
        plain = visible(unicodedata.normalize("NFKC", written)).strip()
        if mapping is None or "visit" not in mapping.recode:
            return plain
        return mapping.recode["visit"].get(plain, plain)

    def places(self, export: str, table: str, row: str, raw_column: str) -> list[tuple[str, str]]:
        """Raw row and column of each cell that a value of a cleaned row is in.

        ``row``: the raw row that the cleaned one is named after. In a long table an item has a raw
        row of its own, or several that say the same, or none.
        """
        joined = self._joins(export, table)
        if joined is None:  # as of nearly all tables, of which a page asks for a million cells
            return [(row, raw_column)]
        column = self.cell_column(export, table, raw_column)
        if column == raw_column:
            return [(row, raw_column)]
        return [(item_row, column) for item_row in joined.of_items.get((row, raw_column), [])]

    def cell_column(self, export: str, table: str, raw_column: str) -> str:
        """The column of the raw file that a value is in: of an item, that of the values."""
        values = self.value_columns(export, table)
        mapping = self._mapping(export, table)
        if mapping is None or not values or raw_column in values:
            return raw_column
        if raw_column in self._key_columns(export, table):
            return raw_column
        return mapping.long.value_column_of(raw_column)

    def value_columns(self, export: str, table: str) -> tuple[str, ...]:
        """The raw columns of the values of a long table; none for any other."""
        mapping = self._mapping(export, table)
        return mapping.long.value_columns if mapping else ()

    def step_place(
        self, export: str, table: str, row: str, raw_column: str = ""
    ) -> tuple[str, tuple[str, ...]]:
        """Id of the cleaned row that a raw row went to, and the canonical columns it is read for.

        Of a row of a long table the columns of its items (``raw_column``: of those whose values
        are in it), of any other whose row it is.
        """
        joined = self._joins(export, table)
        if joined is None or row not in joined.heads:
            return f"{export}:{row}", ("subject_id",)
        head, items = joined.heads[row]
        names = self.raw_columns[export, table].items()
        columns = tuple(
            name
            for name, item in names
            if item in items and raw_column in ("", self.cell_column(export, table, item))
        )
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
        """The raw columns by which the rows of a long table are joined; found once a table."""
        if (export, table) not in self._keys:
            self._keys[export, table] = self._find_key_columns(export, table)
        return self._keys[export, table]

    @cached_property
    def _keys(self) -> dict[tuple[str, str], set[str]]:
        return {}

    def _find_key_columns(self, export: str, table: str) -> set[str]:
        mapping, known = self._mapping(export, table), self._joins(export, table)
        items = set() if known is None else known.items
        if mapping is None:
            return set()
        named = {raw for value in mapping.columns.values() for raw in raw_names(value)}
        return named - items - {*mapping.long.value_columns, *mapping.long.item_columns}

    def _item_columns(self, export: str, table: str) -> tuple[str, ...]:
        """The raw columns that make up the item code of a long table."""
        mapping = self._mapping(export, table)
        return mapping.long.item_columns if mapping else ()

    def _mapping(self, export: str, table: str) -> TableMapping | None:
        declared = self.study.exports.get(export)
        return declared.tables.get(table) if declared else None

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


def _with_status(tables: pd.Series, aside: pd.DataFrame) -> pd.DataFrame:
    """``tables``: what took each raw row. ``aside``: the rows that were set aside or merged."""
    feeds = by_value(as_categories(tables), lambda taking: len(taking.split())).astype(int)
    status = np.where(feeds > 0, "kept", "quarantined").astype(object)
    reasons = np.full(len(tables), "", object)
    # Most rows are kept: only of the others more is looked at.
    groups = aside.groupby("row", sort=False)
    place = tables.index.get_indexer(groups["reason"].first().index)
    lost = (aside["table"] != "").groupby(aside["row"], sort=False).sum().to_numpy()
    is_merged_row = (aside["table"] != "") & aside["reason"].map(is_merged).astype(bool)
    merged = is_merged_row.groupby(aside["row"], sort=False).sum().to_numpy()
    outside = aside["reason"].str.startswith(NOT_PART).groupby(aside["row"], sort=False).all()
    said = groups["reason"].agg("; ".join).to_numpy(object)
    here = place >= 0
    place, of_feeds = place[here], feeds[place[here]]
    status[place[lost[here] >= of_feeds]] = "quarantined"
    status[place[(of_feeds > 0) & (merged[here] == of_feeds)]] = "merged"
    status[place[outside.to_numpy(bool)[here] & (lost[here] >= of_feeds)]] = "not_part"
    reasons[place] = said[here]
    columns = {"tables": tables, "status": status, "reason": reasons}
    return pd.DataFrame(columns, index=tables.index).astype("str")
