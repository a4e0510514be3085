"""Where every raw row went: rows in = kept + quarantined + merged, for each file and table."""

import pandas as pd

from owncontrol.cleaning.sheet import KEPT, MERGED, QUARANTINED, Sheet
from owncontrol.tables import conform

WHOLE_FILE = "(file)"


def count_flow(sheets: dict[str, Sheet], rows: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The flow table. ``rows``: by raw file, ingest's record of what took each raw row.

    A raw row that feeds several tables counts as kept if one of them kept it, else as
    quarantined if one of them quarantined it. Raises AssertionError if a row got lost.
    """
    counts = []
    for file, record in sorted(rows.items()):
        best = pd.Series("", index=record["source_row"].astype(int), dtype="object")
        for status in (MERGED, QUARANTINED, KEPT):  # the later one wins
            for sheet in sheets.values():
                here = (sheet.source_file == file) & (sheet.status == status)
                best.loc[sheet.source_row[here]] = status
        best[best == ""] = QUARANTINED  # no table took it; the reason stands in quarantine
        counts.append(_count(file, WHOLE_FILE, best))
        for table, sheet in sorted(sheets.items()):
            here = sheet.source_file == file
            if here.any():
                counts.append(_count(file, table, sheet.status[here]))
    flow = conform(pd.DataFrame(counts), "flow")
    lost = flow["rows_in"] - flow["kept"] - flow["quarantined"] - flow["merged"]
    assert (lost == 0).all(), f"rows lost: {flow[lost != 0].to_dict('records')}"
    return flow


def quarantine_table(sheets: dict[str, Sheet], rows: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a raw row that was set aside or merged, by table, with the reason."""
    parts = []
    for file, record in sorted(rows.items()):
        aside = record.loc[record["tables"] == ""]
        parts.append(
            pd.DataFrame(
                {
                    "file": file,
                    "row": aside["source_row"].astype(int),
                    "table": "",
                    "reason": aside["reason"],
                }
            )
        )
    for table, sheet in sorted(sheets.items()):
        here = sheet.status != KEPT
        parts.append(
            pd.DataFrame(
                {
                    "file": sheet.source_file[here],
                    "row": sheet.source_row[here],
                    "table": table,
                    "reason": sheet.reason[here],
                }
            )
        )
    stacked = pd.concat(parts, ignore_index=True)
    return conform(stacked.sort_values(["file", "row", "table"], kind="stable"), "quarantine")


def _count(file: str, table: str, status: pd.Series) -> dict[str, object]:
    return {"file": file, "table": table, "rows_in": len(status)} | {
        state: int((status == state).sum()) for state in (KEPT, QUARANTINED, MERGED)
    }
