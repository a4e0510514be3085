"""One export and its mapping: canonical tables of text, each row with the raw row it came from.

Nothing is repaired here. A canonical table holds the raw text of its cells under canonical names;
``rows`` says for every raw row which tables took it, ``columns`` which raw column each canonical
column was read from, so that any value can be followed to its raw cell.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.patterns import compiled
from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding, findings_table
from owncontrol.findings.mapping_rules import ColumnNotMapped
from owncontrol.findings.workbook_rules import ErrorValue
from owncontrol.ingest.boxes import box_columns, only_unticked, rows_with_content
from owncontrol.ingest.identity import identity_findings
from owncontrol.ingest.keyed_rows import TOKEN, code_subjects, with_keyed_rows
from owncontrol.ingest.long_tables import ITEM, JOINED, joined_rows, unmapped_items
from owncontrol.ingest.mapped_cells import (
    Marks,
    dates_of_numbers,
    mark_cells,
    marks_of,
    notes_of_rows,
)
from owncontrol.ingest.private_columns import mask, private_columns, refuse, without_contacts
from owncontrol.ingest.raw_checks import (
    absent_items,
    complete_but_blank,
    content_not_taken,
    exclusive_boxes,
    expected_columns,
    faults_in_numbers,
    require_column,
)
from owncontrol.ingest.readers import RawTable, read_export
from owncontrol.ingest.redcap import read_dictionary
from owncontrol.ingest.reshape import View, in_view, table_view, view_name
from owncontrol.instruments import Instrument
from owncontrol.study.exports import Export
from owncontrol.study.subjects import Characteristic, CodeRules
from owncontrol.study.table_mapping import ColumnPattern, TableMapping
from owncontrol.tables import fields
from owncontrol.tables.categories import constant, is_one_of

Mask = NDArray[np.bool_]
CANONICAL = ("subjects", "treatments", "adverse_events", "co_interventions", "visits")
DAYS = ("day_from_injury", "day_from_treatment")
# REDCap's own record of a form's state; never data.
FORM_STATE = re.compile(r".*_complete")


@dataclass(frozen=True)
class Ingested:
    """What ingesting one export gives; see the module's text."""

    tables: dict[str, pd.DataFrame]
    rows: pd.DataFrame
    columns: pd.DataFrame
    findings: pd.DataFrame


def table_columns(
    table: str, instruments: dict[str, Instrument], characteristics: Sequence[Characteristic]
) -> list[str]:
    """The canonical columns that a table may have, with ``recorded_...`` for an instrument."""
    if table in CANONICAL:
        extra = [item.name for item in characteristics] if table == "subjects" else []
        return [*fields(table), *extra]
    instrument = instruments[table]
    recorded = [f"recorded_{scale}" for scale in instrument.scales]
    return [*fields("assessment"), *instrument.items, *recorded]


def ingest_export(
    path: Path | str,
    dictionary: Path | str | None,
    export: Export,
    instruments: dict[str, Instrument],
    characteristics: Sequence[Characteristic],
    subjects: CodeRules | None = None,
    shown: str = "",
) -> Ingested:
    """Read the raw file of one export and map it to its canonical tables.

    ``dictionary``: the file's REDCap data dictionary, where it has one. ``subjects``: the
    configuration's ``subject_id`` and ``subject_code`` where study codes are replaced by keyed
    ones. ``shown``: the file's name in every table, where it is not its own.

    Raises InputError where the mapping names a raw column that the file does not have, a
    canonical column or table that does not exist, or a column of identifiers or free text that
    the configuration does not permit.
    """
    path = Path(path)
    shown = shown or path.name
    raw = read_export(path, export)
    known = {} if dictionary is None else read_dictionary(dictionary, export.encoding)
    private = private_columns(raw.cells, known, export, is_coded=subjects is not None)
    raw = without_contacts(path, raw, export, private.refused)
    tokens: dict[int, str] = {}
    if subjects is not None:
        raw, tokens = with_keyed_rows(raw, subjects.subject_code, shown)
    views = {
        table: table_view(path, raw.cells, mapping, export.missing)
        for table, mapping in export.tables.items()
    }
    mappings = {
        table: _column_mapping(path, table, mapping, views[table], instruments, characteristics)
        for table, mapping in export.tables.items()
    }
    dated = {
        table: dates_of_numbers(path, raw, view, mappings[table], export, _schema_of(table))
        for table, view in views.items()
    }
    views |= {
        table: table_view(path, dates.cells, export.tables[table], export.missing)
        for table, dates in dated.items()
        if dates.notes
    }
    marks = {
        table: marks_of(path, mapping, list(views[table].cells.columns), mappings[table])
        for table, mapping in export.tables.items()
    }
    refuse(path, _sources(views, mappings, marks), private)
    hidden = set(private.identifiers)
    boxes = box_columns(raw.cells, known)
    unknown = _unmapped(path, raw, export, views, mappings, marks)
    findings = raw.findings + unknown + exclusive_boxes(path, raw, export)
    findings += faults_in_numbers(path, raw, export)
    findings += absent_items(path, unknown, export, mappings, instruments)
    findings += expected_columns(path, mappings)
    tables, asked = {}, {}
    is_coded = subjects is not None
    for table, mapping in export.tables.items():
        view, columns = views[table], mappings[table]
        asked[table] = _meets_conditions(view, mapping)
        filled = rows_with_content(view, columns, boxes)
        blank = asked[table] & ~filled
        findings += complete_but_blank(path, table, view.cells, mapping, blank)
        findings += only_unticked(path, table, view, columns, blank)
        cells = view.cells.loc[asked[table] & filled]
        canonical = pd.DataFrame({name: cells[column] for name, column in columns.items()})
        mark_cells(canonical, cells, marks[table])
        findings += notes_of_rows(dated[table].notes, view, cells.index)
        for column in ("subject_id", "source_subject_id"):
            if subjects is not None and column in canonical:
                canonical[column] = code_subjects(
                    canonical[column],
                    subjects.subject_id,
                    subjects.subject_code,
                    mapping.recode.get(column, {}),
                    export.missing,
                )
                hidden.update(view.joined.get(columns[column], [columns[column]]))
        canonical.insert(0, "source_row", cells.index)
        canonical.insert(0, "source_file", constant(shown, len(cells)).array)
        if is_coded:
            canonical = canonical.reset_index(drop=True).sort_values("source_row", kind="stable")
        tables[table] = canonical.reset_index(drop=True)
    findings += content_not_taken(path, raw, export, _raw_columns(views, mappings), asked, boxes)
    used = set(_sources(views, mappings, marks))
    findings += identity_findings(path, raw, export, views, tables, used, is_coded)
    findings += [
        finding
        for finding in raw.cell_findings
        if finding.column in used and not _is_declared_missing(finding, export)
    ]
    rows = _rows(raw, tables, export, views, is_coded)
    if is_coded:
        rows = rows.sort_values("source_row", kind="stable", ignore_index=True)
        rows[TOKEN] = [tokens.get(int(row), "") for row in rows["source_row"]]
        findings.sort(key=lambda finding: (finding.row or 0, finding.column, finding.rule))
    return Ingested(
        tables,
        rows,
        pd.DataFrame(
            [
                (shown, table, column, raw_column, _position(raw, views[table], raw_column))
                for table, mapping in mappings.items()
                for column, name in mapping.items()
                for raw_column in views[table].joined.get(name, [name])
            ],
            columns=["file", "table", "column", "raw_column", "raw_position"],
        ),
        mask(
            findings_table([replace(finding, file=shown) for finding in findings]),
            {(shown, column) for column in hidden},
        ),
    )


def _is_declared_missing(finding: Finding, export: Export) -> bool:
    """Whether the cell holds an error that the configuration lists as a code for missing."""
    return isinstance(finding.found, ErrorValue) and finding.value.strip() in export.missing


def _sources(
    views: dict[str, View],
    mappings: dict[str, dict[str, str]],
    marks: dict[str, dict[str, Marks]],
) -> dict[str, str]:
    """By raw column that is read: the canonical column (table.column) that it goes to."""
    return {
        source: f"{table}.{column}"
        for table, mapping in mappings.items()
        for column, raw_column in mapping.items()
        for source in [
            *views[table].sources[raw_column],
            *([marks[table][column].raw] if column in marks[table] else []),
        ]
    }


def _position(raw: RawTable, view: View, column: str) -> int:
    """Place of a raw column in its file, from 1; 0 for a visit that stands in column names."""
    sources = view.sources[column]
    return int(raw.cells.columns.get_loc(sources[0])) + 1 if sources else 0


def _column_mapping(
    path: Path,
    table: str,
    mapping: TableMapping,
    view: View,
    instruments: dict[str, Instrument],
    characteristics: Sequence[Characteristic],
) -> dict[str, str]:
    """Canonical column: raw column, patterns included, both sides checked."""
    if table not in CANONICAL and table not in instruments:
        known = [*CANONICAL, *instruments]
        raise InputError(
            f"exports, {path.name}: no table or instrument '{table}'", did_you_mean(table, known)
        )
    columns = {name: view_name(raw) for name, raw in mapping.columns.items()}
    # In a long table patterns are for items: "(.+)" is no pattern for the column of the dates.
    names = view.items if mapping.long else set(view.cells.columns) - set(view.joined)
    for pattern in mapping.patterns:
        for raw_column in [name for name in view.cells.columns if name in names]:
            match = compiled(in_view(pattern.raw), "patterns").fullmatch(raw_column)
            if match:
                name = _canonical_name(match, pattern)
                if columns.setdefault(name, raw_column) != raw_column:
                    raise InputError(
                        f"exports, {path.name}, table {table}: '{columns[name]}' and "
                        f"'{raw_column}' are both mapped to '{name}'",
                        "each column of a table is read from one column of the file",
                    )
    permitted = table_columns(table, instruments, characteristics)
    for column, raw_column in columns.items():
        if column not in permitted:
            raise InputError(
                f"exports, {path.name}, table {table}: '{column}' is no column of that table",
                did_you_mean(column, permitted),
            )
        require_column(path, view.cells, raw_column)
    for raw_column in [*mapping.rows, *filter(None, [mapping.form_state])]:
        require_column(path, view.cells, raw_column)
    _check_dated(path, table, mapping, columns)
    for column in _required_columns(table):
        if column not in columns:
            raise InputError(
                f"exports, {path.name}, table {table}: no raw column is mapped to '{column}'",
                f"every row of {table} needs it: "
                f"{fields(_schema_of(table))[column]['description']}",
            )
    for column in mapping.permitted:
        if column not in columns:
            raise InputError(
                f"exports, {path.name}, table {table}, permitted: '{column}' is not mapped",
                did_you_mean(column, list(columns)),
            )
    return {column: columns[column] for column in permitted if column in columns}


def _check_dated(path: Path, table: str, mapping: TableMapping, columns: dict[str, str]) -> None:
    """An assessment has a date, or days on a clock, or is declared to have neither."""
    if table in CANONICAL:
        return
    place = f"exports, {path.name}, table {table}"
    days = [name for name in DAYS if name in columns]
    if "date" in columns and days:
        raise InputError(
            f"{place}: both 'date' and '{days[0]}' are mapped", "map the one that was recorded"
        )
    dated = "date" in columns or bool(days)
    if dated and mapping.undated:
        raise InputError(
            f"{place}: undated, but '{'date' if 'date' in columns else days[0]}' is mapped",
            "leave one of the two out",
        )
    if not dated and not mapping.undated:
        raise InputError(
            f"{place}: no raw column is mapped to 'date'",
            f"or map {' or '.join(DAYS)}; or say undated: true where the file has neither",
        )


def _canonical_name(match: re.Match[str], pattern: ColumnPattern) -> str:
    name = pattern.column
    for number, group in enumerate(match.groups(), start=1):
        group = group or ""  # a group that took no part in the match
        word = pattern.words.get(group, group.lower().replace("-", "_"))
        name = name.replace(f"{{{number}}}", word)
    return name


def _schema_of(table: str) -> str:
    return table if table in CANONICAL else "assessment"


def _required_columns(table: str) -> Iterable[str]:
    for name, field in fields(_schema_of(table)).items():
        required = field.get("constraints", {}).get("required") and not field.get("may_lack")
        if required or field.get("mapped"):
            yield name


def _meets_conditions(view: View, mapping: TableMapping) -> Mask:
    """Which rows meet a table's conditions."""
    asked = np.ones(len(view.cells), bool)
    for raw_column, allowed in mapping.rows.items():
        values = [allowed] if isinstance(allowed, str) else allowed
        asked &= is_one_of(view.cells[raw_column], values)
    return asked


def _raw_columns(
    views: dict[str, View], mappings: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """The mappings with a line for each raw column where several make up one code."""
    return {
        table: {
            f"{column} {part}": part
            for column, name in mapping.items()
            for part in views[table].joined.get(name, [name])
        }
        for table, mapping in mappings.items()
    }


def _rows(
    raw: RawTable,
    tables: dict[str, pd.DataFrame],
    export: Export,
    views: dict[str, View],
    is_coded: bool,
) -> pd.DataFrame:
    """One row a raw row: the tables that took it, or why none did.

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
            rows = joined[table]["source_row"].to_numpy()
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
        places = members.set_index("source_row").reindex(raw.cells.index)
        heads = places["head"].astype("Int64").astype("str").where(places["head"].notna(), "")
        record[JOINED + table] = heads.to_numpy()
        record[ITEM + table] = places["item"].where(places["gives"].eq(True), "").to_numpy()
    for name in export.recorded_columns(with_codes=not is_coded):
        record[name] = raw.cells[name].astype("str").to_numpy()
    if raw.set_aside:
        aside = {"source_row": list(raw.set_aside), "reason": list(raw.set_aside.values())}
        record = pd.concat([record, pd.DataFrame(aside)]).fillna("")
        record = record.sort_values("source_row", kind="stable").reset_index(drop=True)
    return record


def _unmapped(
    path: Path,
    raw: RawTable,
    export: Export,
    views: dict[str, View],
    mappings: dict[str, dict[str, str]],
    marks: dict[str, dict[str, Marks]],
) -> list[Finding]:
    """A warning for each raw column, or item, that the configuration neither maps nor ignores."""
    used = set(_sources(views, mappings, marks))
    used |= {raw_column for table in export.tables.values() for raw_column in table.rows}
    used |= {table.form_state for table in export.tables.values()}
    used |= {name for rule in export.exclusive for name in (rule.box, *rule.others)}
    used |= {name for rule in export.numbered for name in (rule.column, rule.within)}
    known = {raw_column for mapping in mappings.values() for raw_column in mapping.values()}
    items = [
        finding
        for table, mapping in export.tables.items()
        if mapping.long
        for finding in unmapped_items(
            path, views[table].members, mapping, known | set(export.ignored)
        )
    ]
    return items + [
        Finding(ColumnNotMapped(), path.name, 1, column)
        for column in raw.cells.columns
        if column not in used and column not in export.ignored and not FORM_STATE.fullmatch(column)
    ]
