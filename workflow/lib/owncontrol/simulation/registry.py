"""A SYNTHETIC registry: any number of patients with eight visits each, in three plain files.

Patients are drawn as in the example study, some thousand at a time, so that memory does not grow
with the registry; every block has a seed of its own, so that several processes may draw them. One
row in fifty of each file has a fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

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
MOST_SITES = 300  # their files are open at the same time
TOTALS = ("UER", "UEL", "LER", "LEL", "UEMS", "LEMS", "LT total", "PP total")
#: Texts of an exam's cell: not testable, then the grades.
CELL_TEXTS = ("NT", "0", "1", "2", "3", "4", "5")
STREAMS = ("cohort", "exams", "scales", "treatment", "events", "faults")

README = """# SYNTHETIC registry

{subjects} SYNTHETIC patients with {visits} visits each, made by
`workflow/scripts/simulate_study.py --registry` with seed {seed}. No real person is in it.

| file | holds |
|---|---|
| {patients} | one row per patient: sex, age, dates, the infusion |
| {exams} | one row an ISNCSCI exam: 132 cells, and the scores as the examiner wrote them |
| {scim} | one row a SCIM-III form |
| {planted} | the {faults} faults that were planted, two rows in a hundred |
"""


class Part(NamedTuple):
    """Rows of one file: its ``columns``, the ``text`` of so many ``rows``, and their faults.

    ``faults``: rows are counted from 0.
    """

    file: str
    columns: tuple[str, ...]
    text: bytes
    rows: int
    faults: pd.DataFrame


def write_registry(
    folder: Path, subjects: int, seed: int, sites: int = 1, processes: int = 1
) -> int:
    """Write a registry into a folder (made if absent); returns how many faults it has.

    ``sites``: each has files of its own (``isncsci-01.csv``), with the same patients and rows as
    they have in one file. The same arguments give the same bytes, whatever the number of
    ``processes``. Raises ValueError for fewer than one patient, or sites without any.
    """
    if subjects < 1:
        raise ValueError(f"subjects: {subjects} is not allowed; a registry needs at least 1")
    most = min(subjects, MOST_SITES)
    if not 1 <= sites <= most:
        raise ValueError(f"sites: {sites} is not allowed; from 1 to {most} for {subjects} patients")
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [(first, subjects, seed, sites) for first in range(0, subjects, BLOCK)]
    if processes == 1:
        planted = _write_parts(folder, map(_block_parts, tasks))
    else:
        with ProcessPoolExecutor(processes) as pool:
            planted = _write_parts(folder, pool.map(_block_parts, tasks))
    faults = pd.concat(planted, ignore_index=True)
    write_table(faults.sort_values(["file", "row"], kind="stable"), folder / PLANTED)
    text = README.format(
        subjects=subjects,
        visits=len(VISITS),
        seed=seed,
        patients=_named(PATIENTS, "*" if sites > 1 else ""),
        exams=_named(EXAMS, "*" if sites > 1 else ""),
        scim=_named(SCIM, "*" if sites > 1 else ""),
        planted=PLANTED,
        faults=len(faults),
    )
    write_text(folder / "README.md", text)
    record_files(folder, "simulated again", "")
    return len(faults)


def _write_parts(folder: Path, blocks: Iterable[list[Part]]) -> list[pd.DataFrame]:
    """Write the parts below each other in their files; the faults, with the row in the file."""
    planted = []
    lines: dict[str, int] = {}
    with ExitStack() as whole:
        files: dict[str, IO[bytes]] = {}
        for part in chain.from_iterable(blocks):
            if part.file not in files:
                partial = whole.enter_context(whole_file(folder / part.file))
                files[part.file] = whole.enter_context(partial.open("wb"))
                files[part.file].write((",".join(part.columns) + "\n").encode())
                lines[part.file] = 1
            files[part.file].write(part.text)
            part.faults["row"] += lines[part.file] + 1
            planted.append(part.faults)
            lines[part.file] += part.rows
    return planted


def _block_parts(task: tuple[int, int, int, int]) -> list[Part]:
    """The parts of one block: first patient, patients of the registry, its seed, and its sites."""
    first, subjects, seed, sites = task
    truth, rng = _block(first, min(BLOCK, subjects - first), seed)
    site = (first + np.arange(truth.cohort.size)) * sites // subjects
    of_code = dict(zip(truth.cohort.code.tolist(), site.tolist(), strict=True))
    parts = []
    for name, rows in (
        (PATIENTS, plant_in_patients(_patients(truth), rng)),
        (EXAMS, plant_in_exams(_exams(truth), rng)),
        (SCIM, plant_in_scim(_scim(truth), rng)),
    ):
        frame = pd.DataFrame(rows.columns)
        where = rows.faults["patient"].map(of_code)
        ends = np.searchsorted(site[rows.subject], [np.unique(site), np.unique(site) + 1])
        for number, start, end in zip(np.unique(site).tolist(), *ends.tolist(), strict=True):
            file = _named(name, f"{number + 1:0{len(str(sites))}d}" if sites > 1 else "")
            faults = rows.faults.loc[where == number].copy()
            faults.insert(0, "file", file)
            faults["row"] -= start
            text = b"".join(csv_lines(frame.iloc[start:end]))
            parts.append(Part(file, tuple(frame.columns), text, end - start, faults))
    return parts


def _named(file: str, site: str) -> str:
    """The name of a file of a site; of a registry of one, that of the file."""
    return file.replace(".", f"-{site}.") if site else file


def _block(first: int, size: int, seed: int) -> tuple[Truth, np.random.Generator]:
    """The truth of the block that begins with a patient, and the numbers for its faults."""
    children = np.random.SeedSequence([seed, first]).spawn(len(STREAMS))
    rng = dict(zip(STREAMS, map(np.random.default_rng, children), strict=True))
    truth = draw_truth(size, rng, REGISTRY_SCHEDULE)
    codes = np.array([f"SYN-{number:06d}" for number in range(first + 1, first + size + 1)])
    return replace(truth, cohort=replace(truth.cohort, code=codes)), rng["faults"]


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
