"""Faults of the REDCap export."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from owncontrol.simulation.faults import (
    BY_RULE,
    FLAGGED,
    REDCAP,
    Fault,
    Outcome,
    PlantFault,
    SiteFiles,
    cell_fault,
    corrected_fault,
)
from owncontrol.simulation.redcap_files import FAMILY_NAMES, MISSING_CODES, canaries

NOT_PERMITTED: Outcome = ("quarantine cell", "error")
MONTHS_LATER = 211  # days


def eligibility_contradicts_age(files: SiteFiles) -> Fault:
    """The question on age answered no for a patient of permitted age."""
    kind = "eligibility_contradicts_age"
    row, column = files.pick_cell(REDCAP, ["elig_age"], _is("1"), kind)
    files.frames[REDCAP].at[row, column] = "0"
    note = f"age {files.frames[REDCAP].at[row, 'age']} lies between 20 and 70"
    return Fault(kind, REDCAP, row, column, "0", *FLAGGED, note)


def checkbox_contradicts(files: SiteFiles) -> Fault:
    """'None' ticked beside a comorbidity."""
    kind, column = "checkbox_contradicts", "comorbidity___5"
    frame = files.frames[REDCAP]
    others = (frame[[f"comorbidity___{code}" for code in range(1, 5)]] == "1").any(axis=1)
    row = files.pick_row(REDCAP, others, kind)
    frame.at[row, column] = "1"
    return Fault(kind, REDCAP, row, column, "1", *FLAGGED, "'None' beside another comorbidity")


def complete_but_blank(files: SiteFiles) -> Fault:
    """A form marked complete that has no value."""
    kind, column = "complete_but_blank", "wisci_ii_complete"
    frame = files.frames[REDCAP]
    both = (frame[column] == "2") & (frame["scim_iii_complete"] == "2")
    row = files.pick_row(REDCAP, both, kind)
    frame.loc[row, ["wisci_date", "wisci_level"]] = ""
    return Fault(kind, REDCAP, row, column, "2", *FLAGGED, "form marked complete, but blank")


def injury_after_registration(files: SiteFiles) -> Fault:
    """A date of injury after registration, put right by a correction."""
    kind, note = "injury_after_registration", "after the date of registration"
    row, column = files.pick_cell(REDCAP, ["injury_date"], _filled, kind)
    frame = files.frames[REDCAP]
    right = frame.at[row, column]
    wrong = str(np.datetime64(frame.at[row, "registration_date"], "D") + 16)
    frame.at[row, column] = wrong
    files.correct((REDCAP, files.row_key(REDCAP, row), column, wrong, right, note))
    return Fault(kind, REDCAP, row, column, wrong, "correct by corrections.csv", "error", note)


def duplicate_repeat_instance(files: SiteFiles) -> Fault:
    """A row of the repeating instrument twice."""
    kind, frame = "duplicate_repeat_instance", files.frames[REDCAP]
    row = files.pick_row(REDCAP, frame["redcap_repeat_instrument"] != "", kind)
    label = files.insert_after(REDCAP, row, frame.loc[row].to_dict())
    return Fault(kind, REDCAP, label, "", "", "merge", "warning", "repeats the row above")


def subject_not_in_workbook(files: SiteFiles) -> Fault:
    """A patient registered like the first, some months later, and neither examined nor treated."""
    frame, cohort = files.frames[REDCAP], files.truth.cohort
    first = frame[frame["redcap_event_name"] == "registration_arm_1"].iloc[0].to_dict()
    number = cohort.size + 1
    code = cohort.code_of(number)
    dates = ("date_of_birth", "injury_date", "consent_date", "registration_date")
    scales = [name for name in frame.columns if name.startswith(("scim_", "wisci_"))]
    values = {
        **first,
        **dict.fromkeys(scales, ""),
        **{name: str(np.datetime64(first[name], "D") + MONTHS_LATER) for name in dates},
        "record_id": code,
        "family_name": f"Synthetica-{FAMILY_NAMES[number % len(FAMILY_NAMES)]}",
        "hospital_number": f"SYN-{9_000_000 + number:07d}",
        "phone": f"000-5550-{100 + number:04d}",
        "scim_iii_complete": "0",
        "wisci_ii_complete": "0",
        "enrolment_notes": "SYNTHETIC patient. Withdrew before the first exam. "
        + canaries(files.rng, 1)[0],
    }
    label = files.insert_after(REDCAP, int(frame.index[-1]), values)
    note = "registered, but in no other file"
    return Fault("subject_not_in_workbook", REDCAP, label, "record_id", code, *FLAGGED, note)


def _cell(
    kind: str,
    column: str,
    suits: Callable[[str], bool],
    write: Callable[[str], str],
    outcome: Outcome,
    note: str,
) -> PlantFault:
    return cell_fault(kind, REDCAP, [column], suits, write, outcome, note)


def _is(expected: str) -> Callable[[str], bool]:
    return lambda value: value == expected


def _filled(value: str) -> bool:
    return value != "" and value not in MISSING_CODES


def _after_12th(value: str) -> bool:
    return _filled(value) and int(value[8:10]) > 12


def _day_first(value: str) -> str:
    return "/".join(reversed(value.split("-")))


def _reversible(value: str) -> bool:
    return len(value) == 2 and value.isdigit() and value[0] != value[1] and value[1] != "0"


REDCAP_FAULTS: tuple[PlantFault, ...] = (
    # First, because it must not put right what another fault did to a first row.
    subject_not_in_workbook,
    _cell(
        "scim_not_permitted",
        "scim_bladder",
        _is("6"),
        lambda _: "7",
        NOT_PERMITTED,
        "bladder takes 0, 3, 6, 9, 11, 13, 15",
    ),
    _cell(
        "recorded_total_transposed",
        "scim_total_recorded",
        _reversible,
        lambda value: value[::-1],
        FLAGGED,
        "digits of the recorded total exchanged",
    ),
    _cell(
        "datetime_for_date",
        "scim_date",
        _filled,
        lambda value: f"{value}T09:30:00",
        BY_RULE,
        "date and time where a date belongs",
    ),
    _cell("date_day_first", "wisci_date", _after_12th, _day_first, BY_RULE, "day first among ISO"),
    _cell(
        "unknown_missing_code",
        "wisci_level",
        _filled,
        lambda _: "?",
        NOT_PERMITTED,
        "not among the missing-data codes",
    ),
    _cell(
        "out_of_range",
        "rehab_minutes",
        _filled,
        lambda _: "90000",
        NOT_PERMITTED,
        "a week has 10080 minutes",
    ),
    eligibility_contradicts_age,
    checkbox_contradicts,
    complete_but_blank,
    injury_after_registration,
    corrected_fault(
        "code_not_in_choices", REDCAP, ["sex"], _filled, lambda _: "3", "sex takes 1 and 2"
    ),
    duplicate_repeat_instance,
)
