"""A study as a value: frozen, strict, and back to the plain values that it came from."""

import pickle
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from own_studies import OWN
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.study.base import FrozenMapping, Part
from owncontrol.study.claims import Condition
from owncontrol.study.endpoints import Endpoint, ImportantDifference
from owncontrol.study.loading import load_study
from owncontrol.study.model import Study
from owncontrol.study.natural_recovery import Exam
from owncontrol.study.parts import CleaningSettings
from owncontrol.study.schema import study_schema
from owncontrol.study.table_mapping import LongTable, Mark, Permitted, TableMapping
from owncontrol.study.visits import Visit
from pydantic import ValidationError

ROOT = Path(__file__).parents[3]
STUDIES = ["example", *OWN]
INSTRUMENTS = [path.stem for path in (ROOT / "workflow/instruments").glob("*.yaml")]


@pytest.fixture(scope="module", params=STUDIES)
def both(request):
    """A shipped study, typed and as its file has it, with the schema's defaults."""
    path = ROOT / ("config.yaml" if request.param == "example" else f"config/{request.param}.yaml")
    return load_study({"study": request.param}, ROOT), filled(read_yaml(path), study_schema())


def filled(value, schema):
    """``value`` with the schema's defaults where a key is left out, at every depth."""
    if isinstance(value, dict):
        known, other = schema.get("properties", {}), schema.get("additionalProperties", {})
        other = other if isinstance(other, dict) else {}
        missing = {
            key: deepcopy(part["default"]) for key, part in known.items() if "default" in part
        }
        return missing | {key: filled(item, known.get(key, other)) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, schema.get("items", {})) for item in value]
    return value


@pytest.fixture(scope="module")
def study():
    return load_study({}, ROOT)


def test_plain_values_are_those_with_defaults_filled_in(both):
    typed, plain = both
    # As texts: 1, 1.0 and True are equal in Python and three things in a file.
    assert yaml.safe_dump(typed.plain()) == yaml.safe_dump(plain)


def test_a_study_comes_back_from_its_plain_values(both):
    typed, _ = both
    again = Study.model_validate(typed.plain())
    assert again == typed
    assert hash(again) == hash(typed)
    assert pickle.loads(pickle.dumps(typed)) == typed


def test_files_and_mappings_are_those_of_the_exports(both):
    typed, plain = both
    files = {export[key] for export in plain["exports"].values() for key in ("file", "dictionary")}
    assert list(typed.raw_files) == sorted((files | {plain["corrections"]}) - {""})
    tables = [(key, table) for key, part in plain["exports"].items() for table in part["tables"]]
    assert [(key, table) for key, table, _ in typed.mappings] == tables


def test_files_that_are_shared_are_named_with_their_sheet(study):
    plain = study.plain()
    plain["exports"]["adverse_events"] |= {"file": "one.xlsx", "sheet": "Events"}
    plain["exports"]["cell_processing"] |= {"file": "one.xlsx", "dataset": "DM"}
    names = Study.model_validate(plain).file_names
    assert names["adverse_events"] == "one.xlsx (Events)"
    assert names["cell_processing"] == "one.xlsx (DM)"
    assert names["redcap"] == plain["exports"]["redcap"]["file"]


def test_columns_of_codes_and_conditions_are_recorded(study):
    plain = study.exports["redcap"].plain()
    plain["tables"] = {
        "scim3": {
            "rows": {"form": "scim"},
            "columns": {"subject_id": ["centre", "number"], "date": "date"},
            "long": {"item": ["side", "item"], "value": "value"},
        }
    }
    export = type(study.exports["redcap"]).model_validate(plain)
    assert export.recorded_columns() == ("form", "side", "item", "centre", "number")
    assert export.recorded_columns(with_codes=False) == ("form", "side", "item")
    mapping = export.tables["scim3"]
    assert mapping.raw_columns("subject_id") == ("centre", "number")
    assert mapping.raw_columns("date") == ("date",)
    assert mapping.raw_columns("visit") == ()


def test_visits_and_endpoints_are_found_by_name(study):
    assert study.visit("baseline").clock == "treatment"
    assert study.endpoint("uems").instrument == "isncsci"
    with pytest.raises(KeyError, match="basline"):
        study.visit("basline")
    with pytest.raises(KeyError, match="none"):
        study.endpoint("none")


def test_nobody_can_change_a_study(study):
    with pytest.raises(ValidationError, match="frozen"):
        study.level = 0.9
    with pytest.raises(ValidationError, match="frozen"):
        study.exports["redcap"].delimiter = ";"
    with pytest.raises(TypeError):
        study.exports["other"] = study.exports["redcap"]
    given = {"A": 1}
    frozen = FrozenMapping(given)
    given["A"] = 2
    assert frozen == {"A": 1}


def test_no_part_holds_a_list_or_a_dict(study):
    left, seen = [study], 0
    while left:
        value = left.pop()
        seen += 1
        assert not isinstance(value, list | dict)
        if isinstance(value, Part):
            left += [getattr(value, name) for name in type(value).model_fields]
        elif isinstance(value, FrozenMapping):
            left += value.values()
        elif isinstance(value, tuple):
            left += value
    assert seen > 1000


VISIT = {"name": "a", "label": "A", "clock": "injury", "day": 1, "window": [0, 2]}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Visit, VISIT | {"day": True}),
        (Visit, VISIT | {"day": "1"}),
        (Visit, VISIT | {"day": 1.5}),
        (Visit, VISIT | {"label": 1}),
        (Visit, VISIT | {"label": None}),
        (Visit, VISIT | {"name": "a\nb"}),
        (Visit, VISIT | {"clock": "birth"}),
        (Visit, VISIT | {"window": [0, 1, 2]}),
        (Visit, VISIT | {"windw": [0, 2]}),
        (ImportantDifference, {"threshold": 0}),
        (ImportantDifference, {"threshold": True}),
        (ImportantDifference, {"threshold": float("nan")}),
        (Exam, {}),
        (Exam, {"visit": "a", "day": 1}),
        (Exam, {"clock": "injury", "day": 1}),
        (Exam, {"visit": "a", "clock": "injury", "day": 1, "within": 2}),
        (Condition, {"estimate": "a"}),
        (Condition, {"estimate": "a", "above": 1, "below": 2}),
        (LongTable, {"item": "a"}),
        (LongTable, {"item": ["a", "a"], "value": "b"}),
        (LongTable, {"item": [], "value": "b"}),
        (Mark, {"raw": "a"}),
        (Permitted, {}),
        (Permitted, {"pattern": "("}),
        (Permitted, {"minimum": float("nan")}),
        (Permitted, {"maximum": float("inf")}),
        (TableMapping, {"columns": {"sex": ["a", "b"]}}),
        (TableMapping, {"columns": {"subject_id": ["a"]}}),
        (TableMapping, {"columns": {"subject_id": "a"}, "spikes": {"total": 0}}),
        (TableMapping, {"columns": {"subject_id": "a"}, "not_assessed": ["("]}),
        (TableMapping, {"columns": {1: "a"}}),
    ],
)
def test_a_part_is_strict(kind, values):
    with pytest.raises(ValidationError):
        kind.model_validate(values)


def test_what_is_permitted_is_kept_as_it_is_written():
    assert Visit.model_validate(VISIT | {"day": 1.0}).day == 1
    for threshold in (1, 1.0, 2.5):
        kept = ImportantDifference.model_validate({"threshold": threshold}).threshold
        assert repr(kept) == repr(threshold)
    assert LongTable.model_validate({"item": "a", "value": "b"}).item_columns == ("a",)
    assert not LongTable()
    assert not Mark()
    assert Mark.model_validate({"raw": "a", "values": {"b": "c"}})
    assert Exam.model_validate({"clock": "injury", "day": 0, "within": 0}).day == 0


def test_a_step_takes_its_own_keys_of_a_study(study):
    settings = CleaningSettings.taken_from(study)
    assert settings.plain() == {key: study.plain()[key] for key in settings.plain()}
    assert settings.file_names == study.file_names
    assert CleaningSettings.model_validate(settings.plain()) == settings
    without = CleaningSettings.taken_from(study.model_copy(update={"period": None}))
    assert "period" not in without.plain()


def test_a_part_alone_comes_back_from_plain_values(study):
    """As params of rules and parameters of notebooks hold them."""
    for endpoint in study.endpoints:
        assert Endpoint.model_validate(endpoint.plain()) == endpoint
