"""The configuration: one line a fault, with a hint; defaults; studies are never merged."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.errors import InputError
from owncontrol.study.config import SCHEMA, check_config, load_config

ROOT = Path(__file__).parents[3]


@pytest.fixture
def config():
    return read_yaml(ROOT / "config.yaml")


def fault(config):
    with pytest.raises(InputError) as caught:
        check_config(config, "config.yaml")
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def test_the_default_configuration_is_valid_and_filled(config):
    check_config(config, "config.yaml")
    filled = load_config({}, ROOT)
    assert filled["exports"]["adverse_events"]["delimiter"] == ","
    assert filled["exports"]["redcap"]["tables"]["subjects"]["duplicates"] == "keep_none"


@pytest.mark.parametrize(
    ("key", "near"), [("synthtic", "synthetic"), ("endpoint", "endpoints"), ("Study", "study")]
)
def test_an_unknown_key_is_named_with_its_nearest(config, key, near):
    config[key] = True
    error = fault(config)
    assert f"'{key}'" in error.message
    assert near in error.hint


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
    check_config(config, "config.yaml")


def test_a_name_that_stands_twice_is_refused(config):
    config["visits"].append(deepcopy(config["visits"][0]))
    assert "twice" in fault(config).message


def test_an_unknown_study_names_the_known_ones():
    with pytest.raises(InputError) as caught:
        load_config({"study": "exmple"}, ROOT)
    assert "known: example" in caught.value.message
    assert "did you mean 'example'?" in caught.value.hint


def test_single_values_are_laid_over_and_studies_are_not_merged(tmp_path, config):
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    assert load_config({"level": 0.9}, tmp_path)["level"] == 0.9
    other = {**config, "study": "other", "characteristics": []}
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "other.yaml").write_text(yaml.safe_dump(other), "utf-8")
    loaded = load_config({"study": "other"}, tmp_path)
    assert loaded["study"] == "other"
    assert loaded["characteristics"] == []
    assert load_config(other, tmp_path)["study"] == "other"


def test_broken_yaml_is_located(tmp_path):
    (tmp_path / "config.yaml").write_text("study: x\n  title: y: z\n", "utf-8")
    with pytest.raises(InputError, match="line 2"):
        load_config({}, tmp_path)


def test_a_key_that_stands_twice_is_named_with_both_lines(tmp_path):
    path = tmp_path / "config.yaml"
    for text, line, first in (
        ("study: a\ntitle: x\nstudy: b\n", 3, 1),
        ("exports:\n  one: {file: a.csv, file: b.csv}\n", 2, 2),
        ("a: &a {b: 1}\nc:\n  <<: *a\n  d: 1\n  d: 2\n", 5, 4),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=f"line {line}: the key '.*' .* line {first}\n"):
            read_yaml(path)
    path.write_text("a: &a {b: 1}\nc: &c\n  <<: *a\n  b: 2\nd: {<<: *c, e: 3}\n")
    assert read_yaml(path)["d"] == {"b": 2, "e": 3}


STUDIES = ["example", *sorted(path.stem for path in (ROOT / "config").glob("*.yaml"))]


@pytest.mark.parametrize("study", STUDIES)
def test_a_configuration_as_it_was_used_can_be_used_again(study, tmp_path):
    """As provenance/configuration.yaml has it, from which verify-archive and what-if start."""
    config = load_config({"study": study}, ROOT)
    path = tmp_path / "configuration.yaml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")
    assert load_config(read_yaml(path), tmp_path) == config


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
    found = list(defaults(read_yaml(SCHEMA)))
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
    config = load_config({}, ROOT)
    with pytest.raises(InputError, match=r"plan\.(version|date): is empty"):
        load_config({**config, "plan": plan})
