"""Mutants in forks of one process in which library and tests are loaded already.

The code of the changed function is put in the place of the old one, so that a mutant costs the time
of the tests that it takes, and nothing is imported for it.
"""

from __future__ import annotations

import ast
import functools
import gc
import os
import resource
import shutil
import signal
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
from touched_functions import LIBRARY, ROOT, Test, in_forks

ALIVE, KILLED, NOT_SWAPPED = 0, 1, 3


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
        """All that the garbage collector knows of; before ``gc.freeze`` hides it."""
        objects = gc.get_objects()
        functions = [each for each in objects if isinstance(each, FunctionType)]
        caches = [each for each in objects if isinstance(each, functools._lru_cache_wrapper)]
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
        for cache in self.caches:
            cache.cache_clear()
        return True


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
    """A plugin of pytest: when all tests are collected, a fork for each mutant runs its own.

    ``told``: called with the place of a mutant and its status, as of ``os.wait``.
    """

    def __init__(
        self,
        mutants: Sequence[Mutant],
        tests: Callable[[Mutant], list[Test]],
        told: Callable[[int, int], object],
        limit: int,
        jobs: int,
    ) -> None:
        self.mutants, self.tests, self.told = mutants, tests, told
        self.limit, self.jobs = limit, jobs
        self.items: dict[str, Any] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self.loaded = Loaded.now()
        gc.freeze()
        for place, status, _ in in_forks(self._attempt, range(len(self.mutants)), self.jobs):
            self.told(place, status)
        return True

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            os._exit(KILLED)

    def _attempt(self, place: int, folder: Path) -> int:
        resource.setrlimit(resource.RLIMIT_CPU, (2 * self.limit, 2 * self.limit))
        signal.alarm(30 * self.limit)
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)  # each fork has temporary files its own
        mutant = self.mutants[place]
        names = [test.identifier for test in self.tests(mutant)]
        if not set(names) <= set(self.items) or not self.loaded.swap(mutant):
            return NOT_SWAPPED
        items = [self.items[name] for name in names]
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return ALIVE


def in_loaded(
    mutants: Sequence[Mutant],
    tests: Callable[[Mutant], list[Test]],
    plugin: object,
    limit: int,
    jobs: int,
) -> Iterator[tuple[int, int]]:
    """Try mutants of functions; as each ends, its place and its status, as of ``os.wait``.

    ``tests``: of a mutant, in order. ``plugin``: one more of pytest. ``limit``: seconds of CPU for
    a mutant. A mutant that cannot be tried in this way is left out.
    """
    reading, writing = os.pipe()
    folder = Path(tempfile.mkdtemp(prefix="mutants"))
    process = os.fork()
    if not process:
        files = sorted({test.file for mutant in mutants for test in tests(mutant)})
        forks = Forks(mutants, tests, partial(_write, writing), limit, jobs)
        _collect(files, [forks, plugin], folder)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as lines:
        for line in lines:
            place, status = map(int, line.split())
            if os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) != NOT_SWAPPED:
                yield place, status
    os.waitpid(process, 0)
    shutil.rmtree(folder, ignore_errors=True)


def _write(pipe: int, place: int, status: int) -> int:
    return os.write(pipe, f"{place} {status}\n".encode())


def _collect(files: list[str], plugins: list[object], folder: Path) -> None:
    """Run pytest without a word: what it does with the tests of these files, the plugins say."""
    with (folder / "output").open("a") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    # What a test prints is kept in memory: a file would be one for all forks.
    options = ["-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain", "--capture=sys"]
    pytest.main([*options, "--tb=no", f"--rootdir={ROOT}", *files], plugins)
