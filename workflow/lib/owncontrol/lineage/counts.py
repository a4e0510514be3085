"""The steps from counts of raw rows (flow) and of findings to the raw rows and cells counted."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeVar

import pandas as pd

from owncontrol.cleaning.merged_rows import is_merged
from owncontrol.errors import InputError
from owncontrol.estimates.declared_statistics import DataQuality
from owncontrol.estimates.selections import Matching
from owncontrol.estimates.statistic import Statistic
from owncontrol.findings.cleaning_rules import Correction
from owncontrol.findings.rule import READ_AS_MISSING
from owncontrol.ingest.kept_rows import NOT_PART
from owncontrol.lineage.results import Results
from owncontrol.tables import records

WHOLE_FILE = "(file)"
# By statistic, the state of the rows of a file that it counts; None: all of them.
ROW_STATES = {
    DataQuality.ROWS_IN: None,
    DataQuality.KEPT: "kept",
    DataQuality.QUARANTINED: "quarantined",
    DataQuality.MERGED: "merged",
    DataQuality.NOT_PART: "not_part",
}
# By statistic, whether the rows whose cells of a table it counts were set aside; None: all rows.
CELL_ROWS = {
    DataQuality.CELLS_IN: None,
    DataQuality.SET_ASIDE: True,
    DataQuality.AS_WRITTEN: False,
    DataQuality.OTHER_FORM: False,
    DataQuality.CORRECTED: False,
    DataQuality.MISSING: False,
    DataQuality.REFUSED: False,
}
# By statistic, whether it counts only the rows of a table that were set aside.
TABLE_ROWS = {DataQuality.TABLE_ROWS: False, DataQuality.ROWS_SET_ASIDE: True}


# By table of the plan, the columns that say what a row is about, and what it says.
PLAN_TABLES = {
    "departures": ("key", ("frozen", "now")),
    "disclosures": ("name", ("kind", "detail")),
}

# Of a subject's clock, or of its place in an analysis set: origin. Of a table of the plan: plan.
# No estimate names a whole exam; its scores do.
StepKind = Literal["score", "row", "origin", "raw row", "finding", "plan", "estimate", "exam"]
State = TypeVar("State")


class Step(NamedTuple):
    """One thing that an estimate names, and which cells it needs of it.

    ``columns`` are canonical ones of the row. A finding at a cell that no table has (a header, a
    row that is no data) names the cell itself: ``raw_column`` and ``written`` in ``file`` and
    ``row``. ``visit``: of a row of a wide raw table, which holds several.
    """

    kind: StepKind
    label: str
    table: str = ""
    row_id: str = ""
    columns: tuple[str, ...] = ()
    value: str = ""
    file: str = ""
    row: str = ""
    raw_column: str = ""
    written: str = ""
    visit: str = ""


def matching_steps(
    results: Results,
    selection: Matching,
    statistic: Statistic,
    only: tuple[str, str] | None,
    room: int | None,
) -> tuple[int, list[Step]]:
    """How many raw rows, or findings, a selection by conditions stands for; the first ``room``.

    ``statistic``: which of a file's rows, or of a table's cells, are counted; ValueError for one
    of which this is not declared.
    ``only``: the raw row (file, row number) to be followed. ``room``: None for all of them. Raises
    InputError for conditions on another table.
    """
    if selection.table == "flow":
        return _flow_steps(results, selection.conditions, statistic, only, room)
    if selection.table == "flow_cells":
        return _cell_steps(results, selection.conditions, statistic, only, room)
    if selection.table == "findings":
        return _finding_steps(results, selection.conditions, only, room)
    if selection.table in PLAN_TABLES:
        return _plan_steps(results, selection, only, room)
    raise InputError(
        f"inputs name rows of '{selection.table}' by conditions; allowed: flow, "
        f"flow_cells, findings, {', '.join(PLAN_TABLES)}, estimates",
        "name rows of a cleaned table by their row_id",
    )


def _declared(counted: Mapping[DataQuality, State], statistic: Statistic) -> State:
    """What a statistic counts; ValueError where nothing says so."""
    if not isinstance(statistic, DataQuality) or statistic not in counted:
        raise ValueError(f"which rows {statistic!r} counts is not declared (lineage/counts.py)")
    return counted[statistic]


def _flow_steps(
    results: Results,
    conditions: dict[str, str],
    statistic: Statistic,
    only: tuple[str, str] | None,
    room: int | None,
) -> tuple[int, list[Step]]:
    if conditions.get("table", WHOLE_FILE) != WHOLE_FILE:
        return _table_steps(results, conditions["table"], statistic, only, room)
    state = _declared(ROW_STATES, statistic)
    total = 0
    steps: list[Step] = []
    for export, file in results.files.items():
        if conditions.get("file", file) != file or (only and only[0] != file):
            continue
        rows = results.raw_rows(export)
        if only:
            rows = rows.loc[rows.index == only[1]]
        if state is not None:
            rows = rows.loc[rows["status"] == state]
        total += len(rows)
        for entry in rows.iloc[: None if room is None else room - len(steps)].itertuples():
            table = entry.tables.split()[0] if entry.tables else ""
            row_id, columns = f"{export}:{entry.Index}", tuple[str, ...]()
            if table:
                row_id, columns = results.step_place(export, table, str(entry.Index))
            label = f"{file} row {entry.Index}"
            said = f"{entry.status}, {entry.reason}" if entry.status != "kept" else "kept"
            said = entry.reason if entry.status == "not_part" else said
            steps.append(
                Step("raw row", label, table, row_id, columns, said, file, str(entry.Index))
            )
    return total, steps


def _table_steps(
    results: Results,
    table: str,
    statistic: Statistic,
    only: tuple[str, str] | None,
    room: int | None,
) -> tuple[int, list[Step]]:
    """The raw rows that one table is made from (table_rows), or those set aside of them."""
    only_set_aside = _declared(TABLE_ROWS, statistic)
    total = 0
    steps: list[Step] = []
    for export, file in results.files.items():
        if (export, table) not in results.raw_columns or (only and only[0] != file):
            continue
        reasons = results.set_aside(export, table)
        reasons = reasons.loc[~reasons.str.startswith(NOT_PART)]
        if only_set_aside:
            reasons = reasons.loc[reasons != ""]
            reasons = reasons.loc[~reasons.map(is_merged).astype(bool)]
        if only:
            reasons = reasons.loc[reasons.index == only[1]]
        total += len(reasons)
        for row, reason in reasons.iloc[: None if room is None else room - len(steps)].items():
            said = f"set aside, {reason}" if reason else "kept"
            label, row_id = f"{file} row {row}", f"{export}:{row}"
            step = Step("raw row", label, table, row_id, ("subject_id",), said, file, str(row))
            steps.append(step)
    return total, steps


def _cell_steps(
    results: Results,
    conditions: dict[str, str],
    statistic: Statistic,
    only: tuple[str, str] | None,
    room: int | None,
) -> tuple[int, list[Step]]:
    """The raw rows whose cells of one table are counted: those set aside, the others, or all.

    Of cells that were corrected, refused or read from another form, the rows with such a finding.
    """
    file, table = conditions["file"], conditions["table"]
    export = next(name for name, read in results.files.items() if read == file)
    rows = results.set_aside(export, table)
    rows = rows.loc[~rows.str.startswith(NOT_PART)]
    set_aside = _declared(CELL_ROWS, statistic)
    if set_aside is not None:
        rows = rows.loc[(rows != "") == set_aside]
    cells = _found_cells(results, export, table, statistic)
    found_in = rows.index.isin(list(cells))
    if found_in.any():  # not in a wide table, whose findings are at other columns
        rows = rows.loc[found_in]
    if only:
        rows = rows.loc[(rows.index == only[1]) & (only[0] == file)]
    steps = []
    for row, reason in rows.iloc[:room].items():
        row_id, columns = results.step_place(export, table, str(row))
        columns = tuple(dict.fromkeys((*columns, *cells.get(row, ()))))
        said = f"set aside, {reason}" if reason else "kept"
        steps.append(
            Step("raw row", f"{file} row {row}", table, row_id, columns, said, file, str(row))
        )
    return len(rows), steps


def _found_cells(
    results: Results, export: str, table: str, statistic: Statistic
) -> dict[str, list[str]]:
    """By raw row, the canonical columns of a table with a finding that such a cell has."""
    found = results.findings_of(results.files[export])
    is_note, is_correction = found["severity"] == "note", found["rule"] == Correction.code
    kinds: dict[Statistic, pd.Series[bool]] = {
        DataQuality.CORRECTED: is_correction,
        DataQuality.OTHER_FORM: is_note & ~is_correction,
        DataQuality.REFUSED: found["action"] == READ_AS_MISSING,
    }
    if statistic not in kinds:
        return {}
    here = found.loc[kinds[statistic]]
    names = {raw: column for column, raw in results.raw_columns[export, table].items()}
    cells: dict[str, list[str]] = {}
    for row, raw_column in zip(here["row"], here["column"], strict=True):
        if raw_column in names:
            cells.setdefault(row, []).append(names[raw_column])
        elif raw_column in results.value_columns(export, table):
            cells.setdefault(row, []).extend(results.step_place(export, table, row, raw_column)[1])
    return cells


def _finding_steps(
    results: Results,
    conditions: dict[str, str],
    only: tuple[str, str] | None,
    room: int | None,
) -> tuple[int, list[Step]]:
    found = results.findings
    for column, value in conditions.items():
        found = found.loc[found[column] == value]
    if only:
        here = (found["file"] == only[0]) & (found["row"] == only[1])
        absent = [
            subject
            for subject, row_id in results.subject_rows.items()
            if (results.files[row_id.rpartition(":")[0]], row_id.rpartition(":")[2]) == only
        ]
        found = found.loc[here | ((found["row"] == "") & found["value"].isin(absent))]
    exports = {file: export for export, file in results.files.items()}
    first = records(found.iloc[:room])
    return len(found), [
        _finding_step(results, entry, exports.get(entry["file"], "")) for entry in first
    ]


def _plan_steps(
    results: Results, selection: Matching, only: tuple[str, str] | None, room: int | None
) -> tuple[int, list[Step]]:
    """The rows of a table of the plan: what differs from it, or what has to be known."""
    conditions = {column: {value} for column, value in selection.conditions.items()}
    found = results.rows(f"plan/{selection.table}.csv", None, **conditions)
    name, said = PLAN_TABLES[selection.table]
    places = found.reindex(columns=["file", "row"], fill_value="")
    if only:
        here = (places["file"] == only[0]) & (places["row"] == only[1])
        found, places = found.loc[here], places.loc[here]
    steps = [
        Step(
            "plan",
            entry[name],
            value="; ".join(entry[column] or "nothing" for column in said),
            file=place["file"],
            row=place["row"],
        )
        for entry, place in zip(
            records(found.iloc[:room]), records(places.iloc[:room]), strict=True
        )
    ]
    return len(found), steps


def _finding_step(results: Results, entry: dict[str, str], export: str) -> Step:
    """The step to one finding: the cell it is at, or the row where it is about all of it."""
    file, row, column = entry["file"], entry["row"], entry["column"]
    label = f"{file} row {row}" if row else file
    said = f"{entry['rule']}: {entry['action']}; {entry['detail']}"
    if not row and entry["value"] in results.subject_rows:  # a subject that a table does not have
        row_id = results.subject_rows[entry["value"]]
        return Step("finding", label, "subjects", row_id, ("subject_id",), said, file)
    tables = results.raw_rows(export)["tables"].get(row, "").split() if export else []
    for table in tables:
        is_value = column in ("", *results.value_columns(export, table))
        row_id, columns = results.step_place(export, table, row, column if is_value else "")
        if is_value:
            return Step("finding", label, table, row_id, columns, said, file, row)
        if row_id != f"{export}:{row}":
            continue  # of what the rows of an assessment agree in, only its head's cells are read
        for canonical, raw_column in results.raw_columns[export, table].items():
            parts = results.parts.get((export, table, canonical), [raw_column])
            if column in parts:
                return Step("finding", label, table, row_id, (canonical,), said, file, row)
    if not row or not column or column.startswith("(column"):
        return Step("finding", f"{label} {column}".strip(), value=said, file=file, row=row)
    written = column if row == "1" else entry["value"]  # row 1 is the header's own cell
    return Step(
        "finding", label, value=said, file=file, row=row, raw_column=column, written=written
    )
