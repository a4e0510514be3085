"""A raw file that is one of several of an export: its site, and columns that it alone lacks.

Cleaning holds the files' columns against each other (owncontrol.cleaning.file_groups); so ingest
records all columns of such a file, and reads one that lacks a column which no row needs.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from owncontrol.ingest.column_mapping import DAYS, required_columns
from owncontrol.ingest.readers import RawTable
from owncontrol.study.base import FrozenMapping
from owncontrol.study.exports import FROM_NAME, SITE, Export
from owncontrol.study.table_mapping import TableMapping, raw_names
from owncontrol.tables.categories import constant

T = TypeVar("T")
RECORD = ["file", "table", "column", "raw_column", "raw_position"]


def with_site(raw: RawTable, export: Export) -> RawTable:
    """``raw`` with the site that the file's name says as a column of its cells (``SITE``)."""
    if export.site != FROM_NAME:
        return raw
    site = constant(export.site_text, len(raw.cells)).array
    return replace(raw, cells=raw.cells.assign(**{SITE: site}))


def without_absent(export: Export, raw: RawTable) -> tuple[Export, frozenset[str]]:
    """The export of one of several files without columns that the file lacks and no row needs.

    Second, these columns (table.column).
    """
    if export.found_by is None:
        return export, frozenset()
    tables = dict(export.tables)
    absent: set[str] = set()
    for table, mapping in export.tables.items():
        gone = [] if mapping.long or mapping.wide else _absent(table, mapping, raw)
        if gone:
            tables[table] = _without(mapping, gone)
            absent |= {f"{table}.{column}" for column in gone}
    changed = export.model_copy(update={"tables": FrozenMapping(tables)})
    return changed, frozenset(absent)


def _absent(table: str, mapping: TableMapping, raw: RawTable) -> list[str]:
    needed = {*required_columns(table), "subject_id", "date", *DAYS}
    return [
        column
        for column, raw_column in mapping.columns.items()
        if column not in needed and not set(raw_names(raw_column)) <= set(raw.cells)
    ]


def _without(mapping: TableMapping, gone: list[str]) -> TableMapping:
    def others(entries: Mapping[str, T]) -> FrozenMapping[str, T]:
        return FrozenMapping({name: part for name, part in entries.items() if name not in gone})

    return mapping.model_copy(
        update={
            "columns": others(mapping.columns),
            "permitted": others(mapping.permitted),
            # They are told once, as columns of the file.
            "not_assessed": (*mapping.not_assessed, *map(re.escape, gone)),
        }
    )


def other_columns(record: pd.DataFrame, raw: RawTable, export: Export, shown: str) -> pd.DataFrame:
    """Ingest's ``record`` of columns with those of the file that no table reads."""
    if export.found_by is None:
        return record
    read = set(record["raw_column"])
    places = {name: number for number, name in enumerate(raw.cells.columns, start=1)}
    rest = [(shown, "", "", name, places[name]) for name in places if name not in read | {SITE}]
    return pd.concat([record, pd.DataFrame(rest, columns=RECORD)], ignore_index=True)
