"""Findings: each fault, oddity or correction in the raw files, at its place, with what was done."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from owncontrol.basics.invisible import visible
from owncontrol.errors import InputError
from owncontrol.tables import conform, empty_table

Severity = Literal["error", "warning", "note"]
HIDDEN = "(not shown)"
# A value is shown as it was written, but a megabyte in a cell by its beginning.
SHOWN = 200
# Rules of readers about a cell that stores no value of its type.
STORED_FAULTS = ("error_value", "impossible_date", "not_a_number", "not_a_boolean")


@dataclass(frozen=True)
class Finding:
    """One finding. ``row`` is counted as a person does (header: 1); None means the whole file."""

    file: str
    row: int | None
    column: str
    value: str
    rule: str
    severity: Severity
    action: str
    detail: str


def note(
    file: str,
    rule: str,
    action: str,
    detail: str,
    row: int | None = None,
    column: str = "",
    value: str = "",
) -> Finding:
    """A finding that is worth knowing and changes no result."""
    return Finding(file, row, column, value, rule, "note", action, detail)


def shortened(text: str) -> str:
    """A cell's text as findings show it: whole, or its beginning and how long it is."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"


def without_value(text: str, value: str, shown: str = HIDDEN) -> str:
    """A text without the value of a cell, in each form in which it may repeat it."""
    plain = unicodedata.normalize("NFKC", visible(value))
    forms = {value, value.strip(), visible(value).strip(), plain, plain.strip()}
    forms |= {form.upper() for form in forms} | {form.casefold() for form in forms}
    for form in sorted(filter(None, forms), key=lambda form: (-len(form), form)):
        text = text.replace(form, shown)
    return text


def findings_table(findings: list[Finding]) -> pd.DataFrame:
    """Findings as a table of the schema ``findings``, in the order given."""
    if not findings:
        return empty_table("findings")
    table = conform(pd.DataFrame([vars(finding) for finding in findings]), "findings")
    return table.assign(value=[shortened(value) for value in table["value"]])


def fold_stored_faults(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` with one finding for a cell that stores no value and was refused or corrected.

    A reader reports such a cell (``STORED_FAULTS``) before anybody knows what it is read as. Where
    cleaning then says what became of it, the reader's words are added to that finding.
    """
    stored = table["rule"].isin(STORED_FAULTS)
    if not stored.any():
        return table
    folded = table.copy()
    decided = ~stored & ((table["severity"] != "note") | (table["rule"] == "correction"))
    place = {
        (entry.file, entry.row, entry.column): entry.Index
        for entry in table.loc[decided].itertuples()
    }
    for entry in table.loc[stored].itertuples():
        other = place.get((entry.file, entry.row, entry.column))
        if other is not None:
            detail = f"{table.at[other, 'detail']}; {entry.detail}"
            folded.at[other, "detail"] = detail
            folded = folded.drop(index=entry.Index)
    return folded


def sort_findings(table: pd.DataFrame) -> pd.DataFrame:
    """By file, row, column and rule, so that a person can go through a file with them.

    A raw cell or row that feeds several tables is reported once.
    """
    table = table.drop_duplicates()
    order = ["file", "row", "column", "rule", "value", "detail"]
    return table.sort_values(order, kind="stable", na_position="first").reset_index(drop=True)


def stop_at_first_error(findings: pd.DataFrame) -> None:
    """Raise InputError at the first finding of severity error (``strict: true``)."""
    errors = findings.loc[findings["severity"] == "error"]
    if errors.empty:
        return
    first = errors.iloc[0]
    place = str(first["file"])
    place += "" if pd.isna(first["row"]) else f", row {first['row']}"
    place += f", column {first['column']}" if first["column"] else ""
    detail = without_value(str(first["detail"]), str(first["value"]))
    raise InputError(
        f"{place}: {detail} ({first['rule']}; {first['action']})",
        f"strict: true stops at the first of {len(errors)} errors; mend it by a correction, or set "
        "strict: false to go on without what was set aside",
    )
