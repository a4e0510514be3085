"""The other files that sites send: the assessors' workbook, cell processing, adverse events."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.simulation.cohort import GRADES
from owncontrol.simulation.redcap_files import canaries
from owncontrol.simulation.simulated_exams import (
    ARM,
    DERMATOMES,
    LEG,
    LEVELS,
    MUSCLES,
    NOT_TESTABLE,
    motor_levels,
    sensory_levels,
)
from owncontrol.simulation.treatment import EVENT_TERMS, OUTCOMES, RELATIONS
from owncontrol.simulation.truth import Truth

SIDES = ("R", "L")
MODALITIES = ("LT", "PP")
NOT_DETERMINABLE = "ND"
KEY_COLUMNS = ["Patient", "Visit", "Exam date", "Examiner"]
CELL_COLUMNS = [
    f"{side} {cell}"
    for side in SIDES
    for cell in (
        *(f"{muscle} motor" for muscle in MUSCLES),
        *(f"{dermatome} {modality}" for modality in MODALITIES for dermatome in DERMATOMES),
    )
]
TOTAL_COLUMNS = ["UER", "UEL", "LER", "LEL", "UEMS", "LEMS", "LT total", "PP total"]
LEVEL_COLUMNS = ["Sens level R", "Sens level L", "Motor level R", "Motor level L", "NLI"]
EXAM_COLUMNS = [
    *KEY_COLUMNS,
    *CELL_COLUMNS,
    *("VAC", "DAP", "R non-key", "L non-key"),
    *TOTAL_COLUMNS,
    *LEVEL_COLUMNS,
    *("Complete", "AIS", "Comments"),
]
#: Ordinary comments of examiners; some write in Japanese, which is no fault.
COMMENTS = (
    "",
    "",
    "",
    "cooperative",
    "tired towards the end",
    "清明、協力的",
    "second examiner present",
)

Objects = NDArray[np.object_]


def exams_frame(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """The workbook's sheet: one row per exam; numbers, dates and text as an assessor types them."""
    cohort, exams = truth.cohort, truth.exams
    subject, visit = np.nonzero(cohort.attended)
    motor, sensory = exams.motor[subject, visit], exams.sensory[subject, visit]
    columns: dict[str, Any] = {
        "Patient": cohort.code[subject].astype(object),
        "Visit": np.array([v.wording for v in cohort.schedule], dtype=object)[visit],
        "Exam date": cohort.visit_date[subject, visit].astype(object),
        "Examiner": np.array([f"EX{i}" for i in rng.integers(1, 5, len(subject))], dtype=object),
    }
    for side, letter in enumerate(SIDES):
        for muscle, name in enumerate(MUSCLES):
            columns[f"{letter} {name} motor"] = _written(motor[:, side, muscle])
        for modality, short in enumerate(MODALITIES):
            for dermatome, name in enumerate(DERMATOMES):
                columns[f"{letter} {name} {short}"] = _written(
                    sensory[:, modality, side, dermatome]
                )
        columns[f"{letter} non-key"] = exams.non_key[subject, visit, side].astype(object)
    answers = np.array(["No", "Yes"], dtype=object)
    columns["VAC"] = answers[exams.anal_contraction[subject, visit]]
    columns["DAP"] = answers[exams.anal_pressure[subject, visit]]
    columns |= recorded(motor, sensory)
    columns["Complete"] = np.where(cohort.grade[subject, visit] == 0, "C", "I").astype(object)
    columns["AIS"] = np.array(GRADES, dtype=object)[cohort.grade[subject, visit]]
    columns["Comments"] = _comments(motor, sensory, rng)
    return pd.DataFrame(columns, dtype=object)[EXAM_COLUMNS]


def recorded(motor: NDArray[np.int8], sensory: NDArray[np.int8]) -> dict[str, Objects]:
    """The examiner's totals and levels for exams (m, 2, 10) and (m, 2, 2, 28); ND with NT cells."""
    written: dict[str, Objects] = {}
    for side, letter in enumerate(SIDES):
        written[f"UE{letter}"] = _total(motor[:, side, ARM])
        written[f"LE{letter}"] = _total(motor[:, side, LEG])
    for name, part in (("UEMS", ARM), ("LEMS", LEG)):
        written[name] = _total(motor[:, :, part])
    for modality, short in enumerate(MODALITIES):
        written[f"{short} total"] = _total(sensory[:, modality])
    names = np.array(LEVELS, dtype=object)
    by_motor, by_sensation = motor_levels(motor, sensory), sensory_levels(sensory)
    for side, letter in enumerate(SIDES):
        written[f"Sens level {letter}"] = names[by_sensation[:, side]]
        written[f"Motor level {letter}"] = names[by_motor[:, side]]
    written["NLI"] = names[np.minimum(by_motor, by_sensation).min(axis=1)]
    return written


def _written(cells: NDArray[np.int8]) -> Objects:
    text: Objects = cells.astype(object)
    text[cells == NOT_TESTABLE] = "NT"
    return text


def _total(cells: NDArray[np.int8]) -> Objects:
    axes = tuple(range(1, cells.ndim))
    total: Objects = cells.sum(axis=axes, dtype=np.int64).astype(object)
    total[(cells == NOT_TESTABLE).any(axis=axes)] = NOT_DETERMINABLE
    return total


def _comments(
    motor: NDArray[np.int8], sensory: NDArray[np.int8], rng: np.random.Generator
) -> list[str]:
    count = len(motor)
    remarks = np.array(COMMENTS, dtype=object)[rng.integers(0, len(COMMENTS), count)]
    remarks[(sensory == NOT_TESTABLE).any(axis=(1, 2, 3))] = "NT: skin under a dressing"
    remarks[(motor == NOT_TESTABLE).any(axis=(1, 2))] = "NT: leg in plaster"
    marked = rng.random(count) < 0.1
    return [
        f"SYNTHETIC; {remark or 'no remark'}; {mark}" if here else remark
        for remark, here, mark in zip(remarks, marked, canaries(rng, count), strict=True)
    ]


def cell_processing_frame(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """The laboratory's log, one row per lot, in the order of marrow collection; all text."""
    cohort, treatment = truth.cohort, truth.treatment
    n = cohort.size
    start = cohort.infusion.astype("datetime64[m]") + treatment.start_minute
    marks = canaries(rng, n)
    frame = pd.DataFrame(
        {
            "marrow_patient": cohort.code,
            "infusion_patient": cohort.code,
            "marrow_date": cohort.marrow.astype(str),
            "marrow_volume_ml": treatment.volume_ml.astype(str),
            "culture_start": cohort.culture_start.astype(str),
            "culture_days": (cohort.release - cohort.culture_start).astype(np.int64).astype(str),
            "passages": treatment.passages.astype(str),
            "dose_1e8_cells": [f"{dose:.2f}" for dose in treatment.dose],
            "viability_percent": [f"{share:.1f}" for share in treatment.viability],
            "release": "passed",
            "release_date": cohort.release.astype(str),
            "infusion_start": np.char.replace(start.astype(str), "T", " "),
            "infusion_minutes": treatment.minutes.astype(str),
            "remark": [
                f"SYNTHETIC; bag intact, label checked; {mark}" if i % 4 == 0 else ""
                for i, mark in enumerate(marks)
            ],
        }
    )
    frame = frame.iloc[np.argsort(cohort.marrow, kind="stable")].reset_index(drop=True)
    frame.insert(0, "lot", [f"SYN-L-{i:03d}" for i in range(1, n + 1)])
    return frame.astype(object)


def adverse_events_frame(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """The line listing of adverse events, in the order of their onset; all text."""
    events = truth.events
    total = len(events.subject)
    ongoing = np.isnat(events.end)
    outcome = np.where(ongoing, 1 + rng.integers(0, 2, total), 0)
    terms = [EVENT_TERMS[term][0] for term in events.term]
    marks = canaries(rng, total)
    frame = pd.DataFrame(
        {
            "patient": truth.cohort.code[events.subject],
            "term": terms,
            "system_organ_class": [EVENT_TERMS[term][1] for term in events.term],
            "ctcae_grade": events.grade.astype(str),
            "serious": np.where(events.serious, "Y", "N"),
            "relation": np.array(RELATIONS)[events.relation],
            "onset_date": events.onset.astype(str),
            "end_date": np.where(ongoing, "", events.end.astype(str)),
            "outcome": np.array(OUTCOMES)[outcome],
            "narrative": [
                f"SYNTHETIC. {term}, seen on the ward; treated as usual, no change of dose. {mark}"
                for term, mark in zip(terms, marks, strict=True)
            ],
        }
    )
    frame = frame.iloc[np.argsort(events.onset, kind="stable")].reset_index(drop=True)
    width = max(3, len(str(total)))
    frame.insert(0, "ae_number", [f"AE-{i:0{width}d}" for i in range(1, total + 1)])
    return frame.astype(object)
