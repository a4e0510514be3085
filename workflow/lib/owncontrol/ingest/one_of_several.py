"""A raw file that is one of several of an export: what its name says, columns that it alone lacks.

Cleaning holds the files' columns against each other (owncontrol.cleaning.file_groups); so ingest
records all columns of such a file, and reads one that lacks a column which no row needs.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.ingest.column_mapping import DAYS, required_columns
from owncontrol.ingest.identity import CODES
from owncontrol.ingest.readers import RawTable
from owncontrol.study.base import FrozenMapping
from owncontrol.study.exports import FILE, FROM_NAME, ROW, SITE, Export, is_in_name
from owncontrol.study.table_mapping import TableMapping, raw_names
from owncontrol.tables.categories import as_categories, constant

T = TypeVar("T")
RECORD = ["file", "table", "column", "raw_column", "raw_position"]


def with_names(raw: RawTable, export: Export) -> RawTable:
    """``raw`` with what the names of file and sheet say as columns of its cells.

    Raises InputError where the sheets' names are the codes of patients and one may be the name of
    a person: it would then be beside each of the patient's rows.
    """
    texts = export.sheet_texts
    if export.site == FROM_NAME:
        texts[SITE] = export.name_text
    mapped = (
        raw_names(names) for part in export.tables.values() for names in part.columns.values()
    )
    if any(FILE in names for names in mapped):
        texts[FILE] = export.name_text
    for table, mapping in export.tables.items():
        for column in CODES:
            names = raw_names(mapping.columns.get(column, ()))
            for part in set(names) & set(texts):
                telling = not any(sign.isdigit() for sign in texts[part])
                # A file that is named beside another column is a site's, as {site} is.
                of_site = part == SITE or (part == FILE and len(names) > 1)
                if telling and not of_site and part not in export.identifiers_allowed:
                    what = "file" if part == FILE else "sheet"
                    raise InputError(
                        f"{export.file}: the name of a {what} is mapped to {table}.{column}, and "
                        "one without a digit may be that of a person (it is not shown here)",
                        f"name the {what}s by study codes; exports.*.identifiers_allowed: "
                        f'["{part}"] permits it',
                    )
    columns = {name: constant(text, len(raw.cells)).array for name, text in texts.items()}
    if any(ROW in mapping.raw_columns("subject_id") for mapping in export.tables.values()):
        columns[ROW] = as_categories(raw.cells.index.astype("str").to_series()).array
    return replace(raw, cells=raw.cells.assign(**columns)) if columns else raw


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
    rest = [
        (shown, "", "", name, places[name])
        for name in places
        if name not in read and not is_in_name(name)
    ]
    return pd.concat([record, pd.DataFrame(rest, columns=RECORD)], ignore_index=True)
