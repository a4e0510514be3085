"""A small study run in process into a results folder, for tests that trace numbers to raw cells."""

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from owncontrol.cleaning.clean import Cleaned, clean_study
from owncontrol.cleaning.corrections import COLUMNS, read_corrections
from owncontrol.estimates.declared_statistics import DataQuality, Patients, Statistic
from owncontrol.estimates.selections import SubjectPlaces, name_scores
from owncontrol.estimates.strata import RawFile, TableInFile
from owncontrol.estimates.stratum import WHOLE, Stratum
from owncontrol.ingest.export import ingest_export
from owncontrol.instruments import load_instrument
from owncontrol.lineage.chain import Chain
from owncontrol.lineage.raw_cells import Cell
from owncontrol.lineage.results import Results
from owncontrol.scoring.score_table import score_assessments
from owncontrol.study.loading import load_study
from owncontrol.study.parts import CleaningSettings
from owncontrol.study.subjects import CodeRules
from owncontrol.tables import fields, write_table

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
    study = load_study(given | {"exports": exports} | changes)
    names = {table for export in exports.values() for table in export["tables"]}
    instruments = {
        path.stem: load_instrument(path)
        for path in sorted(INSTRUMENTS.glob("*.yaml"))
        if path.stem in names
    }
    files = study.file_names
    is_keyed = bool(study.subject_code.key_file)
    read = {
        name: ingest_export(
            folder / export.file,
            None,
            export,
            instruments,
            study.characteristics,
            CodeRules.taken_from(study) if is_keyed else None,
            files[name],
            study.is_selected,
        )
        for name, export in study.exports.items()
    }
    tables: dict[str, dict[str, pd.DataFrame]] = {}
    for name, part in read.items():
        for table, frame in part.tables.items():
            tables.setdefault(table, {})[name] = frame
    record = None
    if corrections is not None:
        frame = pd.DataFrame(corrections, columns=list(COLUMNS))
        frame.to_csv(folder / "corrections.csv", index=False)
        record = read_corrections(folder / "corrections.csv")
    cleaned = clean_study(
        CleaningSettings.taken_from(study),
        instruments,
        tables,
        {name: part.rows for name, part in read.items()},
        {name: part.columns for name, part in read.items()},
        [part.findings for part in read.values()],
        record,
    )
    out = folder / "results"
    for name, part in read.items():
        for table, frame in {**part.tables, "rows": part.rows, "columns": part.columns}.items():
            _write(frame, out / "ingested" / name / f"{table}.csv")
    for table, finish in cleaned.finished.items():
        _write(finish(), out / "cleaned" / f"{table}.csv")
    _write(cleaned.findings, out / "cleaned" / "findings.csv")
    _write(cleaned.quarantine, out / "cleaned" / "quarantine.csv")
    scores = pd.concat(
        [score_assessments(instruments[name], cleaned.tables[name]) for name in instruments],
        ignore_index=True,
    )
    _write(scores, out / "scored" / "scores.csv")
    places = SubjectPlaces(sorted(cleaned.tables["subjects"]["subject_id"]))
    quality = DataQuality
    made: dict[str, tuple[Statistic, Stratum, str]] = {
        "all": (Patients.REGISTERED, WHOLE, name_scores(scores, places))
    }
    for file in files.values():
        rows_of_file = f"flow[file={file}; table=(file)]"
        made[f"rows.{file}"] = (quality.KEPT, RawFile(file), rows_of_file)
        made[f"in.{file}"] = (quality.ROWS_IN, RawFile(file), rows_of_file)
    for table in instruments:
        for file in {file for name, file in files.items() if table in read[name].tables}:
            cells = f"flow_cells[file={file}; table={table}]"
            made[f"cells.{table}"] = (quality.CELLS_IN, TableInFile(table, file), cells)
    estimates = pd.DataFrame(
        [
            dict.fromkeys(fields("estimates"), "")
            | {
                "estimate_id": key,
                "analysis": "data_quality" if isinstance(statistic, quality) else "patients",
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
