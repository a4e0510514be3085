"""JSON from elsewhere: what no other program can be told, or what says two things, is refused."""

import json
from typing import Any

HALF = "half of a surrogate pair, which is no character"


def read_json(text: str, **options: Any) -> Any:
    """The value of a text; ``options``: those of ``json.loads``.

    Raises ValueError where it is no JSON, an object names a key twice, or a text holds half of a
    surrogate pair; RecursionError where it is too deep.
    """
    value = json.loads(text, object_pairs_hook=_object, **options)
    # A pair that is whole is one character by now.
    if "\\ud" in text.lower() and not _is_writable(value):
        raise ValueError(HALF)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"{ascii(twice)[:100]} is named twice in one object")
    return found


def _is_writable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
