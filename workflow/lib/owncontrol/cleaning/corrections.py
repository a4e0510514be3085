"""Corrections: only those on record, only where the value found is the one they expect."""

import re
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.cleaning.working_table import Rows, Sheet
from owncontrol.errors import InputError
from owncontrol.findings import cleaning_rules
from owncontrol.findings.finding import Finding
from owncontrol.ingest.kept_rows import CODE
from owncontrol.ingest.keyed_rows import TOKEN
from owncontrol.ingest.long_tables import ITEM, JOINED, joins
from owncontrol.ingest.readers.delimited import read_small_table
from owncontrol.ingest.reshape import VISIT, joined_code
from owncontrol.privacy.ages import hidden as hide_ages
from owncontrol.study.table_mapping import LongTable
from owncontrol.study.visit_windows import FROM_TARGET

# What ingest's record of a file's rows has beside raw columns.
RECORD_COLUMN = re.compile(
    f"source_row|tables|reason|{CODE}|{TOKEN}|{re.escape(FROM_TARGET)}|({JOINED}|{ITEM}).*"
)
COLUMNS = ("file", "row_key", "column", "from", "to", "why", "who", "when")
# The column of a correction that cannot be followed, and why.
Refusal = tuple[str, cleaning_rules.CorrectionRefused]
# By file and raw column, the rows that hold each value.
Places = dict[tuple[str, str], dict[str, set[int]]]


def read_corrections(path: Path | str) -> pd.DataFrame:
    """Read a file of corrections: one row per cell, with who, when and why.

    ``row_key`` names the row by raw columns and their values: ``record_id=P1;visit=Day 1``.
    Raises InputError where the file cannot be read, columns are missing or duplicated, or a
    row key has another form.
    """
    table = read_small_table(Path(path))
    for column in COLUMNS:
        if column not in table:
            raise InputError(
                f"{path}: column '{column}' is missing",
                f"a file of corrections has the columns {', '.join(COLUMNS)}, divided by commas",
            )
    table = table.loc[table[list(COLUMNS)].apply(lambda column: column.str.strip()).any(axis=1)]
    for number, key in table["row_key"].items():
        if not all("=" in part for part in key.split(";")):
            raise InputError(
                f"{path}, row {number}, column row_key: {key!r} names no row",
                "write 'column=value;column=value' with the file's own columns",
            )
    return table


@dataclass
class RawCells:
    """The cells that were read, by raw file and raw column, as they were before any correction.

    ``rows``: by raw file, ingest's record of its rows with the columns that decide on a table.
    ``long_values``: by raw file and long table, where its items stand. ``changed``: by file, row
    and raw column, the corrected parts of codes that several columns make up.
    """

    sheets: dict[str, Sheet]
    rows: dict[str, pd.DataFrame]
    long_values: dict[tuple[str, str], LongTable]
    changed: dict[tuple[str, int, str], str] = field(default_factory=dict)

    def column(self, file: str, raw_column: str) -> "pd.Series[Any] | None":
        """Text of a raw column, indexed by raw row; None where it is not read."""
        plain, long = [], []
        record = self.rows[file]
        for table, sheet in self.sheets.items():
            joined = joins(record, table) if file in sheet.files else None
            for column, rows in _cells_of(sheet, file, raw_column, record, sheet.rows_of(file)):
                cells = sheet.written[column].iloc[rows]
                cells = cells.set_axis(sheet.source_row[rows]).astype("str")
                if joined is None:
                    plain.append(cells)
                    continue
                here = joined.loc[joined["head"].isin(cells.index)]
                long.append(cells.loc[here["head"]].set_axis(here["row"]))
            if joined is not None and raw_column in self.long_values[file, table].value_columns:
                here = _given_in(joined, self.long_values[file, table], raw_column)
                long.append(_long_values(sheet, file, here))
        if _is_recorded(raw_column, record):
            numbers = record["source_row"].astype(int)
            plain.append(record[raw_column].astype("str").set_axis(numbers))
        parts = [*plain, *long]
        if not any(map(len, parts)):
            return None
        both = pd.concat(parts)
        return both.loc[~both.index.duplicated()]

    def heads(self, file: str, raw_column: str) -> dict[int, int]:
        """By raw row the head of its assessment, where a long table reads the column as a key."""
        found: dict[int, int] = {}
        for table, sheet in self.sheets.items():
            joined = joins(self.rows[file], table) if file in sheet.files else None
            if joined is None:
                continue
            names = {raw for (of_file, _), raw in sheet.raw_columns.items() if of_file == file}
            names |= {raw for parts in sheet.parts.values() for raw in parts}
            if raw_column in names:
                found |= dict(zip(joined["row"].tolist(), joined["head"].tolist(), strict=True))
        return found


def _given_in(joined: pd.DataFrame, long: LongTable, raw_column: str) -> pd.DataFrame:
    """Of the items that raw rows give, those whose values are in a raw column."""
    if not long.is_grid:
        return joined
    return joined.loc[joined["item"].str.endswith(f" {raw_column}")]


def _is_recorded(raw_column: str, record: pd.DataFrame) -> bool:
    return raw_column in record and not RECORD_COLUMN.fullmatch(raw_column)


def _cells_of(
    sheet: Sheet, file: str, raw_column: str, record: pd.DataFrame, rows: Rows
) -> Iterator[tuple[str, Rows]]:
    """Canonical column and rows of a sheet that were read from a raw column, of some of a file.

    A code of several columns is none of them; but where ingest's record lacks its parts (keyed
    codes) it stands for the last of them.
    """
    for (source, column), raw in sheet.raw_columns.items():
        repeated = sheet.repeated[file].raw.get(column) if file in sheet.repeated else None
        if source != file or not (raw_column in (raw, repeated) or VISIT in raw):
            continue
        if (source, column) in sheet.parts and _is_recorded(raw_column, record):
            continue
        yield column, rows[sheet.raw_names(column, rows) == raw_column]


def _long_values(sheet: Sheet, file: str, joined: pd.DataFrame) -> "pd.Series[Any]":
    """The values of a long table, by the raw row of each."""
    columns = {raw: name for (of_file, name), raw in sheet.raw_columns.items() if of_file == file}
    here = sheet.rows_of(file)
    parts = []
    for item, rows in joined.loc[joined["item"].isin(list(columns))].groupby("item", sort=False):
        cells = sheet.written[columns[str(item)]].iloc[here].set_axis(sheet.source_row[here])
        cells = cells.astype("str")
        rows = rows.loc[rows["head"].isin(cells.index)]
        parts.append(cells.loc[rows["head"]].set_axis(rows["row"]))
    return pd.concat(parts) if parts else pd.Series(dtype="str")


def _on_record(entry: dict[str, str], place: str) -> str:
    """Why, who and when, as far as the record may say it, and where the record is."""
    if not any(entry[name] for name in ("why", "who", "when")):
        return f"on record ({place})"
    return f"{entry['why']} ({entry['who']}, {entry['when']}; {place})"


def apply_corrections(
    corrections: pd.DataFrame,
    name: str,
    sheets: dict[str, Sheet],
    rows: dict[str, pd.DataFrame],
    long_values: dict[tuple[str, str], LongTable],
    ages: Collection[str] = (),
    not_part: Collection[str] = (),
) -> list[Finding]:
    """Change the written text of each corrected cell; returns a finding for each correction.

    ``name``: the corrections' own file name, for the findings of those that are refused.
    ``rows``: by raw file, ingest's record of its rows. ``long_values``: by raw file and long table,
    where its items stand. A correction is refused where its row or column is not found, its
    row is found more than once, the cell holds another value than the correction expects, or an
    earlier one has changed the cell. What the rows of one assessment of a long table agree in is
    corrected for all of them at once. ``ages``: columns of the subjects of which a finding may show
    no age above 89. ``not_part``: codes of subjects who are not part of the study; a correction of
    a row of theirs is not made, and no fault.
    """
    raw = RawCells(sheets, rows, long_values)
    named = _named_columns(corrections, rows)
    columns = {place: raw.column(*place) for place in named}
    heads = {place: raw.heads(*place) for place in named}
    places = _places(corrections, columns)
    subjects = sheets["subjects"].raw_columns.items()
    of_ages = {(file, column) for (file, name), column in subjects if name in ages}
    findings = []
    done: dict[tuple[str, int, str], int] = {}
    for number, entry in zip(corrections.index, corrections.to_dict("records"), strict=True):
        found = _matching_rows(entry, places)
        joined = heads.get((entry["file"], entry["column"]), {})
        found, is_whole = _one_assessment(found, joined)
        refusal = _refusal(entry, found, columns, set(rows), done)
        if not refusal and not is_whole:
            refusal = _refusal_of_joined(entry, found[0], joined, raw)
        if refusal and not found and entry["file"] in rows and _names_any(entry, not_part):
            skipped = cleaning_rules.CorrectionOutside(key=entry["row_key"])
            findings.append(Finding(skipped, name, int(number), "row_key", entry["row_key"]))
            continue
        if refusal:
            is_age = (entry["file"], entry["column"]) in of_ages
            findings.append(_refused(entry, refusal, name, int(number), is_age))
            continue
        done[entry["file"], found[0], entry["column"]] = int(number)
        for table, sheet in sheets.items():
            _change(table, sheet, entry, found[0], raw)
        findings.append(_made(entry, found[0], f"{name} row {number}"))
    return findings


def _made(entry: dict[Any, str], row: int, place: str) -> Finding:
    """The finding for a correction that was made; ``place``: its own, in the corrections."""
    made = cleaning_rules.Correction(to=entry["to"], record=_on_record(entry, place))
    return Finding(made, entry["file"], row, entry["column"], entry["from"])


def _named_columns(corrections: pd.DataFrame, files: Container[str]) -> list[tuple[str, str]]:
    """File and raw column of all that corrections name, once each, of the files that are read."""
    named = [
        (entry["file"], column)
        for entry in corrections.to_dict("records")
        for column in [*_key(entry), entry["column"]]
    ]
    return [place for place in dict.fromkeys(named) if place[0] in files]


def _refused(
    entry: dict[Any, str], refusal: Refusal, name: str, number: int, is_age: bool
) -> Finding:
    """The finding for a correction that cannot be followed; no age above 89 is in it."""
    place, rule = refusal
    shown = hide_ages if is_age else str
    if isinstance(rule, cleaning_rules.OtherValue):
        rule = replace(rule, held=shown(rule.held))
    return Finding(rule, name, number, place, shown(entry[place]))


def _key(entry: dict[Any, str]) -> dict[str, str]:
    """Column and value of each part of a row key."""
    parts = [part.partition("=") for part in entry["row_key"].split(";")]
    return {column.strip(): value.strip() for column, _, value in parts}


def _names_any(entry: dict[Any, str], codes: Collection[str]) -> bool:
    """Whether a part of the row key is one of some study codes."""
    return any(value in codes for value in _key(entry).values())


def _places(
    corrections: pd.DataFrame, columns: "dict[tuple[str, str], pd.Series[Any] | None]"
) -> Places:
    """The raw rows of each value that a row key names, found once for all corrections."""
    named: dict[tuple[str, str], set[str]] = {}
    for entry in corrections.to_dict("records"):
        for column, value in _key(entry).items():
            named.setdefault((entry["file"], column), set()).add(value)
    found: Places = {}
    for place, values in named.items():
        cells = columns.get(place)
        if cells is None:
            continue
        shown = cells.str.strip()
        shown = shown.loc[shown.isin(values)]
        found[place] = {value: set() for value in values}
        for row, value in zip(shown.index.tolist(), shown.tolist(), strict=True):
            found[place][value].add(row)
    return found


def _matching_rows(entry: dict[Any, str], places: Places) -> list[int]:
    found: set[int] | None = None
    for column, value in _key(entry).items():
        if (entry["file"], column) not in places:
            return []
        here = places[entry["file"], column][value]
        found = here if found is None else found & here
    return sorted(found or ())


def _refusal(
    entry: dict[Any, str],
    rows: list[int],
    columns: "dict[tuple[str, str], pd.Series[Any] | None]",
    files: set[str],
    done: dict[tuple[str, int, str], int],
) -> Refusal | None:
    """The column of the correction that cannot be followed, and why; None where all can."""
    file, column = entry["file"], entry["column"]
    if file not in files:
        return "file", cleaning_rules.UnknownFile(file=file)
    if len(rows) != 1:
        return "row_key", cleaning_rules.NotOneRow(count=len(rows), key=entry["row_key"])
    cells = columns[file, column]
    if cells is None or rows[0] not in cells.index:
        return "column", cleaning_rules.ColumnNotRead(column=column, file=file, row=rows[0])
    if cells[rows[0]] != entry["from"]:
        held = str(cells[rows[0]])
        return "from", cleaning_rules.OtherValue(file=file, row=rows[0], column=column, held=held)
    if (file, rows[0], column) in done:
        return "to", cleaning_rules.CorrectedAlready(earlier=done[file, rows[0], column])
    return None


def _one_assessment(found: list[int], heads: dict[int, int]) -> tuple[list[int], bool]:
    """The head, where the rows found are all those of one assessment; else the rows themselves."""
    of_all = {heads.get(row) for row in found}
    if len(of_all) == 1 and found:
        (head,) = of_all
        if head is not None and set(found) == {row for row, of in heads.items() if of == head}:
            return [head], True
    return found, False


def _refusal_of_joined(
    entry: dict[Any, str], row: int, heads: dict[int, int], raw: RawCells
) -> Refusal | None:
    """Why a cell of a long table cannot be changed alone; None where it can."""
    if row in heads:
        count = sum(head == heads[row] for head in heads.values())
        return "row_key", cleaning_rules.PartOfAssessment(
            row=row, count=count, column=entry["column"]
        )
    for (file, table), value in raw.long_values.items():
        joined = joins(raw.rows[entry["file"]], table) if file == entry["file"] else None
        if joined is None or entry["column"] not in value.value_columns:
            continue
        joined = _given_in(joined, value, entry["column"])
        mine = joined.loc[(joined["row"] == row) & (joined["item"] != "")]
        alike = joined.merge(mine[["head", "item"]], on=["head", "item"])["row"].tolist()
        if len(alike) > 1:
            listed = ", ".join(map(str, alike))
            return "row_key", cleaning_rules.SameValueElsewhere(rows=listed)
    return None


def _change(table: str, sheet: Sheet, entry: dict[Any, str], row: int, raw: RawCells) -> None:
    file, raw_column, record = entry["file"], entry["column"], raw.rows[entry["file"]]
    if file not in sheet.files:
        return
    joined = joins(record, table)
    if joined is not None and raw_column in raw.long_values[file, table].value_columns:
        joined = _given_in(joined, raw.long_values[file, table], raw_column)
        columns = {name: column for (of, column), name in sheet.raw_columns.items() if of == file}
        for _, head, item in joined.loc[joined["row"] == row].itertuples(index=False):
            places = sheet.at_row(file, head)
            if item in columns and len(places):
                sheet.change(places, columns[item], entry["to"])
    here = sheet.at_row(file, row)
    if not len(here):
        return
    for column, rows in _cells_of(sheet, file, raw_column, record, here):
        if len(rows):
            sheet.change(rows, column, entry["to"])
    for (of_file, column), parts in sheet.parts.items():
        if of_file == file and raw_column in parts and _is_recorded(raw_column, record):
            texts = {name: _part(raw, file, row, name) for name in parts} | {
                raw_column: entry["to"]
            }
            sheet.change(here, column, joined_code(texts.values()))
            raw.changed[file, row, raw_column] = entry["to"]


def _part(raw: RawCells, file: str, row: int, name: str) -> str:
    """A part of a code as it is by now."""
    record = raw.rows[file]
    written = record.loc[record["source_row"].astype(int) == row, name].iloc[0]
    return raw.changed.get((file, row, name), str(written))
