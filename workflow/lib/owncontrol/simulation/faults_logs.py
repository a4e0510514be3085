"""Faults of the logs: cell processing, adverse events and the corrections themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from owncontrol.simulation.faults import (
    BY_RULE,
    CELLS,
    CORRECTIONS,
    EVENTS,
    FLAGGED,
    HEADER,
    REDCAP,
    WORKBOOK,
    Fault,
    Outcome,
    PlantFault,
    SiteFiles,
    cell_fault,
    corrected_fault,
)

FLAGGED_ERROR: Outcome = ("flag", "error")
REFUSED: Outcome = ("refuse correction", "error")


def another_patients_marrow(files: SiteFiles) -> Fault:
    """The marrow of one patient recorded for the infusion of another."""
    kind, column, lots = "another_patients_marrow", "marrow_patient", files.frames[CELLS]
    row = files.pick_row(CELLS, lots["lot"] != "", kind)
    patient = lots.at[row, "infusion_patient"]
    others = lots["infusion_patient"][lots["infusion_patient"] != patient]
    lots.at[row, column] = str(files.rng.choice(others.to_numpy(dtype=str)))
    note = f"infused to {patient}"
    return Fault(kind, CELLS, row, column, lots.at[row, column], *FLAGGED_ERROR, note)


def release_after_infusion(files: SiteFiles) -> Fault:
    """A release date after the infusion; the days in culture agree with it."""
    kind, column, lots = "release_after_infusion", "release_date", files.frames[CELLS]
    row = files.pick_row(CELLS, lots["lot"] != "", kind)
    release = np.datetime64(lots.at[row, "infusion_start"][:10], "D") + 2
    start = np.datetime64(lots.at[row, "culture_start"], "D")
    lots.at[row, column] = str(release)
    lots.at[row, "culture_days"] = str(int((release - start) / np.timedelta64(1, "D")))
    note = "two days after the infusion"
    return Fault(kind, CELLS, row, column, str(release), *FLAGGED_ERROR, note)


def blank_column(files: SiteFiles) -> Fault:
    """A last column without a name: each line ends in a delimiter."""
    lots = files.frames[CELLS].assign(**{"": ""})
    files.frames[CELLS] = lots
    column = f"(column {len(lots.columns)})"
    return Fault("blank_column", CELLS, HEADER, column, "", *BY_RULE, "lines end in a semicolon")


def windows_line_ends(files: SiteFiles) -> Fault:
    """Lines that end as Windows writes them."""
    files.forms[CELLS].line_end = "\r\n"
    return Fault("windows_line_ends", CELLS, None, "", "", *BY_RULE, "lines end in CR LF")


def byte_order_mark(files: SiteFiles) -> Fault:
    """A byte order mark before the header."""
    files.forms[EVENTS].byte_order_mark = True
    return Fault("byte_order_mark", EVENTS, None, "", "", *BY_RULE, "UTF-8 byte order mark")


def unknown_subject(files: SiteFiles) -> Fault:
    """An adverse event of a patient that no other file has."""
    kind, events = "unknown_subject", files.frames[EVENTS]
    row = files.pick_row(EVENTS, events["patient"] != "", kind)
    code = files.truth.cohort.code_of(files.truth.cohort.size + 18)
    events.at[row, "patient"] = code
    note = "no such patient in the study"
    return Fault(kind, EVENTS, row, "patient", code, "quarantine row", "error", note)


def event_before_consent(files: SiteFiles) -> Fault:
    """An adverse event that began before the patient consented."""
    kind, events, cohort = "event_before_consent", files.frames[EVENTS], files.truth.cohort
    row = files.pick_row(EVENTS, events["patient"] != "", kind)
    consent = cohort.consent[cohort.code == events.at[row, "patient"]][0]
    events.at[row, "onset_date"] = str(consent - 3)
    note = f"consent on {consent}"
    return Fault(kind, EVENTS, row, "onset_date", str(consent - 3), *FLAGGED, note)


def end_before_onset(files: SiteFiles) -> Fault:
    """An adverse event that ended before it began."""
    kind, events = "end_before_onset", files.frames[EVENTS]
    row, column = files.pick_cell(EVENTS, ["end_date"], bool, kind)
    events.at[row, column] = str(np.datetime64(events.at[row, "onset_date"], "D") - 2)
    note = "before its onset_date"
    return Fault(kind, EVENTS, row, column, events.at[row, column], *FLAGGED_ERROR, note)


def correction_other_value(files: SiteFiles) -> Fault:
    """A correction that expects another value than the file has."""
    kind, note = "correction_other_value", "the cell holds 1"
    row, column = files.pick_cell(REDCAP, ["scim_feeding"], lambda value: value == "1", kind)
    key = files.row_key(REDCAP, row)
    label = files.correct((REDCAP, key, column, "3", "2", "wrong value quoted"))
    return Fault(kind, CORRECTIONS, label, "from", "3", *REFUSED, note)


def correction_without_row(files: SiteFiles) -> Fault:
    """A correction of an exam that the workbook does not have."""
    cohort = files.truth.cohort
    key = f"Patient={cohort.code_of(cohort.size + 27)};Visit=Day 28"
    label = files.correct((WORKBOOK, key, "R C5 motor", "4", "3", "no such patient"))
    note = "no row matches"
    return Fault("correction_without_row", CORRECTIONS, label, "row_key", key, *REFUSED, note)


def _cell(
    kind: str, file: str, column: str, write: Callable[[str], str], outcome: Outcome, note: str
) -> PlantFault:
    return cell_fault(kind, file, [column], bool, write, outcome, note)


LOG_FAULTS: tuple[PlantFault, ...] = (
    another_patients_marrow,
    release_after_infusion,
    _cell(
        "culture_days_contradict",
        CELLS,
        "culture_days",
        lambda value: str(int(value) + 9),
        FLAGGED,
        "more than from culture_start to release_date",
    ),
    corrected_fault(
        "dose_in_cells",
        CELLS,
        ["dose_1e8_cells"],
        bool,
        lambda value: str(round(float(value) * 1e8)),
        "cells instead of 10^8 cells",
    ),
    corrected_fault(
        "viability_fraction",
        CELLS,
        ["viability_percent"],
        bool,
        lambda value: f"{float(value) / 100:.3f}",
        "fraction instead of percent",
    ),
    _cell(
        "percent_sign",
        CELLS,
        "viability_percent",
        lambda value: f"{value} %",
        BY_RULE,
        "unit in the cell",
    ),
    _cell(
        "decimal_comma",
        CELLS,
        "dose_1e8_cells",
        lambda value: value.replace(".", ","),
        BY_RULE,
        "comma among points",
    ),
    _cell(
        "missing_code_in_number",
        CELLS,
        "infusion_minutes",
        lambda _: "-99",
        ("quarantine cell", "error"),
        "REDCap's code where none is declared",
    ),
    blank_column,
    windows_line_ends,
    byte_order_mark,
    unknown_subject,
    event_before_consent,
    end_before_onset,
    cell_fault(
        "grade_not_permitted",
        EVENTS,
        ["ctcae_grade"],
        lambda value: value == "2",
        lambda _: "6",
        ("quarantine cell", "error"),
        "CTCAE grades are 1 to 5",
    ),
    corrected_fault(
        "category_misspelt",
        EVENTS,
        ["relation"],
        lambda value: value == "unrelated",
        lambda _: "unrelatd",
        "not a category",
    ),
    correction_other_value,
    correction_without_row,
)
