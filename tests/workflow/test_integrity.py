"""A result that was changed by hand: found, named, taken no further, rebuilt on request."""

import json
import os
import shutil
import subprocess
import sys
import time
from hashlib import sha256

import pytest
from workflow.conftest import copy_project
from workflow.test_results import hashes

STUDY = "case-report"
EDITED = f"results/{STUDY}/scored/scores.csv"
RESULT = f"results/{STUDY}/statistics/patients.csv"


@pytest.fixture
def small(finished_small, tmp_path):
    """A finished run of a small study, for a test that changes something."""
    shutil.copytree(finished_small.folder, tmp_path / "project", symlinks=True)
    return type(finished_small)(tmp_path / "project")


def verify(project, *arguments):
    """Call the command line's verify in a project."""
    return subprocess.run(
        [sys.executable, "-m", "owncontrol", "verify", *arguments],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(project / "workflow/lib")},
        check=False,
        capture_output=True,
        text=True,
    )


def test_an_edited_result_is_found_named_and_rebuilt(small):
    before = hashes(small)
    done = verify(small, f"results/{STUDY}")
    assert done.returncode == 0, done.stdout
    assert "files are as the run left them\nhistory: 1 run; keep this hash" in done.stdout

    path = small / EDITED
    stat = path.stat()
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    done = verify(small, f"results/{STUDY}")
    assert done.returncode == 1
    assert f"altered: {EDITED}" in done.stdout
    assert before[EDITED] in done.stdout

    refused = small.run("--config", f"study={STUDY}")
    assert refused.returncode != 0
    assert f"error: {EDITED}: no longer as the run left it" in refused.stdout
    assert f"Hint: make verify STUDY={STUDY} REBUILD=yes" in refused.stdout
    assert "Traceback" not in refused.stdout

    assert verify(small, f"results/{STUDY}", "--rebuild").returncode == 0
    done = small.run("--config", f"study={STUDY}")
    assert done.returncode == 0, done.stdout
    assert hashes(small) == before


def forge(project):
    """Change a result, its time set back, and its hash in the record of outputs."""
    path, record = project / RESULT, project / "results/case-report/provenance/outputs.csv"
    stat, old = path.stat(), path.read_bytes()
    before = hashes(project)[RESULT]
    path.write_bytes(old.replace(b"1", b"2", 1))
    assert path.read_bytes() != old
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    record.write_text(record.read_text().replace(before, hashes(project)[RESULT]))


@pytest.mark.parametrize(
    "way", ["logs", "logs and history", "all records", "snakemake", "unfinished"]
)
def test_a_result_forged_with_its_records_goes_no_further(small, way):
    before = hashes(small)
    forge(small)
    records = {
        "logs": ["logs"],
        "logs and history": ["logs", "results/case-report/provenance/history.jsonl"],
        "all records": ["logs", "results/case-report/provenance", ".snakemake"],
        "snakemake": [".snakemake"],
    }
    for name in records.get(way, []):
        path = small / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if way == "unfinished":
        path = small / "logs/case-report/steps.jsonl"
        last = path.read_bytes().splitlines(keepends=True)[-1]
        path.write_bytes(b"")
        history = small / "results/case-report/provenance/history.jsonl"
        head = sha256(history.read_bytes().splitlines(keepends=True)[-1]).hexdigest()
        entry = json.loads(last) | {"files": {RESULT: "unfinished"}, "before": head}
        record = "results/case-report/provenance/outputs.csv"
        entry["files"][record] = "unfinished"
        path.write_text(json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n")
    done = small.run("--config", f"study={STUDY}")
    if way in ("logs", "snakemake"):
        assert done.returncode == 1
        assert f"{RESULT}: no longer as the run left it" in done.stdout
    else:
        assert done.returncode == 0, done.stdout
        assert hashes(small) == before


def test_what_older_code_made_is_not_kept_where_snakemake_forgot(small):
    before = hashes(small)
    shutil.rmtree(small / ".snakemake")
    script = small / "notebooks/02_patients.ipynb"
    stat = script.stat()
    text = script.read_text("utf-8")
    cell = next(cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")
    script.write_text(text.replace(json.dumps(cell["source"][0])[1:-3], "# Edited", 1), "utf-8")
    os.utime(script, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    done = small.run("--config", f"study={STUDY}")
    assert done.returncode == 0, done.stdout
    assert "describe_patients" in done.stdout
    edited = "results/case-report/notebooks/02_patients.ipynb"
    assert hashes(small)[edited] != before[edited]
    done = verify(small, "results/case-report")
    assert done.returncode == 0, done.stdout
    assert "history: 2 runs" in done.stdout


def test_a_file_that_no_step_made_is_named(project):
    (project / "results/example/notes.txt").write_text("mine")
    done = verify(project)
    assert done.returncode == 0
    assert "not of this run: results/example/notes.txt" in done.stdout


def test_a_raw_file_that_is_edited_during_a_run_and_put_back_is_refused(tmp_path):
    project = copy_project(tmp_path / "project")
    folder = project / "data/raw/case-report"
    raw = folder / "visits.csv"
    content, stat = raw.read_bytes(), raw.stat()
    verified = project / f"results/case-report/verified/{raw.name}.sha256"
    running = subprocess.Popen(
        ["snakemake", "--cores", "2", "--config", "study=case-report"],
        cwd=project.folder,
        env=project.environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    while not verified.exists() and running.poll() is None:
        time.sleep(0.005)
    raw.write_bytes(content.replace(b"2", b"3"))
    os.utime(raw, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    shown = running.communicate(timeout=300)[0]
    raw.write_bytes(content)
    os.utime(raw, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert running.returncode != 0, shown
    assert f"{raw.name}: altered" in shown
    assert "Traceback" not in shown
