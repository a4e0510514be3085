"""The run of an earlier cut: laid out in a folder of its own, and one line where it fails."""

import subprocess

import pytest
import yaml
from owncontrol.errors import InputError
from owncontrol.run import earlier_data
from owncontrol.run.earlier_data import earlier_run, prepare
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import read_manifest
from small_study import FILES, small_study, write_files

CUT = "cuts/2026-01-05"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with one earlier cut, in which a raw file was another; and what is read of it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw" / CUT).mkdir(parents=True)
    write_files(tmp_path / "raw")
    (tmp_path / "raw" / CUT / "walks.csv").write_text("then")
    for name in ("mine/rates.csv", "mine/MANIFEST", "config/small.plan.lock", "key"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    values = small_study().plain()
    values["subject_code"] = {**values["subject_code"], "key_file": "key"}
    files = {name: name for name in FILES} | {"walks.csv": f"{CUT}/walks.csv"}
    return values, files


def test_the_folder_has_the_settings_the_plan_and_the_raw_files_as_they_were(project, tmp_path):
    values, files = project
    place = tmp_path / "scratch"
    prepare(place, values, files, ["mine/rates.csv"])
    given = yaml.safe_load((place / "config/small.yaml").read_text())
    assert given == {
        **values,
        "subject_code": {**values["subject_code"], "key_file": str(tmp_path / "key")},
    }
    del given["subject_code"]["key_file"]
    assert load_study(given).plain()["exports"] == values["exports"]
    assert (place / "raw/walks.csv").read_text() == "then"
    assert (place / "raw/people.csv").read_text() == FILES["people.csv"]
    assert set(read_manifest(place / "raw")) == set(FILES)
    assert not (place / "key").exists()
    for name in ("mine/rates.csv", "mine/MANIFEST", "config/small.plan.lock"):
        assert (place / name).read_text() == name


def test_a_variation_of_a_study_has_a_plain_name_and_no_plan(project, tmp_path):
    values, files = project
    prepare(tmp_path / "scratch", {**values, "study": "what-if/small"}, files, [])
    [found] = (tmp_path / "scratch/config").iterdir()
    assert yaml.safe_load(found.read_text())["study"] == "what-if_small"
    assert found.name == "what-if_small.yaml"


def test_a_run_that_fails_is_one_line_and_leaves_no_raw_file_behind(project, tmp_path, monkeypatch):
    ended = subprocess.CompletedProcess([], 1, "reading\nerror: raw/walks.csv: empty\n  Hint: x\n")
    monkeypatch.setattr(earlier_data.subprocess, "run", lambda *_, **__: ended)
    with pytest.raises(InputError) as caught, earlier_run(*project, [], 2):
        pass
    assert caught.value.message == "the last data cut cannot be run: raw/walks.csv: empty"
    assert "moved out of the folder cuts" in caught.value.hint
    assert list((tmp_path / ".snakemake").iterdir()) == []
