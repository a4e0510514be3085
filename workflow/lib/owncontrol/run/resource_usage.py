"""What this process and its children have used so far: the last line of a step's log."""

import math
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


# Of processes that worked for this one and are none of its children.
HELPERS: list[Spent] = []


def spent() -> Spent:
    """What was used until now. Children count once they have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    wall, read, written = time.monotonic() - IMPORTED, math.nan, math.nan
    if Path("/proc/self/io").is_file():
        wall, (read, written) = _since_start(), _bytes("self")
    return Spent(
        wall,
        sum(one.ru_utime + one.ru_stime for one in used) + sum(one.processor for one in HELPERS),
        max([one.ru_maxrss / 2**10 for one in used] + [one.memory for one in HELPERS]),
        read + sum(one.read for one in HELPERS),
        written + sum(one.written for one in HELPERS),
    )


def count_helper(process: int) -> None:
    """Count what a process that is none of this one's children has used, before it ends."""
    place = Path(f"/proc/{process}")
    if not (place / "io").is_file():
        return
    fields = (place / "stat").read_text("ascii").rpartition(")")[2].split()
    ticks = sum(map(int, fields[11:15]))  # of itself and its children, user and system
    held = re.search(r"VmHWM:\s+(\d+) kB", (place / "status").read_text("utf-8"))
    memory = int(held[1]) / 2**10 if held else 0.0
    HELPERS.append(Spent(0.0, ticks / os.sysconf("SC_CLK_TCK"), memory, *_bytes(str(process))))


def _since_start() -> float:
    began = Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()[19]
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(began) / os.sysconf("SC_CLK_TCK")


def _bytes(process: str) -> tuple[float, float]:
    """MB that a process has read and written."""
    lines = Path(f"/proc/{process}/io").read_text("ascii").splitlines()
    counts = dict(line.split(": ") for line in lines)
    return int(counts["rchar"]) / 1e6, int(counts["wchar"]) / 1e6


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
