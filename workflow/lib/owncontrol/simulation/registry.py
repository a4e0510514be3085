"""A SYNTHETIC registry: any number of patients with eight visits each, in three plain files.

Patients are drawn as in the example study, some thousand at a time, so that memory does not grow
with the registry; every block has a seed of its own. One row in fifty of each file has a fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.files import whole_file, write_text
from owncontrol.simulation.cohort import GRADES, SCHEDULE, Cohort, Ints
from owncontrol.simulation.exports import MODALITIES, SIDES, recorded
from owncontrol.simulation.function_scales import SCIM_NAMES
from owncontrol.simulation.registry_faults import (
    Rows,
    plant_in_exams,
    plant_in_patients,
    plant_in_scim,
)
from owncontrol.simulation.simulated_exams import DERMATOMES, MUSCLES
from owncontrol.simulation.truth import Truth, draw_truth
from owncontrol.study.manifest import record_files
from owncontrol.tables import write_table
from owncontrol.tables.csv_bytes import csv_lines

PATIENTS, EXAMS, SCIM = "patients.csv", "isncsci.csv", "scim3.csv"
PLANTED = "planted_faults.csv"
VISITS = (
    "registration",
    "baseline",
    "day_28",
    "day_56",
    "day_90",
    "day_120",
    "day_150",
    "day_180",
)
REGISTRY_SCHEDULE = tuple(visit for visit in SCHEDULE if visit.name in VISITS)
BLOCK = 5000  # patients drawn at a time
TOTALS = ("UER", "UEL", "LER", "LEL", "UEMS", "LEMS", "LT total", "PP total")
#: Texts of an exam's cell: not testable, then the grades.
CELL_TEXTS = ("NT", "0", "1", "2", "3", "4", "5")
STREAMS = ("cohort", "exams", "scales", "treatment", "events", "faults")

README = """# SYNTHETIC registry

{subjects} SYNTHETIC patients with {visits} visits each, made by
`workflow/scripts/simulate_study.py --registry` with seed {seed}. No real person is in it.

| file | holds |
|---|---|
| {patients} | one row a patient: sex, age, dates, the infusion |
| {exams} | one row an ISNCSCI exam: 132 cells, and the scores as the examiner wrote them |
| {scim} | one row a SCIM-III form |
| {planted} | the {faults} faults that were planted, two rows in a hundred |
"""


def write_registry(folder: Path, subjects: int, seed: int) -> int:
    """Write a registry into a folder (made if absent); returns how many faults it has.

    The same arguments give the same bytes. Raises ValueError for fewer than one patient.
    """
    if subjects < 1:
        raise ValueError(f"subjects: {subjects} is not allowed; a registry needs at least 1")
    folder.mkdir(parents=True, exist_ok=True)
    planted: list[pd.DataFrame] = []
    lines = dict.fromkeys((PATIENTS, EXAMS, SCIM), 1)
    with (
        whole_file(folder / PATIENTS) as patients,
        whole_file(folder / EXAMS) as exams,
        whole_file(folder / SCIM) as scim,
        patients.open("wb") as patients_file,
        exams.open("wb") as exams_file,
        scim.open("wb") as scim_file,
    ):
        files = {PATIENTS: patients_file, EXAMS: exams_file, SCIM: scim_file}
        for first, truth, rng in _blocks(subjects, seed):
            for name, rows in (
                (PATIENTS, plant_in_patients(_patients(truth), rng)),
                (EXAMS, plant_in_exams(_exams(truth), rng)),
                (SCIM, plant_in_scim(_scim(truth), rng)),
            ):
                frame = pd.DataFrame(rows.columns)
                if first == 0:
                    files[name].write((",".join(frame.columns) + "\n").encode())
                files[name].writelines(csv_lines(frame))
                rows.faults.insert(0, "file", name)
                rows.faults["row"] += lines[name] + 1
                planted.append(rows.faults)
                lines[name] += len(frame)
    faults = pd.concat(planted, ignore_index=True)
    write_table(faults.sort_values(["file", "row"], kind="stable"), folder / PLANTED)
    text = README.format(
        subjects=subjects,
        visits=len(VISITS),
        seed=seed,
        patients=PATIENTS,
        exams=EXAMS,
        scim=SCIM,
        planted=PLANTED,
        faults=len(faults),
    )
    write_text(folder / "README.md", text)
    record_files(folder, "simulated again", "")
    return len(faults)


def _blocks(subjects: int, seed: int) -> Iterator[tuple[int, Truth, np.random.Generator]]:
    """Place of the first patient of each block, the truth of the block, numbers for its faults."""
    for first in range(0, subjects, BLOCK):
        size = min(BLOCK, subjects - first)
        children = np.random.SeedSequence([seed, first]).spawn(len(STREAMS))
        rng = dict(zip(STREAMS, map(np.random.default_rng, children), strict=True))
        truth = draw_truth(size, rng, REGISTRY_SCHEDULE)
        numbers = range(first + 1, first + size + 1)
        codes = np.array([f"SYN-{number:06d}" for number in numbers])
        yield first, replace(truth, cohort=replace(truth.cohort, code=codes)), rng["faults"]


def _coded(places: NDArray[np.integer[Any]], texts: list[str]) -> Any:
    """A column of few different texts, as their places."""
    return pd.Categorical.from_codes(places.astype(np.int32), texts)


def _texts(values: Any) -> Any:
    """A column of any values as categories of text."""
    places, distinct = pd.factorize(np.asarray(values))
    return _coded(places, [str(value) for value in distinct])


def _patients(truth: Truth) -> Rows:
    cohort, treatment = truth.cohort, truth.treatment
    start = cohort.infusion.astype("datetime64[m]") + treatment.start_minute
    columns = {
        "patient": _texts(cohort.code),
        "sex": _texts(cohort.sex),
        "age": _texts(cohort.age),
        "injury": _texts(cohort.injury),
        "consent": _texts(cohort.consent),
        "registration": _texts(cohort.registration),
        "marrow": _texts(cohort.marrow),
        "culture_start": _texts(cohort.culture_start),
        "culture_days": _texts((cohort.release - cohort.culture_start).astype(np.int64)),
        "passages": _texts(treatment.passages),
        "dose_1e8_cells": _texts([f"{dose:.2f}" for dose in treatment.dose]),
        "viability_percent": _texts([f"{share:.1f}" for share in treatment.viability]),
        "release_test": _coded(np.zeros(cohort.size, np.int64), ["passed"]),
        "release": _texts(cohort.release),
        "infusion": _texts(np.char.replace(start.astype(str), "T", " ").astype(object)),
        "infusion_minutes": _texts(treatment.minutes),
        "remark": _coded(np.zeros(cohort.size, np.int64), ["SYNTHETIC"]),
    }
    return Rows(columns, np.arange(cohort.size))


def _keys(cohort: Cohort, subject: Ints, visit: Ints) -> dict[str, Any]:
    days, distinct = pd.factorize(cohort.visit_date[subject, visit])
    return {
        "patient": _coded(subject, cohort.code.tolist()),
        "visit": _coded(visit, [one.wording for one in cohort.schedule]),
        "date": _coded(days, [str(day) for day in distinct.astype("datetime64[D]")]),
    }


def _exams(truth: Truth) -> Rows:
    cohort, exams = truth.cohort, truth.exams
    subject, visit = np.nonzero(cohort.attended)
    columns = _keys(cohort, subject, visit)
    columns["examiner"] = _coded((subject * 7 + visit) % 40, [f"EX{i:02d}" for i in range(1, 41)])
    motor, sensory = exams.motor[subject, visit], exams.sensory[subject, visit]
    for side, letter in enumerate(SIDES):
        for muscle, name in enumerate(MUSCLES):
            columns[f"{letter} {name} motor"] = _cells(motor[:, side, muscle])
        for modality, short in enumerate(MODALITIES):
            for dermatome, name in enumerate(DERMATOMES):
                cells = sensory[:, modality, side, dermatome]
                columns[f"{letter} {name} {short}"] = _cells(cells)
        columns[f"{letter} non-key"] = _texts(exams.non_key[subject, visit, side].astype(object))
    answers = ["No", "Yes"]
    columns["VAC"] = _coded(exams.anal_contraction[subject, visit], answers)
    columns["DAP"] = _coded(exams.anal_pressure[subject, visit], answers)
    columns |= {name: _texts(values) for name, values in recorded(motor, sensory).items()}
    grade = cohort.grade[subject, visit]
    columns["Complete"] = _coded((grade > 0).astype(np.int64), ["C", "I"])
    columns["AIS"] = _coded(grade, list(GRADES))
    return Rows(columns, subject)


def _cells(cells: NDArray[np.int8]) -> Any:
    """Cells as texts: -1 is not testable, the others are their grade."""
    return _coded(cells.astype(np.int64) + 1, list(CELL_TEXTS))


def _scim(truth: Truth) -> Rows:
    cohort, scales = truth.cohort, truth.scales
    subject, visit = np.nonzero(cohort.attended & (scales.scim[:, :, 0] >= 0))
    columns = _keys(cohort, subject, visit)
    items, unknown = scales.scim[subject, visit], scales.scim_unknown[subject, visit]
    for place, name in enumerate(SCIM_NAMES):
        values = np.where(unknown[:, place], -1, items[:, place])
        texts = ["UNK", *(str(value) for value in range(17))]
        columns[name] = _coded(values + 1, texts)
    total = np.where(unknown.any(axis=1), -1, items.sum(axis=1))
    columns["scim_total"] = _coded(total + 1, ["", *(str(value) for value in range(101))])
    return Rows(columns, subject)
