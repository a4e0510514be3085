"""Single values of a configuration by their dotted keys, as people name them.

Entries of a list go by their name, else their id, else their number: visits.day_28.label.
"""

from collections.abc import Iterator
from typing import Any

from owncontrol.basics.nearest import did_you_mean
from owncontrol.errors import InputError


def by_dotted_key(values: Any) -> dict[str, str]:
    """The plain values of a configuration as texts; a list of plain values is one text."""
    return dict(_flat(values, ""))


def _flat(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flat(part, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list) and any(isinstance(part, dict) for part in value):
        for name, part in zip(_names(value), value, strict=True):
            yield from _flat(part, f"{place}.{name}")
    else:
        yield place, str(value)


def replace_value(values: Any, key: str, value: Any) -> None:
    """Replace, in plain values, the one at a dotted key by another.

    Raises InputError where there is none.
    """
    part, keys = values, key.split(".")
    for place, name in enumerate(keys):
        known: dict[str, Any] = {}
        if isinstance(part, list):
            known = {name: number for number, name in enumerate(_names(part))}
        elif isinstance(part, dict):
            known = {name: name for name in part}
        if name not in known:
            raise InputError(
                f"RULE={key}: the configuration has no key '{'.'.join(keys[: place + 1])}'",
                did_you_mean(name, known, f"keys here: {', '.join(known)}"),
            )
        if place == len(keys) - 1:
            part[known[name]] = value
        else:
            part = part[known[name]]


def _names(entries: list[Any]) -> list[str]:
    """What each entry of a list goes by."""
    return [
        str(entry.get("name", entry.get("id", number))) if isinstance(entry, dict) else str(number)
        for number, entry in enumerate(entries)
    ]
