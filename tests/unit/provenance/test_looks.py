"""Which look at the data a run is: sets of raw files, not runs."""

import pytest
from owncontrol.provenance.history import HISTORY, add_run, is_compared
from owncontrol.provenance.looks import LOOKS, looks, write_looks


def entry(day, **raw):
    parts = {"inputs": {}, "made_from": {"x": day}, "results": {}}
    return {"recorded": f"2022-01-{day:02d}", "commit": "", "raw": raw, **parts}


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "results/small"


def written(results, *entries):
    for item in entries:
        add_run(results, item)
    return write_looks(results), (results / LOOKS).read_text("utf-8").splitlines()


def test_runs_of_the_same_raw_files_are_one_look(results):
    head, lines = written(results, entry(1, a="1"), entry(2, a="1"), entry(3, a="2", b="1"))
    assert head == (
        "This is look 2 at the data; 2 different sets of raw files analysed in this folder so far."
    )
    assert lines[:3] == [
        head,
        "look 1: first analysed 2022-01-01, 2 runs",
        "look 2: first analysed 2022-01-03, 1 run",
    ]


def test_a_record_that_was_taken_away_is_told(results):
    """Whoever deletes the history makes a third look no first one."""
    written(results, entry(1, a="1"), entry(2, a="2"))
    (results / HISTORY).unlink()
    head, lines = written(results, entry(3, a="3"), entry(4, a="3"))
    assert head.startswith("This is look 1 at the data; 1 different set")
    assert lines[2:4] == [
        "The record of the runs before that of 2022-01-03 was removed or replaced: there were more "
        "looks than are counted here.",
        "Runs of the same raw files are one look. A copy of the project has its own history.",
    ]


def test_a_return_to_former_files_is_the_former_look(results):
    head, lines = written(results, entry(1, a="1"), entry(2, a="2"), entry(3, a="1"))
    assert head.startswith("This is look 1 at the data; 2 different sets")
    assert lines[1] == "look 1: first analysed 2022-01-01, 2 runs"


def test_without_a_run_there_is_no_look():
    assert looks([]) == ([], 0)


def test_what_differs_from_copy_to_copy_is_compared_with_nothing():
    assert not is_compared(LOOKS)
