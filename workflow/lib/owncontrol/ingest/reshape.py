"""Long and wide raw tables as one row an assessment.

A *view* is what the mapping of one canonical table sees of a raw table: one row a canonical row,
under names that the mapping uses. A plain table is its own view. A **long** table (CDISC's QS:
one row an item) is gathered: each item code is a column, and the row is that of the first item. A
**wide** table (visits as parts of column names) is stacked: ``uems_d1`` and ``uems_d7`` become one
column ``uems_{visit}``, with the visit in the column ``{visit}``.
"""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.config import file_names
from owncontrol.errors import InputError
from owncontrol.findings import Finding
from owncontrol.text_columns import all_categories

Config = dict[str, Any]
VISIT = "{visit}"


@dataclass(frozen=True)
class View:
    """One raw table as a mapping sees it.

    ``cells``: text, indexed by raw row (a row of a wide table several times). ``sources``: raw
    columns behind each column. ``items``: the columns that a long table's item codes became.
    ``members``: for a long table, a line for each raw row with its ``head`` (the row that stands
    for the whole) and its ``item``; else without lines.
    """

    cells: pd.DataFrame
    sources: dict[str, list[str]]
    items: frozenset[str] = frozenset()
    members: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["source_row", "head", "item"])
    )


def table_view(path: Path, cells: pd.DataFrame, mapping: Config) -> View:
    """The view of ``cells`` for one entry under ``tables``.

    Raises InputError where the columns of a long table are not there or an item code is the name
    of a column, and where the visits of a wide table match no column.
    """
    if not mapping["long"] and not mapping["wide"]:
        return View(cells, {name: [name] for name in cells.columns})
    plain = cells.astype("str")  # the texts themselves: columns of categories cannot be mixed
    if mapping["long"]:
        view = _gathered(path, _chosen(plain, mapping), mapping)
    else:
        view = _stacked(path, plain, mapping)
    return replace(view, cells=all_categories(view.cells))


def _chosen(cells: pd.DataFrame, mapping: Config) -> pd.DataFrame:
    """The raw rows that meet the table's conditions (columns that are missing: see ingest)."""
    chosen = pd.Series(True, index=cells.index)
    for column, allowed in mapping["rows"].items():
        if column in cells:
            values = [allowed] if isinstance(allowed, str) else allowed
            chosen &= cells[column].str.strip().isin(values)
    return cells.loc[chosen]


def _gathered(path: Path, cells: pd.DataFrame, mapping: Config) -> View:
    item, value = mapping["long"]["item"], mapping["long"]["value"]
    for column in (item, value):
        if column not in cells:
            raise InputError(
                f"{path}: column '{column}' is missing",
                f"'long' names it; the file has: {', '.join(cells.columns)}",
            )
    codes = cells[item].str.strip()
    both = sorted(set(codes) & set(cells.columns))
    if both:
        raise InputError(
            f"{path}: '{both[0]}' is an item in column '{item}' and a column of its own",
            "rename the column",
        )
    wanted = dict.fromkeys([*mapping["columns"].values(), *mapping["rows"]])
    keys = [column for column in wanted if column in cells and column not in (item, value)]
    # A repeated item of the same value says nothing new; of another value it opens a second row,
    # which the rule for duplicates then settles.
    lines = cells[keys].assign(_item=codes, _value=cells[value])
    repeated = lines.duplicated(keep="first")
    lines["_time"] = lines.loc[~repeated].groupby([*keys, "_item"]).cumcount()
    lines["_time"] = lines["_time"].fillna(0)
    group = lines.groupby([*keys, "_time"], sort=False).ngroup()
    heads = pd.Series(cells.index, index=cells.index).groupby(group).transform("first")
    table = (
        lines.loc[~repeated & (codes != "")]
        .assign(_head=heads)
        .pivot(index="_head", columns="_item", values="_value")
        .fillna("")
    )
    table = cells.loc[sorted(heads.unique()), keys].join(table).fillna("")
    table.index.name = cells.index.name
    members = pd.DataFrame({"source_row": cells.index, "head": heads, "item": codes})
    sources = {name: [name] for name in keys}
    items = frozenset(str(name) for name in table.columns if name not in keys)
    sources |= {name: [value, item] for name in sorted(items)}
    return View(table.astype("str"), sources, items, members.reset_index(drop=True))


def _stacked(path: Path, cells: pd.DataFrame, mapping: Config) -> View:
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
            f"{path}: no column fits a mapped name with {VISIT} standing for {mapping['wide']!r}",
            f"correct 'wide' or the mapping; the file has: {', '.join(cells.columns)}",
        )
    taken = {name for family in families.values() for name in family.values()}
    common = [column for column in cells.columns if column not in taken]
    parts = []
    for visit in visits:
        part = cells[common].assign(**{VISIT: visit})
        for template, family in families.items():
            part[template] = cells[family[visit]] if visit in family else ""
        parts.append(part)
    stacked = pd.concat(parts).sort_index(kind="stable")
    sources = {name: [name] for name in common}
    sources |= {template: list(family.values()) for template, family in families.items()}
    return View(stacked, {**sources, VISIT: []})


def _families(columns: list[str], mapping: Config) -> dict[str, dict[str, str]]:
    """By name with ``{visit}``: the raw column of each visit."""
    visit = f"(?P<visit>{mapping['wide']})"
    forms = [
        re.escape(name).replace(re.escape(VISIT), visit)
        for name in mapping["columns"].values()
        if VISIT in name and name != VISIT
    ]
    forms += [
        pattern["raw"].replace(VISIT, visit)
        for pattern in mapping["patterns"]
        if VISIT in pattern["raw"]
    ]
    families: dict[str, dict[str, str]] = {}
    for column in columns:
        for form in forms:
            match = re.fullmatch(form, column)
            if match:
                start, end = match.span("visit")
                template = column[:start] + VISIT + column[end:]
                families.setdefault(template, {})[match["visit"]] = column
                break
    return families


def in_view(pattern: str) -> str:
    """A pattern for raw names as one for the names of a view, where ``{visit}`` stands itself."""
    return pattern.replace(VISIT, re.escape(VISIT))


def joined_rows(view: View, heads: set[int], items: set[str]) -> dict[int, tuple[int, str]]:
    """Raw rows of a long table whose item is mapped: their head (one of ``heads``), the item."""
    return {
        int(row): (int(head), item)
        for row, head, item in zip(*(view.members[name] for name in view.members), strict=True)
        if head in heads and item in items
    }


def unmapped_items(path: Path, view: View, mapping: Config, known: set[str]) -> list[Finding]:
    """A warning for each item code of a long table that is not ``known`` (mapped or ignored)."""
    firsts = view.members.drop_duplicates("item")
    return [
        Finding(
            path.name,
            int(row),
            mapping["long"]["item"],
            item,
            "item_not_mapped",
            "warning",
            "rows not read",
            "the configuration neither maps nor ignores this item",
        )
        for row, item in zip(firsts["source_row"], firsts["item"], strict=True)
        if item not in known
    ]


def one_row_a_raw_row(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells of a wide table's view (indexed by raw row) under the names of its raw columns.

    Those of any other table as they are.
    """
    if VISIT not in cells:
        return cells
    whole = pd.DataFrame(index=cells.index.unique())
    for visit, part in cells.groupby(VISIT, sort=False):
        names = {name: name.replace(VISIT, str(visit)) for name in cells if name != VISIT}
        whole = whole.combine_first(part.drop(columns=VISIT).rename(columns=names))
    return whole


def locate_findings(
    findings: pd.DataFrame, exports: Config, rows: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """``findings`` with each item of a long table at the raw row and column that it stands in.

    ``rows``: by export, ingest's record of its raw rows (``joined_to`` and ``item`` of a long
    table). Findings of other files are left as they are.
    """
    located = findings.copy()
    files = file_names(exports)
    for name, export in exports.items():
        values = [table["long"]["value"] for table in export["tables"].values() if table["long"]]
        if not values or "joined_to" not in rows[name]:
            continue
        record = rows[name]
        place = {
            (str(head), item): int(row)
            for row, head, item in zip(
                record["source_row"], record["joined_to"], record["item"], strict=True
            )
            if head != ""
        }
        for index in located.index[located["file"] == files[name]]:
            key = (str(located.at[index, "row"]), located.at[index, "column"])
            if key in place:
                located.loc[index, ["row", "column"]] = [place[key], values[0]]
    return located
