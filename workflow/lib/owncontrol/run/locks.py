"""One run at a time in a folder, by locks that the operating system lets go of itself.

A lock of flock(2) ends with the process that holds it, however that ends: no stale lock can stop
the next run.
"""

import fcntl
import os
import sys
import time
from pathlib import Path

from owncontrol.errors import InputError

RUN = "owncontrol.run"
STEPS = "owncontrol.steps"
WAIT_SECONDS = 60.0


def hold_run(folder: Path | str, wait: float = WAIT_SECONDS) -> int:
    """Take the folder for one run; the descriptor given back holds it until the process ends.

    A run whose main process was killed may have left steps at work: they are waited for, ``wait``
    seconds at most. Raises InputError where another run is at work.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    run = _open(Path(folder) / RUN)
    if not _locked(run, fcntl.LOCK_EX):
        process = os.pread(run, 20, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(run)
        raise InputError(
            f"another run (process {process}) is at work in this folder; it was left alone",
            "wait until it has ended, then run again",
        )
    _wait_for_steps(Path(folder) / STEPS, wait)
    os.ftruncate(run, 0)
    os.pwrite(run, f"{os.getpid()}\n".encode(), 0)
    return run


def hold_step(folder: Path | str) -> int:
    """Let the next run see that a step is at work, until the process ends."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    steps = _open(Path(folder) / STEPS)
    while not _locked(steps, fcntl.LOCK_SH):
        time.sleep(0.1)
    return steps


def _wait_for_steps(path: Path, wait: float) -> None:
    steps = _open(path)
    end = time.monotonic() + wait
    told = False
    while not _locked(steps, fcntl.LOCK_EX):
        if time.monotonic() > end:
            raise InputError(
                "a step of an earlier run is still at work in this folder",
                "end it (its run was killed), or wait and run again",
            )
        if not told:
            print("waiting for a step of an earlier run to end", file=sys.stderr)
            told = True
        time.sleep(0.1)
    os.close(steps)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        # Some shared file systems of clusters have locks only as an option of the mount.
        raise InputError(
            f"the file system of this folder gives no locks ({error.strerror})",
            "run in another folder, or have it mounted with flock",
        ) from None
    return True
