"""Long and wide raw tables as one row per assessment.

A *view* is what the mapping of one canonical table sees of a raw table: one row per canonical row,
under names that the mapping uses. A plain table is its own view. A **long** table (CDISC's QS:
one row per item) is gathered: each item code is a column (see long_tables). A **wide** table
(visits as parts of column names) is stacked: ``uems_d1`` and ``uems_d7`` become one column
``uems_{visit}``, with the visit in the column ``{visit}``. A code that several raw columns make up
is a column of its own.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.invisible import visible
from owncontrol.basics.patterns import compiled
from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding
from owncontrol.ingest.long_tables import gather
from owncontrol.study.table_mapping import TableMapping, raw_names
from owncontrol.tables.categories import all_categories, as_categories, by_value, is_one_of

VISIT = "{visit}"
# The visits of a wide table in its view: a whole name of a column may stand for a visit, too.
OWN_VISIT = "the visit of the column"
SEPARATOR = "-"  # between the parts of a code that several raw columns make up
JOINED_NAME = " + "


@dataclass(frozen=True)
class View:
    """One raw table as a mapping sees it.

    ``cells``: text, indexed by raw row (a row of a wide table several times). ``sources``: raw
    columns behind each column. ``items``: the columns that a long table's item codes became.
    ``joined``: columns that several raw ones were joined to, and these. ``members``: for a long
    table, the raw rows behind each row (see long_tables); else without lines. ``added``: which rows
    were made of a repeated baseline (see repeated_baseline), None where none was; ``findings``:
    about these.
    """

    cells: pd.DataFrame
    sources: dict[str, list[str]]
    items: frozenset[str] = frozenset()
    joined: dict[str, list[str]] = field(default_factory=dict)
    members: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["source_row", "head", "item", "gives"])
    )
    added: NDArray[np.bool_] | None = None
    findings: tuple[Finding, ...] = ()


def view_name(value: str | tuple[str, ...]) -> str:
    """The name in a view of what a mapping reads: of several raw columns, the one they make."""
    return value if isinstance(value, str) else JOINED_NAME.join(value)


def table_view(
    path: Path, cells: pd.DataFrame, mapping: TableMapping, missing: Collection[str] = ()
) -> View:
    """The view of ``cells`` for one entry under ``tables``; ``missing``: codes of the export.

    Raises InputError where the columns of a long table are not there or an item code is the name
    of a column, where the visits of a wide table match no column, and where a code of several
    columns lacks one or would be that of two subjects.
    """
    if mapping.long or mapping.wide:
        plain = cells.astype("str")  # the texts themselves: columns of categories cannot be mixed
        if mapping.long:
            view = _gathered(path, _chosen(plain, mapping), mapping)
        else:
            view = _stacked(path, plain, mapping)
        view = replace(view, cells=all_categories(view.cells))
    else:
        view = View(cells, {name: [name] for name in cells.columns})
    for parts in mapping.columns.values():
        if not isinstance(parts, str):
            view = _with_joined(path, view, list(parts), missing)
    return view


def _with_joined(path: Path, view: View, parts: list[str], missing: Collection[str]) -> View:
    """The view with a column of codes made of several raw columns, ``-`` between the parts.

    A code of which a part is empty, or ``missing``, is empty.
    """
    for name in parts:
        if name not in view.cells:
            raise InputError(
                f"{path}: column '{name}' is missing",
                f"a code is made of {', '.join(parts)}; the file has: "
                f"{', '.join(view.cells.columns)}",
            )
    shown = pd.DataFrame({name: _shown(view.cells[name]) for name in parts})
    codes: dict[tuple[str, ...], str] = {}
    for row in shown.drop_duplicates().itertuples(index=False):
        codes[tuple(row)] = joined_code(row, missing)
    _refuse_one_code_for_two(path, parts, codes, shown)
    column = pd.Series(
        [codes[row] for row in zip(*(shown[name] for name in parts), strict=True)],
        index=view.cells.index,
        dtype="str",
    )
    name = JOINED_NAME.join(parts)
    return replace(
        view,
        cells=view.cells.assign(**{name: as_categories(column)}),
        sources={**view.sources, name: [source for part in parts for source in view.sources[part]]},
        joined={**view.joined, name: parts},
    )


def joined_code(parts: Iterable[str], missing: Collection[str] = ()) -> str:
    """The code that its parts make up, as seen; empty where one is empty or ``missing``."""
    shown = [visible(part).strip() for part in parts]
    complete = all(part and part not in missing for part in shown)
    return SEPARATOR.join(shown) if complete else ""


def _shown(column: "pd.Series[Any]") -> "pd.Series[str]":
    found = by_value(column, lambda text: visible(text).strip())
    return pd.Series(found, index=column.index, dtype="str")


def _refuse_one_code_for_two(
    path: Path, parts: list[str], codes: dict[tuple[str, ...], str], shown: pd.DataFrame
) -> None:
    known: dict[str, tuple[str, ...]] = {}
    for row, code in codes.items():
        other = known.setdefault(code, row)
        if code and other != row:
            place = shown.index[(shown == list(row)).all(axis=1)][0]
            raise InputError(
                f"{path}, row {place}: {_pairs(parts, row)} gives the code '{code}', as "
                f"{_pairs(parts, other)} does",
                f"'{SEPARATOR}' is between the parts of a code; let no part hold it, or name "
                "other columns",
            )


def _pairs(parts: list[str], row: tuple[str, ...]) -> str:
    return " with ".join(f"{name} '{text}'" for name, text in zip(parts, row, strict=True))


def _chosen(cells: pd.DataFrame, mapping: TableMapping) -> pd.DataFrame:
    """The raw rows that meet the table's conditions (columns that are missing: see ingest)."""
    chosen = pd.Series(True, index=cells.index)
    for column, allowed in mapping.rows.items():
        if column in cells:
            values = [allowed] if isinstance(allowed, str) else allowed
            chosen &= is_one_of(as_categories(cells[column]), values)
    return cells.loc[chosen]


def _gathered(path: Path, cells: pd.DataFrame, mapping: TableMapping) -> View:
    table, columns, members = gather(path, cells, mapping)
    items = frozenset(map(str, table.columns)) - set(columns)
    sources = {name: [name] for name in columns}
    sources |= {
        name: [mapping.long.value_column_of(name), *mapping.long.item_columns]
        for name in sorted(items)
    }
    return View(table, sources, items, members=members)


def _stacked(path: Path, cells: pd.DataFrame, mapping: TableMapping) -> View:
    families = _families(list(cells.columns), mapping)
    visits = dict.fromkeys(
        visit
        for column in cells.columns
        for family in families.values()
        for visit, name in family.items()
        if name == column
    )
    if not visits:
        raise InputError(
            f"{path}: no column fits a mapped name with {VISIT} standing for {mapping.wide!r}",
            f"correct 'wide' or the mapping; the file has: {', '.join(cells.columns)}",
        )
    taken = {name for family in families.values() for name in family.values()}
    common = [column for column in cells.columns if column not in taken]
    parts = []
    for visit in visits:
        part = cells[common].assign(**{OWN_VISIT: visit})
        for template, family in families.items():
            part[template] = cells[family[visit]] if visit in family else ""
        parts.append(part)
    stacked = pd.concat(parts).sort_index(kind="stable")
    sources = {name: [name] for name in common}
    sources |= {template: list(family.values()) for template, family in families.items()}
    return View(stacked, {**sources, OWN_VISIT: []})


def _families(columns: list[str], mapping: TableMapping) -> dict[str, dict[str, str]]:
    """By name with ``{visit}``: the raw column of each visit."""
    visit = f"(?P<visit>{mapping.wide})"
    forms = [
        re.escape(name).replace(re.escape(VISIT), visit)
        for column, value in mapping.columns.items()
        for name in raw_names(value)
        if VISIT in name and column != "visit"
    ]
    forms += [
        pattern.raw.replace(VISIT, visit) for pattern in mapping.patterns if VISIT in pattern.raw
    ]
    families: dict[str, dict[str, str]] = {}
    for column in columns:
        for form in forms:
            match = compiled(form, "wide").fullmatch(column)
            if match:
                start, end = match.span("visit")
                template = column[:start] + VISIT + column[end:]
                families.setdefault(template, {})[match["visit"]] = column
                break
    return families


def in_view(pattern: str) -> str:
    """A pattern for raw names as one for the names of a view, where ``{visit}`` stands itself."""
    return pattern.replace(VISIT, re.escape(VISIT))
