"""Time and memory of ingest and cleaning: python benchmarks/bench_cleaning.py [EXAMS].

Makes a study of so many ISNCSCI exams (100,000) as CSV, by repeating the SYNTHETIC clean example
under other study codes, and takes it through both steps as the workflow does: raw files to
ingested tables on disk, these to cleaned tables on disk. Prints seconds a part and the highest
memory of the process.
"""

import csv
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from owncontrol.cleaning.clean import clean_study
from owncontrol.ingest.export import ingest_export
from owncontrol.ingest.readers import read_export
from owncontrol.instruments import load_instrument
from owncontrol.simulation.simulated_study import write_study
from owncontrol.study.exports import Export
from owncontrol.study.loading import load_study
from owncontrol.study.model import Study
from owncontrol.study.parts import CleaningSettings
from owncontrol.tables import read_coded, read_table, write_table

ROOT = Path(__file__).resolve().parents[1]
SUBJECTS = 13
CODES = {
    "redcap_export.csv": ("record_id",),
    "cell_processing.csv": ("marrow_patient", "infusion_patient"),
    "adverse_events.csv": ("patient",),
    "isncsci_exams.csv": ("Patient",),
}


@contextmanager
def timed(part: str) -> Iterator[None]:
    """Print the time of a block, by clock and processor, and the highest memory until then."""
    start, cpu = time.perf_counter(), time.process_time()
    yield
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{part:28} {seconds:7.2f} s, {cpu:7.2f} CPU s   highest memory so far {peak:5.2f} GiB",
        flush=True,
    )


def repeat(source: Path, target: Path, delimiter: str, times: int) -> None:
    """Write a file's rows so many times, each time with other study codes."""
    with source.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter=delimiter)
    places = [header.index(name) for name in CODES[target.name]]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerow(header)
        for number in range(times):
            for row in rows:
                changed = list(row)
                for place in places:
                    changed[place] = f"OC-{number * SUBJECTS + int(row[place][3:]):06d}"
                writer.writerow(changed)


def make_study(folder: Path, exams: int) -> Study:
    """Write the raw files and return the example's study, with the exams as CSV."""
    config = load_study({}, ROOT).plain()
    write_study(folder / "one", SUBJECTS, 2021, clean=True)
    workbook = config["exports"]["isncsci_workbook"]
    options = Export.model_validate(workbook)
    one = read_export(folder / "one" / options.file, options).cells
    write_table(one, folder / "one" / "isncsci_exams.csv")
    workbook |= {"file": "isncsci_exams.csv", "format": "csv"}
    times = -(-exams // len(one))
    for export in config["exports"].values():
        repeat(folder / "one" / export["file"], folder / export["file"], export["delimiter"], times)
        export["dictionary"] = ""  # the export is raw, and its dictionary is not beside it
    config["corrections"] = ""
    print(f"{times * len(one)} exams of {times * SUBJECTS} subjects")
    return Study.model_validate(config)


def main(exams: int) -> None:
    """Make the study and run both steps."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        study = make_study(folder, exams)
        names = {table for _, table, _ in study.mappings}
        instruments = {
            path.stem: load_instrument(path)
            for path in sorted((ROOT / "workflow" / "instruments").glob("*.yaml"))
            if path.stem in names
        }
        with timed("ingest"):
            for name, export in study.exports.items():
                part = ingest_export(
                    folder / export.file,
                    None,
                    export,
                    instruments,
                    study.characteristics,
                )
                for table, frame in part.tables.items():
                    write_table(frame, folder / name / f"{table}.csv")
                for record in ("rows", "columns", "findings"):
                    write_table(getattr(part, record), folder / name / f"{record}.csv")
                del part
        with timed("read ingested"):
            read = {
                name: {
                    path.stem: read_coded(path, ("source_row",))
                    for path in sorted((folder / name).glob("*.csv"))
                    if path.stem != "findings"
                }
                for name in study.exports
            }
            tables: dict[str, Any] = {}
            for name, parts in read.items():
                for table in parts.keys() - {"rows", "columns"}:
                    tables.setdefault(table, {})[name] = parts[table]
            findings = [
                read_table(folder / name / "findings.csv", "findings") for name in study.exports
            ]
        with timed("clean"):
            cleaned = clean_study(
                CleaningSettings.taken_from(study),
                instruments,
                tables,
                {name: parts["rows"] for name, parts in read.items()},
                {name: parts["columns"] for name, parts in read.items()},
                findings,
                None,
            )
        with timed("write cleaned"):
            for table, finish in cleaned.finished.items():
                write_table(finish(), folder / "cleaned" / f"{table}.csv")
        kept = cleaned.flow.loc[cleaned.flow["table"] == "isncsci", "kept"].sum()
        print(f"{kept} exams kept, {len(cleaned.findings)} findings")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
