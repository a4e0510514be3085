"""A yes or no in words: its texts are recoded where they are known, and told where they are not."""

import pytest
from owncontrol.__main__ import main
from owncontrol.cli.check_study import check_study
from owncontrol.errors import InputError
from owncontrol.study.loading import load_study
from owncontrol.suggest.request import asked_measure


def new_study(folder, monkeypatch, text, *options):
    monkeypatch.chdir(folder)
    (folder / "f.csv").write_text(text, "utf-8")
    assert main(["new-study", "new", "--from", "f.csv", *options]) == 0


def text_of(*answers):
    lines = [f"P{at // 2},{['pre', 'post'][at % 2]},{text}" for at, text in enumerate(answers)]
    return "id,when,walks\n" + "\n".join(lines) + "\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        (("0", "1", "1", "1"), {"0": "no", "1": "yes"}),
        (("nein", "Ja", "ja", "Nein"), {"nein": "no", "Nein": "no", "Ja": "yes", "ja": "yes"}),
        (("no", "yes", "yes", "NA"), {}),
        (("y", "n", "n", "NA"), {"y": "yes", "n": "no"}),
        (("J", "n", "n", "N"), {"J": "yes", "n": "no", "N": "no"}),
        (("True", "False", "False", "True"), {"True": "yes", "False": "no"}),
        (("FALSE", "FALSE", "TRUE", "NA"), {"FALSE": "no", "TRUE": "yes"}),
        (("T", "F", "F", "NA"), {"T": "yes", "F": "no"}),
    ],
)
def test_what_the_texts_stand_for(tmp_path, monkeypatch, answers, codes):
    options = ["--visit", "when", "--measure", "walks:higher:yes-no"]
    new_study(tmp_path, monkeypatch, text_of(*answers), *options)
    assert check_study("new", tmp_path) == []
    table = load_study({"study": "new"}, tmp_path).exports["f"].tables["walks"]
    assert dict(table.recode.get("walks", {})) == codes


def test_words_that_a_person_names(tmp_path, monkeypatch, capsys):
    options = ["--visit", "when", "--measure", "walks:higher:yes-no", "--replace"]
    answers = text_of("poor", "good", "good", "poor")
    new_study(tmp_path, monkeypatch, answers, *options, "--words", "walks=poor,good")
    table = load_study({"study": "new"}, tmp_path).exports["f"].tables["walks"]
    assert dict(table.recode["walks"]) == {"poor": "no", "good": "yes"}
    new_study(tmp_path, monkeypatch, answers, *options, "--words", "walks=poor,fair,good")
    assert "--words walks: 3 words for a yes or no" in capsys.readouterr().out


def test_columns_of_a_wide_table_and_a_repeated_baseline(tmp_path, monkeypatch):
    wide = "id,w_pre,w_post\nP1,0,1\nP2,oui,non\n"
    new_study(tmp_path, monkeypatch, wide, "--measure", "walks:higher:yes-no=w_pre,w_post")
    table = load_study({"study": "new"}, tmp_path).exports["f"].tables["walks"]
    assert set(table.recode["walks"]) == {"0", "1", "oui", "non"}
    repeated = "id,month,walks,before\nP1,1,yes,0\nP2,1,yes,0\n"
    options = ["--visit", "month", "--baseline-column", "before", "--replace"]
    new_study(tmp_path, monkeypatch, repeated, *options, "--measure", "walks:higher:yes-no")
    table = load_study({"study": "new"}, tmp_path).exports["f"].tables["walks"]
    assert dict(table.recode["walks"]) == {"0": "no"}


def test_other_values_are_left_to_say(tmp_path, monkeypatch, capsys):
    options = ["--visit", "when", "--measure", "walks:higher:yes-no"]
    new_study(tmp_path, monkeypatch, text_of("1", "2", "2", "1"), *options)
    out = capsys.readouterr().out
    assert "--measure walks: walks holds values that are neither yes nor no; '2'" in out
    # The value is on the terminal, and not in the configuration.
    assert "'2'" not in (tmp_path / "config/new.yaml").read_text("utf-8").split("study:")[0]


@pytest.mark.parametrize("unit", ["time-to-event", "days:time_to_event", "Time_To_Event"])
def test_a_time_to_an_event_says_why_not(unit):
    with pytest.raises(InputError, match="a time to an event has no baseline"):
        asked_measure(f"relapse:higher:{unit}")
