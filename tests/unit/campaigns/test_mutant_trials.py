"""What the end of a fork says of a mutant: killed, survived, or nothing."""

import os
import signal
import time
from types import SimpleNamespace

import pytest
from mutant_trials import (
    ALIVE,
    BY_TEST,
    BY_TIME,
    KILLED,
    NOT_TRIED,
    SURVIVED,
    UNDECIDED,
    Decided,
    ListedTests,
    Trial,
    decided,
)
from touched_functions import FAILED, in_forks

NAME = "tests/unit/x/test_y.py::test_z"


def found(changed, plain=ALIVE, again=ALIVE, seconds="1.0"):
    """What becomes of one mutant: ends of its forks with the change, without it, and with time."""

    def attempt(trial, folder):
        (folder / "test").write_text(NAME)
        (folder / "seconds").write_text(seconds)
        end = again if trial.limit else changed if trial.changed else plain
        if callable(end):
            return end(trial)
        if end < 0:
            os.kill(os.getpid(), -end)
            time.sleep(60)
        return end

    return list(decided([0], attempt, set(), jobs=1))


def test_a_failure_kills_where_the_test_passes_without_the_change():
    assert found(KILLED) == [Decided(0, BY_TEST, NAME)]


def test_all_tests_that_pass_are_a_survivor():
    assert found(ALIVE) == [Decided(0, SURVIVED, NAME)]


def test_a_test_that_fails_without_the_change_too_kills_nothing():
    """It is refused, and the mutant tried again without it."""
    refused = set()
    tests = ListedTests(lambda place: [SimpleNamespace(identifier=NAME)], refused)

    def attempt(trial, folder):
        if not tests(trial):
            return ALIVE
        (folder / "test").write_text(NAME)
        return KILLED

    assert list(decided([0], attempt, refused, jobs=1)) == [Decided(0, SURVIVED)]
    assert refused == {NAME}


def test_time_kills_where_the_test_takes_too_long_again():
    late = -signal.SIGPROF
    assert found(late, again=late) == [Decided(0, BY_TIME, NAME)]


def test_a_test_that_is_in_time_when_it_is_alone_kills_nothing():
    """As on a machine that was busy at that time."""
    assert found(-signal.SIGPROF, again=ALIVE) == [Decided(0, UNDECIDED, NAME)]


def test_a_test_that_fails_when_it_is_given_more_time_kills():
    assert found(-signal.SIGPROF, again=KILLED) == [Decided(0, BY_TEST, NAME)]


def test_the_time_given_is_that_of_the_test_without_the_change():

    def again(trial):
        return KILLED if trial.limit == 12 + 10 * 2.5 else ALIVE

    assert found(-signal.SIGPROF, again=again, seconds="2.5") == [Decided(0, BY_TEST, NAME)]


@pytest.mark.parametrize("end", [-signal.SIGXCPU, -signal.SIGALRM, -signal.SIGKILL, FAILED])
def test_any_other_end_decides_nothing(end):
    assert found(end) == [Decided(0, UNDECIDED, NAME)]


def test_an_error_of_the_campaign_decides_nothing():
    def broken(trial):
        raise KeyError(trial)

    assert found(broken) == [Decided(0, UNDECIDED, NAME)]


def test_what_is_not_tried_is_left_out():
    assert found(NOT_TRIED) == []


def test_a_fork_never_goes_on_as_the_process_above_it(capfd):
    def exits(item, folder):
        raise SystemExit(0) if item else ValueError("broken")

    ends = {item: os.waitstatus_to_exitcode(end) for item, end, _ in in_forks(exits, [0, 1], 1)}
    assert ends == {0: FAILED, 1: FAILED}
    assert "broken" in capfd.readouterr().err


def test_a_trial_of_one_test_has_that_test_alone():
    names = ["a", "b", "c"]
    tests = ListedTests(lambda place: [SimpleNamespace(identifier=name) for name in names], {"a"})
    assert [test.identifier for test in tests(Trial(0))] == ["b", "c"]
    assert [test.identifier for test in tests(Trial(0, "c"))] == ["c"]
    assert tests(Trial(0, "a")) == []
