"""A small sample of `make torture`: a run that is killed, and two runs at once."""

import os
import random
import signal
import subprocess
import time

from workflow.test_results import hashes

REDONE = ("--forcerun", "draw_timeline")


def started(project):
    """A run in a process group of its own."""
    return subprocess.Popen(
        ["snakemake", "--cores", "2", *REDONE],
        cwd=project.folder,
        env=project.environment(),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_killed_run_leaves_only_whole_files_and_no_lock(project):
    before = hashes(project)
    moments = random.Random(7)
    for _ in range(2):
        run = started(project)
        time.sleep(moments.uniform(1.5, 5))
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        found = hashes(project)
        assert {path: before[path] for path in found} == found
    done = project.run()
    assert done.returncode == 0, done.stdout
    assert hashes(project) == before
    assert not list((project / "results").rglob(".*.partial*"))


def test_a_second_run_leaves_the_first_alone(project):
    before = hashes(project)
    first = started(project)
    held = project / ".snakemake/owncontrol.run"
    while first.poll() is None and held.read_text("utf-8") != f"{first.pid}\n":
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGSTOP)  # or it might end before the others have looked
    second = project.run()
    plan = project.run("--dry-run")  # takes no lock, and is not refused
    os.killpg(first.pid, signal.SIGCONT)
    said, _ = first.communicate()
    assert first.returncode == 0, said
    assert second.returncode != 0
    assert plan.returncode == 0, plan.stdout
    assert f"error: another run (process {first.pid}) is at work" in second.stdout
    assert "Hint: wait until it has ended" in second.stdout
    assert hashes(project) == before
