"""Long raw tables (some items per row) as one row per assessment, and the way back to each raw row.

The rows of one assessment agree in every mapped column but item and value; they may be in any
order, between those of others. The assessment is named after the first of its rows, its *head*.
Ingest's record of the raw rows (``rows.csv``) says for each long table which head a raw row was
joined to (``joined_to:TABLE``) and which item's value it gives (``item:TABLE``; empty where another
row of the assessment gives the item and this one has no value). A row of a grid, with several
columns of values, gives several items, and the record has tabs between them.
"""

import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.invisible import visible
from owncontrol.basics.patterns import compiled
from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding
from owncontrol.findings.mapping_rules import ItemNotMapped
from owncontrol.study.exports import Export, file_names
from owncontrol.study.table_mapping import TableMapping, raw_names
from owncontrol.tables.categories import as_categories, by_value

JOINED, ITEM = "joined_to:", "item:"
BETWEEN = "\t"  # items of one raw row in the record


class Gathered(NamedTuple):
    """A long table with one row per assessment, indexed by its head.

    ``columns``: its raw columns, those that name an assessment and those that the table's
    conditions ask for; the others of ``table`` are item codes. ``members``: a line for each raw row
    (of a grid: for each of its items that is mapped or has a value) with its ``head`` (0: of no
    assessment) and ``item``; ``gives``: whether the item's value is read from this row.
    """

    table: pd.DataFrame
    columns: list[str]
    members: pd.DataFrame


def key_columns(mapping: TableMapping, cells: pd.DataFrame) -> list[str]:
    """The raw columns that say which assessment a row of a long table belongs to."""
    items = {*mapping.long.item_columns, *mapping.long.value_columns}
    named = [name for value in mapping.columns.values() for name in raw_names(value)]
    return [name for name in dict.fromkeys(named) if name in cells and name not in items]


def gather(path: Path, cells: pd.DataFrame, mapping: TableMapping) -> Gathered:
    """Join the rows of each assessment; ``cells``: the text of the rows that the table may take.

    A repeated item of the same value says nothing new, and an empty value beside another says
    nothing; a second value opens a second row, which the rule for duplicates then settles.

    Raises InputError where a column that ``long`` names is not there, an item code is the name of a
    column as well, or two items have one code.
    """
    for column in (*mapping.long.item_columns, *mapping.long.value_columns):
        if column not in cells:
            raise InputError(
                f"{path}: column '{column}' is missing",
                f"'long' names it; the file has: {', '.join(cells.columns)}",
            )
    values = _values_of_items(path, cells, mapping)
    codes = values["_item"]
    both = sorted(set(codes) & set(cells.columns))
    if both:
        raise InputError(
            f"{path}: '{both[0]}' is an item in column '{mapping.long.item_columns[0]}' and a "
            "column of its own",
            "rename the column",
        )
    keys = key_columns(mapping, cells)
    asked = codes.isin(_mapped_items(codes, mapping))
    lines = values.loc[asked]
    named = {name: _as_compared(cells[name]).loc[lines["_row"]].to_numpy() for name in keys}
    lines = lines.assign(**named)
    is_idle = _without_value(lines, keys)
    time = _times(lines.loc[~is_idle], keys)
    lines["_time"] = time["time"].reindex(lines.index, fill_value=0)
    group = lines.groupby([*keys, "_time"], sort=False).ngroup()
    lines["_head"] = lines["_row"].groupby(group).transform("first")
    first = lines.loc[time.index[time["is_first"]]]
    table = first.pivot(index="_head", columns="_item", values="_value").fillna("")
    asking = [*mapping.rows, *filter(None, [mapping.form_state])]
    columns = list(dict.fromkeys([*keys, *(name for name in asking if name in cells)]))
    table = cells.loc[lines["_head"].unique(), columns].join(table).fillna("")
    table.index.name = cells.index.name
    members = pd.DataFrame({"source_row": values["_row"], "item": codes})
    members["head"] = lines["_head"].reindex(values.index, fill_value=0).astype(np.int64)
    members["gives"] = (~is_idle).reindex(values.index, fill_value=False).astype(bool)
    if mapping.long.is_grid:
        members = members.loc[asked | (values["_value"].str.strip() != "")]
    return Gathered(table.astype("str"), columns, members.reset_index(drop=True))


def _values_of_items(path: Path, cells: pd.DataFrame, mapping: TableMapping) -> pd.DataFrame:
    """``_row``, ``_item`` and ``_value`` of each cell with a value, row by row."""
    codes = _item_codes(path, cells, list(mapping.long.item_columns))
    parts = []
    for name in mapping.long.value_columns:
        items = codes
        if mapping.long.is_grid:
            items = (codes + f" {name}").where(codes != "", "")
        part = {"_row": cells.index, "_item": items.to_numpy(), "_value": cells[name].to_numpy()}
        parts.append(pd.DataFrame(part))
    every = pd.concat(parts) if len(parts) > 1 else parts[0]
    return every.sort_values("_row", kind="stable", ignore_index=True) if parts[1:] else every


def _item_codes(path: Path, cells: pd.DataFrame, columns: list[str]) -> "pd.Series[str]":
    """The item code of each row: the texts of its columns with a blank between."""
    parts = pd.DataFrame({name: _as_shown(cells[name]) for name in columns})
    if len(columns) == 1:
        return parts[columns[0]]
    different = parts.drop_duplicates()
    joined = pd.Series(
        [" ".join(filter(None, row)) for row in different.itertuples(index=False)],
        index=different.index,
        dtype="str",
    )
    twice = joined.loc[joined.duplicated()]
    if len(twice):
        raise InputError(
            f"{path}, row {twice.index[0]}: '{twice.iloc[0]}' is the code of two different items",
            f"the texts of {', '.join(columns)} with a blank between them have to tell items apart",
        )
    keyed = different.assign(_code=joined)
    return parts.merge(keyed, on=columns, how="left")["_code"].set_axis(cells.index).astype("str")


def _as_shown(column: "pd.Series[Any]") -> "pd.Series[str]":
    column = as_categories(column)
    found = by_value(column, lambda text: visible(text).replace(BETWEEN, " ").strip())
    return pd.Series(found, index=column.index, dtype="str")


def _as_compared(column: "pd.Series[Any]") -> "pd.Series[str]":
    """Texts as cleaning compares them: without invisible signs, of one width, without spaces."""
    column = as_categories(column)
    found = by_value(column, lambda text: visible(unicodedata.normalize("NFKC", text)).strip())
    return pd.Series(found, index=column.index, dtype="str")


def _mapped_items(codes: "pd.Series[str]", mapping: TableMapping) -> list[str]:
    named = {name for value in mapping.columns.values() for name in raw_names(value)}
    forms = [compiled(pattern.raw, "patterns") for pattern in mapping.patterns]
    return [
        code
        for code in codes.unique()
        if code and (code in named or any(form.fullmatch(code) for form in forms))
    ]


def _without_value(lines: pd.DataFrame, keys: list[str]) -> "pd.Series[bool]":
    """Rows with an empty value whose item another row of the assessment gives."""
    is_filled = lines["_value"].str.strip() != ""
    given = is_filled.groupby([lines[name] for name in (*keys, "_item")]).transform("any")
    return given & ~is_filled


def _times(lines: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """``time``: the how-manieth value of its item a row gives; ``is_first``: the first to do so."""
    same = lines.groupby([*keys, "_item", "_value"], sort=False).ngroup()
    is_first = ~same.duplicated()
    numbers = lines.loc[is_first].groupby([*keys, "_item"]).cumcount()
    of_values = numbers.set_axis(same.loc[is_first])
    return pd.DataFrame({"time": same.map(of_values).astype(np.int64), "is_first": is_first})


def joined_rows(members: pd.DataFrame, heads: set[int]) -> pd.DataFrame:
    """By raw row that was joined to one of these heads: ``head``, and ``item`` as recorded."""
    joined = members.loc[members["head"].isin(list(heads))]
    items = joined["item"].where(joined["gives"], "")
    joined = joined.assign(item=items).set_index("source_row")[["head", "item"]]
    if joined.index.is_unique:
        return joined
    rows = joined.groupby(level=0, sort=False)
    every = rows["item"].agg(lambda items: BETWEEN.join(filter(None, items)))
    return pd.DataFrame({"head": rows["head"].first(), "item": every})


def unmapped_items(
    path: Path, members: pd.DataFrame, mapping: TableMapping, known: set[str]
) -> list[Finding]:
    """A warning for each item code of a long table that is not ``known`` (mapped or ignored)."""
    firsts = members.drop_duplicates("item")
    return [
        Finding(ItemNotMapped(), path.name, int(row), mapping.long.item_columns[0], item)
        for row, item in zip(firsts["source_row"], firsts["item"], strict=True)
        if item not in known
    ]


def joins(record: pd.DataFrame, table: str) -> pd.DataFrame | None:
    """From ingest's record: row, head and item of each raw row that a long table joined.

    A row of a grid has a line for each item that it gives. None for a table that is not long.
    Numbers are whole numbers.
    """
    if JOINED + table not in record:
        return None
    heads = record[JOINED + table].astype("str")
    here = (heads != "").to_numpy(bool)
    joined = pd.DataFrame(
        {
            "row": record["source_row"].astype(np.int64).to_numpy()[here],
            "head": heads[here].astype(np.int64).to_numpy(),
            "item": record[ITEM + table].astype("str").to_numpy()[here],
        }
    )
    if not joined["item"].str.contains(BETWEEN, regex=False).any():
        return joined
    items = joined["item"].str.split(BETWEEN)
    return joined.assign(item=items).explode("item", ignore_index=True)


def rows_behind(record: pd.DataFrame, table: str, rows: Collection[int]) -> NDArray[np.bool_]:
    """Which lines of ingest's record belong to these rows of a table (to their heads)."""
    joined = joins(record, table)
    numbers = record["source_row"].astype(np.int64).to_numpy()
    if joined is None:
        return np.isin(numbers, list(rows))
    return np.isin(numbers, joined.loc[joined["head"].isin(list(rows)), "row"])


def locate_findings(
    findings: pd.DataFrame, exports: Mapping[str, Export], rows: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """``findings`` with each item of a long table at the raw row and column that it is in.

    ``rows``: by export, ingest's record of its raw rows. Findings of other files are left as they
    are.
    """
    files = file_names(exports)
    # As lists: to set one cell of a column of text copies the column.
    of_file: dict[str, list[int]] = {}
    for number, file in enumerate(findings["file"].tolist()):
        of_file.setdefault(file, []).append(number)
    rows_found: list[Any] = findings["row"].astype("object").tolist()
    columns_found: list[str] = findings["column"].astype("str").tolist()
    for name, export in exports.items():
        place: dict[tuple[int, str], tuple[int, str]] = {}
        for table, mapping in export.tables.items():
            joined = joins(rows[name], table)
            if joined is None:
                continue
            for row, head, item in zip(joined["row"], joined["head"], joined["item"], strict=True):
                if item:
                    place.setdefault((head, item), (row, mapping.long.value_column_of(item)))
        if not place:
            continue
        for number in of_file.get(files[name], ()):
            if not pd.isna(rows_found[number]):
                key = (int(rows_found[number]), columns_found[number])
                rows_found[number], columns_found[number] = place.get(key, key)
    return findings.assign(
        row=pd.Series(rows_found, findings.index, dtype=findings["row"].dtype),
        column=pd.Series(columns_found, findings.index, dtype=findings["column"].dtype),
    )
