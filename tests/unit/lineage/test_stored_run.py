"""What a finished run recorded of its study: typed, or one line that says what is wrong."""

import pytest
import yaml
from owncontrol.errors import InputError
from owncontrol.lineage.results import Results
from small_study import small_study


def recorded(folder, values):
    """A results folder whose record of the configuration holds these values."""
    (folder / "provenance").mkdir()
    text = yaml.safe_dump(values, sort_keys=False)
    (folder / "provenance/configuration.yaml").write_text(text, "utf-8")
    return Results(folder)


def test_the_study_of_a_run_is_the_one_that_was_recorded(tmp_path):
    study = small_study(excluded=["P1"])
    results = recorded(tmp_path, study.plain())
    assert results.study == study
    assert results.recorded_settings["visits.after.label"] == "After"
    assert results.recorded_settings["excluded"] == "['P1']"


def test_a_run_without_a_record_has_no_study(tmp_path):
    results = Results(tmp_path)
    assert results.recorded_settings == {}
    with pytest.raises(InputError, match=r"configuration\.yaml: no such file"):
        _ = results.study


def test_a_record_of_another_version_is_said_to_be_one(tmp_path):
    results = recorded(tmp_path, {**small_study().plain(), "of_old": 1})
    assert results.recorded_settings["of_old"] == "1"
    with pytest.raises(InputError, match=r"configuration\.yaml, of_old: ") as raised:
        _ = results.study
    assert "another version" in str(raised.value)
