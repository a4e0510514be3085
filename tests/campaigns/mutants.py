"""Change the code in small ways, one at a time, and see whether a unit test fails.

    python tests/campaigns/mutants.py --count 500 --seed 1
    python tests/campaigns/mutants.py --module owncontrol.statistics.walsh --all

A line of code is drawn, and a change of it (tests/campaigns/code_mutation.py). The tests that call
the changed function run with it in a forked process, those of its own package first, the fastest of
them first, until one fails. The change lives in that process only; no file is touched. What is
changed within a function is put into a process that has loaded the tests (swapped_code.py); for
what runs when a module is imported, a fork loads all of it again.

What was killed is remembered (benchmarks/results/mutants) by the hash of the module and its change,
so that a stopped campaign goes on; what survived is tried again, as there may be a new test.
A survivor that no test can kill is listed in mutants_equal.txt with the reason.
"""

from __future__ import annotations

import argparse
import ast
import gc
import hashlib
import importlib
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("workflow/lib", "tests", "tests/helpers", "tests/campaigns", "benchmarks")
sys.path[:0] = [str(ROOT / name) for name in FOLDERS]

from code_mutation import Changed, Mutation, mutation, mutations  # noqa: E402
from swapped_code import in_loaded  # noqa: E402
from touched_functions import LIBRARY, Test, in_forks, learn, module_name, run_tests  # noqa: E402

PACKAGES = ("statistics", "isncsci", "cleaning", "analysis", "ingest")
MEMORY = ROOT / "benchmarks/results/mutants"
EQUAL = Path(__file__).with_name("mutants_equal.txt")
# Imported once, before all forks.
WARM = (
    *("numpy", "scipy.stats", "scipy.optimize", "pandas", "pyarrow.parquet", "yaml", "jsonschema"),
    *("matplotlib.pyplot", "pydantic", "pyreadstat", "hypothesis.extra.numpy", "pytest_mpl.plugin"),
)
# Seconds of CPU: to learn a test file, and for all tests that see one mutant.
LEARNED, LIMIT = 240, 100
# Seconds of CPU that a test may take beyond what it took; it may have to prepare a fixture.
PATIENCE = 12
KILLED, TIME, SURVIVED, EQUALS = "killed", "killed by time", "survived", "equal"


@dataclass(frozen=True)
class Mutant:
    """A module with one change."""

    module: str
    original: ast.Module
    change: Mutation

    @property
    def package(self) -> str:
        return self.module.split(".")[1]

    @property
    def path(self) -> Path:
        return source(self.module)

    @cached_property
    def difference(self) -> str:
        """The lines that differ, as a diff."""
        return self.change.difference(self.original)

    @property
    def in_one_line(self) -> str:
        """The difference with its spaces and lines joined."""
        return " ".join(self.difference.split())

    @cached_property
    def key(self) -> str:
        """The same for the same change of the same code, comments aside."""
        text = f"{self.module}\n{ast.unparse(self.original)}\n{self.difference}\n{self.change.line}"
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def __str__(self) -> str:
        place = f"{self.path.relative_to(ROOT)}:{self.change.line}"
        lines = self.difference.splitlines()
        pairs = enumerate(zip(*(line[1:] for line in lines), strict=False))
        same = next((place for place, signs in pairs if len(set(signs)) > 1), 0)
        return f"{place}\n" + "\n".join(f"    {_cut(line, same)}" for line in lines)


def _cut(line: str, same: int) -> str:
    """A long line of a difference, near the place at which the lines differ."""
    start = same - 50
    return f"{line[0]} ... {line[start : start + 120]}" if start > 50 else line[:160]


def drawn(count: int, seed: int, modules: Iterable[str]) -> list[Mutant]:
    """Mutants of a seed: each line of code with the same chance, each mutant once."""
    trees = {name: parsed(name) for name in modules}
    places = {name: mutations(tree) for name, tree in trees.items()}
    lines = [(name, line) for name in trees for line in sorted(places[name])]
    rng = random.Random(seed)
    chosen: dict[tuple[str, tuple[int, int]], None] = {}
    for _ in range(20 * count):
        name, line = rng.choice(lines)
        chosen[name, rng.choice(places[name][line])] = None
        if len(chosen) == count:
            break
    return [Mutant(name, trees[name], mutation(trees[name], *place)) for name, place in chosen]


def every(modules: Iterable[str]) -> Iterator[Mutant]:
    """All mutants of some modules."""
    for name in modules:
        tree = parsed(name)
        for places in mutations(tree).values():
            for place in places:
                yield Mutant(name, tree, mutation(tree, *place))


def parsed(module: str) -> ast.Module:
    """The tree of a module."""
    return ast.parse(source(module).read_text(encoding="utf-8"))


def modules_of(packages: Iterable[str]) -> list[str]:
    """The modules of these packages."""
    folders = [LIBRARY / "owncontrol" / package for package in packages]
    return [module_name(path) for each in folders for path in sorted(each.rglob("*.py"))]


def source(module: str) -> Path:
    """The file of a module."""
    path = LIBRARY.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def concerned(mutant: Mutant, tests: list[Test]) -> list[list[Test]]:
    """The tests of a mutant: those of its own package, then all others; the fastest first.

    Those that call the changed function come before the others of their file, which may use what
    the first one made. What runs when the module is imported, and what no test calls, concerns all
    tests of the module.
    """
    function, module = f"{mutant.module}:{mutant.change.function}", f"{mutant.module}:"
    # What only imports the module says little of what runs at its import.
    calling = [test for test in tests if function in test.calls and function != module]
    direct = {test.identifier for test in calling} or {
        test.identifier for test in tests if any(name.startswith(module) for name in test.calls)
    }
    files = {test.file for test in tests if test.identifier in direct}
    near = [test for test in tests if test.file in files]
    near.sort(key=lambda test: (test.identifier not in direct, test.seconds))
    own = f"tests/unit/{mutant.package}/"
    rounds = [
        [test for test in near if test.file.startswith(own) is first] for first in (True, False)
    ]
    spent, chosen = 0.0, []
    for tests_of_round in rounds:
        chosen.append([])
        for test in tests_of_round:
            spent += test.seconds
            if spent < LIMIT:
                chosen[-1].append(test)
    return [each for each in chosen if each]


class Chosen:
    """A plugin of pytest: only these tests, in this order, and no search for smaller examples.

    A test that takes far longer than it did ends the process: the mutant is killed by time.
    """

    def __init__(self, tests: list[Test]) -> None:
        self.place = {test.identifier: place for place, test in enumerate(tests)}
        self.seconds = {test.identifier: test.seconds for test in tests}

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        signal.setitimer(signal.ITIMER_PROF, PATIENCE + 3 * self.seconds[nodeid])

    def pytest_runtest_logfinish(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def pytest_collection(self) -> None:
        from hypothesis import Phase, settings

        phases = [Phase.explicit, Phase.generate]
        settings.register_profile("mutants", settings(), phases=phases, print_blob=False)
        settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self.place),
            key=lambda item: self.place[item.nodeid],
        )


def in_order(mutant: Mutant, tests: list[Test]) -> list[Test]:
    """The tests of a mutant in one list."""
    return [test for each in concerned(mutant, tests) for test in each]


def attempt(mutant: Mutant, folder: Path, tests: list[Test]) -> int:
    """Run the tests of a mutant, in a forked process; 0 where all of them pass."""
    sys.meta_path.insert(0, Changed(mutant.module, mutant.path, mutant.change.tree))
    for chosen in concerned(mutant, tests):
        files = sorted({test.file for test in chosen})
        if run_tests(["-x", "--tb=no", *files], Chosen(chosen), 2 * LIMIT, folder):
            return 1
    return 0


def outcomes(
    mutants: list[Mutant], tests: list[Test], memory: Path, jobs: int
) -> Iterator[tuple[Mutant, str]]:
    """What becomes of each mutant, from memory where it was killed before."""
    memory.mkdir(parents=True, exist_ok=True)
    new = []
    for mutant in mutants:
        if (memory / mutant.key).exists():
            yield mutant, (memory / mutant.key).read_text()
        elif mutant.in_one_line in equal(mutant.module):
            yield mutant, EQUALS
        else:
            new.append(mutant)
    for mutant, status in tried(new, tests, jobs):
        found = TIME if os.WIFSIGNALED(status) else KILLED if status else SURVIVED
        if found != SURVIVED:
            (memory / mutant.key).write_text(found)
        yield mutant, found


def tried(mutants: list[Mutant], tests: list[Test], jobs: int) -> Iterator[tuple[Mutant, int]]:
    """Each mutant with its status, as of ``os.wait``: first those in functions, then the others."""
    waiting = dict(enumerate(mutants))
    within = [place for place, mutant in waiting.items() if mutant.change.function]
    swapped = [mutants[place] for place in within]
    plugin, listed = Chosen(tests), partial(in_order, tests=tests)
    for number, status in in_loaded(swapped, listed, plugin, LIMIT, jobs) if swapped else ():
        yield waiting.pop(within[number]), status
    for mutant, status, _ in in_forks(partial(attempt, tests=tests), list(waiting.values()), jobs):
        yield mutant, status


def equal(module: str) -> set[str]:
    """The changes of a module that change nothing, from the list of them, each on one line."""
    found = set()
    for part in EQUAL.read_text(encoding="utf-8").split("\n\n"):
        name, *lines = part.strip().splitlines() or [""]
        if name == module:
            change = [line for line in lines if line.lstrip()[0] in "-+"]
            found.add(" ".join(" ".join(change).split()))
    return found


def unit_tests(places: Iterable[str], memory: Path, jobs: int) -> list[Test]:
    """The tests in these files and folders that pass, with what they call."""
    paths = [ROOT / place for place in places]
    files = [file for path in paths for file in (sorted(path.rglob("test_*.py")) or [path])]
    return learn(files, LEARNED, memory, jobs)


def warm(memory: Path) -> None:
    """Import what tests import, but not the library, whose bytecode is kept for the forks."""
    for name in WARM:
        importlib.import_module(name)
    gc.freeze()
    sys.pycache_prefix, sys.dont_write_bytecode = str(memory / "bytecode"), False


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Mutants of the code.")
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--package", action="append", choices=PACKAGES)
    parser.add_argument("--module", action="append", help="owncontrol.statistics.walsh")
    parser.add_argument("--all", action="store_true", help="every mutant of the modules")
    parser.add_argument("--tests", nargs="+", default=["tests/unit"], help="files and folders")
    parser.add_argument("--memory", type=Path, default=MEMORY, help="what earlier ones found")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    return parser.parse_args()


def main() -> int:
    """Run a campaign; 1 where a mutant survives that is not listed as equal."""
    asked = arguments()
    modules = asked.module or modules_of(asked.package or PACKAGES)
    mutants = list(every(modules)) if asked.all else drawn(asked.count, asked.seed, modules)
    warm(asked.memory)
    tests = unit_tests(asked.tests, asked.memory, asked.jobs)
    counts: Counter[tuple[str, str]] = Counter()
    for mutant, found in outcomes(mutants, tests, asked.memory / "killed", asked.jobs):
        counts[mutant.package, found] += 1
        if found == SURVIVED:
            print(f"{found}: {mutant}", flush=True)
    for package in PACKAGES:
        of_it = {kind: counts[package, kind] for kind in (KILLED, TIME, EQUALS, SURVIVED)}
        print(
            f"{package}: {sum(of_it.values())} tried,",
            ", ".join(f"{n} {k}" for k, n in of_it.items()),
        )
    return any(kind == SURVIVED for _, kind in counts)


if __name__ == "__main__":
    sys.exit(main())
