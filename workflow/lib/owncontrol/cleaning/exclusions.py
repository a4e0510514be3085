"""Subjects and raw rows that the configuration leaves out of everything, each with a finding."""

import numpy as np

from owncontrol.cleaning.sheet import Rows, Sheet
from owncontrol.errors import InputError


def leave_out(sheets: dict[str, Sheet], excluded: list[str]) -> None:
    """Set the rows aside that ``excluded`` names: subjects' codes, and raw rows as ``FILE:ROW``.

    What else is written of a subject goes with the subject's own row. Raises InputError for an
    entry that names nothing.
    """
    for entry in excluded:
        found = 0
        for table, sheet in sheets.items():
            rows = _named(table, sheet, entry)
            found += len(rows)
            sheet.report(
                rows,
                "subject_id",
                "excluded",
                "note",
                "row quarantined",
                f"the configuration leaves out {entry}",
            )
            sheet.set_aside(rows, "left out by the configuration")
        if not found:
            raise InputError(
                f"excluded: '{entry}' is neither a subject nor a raw row that a table took",
                "allowed: a subject's code, or FILE:ROW (the header is row 1)",
            )


def _named(table: str, sheet: Sheet, entry: str) -> Rows:
    file, _, row = entry.rpartition(":")
    if file and row.isdecimal():
        return np.flatnonzero(sheet.in_file(file) & (sheet.source_row == int(row)))
    if table == "subjects":
        return np.flatnonzero(sheet.values["subject_id"].astype("str").to_numpy() == entry)
    return np.array([], np.intp)
