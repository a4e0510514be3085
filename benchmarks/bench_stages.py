"""Time of each stage of the example study: as the workflow runs it, and in one plain process.

Run from the project's folder after ``make``: ``python benchmarks/bench_stages.py``. The workflow's
times are those that Snakemake recorded for the jobs of the last run; the plain process calls the
same functions on the same files, without notebooks, figures and documents.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RECORDS = Path(".snakemake/metadata")
times: dict[str, float] = {}


@contextmanager
def timed(stage: str) -> Iterator[None]:
    """Add the wall time of the block to its stage."""
    start = time.perf_counter()
    yield
    times[stage] = times.get(stage, 0.0) + time.perf_counter() - start


def recorded() -> dict[str, list[float]]:
    """Wall time of each job of the workflow by its stage (the folder of its log), latest run."""
    jobs: dict[str, tuple[float, float]] = {}
    for path in RECORDS.iterdir():
        record = json.loads(path.read_text("utf-8"))
        if record.get("log") and "logs/example/" in record["log"][0]:
            spent = (record["starttime"], record["endtime"] - record["starttime"])
            jobs[record["log"][0]] = max(spent, jobs.get(record["log"][0], spent))
    stages: dict[str, list[float]] = {}
    for log, (_, seconds) in sorted(jobs.items()):
        stages.setdefault(log.split("/")[2], []).append(seconds)
    return stages


def one_process(folder: Path) -> None:
    """The example study from raw files to estimates in this process."""
    with timed("import"):
        import pandas as pd
        from owncontrol.analysis import change, patients, quality, safety
        from owncontrol.cleaning.clean import clean_study
        from owncontrol.cleaning.corrections import read_corrections
        from owncontrol.config import load_config
        from owncontrol.estimands import analysis_settings
        from owncontrol.estimates import Estimates
        from owncontrol.ingest import ingest_export
        from owncontrol.instruments import load_instrument
        from owncontrol.scoring import score_assessments
        from owncontrol.tables import concat, read_cleaned, read_text, write_table

    with timed("ingest"):
        config = analysis_settings(load_config({}))
        raw = Path(config["raw"])
        names = {table for export in config["exports"].values() for table in export["tables"]}
        instruments = {
            path.stem: load_instrument(path)
            for path in sorted(Path("workflow/instruments").glob("*.yaml"))
            if path.stem in names
        }
        parts = {
            name: ingest_export(
                raw / export["file"],
                raw / export["dictionary"] if export["dictionary"] else None,
                export,
                instruments,
                config["characteristics"],
            )
            for name, export in config["exports"].items()
        }
    with timed("clean"):
        tables: dict[str, dict[str, pd.DataFrame]] = {}
        for name, part in parts.items():
            for table, frame in part.tables.items():
                tables.setdefault(table, {})[name] = frame
        cleaned = clean_study(
            config,
            instruments,
            tables,
            {name: part.rows for name, part in parts.items()},
            {name: part.columns for name, part in parts.items()},
            [part.findings for part in parts.values()],
            read_corrections(raw / config["corrections"]),
        )
        for name, frame in cleaned.tables.items():
            write_table(frame, folder / f"{name}.csv")
    with timed("score"):
        scores = concat(
            [
                score_assessments(instrument, read_text(folder / f"{name}.csv"))
                for name, instrument in instruments.items()
            ],
            "scores",
        )
    with timed("analyse"):
        subjects = read_cleaned(folder / "subjects.csv", "subjects", config["characteristics"])
        treatments = read_cleaned(folder / "treatments.csv", "treatments")
        results = Estimates("all", "all", sorted(subjects["subject_id"]))
        quality.count_rows(results, cleaned.flow)
        quality.count_findings(results, cleaned.findings)
        treated = patients.count_subjects(results, subjects, treatments)
        patients.describe_characteristics(results, treated, config["characteristics"])
        for endpoint in config["endpoints"]:
            change.change_from_baseline(results, scores, endpoint, config)
        change.adjust_families(results, config["endpoints"])
        events = read_cleaned(folder / "adverse_events.csv", "adverse_events")
        safety.summarise_events(results, events, treated, config["level"])
        results.write(folder / "estimates.csv")


if __name__ == "__main__":
    jobs = recorded()
    with tempfile.TemporaryDirectory() as place:
        one_process(Path(place))
    print(f"{'stage':10} {'jobs':>5} {'workflow, s':>12} {'one process, s':>15}")
    for stage in dict.fromkeys([*jobs, *times]):
        seconds = jobs.get(stage, [])
        plain = f"{times[stage]:15.2f}" if stage in times else f"{'-':>15}"
        print(f"{stage:10} {len(seconds):5} {sum(seconds):12.2f} {plain}")
    total = sum(sum(seconds) for seconds in jobs.values())
    plain = sum(times.values())
    print(f"{'sum':10} {'':5} {total:12.2f} {plain:15.2f}   ratio {total / plain:.1f}")
