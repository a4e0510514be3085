"""The memory that the steps of a run may hold together: most of what the computer has."""

import os
from pathlib import Path

SHARE = 0.8  # the rest is for Snakemake, the warm process, and whatever else is at work
# Of a container or a batch job, in bytes: control groups of version 2 and 1.
LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def usable_mib(limits: tuple[Path, ...] = LIMITS) -> int:
    """In MiB; of a container that has less than the computer, most of that.

    ``limits``: files with a number of bytes, or with a word where there is no limit.
    """
    found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    texts = [path.read_text("ascii").strip() for path in limits if path.is_file()]
    found += [int(text) for text in texts if text.isdecimal()]
    return int(SHARE * min(found) / 2**20)
