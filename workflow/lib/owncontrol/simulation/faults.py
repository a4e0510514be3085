"""What a planted fault is, and the files that faults are planted in.

A fault function takes the `SiteFiles`, damages them in one place and returns its record. Rows are
named by the labels of the frames' indexes until all faults are in, so that a row inserted by one
fault does not falsify the row number of another. No row carries two faults, and no fault touches
the exams that decide the endpoint.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from owncontrol.simulation.cohort import Bools
from owncontrol.simulation.truth import Truth

REDCAP = "redcap_export.csv"
WORKBOOK = "isncsci_exams.xlsx"
CELLS = "cell_processing.csv"
EVENTS = "adverse_events.csv"
CORRECTIONS = "corrections.csv"
#: What names a row in the corrections; redcap_export.csv has one row of these except at baseline.
KEY_COLUMNS = {
    REDCAP: ("record_id", "redcap_event_name"),
    WORKBOOK: ("Patient", "Visit"),
    CELLS: ("lot",),
    EVENTS: ("patient", "term", "onset_date"),
}
CORRECTION_COLUMNS = ["file", "row_key", "column", "from", "to", "why", "who", "when"]
FAULT_COLUMNS = [
    *("fault_id", "file", "row", "column", "value", "kind", "expected_action", "severity", "note"),
]
#: Visits whose exams decide the endpoints (names in the workbook and in REDCap).
PROTECTED_VISITS = (
    *("Pre-infusion", "Day 180", "Day 220 post injury"),
    *("baseline_arm_1", "day_180_arm_1", "injury_day_220_arm_1"),
)

Action = Literal[
    "quarantine row",
    "quarantine cell",
    "merge",
    "correct by rule",
    "correct by corrections.csv",
    "flag",
    "refuse correction",
]
Severity = Literal["error", "warning", "note"]
Outcome = tuple[Action, Severity]
BY_RULE: Outcome = ("correct by rule", "note")
FLAGGED: Outcome = ("flag", "warning")


@dataclass(frozen=True)
class Fault:
    """One planted fault. `row`: an index label, HEADER, or None for the whole file."""

    kind: str
    file: str
    row: int | None
    column: str
    value: str
    action: Action
    severity: Severity
    note: str


HEADER = -1


@dataclass
class FileForm:
    """How a text file is written."""

    delimiter: str = ","
    line_end: str = "\n"
    byte_order_mark: bool = False


@dataclass
class SiteFiles:
    """The files of a study on their way out, with the random numbers for choosing places."""

    truth: Truth
    frames: dict[str, pd.DataFrame]
    forms: dict[str, FileForm]
    rng: np.random.Generator
    used: set[tuple[str, int]] = field(default_factory=set)

    def free(self, file: str, suits: Bools | pd.Series) -> Bools:
        """Rows of a file that suit and have neither a fault nor a protected visit."""
        frame = self.frames[file]
        rows = np.asarray(suits, dtype=bool).copy()
        rows &= ~np.array([(file, label) in self.used for label in frame.index])
        for column in ("Visit", "redcap_event_name"):
            if column in frame and not frame.empty:
                repeating = frame.get("redcap_repeat_instrument", "") != ""
                rows &= np.asarray(~frame[column].isin(PROTECTED_VISITS) | repeating)
        return rows

    def pick_row(self, file: str, suits: Bools | pd.Series, what: str) -> int:
        """Choose a free row that suits; ValueError with `what` was sought if there is none."""
        labels = self.frames[file].index[self.free(file, suits)]
        if labels.empty:
            raise ValueError(
                f"{file}: no row is left for the fault '{what}'; allowed are studies large enough "
                "for every fault (hint: more subjects, another seed, or --clean)"
            )
        return self.use(file, int(self.rng.choice(labels)))

    def pick_cell(
        self, file: str, columns: list[str], suits: Callable[[Any], bool], what: str
    ) -> tuple[int, str]:
        """Choose a free row that has a suiting cell among the columns, and one such column."""
        frame = self.frames[file]
        free = frame.index[self.free(file, np.ones(len(frame), dtype=bool))]
        fits = frame.loc[free, columns].map(suits)
        row = self.pick_row(file, frame.index.isin(free[fits.any(axis=1)]), what)
        fitting = [column for column in columns if fits.at[row, column]]
        return row, str(self.rng.choice(fitting))

    def use(self, file: str, row: int) -> int:
        """Keep a row from other faults."""
        self.used.add((file, row))
        return row

    def insert_after(self, file: str, row: int, values: dict[str, Any]) -> int:
        """Insert a row below another (its own label in return)."""
        frame = self.frames[file]
        label = int(frame.index.max()) + 1
        new = pd.DataFrame([values], index=[label], columns=frame.columns, dtype=object)
        place = frame.index.get_loc(row) + 1
        self.frames[file] = pd.concat([frame.iloc[:place], new, frame.iloc[place:]])
        return self.use(file, label)

    def correct(self, correction: tuple[str, str, str, str, str, str]) -> int:
        """Add file, row key, column, from, to and why to the corrections; returns its label."""
        label = len(self.frames[CORRECTIONS])
        *place, why = correction
        decision = (f"SYNTHETIC: {why}", "data manager", "2022-02-07")
        self.frames[CORRECTIONS].loc[label] = [*place, *decision]
        return label

    def row_key(self, file: str, row: int) -> str:
        """Columns and values, as they are in the file, that name a row in the corrections."""
        return ";".join(
            f"{column}={as_written(self.frames[file].at[row, column])}"
            for column in KEY_COLUMNS[file]
        )


def cell_fault(
    kind: str,
    file: str,
    columns: list[str],
    suits: Callable[[Any], bool],
    write: Callable[[Any], Any],
    outcome: Outcome,
    note: str,
) -> PlantFault:
    """A fault in one cell: a value that suits is written another way."""

    def plant(files: SiteFiles) -> Fault:
        row, column = files.pick_cell(file, columns, suits, kind)
        value = write(files.frames[file].at[row, column])
        files.frames[file].at[row, column] = value
        return Fault(kind, file, row, column, as_written(value), *outcome, note)

    return plant


def corrected_fault(
    kind: str,
    file: str,
    columns: list[str],
    suits: Callable[[Any], bool],
    write: Callable[[Any], Any],
    note: str,
) -> PlantFault:
    """Like `cell_fault`, with an entry in the corrections that restores what stood there."""

    def plant(files: SiteFiles) -> Fault:
        row, column = files.pick_cell(file, columns, suits, kind)
        right = files.frames[file].at[row, column]
        wrong = write(right)
        files.frames[file].at[row, column] = wrong
        found = as_written(wrong)
        files.correct((file, files.row_key(file, row), column, found, as_written(right), note))
        return Fault(kind, file, row, column, found, "correct by corrections.csv", "error", note)

    return plant


PlantFault = Callable[[SiteFiles], Fault]


def as_written(value: Any) -> str:
    """A cell's value as text: dates as ISO 8601."""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def late_visits(files: SiteFiles) -> list[Fault]:
    """Records of the visits that truly were after their window; they are in a clean study too."""
    cohort, exams = files.truth.cohort, files.frames[WORKBOOK]
    subject, visit = np.nonzero(cohort.late)
    found = []
    for code, position in zip(cohort.code[subject], visit, strict=True):
        wording = cohort.schedule[position].wording
        row = int(exams.index[(exams["Patient"] == code) & (exams["Visit"] == wording)][0])
        files.use(WORKBOOK, row)
        found.append(
            Fault(
                "visit_out_of_window",
                WORKBOOK,
                row,
                "Exam date",
                as_written(exams.at[row, "Exam date"]),
                "flag",
                "warning",
                f"after the window of {wording}; true, also in the clean twin",
            )
        )
    return found


def fault_table(files: SiteFiles, faults: list[Fault]) -> pd.DataFrame:
    """The faults with the row numbers that a person counts (header 1), by file and row."""
    places = {
        file: {label: number for number, label in enumerate(frame.index, start=2)}
        for file, frame in files.frames.items()
    }
    rows = []
    for fault in faults:
        number: int | str = ""
        if fault.row is not None:
            number = 1 if fault.row == HEADER else places[fault.file][fault.row]
        rows.append(
            (
                fault.file,
                number,
                fault.column,
                fault.value,
                fault.kind,
                fault.action,
                fault.severity,
                fault.note,
            )
        )
    rows.sort(key=lambda row: (row[0], row[1] or 0, row[2], row[4]))
    numbered = [(f"F{number:02d}", *row) for number, row in enumerate(rows, start=1)]
    return pd.DataFrame(numbered, columns=FAULT_COLUMNS, dtype=object)
