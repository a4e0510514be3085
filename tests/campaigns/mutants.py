"""Change the code in small ways, one at a time, and see whether a unit test fails.

    python tests/campaigns/mutants.py --count 500 --seed 1
    python tests/campaigns/mutants.py --count 500 --seed 1 --from 0 --to 100
    python tests/campaigns/mutants.py --module owncontrol.statistics.walsh --all

A line of code is drawn, and a change of it (tests/campaigns/code_mutation.py). The tests that call
the changed function run with it in a forked process, those of its own package first, the fastest of
them first, until one fails. The change lives in that process only; no file is touched. What is
changed within a function is put into a process that has loaded the tests (swapped_code.py); for
what runs when a module is imported, a fork loads all of it again. What counts as killed, and what
decides nothing, is in mutant_trials.py.

What was found is remembered (--memory, benchmarks/results/mutants) by the hash of the module and
its change, so that a stopped campaign goes on. What survived is tried again once the tests that
concern it are others. A survivor that no test can kill is listed in mutants_equal.txt with the
reason.
"""

from __future__ import annotations

import argparse
import ast
import gc
import hashlib
import importlib
import os
import random
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
from mutant_trials import (  # noqa: E402
    ALIVE,
    BY_TEST,
    BY_TIME,
    SURVIVED,
    UNDECIDED,
    Decided,
    ListedTests,
    Trial,
    Watch,
    decided,
)
from swapped_code import in_loaded  # noqa: E402
from touched_functions import (  # noqa: E402
    FAILED,
    LIBRARY,
    Test,
    learn,
    module_name,
    run_tests,
)

PACKAGES = ("statistics", "isncsci", "cleaning", "analysis", "ingest")
MEMORY = ROOT / "benchmarks/results/mutants"
EQUAL = Path(__file__).with_name("mutants_equal.txt")
# Imported once, before all forks.
WARM = (
    *("numpy", "scipy.stats", "scipy.optimize", "pandas", "pyarrow.parquet", "yaml", "jsonschema"),
    *("matplotlib.pyplot", "pydantic", "pyreadstat", "hypothesis.extra.numpy", "pytest_mpl.plugin"),
)
# Seconds of CPU: to learn a test file, and for all tests that see one mutant.
LEARNED, LIMIT = 900, 100
TESTS = ("tests/unit", "tests/contract")
EQUALS = "equal"
OUTCOMES = (BY_TEST, BY_TIME, EQUALS, SURVIVED, UNDECIDED)


@dataclass(frozen=True)
class Mutant:
    """A module with one change."""

    module: str
    original: str  # the module, written out from its tree
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
        text = f"{self.module}\n{self.original}\n{self.difference}\n{self.change.line}"
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


def drawn(count: int, seed: int, modules: Iterable[str], part: slice) -> list[Mutant]:
    """Mutants of a seed: each line of code with the same chance, each mutant once.

    Whether a line is drawn depends on the seed and on its own text, so that a change of the code
    leaves what is drawn elsewhere as it is. ``part``: which of them.
    """
    trees = {name: parsed(name) for name in modules}
    waiting = []
    for name, tree in trees.items():
        written = source(name).read_text(encoding="utf-8").splitlines()
        alike: Counter[str] = Counter()  # lines of the same text
        for line, places in sorted(mutations(tree).items()):
            text = written[line - 1].strip()
            alike[text] += 1
            order = random.Random(f"{seed} {name} {alike[text]} {text}")
            mixed = order.sample(places, len(places))
            waiting += [(turn, order.random(), name, place) for turn, place in enumerate(mixed)]
    plain = {name: ast.unparse(tree) for name, tree in trees.items()}
    return [
        Mutant(name, plain[name], mutation(trees[name], *place))
        for *_, name, place in sorted(waiting)[:count][part]
    ]


def every(modules: Iterable[str]) -> Iterator[Mutant]:
    """All mutants of some modules."""
    for name in modules:
        tree = parsed(name)
        plain = ast.unparse(tree)
        for places in mutations(tree).values():
            for place in places:
                yield Mutant(name, plain, mutation(tree, *place))


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
    """A plugin of pytest: only these tests, in this order, and no search for smaller examples."""

    def __init__(self, tests: list[Test]) -> None:
        self.place = {test.identifier: place for place, test in enumerate(tests)}

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


def in_new(mutants: list[Mutant], tests: list[Test], jobs: int) -> Iterator[Decided]:
    """Try mutants in forks that load library and tests themselves."""
    of_mutant = ListedTests(lambda place: in_order(mutants[place], tests))

    def attempt(trial: Trial, folder: Path) -> int:
        """Run the tests of a mutant, in a forked process; 0 where all of them pass."""
        mutant, run = mutants[trial.place], of_mutant(trial)
        names = {test.identifier for test in run}
        if trial.changed:
            changed = Changed(mutant.module, mutant.path, mutant.change.tree)
            sys.meta_path.insert(0, changed)
        watch = Watch(run, trial, folder, 2 * LIMIT)
        for near in concerned(mutant, tests):
            chosen = [test for test in near if test.identifier in names]
            files = sorted({test.file for test in chosen})
            plugins = [Chosen(chosen), watch]
            if chosen and run_tests(["--tb=no", *files], plugins, 2 * LIMIT, folder):
                return FAILED
        return ALIVE

    yield from decided(range(len(mutants)), attempt, of_mutant.refused, jobs)


class Memory:
    """What became of mutants before, a file for each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def outcome(self, mutant: Mutant, tests: list[Test]) -> str:
        """What became of it; empty where it has to be tried."""
        file = self.folder / mutant.key
        found, _, by = file.read_text().partition("\n") if file.exists() else ("", "", "")
        return found if found in (BY_TEST, BY_TIME) or by == state(tests) else ""

    def keep(self, mutant: Mutant, found: str, test: str, tests: list[Test]) -> None:
        """Keep what killed it, or which tests did not."""
        by = test if found in (BY_TEST, BY_TIME) else state(tests)
        if found != UNDECIDED:
            (self.folder / mutant.key).write_text(f"{found}\n{by}")


def state(tests: list[Test]) -> str:
    """The same for the same tests in files of the same content."""
    files = {test.file: (ROOT / test.file).read_bytes() for test in tests}
    digest = hashlib.sha256("\n".join(test.identifier for test in tests).encode())
    for name in sorted(files):
        digest.update(files[name])
    return digest.hexdigest()


def outcomes(
    mutants: list[Mutant], tests: list[Test], memory: Memory, jobs: int
) -> Iterator[tuple[Mutant, str]]:
    """What becomes of each mutant, from memory where it is known."""
    new = []
    for mutant in mutants:
        if mutant.in_one_line in equal(mutant.module):
            yield mutant, EQUALS
        elif found := memory.outcome(mutant, in_order(mutant, tests)):
            yield mutant, found
        else:
            new.append(mutant)
    for mutant, found in tried(new, tests, jobs):
        memory.keep(mutant, found.outcome, found.test, in_order(mutant, tests))
        yield mutant, found.outcome


def tried(mutants: list[Mutant], tests: list[Test], jobs: int) -> Iterator[tuple[Mutant, Decided]]:
    """Each mutant with what became of it: first those in functions, then the others."""
    waiting = dict(enumerate(mutants))
    within = [place for place, mutant in waiting.items() if mutant.change.function]
    swapped = [mutants[place] for place in within]
    plugin, listed = Chosen(tests), partial(in_order, tests=tests)
    for found in in_loaded(swapped, listed, plugin, LIMIT, jobs) if swapped else ():
        yield waiting.pop(within[found.place]), found
    others = list(waiting.values())
    for found in in_new(others, tests, jobs):
        yield others[found.place], found


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
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    parser.add_argument("--to", type=int, help="the one at which to stop")
    parser.add_argument("--package", action="append", choices=PACKAGES)
    parser.add_argument("--module", action="append", help="owncontrol.statistics.walsh")
    parser.add_argument("--all", action="store_true", help="every mutant of the modules")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="files and folders")
    parser.add_argument("--memory", type=Path, default=MEMORY, help="what earlier ones found")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    return parser.parse_args()


def main() -> int:
    """Run a campaign; 1 where a mutant survives that is not listed as equal."""
    asked = arguments()
    modules = asked.module or modules_of(asked.package or PACKAGES)
    part = slice(asked.first, asked.to)
    mutants = (
        list(every(modules))[part] if asked.all else drawn(asked.count, asked.seed, modules, part)
    )
    warm(asked.memory)
    tests = unit_tests(asked.tests, asked.memory, asked.jobs)
    counts: Counter[tuple[str, str]] = Counter()
    for mutant, found in outcomes(mutants, tests, Memory(asked.memory / "mutants"), asked.jobs):
        counts[mutant.package, found] += 1
        if found in (SURVIVED, UNDECIDED):
            print(f"{found}: {mutant}", flush=True)
    for package in PACKAGES:
        print(f"{package}: {said({kind: counts[package, kind] for kind in OUTCOMES})}")
    print(f"all: {said({kind: sum(counts[each, kind] for each in PACKAGES) for kind in OUTCOMES})}")
    return any(kind in (SURVIVED, UNDECIDED) for _, kind in counts)


def said(found: dict[str, int]) -> str:
    """How many mutants were tried, and what became of them."""
    tried = sum(found.values())
    killed = found[BY_TEST] + found[BY_TIME]
    share = f"{killed / tried:.1%} killed: " if tried else ""
    return f"{tried} tried, {share}" + ", ".join(f"{count} {kind}" for kind, count in found.items())


if __name__ == "__main__":
    sys.exit(main())
