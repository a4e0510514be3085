"""Scripts that run as forks of the warm process: apart from each other, and no others."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest
from owncontrol.run.speed.shortcuts import end_after_the_last_job
from snakemake.scheduling.job_scheduler import JobScheduler

SNAKEFILE = """
import sys
from pathlib import Path
sys.path.insert(0, {library!r})
from owncontrol.run.speed.forked_scripts import FEW_JOBS, warm_scripts
few = FEW_JOBS if "few" in config else FEW_JOBS + 1
warm_scripts(Path("own"), ".snakemake", lambda: few, print)

rule all:
    input: "a.json", "b.json", "foreign.json"

rule first:
    output: "first.json"
    script: "own/first.py"

rule own:
    input: "first.json"
    output: "{{name,[ab]}}.json"
    benchmark: "{{name}}.tsv"
    script: "own/say.py"

rule foreign:
    input: "first.json"
    output: "foreign.json"
    script: "foreign/say.py"

rule notebook:
    input: "first.json"
    output: "executed.ipynb"
    script: "own/notebook.py"

rule long:
    input: "first.json"
    output: "long"
    script: "own/long.py"

rule failing:
    input: "first.json"
    output: "never"
    script: "own/fail.py"
"""
# What a script finds, and one thing left behind that the next one must not find.
SAY = """
import builtins, json, multiprocessing, os, sys, threading
from pathlib import Path
found = dict(
    warm=multiprocessing.parent_process() is not None,
    pandas="pandas" in sys.modules,
    left=hasattr(builtins, "left"),
    main=sys.modules["__main__"].snakemake.output[0],
    process=os.getpid(),
    threads=len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1,
)
builtins.left = True
Path(snakemake.output[0]).write_text(json.dumps(found))
"""

NOTEBOOK = """
from owncontrol.run.notebooks import run_notebook
run_notebook("small.ipynb", snakemake.output[0], {"word": "given"}, "failed.ipynb")
"""

LONG = """
import os
from pathlib import Path
from owncontrol.run.notebooks import run_notebook
Path("step").write_text(str(os.getpid()))
run_notebook("long.ipynb", snakemake.output[0], {}, "failed.ipynb")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workflow of its own with two scripts of the folder that is warmed, and one of another."""
    folder = tmp_path_factory.mktemp("warm")
    library = str(Path(__file__).resolve().parents[2] / "workflow" / "lib")
    (folder / "Snakefile").write_text(SNAKEFILE.format(library=library))
    for name in ("own", "foreign"):
        (folder / name).mkdir()
        (folder / name / "say.py").write_text(SAY)
    (folder / "own/first.py").write_text(SAY)
    parameters = nbformat.v4.new_code_cell(
        'word = "default"', metadata={"tags": ["parameters"]}, id="parameters"
    )
    # Before the kernel imports anything: what it finds is there because it was forked.
    code = "import sys\nprint(word, 'scipy.stats' in sys.modules, 'debugpy.server' in sys.modules)"
    wide = (
        "import pandas\npandas.DataFrame([range(20)], columns=[f'column_{i}' for i in range(20)])"
    )
    cells = [parameters, nbformat.v4.new_code_cell(wide, id="wide")]
    cells.append(nbformat.v4.new_code_cell(code, id="says"))
    kernel = {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, folder / "small.ipynb")
    (folder / "own/notebook.py").write_text(NOTEBOOK)
    at_work = "import os, time\nopen('kernel', 'w').write(str(os.getpid()))\ntime.sleep(600)"
    cells = [parameters, nbformat.v4.new_code_cell(at_work, id="at-work")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "long.ipynb")
    (folder / "own/long.py").write_text(LONG)
    (folder / "own/fail.py").write_text("raise SystemExit(3)\n")
    return folder


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_scripts_of_the_workflow_are_forks_that_share_nothing(folder: Path) -> None:
    run = snakemake(folder)
    assert run.returncode == 0, run.stderr
    first, a, b, foreign = (
        json.loads((folder / f"{name}.json").read_text()) for name in ("first", "a", "b", "foreign")
    )
    for name, found in (("first", first), ("a", a), ("b", b)):
        assert found["warm"] and found["pandas"] and found["main"] == f"{name}.json"
        assert not found["left"] and found["threads"] == 1
    assert a["process"] != b["process"]
    assert not foreign["warm"] and not foreign["pandas"]
    header, values = (folder / "a.tsv").read_text().splitlines()
    assert dict(zip(header.split(), values.split(), strict=False))["s"] != "0.0000"


def test_a_run_of_few_scripts_needs_no_warm_process(folder: Path) -> None:
    run = snakemake(folder, "--forcerun", "own", "--config", "few=yes")
    assert run.returncode == 0, run.stderr
    for name in ("a", "b"):
        assert not json.loads((folder / f"{name}.json").read_text())["warm"]


def test_a_kernel_is_a_fork_and_says_nothing_to_the_terminal(folder: Path) -> None:
    run = snakemake(folder, "executed.ipynb", "--forcerun", "first")
    assert run.returncode == 0, run.stderr
    assert "IPKernelApp" not in run.stdout + run.stderr
    assert "To connect" not in run.stdout + run.stderr
    cells = nbformat.read(folder / "executed.ipynb", 4).cells
    assert cells[-1].outputs[0].text == "given True False\n"
    warm = (folder / "executed.ipynb").read_text()
    run = snakemake(folder, "executed.ipynb", "--forcerun", "notebook", "--config", "few=yes")
    assert run.returncode == 0, run.stderr
    cold = (folder / "executed.ipynb").read_text().replace("given False True", "given True False")
    assert cold == warm


def test_a_kernel_ends_with_the_step_that_is_killed(folder: Path) -> None:
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "long", "--forcerun", "first"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as run:
        until(lambda: (folder / "kernel").is_file() and (folder / "kernel").read_text())
        kernel, step = (psutil.Process(int((folder / w).read_text())) for w in ("kernel", "step"))
        assert kernel.is_running() and kernel.pid != step.pid
        step.kill()
        kernel.wait(120)
        said = run.communicate(timeout=60)[1]
    assert run.returncode == 1 and "own/long.py" in said


def until(happened: Callable[[], object]) -> None:
    """Wait for something, two minutes at most."""
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_script_that_fails_fails_its_rule(folder: Path) -> None:
    run = snakemake(folder, "never", "--forcerun", "first")
    assert run.returncode == 1
    assert "exit status 3" in run.stderr and "own/fail.py" in run.stderr


def test_a_run_does_not_wait_for_snakemakes_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = JobScheduler._schedule_reevalutation
    monkeypatch.setattr(JobScheduler, "_schedule_reevalutation", usual)
    end_after_the_last_job(print)
    scheduler = SimpleNamespace(_open_jobs=threading.Semaphore(0))
    # However often it has looked, it looks once more, not once for each look.
    for delay in (0.05, 0.05, 0.05):
        JobScheduler._schedule_reevalutation(scheduler, delay)
    timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert timers and all(timer.daemon for timer in timers)
    assert scheduler._open_jobs.acquire(timeout=10)
    assert not scheduler._open_jobs.acquire(timeout=0.1)
