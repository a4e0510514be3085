"""The configuration of a study with the parts of its frozen plan put back."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from owncontrol.errors import InputError
from owncontrol.study.model import Study
from owncontrol.study.plan_departures import OF_THE_FILES, Entries, Keys, by_name, not_held
from owncontrol.study.plan_parts import FileRules, Frozen, PlanParts, entry_of

# Parts that a configuration has under the same key.
SAME = tuple(
    name
    for name in PlanParts.model_fields
    if name in Study.model_fields and name not in ("arms", *OF_THE_FILES)
)
# Of an export what the parts have under their own names; the program sets ``found_by``.
OF_EXPORTS = ("file", "found_by", "keep", "missing", "tables", *FileRules.model_fields)
Plain = dict[str, Any]


class AsFrozen(StrEnum):
    """What a row of the table ``as_frozen`` says of the study by its whole frozen plan."""

    VERDICT = "verdict"
    IMPROVED = "improved"
    SIZE = "size"
    NOT_PUT_BACK = "not_put_back"
    CORRECTIONS_LEFT_OUT = "corrections_left_out"
    CORRECTIONS_KEPT = "corrections_kept"
    NOT_RUN = "not_run"


def with_frozen_parts(study: Study, plan: Frozen, now: Frozen) -> Plain:
    """Plain values of a study as its plan has it; ``now``: the parts of the study as it is.

    What is no part of a plan, or what the lock does not hold, is as it is now; so are the raw
    folder and the codes of patients. No finding stops its run. Raises InputError where the lock
    does not say which files an export of the plan is read from.
    """
    parts = held_parts(plan, now)
    kept = {key: item for key, item in study.plain().items() if key not in (*SAME, "arms")}
    values = kept | {name: parts[name] for name in SAME if name in parts}
    values |= {"characteristics": [*parts["described"], *parts["entry_criteria"]], "strict": False}
    values |= {"arms": parts["arms"]["name"]} if "arms" in parts else {}
    return values | {"exports": _exports(study, parts)}


def held_parts(plan: Frozen, now: Frozen) -> Plain:
    """The parts of a plan in their plain form; of what its lock does not hold, those of now."""
    held, present = by_name(plan.parts.given()), by_name(now.parts.plain())
    for keys in not_held(plan, now):
        _put_back(held, present, keys)
    plain: Plain = _listed(held)
    return plain


def _put_back(held: Plain, present: Plain, keys: Keys) -> None:
    """Give a key of nested values the present value; take it away where there is none now."""
    *path, last = keys
    for key in path:
        held, present = held[key], present[key]
    held.pop(last, None)
    if last in present:
        held[last] = present[last]


def _listed(value: Any) -> Any:
    """The way back from entries by their names to lists of them."""
    if isinstance(value, Entries):
        return [_listed(item) for item in value.values()]
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return value


def _exports(study: Study, parts: Mapping[str, Any]) -> Plain:
    """The exports as entries of a configuration: patterns, from which the files are found."""
    now: dict[str, Plain] = {}  # by entry, and by file for an entry of another name
    for key, export in study.exports.items():
        pattern = export.found_by.pattern if export.found_by else export.file
        for name in (entry_of(key, export), pattern):
            now.setdefault(name, export.plain())
    tables: dict[str, Plain] = {}
    for rules in ("reading", "cleaning"):
        for place, given in parts[rules].items():
            name, _, table = place.partition(".")
            tables.setdefault(name, {}).setdefault(table, {}).update(given)
    made = {}
    for entry in dict.fromkeys((*parts["read_order"], *tables)):
        if entry not in tables:
            continue
        if entry not in parts["files"]:
            raise InputError(
                f"the lock does not hold which files the export '{entry}' is read from",
                "an earlier version of the program wrote it",
            )
        reading = {key: item for key, item in parts["files"][entry].items() if key != "files"}
        files = parts["files"][entry]["files"]
        known = next((now[name] for name in (entry, *files) if name in now), {})
        beside = {key: item for key, item in known.items() if key not in OF_EXPORTS}
        made[entry] = beside | reading | {"file": files if len(files) > 1 else files[0]}
        for key, part in (("keep", "kept_rows"), ("missing", "missing")):
            if entry in parts[part]:
                made[entry][key] = parts[part][entry]
        made[entry]["tables"] = tables[entry]
    return made
