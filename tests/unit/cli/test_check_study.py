"""check: every fault of a study at once, and nothing is written."""

from pathlib import Path

import pytest
from owncontrol.__main__ import main
from owncontrol.cli.check_study import check_study
from owncontrol.errors import InputError
from owncontrol.study.manifest import write_manifest

TABLE = "id,when,pain\nP1,before,7\nP1,week 4,5\nP2,before,6\nP2,week 4,6\n"


@pytest.fixture
def config(tmp_path, monkeypatch) -> Path:
    """The configuration of a study that can be run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text(TABLE, "utf-8")
    words = ["new-study", "new", "--from", "x.csv", "--visit", "when"]
    assert main([*words, "--measure", "pain:lower:points"]) == 0
    return tmp_path / "config/new.yaml"


def changed(config: Path, *changes: tuple[str, str]) -> list[str]:
    text = config.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    config.write_text(text, "utf-8")
    return check_study("new", config.parents[1])


def test_a_whole_study_has_no_fault(config, capsys):
    before = {path: path.stat().st_mtime_ns for path in config.parents[1].rglob("*")}
    assert main(["check", "new"]) == 0
    assert "no faults found" in capsys.readouterr().out
    assert before == {path: path.stat().st_mtime_ns for path in config.parents[1].rglob("*")}


def test_all_faults_of_the_keys_at_once(config, capsys):
    said = changed(config, ("clock: nominal", "clock: lunar"), ("synthetic:", "synthetical:"))
    # Both visits and the study, a key that is missing and one that is not known.
    assert len(said) == 5
    assert sum("clock: 'lunar'" in line for line in said) == 3
    assert any("synthetical" in line for line in said)
    assert main(["check", "new"]) == 1
    assert capsys.readouterr().err.count("error: ") == 5


def test_all_contradictions_at_once(config):
    said = changed(
        config, ("baseline: before", "baseline: befor"), ("time_point: w", "time_point: v")
    )
    assert [line.split(": ")[1] for line in said] == ["baseline", "time_point"]


def test_endpoint_and_column_at_once(config):
    said = changed(config, ("instrument: pain", "instrument: pein"), ("visit: when", "visit: wen"))
    assert len(said) == 2
    assert "no instrument 'pein'" in said[0] and "did you mean 'pain'?" in said[0]
    assert "column 'wen' is missing" in said[1] and "did you mean 'when'?" in said[1]


def test_a_raw_file_that_was_edited_is_not_read(config):
    (config.parents[1] / "data/raw/new/x.csv").write_text(TABLE + "P3,before,1\n", "utf-8")
    said = check_study("new", config.parents[1])
    assert len(said) == 1 and "x.csv" in said[0] and "MANIFEST" in said[0]


@pytest.mark.parametrize(
    ("days", "says"),
    [
        ([""] * 4, "mapped to pain.study_day, and all 4 cells are empty"),
        (["soon", "later"] * 2, "none of its 4 texts is a number of days"),
        (["1", "29", "", "soon"], ""),
    ],
)
def test_a_column_of_days_in_which_nothing_is_read(config, days, says):
    rows = zip(TABLE.splitlines(), ["day", *days], strict=True)
    text = "\n".join(f"{row},{day}" for row, day in rows) + "\n"
    raw = config.parents[1] / "data/raw/new"
    (raw / "x.csv").write_text(text, "utf-8")
    write_manifest(raw)
    said = changed(
        config,
        ("undated: true", "undated: false"),
        ("visit: when", "visit: when\n          study_day: day"),
        ("clock: nominal", "clock: recorded"),
    )
    assert [says in line for line in said] == [True] * bool(says)
    if says:
        assert "undated: true" in said[0] and "soon" not in said[0]


def test_dates_of_a_form_that_is_not_declared(config):
    raw = config.parents[1] / "data/raw/new"
    days = ["when_it_was", "03.05.2021", "04.06.2021", "05.05.2021", "06.06.2021"]
    rows = zip(TABLE.splitlines(), days, strict=True)
    (raw / "x.csv").write_text("\n".join(f"{row},{day}" for row, day in rows), "utf-8")
    write_manifest(raw)
    changes = [
        ("undated: true", "undated: false"),
        ("visit: when", "visit: when\n          date: when_it_was"),
        ("clock: nominal", "clock: baseline"),
    ]
    (said,) = changed(config, *changes)
    assert "none of its 4 texts has a form of exports.*.dates" in said and "2021" not in said
    assert (
        changed(config, ("    format: csv\n", "    format: csv\n    dates: ['%d.%m.%Y']\n")) == []
    )


def test_no_such_study(config):
    with pytest.raises(InputError, match="no such study"):
        check_study("old", config.parents[1])
