"""The table that lists each deviation that a rule found."""

from typing import Any

from owncontrol.lineage.results import Results
from owncontrol.reporting.report_tables import Table
from owncontrol.tables import records

# Rules about what was done otherwise than the protocol says, and not about how it was written.
DEVIATIONS = ("visit_window", "before_consent", "foreign_product", "before_injury", "culture_days")
MOST_LISTED = 100  # rows; the files of the results have all
FINDINGS = "cleaned/findings.csv"


def deviations_table(results: Results, one: str = "patient") -> Table:
    """Each finding of a rule about the conduct of the study, with its place in the raw files."""
    rows = []
    if results.has(FINDINGS):
        found = records(results.rows(FINDINGS, rule=set(DEVIATIONS)))
        order = {name: place for place, name in enumerate(DEVIATIONS)}
        found.sort(key=lambda row: (order[row["rule"]], row["file"], _number(row["row"])))
        rows = [
            [
                row["rule"].replace("_", " ").capitalize(),
                f"{row['file']}, row {row['row']}",
                row["detail"],
            ]
            for row in found
        ]
    return Table(
        "deviations",
        "Deviations that the rules found",
        ["Deviation", "Raw row", "What was found"],
        rows[:MOST_LISTED],
        "Visits outside their window, events before consent, products of another "
        f"{one}, dates before the onset, days of culture that do not fit. "
        f"{_cut(len(rows), FINDINGS)}"
        "What the protocol asks and no rule knows is not among them.",
    )


def _number(text: Any) -> int:
    try:
        return int(text)
    except (TypeError, ValueError):
        return 0


def _cut(count: int, file: str) -> str:
    return f"The first {MOST_LISTED} of {count}; {file} has all. " if count > MOST_LISTED else ""
