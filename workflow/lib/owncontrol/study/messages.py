"""What is wrong with a configuration: the key, its value, what is allowed; and a hint."""

import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match

from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.patterns import LONGEST_PATTERN, NO_PATTERN


def first_fault(values: Any, schema: Mapping[str, Any]) -> tuple[str, str] | None:
    """Message and hint of the fault that says most; None where ``values`` keep the schema."""
    validator = Draft202012Validator(schema, format_checker=_FORMATS)
    error = best_match(validator.iter_errors(values))
    return None if error is None else (_describe(error), _hint(error))


def all_faults(values: Any, schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Message and hint of every fault, in the order of the keys."""
    validator = Draft202012Validator(schema, format_checker=_FORMATS)
    errors = sorted(validator.iter_errors(values), key=lambda error: [*map(str, error.path)])
    found = [best_match([error]) for error in errors]
    return [(_describe(error), _hint(error)) for error in found if error is not None]


def _is_pattern(value: object) -> bool:
    """Whether a text is a regular expression; what is no text is the fault of another rule."""
    if not isinstance(value, str):
        return True
    return len(value) <= LONGEST_PATTERN and bool(re.compile(value))


_FORMATS = FormatChecker(())
_FORMATS.checks("regex", NO_PATTERN)(_is_pattern)


def _describe(error: ValidationError) -> str:
    """One line: the key, its value, and what is allowed."""
    place = ".".join(str(part) for part in error.absolute_path) or "top level"
    if error.validator == "additionalProperties":
        return f"{place}: unknown key '{_unknown_key(error)}'"
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return f"{place}: key '{missing[0]}' is missing"
    allowed = {
        "enum": f"one of {', '.join(map(str, _list(error.validator_value)))}",
        "type": f"of type {error.validator_value}",
        "pattern": f"text that matches {error.validator_value}",
        "minItems": f"at least {error.validator_value} of them",
        "format": "a regular expression, as Python's module re has them",
    }.get(str(error.validator), f"{error.validator} {error.validator_value}")
    value = repr(error.instance)
    value = value if len(value) <= 60 else value[:57] + "..."
    return f"{place}: {value} is not permitted; allowed: {allowed}"


def _hint(error: ValidationError) -> str:
    keys = list(error.schema.get("properties", {}))
    if error.validator == "additionalProperties":
        return did_you_mean(_unknown_key(error), keys, f"known keys here: {', '.join(keys)}")
    if error.validator == "required":
        key = next(key for key in error.validator_value if key not in error.instance)
        meaning = error.schema.get("properties", {}).get(key, {}).get("description", "")
        return f"{key}: {meaning}" if meaning else "see config/README.md"
    return str(error.schema.get("description", "see config/README.md"))


def _unknown_key(error: ValidationError) -> str:
    known = error.schema.get("properties", {})
    return next(str(key) for key in error.instance if key not in known)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
