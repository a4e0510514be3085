"""Strict YAML bound to a schema: one line per fault, with key, value, what is allowed, a hint."""

from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.program_files import read_program_yaml
from owncontrol.basics.yaml_text import parse_yaml
from owncontrol.errors import InputError


def read_checked(path: Path, schema: Path) -> dict[str, Any]:
    """Read ``path`` and check it against the JSON Schema (itself YAML) in ``schema``.

    Raises InputError for a missing file, for what is not YAML, for a duplicated key, and
    for the first fault against the schema, in the order of the keys.
    """
    document = _read(path)
    validator = Draft202012Validator(read_program_yaml(schema))
    faults = sorted(validator.iter_errors(document), key=lambda e: [str(p) for p in e.path])
    if faults:
        message, hint = _fault(document, faults[0])
        raise InputError(f"{path}: {message}", hint)
    return document


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(f"{path}: no such file", "see workflow/instruments/ for those there are")
    document = parse_yaml(path.read_bytes(), str(path))
    if not isinstance(document, dict):
        raise InputError(f"{path}: holds no keys", "see workflow/instruments/ for the form")
    return document


def _fault(document: Any, error: ValidationError) -> tuple[str, str]:
    """Message (key, value, what is allowed) and hint for one schema error."""
    where = _location(document, list(error.absolute_path))
    description = " ".join(str(error.schema.get("description", "see the schema")).split())
    value = error.instance
    if error.validator == "additionalProperties":
        allowed = sorted(error.schema["properties"])
        key = min(set(value) - set(allowed))
        hint = did_you_mean(key, allowed, description)
        return f"{where}unknown key {key!r}; allowed: {', '.join(allowed)}", hint
    if error.validator == "required":
        key = next(key for key in error.schema["required"] if key not in value)
        hint = error.schema["properties"][key].get("description", description)
        return f"{where}key {key!r} is missing", " ".join(hint.split())
    if error.validator == "enum":
        allowed_text = ", ".join(map(str, error.schema["enum"]))
        return f"{where}{value!r} is not permitted; allowed: {allowed_text}", description
    if isinstance(value, bool):
        return f"{where}{value!r} is read as true or false", 'quote such words: "Yes", "No"'
    return f"{where}{error.message}", description


def _location(document: Any, path: list[str | int]) -> str:
    """``scales[total].unit: ``, with the name of a list's entry where it has one."""
    text = ""
    for step in path:
        document = document[step]
        if isinstance(step, int):
            name = document.get("name", step) if isinstance(document, dict) else step
            text += f"[{name}]"
        else:
            text += f".{step}" if text else step
    return f"{text}: " if text else ""
