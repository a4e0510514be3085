"""One export and its mapping: canonical tables of text, each row with the raw row it came from.

Nothing is repaired here. A canonical table holds the raw text of its cells under canonical names;
``rows`` says for every raw row which tables took it, ``columns`` which raw column each canonical
column was read from, so that any value can be followed to its raw cell.
"""

import csv
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.findings import Finding, findings_table
from owncontrol.instruments import Instrument
from owncontrol.readers import RawTable, read_export
from owncontrol.tables import fields

Config = dict[str, Any]
CANONICAL = ("subjects", "treatments", "adverse_events", "co_interventions")
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
    table: str, instruments: dict[str, Instrument], characteristics: list[Config]
) -> list[str]:
    """The canonical columns that a table may have, with ``recorded_...`` for an instrument."""
    if table in CANONICAL:
        extra = [item["name"] for item in characteristics] if table == "subjects" else []
        return [*fields(table), *extra]
    instrument = instruments[table]
    recorded = [f"recorded_{scale}" for scale in instrument.scales]
    return [*fields("assessment"), *instrument.items, *recorded]


def ingest_export(
    path: Path | str,
    dictionary: Path | str | None,
    export: Config,
    instruments: dict[str, Instrument],
    characteristics: list[Config],
) -> Ingested:
    """Read the raw file of one export and map it to its canonical tables.

    ``dictionary``: the file's REDCap data dictionary, where it has one. Raises InputError where
    the mapping names a raw column that the file does not have, a canonical column or table that
    does not exist, or an identifier of the data dictionary.
    """
    path = Path(path)
    raw = read_export(path, export)
    mappings = {
        table: _column_mapping(path, table, mapping, raw, instruments, characteristics)
        for table, mapping in export["tables"].items()
    }
    if dictionary is not None:
        _refuse_identifiers(Path(dictionary), path, mappings)
    tables = {}
    for table, mapping in export["tables"].items():
        cells = raw.cells.loc[_belongs(path, raw.cells, mapping, mappings[table])]
        canonical = cells[list(mappings[table].values())].set_axis(list(mappings[table]), axis=1)
        canonical.insert(0, "source_row", cells.index)
        canonical.insert(0, "source_file", export["file"])
        tables[table] = canonical.reset_index(drop=True)
    findings = raw.findings + _unmapped(path, raw, export, mappings)
    return Ingested(
        tables,
        _rows(raw, tables, export),
        pd.DataFrame(
            [
                (path.name, table, column, raw_column, raw.cells.columns.get_loc(raw_column) + 1)
                for table, mapping in mappings.items()
                for column, raw_column in mapping.items()
            ],
            columns=["file", "table", "column", "raw_column", "raw_position"],
        ),
        findings_table(findings),
    )


def _column_mapping(
    path: Path,
    table: str,
    mapping: Config,
    raw: RawTable,
    instruments: dict[str, Instrument],
    characteristics: list[Config],
) -> dict[str, str]:
    """Canonical column: raw column, patterns included, both sides checked."""
    if table not in CANONICAL and table not in instruments:
        known = [*CANONICAL, *instruments]
        raise InputError(
            f"exports, {path.name}: no table or instrument '{table}'", _closest(table, known)
        )
    columns = dict(mapping["columns"])
    for pattern in mapping["patterns"]:
        for raw_column in raw.cells.columns:
            match = re.fullmatch(pattern["raw"], raw_column)
            if match:
                columns[_canonical_name(match, pattern)] = raw_column
    permitted = table_columns(table, instruments, characteristics)
    for column, raw_column in columns.items():
        if column not in permitted:
            raise InputError(
                f"exports, {path.name}, table {table}: '{column}' is no column of that table",
                _closest(column, permitted),
            )
        _require_column(path, raw, raw_column)
    for raw_column in mapping["rows"]:
        _require_column(path, raw, raw_column)
    for column in _required_columns(table):
        if column not in columns:
            raise InputError(
                f"exports, {path.name}, table {table}: no raw column is mapped to '{column}'",
                f"every row of {table} needs it: "
                f"{fields(_schema_of(table))[column]['description']}",
            )
    return {column: columns[column] for column in permitted if column in columns}


def _canonical_name(match: re.Match[str], pattern: Config) -> str:
    name = pattern["column"]
    for number, group in enumerate(match.groups(), start=1):
        word = pattern["words"].get(group, group.lower().replace("-", "_"))
        name = name.replace(f"{{{number}}}", word)
    return str(name)


def _require_column(path: Path, raw: RawTable, column: str) -> None:
    if column not in raw.cells.columns:
        raise InputError(
            f"{path}: column '{column}' is missing",
            _closest(column, list(raw.cells.columns))
            + "; correct the mapping under exports, or the file's header",
        )


def _schema_of(table: str) -> str:
    return table if table in CANONICAL else "assessment"


def _required_columns(table: str) -> Iterable[str]:
    for name, field in fields(_schema_of(table)).items():
        if field.get("constraints", {}).get("required"):
            yield name


def _belongs(
    path: Path, cells: pd.DataFrame, mapping: Config, columns: dict[str, str]
) -> pd.Series:
    """Which raw rows belong to a table: the conditions hold, and a mapped cell has content.

    Cells that only say whose row it is, or which visit, are no content.
    """
    belongs = pd.Series(True, index=cells.index)
    for raw_column, allowed in mapping["rows"].items():
        values = [allowed] if isinstance(allowed, str) else allowed
        belongs &= cells[raw_column].str.strip().isin(values)
    content = [raw for column, raw in columns.items() if column not in ("subject_id", "visit")]
    filled = cells[content].apply(lambda column: column.str.strip().ne("")).any(axis=1)
    return belongs & filled


def _rows(raw: RawTable, tables: dict[str, pd.DataFrame], export: Config) -> pd.DataFrame:
    """One row a raw row: the tables that took it, or why none did.

    With the raw columns that decide which table takes a row (a REDCap event), because corrections
    may name their rows by them.
    """
    taken: dict[int, list[str]] = {number: [] for number in raw.cells.index}
    for table, frame in tables.items():
        for number in frame["source_row"]:
            taken[number].append(table)
    reasons = {number: "" if names else "no mapped content" for number, names in taken.items()}
    reasons |= raw.set_aside
    record = pd.DataFrame(
        [(row, " ".join(taken.get(row, [])), reasons[row]) for row in sorted(reasons)],
        columns=["source_row", "tables", "reason"],
    )
    deciding = dict.fromkeys(name for table in export["tables"].values() for name in table["rows"])
    return record.join(raw.cells[list(deciding)], on="source_row").fillna("")


def _unmapped(
    path: Path, raw: RawTable, export: Config, mappings: dict[str, dict[str, str]]
) -> list[Finding]:
    """A warning for each raw column that the configuration neither maps nor ignores."""
    used = {raw_column for mapping in mappings.values() for raw_column in mapping.values()}
    used |= {raw_column for table in export["tables"].values() for raw_column in table["rows"]}
    return [
        Finding(
            path.name,
            1,
            column,
            "",
            "column_not_mapped",
            "warning",
            "column not read",
            "the configuration neither maps nor ignores this column",
        )
        for column in raw.cells.columns
        if column not in used
        and column not in export["ignored"]
        and not FORM_STATE.fullmatch(column)
    ]


def _refuse_identifiers(dictionary: Path, path: Path, mappings: dict[str, dict[str, str]]) -> None:
    """Raise InputError where a mapped field is an identifier by the REDCap data dictionary.

    The first field of a REDCap dictionary is the record's own code and cannot be one.
    """
    with dictionary.open(encoding="utf-8-sig", newline="") as file:
        entries = list(csv.DictReader(file))
    identifiers = {
        entry["Variable / Field Name"]
        for entry in entries[1:]
        if entry["Identifier?"].strip().lower() == "y"
    }
    for table, mapping in mappings.items():
        for column, raw_column in mapping.items():
            if raw_column in identifiers:
                raise InputError(
                    f"{path.name}: '{raw_column}' is mapped to {table}.{column}, but "
                    f"{dictionary.name} marks it as an identifier",
                    "leave it out of the mapping and list it under 'ignored'",
                )


def _closest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}"
