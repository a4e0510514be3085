"""Ctrl-C: a run ends at once and says so in one line; what was finished is kept."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

INTERRUPTED = 130  # as shells have it: 128 and the number of the signal
SAID = "interrupted; what was finished is kept, and the next run goes on from there"
_at_work: set[int] = set()


@contextlib.contextmanager
def at_work(process: int | None) -> Iterator[None]:
    """Know that a process works for this run, so that it ends with it. None: there is none."""
    known = set() if process is None else {process}
    _at_work.update(known)
    try:
        yield
    finally:
        _at_work.difference_update(known)


def end_on_interrupt() -> None:
    """From now on let Ctrl-C end this process and those at work for it.

    They may end anywhere: a step that did not end is recorded as unfinished (run.output_hashes).
    """
    signal.signal(signal.SIGINT, _end)


def leave_interrupts_to_the_run() -> None:
    """Let what this thread starts go on at Ctrl-C, which reaches all processes of a terminal.

    The run ends them itself. Nothing happens in a main thread, which is the run's own.
    """
    if threading.current_thread() is not threading.main_thread():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _end(number: int, frame: FrameType | None) -> None:
    for process in list(_at_work):
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"\n{SAID}\n".encode())
    os._exit(INTERRUPTED)
