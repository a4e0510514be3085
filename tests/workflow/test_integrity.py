"""A result that was changed by hand: found, named, taken no further, rebuilt on request."""

import os
import subprocess
import sys
import time

from workflow.conftest import copy_project
from workflow.test_results import hashes

EDITED = "results/example/scored/scores.csv"


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


def test_an_edited_result_is_found_named_and_rebuilt(project):
    before = hashes(project)
    done = verify(project)
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("files are as the run left them\n")

    path = project / EDITED
    stat = path.stat()
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    done = verify(project)
    assert done.returncode == 1
    assert f"altered: {EDITED}" in done.stdout
    assert before[EDITED] in done.stdout

    refused = project.run()
    assert refused.returncode != 0
    assert f"error: {EDITED}: no longer as the run left it" in refused.stdout
    assert "Hint: make verify STUDY=example REBUILD=yes" in refused.stdout
    assert "Traceback" not in refused.stdout

    assert verify(project, "--rebuild").returncode == 0
    done = project.run()
    assert done.returncode == 0, done.stdout
    assert hashes(project) == before


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
