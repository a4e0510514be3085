"""Forks in which a mutant meets its tests, and what their end says of it.

A test that fails with a change has killed the mutant only if it passes without the change in the
same surroundings: it is run again so, once. A test that takes too long has killed it only if the
same test, alone, takes far longer than it does without the change on this machine at this time.
All else that may end a fork (too much processor time for all tests together, a signal, an error of
the campaign) decides nothing, and the mutant counts as one that survived.
"""

from __future__ import annotations

import os
import resource
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from touched_functions import Test, in_forks, seconds_of_cpu

ALIVE, KILLED, NOT_TRIED = 0, 1, 3
BY_TEST, BY_TIME, SURVIVED, UNDECIDED = "killed", "killed by time", "survived", "undecided"
# Seconds of CPU that a test may take beyond what it took; it may have to prepare a fixture.
PATIENCE = 12
# How many times as long as without the change a test takes that is said to take too long.
SLOWER = 10
# Bytes of memory that a fork may take beyond what it begins with.
MEMORY = 6 * 2**30


class Trial(NamedTuple):
    """What a fork does with the mutant of a place in a list.

    ``only``: one test, and no others. ``changed``: False where the test is to pass without the
    change. ``limit``: seconds of CPU for a test, in place of those by what it took when learned.
    """

    place: int
    only: str = ""
    changed: bool = True
    limit: float | None = None
    by_time: bool = False  # without the change: the mutant's test took too long


class Decided(NamedTuple):
    """What became of the mutant of a place, and the test that killed it."""

    place: int
    outcome: str
    test: str = ""


@dataclass
class ListedTests:
    """The tests of each mutant; those that fail without any change are left out."""

    of: Callable[[int], list[Test]]
    refused: set[str] = field(default_factory=set)

    def __call__(self, trial: Trial) -> list[Test]:
        """The tests of a trial, in order."""
        tests = [test for test in self.of(trial.place) if test.identifier not in self.refused]
        return [test for test in tests if trial.only in ("", test.identifier)]


def decided(
    places: Iterable[int], attempt: Callable[[Trial, Path], int], refused: set[str], jobs: int
) -> Iterator[Decided]:
    """Try each mutant, and again what has to be seen again; as it is decided, what became of it.

    ``attempt``: does a trial in a fork, under a ``Watch``; its status is that of the fork. What is
    not tried there at all is left out. ``refused``: tests that fail without a change, is added to.
    """
    waiting = deque(Trial(place) for place in places)
    passed: dict[str, float] = {}
    for trial, status, folder in in_forks(attempt, waiting, jobs):
        ended = os.waitstatus_to_exitcode(status)
        test = _written(folder / "test")
        if ended == NOT_TRIED:
            continue
        if not trial.changed:
            if ended != ALIVE:
                refused.add(trial.only)
                waiting.appendleft(Trial(trial.place))
                continue
            passed[trial.only] = float(_written(folder / "seconds") or 0)
            test, ended = trial.only, -signal.SIGPROF if trial.by_time else KILLED
        elif ended == ALIVE:
            yield Decided(trial.place, SURVIVED if trial.limit is None else UNDECIDED, test)
            continue
        elif trial.limit is not None and ended == -signal.SIGPROF:
            yield Decided(trial.place, BY_TIME, test)
            continue
        by_time = ended == -signal.SIGPROF
        if not test or not (by_time or ended == KILLED):
            yield Decided(trial.place, UNDECIDED, test)
        elif test not in passed:
            waiting.appendleft(Trial(trial.place, test, changed=False, by_time=by_time))
        elif by_time:
            limit = PATIENCE + SLOWER * passed[test]
            waiting.appendleft(Trial(trial.place, test, limit=limit))
        else:
            yield Decided(trial.place, BY_TEST, test)


def _written(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


class Watch:
    """A plugin of pytest in a fork: ends it at the first failure, and a test that takes too long.

    Which test was run last is in the file ``test`` of the folder, the seconds of CPU of all in
    ``seconds``. A fork ends after ``limit`` seconds of CPU in any case.
    """

    def __init__(self, tests: Sequence[Test], trial: Trial, folder: Path, limit: int) -> None:
        self.seconds = {test.identifier: test.seconds for test in tests}
        self.trial, self.folder = trial, folder
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        with Path("/proc/self/statm").open() as file:
            most = int(file.read().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        signal.alarm(10 * limit)
        self.begun = seconds_of_cpu()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        (self.folder / "test").write_text(nodeid, "utf-8")
        if self.trial.changed:
            usual = PATIENCE + 3 * self.seconds.get(nodeid, 0)
            signal.setitimer(signal.ITIMER_PROF, self.trial.limit or usual)

    def pytest_runtest_logfinish(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        (self.folder / "seconds").write_text(str(seconds_of_cpu() - self.begun))

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            os._exit(KILLED)

    def pytest_collectreport(self, report: Any) -> None:
        """A module that cannot be imported with the change: its tests fail, the first one first."""
        if report.failed:
            names = [name for name in self.seconds if name.startswith(report.nodeid)]
            if names:
                (self.folder / "test").write_text(names[0], "utf-8")
                os._exit(KILLED)
