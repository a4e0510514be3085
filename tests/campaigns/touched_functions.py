"""Which functions of the library each quick unit test calls, and how long it takes.

Learned by running the tests once, each test file in a fork of one process that has loaded them all,
and kept by the hash of the file in benchmarks/results: a test file that did not change is not run
again.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NoReturn, TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "workflow/lib"
T = TypeVar("T")
FAILED = 70  # of a fork: an error of the campaign, not of a test


@dataclass(frozen=True)
class Test:
    """One test that passes: its identifier, its seconds of CPU, and what it calls."""

    identifier: str
    seconds: float
    calls: frozenset[str]  # module:function

    @property
    def file(self) -> str:
        return self.identifier.partition("::")[0]


class Recorder:
    """A plugin of pytest: what is called while a test, or a fixture, runs."""

    def __init__(self) -> None:
        self.seen: dict[int, CodeType] = {}
        self.fixtures: dict[Any, frozenset[str]] = {}
        self.tests: dict[str, dict[str, Any]] = {}

    @contextlib.contextmanager
    def recording(self) -> Iterator[dict[int, CodeType]]:
        """Record calls from here on; a recording within another one adds to both."""
        outer, self.seen = self.seen, {}
        sys.settrace(self._called)
        try:
            yield self.seen
        finally:
            outer |= self.seen
            self.seen = outer

    def _called(self, frame: FrameType, event: str, argument: object) -> None:
        self.seen[id(frame.f_code)] = frame.f_code

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        with self.recording() as seen:
            value = yield
        self.fixtures[fixturedef] = named(seen)
        return value

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Any:
        start = seconds_of_cpu()
        with self.recording() as seen:
            value = yield
        sys.settrace(None)
        fixtures = [each for defs in item._fixtureinfo.name2fixturedefs.values() for each in defs]
        calls = named(seen).union(*(self.fixtures.get(each, ()) for each in fixtures))
        test = self.tests.setdefault(item.nodeid, {"passed": False})
        test |= {"seconds": seconds_of_cpu() - start, "calls": sorted(calls)}
        return value

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call":
            self.tests.setdefault(report.nodeid, {})["passed"] = report.passed


def seconds_of_cpu() -> float:
    """What this process and those that it started and that ended have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def named(seen: dict[int, CodeType]) -> frozenset[str]:
    """The functions of the library among these code objects, as module:function."""
    return frozenset(
        f"{module_name(Path(code.co_filename))}:{function_name(code)}"
        for code in seen.values()
        if code.co_filename.startswith(str(LIBRARY))
    )


def function_name(code: CodeType) -> str:
    """The function that a code object belongs to; an expression's own is in the one around it."""
    parts = code.co_qualname.split(".<locals>.")
    while parts and parts[-1].startswith("<"):
        parts.pop()
    return ".<locals>.".join(parts)


def module_name(path: Path) -> str:
    """The dotted name of a file of the library."""
    name = ".".join(path.relative_to(LIBRARY).with_suffix("").parts)
    return name.removesuffix(".__init__")


def learn(files: list[Path], limit: int, memory: Path, jobs: int) -> list[Test]:
    """The tests of these files that pass, each file run once, for ``limit`` s at most.

    A file that takes longer is said, and left out.
    """
    memory.mkdir(parents=True, exist_ok=True)
    learned = {file: _learned(file, memory) for file in files}
    new = {file: path for file, path in learned.items() if not path.exists()}
    for file in new:
        for old in memory.glob(f"{file.stem}-{'?' * 16}.json"):
            old.unlink()
    for _ in in_forks(partial(_learn_all, limit=limit, jobs=jobs), [new] if new else [], 1):
        pass
    for file, path in new.items():
        if not path.exists():  # it is tried again the next time
            print(f"{file.relative_to(ROOT)}: ended before its end, is left out", file=sys.stderr)
    return [
        Test(name, test["seconds"], frozenset(test["calls"]))
        for path in learned.values()
        if path.exists()
        for name, test in json.loads(path.read_text()).items()
        if test["passed"]
    ]


def _learned(file: Path, memory: Path) -> Path:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    return memory / f"{file.stem}-{digest}.json"


def in_forks(
    work: Callable[[T, Path], int], items: Iterable[T], jobs: int
) -> Iterator[tuple[T, int, Path]]:
    """Do each item in a fork of this process, with a folder of its own.

    As each ends: the item, its status as of ``os.wait``, and the folder, which is then removed. A
    deque may grow meanwhile.
    """
    running: dict[int, tuple[T, Path]] = {}
    waiting = items if isinstance(items, deque) else deque(items)
    while waiting or running:
        if waiting and len(running) < jobs:
            item, folder = waiting.popleft(), Path(tempfile.mkdtemp(prefix="mutants"))
            process = os.fork()
            if not process:
                _end(work, item, folder)
            running[process] = item, folder
        else:
            process, status = os.wait()
            item, folder = running.pop(process)
            yield item, status, folder
            shutil.rmtree(folder, ignore_errors=True)


def _end(work: Callable[[T, Path], int], item: T, folder: Path) -> NoReturn:
    """Do an item and end this process: whatever happens, it does not go on as the one above it."""
    status = FAILED
    try:
        status = work(item, folder)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


class _Learning:
    """A plugin of pytest: when all tests are collected, a fork for each file runs its tests.

    ``written``: where what the tests of a file call is written, if they come to their end.
    """

    def __init__(
        self, written: dict[Path, Path], recorder: Recorder, limit: int, jobs: int
    ) -> None:
        self.written, self.recorder, self.limit, self.jobs = written, recorder, limit, jobs

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        self.items: dict[Path, list[Any]] = {file: [] for file in self.written}
        for item in session.items:
            self.items[item.path].append(item)
        # A result that the import of another test file has left would hide a call.
        for cache in kept_results():
            cache.cache_clear()
        gc.freeze()
        for _ in in_forks(self._record, self.written, self.jobs):
            pass
        return True

    def _record(self, file: Path, folder: Path) -> int:
        """Run the tests of a file and write what each calls."""
        resource.setrlimit(resource.RLIMIT_CPU, (self.limit, self.limit))
        signal.alarm(10 * self.limit)
        run_items(self.items[file], folder)
        (folder / "learned").write_text(json.dumps(self.recorder.tests, indent=1))
        shutil.move(folder / "learned", self.written[file])
        return 0


def _learn_all(written: dict[Path, Path], folder: Path, limit: int, jobs: int) -> int:
    recorder = Recorder()
    learning = _Learning(written, recorder, limit, jobs)
    collect([*map(str, written)], [learning, recorder], folder)
    return 0


def kept_results() -> list[Any]:
    """The caches of results that the garbage collector knows of, also what it had frozen."""
    gc.unfreeze()
    return [each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper)]


def collect(files: list[str], plugins: list[object], folder: Path) -> None:
    """Run pytest without a word: what it does with the tests of these files, the plugins say."""
    with (folder / "output").open("a") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    # What a test prints is kept in memory: a file would be one for all forks.
    usual = ["-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain", "--capture=sys"]
    pytest.main([*usual, "--tb=no", f"--rootdir={ROOT}", *files], plugins)


def run_items(items: list[Any], folder: Path) -> None:
    """Run collected tests in this process, a forked one, with temporary files of its own."""
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)
    for item, following in zip_longest(items, items[1:]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def run_tests(arguments: list[str], plugins: list[object], limit: int, folder: Path) -> int:
    """Run tests in this process, a forked one, without a word; the status of pytest.

    The process ends after ``limit`` seconds of CPU.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    signal.alarm(10 * limit)
    with (folder / "output").open("a") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    options = [
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--assert=plain",
        f"--basetemp={folder}/tests",
    ]
    return int(pytest.main([*options, f"--rootdir={ROOT}", *arguments], plugins))
