"""How the tables of an export are read: their views of the raw cells, columns, marks and dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from owncontrol.findings.finding import Finding
from owncontrol.ingest.column_mapping import column_mapping, schema_of
from owncontrol.ingest.mapped_cells import Marks, dates_of_numbers, marks_of
from owncontrol.ingest.readers import RawTable
from owncontrol.ingest.repeated_baseline import with_baseline_rows
from owncontrol.ingest.reshape import OWN_VISIT, VISIT, View, table_view
from owncontrol.instruments import Instrument
from owncontrol.study.exports import Export
from owncontrol.study.subjects import Characteristic
from owncontrol.study.table_mapping import TableMapping


@dataclass(frozen=True)
class MappedTables:
    """The tables of one export, each field by table.

    ``columns``: by canonical column the column of the view. ``marks``: by canonical column the raw
    column beside it. ``notes``: by raw row, the numbers of a workbook that were read as dates.
    """

    views: dict[str, View]
    columns: dict[str, dict[str, str]]
    marks: dict[str, dict[str, Marks]]
    notes: dict[str, dict[int, list[Finding]]]

    @cached_property
    def sources(self) -> dict[str, str]:
        """By raw column that is read: the canonical column (table.column) that it goes to."""
        return {
            source: f"{table}.{column}"
            for table, columns in self.columns.items()
            for column, name in columns.items()
            for source in [
                *self.views[table].sources[name],
                *([self.marks[table][column].raw] if column in self.marks[table] else []),
            ]
        }

    def raw_names(self, table: str, column: str) -> list[str]:
        """The raw column of a canonical one; several where they make up one code."""
        name = self.columns[table][column]
        if name == OWN_VISIT:
            return [VISIT]
        return self.views[table].joined.get(name, [name])


def map_tables(
    path: Path,
    raw: RawTable,
    export: Export,
    instruments: dict[str, Instrument],
    characteristics: Sequence[Characteristic],
) -> MappedTables:
    """Find what each table of an export is read from.

    Raises InputError where the mapping does not fit the file, see ``column_mapping``.
    """
    views = {
        table: _view(path, raw.cells, mapping, export) for table, mapping in export.tables.items()
    }
    columns = {
        table: column_mapping(path, table, mapping, views[table], instruments, characteristics)
        for table, mapping in export.tables.items()
    }
    notes = {}
    for table, mapping in export.tables.items():
        dated = dates_of_numbers(path, raw, views[table], columns[table], export, schema_of(table))
        notes[table] = dated.notes
        if dated.notes:
            views[table] = _view(path, dated.cells, mapping, export)
    marks = {
        table: marks_of(path, mapping, list(views[table].cells.columns), columns[table])
        for table, mapping in export.tables.items()
    }
    return MappedTables(views, columns, marks, notes)


def _view(path: Path, cells: pd.DataFrame, mapping: TableMapping, export: Export) -> View:
    view = table_view(path, cells, mapping, export.missing)
    if mapping.baseline_columns:
        return with_baseline_rows(path, view, mapping, export.missing)
    return view
