"""Checks of a raw file as a whole: what its mapping leaves out, contradicts or must not read.

They see the raw columns, also those that no table is mapped from, and so the file before any
correction.
"""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.patterns import compiled
from owncontrol.errors import InputError
from owncontrol.findings import mapping_rules as rules
from owncontrol.findings.finding import Finding
from owncontrol.ingest.boxes import NO_CONTENT, TICKED, holds_content
from owncontrol.ingest.readers import RawTable
from owncontrol.instruments import Instrument
from owncontrol.study.exports import Export
from owncontrol.study.table_mapping import TableMapping
from owncontrol.tables import TABLE_SCHEMAS, fields
from owncontrol.tables.categories import by_value, codes, is_one_of

Mappings = dict[str, dict[str, str]]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
COMPLETE = ("2", "Complete")  # raw and labelled


def require_column(path: Path, cells: pd.DataFrame, column: str) -> None:
    """Raise InputError for a column that the file, or a view of it, does not have."""
    if column not in cells.columns:
        names = list(cells.columns)
        near = did_you_mean(column, names)
        hint = f"{near}; correct the mapping under exports, or the file's header"
        if len(names) == 1 and re.search(r"[,;\t|]", names[0]):
            hint = "the whole header is one name; is exports.*.delimiter right?"
        raise InputError(f"{path}: column '{column}' is missing", hint)


def absent_items(
    path: Path,
    unknown: list[Finding],
    export: Export,
    mappings: Mappings,
    instruments: dict[str, Instrument],
) -> list[Finding]:
    """A warning for each instrument that lacks items which are not declared as not assessed.

    They are taken as not assessed in all rows. Raises InputError where the file has a column that
    nothing reads (``unknown``): then one was renamed rather than left out.
    """
    findings = []
    for table, mapping in mappings.items():
        declared = export.tables[table].not_assessed
        patterns = [compiled(pattern, f"{table}.not_assessed") for pattern in declared]
        absent = [
            name
            for name, item in (instruments[table].items.items() if table in instruments else ())
            if export.tables[table].scores == "computed"
            and name not in mapping
            and not item.optional
            and not any(pattern.fullmatch(name) for pattern in patterns)
        ]
        renamed = [
            finding.column
            for finding in unknown
            if isinstance(finding.found, rules.ColumnNotMapped)
        ]
        if absent and renamed:
            raise InputError(
                f"{path}: column '{renamed[0]}' is neither mapped nor ignored, and no column is "
                f"mapped to {table}.{absent[0]}",
                "was it renamed? map it; or list it under 'ignored', and an item that the study "
                "does not assess under 'not_assessed'",
            )
        if absent:
            more = f" and {len(absent) - 5} more" if len(absent) > 5 else ""
            items = f"{', '.join(absent[:5])}{more}"
            rule = rules.ItemWithoutColumn(items=items, table=table)
            findings.append(Finding(rule, path.name))
    return findings


def expected_columns(
    path: Path, mappings: dict[str, dict[str, str]], told: Collection[str] = ()
) -> list[Finding]:
    """A warning for each column that a table should have and that no raw column is mapped to.

    ``told``: those (table.column) that are reported otherwise.
    """
    return [
        Finding(
            rules.ExpectedNotMapped(table=table, name=name, description=field["description"]),
            path.name,
        )
        for table, columns in mappings.items()
        if (TABLE_SCHEMAS / f"{table}.yaml").is_file()
        for name, field in fields(table).items()
        if field.get("expected") and name not in columns and f"{table}.{name}" not in told
    ]


def complete_but_blank(
    path: Path, table: str, cells: pd.DataFrame, mapping: TableMapping, blank: Mask
) -> list[Finding]:
    """A warning for each row without content whose form is marked as complete."""
    state = mapping.form_state
    if not state:
        return []
    complete = is_one_of(cells[state], COMPLETE)
    rule = rules.CompleteButBlank(table=table)
    return [
        Finding(rule, path.name, int(row), state, str(cells.at[row, state]))
        for row in cells.index[complete & blank]
    ]


def content_not_taken(
    path: Path,
    raw: RawTable,
    export: Export,
    mappings: Mappings,
    asked: dict[str, Mask],
    boxes: set[str],
) -> list[Finding]:
    """A warning for each row that fills the columns of a table whose conditions it does not meet.

    Columns that several tables read say nothing about which table a row belongs to, nor do those
    that say whose row it is, or which visit; nor does a long or wide table, or one with a repeated
    baseline, whose rows are not those of the file. ``boxes``: raw columns of boxes.
    """
    readers: dict[str, list[str]] = {}
    for table, mapping in mappings.items():
        for raw_column in mapping.values():
            readers.setdefault(raw_column, []).append(table)
    findings = []
    for table, mapping in mappings.items():
        shape = export.tables[table]
        if shape.long or shape.wide or shape.baseline_columns:
            continue
        filled = np.zeros(len(raw.cells), bool)
        for column, raw_column in mapping.items():
            whose = column.partition(" ")[0] in NO_CONTENT  # or a part of the code
            if not whose and readers[raw_column] == [table]:
                filled |= holds_content(raw.cells[raw_column], raw_column in boxes)
        conditions = list(export.tables[table].rows)
        rule = rules.ContentNotTaken(table=table, conditions=" and ".join(conditions))
        for row in raw.cells.index[filled & ~asked[table]]:
            value = str(raw.cells.at[row, conditions[0]])
            findings.append(Finding(rule, path.name, int(row), conditions[0], value))
    return findings


def exclusive_boxes(path: Path, raw: RawTable, export: Export) -> list[Finding]:
    """A warning for each row in which a box is ticked that excludes another ticked one."""
    findings = []
    for rule in export.exclusive:
        ticked = {}
        for name in (rule.box, *rule.others):
            require_column(path, raw.cells, name)
            ticked[name] = is_one_of(raw.cells[name], TICKED)
        both = ticked[rule.box] & np.any([ticked[name] for name in rule.others], axis=0)
        for row in raw.cells.index[both]:
            place = raw.cells.index.get_loc(row)
            others = ", ".join(name for name in rule.others if ticked[name][place])
            found = rules.ExclusiveBoxes(others=others)
            value = str(raw.cells.at[row, rule.box])
            findings.append(Finding(found, path.name, int(row), rule.box, value))
    return findings


def faults_in_numbers(path: Path, raw: RawTable, export: Export) -> list[Finding]:
    """A warning where a number is left out (a row got lost), or is in two different rows.

    Numbers count from 1, in any order of the rows. Rows without a number are passed over; so are
    rows that are equal throughout, which cleaning merges.
    """
    findings = []
    for rule in export.numbered:
        column, within = rule.column, rule.within
        for name in filter(None, (column, within)):
            require_column(path, raw.cells, name)
        numbers = by_value(raw.cells[column], _number).astype(float)
        places = np.flatnonzero(~np.isnan(numbers))
        group = by_value(raw.cells[within], str.strip) if within else np.full(len(numbers), "")
        places = places[np.lexsort((places, numbers[places], group[places]))]
        first = np.append(True, group[places][1:] != group[places][:-1])[: len(places)]
        before = np.where(first, 0, np.roll(numbers[places], 1)).astype(int)
        numbers = numbers[places].astype(int)
        left_out = np.flatnonzero(numbers - before > 1)
        gaps = [
            rules.NumberLeftOut(last=last, missing=number - last - 1)
            if last
            else rules.FirstLeftOut(missing=number - 1)
            for number, last in zip(
                numbers[left_out].tolist(), before[left_out].tolist(), strict=True
            )
        ]
        findings += _of_numbers(path, raw, column, places[left_out], gaps)
        twice = np.flatnonzero((numbers == before) & ~first)
        twice = twice[~_equal_rows(raw.cells, places[twice - 1], places[twice])]
        others = raw.cells.index[places[twice - 1]].tolist()
        same = [rules.NumberTwice(other=row) for row in others]
        findings += _of_numbers(path, raw, column, places[twice], same)
    return findings


def _equal_rows(cells: pd.DataFrame, some: Places, others: Places) -> Mask:
    """Whether rows of categories equal others, pair by pair, in every column."""
    equal = np.ones(len(some), bool)
    for name in cells:
        places = codes(cells[name])
        equal &= places[some] == places[others]
    return equal


def _of_numbers(
    path: Path, raw: RawTable, column: str, places: Places, found: Sequence[rules.InNumbers]
) -> list[Finding]:
    rows = raw.cells.index[places].tolist()
    values = raw.cells[column].iloc[places].tolist()
    return [
        Finding(rule, path.name, row, column, value)
        for row, value, rule in zip(rows, values, found, strict=True)
    ]


def _number(text: str) -> float:
    """The number that a text ends in (AE-007), or NaN."""
    digits = re.search(r"[0-9]{1,9}$", text.strip())
    return float(digits.group()) if digits else np.nan
