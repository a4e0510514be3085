"""A time to an event in the words of a command: its columns, its value, and what is asked for."""

import pytest
from owncontrol.__main__ import main
from owncontrol.errors import InputError
from owncontrol.study.loading import load_study
from owncontrol.suggest.request import AskedEvent, asked_event

PAIN = ["--measure", "pain:lower:points=pre,post"]


def new_study(folder, monkeypatch, column, *options):
    monkeypatch.chdir(folder)
    rows = "".join(f"P{n},7,5,{3 * n},{text}\n" for n, text in enumerate(column, start=1))
    (folder / "f.csv").write_text(f"id,pre,post,weeks,state\n{rows}", "utf-8")
    assert main(["new-study", "new", "--from", "f.csv", *PAIN, *options]) == 0


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("relapse:weeks=weeks,state", AskedEvent("relapse", "weeks", "weeks", "state")),
        ("died:days:9,90.5=t,s=0", AskedEvent("died", "days", "t", "s", "0", (9, 90.5))),
    ],
)
def test_the_option_and_back(text, event):
    assert asked_event(text) == event
    assert asked_event(event.option()) == event


@pytest.mark.parametrize("text", ["relapse", "r:weeks=t", "r:weeks=t,s,u", "r:w:0=t,s", "r=t,s"])
def test_an_option_that_is_none(text):
    with pytest.raises(InputError, match="is not NAME:UNIT=TIME,EVENT"):
        asked_event(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "value", "codes"),
    [
        (["1", "0"], "", {"1": "yes", "0": "no"}),
        (["1", "0"], "=0", {"0": "yes", "1": "no"}),
        (["yes", "no"], "", {}),
        (["relapsed", "well"], "=relapsed", {"relapsed": "yes", "well": "no"}),
    ],
)
def test_the_columns_are_characteristics(tmp_path, monkeypatch, column, value, codes):
    new_study(tmp_path, monkeypatch, column, "--event", f"relapse:weeks:6=weeks,state{value}")
    study = load_study({"study": "new"}, tmp_path)
    assert [event.plain() for event in study.event_times] == [
        {
            "name": "relapse",
            "label": "relapse",
            "time": "relapse_time",
            "seen": "relapse_seen",
            "at": [6],
        }
    ]
    assert [(item.type, item.unit) for item in study.characteristics] == [
        ("number", "weeks"),
        ("boolean", ""),
    ]
    subjects = study.exports["f"].tables["subjects"]
    assert (subjects.columns["relapse_time"], subjects.columns["relapse_seen"]) == (
        "weeks",
        "state",
    )
    assert dict(subjects.recode.get("relapse_seen", {})) == codes


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("relapse:weeks=week,state", "no file has the column 'week'; did you mean 'weeks'?"),
        ("relapse:weeks=weeks,state", "state holds values that are neither yes nor no"),
        ("relapse:weeks=weeks,state=1", "no row has state '1'"),
    ],
)
def test_what_is_lacking_is_told(tmp_path, monkeypatch, capsys, option, told):
    new_study(tmp_path, monkeypatch, ["relapsed", "well"], "--event", option)
    assert told in capsys.readouterr().out


def test_what_subjects_are_called_goes_into_the_configuration_and_its_command(
    tmp_path, monkeypatch
):
    new_study(tmp_path, monkeypatch, ["1", "0"], "--called", "healthy volunteer,healthy volunteers")
    study = load_study({"study": "new"}, tmp_path)
    assert study.design.called.a == "a healthy volunteer"
    assert study.question == "Does anything change within healthy volunteers?"
    text = (tmp_path / "config/new.yaml").read_text("utf-8")
    assert "--called 'healthy volunteer,healthy volunteers'" in text
