"""Instruments of one study as files in its own folder: read there, and by no other study."""

from pathlib import Path

import pytest
import yaml
from owncontrol.__main__ import main
from owncontrol.cli.check_study import check_study
from owncontrol.errors import InputError
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.instruments import definition, instrument_kind, study_instrument
from owncontrol.study.loading import load_study

TABLE = "id,when,pain\nP1,before,7\nP1,week 4,5\nP2,before,6\nP2,week 4,6\n"
SCALE = {
    "name": "pain_scale",
    "label": "Pain of this ward",
    "edition": "2019",
    "source": "Handbook of the ward",
    "missing": {"rule": "require_all", "source": "Handbook of the ward"},
    "value_sets": {"grade": {"values": list(range(11))}},
    "items": [{"name": "pain", "label": "Pain", "values": "grade"}],
    "scales": [
        {"name": "grade", "label": "Grade", "kind": "item", "items": ["pain"],
         "direction": "lower_is_better", "minimum": 0, "maximum": 10, "resolution": 1,
         "unit": "point"},
    ],
}  # fmt: skip


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """Two studies of one table: the first with its instrument as a file, the other as a measure."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text(TABLE, "utf-8")
    for name in ("own", "other"):
        words = ["new-study", name, "--from", "x.csv", "--visit", "when"]
        assert main([*words, "--measure", "pain:lower:points"]) == 0
    path = tmp_path / "config/own.yaml"
    values = yaml.safe_load(path.read_text("utf-8"))
    del values["instruments"]
    tables = values["exports"]["x"]["tables"]
    tables["pain_scale"] = tables.pop("pain")
    values["endpoints"] = [
        {"name": "pain", "label": "Pain", "instrument": "pain_scale", "family": "primary"}
    ]
    path.write_text(yaml.safe_dump(values), "utf-8")
    write(tmp_path)
    return tmp_path


def write(project: Path, name: str = "pain_scale", **changes: object) -> None:
    path = project / "config/own" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(SCALE | {"name": name} | changes), "utf-8")


def test_a_study_reads_the_file_of_its_own_folder(project):
    assert check_study("own", project) == []
    study = load_study({"study": "own"}, project)
    assert dict(study.instrument_files) == {"pain_scale": "config/own/pain_scale.yaml"}
    instrument = study_instrument(study, "pain_scale")
    assert instrument.label == "Pain of this ward"
    assert instrument_kind(study, "pain_scale", instrument.scales["grade"]) == "rated_scale"
    assert definition(study, "pain_scale") == SCALE
    (endpoint,) = analysis_settings(study).endpoints
    assert (endpoint.unit, endpoint.maximum, endpoint.lower_is_better) == ("point", 10, True)


def test_no_other_study_reads_it_whatever_it_holds(project):
    before = load_study({"study": "other"}, project)
    for text in ("name: [", "", "just a text"):
        (project / "config/own/pain_scale.yaml").write_text(text, "utf-8")
        assert check_study("other", project) == []
        assert load_study({"study": "other"}, project) == before
        (said, *_) = check_study("own", project)
        assert "config/own/pain_scale.yaml" in said


def test_a_foreign_file_beside_it_is_not_looked_at(project):
    (project / "config/own/notes.yaml").write_text(": [", "utf-8")
    (project / "config/own/isncsci.yaml").write_text("a list of something else", "utf-8")
    assert check_study("own", project) == []


def test_a_fault_in_the_file_is_told_with_its_key(project):
    write(project, scales=[SCALE["scales"][0] | {"maximum": 9}])
    assert any("config/own/pain_scale.yaml" in line for line in check_study("own", project))
    write(project)
    (project / "config/own/pain_scale.yaml").rename(project / "config/own/pain.yaml")
    assert "no table or instrument 'pain_scale'" in " ".join(check_study("own", project))


def test_the_name_of_an_instrument_of_the_library_is_taken(project):
    write(project, "mrs")
    path = project / "config/own.yaml"
    path.write_text(path.read_text("utf-8").replace("pain_scale", "mrs"), "utf-8")
    with pytest.raises(InputError, match=r"config/own/mrs\.yaml: is the name of an instrument"):
        load_study({"study": "own"}, project)


def test_a_path_out_of_the_project_is_refused(project):
    path = project / "config/own.yaml"
    path.write_text(path.read_text("utf-8") + "instrument_files: {far: ../far.yaml}\n", "utf-8")
    (project / "config/own/pain_scale.yaml").unlink()
    assert any("leads out of the project" in line for line in check_study("own", project))
