"""Where each second of the example study goes, beside the same work in one plain process.

    python benchmarks/bench_stages.py [--docs docs/benchmarks.md]

The study is run cold in a copy of the project, once more with nothing to do, and after an edit of
what draws a figure: the one that takes longest, and one of the others. The workflow's processor
time is that of Snakemake and all that it starts; the steps' is in the last lines of their logs
(owncontrol.run.resource_usage); the rest is Snakemake itself and the warm process. What a notebook
costs beside its work is measured with an empty one, forked in the same way. The plain process calls
the same functions on the same files, without notebooks, figures, documents and provenance.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [
    str(ROOT / name)
    for name in ("workflow/lib", "tests", "tests/helpers", "tests/campaigns", "benchmarks")
]

import bench_registry  # noqa: E402
from copies import copy_project  # noqa: E402
from owncontrol.run.notebooks import run_notebook  # noqa: E402
from owncontrol.run.resource_usage import spent  # noqa: E402

EDITED = ("trajectories", "responders")
times: dict[str, float] = {}


@contextmanager
def timed(stage: str) -> Iterator[None]:
    """Add the processor time of the block to its stage."""
    start = time.process_time()
    yield
    times[stage] = times.get(stage, 0.0) + time.process_time() - start


def run_workflow(folder: Path) -> tuple[dict[str, float], list[dict[str, Any]], dict[str, float]]:
    """Run the example in a copy of the project below ``folder``.

    The cold run's time by the clock and of processors; the same by stage; by the clock, the runs
    after it.
    """
    project = copy_project(folder / "project")
    command = [sys.executable, "-m", "snakemake", "--cores", str(os.cpu_count()), "--quiet", "all"]
    command += ["--directory", str(project), "--snakefile", str(project / "Snakefile")]
    whole = bench_registry.timed(command)
    stages = bench_registry.stages(project / "logs/example")
    later = {"nothing to do": bench_registry.timed(command)["wall_s"]}
    for figure in EDITED:
        with (project / f"workflow/lib/owncontrol/figures/{figure}.py").open("a") as file:
            file.write("# edited\n")
        later[f"figure {figure} changed"] = bench_registry.timed(command)["wall_s"]
    return whole, stages, later


def empty_notebook(folder: Path) -> float:
    """Processor seconds of a notebook with nothing in it, as a step of the workflow runs it."""
    cell = nbformat.v4.new_code_cell("", metadata={"tags": ["parameters"]})
    kernel = {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), folder / "empty.ipynb")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["owncontrol.run.speed.preload"])
    seconds = context.Value("d")
    for _ in range(2):  # the first waits for the imports of the warm process
        process = context.Process(target=_empty_step, args=(folder, seconds))
        process.start()
        process.join()
        assert process.exitcode == 0
    return float(seconds.value)


def _empty_step(folder: Path, seconds: Any) -> None:
    os.chdir(folder)
    run_notebook("empty.ipynb", "executed.ipynb", {}, "failed.ipynb")
    seconds.value = spent().processor


def one_process(folder: Path) -> None:
    """The example study from raw files to estimates in this process."""
    from owncontrol.analysis import change, patients, quality, safety
    from owncontrol.analysis.settings import ChangeSettings
    from owncontrol.estimates.collect import Estimates
    from owncontrol.study.estimands import analysis_settings
    from owncontrol.study.loading import load_study
    from owncontrol.tables import concat, read_cleaned, write_table
    from read_study import ingest_files
    from study_run import clean_and_score, load_instruments

    times["import"] = time.process_time()
    with timed("ingest"):
        study = load_study({}, ROOT)
        settings = ChangeSettings.taken_from(analysis_settings(study))
        instruments, raw = load_instruments(), ROOT / study.raw
        ingested = ingest_files(raw, study, instruments)
    with timed("clean and score"):
        run = clean_and_score(raw, study, instruments, ingested)
        for name, frame in run.cleaned.tables.items():
            write_table(frame, folder / f"{name}.csv")
    with timed("analyse"):
        subjects = read_cleaned(folder / "subjects.csv", "subjects", settings.characteristics)
        treatments = read_cleaned(folder / "treatments.csv", "treatments")
        names = ("data_quality", "patients", "change", "adverse_events")
        codes = sorted(subjects["subject_id"])
        rows, people, changes, harms = (Estimates(name, "all", codes) for name in names)
        quality.count_rows(rows, run.cleaned.flow)
        quality.count_findings(rows, run.cleaned.findings)
        treated = patients.count_subjects(people, subjects, treatments)
        patients.describe_characteristics(people, treated, settings.characteristics)
        for endpoint in settings.endpoints:
            change.change_from_baseline(changes, run.scores, endpoint, settings)
        change.adjust_families(changes, settings.endpoints)
        events = read_cleaned(folder / "adverse_events.csv", "adverse_events")
        safety.summarise_events(harms, events, treated, settings.level)
        parts = [part.table() for part in (rows, people, changes, harms)]
        write_table(concat(parts, "estimates"), folder / "estimates.csv")


def table(folder: Path) -> list[str]:
    """Lines of a table, in Markdown."""
    one_process(folder)
    plain = dict(times)
    whole, stages, later = run_workflow(folder)
    imports = bench_registry.timed([sys.executable, "-c", "import owncontrol.run.speed.preload"])
    steps = {row["part"]: row["processor_s"] for row in stages}
    notebooks = len(list((ROOT / "notebooks").glob("*.ipynb"))) * empty_notebook(folder)
    start = whole["processor_s"] - sum(steps.values()) - imports["processor_s"]
    steps["analyse"] -= notebooks
    parts = {
        "Snakemake: start, rules, what is to be done, records": start,
        "imports of the warm process, once": imports["processor_s"],
        "kernels and papermill, eight notebooks": notebooks,
        **{f"steps: {stage}": seconds for stage, seconds in steps.items()},
    }
    lines = ["| part | processor, s |", "|---|--:|"]
    lines += [f"| {part} | {seconds:.1f} |" for part, seconds in parts.items()]
    lines += [f"| all, {whole['wall_s']:.1f} s by the clock | {whole['processor_s']:.1f} |"]
    spent_plain = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in plain.items())
    runs = ", ".join(f"{what} {seconds:.1f}" for what, seconds in later.items())
    return [
        *lines,
        "",
        f"Runs after it, by the clock: {runs} s.",
        f"In one plain process, to the estimates: {spent_plain} s.",
    ]


def main() -> None:
    """Measure, print, and write the table into the documentation where that is asked for."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--docs", type=Path)
    docs = options.parse_args().docs
    with tempfile.TemporaryDirectory() as place:
        lines = table(Path(place))
    print("\n".join(lines))
    if docs:
        bench_registry.write_docs("\n".join(lines) + "\n", docs, "start-up")


if __name__ == "__main__":
    main()
