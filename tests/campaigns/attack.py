"""Try every attack on the project, and count how many were held.

    python tests/campaigns/attack.py                       # all of them, with whole runs
    python tests/campaigns/attack.py --quick               # without whole runs
    python tests/campaigns/attack.py --group files --only workbook

The attacks are those of ``attacks``, by module. Each is tried in an empty folder of its own and
in a process of its own: one that hangs is ended after --seconds, and that, too, is not held.
Exits with 1 where one got through.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import pkgutil
import random
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(ROOT / name)
    for name in ("workflow/lib", "tests", "tests/helpers", "tests/campaigns", "benchmarks")
]

import attacks  # noqa: E402

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from attacks import Attack

# A whole run takes some seconds a study, on a busy machine a minute.
QUICK_SECONDS, RUN_SECONDS = 60, 900


def groups() -> dict[str, list[Attack]]:
    """The attacks by module of ``tests/campaigns/attacks``."""
    names = sorted(found.name for found in pkgutil.iter_modules(attacks.__path__))
    modules = {name: importlib.import_module(f"attacks.{name}") for name in names}
    return {
        name: module.attacks() for name, module in modules.items() if hasattr(module, "attacks")
    }


def tried(attack: Attack, seconds: float) -> str:
    """What got through, in one line; empty where the attack was held."""
    try:
        attack.needs()
    except Exception as error:
        return " ".join(f"what it needs was not made: {error}".split())
    method = multiprocessing.get_context("fork")
    here, there = method.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="attack") as name:
        worker = method.Process(target=_attempt, args=(attack, Path(name), there))
        worker.start()
        there.close()
        try:
            said = here.recv() if here.poll(seconds) else f"not ended after {seconds:.0f} s"
        except EOFError:
            worker.join()
            said = f"its process ended with {worker.exitcode}"
        # With all that it has started, which is of its own process group.
        if worker.pid is not None:
            _end_group(worker.pid)
        worker.join()
    return " ".join(str(said).split())


def _attempt(attack: Attack, folder: Path, answer: Connection) -> None:
    os.setsid()
    os.chdir(folder)
    # What an attack prints is not part of the table.
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    try:
        said = attack.attempt(folder)
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        said = f"{type(error).__name__} at {place}: {error}"
    answer.send(said[:500])
    answer.close()


def _end_group(process: int) -> None:
    try:
        os.killpg(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # ended, with all that it had started


def main() -> int:
    """Run the campaign and print the table; 0 where everything was held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--group", help="a module of tests/campaigns/attacks; all if left out")
    parser.add_argument("--only", default="", help="attacks with this in their name")
    parser.add_argument("--seed", type=int, help="another order of the attacks")
    parser.add_argument("--quick", action="store_true", help="without those that take a whole run")
    parser.add_argument("--seconds", type=float, help="how long one attack may take")
    options = parser.parse_args()
    found = groups()
    if options.group and options.group not in found:
        parser.error(f"--group {options.group}: no such group; there are: {', '.join(found)}")
    chosen = [
        (group, attack)
        for group, listed in found.items()
        for attack in listed
        if options.group in (None, group)
        and options.only in attack.name
        and not (options.quick and attack.whole_run)
    ]
    if not chosen:
        parser.error("no attack has such a name")
    if options.seed is not None:
        random.Random(options.seed).shuffle(chosen)
    counts = dict.fromkeys(found, (0, 0))
    for number, (group, attack) in enumerate(chosen, 1):
        limit = options.seconds or (RUN_SECONDS if attack.whole_run else QUICK_SECONDS)
        begun = time.monotonic()
        if sys.stderr.isatty():
            print(f"\r{number} of {len(chosen)}", end=" ", file=sys.stderr)
        said = tried(attack, limit)
        count, held = counts[group]
        counts[group] = (count + 1, held + (not said))
        if said:
            spent = time.monotonic() - begun
            print(f"got through: {group}: {attack.name} ({spent:.0f} s): {said}", flush=True)
    print(f"{'group':14}{'tried':>7}{'held':>7}")
    for group, (count, held) in counts.items():
        if count:
            print(f"{group:14}{count:>7}{held:>7}")
    total, safe = (sum(part) for part in zip(*counts.values(), strict=True))
    print(f"{'all':14}{total:>7}{safe:>7}")
    return int(safe < total)


if __name__ == "__main__":
    raise SystemExit(main())
