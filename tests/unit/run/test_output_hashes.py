"""What steps made: recorded around their work, and what no record vouches for is made again."""

import json
import shutil
from pathlib import Path

import pytest
from owncontrol.basics.chains import append, read_chain
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.provenance.history import HISTORY, add_run, is_compared, read_history
from owncontrol.run.job import step
from owncontrol.run.output_hashes import (
    UNFINISHED,
    check_untouched,
    check_vouched,
    compare,
    forget_unvouched,
    made_from,
    recorded,
    records,
)

RESULTS, LOGS = "results/study", "logs/study"
A, B = "results/study/a.csv", "results/study/b.csv"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("results/study/provenance").mkdir(parents=True)


def make(name, text):
    """What a step does to a file, with its record."""
    with step(f"logs/study/{Path(name).stem}.log", [name]):
        Path(name).write_text(text)


def run_entry(*names, made_from="1", raw="2", recorded="now"):
    return {
        "recorded": recorded,
        "commit": "",
        "raw": {"data/raw/study/x.csv": raw},
        "inputs": {},
        "made_from": dict.fromkeys(names, made_from),
        "results": {name: sha256(name) for name in names},
    }


def finish(*names, **about):
    """What the last step of a run does."""
    return add_run(RESULTS, run_entry(*names, **about))


def plan(path, *inputs, origin=""):
    return {"outputs": [path], "inputs": list(inputs), "made_from": origin}


def test_a_step_records_its_outputs_after_its_work():
    make(A, "a")
    assert recorded(RESULTS, LOGS) == {A: sha256(A)}
    check_untouched(RESULTS, LOGS)


def test_an_edit_by_hand_is_found_and_named():
    make(A, "a")
    make(B, "b")
    Path(A).write_text("edited")
    with pytest.raises(InputError, match=r"results/study/a\.csv: no longer as the run left it"):
        check_untouched(RESULTS, LOGS)


def test_a_step_that_fails_or_is_killed_leaves_its_outputs_unfinished():
    make(A, "a")
    with pytest.raises(ZeroDivisionError), step("logs/study/a.log", [A]):
        Path(A).write_text("half")
        raise ZeroDivisionError
    assert recorded(RESULTS, LOGS) == {A: UNFINISHED}
    assert compare(recorded(RESULTS, LOGS)).unfinished == [A]
    check_untouched(RESULTS, LOGS)


def test_a_file_made_again_by_an_interrupted_run_is_no_edit():
    make(A, "old")
    finish(A)
    make(A, "new")
    check_untouched(RESULTS, LOGS)
    Path(A).write_text("old")
    with pytest.raises(InputError):
        check_untouched(RESULTS, LOGS)


def test_the_history_is_enough_without_logs():
    make(A, "a")
    make(B, "b")
    finish(A, B)
    Path("logs/study/steps.jsonl").unlink()
    Path(A).write_text("edited")
    Path(B).unlink()
    found = compare(recorded(RESULTS, LOGS))
    assert list(found.altered) == [A] and found.missing == [B]


@pytest.mark.parametrize("keep", ["", HISTORY, "steps"])
def test_a_result_edited_with_records_removed_is_never_accepted(keep):
    """With any record left, or with none: altered, or to be made again."""
    make(A, "a")
    finish(A)
    Path(A).write_text("edited")
    if keep != HISTORY:
        Path(RESULTS, HISTORY).unlink()
    if keep != "steps":
        Path(LOGS, "steps.jsonl").unlink()
    if keep:
        with pytest.raises(InputError, match="no longer as the run left it"):
            check_untouched(RESULTS, LOGS)
    else:
        assert forget_unvouched([plan(A)], records(RESULTS, LOGS)) == 1
        assert not Path(A).exists()


def test_an_unfinished_file_is_made_again_though_snakemake_knows_it():
    make(A, "a")
    with pytest.raises(ZeroDivisionError), step("logs/study/a.log", [A]):
        raise ZeroDivisionError
    assert forget_unvouched([plan(A)], records(RESULTS, LOGS)) == 1
    assert not Path(A).exists()


def test_what_is_vouched_for_stays():
    make(A, "a")
    finish(A)
    before = Path(A).stat()
    assert forget_unvouched([plan(A, origin="1")], records(RESULTS, LOGS)) == 0
    assert Path(A).stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("why", ["other code", "a later input"])
def test_a_stale_result_becomes_older_than_its_inputs(why):
    make(A, "a")
    make(B, "b")
    finish(A, B)
    if why == "a later input":
        make(B, "b")
        steps = [plan(A, B, origin="1")]
    else:
        steps = [plan(A, B, origin="other")]
    known = records(RESULTS, LOGS)
    with pytest.raises(InputError, match="no record says that the present code made it"):
        check_vouched(steps, known)
    assert forget_unvouched(steps, known) == 0
    assert Path(A).stat().st_mtime == 1


def test_a_result_without_a_record_cannot_be_vouched_for():
    make(A, "a")
    check_vouched([plan(A)], records(RESULTS, LOGS))
    Path(B).write_text("b")
    with pytest.raises(InputError, match=r"b\.csv: no record"):
        check_vouched([plan(A), plan(B)], records(RESULTS, LOGS))


@pytest.mark.parametrize("line", [0, 1, -1])
@pytest.mark.parametrize("way", ["edited", "removed", "twice"])
def test_a_step_record_that_was_edited_is_one_line(line, way):
    for text in "abc":
        make(A, text)
    path = Path(LOGS, "steps.jsonl")
    lines = path.read_text().splitlines(keepends=True)
    if way == "edited":
        lines[line] = lines[line].replace('"a"', '"other"', 1)
    elif way == "removed":
        del lines[line]
    else:
        lines.insert(line, lines[line])
    path.write_text("".join(lines))
    if (way, line) in {("removed", -1), ("edited", -1), ("removed", 0)}:
        # The end cut off or edited: the file no longer is what the records say.
        assert forget_unvouched([plan(A)], records(RESULTS, LOGS)) or way == "edited"
    else:
        with pytest.raises(InputError, match=r"steps\.jsonl, line \d: does not follow"):
            records(RESULTS, LOGS)


def test_a_line_that_was_cut_off_is_left_out():
    make(A, "a")
    path = Path(LOGS, "steps.jsonl")
    with path.open("a") as file:
        file.write('{"before": "x", "files": {"')
    assert recorded(RESULTS, LOGS) == {A: sha256(A)}
    make(B, "b")
    assert set(recorded(RESULTS, LOGS)) == {A, B}
    assert len(read_chain(path)) == 4


def test_steps_before_the_last_run_say_nothing_more():
    make(A, "a")
    old = Path(LOGS, "steps.jsonl").read_bytes()
    finish(A)
    make(A, "b")
    finish(A, made_from="other")
    Path(LOGS, "steps.jsonl").write_bytes(old)
    assert recorded(RESULTS, LOGS) == {A: sha256(A)}


@pytest.mark.parametrize("gone", ["logs", ".snakemake", "both"])
def test_an_edit_of_the_last_run_shows_outside_the_results(gone):
    """Result and last line changed together; what else remembers the line is there, or nothing."""
    make(A, "a")
    finish(A)
    make(B, "b")
    Path(A).write_text("edited")
    path = Path(RESULTS, HISTORY)
    entry = run_entry(A)
    path.unlink()
    append(path, entry)
    for name in {"both": ["logs", ".snakemake"]}.get(gone, [gone]):
        shutil.rmtree(name)
    assert forget_unvouched([plan(A)], records(RESULTS, LOGS)) == 1
    make(A, "a")
    with pytest.raises(InputError, match=r"a\.csv: not as the run of now left it"):
        finish(A)
    assert recorded(RESULTS, LOGS, elsewhere=True)


def test_each_run_adds_a_line_that_follows():
    make(A, "a")
    first = finish(A)
    make(A, "b")
    finish(A, raw="3")
    runs = read_history(RESULTS)
    assert [run.entry["before"] for run in runs] == ["", first]


def test_equal_runs_that_leave_other_bytes_are_refused():
    make(A, "a")
    finish(A)
    make(A, "forged")
    with pytest.raises(InputError, match=r"a\.csv: not as the run of now left it"):
        finish(A)
    assert len(read_history(RESULTS)) == 1


@pytest.mark.parametrize("other", [{"made_from": "3"}, {"raw": "3"}])
def test_other_code_or_data_may_leave_other_bytes(other):
    make(A, "a")
    finish(A)
    make(A, "b")
    finish(A, **other)
    assert len(read_history(RESULTS)) == 2


def test_other_packages_may_leave_other_bytes():
    environment = "results/study/provenance/environment.csv"
    for text in ("a", "b"):
        make(A, text)
        make(environment, text)
        finish(A, environment)
    assert len(read_history(RESULTS)) == 2


@pytest.mark.parametrize("way", ["edited", "first removed", "reordered", "no record", "binary"])
def test_a_history_that_was_edited_is_one_line(way):
    for raw in "123":
        make(A, raw)
        finish(A, raw=raw)
    path = Path(RESULTS, HISTORY)
    lines = path.read_text().splitlines(keepends=True)
    if way == "edited":
        lines[1] = lines[1].replace('"now"', '"then"')
    elif way == "first removed":
        del lines[0]
    elif way == "reordered":
        lines[1:] = lines[:0:-1]
    elif way == "no record":
        path.unlink()
        append(path, {"recorded": "now"})
        lines = [path.read_text()]
    else:
        lines = ["\0" * 50 + "\n"]
    path.write_text("".join(lines))
    with pytest.raises(InputError, match=r"history\.jsonl") as error:
        records(RESULTS, LOGS)
    assert "\n" not in error.value.message


def test_numbers_written_in_another_way_are_an_edit():
    make(A, "a")
    finish(A)
    path = Path(RESULTS, HISTORY)
    path.write_text(json.dumps(json.loads(path.read_text())) + " \n")
    with pytest.raises(InputError, match="does not follow"):
        read_history(RESULTS)


def test_what_a_step_is_made_from_does_not_depend_on_order_or_kind():
    assert made_from({"a": 1, "b": ["x"]}) == made_from({"b": ("x",), "a": 1})
    assert made_from({"a": 1}) != made_from({"a": 2})
    assert made_from({"a": 1, "made_from": 5}) == made_from({"a": 1})
    assert made_from(None) == made_from({}) == ""


def test_what_differs_between_equal_runs_is_not_compared():
    assert not is_compared("provenance/run.yaml")
    assert not is_compared(HISTORY)
    assert not is_compared("provenance/history-0123456789abcdef.sig")
    assert is_compared("provenance/outputs.csv")
