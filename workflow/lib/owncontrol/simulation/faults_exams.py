"""Faults of whole exams: copied, swapped, doubled or impossible between their neighbours."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from owncontrol.simulation.cohort import Bools, Visit
from owncontrol.simulation.exports import CELL_COLUMNS, MODALITIES, SIDES, recorded
from owncontrol.simulation.faults import WORKBOOK, Fault, SiteFiles
from owncontrol.simulation.simulated_exams import DERMATOMES, MUSCLES

SENSORY = [column for column in CELL_COLUMNS if not column.endswith("motor")]
#: Arm muscles C5-T1 of the impossible exam: as strong as they get in this study.
STRONG_ARM = dict(zip(MUSCLES, (5, 5, 5, 4, 4), strict=False))
UNSCHEDULED_DAY = 42


def _between_free_neighbours(files: SiteFiles, suits: Bools) -> Bools:
    """Free rows that suit, between free rows (or protected visits) of the same patient."""
    exams = files.frames[WORKBOOK]
    unused = np.array([(WORKBOOK, label) not in files.used for label in exams.index])
    patient = exams["Patient"].to_numpy()
    good = files.free(WORKBOOK, suits)
    good[0] = good[-1] = False
    good[1:-1] &= unused[:-2] & unused[2:]
    good[1:-1] &= (patient[:-2] == patient[1:-1]) & (patient[2:] == patient[1:-1])
    return good


def _reserve_neighbours(files: SiteFiles, row: int) -> None:
    labels = files.frames[WORKBOOK].index
    place = labels.get_loc(row)
    for label in labels[max(place - 1, 0) : place + 2]:
        files.use(WORKBOOK, int(label))


def impossible_jump(files: SiteFiles) -> Fault:
    """Arms of AIS A or B strong for one visit between weak ones; totals and levels agree."""
    exams = files.frames[WORKBOOK]
    whole = ~exams[CELL_COLUMNS].isin(["NT"]).any(axis=1)
    good = _between_free_neighbours(files, np.asarray(exams["AIS"].isin(["A", "B"]) & whole))
    score = pd.to_numeric(exams["UEMS"], errors="coerce").where(good)
    if score.isna().all():
        raise ValueError(
            f"{WORKBOOK}: no exam of grade A or B for the fault 'impossible_jump'; "
            "allowed are studies with one (hint: more subjects, or --clean)"
        )
    row = int(score.idxmin())
    _reserve_neighbours(files, row)
    for side in SIDES:
        for muscle, grade in STRONG_ARM.items():
            exams.at[row, f"{side} {muscle} motor"] = grade
    before = exams.at[row, "UEMS"]
    _recount(exams, row)
    return Fault(
        "impossible_jump",
        WORKBOOK,
        row,
        "",
        "",
        "flag",
        "warning",
        f"UEMS {before} typed as {exams.at[row, 'UEMS']}; neighbouring visits are near the first",
    )


def sides_swapped(files: SiteFiles) -> Fault:
    """All cells of right and left exchanged; the examiner's totals and levels as on paper."""
    exams = files.frames[WORKBOOK]
    difference = pd.Series(0, index=exams.index)
    for right, left in (("UER", "UEL"), ("LER", "LEL")):
        difference += (_number(exams[right]) - _number(exams[left])).abs()
    difference = difference.where(
        _between_free_neighbours(files, np.asarray(exams["UER"] != exams["UEL"]))
    )
    if difference.isna().all():
        raise ValueError(
            f"{WORKBOOK}: no exam with unequal sides for the fault 'sides_swapped'; "
            "allowed are studies with one (hint: more subjects, or --clean)"
        )
    row = int(difference.idxmax())
    _reserve_neighbours(files, row)
    columns = [*CELL_COLUMNS, "R non-key", "L non-key"]
    mirrored = [("L" if name[0] == "R" else "R") + name[1:] for name in columns]
    exams.loc[row, columns] = exams.loc[row, mirrored].to_numpy()
    return Fault(
        "sides_swapped",
        WORKBOOK,
        row,
        "",
        "",
        "quarantine row",
        "error",
        "cells of right and left exchanged against totals and levels",
    )


def exam_copied_to_other_visit(files: SiteFiles) -> Fault:
    """A missed visit filled in with the cells of the visit before it."""
    cohort, exams = files.truth.cohort, files.frames[WORKBOOK]
    found = []
    for subject, visit in zip(*np.nonzero(~cohort.attended), strict=True):
        earlier = exams.index[_is(exams, cohort.code[subject], cohort.schedule[visit - 1])]
        if len(earlier) and files.free(WORKBOOK, exams.index == earlier[0]).any():
            found.append((int(earlier[0]), subject, visit))
    if not found:
        raise ValueError(
            f"{WORKBOOK}: no missed visit for the fault 'exam_copied_to_other_visit'; "
            "allowed are studies with one (hint: more subjects, or --clean)"
        )
    row, subject, visit = found[int(files.rng.integers(len(found)))]
    _reserve_neighbours(files, row)
    copy = exams.loc[row].to_dict()
    copy["Visit"] = cohort.schedule[visit].wording
    copy["Exam date"] = cohort.visit_date[subject, visit].astype(object)
    label = files.insert_after(WORKBOOK, row, copy)
    return Fault(
        "exam_copied_to_other_visit",
        WORKBOOK,
        label,
        "Visit",
        copy["Visit"],
        "quarantine row",
        "error",
        "all cells equal to those of the row above",
    )


def two_baselines(files: SiteFiles) -> Fault:
    """A second exam before the infusion, some days earlier; the later one is the baseline."""
    cohort, exams = files.truth.cohort, files.frames[WORKBOOK]
    subject = int(files.rng.integers(cohort.size))
    baseline = cohort.schedule[cohort.visit_index("baseline")]
    row = int(exams.index[_is(exams, cohort.code[subject], baseline)][0])
    before = int(exams.index[exams.index.get_loc(row) - 1])
    day = cohort.infusion[subject] + (baseline.earliest + 1)
    label = files.insert_after(WORKBOOK, before, _worse_exam(exams, row, day.astype(object)))
    return Fault(
        "two_baselines",
        WORKBOOK,
        label,
        "Visit",
        baseline.wording,
        "quarantine row",
        "warning",
        "the last exam before the infusion (row below) is the baseline",
    )


def unscheduled_visit(files: SiteFiles) -> Fault:
    """An exam between visits, under a name that the schedule does not have."""
    cohort, exams = files.truth.cohort, files.frames[WORKBOOK]
    row = files.pick_row(WORKBOOK, exams["Visit"] == "Day 28", "unscheduled_visit")
    subject = int(np.flatnonzero(cohort.code == exams.at[row, "Patient"])[0])
    day = (cohort.infusion[subject] + UNSCHEDULED_DAY).astype(object)
    values = _worse_exam(exams, row, day)
    values["Visit"] = f"Day {UNSCHEDULED_DAY}"
    label = files.insert_after(WORKBOOK, row, values)
    return Fault(
        "unscheduled_visit",
        WORKBOOK,
        label,
        "Visit",
        values["Visit"],
        "quarantine row",
        "error",
        "no visit of the schedule",
    )


def _is(exams: pd.DataFrame, code: str, visit: Visit) -> pd.Series:
    return (exams["Patient"] == code) & (exams["Visit"] == visit.wording)


def _worse_exam(exams: pd.DataFrame, row: int, day: datetime.date) -> dict[str, Any]:
    """An exam like another, on another day, with two impaired dermatomes scored 0 instead of 1."""
    copy = exams.loc[[row]].copy()
    impaired = [name for name in SENSORY if "S4-5" not in name and copy.at[row, name] == 1]
    for name in impaired[-2:]:
        copy.at[row, name] = 0
    copy.at[row, "Exam date"] = day
    _recount(copy, row)
    return {str(name): value for name, value in copy.loc[row].items()}


def _recount(exams: pd.DataFrame, row: int) -> None:
    """Write the totals and levels that follow from the cells of a row (in place)."""
    exam = exams.loc[row]
    motor = [[_code(exam[f"{s} {m} motor"]) for m in MUSCLES] for s in SIDES]
    sensory = [
        [[_code(exam[f"{s} {d} {k}"]) for d in DERMATOMES] for s in SIDES] for k in MODALITIES
    ]
    counted = recorded(np.array([motor], dtype=np.int8), np.array([sensory], dtype=np.int8))
    for name, value in counted.items():
        exams.at[row, name] = value[0]


def _code(value: Any) -> int:
    return -1 if value == "NT" else int(value)


def _number(totals: pd.Series) -> pd.Series:
    """Totals as numbers; one that was not determinable counts as 0."""
    return pd.to_numeric(totals.replace("ND", 0))


WHOLE_EXAM_FAULTS: tuple[Callable[[SiteFiles], Fault], ...] = (
    exam_copied_to_other_visit,
    impossible_jump,
    sides_swapped,
    two_baselines,
    unscheduled_visit,
)
