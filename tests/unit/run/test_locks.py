"""One run at a time in a folder: the second is refused, a dead one stops nobody."""

import errno
import fcntl
import os
import signal
import subprocess
import sys

import pytest
from owncontrol.errors import InputError
from owncontrol.run.locks import hold_run, hold_step

HOLDER = """
import sys, time
from owncontrol.run import locks
held = getattr(locks, sys.argv[1])(sys.argv[2])
print("held", flush=True)
time.sleep(60)
"""
# A script of the workflow as Snakemake starts it, in a process of its own.
SCRIPT = """
import time
from types import SimpleNamespace
from owncontrol.run.job import step
snakemake = SimpleNamespace(output=["made.csv"], log=["a.log"], params={})
with step(snakemake.log[0]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Start a process that holds a lock of the folder."""
    started = []

    def start(kind):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, kind, tmp_path], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_second_run_is_refused_with_the_first_ones_process(tmp_path, holder):
    first = holder("hold_run")
    with pytest.raises(InputError, match=rf"another run \(process {first.pid}\) is at work"):
        hold_run(tmp_path)


def test_a_killed_run_leaves_no_lock(tmp_path, holder):
    first = holder("hold_run")
    first.send_signal(signal.SIGKILL)
    first.wait()
    hold_run(tmp_path)


def test_steps_of_a_killed_run_are_waited_for(tmp_path, holder, capsys):
    orphan = holder("hold_step")
    holder("hold_step")  # several steps work side by side
    with pytest.raises(InputError, match="a step of an earlier run is still at work"):
        hold_run(tmp_path, wait=0.2)
    assert "waiting for a step" in capsys.readouterr().err
    assert orphan.poll() is None


def test_a_script_at_work_is_a_step(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as script:
        assert script.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="a step of an earlier run is still at work"):
            hold_run(tmp_path / ".snakemake", wait=0.2)
        script.kill()


def test_a_run_lets_its_own_steps_work(tmp_path):
    hold_run(tmp_path)
    hold_step(tmp_path)


def test_a_file_system_without_locks_is_said(tmp_path, monkeypatch):
    def refuse(descriptor, kind):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(InputError, match="this folder gives no locks"):
        hold_run(tmp_path)
    with pytest.raises(InputError, match="this folder gives no locks"):
        hold_step(tmp_path)
