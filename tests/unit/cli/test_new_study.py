"""A new study from its exports: all of it, or nothing."""

import shutil
import subprocess
from pathlib import Path

import pytest
from owncontrol.__main__ import main
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import read_manifest

ROOT = Path(__file__).parents[3]
EXPORT = ROOT / "docs/tutorial/walking_export.csv"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(EXPORT, tmp_path / "walks.csv")
    return tmp_path


def made(place):
    """All files and folders that were made beside the export."""
    return {path for path in place.rglob("*") if path.is_file() and path.parent != place}


def test_a_configuration_that_can_run_is_written(place, capsys):
    assert main(["new-study", "walking", "--from", "walks.csv"]) == 0
    said = capsys.readouterr().out
    assert "then: make STUDY=walking" in said
    settings = analysis_settings(load_study({"study": "walking"}, place)).plain()
    assert [(visit["name"], visit["day"]) for visit in settings["visits"]] == [
        ("baseline", 0),
        ("day_28", 28),
        ("day_180", 180),
    ]
    assert settings["subject_id"]["pattern"] == "W-[0-9]+"
    assert settings["exports"]["walks"]["tables"].keys() == {"wisci2", "subjects", "treatments"}
    text = (place / "config/walking.yaml").read_text("utf-8")
    assert f"settle the {text.count('# unsure')} lines of config/walking.yaml" in said
    assert set(read_manifest(place / "data/raw/walking")) == {"walks.csv", "README.md"}
    assert (place / "data/raw/walking/walks.csv").read_bytes() == EXPORT.read_bytes()


@pytest.mark.parametrize("ignored", [False, True])
def test_git_add_all_takes_no_raw_file(place, capsys, ignored):
    subprocess.run(["git", "init", "-q"], check=True)
    if ignored:
        shutil.copyfile(ROOT / ".gitignore", place / ".gitignore")
    (place / "data/raw").mkdir(parents=True)
    assert main(["new-study", "walking", "--from", "walks.csv"]) == 0
    (place / "data/raw/walking/corrections.csv").write_text("subject_id\nW-01\n")
    subprocess.run(["git", "add", "-A"], check=True)
    listed = subprocess.run(["git", "ls-files"], check=True, capture_output=True, text=True).stdout
    added = set(listed.split()) - {".gitignore", "walks.csv"}
    assert added == (set() if ignored else {"config/walking.yaml"})
    what = "both" if ignored else "the raw files, not the configuration"
    assert f"git ignores {what}\n" in capsys.readouterr().out


def test_the_shipped_studies_are_not_ignored():
    names = ["data/raw/example/x.csv", "data/raw/stroke/MANIFEST", "config/stroke.yaml"]
    for name in [*names, "config.yaml", "config/README.md", "data/reference/x.csv"]:
        command = ["git", "-C", str(ROOT), "check-ignore", "-q", "--no-index", name]
        assert subprocess.run(command, check=False).returncode == 1, name


def test_several_exports_make_one_study(place):
    (place / "cells.csv").write_text("patient,dose\nW-01,1.0\nW-02,0.9\n", "utf-8")
    assert main(["new-study", "two", "--from", "walks.csv", "cells.csv"]) == 0
    assert list(read_yaml(place / "config/two.yaml")["exports"]) == ["walks", "cells"]


def test_an_export_without_an_instrument_says_what_is_left(place, capsys):
    (place / "cells.csv").write_text("patient,dose\nW-01,1.0\nW-02,0.9\n", "utf-8")
    assert main(["new-study", "two", "--from", "cells.csv"]) == 0
    said = capsys.readouterr().out
    assert "--measure: what was measured?" in said and "cells.csv has dose (1.0, 0.9)" in said
    assert "then: make check STUDY=two" in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\x00\x01\x02\xff\xfe\x00PK", "walks.csv"),
        (b"record_id,level\n", "a header and no row"),
        (None, "no such file"),
    ],
)
def test_a_bad_export_leaves_nothing(place, capsys, content, words):
    if content is None:
        (place / "walks.csv").unlink()
    else:
        (place / "walks.csv").write_bytes(content)
    assert main(["new-study", "bad", "--from", "walks.csv"]) == 1
    said = capsys.readouterr().err
    assert words in said and said.startswith("error: ")
    assert "Traceback" not in said
    assert not made(place)


def test_a_file_without_a_subject_leaves_a_scaffold(place, capsys):
    (place / "walks.csv").write_text("colour,level\nred,1\nblue,2\n", "utf-8")
    assert main(["new-study", "bad", "--from", "walks.csv"]) == 0
    said = capsys.readouterr().out
    assert "--subject: which column of walks.csv has the study codes?" in said
    assert "colour (red, blue); level (1, 2)" in said
    assert (place / "config/bad.yaml").is_file()


@pytest.mark.parametrize("name", ["Walking", "../x", "", "a b"])
def test_a_bad_name_leaves_nothing(place, capsys, name):
    assert main(["new-study", name, "--from", "walks.csv"]) == 1
    assert "is no name of a study" in capsys.readouterr().err
    assert not made(place)


@pytest.mark.parametrize("there", ["config/walking.yaml", "data/raw/walking/x.csv"])
def test_what_exists_is_left_alone(place, capsys, there):
    path = place / there
    path.parent.mkdir(parents=True)
    path.write_text("mine", "utf-8")
    assert main(["new-study", "walking", "--from", "walks.csv"]) == 1
    assert "exists already" in capsys.readouterr().err
    assert made(place) == {path}
    assert path.read_text("utf-8") == "mine"


def test_a_file_that_may_not_be_read(place, capsys, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert main(["new-study", "walking", "--from", "walks.csv"]) == 1
    assert "walks.csv: Permission denied" in capsys.readouterr().err
    assert not made(place)
