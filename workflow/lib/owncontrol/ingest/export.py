"""One export and its mapping: canonical tables of text, each row with the raw row it came from.

Nothing is repaired here. A canonical table holds the raw text of its cells under canonical names;
``rows`` says for every raw row which tables took it, ``columns`` which raw column each canonical
column was read from, so that any value can be followed to its raw cell.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.findings.finding import Finding, findings_table
from owncontrol.findings.mapping_rules import ColumnNotMapped
from owncontrol.findings.workbook_rules import ErrorValue
from owncontrol.ingest.boxes import box_columns, only_unticked, rows_with_content
from owncontrol.ingest.identity import CODES, identity_findings
from owncontrol.ingest.kept_rows import CODE, codes_not_taken, keep_rows, outside
from owncontrol.ingest.keyed_rows import TOKEN, code_subjects, with_keyed_rows
from owncontrol.ingest.long_tables import ITEM, JOINED, joined_rows, unmapped_items
from owncontrol.ingest.mapped_cells import mark_cells, notes_of_rows
from owncontrol.ingest.mapped_tables import MappedTables, map_tables
from owncontrol.ingest.one_of_several import other_columns, with_names, without_absent
from owncontrol.ingest.private_columns import (
    Private,
    mask,
    private_columns,
    refuse,
    without_contacts,
)
from owncontrol.ingest.raw_checks import (
    absent_items,
    complete_but_blank,
    content_not_taken,
    exclusive_boxes,
    expected_columns,
    faults_in_numbers,
)
from owncontrol.ingest.readers import RawTable, read_export
from owncontrol.ingest.redcap import Field, read_dictionary
from owncontrol.ingest.reshape import View
from owncontrol.ingest.visit_windows import with_windows
from owncontrol.instruments import Instrument
from owncontrol.study.exports import Export, is_in_name, is_labelled
from owncontrol.study.subjects import Characteristic, CodeRules
from owncontrol.study.table_mapping import TableMapping
from owncontrol.study.visit_windows import FROM_TARGET
from owncontrol.tables.categories import constant, is_one_of

Mask = NDArray[np.bool_]
# REDCap's own record of a form's state; never data.
FORM_STATE = re.compile(r".*_complete")


@dataclass(frozen=True)
class Ingested:
    """What ingesting one export gives; see the module's text."""

    tables: dict[str, pd.DataFrame]
    rows: pd.DataFrame
    columns: pd.DataFrame
    findings: pd.DataFrame


@dataclass(frozen=True)
class Read:
    """A raw file, its rows that are part of the study, and what was seen on the way to them.

    ``export``: without the columns that the file lacks, ``absent`` (table.column). ``fields``: of
    its data dictionary. ``tokens``: by row, the one that names it where its code is keyed
    (``is_coded``). ``all_cells``: with the rows that are not part of the study. ``numbered``: what
    is to be said of the columns that count the rows.
    """

    raw: RawTable
    export: Export
    fields: dict[str, Field]
    private: Private
    is_coded: bool
    tokens: dict[int, str]
    all_cells: pd.DataFrame
    numbered: list[Finding]
    absent: frozenset[str]


@dataclass(frozen=True)
class Taken:
    """Which rows of a table's view meet its conditions (``asked``), and which have content."""

    asked: Mask
    filled: Mask


def ingest_export(
    path: Path | str,
    dictionary: Path | str | None,
    export: Export,
    instruments: dict[str, Instrument],
    characteristics: Sequence[Characteristic],
    subjects: CodeRules | None = None,
    shown: str = "",
    is_selected: bool = False,
) -> Ingested:
    """Read the raw file of one export and map it to its canonical tables.

    ``dictionary``: the file's REDCap data dictionary, where it has one. ``subjects``: the
    configuration's ``subject_id`` and ``subject_code`` where study codes are replaced by keyed
    ones. ``shown``: the file's name in every table, where it is not its own. ``is_selected``: the
    configuration says which rows of which export are part of the study.

    Raises InputError where the mapping names a raw column that the file does not have, a
    canonical column or table that does not exist, or a column of identifiers or free text that
    the configuration does not permit.
    """
    path = Path(path)
    shown = shown or path.name
    read = _read(path, dictionary, export, subjects, shown)
    raw, export = read.raw, read.export
    mapped = map_tables(path, raw, export, instruments, characteristics)
    refuse(path, mapped.sources, read.private)
    boxes = box_columns(raw.cells, read.fields)
    taken = _taken(mapped, export, boxes)
    tables = {
        table: _canonical_table(table, mapped, rows.asked & rows.filled, export, subjects, shown)
        for table, rows in taken.items()
    }
    findings = _column_findings(path, read, mapped, instruments)
    findings += _row_findings(path, raw, export, mapped, taken, boxes)
    findings += _cell_findings(path, read, mapped, tables)
    rows = _rows(raw, tables, export, mapped.views, read.is_coded)
    if is_selected:
        rows[CODE] = codes_not_taken(read.all_cells, rows, export, subjects)
    hidden = set(read.private.identifiers)
    if read.is_coded:
        rows = _with_tokens(rows, read.tokens)
        findings.sort(key=lambda finding: (finding.row or 0, finding.column, finding.rule))
        hidden |= _code_columns(mapped)
    columns = other_columns(_columns(raw, mapped, shown), raw, export, shown)
    told = findings_table([replace(finding, file=shown) for finding in findings])
    return Ingested(tables, rows, columns, mask(told, {(shown, column) for column in hidden}))


def _read(
    path: Path,
    dictionary: Path | str | None,
    export: Export,
    subjects: CodeRules | None,
    shown: str,
) -> Read:
    """Read the raw file and keep the rows that are part of the study."""
    is_coded = subjects is not None
    raw = read_export(path, export)
    fields = {} if dictionary is None else read_dictionary(dictionary, export.encoding)
    private = private_columns(raw.cells, fields, export, is_coded=is_coded)
    raw = without_contacts(path, raw, export, private.refused)
    tokens: dict[int, str] = {}
    if subjects is not None:
        raw, tokens = with_keyed_rows(raw, subjects.subject_code, shown)
    numbered = faults_in_numbers(path, raw, export)  # of all rows, or each gap would be a fault
    raw = with_windows(path, with_names(raw, export), export)
    all_cells = raw.cells
    raw = keep_rows(path, raw, export, private)
    export, absent = without_absent(export, raw)
    numbered = outside(numbered, raw)
    return Read(raw, export, fields, private, is_coded, tokens, all_cells, numbered, absent)


def _taken(mapped: MappedTables, export: Export, boxes: set[str]) -> dict[str, Taken]:
    """By table, which rows of its view it takes."""
    return {
        table: Taken(
            _meets_conditions(view, export.tables[table]),
            rows_with_content(view, mapped.columns[table], boxes),
        )
        for table, view in mapped.views.items()
    }


def _canonical_table(
    table: str,
    mapped: MappedTables,
    rows: Mask,
    export: Export,
    subjects: CodeRules | None,
    shown: str,
) -> pd.DataFrame:
    """The cells of some rows of a table's view under canonical names, with the raw row of each."""
    cells = mapped.views[table].cells.loc[rows]
    canonical = pd.DataFrame({name: cells[raw] for name, raw in mapped.columns[table].items()})
    mark_cells(canonical, cells, mapped.marks[table])
    for column in CODES:
        if subjects is not None and column in canonical:
            canonical[column] = code_subjects(
                canonical[column],
                subjects.subject_id,
                subjects.subject_code,
                export.tables[table].recode.get(column, {}),
                export.missing,
            )
    canonical.insert(0, "source_row", cells.index)
    canonical.insert(0, "source_file", constant(shown, len(cells)).array)
    if subjects is not None:
        canonical = canonical.reset_index(drop=True).sort_values("source_row", kind="stable")
    return canonical.reset_index(drop=True)


def _code_columns(mapped: MappedTables) -> set[str]:
    """The raw columns of study codes, and those of their parts."""
    return {
        raw_column
        for table, columns in mapped.columns.items()
        for column in CODES
        if column in columns
        for raw_column in mapped.raw_names(table, column)
    }


def _with_tokens(rows: pd.DataFrame, tokens: dict[int, str]) -> pd.DataFrame:
    """The record of rows with the token that names each row where its code is keyed."""
    rows = rows.sort_values("source_row", kind="stable", ignore_index=True)
    rows[TOKEN] = [tokens.get(int(row), "") for row in rows["source_row"]]
    return rows


def _columns(raw: RawTable, mapped: MappedTables, shown: str) -> pd.DataFrame:
    """One row per raw column that is read: the canonical one, and its place in the file."""
    return pd.DataFrame(
        [
            (shown, table, column, name, _position(raw, mapped.views[table], name))
            for table, columns in mapped.columns.items()
            for column in columns
            for name in mapped.raw_names(table, column)
        ],
        columns=["file", "table", "column", "raw_column", "raw_position"],
    )


def _position(raw: RawTable, view: View, column: str) -> int:
    """Place of a raw column in its file, from 1; 0 for what is no column of its table."""
    sources = view.sources.get(column, [])
    in_file = bool(sources) and not (is_in_name(sources[0]) or is_labelled(sources[0]))
    return int(raw.cells.columns.get_loc(sources[0])) + 1 if in_file else 0


def _column_findings(
    path: Path, read: Read, mapped: MappedTables, instruments: dict[str, Instrument]
) -> list[Finding]:
    """What the file, its columns and the rules about single columns have to report."""
    unknown = _unmapped(path, read.raw, read.export, mapped)
    return [
        *read.raw.findings,
        *unknown,
        *exclusive_boxes(path, read.raw, read.export),
        *read.numbered,
        *absent_items(path, unknown, read.export, mapped.columns, instruments),
        *expected_columns(path, mapped.columns, read.absent),
    ]


def _row_findings(
    path: Path,
    raw: RawTable,
    export: Export,
    mapped: MappedTables,
    taken: dict[str, Taken],
    boxes: set[str],
) -> list[Finding]:
    """What is to be said of rows that a table takes, or does not take."""
    findings: list[Finding] = []
    for table, rows in taken.items():
        view = mapped.views[table]
        findings += view.findings
        blank = rows.asked & ~rows.filled
        findings += complete_but_blank(path, table, view.cells, export.tables[table], blank)
        findings += only_unticked(path, table, view, mapped.columns[table], blank)
        findings += notes_of_rows(
            mapped.notes[table], view, view.cells.index[rows.asked & rows.filled]
        )
    # A line for each raw column, where several make up one code.
    raw_columns = {
        table: {
            f"{column} {part}": part
            for column in columns
            for part in mapped.raw_names(table, column)
        }
        for table, columns in mapped.columns.items()
    }
    asked = {table: rows.asked for table, rows in taken.items()}
    return findings + content_not_taken(path, raw, export, raw_columns, asked, boxes)


def _cell_findings(
    path: Path, read: Read, mapped: MappedTables, tables: dict[str, pd.DataFrame]
) -> list[Finding]:
    """What is to be said of study codes, and of cells that are read and not declared missing."""
    raw, export, used = read.raw, read.export, set(mapped.sources)
    of_codes = identity_findings(path, raw, export, mapped.views, tables, used, read.is_coded)
    return of_codes + [
        finding
        for finding in raw.cell_findings
        if finding.column in used and not _is_declared_missing(finding, export)
    ]


def _is_declared_missing(finding: Finding, export: Export) -> bool:
    """Whether the cell holds an error that the configuration lists as a code for missing."""
    return isinstance(finding.found, ErrorValue) and finding.value.strip() in export.missing


def _meets_conditions(view: View, mapping: TableMapping) -> Mask:
    """Which rows meet a table's conditions."""
    asked = np.ones(len(view.cells), bool)
    for raw_column, allowed in mapping.rows.items():
        values = [allowed] if isinstance(allowed, str) else allowed
        asked &= is_one_of(view.cells[raw_column], values)
    return asked if view.added is None else asked | view.added


def _rows(
    raw: RawTable,
    tables: dict[str, pd.DataFrame],
    export: Export,
    views: dict[str, View],
    is_coded: bool,
) -> pd.DataFrame:
    """One row per raw row: the tables that took it, or why none did.

    With the raw columns that decide which table takes a row (a REDCap event), those of item codes
    and the parts of study codes (but not where keyed codes replace them: ``is_coded``), because
    corrections may name their rows by them; for a long table with the row that each row was joined
    to.
    """
    # Each set of tables is a number, so that its names are put together once.
    sets = np.zeros(len(raw.cells), np.int64)
    joined = {}
    for bit, (table, frame) in enumerate(tables.items()):
        rows = frame["source_row"].to_numpy()
        if export.tables[table].long:
            joined[table] = joined_rows(views[table].members, set(rows.tolist()))
            rows = joined[table].index.to_numpy()
        sets[raw.cells.index.get_indexer(rows)] |= 1 << bit
    names = {
        number: " ".join(table for bit, table in enumerate(tables) if number >> bit & 1)
        for number in np.unique(sets).tolist()
    }
    record = pd.DataFrame(
        {
            "source_row": raw.cells.index,
            "tables": pd.Series(sets).map(names).astype("str"),
            "reason": np.where(sets == 0, "no mapped content", ""),
        }
    )
    for table, members in joined.items():
        places = members.reindex(raw.cells.index)
        heads = places["head"].astype("Int64").astype("str").where(places["head"].notna(), "")
        record[JOINED + table] = heads.to_numpy()
        record[ITEM + table] = places["item"].fillna("").to_numpy()
    made = [FROM_TARGET] if FROM_TARGET in raw.cells else []
    for name in [*export.recorded_columns(with_codes=not is_coded), *made]:
        record[name] = raw.cells[name].astype("str").to_numpy()
    if raw.set_aside:
        aside = {"source_row": list(raw.set_aside), "reason": list(raw.set_aside.values())}
        record = pd.concat([record, pd.DataFrame(aside)]).fillna("")
        record = record.sort_values("source_row", kind="stable").reset_index(drop=True)
    return record


def _unmapped(path: Path, raw: RawTable, export: Export, mapped: MappedTables) -> list[Finding]:
    """A warning for each raw column, or item, that the configuration neither maps nor ignores."""
    used = {*mapped.sources, *export.keep}
    used |= {raw_column for table in export.tables.values() for raw_column in table.rows}
    used |= {export.visit_windows.column} if export.visit_windows else set()
    used |= {table.form_state for table in export.tables.values()}
    used |= {name for rule in export.exclusive for name in (rule.box, *rule.others)}
    used |= {name for rule in export.numbered for name in (rule.column, rule.within)}
    known = {name for columns in mapped.columns.values() for name in columns.values()}
    items = [
        finding
        for table, mapping in export.tables.items()
        if mapping.long
        for finding in unmapped_items(
            path, mapped.views[table].members, mapping, known | set(export.ignored)
        )
    ]
    return items + [
        Finding(ColumnNotMapped(), path.name, 1, column)
        for column in raw.cells.columns
        if column not in used
        and column not in export.ignored
        and not is_in_name(column)
        and not FORM_STATE.fullmatch(column)
    ]
