"""The JSON schema of a configuration, made from the types of a study.

``workflow/schemas/config.schema.yaml`` is a committed copy of it, for editors and other tools.
"""

from copy import deepcopy
from functools import cache
from typing import Any

import yaml
from pydantic.json_schema import GenerateJsonSchema

from owncontrol.study.base import to_plain
from owncontrol.study.model import Study

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "Configuration of a study"
HEAD = """\
# Everything a study's configuration may say. Strict: an unknown key is an error with a hint.
# Made from workflow/lib/owncontrol/study (make docs); change it there.
"""
# The order in which a fault is looked for, and in which a person reads.
ORDER = (
    *("$schema", "title", "description", "type", "unit", "enum", "pattern", "format"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "propertyNames", "patternProperties"),
    *("additionalProperties", "required", "dependentRequired", "properties"),
    *("items", "anyOf", "oneOf", "not", "default"),
)
# What pydantic writes for a bound of what is more than one type (a number), or is made of another
# type (a list, a mapping), and its name in JSON Schema.
BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
LEAST = {"array": "minItems", "object": "minProperties"}
NUMBER = [{"type": "integer"}, {"type": "number"}]


class _Generator(GenerateJsonSchema):
    """Defaults as a configuration would write them, without keys that are not set."""

    def encode_default(self, dft: Any) -> Any:
        return to_plain(dft)


@cache
def study_schema() -> Schema:
    """The schema of a whole configuration; each part is where it is used."""
    made = Study.model_json_schema(schema_generator=_Generator)
    tidied = _tidy(made, made.pop("$defs"))
    tidied["description"] = str(Study.__doc__)
    ordered: Schema = _ordered({"$schema": DIALECT, "title": TITLE, **tidied})
    return ordered


def schema_text() -> str:
    """The file ``workflow/schemas/config.schema.yaml``."""
    text: str = yaml.safe_dump(study_schema(), sort_keys=False, allow_unicode=True, width=100)
    return HEAD + text


def _tidy(schema: Schema, parts: Schema) -> Schema:
    """One schema and those below it, in the few words of JSON Schema that a reader needs."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        whole = deepcopy(parts[name])
        whole.pop("description", None)  # the docstring of a class; a key says it in its own words
        return _tidy({**whole, **{key: schema[key] for key in schema if key != "$ref"}}, parts)
    schema = {BOUNDS.get(key, key): value for key, value in schema.items() if key != "title"}
    if "minLength" in schema and schema.get("type") in LEAST:
        schema[LEAST[schema["type"]]] = schema.pop("minLength")
    if "anyOf" in schema:
        schema = _one_of_several(schema)
    if "$ref" in schema:
        return _tidy(schema, parts)
    if "enum" in schema or "const" in schema:
        schema.pop("type", None)
    if schema.get("default", 0) is None:
        del schema["default"]
    if "prefixItems" in schema:
        schema["items"] = schema.pop("prefixItems")[0]
    if "patternProperties" in schema and "additionalProperties" not in schema:
        [(pattern, below)] = schema.pop("patternProperties").items()
        schema |= {"propertyNames": {"pattern": pattern}, "additionalProperties": below}
    return _below(schema, parts)


def _one_of_several(schema: Schema) -> Schema:
    """Without null, which stands for a key that is left out; with one word for a number."""
    several = [part for part in schema.pop("anyOf") if part != {"type": "null"}]
    if several == NUMBER:
        several = [{"type": "number"}]
    return {**several[0], **schema} if len(several) == 1 else {**schema, "anyOf": several}


def _below(schema: Schema, parts: Schema) -> Schema:
    """The schema with all schemas inside it tidied."""
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            schema[key] = _tidy(schema[key], parts)
    if "anyOf" in schema:
        schema["anyOf"] = [_tidy(part, parts) for part in schema["anyOf"]]
    if "properties" in schema:
        below = schema["properties"].items()
        schema["properties"] = {name: _tidy(part, parts) for name, part in below}
    return schema


def _ordered(value: Any) -> Any:
    """The words of each schema in ``ORDER``; names of keys stay in theirs."""
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: {name: _ordered(part) for name, part in value[key].items()}
        if key in ("properties", "patternProperties")
        else value[key]
        if key in ("default", "dependentRequired")
        else _ordered(value[key])
        for key in sorted(value, key=ORDER.index)
    }
