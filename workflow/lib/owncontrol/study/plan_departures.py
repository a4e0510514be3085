"""What differs between a frozen plan and the study as it is run: one typed row a difference."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from owncontrol.study.base import Part
from owncontrol.study.exclusions import NO_REASON
from owncontrol.study.plan_parts import Frozen, PlanParts

ABSENT = ""
NONE = "none"
ORDER = "(order)"
Keys = tuple[str, ...]
Difference = tuple[Keys, Any, Any]  # keys, value of the plan, value now
# Parts that a study may be without, and that locks had from the first on: absent means none.
ALWAYS_HELD = ("natural_recovery", "period")
# Where the raw files are, and how codes are written: a run has them as they are now.
OF_THE_FILES = ("raw", "subject_code")
# Keys of these names, but for those of raw columns, say how a thing is called.
WORDING = ("label", "remark", "unit", "claim", "criterion")
DATED = ("plan.version", "plan.date")


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
    EVENT_TIMES = "times to an event"
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
    WORDS = "words of the report"


AREAS = {
    "title": Area.WORDS,
    "question": Area.WORDS,
    "treatment": Area.WORDS,
    "onset": Area.WORDS,
    "caution": Area.WORDS,
    "synthetic": Area.DESIGN,
    "level": Area.LEVEL,
    "clock": Area.CLOCK,
    "baseline": Area.BASELINE,
    "time_point": Area.TIME_POINT,
    "visits": Area.VISITS,
    "endpoints": Area.ENDPOINTS,
    "estimand_defaults": Area.ESTIMANDS,
    "responders": Area.RESPONDERS,
    "event_times": Area.EVENT_TIMES,
    "improved_by_weeks": Area.RESPONDERS,
    "entry_criteria": Area.POPULATIONS,
    "described": Area.POPULATIONS,
    "subject_id": Area.POPULATIONS,
    "subject_code": Area.POPULATIONS,
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
    "may_be_empty": Area.CLEANING,
    "raw": Area.READING,
    "read_order": Area.READING,
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

    What the plan does not hold (``not_held``) is not compared.
    """
    found = []
    lacking = set(not_held(plan, now))
    old_parts, new_parts = (
        {key: part for key, part in parts.plain().items() if (key,) not in lacking}
        for parts in (plan.parts, now.parts)
    )
    for keys, old, new in _differences((), by_name(old_parts), by_name(new_parts), lacking):
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


def changes_numbers(departure: Departure) -> bool:
    """Whether a departure can change a number of the results, and not only what they are called."""
    keys = departure.key.split(".")
    if departure.area is Area.WORDS or keys[0] in OF_THE_FILES or departure.key in DATED:
        return False
    if departure.area is Area.EXCLUSIONS:  # with another reason for it
        return not (departure.frozen and departure.now)
    if departure.area in (Area.READING, Area.CLEANING):
        return True
    return keys[-1] not in WORDING


def not_held(plan: Frozen, now: Frozen) -> tuple[Keys, ...]:
    """Keys of which a plan says nothing, for the program that wrote it did not know them.

    Whole parts, and of a part that is there each key that has another value now than where it is
    left out. A key that a study may be without has no value either way: it is compared.
    """
    known = plan.holds or (*plan.parts.model_fields_set, *ALWAYS_HELD)
    whole = [name for name in PlanParts.model_fields if name not in known]
    inner = [
        keys
        for name in plan.parts.model_fields_set
        for keys in _lacking((name,), getattr(plan.parts, name), getattr(now.parts, name))
    ]
    return (*((name,) for name in whole), *sorted(inner))


def _lacking(keys: Keys, old: Any, new: Any) -> Iterator[Keys]:
    if isinstance(old, Part) and isinstance(new, Part):
        for name, field in type(new).model_fields.items():
            value = getattr(new, name)
            if name in old.model_fields_set:
                yield from _lacking((*keys, name), getattr(old, name), value)
            elif field.default is not None and value != field.default:
                yield (*keys, name)
    for name, entry in _entries(old).items():
        yield from _lacking((*keys, name), entry, _entries(new).get(name))


def _entries(value: Any) -> Mapping[str, Any]:
    """The entries of a mapping, or of a list by what each goes by; none of another value."""
    if isinstance(value, tuple):
        named = {_name(item.plain()): item for item in value if isinstance(item, Part)}
        return named if len(named) == len(value) else {}
    return value if isinstance(value, Mapping) else {}


class Entries(dict[str, Any]):
    """The entries of a list by what each goes by; their order matters."""


def by_name(value: Any) -> Any:
    """Plain values with lists of entries as mappings by what each entry goes by."""
    if isinstance(value, dict):
        return {key: by_name(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    names = [_name(item) if isinstance(item, dict) else "" for item in value]
    if all(names) and len(set(names)) == len(names):
        return Entries(zip(names, map(by_name, value), strict=True))
    return value


def _name(entry: dict[str, Any]) -> str:
    keys = ("name", "id", "subject", "row", "event", "estimate")
    return str(next((entry[key] for key in keys if key in entry), ""))


def _differences(keys: Keys, old: Any, new: Any, lacking: Collection[Keys]) -> Iterator[Difference]:
    """Each difference between two values of a key, of the deepest keys that both have."""
    if keys in lacking:
        return
    if keys == ("excluded",):
        old, new = _by_entry(old), _by_entry(new)
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield keys, old, new
        return
    for key in (*old, *(key for key in new if key not in old)):
        if key in old and key in new:
            yield from _differences((*keys, key), old[key], new[key], lacking)
        else:
            yield (*keys, key), old.get(key), new.get(key)
    if isinstance(old, Entries) and [key for key in old if key in new] != [
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
