"""What differs between a frozen plan and the study as it is run: one typed row a difference."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from owncontrol.study.exclusions import NO_REASON
from owncontrol.study.plan_parts import Frozen

ABSENT = ""
NONE = "none"
ORDER = "(order)"
Difference = tuple[tuple[str, ...], Any, Any]  # keys, value of the plan, value now


class Area(StrEnum):
    """What part of the plan a departure is about."""

    LEVEL = "level of confidence"
    CLOCK = "clock"
    BASELINE = "baseline"
    TIME_POINT = "time point"
    VISITS = "visits and windows"
    ENDPOINTS = "endpoints"
    ESTIMANDS = "estimands"
    RESPONDERS = "responders"
    POPULATIONS = "populations"
    ARMS = "arms"
    EXCLUSIONS = "exclusions"
    BENCHMARK = "comparison with published rates"
    RATES = "table of published rates"
    COURSE = "comparison with a published course"
    SENSITIVITY = "sensitivity"
    CLAIMS = "claims"
    DESIGN = "design"
    CLEANING = "cleaning"
    READING = "reading of raw values"
    PLAN = "plan"
    INSTRUMENTS = "instruments"


AREAS = {
    "level": Area.LEVEL,
    "clock": Area.CLOCK,
    "baseline": Area.BASELINE,
    "time_point": Area.TIME_POINT,
    "visits": Area.VISITS,
    "endpoints": Area.ENDPOINTS,
    "estimand_defaults": Area.ESTIMANDS,
    "responders": Area.RESPONDERS,
    "improved_by_weeks": Area.RESPONDERS,
    "entry_criteria": Area.POPULATIONS,
    "subject_id": Area.POPULATIONS,
    "kept_rows": Area.POPULATIONS,
    "arms": Area.ARMS,
    "excluded": Area.EXCLUSIONS,
    "natural_recovery": Area.BENCHMARK,
    "natural_course": Area.COURSE,
    "sensitivity": Area.SENSITIVITY,
    "claims": Area.CLAIMS,
    "design": Area.DESIGN,
    "period": Area.CLEANING,
    "cleaning": Area.CLEANING,
    "dose_unit": Area.READING,
    "severity": Area.READING,
    "files": Area.READING,
    "missing": Area.READING,
    "reading": Area.READING,
    "plan": Area.PLAN,
}


@dataclass(frozen=True)
class Departure:
    """One difference: ``key`` as a configuration names it, and the texts before and now.

    A text is empty where the key is not there. Entries of a list go by their name or id; what was
    added or removed as a whole is one departure. ``(order)`` behind a key: the same entries in
    another order, of which the first is the main one.
    """

    area: Area
    key: str
    frozen: str
    now: str


def departures(plan: Frozen, now: Frozen) -> tuple[Departure, ...]:
    """All differences between a plan and the present parts, in the order of the parts.

    A part that the plan does not record is not compared. Any other key that it did not know has
    there the value that it has where it is left out.
    """
    found = []
    old_parts, new_parts = (
        {key: part for key, part in parts.plain().items() if key not in plan.parts.not_recorded}
        for parts in (plan.parts, now.parts)
    )
    for keys, old, new in _differences((), _named(old_parts), _named(new_parts)):
        found.append(Departure(AREAS[keys[0]], ".".join(keys), _text(old), _text(new)))
    if plan.rates != now.rates:
        found.append(
            Departure(Area.RATES, "natural_recovery.table (content)", plan.rates, now.rates)
        )
    if plan.courses != now.courses:
        found.append(
            Departure(Area.COURSE, "natural_course.table (content)", plan.courses, now.courses)
        )
    for name in sorted({*plan.instruments, *now.instruments}):
        old, new = (part.instruments.get(name, ABSENT) for part in (plan, now))
        if old != new:
            found.append(Departure(Area.INSTRUMENTS, f"instruments.{name}", old, new))
    return tuple(found)


class _Entries(dict[str, Any]):
    """The entries of a list by what each goes by; their order matters."""


def _named(value: Any) -> Any:
    """Plain values with lists of entries as mappings by what each entry goes by."""
    if isinstance(value, dict):
        return {key: _named(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    names = [_name(item) if isinstance(item, dict) else "" for item in value]
    if all(names) and len(set(names)) == len(names):
        return _Entries(zip(names, map(_named, value), strict=True))
    return value


def _name(entry: dict[str, Any]) -> str:
    keys = ("name", "id", "subject", "row", "event", "estimate")
    return str(next((entry[key] for key in keys if key in entry), ""))


def _differences(keys: tuple[str, ...], old: Any, new: Any) -> Iterator[Difference]:
    """Each difference between two values of a key, of the deepest keys that both have."""
    if keys == ("excluded",):
        old, new = _by_entry(old), _by_entry(new)
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield keys, old, new
        return
    for key in (*old, *(key for key in new if key not in old)):
        if key in old and key in new:
            yield from _differences((*keys, key), old[key], new[key])
        else:
            yield (*keys, key), old.get(key), new.get(key)
    if isinstance(old, _Entries) and [key for key in old if key in new] != [
        key for key in new if key in old
    ]:
        yield (*keys, ORDER), list(old), list(new)


def _by_entry(excluded: Any) -> dict[str, str]:
    """By what each entry of ``excluded`` names, the reason for it."""
    entries = excluded.values() if isinstance(excluded, dict) else excluded
    found = {}
    for item in entries:
        name, why = (_name(item), item["why"]) if isinstance(item, dict) else (item, NO_REASON)
        found[name] = why
    return found


def _text(value: Any) -> str:
    """A plain value as a person reads it; an entry that has a label goes by that."""
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) and (called := value.get("label") or value.get("claim")):
        return str(called)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_text(item)}" for key, item in value.items()) or NONE
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or NONE
    return str(value)
