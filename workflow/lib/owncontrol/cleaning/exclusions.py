"""Subjects and raw rows that the configuration leaves out of everything, each with a finding."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from owncontrol.cleaning.working_table import Rows, Sheet
from owncontrol.errors import InputError
from owncontrol.findings.cleaning_rules import LeftOut, ValueLeftOut
from owncontrol.ingest.long_tables import joins
from owncontrol.study.exclusions import NO_REASON
from owncontrol.tables.categories import codes

LEFT_OUT = "left out by the configuration"
# By table and raw file, the row of the sheet that each raw row named there belongs to.
Heads = dict[tuple[str, str], dict[int, int]]


def leave_out_items(
    sheets: dict[str, Sheet], excluded: Mapping[str, str], rows: dict[str, pd.DataFrame]
) -> tuple[set[str], Heads]:
    """Empty the cells of raw rows that a long table joined with others to one assessment.

    Before the cells are read. ``excluded``: by entry, the reason (empty: none is given). ``rows``:
    by raw file, ingest's record of its rows. Returns the entries of ``excluded`` that name such a
    row, and the heads of assessments of which no row is left: those are set aside whole, by
    ``leave_out``.
    """
    found: set[str] = set()
    heads: Heads = {}
    for table, sheet in sheets.items():
        for file in sheet.files:
            joined = joins(rows[file], table)
            if joined is None:
                continue
            entries = {f"{file}:{row}" for row in joined["row"]} & set(excluded)
            named = {int(entry.rpartition(":")[2]) for entry in entries}
            here = joined["row"].isin(list(named))
            is_whole = here.groupby(joined["head"]).transform("all")
            _empty(sheet, file, joined, here & ~is_whole, excluded)
            whole = joined.loc[here & is_whole]
            heads[table, file] = dict(zip(whole["row"], whole["head"], strict=True))
            found |= entries
    return found, heads


def _empty(
    sheet: Sheet,
    file: str,
    joined: pd.DataFrame,
    here: "pd.Series[bool]",
    excluded: Mapping[str, str],
) -> None:
    """Empty the cell of each item that only these rows give."""
    others = joined.loc[~here]
    given = set(zip(others["head"], others["item"], strict=True))
    columns = {raw: name for (of_file, name), raw in sheet.raw_columns.items() if of_file == file}
    for row, head, item in joined.loc[here].itertuples(index=False):
        sheet.left_out.add((file, int(row)))
        if item not in columns or (head, item) in given:
            continue
        places = sheet.at_row(file, head)
        entry = f"{file}:{row}"
        sheet.report(places, columns[item], ValueLeftOut(entry=entry, why=_why(excluded[entry])))
        sheet.write(places, columns[item], "")


def leave_out(
    sheets: dict[str, Sheet], excluded: Mapping[str, str], emptied: set[str], heads: Heads
) -> None:
    """Set the rows aside that ``excluded`` names: subjects' codes, and raw rows as ``FILE:ROW``.

    ``emptied``, ``heads``: as ``leave_out_items`` gives them. What else is written of a subject
    goes with the subject's own row. Raises InputError for an entry that names nothing.
    """
    for entry, why in excluded.items():
        found = int(entry in emptied)
        for table, sheet in sheets.items():
            rows = _named(table, sheet, entry, heads)
            found += len(rows)
            sheet.report(rows, "subject_id", LeftOut(entry=entry, why=_why(why)))
            sheet.set_aside(rows, LEFT_OUT)
        if not found:
            raise InputError(
                f"excluded: '{entry}' is neither a subject nor a raw row that a table took",
                "allowed: a subject's code, or FILE:ROW (the header is row 1)",
            )


def _why(reason: str) -> str:
    return reason or NO_REASON


def _named(table: str, sheet: Sheet, entry: str, heads: Heads) -> Rows:
    file, _, row = entry.rpartition(":")
    if file and row.isdecimal():
        number = int(row)
        if (table, file) in heads:
            number = heads[table, file].get(number, -1)
        return sheet.at_row(file, number)
    if table == "subjects":
        known = sheet.values["subject_id"].cat.categories
        place = known.get_loc(entry) if entry in known else -1
        return np.flatnonzero(codes(sheet.values["subject_id"]) == place)
    return np.array([], np.intp)
