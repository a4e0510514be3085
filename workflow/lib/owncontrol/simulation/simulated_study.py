"""A SYNTHETIC study as a folder of raw exports, with or without planted faults."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from owncontrol.simulation.documents import codebook_frame, readme_text
from owncontrol.simulation.exports import (
    adverse_events_frame,
    cell_processing_frame,
    exams_frame,
)
from owncontrol.simulation.faults import (
    CELLS,
    CORRECTION_COLUMNS,
    CORRECTIONS,
    EVENTS,
    REDCAP,
    WORKBOOK,
    FileForm,
    SiteFiles,
    fault_table,
    late_visits,
)
from owncontrol.simulation.faults_exams import WHOLE_EXAM_FAULTS
from owncontrol.simulation.faults_logs import LOG_FAULTS
from owncontrol.simulation.faults_redcap import REDCAP_FAULTS
from owncontrol.simulation.faults_workbook import WORKBOOK_FAULTS
from owncontrol.simulation.redcap_files import dictionary_frame, redcap_frame
from owncontrol.simulation.truth import draw_truth, streams
from owncontrol.simulation.workbook_export import workbook_bytes
from owncontrol.study.manifest import write_manifest

DICTIONARY = "redcap_dictionary.csv"
PLANTED = "planted_faults.csv"
CODEBOOK = "codebook.csv"
#: Whole exams come first: they need undamaged neighbours.
ALL_FAULTS = (*WHOLE_EXAM_FAULTS, *WORKBOOK_FAULTS, *REDCAP_FAULTS, *LOG_FAULTS)


def write_study(folder: Path, subjects: int, seed: int, clean: bool) -> pd.DataFrame:
    """Write a study into a folder (made if absent); returns the table of its planted faults.

    The same arguments give the same bytes. With `clean` the same patients are written without
    faults: only visits that truly were out of their window remain in the table. Raises ValueError
    where the study is too small for a fault.
    """
    rng = streams(seed)
    truth = draw_truth(subjects, rng)
    files = SiteFiles(
        truth=truth,
        frames={
            REDCAP: redcap_frame(truth, rng["exports"]),
            WORKBOOK: exams_frame(truth, rng["exports"]),
            CELLS: cell_processing_frame(truth, rng["exports"]),
            EVENTS: adverse_events_frame(truth, rng["exports"]),
            CORRECTIONS: pd.DataFrame(columns=CORRECTION_COLUMNS, dtype=object),
        },
        forms={
            REDCAP: FileForm(),
            CELLS: FileForm(delimiter=";"),
            EVENTS: FileForm(),
            CORRECTIONS: FileForm(),
        },
        rng=rng["faults"],
    )
    faults = late_visits(files)
    if not clean:
        faults += [plant(files) for plant in ALL_FAULTS]
    planted = fault_table(files, faults)
    folder.mkdir(parents=True, exist_ok=True)
    for name, form in files.forms.items():
        _write_csv(folder / name, files.frames[name], form)
    (folder / WORKBOOK).write_bytes(workbook_bytes(files.frames[WORKBOOK]))
    _write_csv(folder / DICTIONARY, dictionary_frame(), FileForm())
    _write_csv(folder / CODEBOOK, codebook_frame(), FileForm())
    _write_csv(folder / PLANTED, planted, FileForm())
    readme = readme_text(planted, subjects, seed, clean)
    (folder / "README.md").write_bytes(readme.encode("utf-8"))
    write_manifest(folder)
    return planted


def _write_csv(path: Path, frame: pd.DataFrame, form: FileForm) -> None:
    text = frame.to_csv(index=False, sep=form.delimiter, lineterminator=form.line_end)
    path.write_bytes(text.encode("utf-8-sig" if form.byte_order_mark else "utf-8"))
