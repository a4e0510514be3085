"""Findings: each fault, oddity or correction in the raw files, at its place, with what was done."""

import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd

from owncontrol.basics.invisible import visible
from owncontrol.errors import InputError
from owncontrol.findings.catalogue import RULES
from owncontrol.findings.cleaning_rules import Correction
from owncontrol.findings.rule import HIDDEN, Rule, Severity
from owncontrol.findings.workbook_rules import StoredFault
from owncontrol.tables import conform, empty_table

# A value is shown as it was written, but a megabyte in a cell by its beginning.
SHOWN = 200
# Rules of readers about a cell that stores no value of its type.
STORED_FAULTS = frozenset(rule.code for rule in RULES if issubclass(rule, StoredFault))


@dataclass(frozen=True)
class Finding:
    """What a rule has found, and where.

    ``row`` is counted as a person does (header: 1); None means the whole file. TypeError for a
    rule that is not in the catalogue.
    """

    found: Rule
    file: str
    row: int | None = None
    column: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        """Refuse a rule that no list of rules would name."""
        check_declared(self.found)

    @property
    def rule(self) -> str:
        """The code of the rule."""
        return self.found.code

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return self.found.severity

    @property
    def action(self) -> str:
        """What was done."""
        return self.found.done

    @property
    def detail(self) -> str:
        """What is wrong, in a sentence."""
        return self.found.detail

    def entry(self) -> dict[str, str | int | None]:
        """The finding as a row of the table ``findings``."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "rule": self.rule,
            "severity": self.severity,
            "action": self.action,
            "detail": self.detail,
        }


def check_declared(found: Rule) -> None:
    """TypeError for a rule that is not in the catalogue."""
    if type(found) not in RULES:
        raise TypeError(f"rule {type(found).__name__} is not in owncontrol.findings.catalogue")


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
    table = conform(pd.DataFrame([finding.entry() for finding in findings]), "findings")
    return table.assign(value=[shortened(value) for value in table["value"]])


def fold_stored_faults(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` with one finding for a cell that stores no value and was refused or corrected.

    A reader reports such a cell (``STORED_FAULTS``) before anybody knows what it is read as. Where
    cleaning then says what became of it, the reader's words are added to that finding.
    """
    stored = table["rule"].isin(STORED_FAULTS)
    if not stored.any():
        return table
    decided = ~stored & ((table["severity"] != "note") | (table["rule"] == Correction.code))
    cells = list(zip(table["file"], table["row"], table["column"], strict=True))
    place = {cells[number]: number for number in np.flatnonzero(decided)}
    # A list: to set one cell of a column of text copies the column.
    details = table["detail"].tolist()
    told = np.zeros(len(table), bool)
    for number in np.flatnonzero(stored):
        other = place.get(cells[number])
        if other is not None:
            details[other] = f"{table['detail'].iat[other]}; {details[number]}"
            told[number] = True
    folded = table.assign(detail=pd.Series(details, table.index, dtype=table["detail"].dtype))
    return folded.loc[~told]


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
