"""Faults of the assessors' workbook: cells, totals, codes and dates typed wrong."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pandas as pd

from owncontrol.simulation.exports import CELL_COLUMNS
from owncontrol.simulation.faults import (
    BY_RULE,
    HEADER,
    WORKBOOK,
    Fault,
    Outcome,
    PlantFault,
    SiteFiles,
    cell_fault,
    corrected_fault,
)

MOTOR = [column for column in CELL_COLUMNS if column.endswith("motor")]
SENSORY = [column for column in CELL_COLUMNS if not column.endswith("motor")]
MISTYPED_YEAR = 2102


def _transposed(value: int) -> int:
    return int(str(value)[::-1])


def _two_digits_apart(value: Any) -> bool:
    """Two different digits that, exchanged, give another possible total of the arms."""
    return isinstance(value, int) and value > 9 and value % 11 != 0 and 9 < _transposed(value) <= 50


def recorded_grade_contradicts(files: SiteFiles) -> Fault:
    """The examiner's AIS is the grade before; cells and totals say otherwise."""
    worse = {"B": "A", "C": "B", "D": "C"}
    exams = files.frames[WORKBOOK]
    row = files.pick_row(WORKBOOK, exams["AIS"].isin(list(worse)), "recorded_grade_contradicts")
    right = exams.at[row, "AIS"]
    exams.at[row, "AIS"] = worse[right]
    note = f"cells give {right}"
    return Fault(
        "recorded_grade_contradicts", WORKBOOK, row, "AIS", worse[right], "flag", "warning", note
    )


def duplicate_comment(files: SiteFiles) -> Fault:
    """The same exam twice, with different comments."""
    return _repeat(files, "duplicate_exam_other_comment", "typed again, see the file")


def duplicate_row(files: SiteFiles) -> Fault:
    """The same row twice."""
    return _repeat(files, "duplicate_row", None)


def _repeat(files: SiteFiles, kind: str, comment: str | None) -> Fault:
    row = files.pick_row(WORKBOOK, files.frames[WORKBOOK]["Patient"].notna(), kind)
    copy = files.frames[WORKBOOK].loc[row].to_dict()
    if comment is not None:
        copy["Comments"] = comment
    label = files.insert_after(WORKBOOK, row, copy)
    return Fault(kind, WORKBOOK, label, "", "", "merge", "warning", "repeats the row above")


def blank_row(files: SiteFiles) -> Fault:
    """A row without content in the middle."""
    exams = files.frames[WORKBOOK]
    middle = int(exams.index[len(exams) // 2])
    label = files.insert_after(WORKBOOK, middle, dict.fromkeys(exams.columns, ""))
    return Fault("blank_row", WORKBOOK, label, "", "", "quarantine row", "note", "no content")


def summary_row(files: SiteFiles) -> Fault:
    """A row of means below the exams."""
    exams = files.frames[WORKBOOK]
    values: dict[str, Any] = dict.fromkeys(exams.columns, "")
    values["Patient"] = "Mean"
    for column in ("UEMS", "LEMS", "LT total", "PP total"):
        values[column] = round(float(pd.to_numeric(exams[column], errors="coerce").mean()), 1)
    label = files.insert_after(WORKBOOK, int(exams.index[-1]), values)
    return Fault(
        "summary_row",
        WORKBOOK,
        label,
        "Patient",
        "Mean",
        "quarantine row",
        "note",
        "a summary, not an exam",
    )


def blank_column(files: SiteFiles) -> Fault:
    """A last column without name or content but a space."""
    exams = files.frames[WORKBOOK]
    exams = exams.reindex(columns=[*exams.columns, " "], fill_value="")
    files.frames[WORKBOOK] = exams
    return Fault(
        "blank_column",
        WORKBOOK,
        HEADER,
        f"(column {len(exams.columns)})",
        " ",
        "correct by rule",
        "note",
        "a column without name and content",
    )


NO_GRADE: Outcome = ("quarantine cell", "error")


def _cell(
    kind: str,
    columns: list[str],
    suits: Callable[[Any], bool],
    write: Callable[[Any], Any],
    outcome: Outcome,
    note: str,
) -> PlantFault:
    return cell_fault(kind, WORKBOOK, columns, suits, write, outcome, note)


def _not_testable(kind: str, spelling: Any) -> PlantFault:
    note = "another way to write NT"
    return _cell(kind, CELL_COLUMNS, _is("NT"), lambda _: spelling, BY_RULE, note)


def _patient(kind: str, write: Callable[[str], str]) -> PlantFault:
    return _cell(kind, ["Patient"], bool, write, BY_RULE, "the patient's code in another form")


def _is(expected: Any) -> Callable[[Any], bool]:
    return lambda value: bool(value == expected)


def _whole(value: Any) -> bool:
    return isinstance(value, int)


def _excel_day(date: datetime.date) -> int:
    return (date - datetime.date(1899, 12, 30)).days


def _year_before(date: datetime.date) -> datetime.date:
    return date.replace(year=date.year - 1)


WORKBOOK_FAULTS: tuple[PlantFault, ...] = (
    _not_testable("not_testable_lower_case", "nt"),
    _not_testable("not_testable_slash", "N/T"),
    _not_testable("not_testable_words", "not testable"),
    _not_testable("not_testable_9", 9),
    _cell("motor_grade_6", MOTOR, _is(5), lambda _: 6, NO_GRADE, "motor grades are 0 to 5"),
    _cell("motor_plus_grade", MOTOR, _is(4), lambda _: "4+", NO_GRADE, "there are no plus grades"),
    corrected_fault("sensory_3", WORKBOOK, SENSORY, _is(2), lambda _: 3, "2 in the paper record"),
    _cell("blank_cell", SENSORY, _is(1), lambda _: "", ("flag", "warning"), "no grade and no NT"),
    _cell("number_as_text", MOTOR, _whole, str, BY_RULE, "a text cell in Excel among numbers"),
    _cell(
        "full_width_digit", SENSORY, _is(2), lambda _: "２", BY_RULE, "Japanese full-width digit"
    ),
    _cell("anal_answer_letter", ["DAP"], _is("Yes"), lambda _: "Y", BY_RULE, "Y for Yes"),
    _cell(
        "excel_error_value",
        ["LT total"],
        _whole,
        lambda _: "#REF!",
        ("quarantine cell", "warning"),
        "a broken formula",
    ),
    _cell(
        "recorded_total_transposed",
        ["UEMS"],
        _two_digits_apart,
        _transposed,
        ("flag", "warning"),
        "digits of the examiner's total exchanged",
    ),
    recorded_grade_contradicts,
    _patient("patient_no_break_space", lambda code: code + "\u00a0"),
    _patient("patient_spaces", lambda code: f" {code} "),
    _patient("patient_lower_case", str.lower),
    corrected_fault(
        "patient_letter_for_digit",
        WORKBOOK,
        ["Patient"],
        bool,
        lambda code: code.replace("O", "0", 1),
        "the digit 0 typed for the letter O",
    ),
    _cell(
        "date_day_first",
        ["Exam date"],
        lambda date: date.day > 12,
        lambda date: date.strftime("%d/%m/%Y"),
        BY_RULE,
        "text, day first, among Excel dates",
    ),
    _cell(
        "excel_serial_date",
        ["Exam date"],
        bool,
        _excel_day,
        BY_RULE,
        "Excel's day number instead of a date",
    ),
    _cell(
        "visit_before_injury",
        ["Exam date"],
        lambda date: (date.month, date.day) != (2, 29),
        _year_before,
        ("quarantine row", "error"),
        "the year before, before the injury",
    ),
    corrected_fault(
        "date_in_future",
        WORKBOOK,
        ["Exam date"],
        lambda date: date.year == 2021,
        lambda date: date.replace(year=MISTYPED_YEAR),
        f"{MISTYPED_YEAR} typed for 2021",
    ),
    duplicate_row,
    duplicate_comment,
    blank_row,
    summary_row,
    blank_column,
)
