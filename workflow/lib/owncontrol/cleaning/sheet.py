"""A canonical table while it is cleaned: what was written, how it was read, what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from owncontrol.findings import Finding, Severity

KEPT, QUARANTINED, MERGED = "kept", "quarantined", "merged"


@dataclass
class Sheet:
    """One canonical table on its way through cleaning.

    All frames and series share one index, a row each. ``written``: text as it stands in the raw
    file. ``values``: the same columns, typed. ``status``: kept, quarantined or merged, with a
    ``reason`` for the last two. ``raw_columns``: raw column by (file, canonical column).
    """

    table: str
    written: pd.DataFrame
    source_file: pd.Series
    source_row: pd.Series
    row_id: pd.Series
    raw_columns: dict[tuple[str, str], str]
    values: pd.DataFrame = field(default_factory=pd.DataFrame)
    status: pd.Series = field(default_factory=pd.Series)
    reason: pd.Series = field(default_factory=pd.Series)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start with every row kept and nothing read."""
        index = self.written.index
        self.values = pd.DataFrame(None, index=index, columns=self.written.columns, dtype="object")
        self.status = pd.Series(KEPT, index=index, dtype="object")
        self.reason = pd.Series("", index=index, dtype="object")

    @property
    def files(self) -> str:
        """The raw files that the table is read from."""
        return ", ".join(sorted({file for file, _ in self.raw_columns}))

    @property
    def kept(self) -> pd.DataFrame:
        """The typed rows that are kept."""
        return self.values.loc[self.status == KEPT]

    def report(
        self,
        rows: Iterable[int],
        column: str,
        rule: str,
        severity: Severity,
        action: str,
        detail: str,
    ) -> None:
        """One finding for each of the rows, at the raw cell that ``column`` was read from."""
        for row in rows:
            file = self.source_file[row]
            value = self.written.at[row, column] if column in self.written else ""
            self.findings.append(
                Finding(
                    file,
                    int(self.source_row[row]),
                    self.raw_columns.get((file, column), column),
                    value,
                    rule,
                    severity,
                    action,
                    detail,
                )
            )

    def quarantine(self, rows: Iterable[int], reason: str, status: str = QUARANTINED) -> None:
        """Set rows aside; a row that is already set aside keeps its first reason."""
        rows = [row for row in rows if self.status[row] == KEPT]
        self.status.loc[rows] = status
        self.reason.loc[rows] = reason


def make_sheet(
    table: str, ingested: dict[str, pd.DataFrame], columns: dict[str, pd.DataFrame]
) -> Sheet:
    """Stack the table's rows from all exports that feed it.

    ``ingested``: by export, the ingested table. ``columns``: by export, its record of columns.
    """
    stacked = pd.concat(
        [frame.assign(_export=export) for export, frame in ingested.items()], ignore_index=True
    )
    raw_columns = {}
    for export in ingested:
        record = columns[export].loc[lambda record: record["table"] == table]
        for file, column, raw_column in zip(
            record["file"], record["column"], record["raw_column"], strict=True
        ):
            raw_columns[file, column] = raw_column
    return Sheet(
        table,
        stacked.drop(columns=["source_file", "source_row", "_export"]).fillna(""),
        stacked["source_file"],
        stacked["source_row"].astype(int),
        stacked["_export"] + ":" + stacked["source_row"].astype(str),
        raw_columns,
    )
