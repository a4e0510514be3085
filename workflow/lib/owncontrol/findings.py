"""Findings: each fault, oddity or correction in the raw files, at its place, with what was done."""

from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

from owncontrol.tables import conform, empty_table

Severity = Literal["error", "warning", "note"]


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


def findings_table(findings: list[Finding]) -> pd.DataFrame:
    """Findings as a table of the schema ``findings``, in the order given."""
    if not findings:
        return empty_table("findings")
    return conform(pd.DataFrame([asdict(finding) for finding in findings]), "findings")


def sort_findings(table: pd.DataFrame) -> pd.DataFrame:
    """By file, row, column and rule, so that a person can go through a file with them.

    A raw cell or row that feeds several tables is reported once.
    """
    table = table.drop_duplicates()
    order = ["file", "row", "column", "rule", "value", "detail"]
    return table.sort_values(order, kind="stable", na_position="first").reset_index(drop=True)
