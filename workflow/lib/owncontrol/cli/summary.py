"""summary: how many rows a run set aside and what it found, and where to look."""

import csv
from collections import Counter
from pathlib import Path

from owncontrol.errors import InputError

SEVERITIES = ("error", "warning", "note")
WHOLE_FILE = "(file)"


def summary(folder: Path | str) -> list[str]:
    """Lines that say what became of the raw rows of a study, and what was found in them.

    ``folder``: results/STUDY. Raises InputError where cleaning has not been run there.
    """
    cleaned = Path(folder) / "cleaned"
    flow = _rows(cleaned / "flow.csv")
    files = [row for row in flow if row["table"] == WHOLE_FILE]
    read, kept, aside, merged, outside = (
        sum(int(row.get(state, 0)) for row in files)
        for state in ("rows_in", "kept", "quarantined", "merged", "not_part")
    )
    lines = [
        f"Rows: {read} read, {kept} kept, {merged} merged, {aside} set aside"
        + (f", {outside} not part of this study" if outside else "")
        + (f" (why: {cleaned / 'quarantine.csv'})" if aside else "")
    ]
    tables: Counter[str] = Counter()
    for row in flow:
        if row["table"] != WHOLE_FILE and int(row["quarantined"]):
            tables[row["table"]] += int(row["quarantined"])
    if tables:
        listed = ", ".join(f"{count} of {table}" for table, count in sorted(tables.items()))
        lines.append(f"Set aside by table: {listed}")
    found = Counter(row["severity"] for row in _rows(cleaned / "findings.csv"))
    counts = (f"{found[name]} {name}{'' if found[name] == 1 else 's'}" for name in SEVERITIES)
    lines.append(f"Findings: {', '.join(counts)} ({cleaned / 'findings.csv'})")
    return lines


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        raise InputError(f"{path}: no such file", "run the study to its end first (make)")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
