"""Mutants in forks of one process in which library and tests are loaded already.

The code of the changed function is put in the place of the old one, so that a mutant costs the time
of the tests that it takes, and nothing is imported for it.
"""

from __future__ import annotations

import ast
import gc
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Protocol

import pytest
from code_mutation import Changed, Mutation
from mutant_trials import ALIVE, NOT_TRIED, SURVIVED, Decided, ListedTests, Trial, Watch, decided
from touched_functions import (
    LIBRARY,
    Recorder,
    Test,
    collect,
    kept_results,
    named,
    run_items,
)


class Mutant(Protocol):
    """A module with one change."""

    module: str
    change: Mutation

    @property
    def path(self) -> Path:
        """The file of the module."""


@dataclass(frozen=True)
class Loaded:
    """What of the library is in memory: its functions, and caches of results."""

    functions: list[FunctionType]
    caches: list[Any]

    @classmethod
    def now(cls) -> Loaded:
        """All that the garbage collector knows of, also what a ``gc.freeze`` has hidden."""
        caches = kept_results()
        functions = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
        mine = str(LIBRARY)
        return cls([f for f in functions if f.__code__.co_filename.startswith(mine)], caches)

    def swap(self, mutant: Mutant) -> bool:
        """Put the changed code in its place; False where that cannot be done."""
        if mutant.module not in sys.modules:
            sys.meta_path.insert(0, Changed(mutant.module, mutant.path, mutant.change.tree))
            return True
        new = changed_codes(mutant.change.tree, mutant.path)
        names = _outer_names(mutant.change.function)
        concerned = [
            function
            for function in self.functions
            if function.__code__.co_filename == str(mutant.path)
            and function.__code__.co_qualname in names
        ]
        if not any(function.__code__.co_qualname == names[0] for function in concerned):
            return False
        for function in concerned:
            old = function.__code__
            try:
                function.__code__ = new[old.co_qualname, old.co_firstlineno]
            except (KeyError, ValueError):  # it uses other variables of the function around it
                return False
        return True

    def clear(self) -> None:
        """Forget what the library keeps of results."""
        for cache in self.caches:
            cache.cache_clear()


def changed_codes(tree: ast.Module, path: Path) -> dict[tuple[str, int], CodeType]:
    """The code objects of a module by name and first line."""
    found: dict[tuple[str, int], CodeType] = {}
    waiting = [compile(tree, path, "exec")]
    for code in waiting:
        inner = [each for each in code.co_consts if isinstance(each, CodeType)]
        waiting += inner
        found |= {(each.co_qualname, each.co_firstlineno): each for each in inner}
    return found


def _outer_names(function: str) -> list[str]:
    """A function and those within it that lead to a change, the outermost first."""
    parts = function.split(".<locals>.")
    return [".<locals>.".join(parts[: count + 1]) for count in range(len(parts))]


class Forks:
    """A plugin of pytest: when all tests are collected, forks try the mutants on them.

    ``told``: called with what became of a mutant, as it is decided.
    """

    def __init__(
        self,
        mutants: Sequence[Mutant],
        tests: Callable[[Mutant], list[Test]],
        told: Callable[[Decided], object],
        limit: int,
        jobs: int,
    ) -> None:
        self.mutants, self.told = mutants, told
        self.tests = ListedTests(lambda place: tests(mutants[place]))
        self.limit, self.jobs = limit, jobs
        self.items: dict[str, Any] = {}
        self.seen: dict[int, CodeType] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        sys.settrace(None)
        # What has run by now ran at import: its results stay when its code is changed.
        at_import = named(self.seen)
        self.items = {item.nodeid: item for item in session.items}
        self.plugins = session.config.pluginmanager
        self.loaded = Loaded.now()
        gc.freeze()
        places = range(len(self.mutants))
        for found in decided(places, self._attempt, self.tests.refused, self.jobs):
            mutant = self.mutants[found.place]
            name = f"{mutant.module}:{mutant.change.function}"
            if found.outcome != SURVIVED or name not in at_import:
                self.told(found)
        return True

    def _attempt(self, trial: Trial, folder: Path) -> int:
        tests = self.tests(trial)
        names = [test.identifier for test in tests]
        if not set(names) <= set(self.items):
            return NOT_TRIED
        if trial.changed and not self.loaded.swap(self.mutants[trial.place]):
            return NOT_TRIED
        self.loaded.clear()
        self.plugins.register(Watch(tests, trial, folder, 2 * self.limit))
        run_items([self.items[name] for name in names], folder)
        return ALIVE


def in_loaded(
    mutants: Sequence[Mutant],
    tests: Callable[[Mutant], list[Test]],
    plugin: object,
    limit: int,
    jobs: int,
) -> Iterator[Decided]:
    """Try mutants of functions; what becomes of each, as it is decided.

    ``tests``: of a mutant, in order. ``plugin``: one more of pytest. ``limit``: seconds of CPU for
    a mutant. A mutant that cannot be tried in this way is left out, and so is one that survives
    whose function runs when it is imported.
    """
    reading, writing = os.pipe()
    folder = Path(tempfile.mkdtemp(prefix="mutants"))
    process = os.fork()
    if not process:
        os.close(reading)
        files = sorted({test.file for mutant in mutants for test in tests(mutant)})
        forks = Forks(mutants, tests, partial(_write, writing), limit, jobs)
        with Recorder().recording() as forks.seen:
            collect(files, [forks, plugin], folder)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as lines:
        for line in lines:
            yield Decided(*json.loads(line))
    os.waitpid(process, 0)
    shutil.rmtree(folder, ignore_errors=True)


def _write(pipe: int, found: Decided) -> int:
    return os.write(pipe, f"{json.dumps(found)}\n".encode())
