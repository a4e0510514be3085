"""Whose row it is, as the raw file has it: unseen signs in what is compared, incomplete codes.

Cleaning reads the cells of mapped columns and reports what it finds there. Here are those that are
compared before: conditions of tables, item codes, the rows of a long table that are joined to
another, the parts of a code, and codes that keyed ones replace.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.invisible import describe, describe_spelling, visible
from owncontrol.findings import mapping_rules as rules
from owncontrol.findings.finding import Finding
from owncontrol.ingest.long_tables import key_columns
from owncontrol.ingest.readers import RawTable
from owncontrol.ingest.reshape import View, joined_code
from owncontrol.study.exports import Export
from owncontrol.study.visit_windows import WINDOW
from owncontrol.tables.categories import as_categories, by_value

Mask = NDArray[np.bool_]
CODES = ("subject_id", "source_subject_id")
# Names of columns, without other signs than letters, that say who a person is.
PERSON = re.compile("sex|gender|birthyear|yearofbirth|yob")
# A column that tells centres apart has few values, each with several rows.
MOST_CENTRES = 0.5


def identity_findings(
    path: Path,
    raw: RawTable,
    export: Export,
    views: dict[str, View],
    tables: dict[str, pd.DataFrame],
    used: set[str],
    is_coded: bool,
) -> list[Finding]:
    """All findings of this module; ``used``: the raw columns that are read."""
    listed = tables["subjects"]["source_row"] if "subjects" in tables else None
    return [
        *unseen_signs(path, raw, export, views, is_coded),
        *incomplete_codes(path, raw, export, views),
        *repeated_codes(path, raw, export, listed, used),
        *contradicted_codes(path, raw, export, tables, used),
    ]


def unseen_signs(
    path: Path, raw: RawTable, export: Export, views: dict[str, View], is_coded: bool
) -> list[Finding]:
    """A warning for each cell compared here that holds a sign which nobody sees, naming it.

    ``is_coded``: keyed codes replace the study codes, so that cleaning does not see these. A joiner
    that is spelling, and stays, is a note.
    """
    places: dict[str, Mask] = {}

    def look(names: Iterable[str], where: Mask) -> None:
        for name in names:
            if name in raw.cells:
                places[name] = places.get(name, np.zeros(len(raw.cells), bool)) | where

    everywhere = np.ones(len(raw.cells), bool)
    look(export.keep, everywhere)
    for table, mapping in export.tables.items():
        look([*mapping.rows, *mapping.long.item_columns], everywhere)
        for column in CODES:
            parts = mapping.raw_columns(column)
            if is_coded or len(parts) > 1:
                look(parts, everywhere)
        if mapping.long:
            members = views[table].members
            joined = (members["head"] != 0) & (members["head"] != members["source_row"])
            rows = members.loc[joined, "source_row"]
            look(key_columns(mapping, raw.cells), raw.cells.index.isin(rows))
    return [
        finding
        for name, where in places.items()
        for finding in _signs_in(path, raw.cells[name], where)
    ]


def _signs_in(path: Path, column: "pd.Series[Any]", where: Mask) -> list[Finding]:
    column = as_categories(column)
    unseen = by_value(column, lambda text: bool(describe(text) or describe_spelling(text)))
    found = []
    for row, text in column.loc[unseen & where].items():
        named, kept = describe(text), describe_spelling(text)
        rule = rules.SignInCode(unseen=named) if named else rules.SignOfSpelling(kept=kept)
        found.append(Finding(rule, path.name, int(str(row)), str(column.name), text))
    return found


def incomplete_codes(
    path: Path, raw: RawTable, export: Export, views: dict[str, View]
) -> list[Finding]:
    """An error at each empty part of a study code that several columns make up."""
    found: dict[tuple[int, str], Finding] = {}
    missing = {"", *export.missing}
    for view in views.values():
        for name, parts in view.joined.items():
            rows = view.cells.index[by_value(view.cells[name], lambda code: code == "")].unique()
            for part in parts:
                cells = raw.cells.loc[rows, part].astype("str")
                others = raw.cells.loc[rows, [other for other in parts if other != part]]
                for row, text in cells.items():
                    if visible(text).strip() in missing and any(
                        visible(str(other)).strip() not in missing for other in others.loc[row]
                    ):
                        rule = rules.IncompleteCode(parts=" and ".join(parts))
                        number = int(str(row))
                        found[number, part] = Finding(rule, path.name, number, part, text)
    return list(found.values())


def repeated_codes(
    path: Path, raw: RawTable, export: Export, rows: "pd.Series[Any] | None", used: set[str]
) -> list[Finding]:
    """A warning where codes have several rows in the subjects table and a column tells them apart.

    Two centres that both count their patients from 1 have each code twice; a column with which
    each code has one row (the centre) then belongs to the code, unless the visits that another
    table reads from the file tell the rows apart. ``rows``: those of the subjects
    table, None where the export does not feed it. ``used``: raw columns that are read; they are
    something else.
    """
    mapping = export.tables.get("subjects")
    if mapping is None or rows is None or mapping.long or mapping.wide:
        return []
    parts = mapping.raw_columns("subject_id")
    cells = raw.cells.loc[rows.to_numpy()]
    code = _shown(cells[parts[0]])
    for part in parts[1:]:
        code = code + "\n" + _shown(cells[part])
    filled = (code.str.strip() != "").to_numpy(bool)
    cells, code = cells.loc[filled], code.loc[filled]
    twice = code.duplicated(keep=False)
    if not twice.any() or _are_visits(cells, code, export):
        return []
    names = [name for name in cells if name not in used and _tells_apart(cells[name], code)]
    if not names:
        return []
    row = int(code.index[twice][0])
    rule = rules.RepeatedCode(
        count=code[twice].nunique(),
        column=str(names[0]),
        parts=", ".join([str(names[0]), *parts]),
    )
    return [Finding(rule, path.name, row, parts[-1], str(cells.at[row, parts[-1]]))]


def _are_visits(cells: pd.DataFrame, code: "pd.Series[str]", export: Export) -> bool:
    """Whether the visits that another table reads from these rows tell those of one code apart."""
    windows = export.visit_windows
    for mapping in export.tables.values():
        visit = () if mapping.long or mapping.wide else mapping.raw_columns("visit")
        columns = [windows.column if name == WINDOW and windows else name for name in visit]
        if columns and set(columns) <= set(cells):
            rows = pd.DataFrame({name: _shown(cells[name]) for name in columns}).assign(code=code)
            if not rows.duplicated().any():
                return True
    return False


def contradicted_codes(
    path: Path, raw: RawTable, export: Export, tables: dict[str, pd.DataFrame], used: set[str]
) -> list[Finding]:
    """An error for each code whose rows differ in a column of sex or year of birth.

    Of columns that are not ``used``: what is mapped to the subjects table is compared by cleaning.
    """
    named = [name for name in raw.cells if name not in used and PERSON.fullmatch(_word(str(name)))]
    parts: tuple[str, ...] = next(
        (
            export.tables[table].raw_columns("subject_id")
            for table in tables
            if not export.tables[table].wide
        ),
        (),
    )
    rows = sorted({int(row) for frame in tables.values() for row in frame["source_row"]})
    if not named or not parts:
        return []
    cells = raw.cells.loc[rows]
    code = pd.Series([joined_code(row) for row in _rows_of(cells, parts)], index=cells.index)
    found = []
    for name in named:
        shown = _shown(cells[name]).str.casefold()
        known = shown[(shown != "") & (code != "") & ~shown.isin(export.missing)]
        for _, values in known.groupby(code.loc[known.index], sort=True):
            if values.nunique() < 2:
                continue
            firsts = values.drop_duplicates().index[:2].tolist()
            written = [str(cells.at[row, name]) for row in firsts]
            rule = rules.CodeContradicted(other=int(firsts[0]), value=written[0])
            found.append(Finding(rule, path.name, int(firsts[1]), str(name), written[1]))
    return found


def _word(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", visible(name).casefold())


def _rows_of(cells: pd.DataFrame, names: Iterable[str]) -> "zip[tuple[str, ...]]":
    return zip(*(cells[name].astype("str") for name in names), strict=True)


def _shown(column: "pd.Series[Any]") -> "pd.Series[str]":
    found = by_value(column, lambda text: visible(text).strip())
    return pd.Series(found, index=column.index, dtype="str")


def _tells_apart(column: "pd.Series[Any]", code: "pd.Series[str]") -> bool:
    """Whether each code has one row per value, of a column with few values that each come often."""
    shown = _shown(column)
    return bool(
        (shown != "").all()
        and 2 <= shown.nunique() <= max(2, MOST_CENTRES * len(shown))
        and (shown.value_counts() > 1).all()
        and not pd.DataFrame({"code": code, "value": shown}).duplicated().any()
    )
