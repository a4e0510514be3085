"""What this process and its children have used so far: the last line of a step's log."""

import os
import re
import resource
import time
from pathlib import Path
from typing import NamedTuple

LINE = re.compile(
    r"^spent: (?P<wall>[\w.]+) s, processor (?P<processor>[\w.]+) s, "
    r"memory (?P<memory>[\w.]+) MiB, read (?P<read>[\w.]+) MB, written (?P<written>[\w.]+) MB$",
    re.MULTILINE,
)

# Where the system does not say when a process began.
IMPORTED = time.monotonic()


class Spent(NamedTuple):
    """Seconds by the clock since the process began, and of processor time; memory in MiB.

    ``memory``: the most that one process held. ``read``, ``written``: MB through the system's
    calls, the program's own files among them; NaN where the system does not count them.
    """

    wall: float
    processor: float
    memory: float
    read: float
    written: float


def spent() -> Spent:
    """What was used until now. Children count once they have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    counts = dict.fromkeys(("rchar", "wchar"), float("nan"))
    wall = time.monotonic() - IMPORTED
    if Path("/proc/self/io").is_file():
        lines = Path("/proc/self/io").read_text("ascii").splitlines()
        counts = {name: float(value) for name, value in (line.split(": ") for line in lines)}
        began = Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()[19]
        wall = time.clock_gettime(time.CLOCK_BOOTTIME) - int(began) / os.sysconf("SC_CLK_TCK")
    return Spent(
        wall,
        sum(one.ru_utime + one.ru_stime for one in used),
        max(one.ru_maxrss for one in used) / 2**10,
        counts["rchar"] / 1e6,
        counts["wchar"] / 1e6,
    )


def spent_line() -> str:
    """The same as a line of a log; ``read_spent`` reads it."""
    now = spent()
    return (
        f"spent: {now.wall:.2f} s, processor {now.processor:.2f} s, memory {now.memory:.0f} MiB, "
        f"read {now.read:.1f} MB, written {now.written:.1f} MB"
    )


def read_spent(log: str) -> Spent | None:
    """What a finished step's log says; None where it did not end, or did no work."""
    found = LINE.search(log)
    return Spent(*map(float, found.groups())) if found else None
