"""What new-study shows of the cells of a file: never what may tell who a person is."""

import pytest
from owncontrol.__main__ import main
from owncontrol.suggest.dialogue import Dialogue
from owncontrol.suggest.questions import asked
from owncontrol.suggest.request import Request

PEOPLE = ["Anna Schmidt", "Peter Berg", "Lena Vogt", "Karl Maier", "Ida Lang", "Otto Braun"]
FIRST = [name.split()[0] for name in PEOPLE]
RATED = ["poor", "fair", "good", "poor", "fair", "good"]


def printed(folder, monkeypatch, capsys, texts, *options, before="x"):
    """What new-study prints of a study whose second column has these texts, a patient each."""
    monkeypatch.chdir(folder)
    rows = [f"P{n},pre,{text},{n}\nP{n},post,{text},{n}\n" for n, text in enumerate(texts)]
    (folder / "f.csv").write_text("id,when,who,pain\n" + "".join(rows), "utf-8")
    main(["new-study", "new", "--from", "f.csv", "--visit", "when", *options])
    told = capsys.readouterr()
    return told.out + told.err


WRONG = [
    ["--measure", "who:higher:points"],
    ["--measure", "who:higher:yes-no"],
    ["--measure", "pain:lower:points", "--keep", "who=Ann"],
    ["--measure", "pain:lower:points", "--event", "death:days=pain,who"],
    ["--measure", "pain:lower:points", "--event", "death:days=pain,who=Ann"],
]


@pytest.mark.slow
@pytest.mark.parametrize("options", WRONG, ids=" ".join)
@pytest.mark.parametrize("texts", [PEOPLE, FIRST], ids=["whole", "first"])
def test_no_message_shows_names(tmp_path, monkeypatch, capsys, texts, options):
    told = printed(tmp_path, monkeypatch, capsys, texts, *options)
    assert "not shown, as they may be names of people" in told
    assert not [name for name in FIRST if name in told]


def test_no_message_shows_telephone_numbers(tmp_path, monkeypatch, capsys):
    numbers = ["+49 30 90182934", "03-5555-0147", "+34 915 55 01 99"]
    told = printed(tmp_path, monkeypatch, capsys, numbers, *WRONG[0])
    assert "3 texts, not shown, as they may be numbers or addresses of people" in told
    assert not [number for number in numbers if number in told]


@pytest.mark.parametrize("few", [2, 3, 4])
def test_first_names_of_few_subjects_are_not_shown(tmp_path, monkeypatch, capsys, few):
    told = printed(tmp_path, monkeypatch, capsys, FIRST[:few], *WRONG[0])
    assert "not shown, as they may be names of people" in told
    assert not [name for name in FIRST if name in told]


@pytest.mark.parametrize("texts", [["poor", "fair", "good"], ["Poor", "Fair", "Poor"], ["Poor"]])
def test_ratings_of_few_subjects_are_shown(tmp_path, monkeypatch, capsys, texts):
    told = printed(tmp_path, monkeypatch, capsys, texts, *WRONG[0])
    assert f"'{texts[0]}'" in told


@pytest.mark.parametrize("options", WRONG[:2], ids=" ".join)
def test_words_of_a_rating_are_shown(tmp_path, monkeypatch, capsys, options):
    told = printed(tmp_path, monkeypatch, capsys, RATED, *options)
    assert "'poor', 'fair', 'good'" in told


@pytest.mark.parametrize("texts", [PEOPLE, FIRST, ["0170 1234567", *RATED[1:]]])
def test_no_question_shows_them(tmp_path, texts):
    rows = [f"P{n},pre,{text},{n}\nP{n},post,{text},{n}\n" for n, text in enumerate(texts)]
    (tmp_path / "f.csv").write_text("id,when,who,pain\n" + "".join(rows), "utf-8")
    said, given = [], iter(["id", "when", "pain", "", "", "pre", "", ""])

    def read(prompt):
        said.append(prompt)
        return next(given)

    asked(Request("new", (tmp_path / "f.csv",)), Dialogue(read, said.append))
    assert any("who" in line and "not shown" in line for line in said)
    assert not [line for line in said if any(text in line for text in texts if text not in RATED)]


def test_no_list_of_columns_that_would_do_shows_names(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{name},{n},{n}\n" for n, name in enumerate(PEOPLE))
    (tmp_path / "f.csv").write_text(f"who,pre,post\n{rows}", "utf-8")
    main(["new-study", "new", "--from", "f.csv", "--measure", "pain:lower:points=pre,post"])
    told = capsys.readouterr()
    assert not [name for name in FIRST if name in told.out + told.err]
