"""Which raw column each canonical column of a table is read from, both sides checked."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.patterns import compiled
from owncontrol.errors import InputError
from owncontrol.ingest.raw_checks import require_column
from owncontrol.ingest.reshape import OWN_VISIT, VISIT, View, in_view, view_name
from owncontrol.instruments import Instrument
from owncontrol.study.subjects import Characteristic
from owncontrol.study.table_mapping import CANONICAL, ColumnPattern, TableMapping
from owncontrol.tables import fields

DAYS = ("day_from_injury", "day_from_treatment", "study_day")


def schema_of(table: str) -> str:
    """The schema of a canonical table; all instruments share that of assessments."""
    return table if table in CANONICAL else "assessment"


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


def column_mapping(
    path: Path,
    table: str,
    mapping: TableMapping,
    view: View,
    instruments: dict[str, Instrument],
    characteristics: Sequence[Characteristic],
) -> dict[str, str]:
    """Canonical column: column of ``view``, patterns included, in the order of the table.

    Raises InputError for a table or canonical column that does not exist, a raw column that the
    file lacks, and a column that the table has to have and nothing is mapped to.
    """
    if table not in CANONICAL and table not in instruments:
        known = [*CANONICAL, *instruments]
        raise InputError(
            f"exports, {path.name}: no table or instrument '{table}'", did_you_mean(table, known)
        )
    place = f"exports, {path.name}, table {table}"
    columns = _with_patterns(place, mapping, view)
    permitted = table_columns(table, instruments, characteristics)
    for column, raw_column in columns.items():
        if column not in permitted:
            raise InputError(
                f"{place}: '{column}' is no column of that table", did_you_mean(column, permitted)
            )
        require_column(path, view.cells, raw_column)
    for raw_column in [*mapping.rows, *filter(None, [mapping.form_state])]:
        require_column(path, view.cells, raw_column)
    _check_dated(place, table, mapping, columns)
    _check_mapped(place, table, mapping, columns)
    return {column: columns[column] for column in permitted if column in columns}


def _with_patterns(place: str, mapping: TableMapping, view: View) -> dict[str, str]:
    """The columns that are mapped by name, and those that a pattern finds."""
    columns = {name: view_name(raw) for name, raw in mapping.columns.items()}
    if OWN_VISIT in view.cells and columns.get("visit") == VISIT:
        columns["visit"] = OWN_VISIT
    # In a long table patterns are for items: "(.+)" is no pattern for the column of the dates.
    names = view.items if mapping.long else set(view.cells.columns) - {*view.joined, OWN_VISIT}
    for pattern in mapping.patterns:
        for raw_column in [name for name in view.cells.columns if name in names]:
            match = compiled(in_view(pattern.raw), "patterns").fullmatch(raw_column)
            if match is None:
                continue
            name = _canonical_name(match, pattern)
            if columns.setdefault(name, raw_column) != raw_column:
                raise InputError(
                    f"{place}: '{columns[name]}' and '{raw_column}' are both mapped to '{name}'",
                    "each column of a table is read from one column of the file",
                )
    return columns


def _canonical_name(match: re.Match[str], pattern: ColumnPattern) -> str:
    name = pattern.column
    for number, group in enumerate(match.groups(), start=1):
        group = group or ""  # a group that took no part in the match
        word = pattern.words.get(group, group.lower().replace("-", "_"))
        name = name.replace(f"{{{number}}}", word)
    return name


def _check_dated(place: str, table: str, mapping: TableMapping, columns: dict[str, str]) -> None:
    """An assessment has a date, or days on a clock, or is declared to have neither."""
    if table in CANONICAL:
        return
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


def _check_mapped(place: str, table: str, mapping: TableMapping, columns: dict[str, str]) -> None:
    """Every column that the table needs is mapped, and every one that is permitted as private."""
    for column in required_columns(table):
        if column not in columns:
            raise InputError(
                f"{place}: no raw column is mapped to '{column}'",
                f"every row of {table} needs it: {fields(schema_of(table))[column]['description']}",
            )
    for column in mapping.permitted:
        if column not in columns:
            raise InputError(
                f"{place}, permitted: '{column}' is not mapped",
                did_you_mean(column, list(columns)),
            )


def required_columns(table: str) -> Iterable[str]:
    """The columns that every mapping of a table has to name."""
    for name, field in fields(schema_of(table)).items():
        required = field.get("constraints", {}).get("required") and not field.get("may_lack")
        if required or field.get("mapped"):
            yield name
