"""Throw broken input at every reader and every command: no crash, no hang, no gigabyte.

    python tests/campaigns/fuzz_inputs.py                       # 100,000 inputs, two processes
    python tests/campaigns/fuzz_inputs.py --only 137            # one of them, with its trace

Inputs are seeded: whole small files of each format, configurations, instruments, results and
records with bytes, tokens, lines and values changed, doubled or lost, and random bytes. They go to
the readers, to the commands as the command line calls them, and through whole small studies
(tests/fuzz_commands.py). Each may end well or be refused by InputError in one line. Anything else
is a crash; more than a second of CPU, or a gigabyte of memory, is a failure, too. The memory is
held by the system, input by input, so that a file that asks for more is a crash.
"""

from __future__ import annotations

import argparse
import atexit
import logging
import os
import random
import re
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(ROOT / name)
    for name in ("workflow/lib", "tests", "tests/helpers", "tests/campaigns", "benchmarks")
]

import copies  # noqa: E402
from fuzz_commands import ENTRIES, RUN  # noqa: E402
from fuzzing import READERS  # noqa: E402
from owncontrol.errors import InputError  # noqa: E402

GIGABYTE, SECOND = 2**30, 1.0
# A reader takes milliseconds, a command a tenth of a second.
TURNS = [*ENTRIES, *READERS]
Ended = tuple[int, str, str, str]  # number, entry, outcome, detail
_state: list[tuple[Path, int]] = []


def start(seed: int, run: str) -> None:
    """Prepare a process: a folder of its own, and the finished run that inputs break."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    pd.Series(["a"], dtype="str")  # the first text takes an address space of its own, once
    folder = Path(tempfile.mkdtemp(prefix="fuzz"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    RUN[:] = [Path(run)]
    _state[:] = [(folder, seed)]


def finished_run(folder: Path) -> str:
    """A project with a finished run of the smallest study."""
    project = copies.copy_project(folder / "project")
    copies.must_finish(copies.start(project, study="case-report"))
    return str(project)


def limit_memory() -> None:
    """Let the next input take a gigabyte beyond what the process has come to hold before it."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + GIGABYTE, hard))


def end_of(number: int) -> Ended:
    """What an entry makes of one input."""
    folder, seed = _state[0]
    rng = random.Random(f"{seed}:{number}")
    name = TURNS[number % len(TURNS)]
    here = folder / "input"
    here.mkdir()
    os.chdir(here)
    limit_memory()
    begun = time.process_time()
    try:
        ENTRIES[name](rng, here)
        outcome, detail = "read", ""
    except InputError as error:
        outcome = "refused" if "\n" not in error.message and error.hint else "LONG"
        detail = str(error)
    except Exception:
        outcome, detail = "CRASH", traceback.format_exc()
    # ReadStat refuses large claims by itself ("Unable to allocate memory"), with nothing taken.
    if re.search(r"MemoryError|Unable to allocate \d", detail):
        outcome = "MEMORY"
    if time.process_time() - begun > SECOND:
        outcome, detail = "SLOW", f"{time.process_time() - begun:.1f} s"
    os.chdir(folder)
    shutil.rmtree(here)
    return number, name, outcome, detail


def main() -> int:
    """Run the campaign; 0 where nothing crashed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=20210613)
    parser.add_argument("--run", help="a project with a finished run of case-report")
    parser.add_argument("--only", type=int, help="number of one input, with all that it gives")
    arguments = parser.parse_args()
    numbers = range(arguments.first, arguments.first + arguments.count)
    counts: Counter[tuple[str, str]] = Counter()
    bad = 0
    with tempfile.TemporaryDirectory() as place:
        run = str(Path(arguments.run).resolve()) if arguments.run else finished_run(Path(place))
        if arguments.only is not None:
            start(arguments.seed, run)
            print(*end_of(arguments.only), sep="\n")
            return 0
        with ProcessPoolExecutor(2, initializer=start, initargs=(arguments.seed, run)) as pool:
            running = pool.map(end_of, numbers, chunksize=100)
            for number, name, outcome, detail in tqdm(running, total=len(numbers), mininterval=2):
                counts[name, outcome] += 1
                if outcome not in ("read", "refused"):
                    bad += 1
                    last = (detail.strip().splitlines() or [""])[-1][:200]
                    tqdm.write(f"{outcome}  --only {number}  {name}  {last}")
    print(f"{'entry':18}{'read':>9}{'refused':>9}{'failed':>9}")
    for name in ENTRIES:
        read, refused = counts[name, "read"], counts[name, "refused"]
        failed = sum(n for (who, _), n in counts.items() if who == name) - read - refused
        print(f"{name:18}{read:>9,}{refused:>9,}{failed:>9,}")
    print(f"{len(numbers):,} inputs, {bad} crashes, hangs or gigabytes")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
