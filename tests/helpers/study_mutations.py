"""Configurations with one or two things wrong, or merely different, from a seed."""

import random
from copy import deepcopy
from typing import Any

from owncontrol.study.schema import study_schema

# Each kind of value, and for each kind of bound one inside and one outside.
VALUES = [
    *(None, True, False, 0, 1, 2, 10, -1, 1.0, 2.0, 0.5, 0.75, 1.5, 10**20, -0.0),
    *("", " ", "x", "ab", "A", "Ä-1", "2020-01-31", "31.01.2020", "[a-z]+", "(", "a\n", "yes"),
    *("baseline", "day_180", "treated", "computed", "keep_none", "injury", "x" * 1001),
    *([], [1], [1, 2], ["a"], ["a", "b"], ["a", "a"], ["a", "b", "c"], [""], [None], [["a"]]),
    *({}, {"a": "b"}, {"a": 1}, {"a": {}}, {"a": {"b": "c"}}, {"A": 2.0}, {"a": ["b"]}),
    *({"visit": "day_180"}, {"clock": "injury", "day": 1, "within": 2}, {"clock": "injury"}),
    *({"item": "a", "value": "b"}, {"item": ["a", "a"], "value": "b"}, {"item": "a"}),
    *({"raw": "a", "values": {"b": "c"}}, {"raw": "a"}, {"pattern": "("}, {"minimum": 1}),
    *({"subject_id": ["a", "b"]}, {"sex": ["a", "b"]}, {"subject_id": ["a"]}),
    *({"subject_id": ["a", "a"]}, {"threshold": 0}, {"threshold": 1}, {"version": "1"}),
]


def places(value: Any, schema: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    """Every mapping and list with its schema."""
    found = []
    if isinstance(value, dict):
        found.append((value, schema))
        other = schema.get("additionalProperties") or {}
        for key, item in value.items():
            found += places(item, schema.get("properties", {}).get(key, other))
    elif isinstance(value, list):
        found.append((value, schema))
        for item in value:
            found += places(item, schema.get("items", {}))
    return found


def mutated(config: dict[str, Any], seed: int) -> dict[str, Any]:
    """A copy of ``config`` with one or two changes."""
    rng = random.Random(seed)
    config = deepcopy(config)
    for _ in range(rng.choice((1, 1, 1, 2))):
        everywhere = places(config, study_schema())
        # Half of the time one of the whole, else any: most places are in the mappings.
        inside = rng.choice(everywhere if rng.random() < 0.7 else everywhere[:1])
        _change(*inside, everywhere, rng)
    return config


def _change(
    inside: Any, schema: dict[str, Any], everywhere: list[tuple[Any, Any]], rng: random.Random
) -> None:
    """One change of a mapping or list: something left out, put in, exchanged or renamed."""
    another = rng.choice(everywhere)[0]
    kind = rng.random()
    if isinstance(inside, list):
        place = rng.randrange(len(inside) + 1)
        value = _value(schema.get("items", {}), another, rng)
        if kind < 0.3 or not inside:
            inside.insert(place, value)
        elif kind < 0.5:
            del inside[place % len(inside)]
        elif kind < 0.6:
            inside.append(deepcopy(inside[0]))
        else:
            inside[place % len(inside)] = value
        return
    known = list(schema.get("properties", {}))
    key = rng.choice([*inside, *known] or ["a"])
    below = schema.get("properties", {}).get(key, schema.get("additionalProperties") or {})
    value = _value(below, another, rng)
    if kind < 0.15:
        inside.pop(key, None)
    elif kind < 0.25:
        inside[f"{key[:-1]}{rng.choice('xyz')}"] = inside.pop(key, value)
    else:
        inside[key] = value


def _value(schema: dict[str, Any], another: Any, rng: random.Random) -> Any:
    """A value from the list, mostly of the permitted type; at times a part of the study itself."""
    types = {
        **{"string": str, "boolean": bool, "integer": int, "number": (int, float)},
        **{"array": list, "object": dict},
    }
    fits = types.get(schema.get("type", ""), object)
    like = [value for value in VALUES if isinstance(value, fits)]
    draw = rng.random()
    if draw < 0.15 and "enum" in schema:
        return rng.choice(schema["enum"])
    return deepcopy(another if draw > 0.9 else rng.choice(like if draw < 0.7 else VALUES))
