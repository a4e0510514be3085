"""A column of codes that is called like a record number: allowed where a person says so."""

import pytest
from owncontrol.__main__ import main
from owncontrol.cli.check_study import check_study
from owncontrol.suggest import study_parts
from owncontrol.suggest.raw_file import read_raw_file
from owncontrol.suggest.request import Request

TABLE = """Patienten-Nr.;Visite;Gehstrecke
P1;Baseline;12,5
P1;Woche 8;22,5
P2;Baseline;9,5
P2;Woche 8;8,5
"""


@pytest.fixture
def made(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text(TABLE, "utf-8")

    def run(*options):
        words = ["new-study", "new", "--from", "x.csv", "--measure", "Gehstrecke:higher:m"]
        assert main([*words, *options]) == 0
        return capsys.readouterr().out, (tmp_path / "config/new.yaml").read_text("utf-8")

    return run


@pytest.mark.parametrize(
    ("codes", "in_capitals"),
    [
        (["T-1", "t-2"], True),
        (["t-1", "t-2"], False),
        (["T-1", "T-2"], True),
        (["a1", "bX2"], False),
    ],
)
def test_codes_of_which_some_are_typed_in_small_letters(codes, in_capitals, tmp_path):
    rows = [f"{code},{visit},1" for code in codes for visit in ("pre", "post")]
    path = tmp_path / "x.csv"
    path.write_text("\n".join(["id,visit,x", *rows]), "utf-8")
    raw = read_raw_file(path, None)
    request = Request("new", (path,))
    assert study_parts.in_capitals(request, [raw]) is in_capitals


def test_without_a_word_it_is_asked_for(made):
    said, text = made()
    assert "--subject: 'Patienten-Nr.' may be no study code" in said
    assert "make STUDY=new" not in said.replace("make check STUDY=new", "")
    assert "identifiers_allowed" not in text


def test_a_person_who_names_it_is_believed_and_the_line_is_marked(made, tmp_path):
    said, text = made("--subject", "Patienten-Nr.")
    assert "settle the 1 line of config/new.yaml that is marked unsure" in said.replace(
        str(tmp_path) + "/", ""
    )
    assert "identifiers_allowed: [Patienten-Nr.]  # unsure" in text
    assert check_study("new", tmp_path) == []


def test_a_name_among_codes_gives_no_pattern_of_any_text(made, tmp_path):
    with (tmp_path / "x.csv").open("a", encoding="utf-8") as file:
        file.write("Źdźbłowska Bożydara;Baseline;12,5\n")
    _, text = made("--subject", "Patienten-Nr.")
    assert 'pattern: "P[0-9]+"' in text


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "null", "true", "y", "nan"])
def test_a_measure_called_like_a_value_of_yaml_keeps_its_name(tmp_path, monkeypatch, word):
    monkeypatch.chdir(tmp_path)
    cells = TABLE.replace("Gehstrecke", word).replace("Patienten-Nr.", "code")
    cells = cells.replace("Woche 8", "off").replace("Baseline", "on").replace(",", ".")
    (tmp_path / "x.csv").write_text(cells, "utf-8")
    words = ["new-study", "new", "--from", "x.csv", "--subject", "code", "--visit", "Visite"]
    assert main([*words, "--visits", "on,off", "--measure", f"{word}:higher:m"]) == 0
    assert check_study("new", tmp_path) == []
