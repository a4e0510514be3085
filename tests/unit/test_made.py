"""What steps made: recorded around their work, and an edit by hand told from an interrupted run."""

import hashlib
from pathlib import Path

import pytest
from owncontrol.errors import InputError
from owncontrol.made import UNFINISHED, check_untouched, compare, recorded
from owncontrol.step import step


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("results/study/provenance").mkdir(parents=True)


def make(name, text):
    """What a step does to a file, with its record."""
    with step(f"logs/study/{Path(name).stem}.log", [name]):
        Path(name).write_text(text)


def test_a_step_records_its_outputs_after_its_work(monkeypatch):
    make("results/study/a.csv", "a")
    known = recorded("results/study", "logs/study")
    assert known == {"results/study/a.csv": hashlib.sha256(b"a").hexdigest()}
    check_untouched("results/study", "logs/study")


def test_an_edit_by_hand_is_found_and_named():
    make("results/study/a.csv", "a")
    make("results/study/b.csv", "b")
    Path("results/study/a.csv").write_text("edited")
    with pytest.raises(InputError, match=r"results/study/a\.csv: no longer as the run left it"):
        check_untouched("results/study", "logs/study")


def test_a_step_that_fails_or_is_killed_leaves_its_outputs_unfinished():
    make("results/study/a.csv", "a")
    with pytest.raises(ZeroDivisionError), step("logs/study/a.log", ["results/study/a.csv"]):
        Path("results/study/a.csv").write_text("half")
        raise ZeroDivisionError
    known = recorded("results/study", "logs/study")
    assert known == {"results/study/a.csv": UNFINISHED}
    assert compare(known).unfinished == ["results/study/a.csv"]
    check_untouched("results/study", "logs/study")


def test_a_file_made_anew_by_an_interrupted_run_is_no_edit():
    make("results/study/a.csv", "new")
    old = hashlib.sha256(b"old").hexdigest()
    Path("results/study/provenance/outputs.csv").write_text(
        f"file,sha256\nresults/study/a.csv,{old}\n"
    )
    check_untouched("results/study", "logs/study")
    Path("results/study/a.csv").write_text("old")
    with pytest.raises(InputError):
        check_untouched("results/study", "logs/study")


def test_the_record_of_the_run_is_enough_without_logs():
    digest = hashlib.sha256(b"a").hexdigest()
    Path("results/study/provenance/outputs.csv").write_text(
        f"file,sha256\nresults/study/a.csv,{digest}\nresults/study/b.csv,{digest}\n"
    )
    Path("results/study/a.csv").write_text("edited")
    found = compare(recorded("results/study", "logs/study"))
    assert list(found.altered) == ["results/study/a.csv"]
    assert found.missing == ["results/study/b.csv"]


def test_a_damaged_record_is_said_in_one_line():
    Path("results/study/provenance/outputs.csv").write_text("nothing\n")
    with pytest.raises(InputError, match="has no columns file and sha256"):
        recorded("results/study", "logs/study")
