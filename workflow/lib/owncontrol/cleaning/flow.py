"""Where every raw row, cell and subject went: nothing is lost, or the step fails."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from owncontrol.cleaning.day_counts import Clocks
from owncontrol.cleaning.exclusions import LEFT_OUT
from owncontrol.cleaning.working_table import (
    AS_WRITTEN,
    KEPT,
    MERGED,
    MISSING,
    NOT_PART,
    NOTED,
    QUARANTINED,
    REFUSED,
    STATES,
    Sheet,
)
from owncontrol.ingest import kept_rows
from owncontrol.ingest.long_tables import joins, rows_behind
from owncontrol.study.subjects import Characteristic
from owncontrol.tables import conform
from owncontrol.tables.categories import all_categories, by_value, present_texts

Sheets = dict[str, Sheet]
WHOLE_FILE = "(file)"
SET_ASIDE = -1


def count_rows(
    sheets: Sheets, rows: dict[str, pd.DataFrame], is_selected: bool = False
) -> pd.DataFrame:
    """The table ``flow``. ``rows``: by raw file, ingest's record of what took each raw row.

    A raw row that feeds several tables counts as kept if one of them kept it, else as
    quarantined if one of them quarantined it, else as merged. ``is_selected``: the configuration
    says which rows are part of the study, so that the others are counted, too. Raises
    AssertionError if a row got lost.
    """
    counts = []
    for file, record in sorted(rows.items()):
        # No table took it: the reason is in the quarantine.
        best = np.full(len(record), STATES.index(QUARANTINED))
        outside = record["reason"].astype("str").str.startswith(kept_rows.NOT_PART)
        best[outside.to_numpy(bool)] = STATES.index(NOT_PART)
        here = {table: sheet.rows_of(file) for table, sheet in sheets.items()}
        for state in (NOT_PART, MERGED, QUARANTINED, KEPT):  # the later one wins
            for table, sheet in sheets.items():
                of_state = here[table][sheet.state[here[table]] == STATES.index(state)]
                if not len(of_state):
                    continue
                # A row of a long table goes where the row that it was joined to goes.
                behind = rows_behind(record, table, sheet.source_row[of_state].tolist())
                behind &= ~_left_out(sheet, file, record)
                best = np.where(behind, STATES.index(state), best)
        counts.append(_states(file, WHOLE_FILE, best))
        for table, sheet in sorted(sheets.items()):
            if file in sheet.files:
                counts.append(_states(file, table, sheet.state[here[table]]))
    states = [state for state in STATES if state != NOT_PART or is_selected]
    table = pd.DataFrame(counts, columns=["file", "table", "rows_in", *states])
    flow = conform(table, "flow")
    lost = flow["rows_in"] - flow[states].sum(axis=1)
    assert (lost == 0).all(), f"rows lost: {flow[lost != 0].to_dict('records')}"
    return flow


def _left_out(sheet: Sheet, file: str, record: pd.DataFrame) -> Any:
    left_out = [row for of_file, row in sheet.left_out if of_file == file]
    return np.isin(record["source_row"].astype(np.int64).to_numpy(), left_out)


def _states(file: str, table: str, state: Any) -> dict[str, object]:
    numbers = np.bincount(state, minlength=len(STATES))
    return {"file": file, "table": table, "rows_in": len(state)} | dict(
        zip(STATES, numbers.tolist(), strict=True)
    )


def count_cells(sheets: Sheets) -> pd.DataFrame:
    """The table ``flow_cells``: what became of each cell that is read, by file and table.

    Cells of rows that are not part of the study are none of them.
    """
    counts = []
    for table, sheet in sorted(sheets.items()):
        changed: dict[str, list[tuple[int, str]]] = {}
        for row, name in sheet.corrected:
            changed.setdefault(sheet.source_file.iloc[row], []).append((row, name))
        for file in sheet.files:
            here = sheet.rows_of(file)
            here = here[sheet.state[here] != STATES.index(NOT_PART)]
            kept = here[sheet.state[here] == STATES.index(KEPT)]
            numbers = np.zeros(4, np.int64)
            columns = [name for source, name in sheet.raw_columns if source == file]
            for name in columns:
                numbers += np.bincount(sheet.readings[name].of(kept), minlength=4)
            corrected = 0
            for row, name in changed.get(file, ()):
                if sheet.state[row] == STATES.index(KEPT):
                    corrected += 1
                    numbers[sheet.readings[name].of(row)] -= 1
            cells_in = len(here) * len(columns)
            aside = (len(here) - len(kept)) * len(columns)
            counts.append(
                {
                    "file": file,
                    "table": table,
                    "cells_in": cells_in,
                    "as_written": numbers[AS_WRITTEN],
                    "other_form": numbers[NOTED],
                    "corrected": corrected,
                    "missing": numbers[MISSING],
                    "refused": numbers[REFUSED],
                    "set_aside": aside,
                }
            )
    flow = conform(pd.DataFrame(counts), "flow_cells")
    parts = ["as_written", "other_form", "corrected", "missing", "refused", "set_aside"]
    lost = flow["cells_in"] - flow[parts].sum(axis=1)
    assert (lost == 0).all(), f"cells lost: {flow[lost != 0].to_dict('records')}"
    return flow


@dataclass(frozen=True)
class Step:
    """Of the subjects ``before`` those ``after``; ``reasons``: by subject, why one may be lost.

    ``of``: the step that this one counts out of. ``unread``: rows of which the code is not read.
    ``all_lost``: the reason, where it is one and the same for all.
    """

    name: str
    of: str
    before: set[str]
    after: set[str]
    reasons: dict[str, str]
    unread: int = 0
    all_lost: str = ""

    def row(self) -> dict[str, object]:
        """The step as a row of the table ``flow_subjects``."""
        lost = sorted(self.before - self.after)
        return {
            "step": self.name,
            "of": self.of,
            "subjects_in": len(self.before),
            "kept": len(self.after),
            "lost": len(lost),
            "lost_subjects": " ".join(lost),
            "reasons": self.all_lost
            or "; ".join(f"{subject}: {self.reasons[subject]}" for subject in lost),
            "rows_without_code": self.unread,
        }


def count_subjects(
    sheets: Sheets,
    clocks: Clocks,
    assessments: list[str],
    visits: list[str],
    characteristics: Sequence[Characteristic],
    not_part: Collection[str] = (),
) -> pd.DataFrame:
    """The table ``flow_subjects``: from the subjects table to the visits of the main comparison.

    ``visits``: baseline and time point. ``not_part``: subjects of the raw files who are not part of
    the study; where there are any, the first step is all subjects of the files. Each step counts
    out of the one it names as ``of``; a subject that is lost between them is named, with the
    reason.
    """
    subjects = sheets["subjects"]
    codes = subjects.values["subject_id"].loc[subjects.is_part]
    listed = set(present_texts(codes)) - {""}
    unread = int((codes == "").sum())
    kept = set(clocks.place)
    steps = [
        *_steps_of_files(listed, set(not_part), unread),
        Step("registered", "listed", listed, kept, _reasons_aside(subjects)),
    ]
    if "treatments" in sheets:
        reasons = dict.fromkeys(kept, "no row in treatments")
        reasons |= _reasons_aside(sheets["treatments"])
        reasons |= _criteria_not_met(subjects, characteristics)
        treated = kept & _present(sheets["treatments"])
        steps.append(Step("treated", "registered", kept, treated, reasons))
    last = steps[-1]
    for table in assessments:
        steps += _steps_of_visits(table, sheets[table], visits, last)
    flow = conform(pd.DataFrame([step.row() for step in steps]), "flow_subjects")
    assert (flow["subjects_in"] == flow["kept"] + flow["lost"]).all(), "subjects lost"
    return flow


def _steps_of_files(listed: set[str], not_part: set[str], unread: int) -> list[Step]:
    """The subjects that are listed; of all those in the files, where some are not of the study."""
    if not not_part:
        return [Step("listed", "", listed, listed, {}, unread)]
    everybody = listed | not_part
    reason = kept_rows.NOT_PART
    return [
        Step("in_files", "", everybody, everybody, {}, unread),
        Step("listed", "in_files", everybody, listed, {}, all_lost=reason),
    ]


def _steps_of_visits(table: str, sheet: Sheet, visits: list[str], last: Step) -> list[Step]:
    """A step for each visit: the subjects of the one before with a row of the visit.

    ``last``: the step that the first visit counts out of.
    """
    steps = [last]
    for visit in visits:
        at_visit = (sheet.values["visit"] == visit).to_numpy(bool)
        before = steps[-1].after
        reasons = dict.fromkeys(before, f"no row of {visit} in {table}")
        reasons |= _reasons_aside(sheet, at_visit)
        here = before & _present(sheet, at_visit)
        steps.append(Step(f"{table} at {visit}", steps[-1].name, before, here, reasons))
    return steps[1:]


def _present(sheet: Sheet, where: Any = True) -> set[str]:
    """Codes of the subjects with a kept row."""
    return set(present_texts(sheet.values["subject_id"].loc[sheet.is_kept & where]))


def _reasons_aside(sheet: Sheet, where: Any = True) -> dict[str, str]:
    """By subject, why its rows were set aside."""
    aside = np.flatnonzero(~sheet.is_kept & where)
    whose = sheet.values["subject_id"].iloc[aside].astype("str")
    return dict(zip(whose, map(str, sheet.reason[aside]), strict=True))


def _criteria_not_met(sheet: Sheet, characteristics: Sequence[Characteristic]) -> dict[str, str]:
    """By subject, the entry criteria that it does not meet."""
    labels: dict[str, list[str]] = {}
    for item in characteristics:
        if item.eligibility and sheet.has(item.name):
            no = (~sheet.values[item.name]).fillna(False).to_numpy(bool) & sheet.is_kept
            for subject in sheet.values["subject_id"].loc[no].astype("str"):
                labels.setdefault(subject, []).append(item.label)
    return {subject: f"not eligible ({', '.join(these)})" for subject, these in labels.items()}


def quarantine_table(sheets: Sheets, rows: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per raw row that was set aside or merged, by table, with the reason."""
    parts = []
    for file, record in sorted(rows.items()):
        if record.empty:
            continue
        tables = all_categories(record[["tables"]])["tables"]
        aside = record.loc[by_value(tables, lambda text: text == "")]
        parts.append(
            pd.DataFrame(
                {
                    "file": file,
                    "row": aside["source_row"].astype(int),
                    "table": "",
                    "reason": aside["reason"].astype("str"),
                }
            )
        )
    for table, sheet in sorted(sheets.items()):
        here = ~sheet.is_kept
        parts.append(
            pd.DataFrame(
                {
                    "file": sheet.source_file[here].astype("str"),
                    "row": sheet.source_row[here],
                    "table": table,
                    "reason": sheet.reason[here],
                }
            )
        )
        parts += _joined_aside(table, sheet, rows)
    stacked = pd.concat(parts, ignore_index=True)
    stacked = stacked.drop_duplicates(["file", "row", "table", "reason"])
    return conform(stacked.sort_values(["file", "row", "table"], kind="stable"), "quarantine")


def _joined_aside(table: str, sheet: Sheet, rows: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """The raw rows of a long table that went aside with the one that they were joined to."""
    parts = []
    for file in sheet.files:
        joined = joins(rows[file], table)
        if joined is None:
            continue
        here = sheet.rows_of(file)
        here = here[sheet.state[here] != STATES.index(KEPT)]
        reasons = dict(zip(sheet.source_row[here].tolist(), sheet.reason[here], strict=True))
        aside = joined.loc[joined["head"].isin(list(reasons)) & (joined["row"] != joined["head"])]
        parts.append(
            pd.DataFrame(
                {
                    "file": file,
                    "row": aside["row"],
                    "table": table,
                    "reason": aside["head"].map(reasons),
                }
            )
        )
        left_out = sorted(
            row
            for of_file, row in sheet.left_out
            if of_file == file and row not in set(aside["row"])
        )
        about = {"file": file, "row": left_out, "table": table, "reason": LEFT_OUT}
        parts.append(pd.DataFrame(about))
    return [part for part in parts if len(part)]
