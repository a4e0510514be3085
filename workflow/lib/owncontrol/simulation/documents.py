"""The study's README and codebook."""

from __future__ import annotations

import pandas as pd

from owncontrol.simulation.cohort import PUBLISHED_COHORT, SCHEDULE
from owncontrol.simulation.exports import CELL_COLUMNS, LEVEL_COLUMNS, TOTAL_COLUMNS
from owncontrol.simulation.faults import CELLS, CORRECTIONS, EVENTS, REDCAP, WORKBOOK
from owncontrol.simulation.redcap_files import COMORBIDITIES, FIELDS, MISSING_CODES
from owncontrol.simulation.treatment import OUTCOMES, RELATIONS

CODEBOOK_COLUMNS = ["file", "column", "meaning", "unit", "permitted_values"]
DAY = "YYYY-MM-DD"
GRADE_MEANING = "ASIA impairment scale, examiner's"

Entry = tuple[str, str, str, str]


def codebook_frame() -> pd.DataFrame:
    """Every column of every file: meaning, unit, permitted values."""
    entries = [(REDCAP, *entry) for entry in _redcap_entries()]
    entries += [(WORKBOOK, *entry) for entry in _workbook_entries()]
    entries += [(CELLS, *entry) for entry in _cell_processing_entries()]
    entries += [(EVENTS, *entry) for entry in _event_entries()]
    entries += [(CORRECTIONS, *entry) for entry in _correction_entries()]
    return pd.DataFrame(entries, columns=CODEBOOK_COLUMNS, dtype=object)


def _redcap_entries() -> list[Entry]:
    codes = f"; missing: {', '.join(MISSING_CODES)}"
    entries = [
        ("redcap_event_name", "event", "", " | ".join(f"{v.name}_arm_1" for v in SCHEDULE)),
        (
            "redcap_repeat_instrument",
            "repeating instrument, if the row is one",
            "",
            "rehabilitation or empty",
        ),
        ("redcap_repeat_instance", "number of the repeat", "", "1, 2, … or empty"),
    ]
    for field in FIELDS:
        permitted = field.choices or (f"{field.low}-{field.high}" if field.low else "text")
        permitted = DAY if field.check == "date_ymd" else permitted
        if field.kind == "checkbox":
            entries += [
                (
                    f"{field.name}___{code}",
                    f"{field.label}: {label}",
                    "",
                    "0, unchecked | 1, checked",
                )
                for code, label in enumerate(COMORBIDITIES, start=1)
            ]
            continue
        unit = field.note if field.note in ("years", "minutes") else ""
        may_miss = not field.required and field.name != "record_id"
        entries.append((field.name, field.label, unit, permitted + (codes if may_miss else "")))
    forms = dict.fromkeys(field.form for field in FIELDS)
    entries += [
        (
            f"{form}_complete",
            f"state of form {form}",
            "",
            "0, Incomplete | 1, Unverified | 2, Complete",
        )
        for form in forms
    ]
    return entries


def _workbook_entries() -> list[Entry]:
    grades = {"motor": "0-5 | NT", "LT": "0-2 | NT", "PP": "0-2 | NT"}
    meanings = {"motor": "key muscle", "LT": "light touch", "PP": "pin prick"}
    entries: list[Entry] = [
        ("Patient", "study code", "", "OC- and a number"),
        ("Visit", "visit, as sites call it", "", " | ".join(v.wording for v in SCHEDULE)),
        ("Exam date", "date of the exam", "", "Excel date"),
        ("Examiner", "examiner's role code", "", "EX1-EX4"),
    ]
    for column in CELL_COLUMNS:
        side, level, kind = column.split(" ")
        entries.append(
            (
                column,
                f"{'right' if side == 'R' else 'left'} {level} {meanings[kind]}",
                "",
                grades[kind],
            )
        )
    entries += [
        ("VAC", "voluntary anal contraction", "", "Yes | No | NT"),
        ("DAP", "deep anal pressure", "", "Yes | No | NT"),
        ("R non-key", "lowest right non-key muscle with function", "", "level or empty"),
        ("L non-key", "lowest left non-key muscle with function", "", "level or empty"),
    ]
    most = {
        "UER": 25,
        "UEL": 25,
        "LER": 25,
        "LEL": 25,
        "UEMS": 50,
        "LEMS": 50,
        "LT total": 112,
        "PP total": 112,
    }
    entries += [
        (name, f"{name}, examiner's sum", "points", f"0-{most[name]} | ND")
        for name in TOTAL_COLUMNS
    ]
    entries += [
        (name, f"{name}, examiner's", "", "C1-C8, T1-T12, L1-L5, S1-S3, INT")
        for name in LEVEL_COLUMNS
    ]
    entries += [
        ("Complete", "complete or incomplete injury, examiner's", "", "C | I"),
        ("AIS", GRADE_MEANING, "", "A | B | C | D | E"),
        ("Comments", "examiner's remarks", "", "free text"),
    ]
    return entries


def _cell_processing_entries() -> list[Entry]:
    return [
        ("lot", "lot of the product", "", "SYN-L- and a number"),
        ("marrow_patient", "patient whose marrow it was", "", "study code"),
        ("infusion_patient", "patient who received the cells", "", "study code"),
        ("marrow_date", "day of marrow collection", "", DAY),
        ("marrow_volume_ml", "marrow collected", "ml", "number"),
        ("culture_start", "first day of culture", "", DAY),
        ("culture_days", "days from culture_start to release_date", "days", "whole number"),
        ("passages", "passages in culture", "", "whole number"),
        ("dose_1e8_cells", "cells given", "10^8 cells", "0.50-2.00"),
        ("viability_percent", "living cells at release", "percent", "70-100"),
        ("release", "release decision", "", "passed | failed"),
        ("release_date", "day of release", "", DAY),
        ("infusion_start", "start of infusion", "", f"{DAY} HH:MM"),
        ("infusion_minutes", "length of infusion", "minutes", "whole number"),
        ("remark", "laboratory's remark", "", "free text"),
    ]


def _event_entries() -> list[Entry]:
    return [
        ("ae_number", "number of the event", "", "AE- and a number"),
        ("patient", "study code", "", "OC- and a number"),
        ("term", "event", "", "text"),
        ("system_organ_class", "system organ class", "", "text"),
        ("ctcae_grade", "CTCAE grade", "", "1-5"),
        ("serious", "serious by regulation", "", "Y | N"),
        ("relation", "relation to the cells", "", " | ".join(RELATIONS)),
        ("onset_date", "first day", "", DAY),
        ("end_date", "last day; empty while ongoing", "", DAY),
        ("outcome", "outcome", "", " | ".join(OUTCOMES)),
        ("narrative", "account", "", "free text"),
    ]


def _correction_entries() -> list[Entry]:
    return [
        ("file", "file to correct", "", "file name"),
        ("row_key", "columns and values that name one row", "", "column=value;column=value"),
        ("column", "column to correct", "", "column name"),
        ("from", "value that must be there, as written", "", "text"),
        ("to", "right value", "", "text"),
        ("why", "reason", "", "text"),
        ("who", "role of the person who decided", "", "role"),
        ("when", "day of the decision", "", DAY),
    ]


def readme_text(planted: pd.DataFrame, subjects: int, seed: int, clean: bool) -> str:
    """README of the study's folder."""
    return _about(subjects, seed, clean) + _visits() + _faults(planted)


def _about(subjects: int, seed: int, clean: bool) -> str:
    twin = " --clean" if clean else ""
    transitions = ", ".join(f"{a}→{b} {count}" for a, b, count in PUBLISHED_COHORT)
    return f"""# SYNTHETIC study ({subjects} patients{", clean twin" if clean else ""})

**SYNTHETIC. No real patient stands behind any line of these files**: names, birth dates, numbers,
exams and events are drawn by
`python workflow/scripts/simulate_study.py FOLDER --subjects {subjects} --seed {seed}{twin}`,
and the same command gives the same bytes.

The course follows a published trial (Honmou et al. 2021, Clin Neurol Neurosurg 203:106565):
cervical injury, onset within 14 days at registration, age 20 to 70, AIS A, B or C, infusion of the
patient's own mesenchymal stem cells (0.5 to 2.0 x 10^8) up to 54 days after injury. For 13 patients
the AIS grades before and six months after infusion are those of its abstract ({transitions});
all other values are invented.

## Who exported what and when
| file | from | exported |
|---|---|---|
| redcap_export.csv, redcap_dictionary.csv | trial office: REDCap, raw, all events | 2022-01-31 |
| isncsci_exams.xlsx | assessors' workbook | 2022-01-31 |
| cell_processing.csv | cell processing centre, semicolons | 2022-01-31 |
| adverse_events.csv | safety office, line listing | 2022-01-31 |
| corrections.csv | data manager | 2022-02-07 |

`codebook.csv` explains every column, `MANIFEST` has the sha256 of every file. Missing-data codes in
REDCap: {", ".join(MISSING_CODES)}. Free texts carry marks (`CANARY-` and eight hexadecimal digits)
and REDCap has invented identifiers (family_name, date_of_birth, hospital_number, phone): none of
these may be found in any result.

"""


def _visits() -> str:
    visits = "\n".join(
        f"| {v.name} | {v.wording} | {v.anchor} | {v.day} | {v.earliest} to {v.latest} |"
        for v in SCHEDULE
    )
    return f"""## Visits
Some visits were missed, some took place after their window.

| visit | in the workbook | days from | day | window |
|---|---|---|---|---|
{visits}

"""


def _faults(planted: pd.DataFrame) -> str:
    columns = ["fault_id", "file", "row", "column", "value", "kind", "expected_action", "severity"]
    lines = [
        "| " + " | ".join(str(value).replace("|", "\\|") or " " for value in row) + " |"
        for row in planted[columns].itertuples(index=False, name=None)
    ]
    table = "\n".join(lines)
    return f"""## Planted faults
`planted_faults.csv` has one line per fault and where it must be found: the row as a person
counts it in that file (the header is row 1; an empty row means the whole file, an empty column the
whole row), the value as written, and what a correct pipeline does with it. The exams before
infusion, at day 180 and at day 220 after injury carry no fault, so the endpoint of every patient
can be recovered. Visits out of window are true and are in a clean study, too.

| id | file | row | column | value | kind | expected | severity |
|---|---|---|---|---|---|---|---|
{table}
"""
