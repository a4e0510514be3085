"""A small study run in process into a results folder, for tests that trace numbers to raw cells."""

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from owncontrol.cleaning.clean import Cleaned
from owncontrol.estimates.declared_statistics import DataQuality, Patients
from owncontrol.estimates.selections import SubjectPlaces, name_scores
from owncontrol.estimates.statistic import Statistic
from owncontrol.estimates.strata import RawFile, TableInFile
from owncontrol.estimates.stratum import WHOLE, Stratum
from owncontrol.ingest.export import Ingested
from owncontrol.instruments import load_instrument
from owncontrol.lineage.chain import Chain
from owncontrol.lineage.raw_cells import Cell
from owncontrol.lineage.results import Results
from owncontrol.scoring.score_table import score_assessments
from owncontrol.study.loading import load_study
from owncontrol.study.model import Study
from owncontrol.tables import fields, write_table
from read_study import clean_ingested, ingest_files, write_corrections

INSTRUMENTS = Path(__file__).parents[2] / "workflow" / "instruments"
CASES = Path(__file__).parents[1] / "cases"
SUBJECTS = "id,sex,age,injury,treat\n" + "".join(
    f"P-0{number},male,40,2023-03-01,2023-05-02\n" for number in (1, 2, 3)
)
PEOPLE: dict[str, Any] = {
    "file": "subj.csv",
    "tables": {
        "subjects": {
            "columns": {"subject_id": "id", "sex": "sex", "age": "age", "injury_date": "injury"}
        },
        "treatments": {"columns": {"subject_id": "id", "treatment_start": "treat"}},
    },
}


def run_long(
    folder: Path,
    exports: dict[str, Any],
    corrections: list[tuple[str, ...]] | None = None,
    **changes: Any,
) -> tuple[Cleaned, Results]:
    """Run case 20's study with these exports; the raw files lie in ``folder``.

    The results have an estimate ``all`` of every score, and ``rows.FILE`` of every kept raw row.
    """
    given = yaml.safe_load((CASES / "20-long-table" / "minlong.yaml").read_text("utf-8"))
    if corrections is not None:
        changes["corrections"] = "corrections.csv"
        write_corrections(folder, corrections)
    study = load_study(given | {"exports": exports} | changes)
    names = {table for export in exports.values() for table in export["tables"]}
    instruments = {
        path.stem: load_instrument(path)
        for path in sorted(INSTRUMENTS.glob("*.yaml"))
        if path.stem in names
    }
    read = ingest_files(folder, study, instruments)
    cleaned = clean_ingested(folder, study, instruments, read)
    out = folder / "results"
    _write_tables(out, read, cleaned)
    scores = pd.concat(
        [score_assessments(instruments[name], cleaned.tables[name]) for name in instruments],
        ignore_index=True,
    )
    _write(scores, out / "scored" / "scores.csv")
    places = SubjectPlaces(sorted(cleaned.tables["subjects"]["subject_id"]))
    made = {"all": (Patients.REGISTERED, WHOLE, name_scores(scores, places))}
    made |= _counts(study, read, list(instruments))
    estimates = pd.DataFrame(
        [
            dict.fromkeys(fields("estimates"), "")
            | {
                "estimate_id": key,
                "analysis": "data_quality" if isinstance(statistic, DataQuality) else "patients",
                "statistic": statistic.value,
                "stratum": str(stratum),
                "inputs": text,
            }
            for key, (statistic, stratum, text) in made.items()
        ]
    )
    _write(estimates, out / "statistics" / "estimates.csv")
    (out / "provenance").mkdir(exist_ok=True)
    text = yaml.safe_dump(study.plain(), allow_unicode=True, sort_keys=False)
    (out / "provenance" / "configuration.yaml").write_text(text, "utf-8")
    return cleaned, Results(out)


def _counts(
    study: Study, read: dict[str, Ingested], instruments: list[str]
) -> dict[str, tuple[Statistic, Stratum, str]]:
    """By name, the counts of raw rows and cells: statistic, stratum and inputs."""
    made: dict[str, tuple[Statistic, Stratum, str]] = {}
    for file in study.file_names.values():
        rows_of_file = f"flow[file={file}; table=(file)]"
        made[f"rows.{file}"] = (DataQuality.KEPT, RawFile(file), rows_of_file)
        made[f"in.{file}"] = (DataQuality.ROWS_IN, RawFile(file), rows_of_file)
    for table in instruments:
        for name, file in study.file_names.items():
            if table in read[name].tables:
                cells = f"flow_cells[file={file}; table={table}]"
                made[f"cells.{table}"] = (DataQuality.CELLS_IN, TableInFile(table, file), cells)
    return made


def _write_tables(out: Path, read: dict[str, Ingested], cleaned: Cleaned) -> None:
    """Write what ingest and cleaning leave in the results folder ``out``."""
    for name, part in read.items():
        for table, frame in {**part.tables, "rows": part.rows, "columns": part.columns}.items():
            _write(frame, out / "ingested" / name / f"{table}.csv")
    for table, finish in cleaned.finished.items():
        _write(finish(), out / "cleaned" / f"{table}.csv")
    _write(cleaned.findings, out / "cleaned" / "findings.csv")
    _write(cleaned.quarantine, out / "cleaned" / "quarantine.csv")


def _write(frame: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_table(frame, path)


def traced(results: Results, estimate_id: str = "all") -> list[Cell]:
    """The raw cells of an estimate."""
    return Chain(results, [estimate_id]).cells(estimate_id)


def check_cells(results: Results, folder: Path, texts: dict[str, list[list[str]]] | None = None):
    """Every traced cell of every estimate holds what the raw file has at its row and column.

    ``texts``: by file, header and rows, of files that are not CSV. Returns the raw rows (file, row)
    that the estimate ``all`` reaches.
    """
    known = dict(texts or {})
    chain = Chain(results, results.estimates)
    for name in chain.named:
        for cell in chain.cells(name):
            if cell.file not in known:
                with (folder / cell.file).open(encoding="utf-8", newline="") as file:
                    known[cell.file] = list(csv.reader(file))
            lines = known[cell.file]
            written = lines[int(cell.row) - 1][lines[0].index(cell.column)]
            assert written == cell.written, (name, cell)
    return {(cell.file, int(cell.row)) for cell in chain.cells("all")}
