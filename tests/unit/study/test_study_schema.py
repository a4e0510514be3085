"""The schema is made from the types, and says what they do."""

import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from own_studies import CONFIGURATIONS
from owncontrol.basics.yaml_text import parse_yaml, read_yaml
from owncontrol.study.messages import first_fault
from owncontrol.study.model import Study
from owncontrol.study.schema import schema_text, study_schema
from owncontrol.study.several_files import with_files_found
from pydantic import ValidationError
from study_mutations import VALUES, mutated

ROOT = Path(__file__).parents[3]
FILE = ROOT / "workflow/schemas/config.schema.yaml"
STUDIES = CONFIGURATIONS
# Words of JSON Schema that this schema is made of; another one has no order, and is a fault.
INNER = ("properties", "patternProperties")


def test_the_committed_schema_is_current(tmp_path):
    assert FILE.read_text("utf-8") == schema_text()
    made = tmp_path / "schema.yaml"
    subprocess.run(
        [
            sys.executable,
            ROOT / "workflow/scripts/write_config_reference.py",
            tmp_path / "README.md",
            made,
        ],
        check=True,
        env={"PYTHONPATH": str(ROOT / "workflow/lib"), "PATH": ""},
    )
    assert made.read_bytes() == FILE.read_bytes()


def test_the_file_holds_the_schema():
    Draft202012Validator.check_schema(study_schema())
    assert parse_yaml(schema_text(), "schema") == study_schema()


def parts(schema):
    """A schema and those inside it, for keys."""
    yield schema
    for key in INNER:
        for part in schema.get(key, {}).values():
            yield from parts(part)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from parts(schema[key])


def test_every_mapping_of_known_keys_is_closed_and_inline():
    found = list(parts(study_schema()))
    assert len(found) > 200
    for part in found:
        assert "$ref" not in part
        assert "title" not in part or part is found[0]
        assert part.get("default", "") is not None
        if "properties" in part:
            assert part["additionalProperties"] is False
            assert all(below["description"] for below in part["properties"].values())
        if part.get("type") == "array":
            assert "minLength" not in part


@pytest.mark.slow
@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_types_and_schema_accept_and_refuse_the_same(path):
    """Of 400 changes each: what editors mark is what stops a run, and nothing else."""
    config = read_yaml(path)
    verdicts = {True: 0, False: 0}
    for seed in range(400):
        changed = mutated(config, seed)
        fault = first_fault(changed, study_schema())
        try:
            # A list of files is an export for each, before the types see it.
            Study.model_validate(with_files_found(changed, path.parent, "test"))
            accepted = True
        except ValidationError:
            accepted = False
        assert accepted == (fault is None), f"seed {seed}: {fault}"
        verdicts[accepted] += 1
    assert min(verdicts.values()) > 50, verdicts


def test_the_changes_reach_every_kind_of_bound():
    assert len(VALUES) == len({repr(value) for value in VALUES}) > 60
