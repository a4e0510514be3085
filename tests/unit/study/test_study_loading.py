"""A study is found, merged and checked; a fault is one line with a hint."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from own_studies import CONFIGURATIONS
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.errors import InputError
from owncontrol.study.checks import check_inside
from owncontrol.study.loading import load_study, study_from, study_name
from owncontrol.study.messages import first_fault
from owncontrol.study.model import Study
from owncontrol.study.schema import study_schema
from study_mutations import mutated

ROOT = Path(__file__).parents[3]
STUDIES = CONFIGURATIONS


@pytest.fixture
def config():
    return read_yaml(ROOT / "config.yaml")


def fault(config):
    with pytest.raises(InputError) as caught:
        study_from(config, "config.yaml")
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def said(check, config):
    """The message and hint of a configuration that is refused."""
    try:
        check(config, "x")
    except InputError as error:
        return error.message, error.hint
    return None


@pytest.mark.slow
@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_types_and_schema_refuse_the_same_in_the_words_of_the_schema(path):
    given = read_yaml(path)
    refused = 0
    for seed in range(40):
        changed = mutated(given, seed)
        fault = first_fault(changed, study_schema())
        told = said(study_from, changed)
        if fault is not None:
            assert told == (f"x: {fault[0]}", fault[1]), seed
        elif told is not None:  # between two parts, which is no fault of the types
            Study.model_validate(changed)
        refused += told is not None
    assert 15 < refused < 40


@pytest.mark.parametrize(
    ("key", "near"), [("synthtic", "synthetic"), ("endpoint", "endpoints"), ("Study", "study")]
)
def test_an_unknown_key_is_named_with_its_nearest(config, key, near):
    config[key] = True
    assert f"'{key}'" in fault(config).message
    assert near in fault(config).hint


def test_a_value_is_located_and_told_what_is_permitted(config):
    config["exports"]["redcap"]["format"] = "parquet"
    assert fault(config).message == (
        "config.yaml: exports.redcap.format: 'parquet' is not permitted; allowed: one of auto, "
        "csv, excel, sas7bdat, xport, spss, stata, redcap_xml, odm, dataset_json"
    )
    assert "auto takes the one that goes with the file's suffix" in fault(config).hint


def test_a_key_that_is_no_text_is_refused(config):
    config["exports"]["redcap"]["tables"]["subjects"]["recode"]["sex"] = {1: "male"}
    error = fault(config)
    assert "exports.redcap.tables.subjects.recode.sex: the key 1 is no text" in error.message
    assert "in quotes" in error.hint
    del config["exports"]["redcap"]["tables"]["subjects"]["recode"]
    config["exports"]["redcap"]["tables"]["subjects"]["columns"] = {True: "a"}
    assert "the key True is no text" in fault(config).message
    assert "top level: the key 5 is no text" in fault({5: 1}).message


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_is_refused(config, number):
    config["level"] = number
    assert f"level: {number} is not permitted; allowed: a finite number" in fault(config).message


def test_a_control_character_is_named_with_its_place(config):
    config["visits"][0]["label"] = "a\x07b"
    assert "visits.0.label: character 2 is U+0007" in fault(config).message


def test_what_the_types_alone_refuse_is_told_all_the_same(config, monkeypatch):
    monkeypatch.setattr("owncontrol.study.schema.study_schema", lambda: {})
    config["visits"][1]["day"] = "x"
    error = fault(config)
    assert error.message.startswith("config.yaml: visits.1.day: Input should be a valid integer")


def test_single_values_are_laid_over_and_studies_are_not_merged(tmp_path, config):
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    given = {"level": 0.9, "sensitivity": {"baselines": ["day_1"]}}
    study = load_study(given, tmp_path)
    assert study.level == 0.9
    assert study.sensitivity.baselines == ("day_1",)
    assert list(study.sensitivity.endpoints) == config["sensitivity"]["endpoints"]
    other = {**config, "study": "other", "characteristics": []}
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "other.yaml").write_text(yaml.safe_dump(other), "utf-8")
    loaded = load_study({"study": "other"}, tmp_path)
    assert (loaded.study, loaded.characteristics) == ("other", ())
    assert load_study(other, tmp_path) == loaded
    assert study_name("other", tmp_path) == "other"
    assert study_name(None, tmp_path) == config["study"]


def test_what_was_given_is_not_changed(config):
    before = deepcopy(config)
    load_study(config)
    assert config == before


def test_an_unknown_study_names_the_known_ones(tmp_path):
    with pytest.raises(InputError) as caught:
        load_study({"study": "exmple"}, ROOT)
    assert "known: example" in caught.value.message
    assert "did you mean 'example'?" in caught.value.hint
    with pytest.raises(InputError, match="missing"):
        load_study({}, tmp_path)
    (tmp_path / "config.yaml").write_text("study: A b\n", "utf-8")
    with pytest.raises(InputError, match="'A b' is no name of a study"):
        study_name(None, tmp_path)


def test_a_path_stays_inside_the_project(tmp_path):
    check_inside("raw", "data/raw", tmp_path)
    (tmp_path / "link").symlink_to("/")
    for name in ("/etc", "../x", "link/etc"):
        with pytest.raises(InputError, match="leads out of the project"):
            check_inside("raw", name, tmp_path)


def test_an_unknown_key_far_inside_is_located(config):
    config["visits"][2]["windw"] = [1, 2]
    error = fault(config)
    assert "visits.2" in error.message
    assert "did you mean 'window'?" in error.hint


@pytest.mark.parametrize("key", ["study", "title", "visits", "exports", "endpoints", "raw"])
def test_a_missing_key_is_named(config, key):
    del config[key]
    assert f"'{key}' is missing" in fault(config).message


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("level",), 1.5, "level"),
        (("synthetic",), "yes", "of type boolean"),
        (("study",), "My Study", "matches"),
        (("exports", "redcap", "format"), "parquet", "csv, excel"),
        (("baseline",), "basline", "not one of the visits"),
        (("raw",), "/etc", "leads out of the project"),
        (("raw",), "data/../../x", "leads out of the project"),
        (("visits", 1, "window"), [3, 5], "outside its window"),
    ],
)
def test_a_value_that_is_not_permitted_is_told_what_is(config, path, value, expected):
    place = config
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert expected in fault(config).message


def test_two_exports_of_one_file_are_two_sheets(config):
    first, second = config["exports"]["adverse_events"], config["exports"]["cell_processing"]
    second["file"] = first["file"]
    assert "another export reads adverse_events.csv too" in fault(config).message
    first["sheet"] = second["sheet"] = "Log"
    assert "reads sheet 'Log' of adverse_events.csv" in fault(config).message
    second["sheet"] = "Events"
    study_from(config, "config.yaml")


def test_broken_yaml_is_located(tmp_path):
    (tmp_path / "config.yaml").write_text("study: x\n  title: y: z\n", "utf-8")
    with pytest.raises(InputError, match="line 2"):
        load_study({}, tmp_path)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_configuration_as_it_was_used_can_be_used_again(path, tmp_path):
    """As provenance/configuration.yaml has it, from which verify-archive and what-if start."""
    study = load_study(read_yaml(path))
    kept = tmp_path / "configuration.yaml"
    kept.write_text(yaml.safe_dump(study.plain(), allow_unicode=True, sort_keys=False), "utf-8")
    assert load_study(read_yaml(kept), tmp_path) == study


def defaults(schema, place=""):
    """Every default of a schema with the part that it has to agree with."""
    if "default" in schema:
        yield place, schema
    for key, part in schema.get("properties", {}).items():
        yield from defaults(part, f"{place}.{key}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from defaults(schema[key], f"{place}.{key}")


def test_every_default_may_be_written_down():
    found = list(defaults(study_schema()))
    assert len(found) > 60
    for place, part in found:
        faults = list(Draft202012Validator(part).iter_errors(part["default"]))
        assert not faults, f"{place}: {faults[0].message}"


@pytest.mark.parametrize(
    "plan",
    [
        {"version": "", "date": "2019-01-31", "endpoints": []},
        {"version": "1.0", "date": "", "endpoints": []},
        {"version": "", "date": "", "endpoints": ["uems"]},
    ],
)
def test_half_a_plan_is_refused(plan):
    config = load_study({}, ROOT).plain()
    with pytest.raises(InputError, match=r"plan\.(version|date): is empty"):
        load_study({**config, "plan": plan})
