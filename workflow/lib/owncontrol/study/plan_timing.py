"""When a plan was written, beside the first follow-up in the data; and what is post hoc by that.

Cleaning, which alone sees calendar dates, says of each date of the plan how many follow-ups came
before it (table ``plan_timing``). Everything else knows only that.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from owncontrol.study.instruments import instrument_names
from owncontrol.study.model import Study
from owncontrol.study.plan_lock import PlanLock, PlanVersion

PLAN = 0  # the version number that stands for plan.date of the configuration


class Moment(StrEnum):
    """A date of the plan, beside the first follow-up."""

    BEFORE = "before"
    AFTER = "after"
    NOT_KNOWN = "not known"


@dataclass(frozen=True)
class FollowUps:
    """Follow-ups whose date is known, and how many of them came before a date of the plan."""

    dated: int
    before: int

    @property
    def moment(self) -> Moment:
        """When the plan was dated: after the first follow-up if one of them came before it."""
        if not self.dated:
            return Moment.NOT_KNOWN
        return Moment.AFTER if self.before else Moment.BEFORE


def plan_dates(study: Study, lock: PlanLock | None) -> dict[str, str]:
    """By version (0: the plan of the configuration) its date (YYYY-MM-DD), for the cleaning."""
    dates = {str(PLAN): study.plan.date} if study.plan.date else {}
    versions = lock.versions if lock else ()
    return dates | {str(version.number): version.day for version in versions}


def moments_of(timing: Iterable[Mapping[str, Any]]) -> dict[int, Moment]:
    """By version (0: the plan of the configuration) when it was dated; rows of ``plan_timing``."""
    return {
        int(row["version"]): FollowUps(int(row["follow_ups"]), int(row["before"])).moment
        for row in timing
    }


def assessment_files(study: Study) -> tuple[str, ...]:
    """The raw files that assessments are read from: those that hold the follow-ups."""
    instruments = set(instrument_names(study))
    keys = [key for key, table, _ in study.mappings if table in instruments]
    return tuple(sorted({study.exports[key].file for key in keys}))


def against_raw_files(
    moments: Mapping[int, Moment], lock: PlanLock | None, raw: Mapping[str, str]
) -> dict[int, Moment]:
    """The same, after the first follow-up where all follow-ups were there in what is analysed now.

    A clock that was set back dates a plan before them; the raw files that the plan found say
    otherwise. ``raw``: SHA-256 by name of the files that assessments are read from.
    """
    found = dict(moments)
    for version in lock.versions if lock else ():
        was_there = raw and all(version.raw_files.get(name) == raw[name] for name in raw)
        if was_there and found.get(version.number) is Moment.BEFORE:
            found[version.number] = Moment.AFTER
    return found


def versions_rows(
    lock: PlanLock | None, moments: Mapping[int, Moment], raw: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The rows of the table ``plan_versions``; ``raw``: SHA-256 of the raw files, by name."""
    if lock is None:
        return []
    compared = compared_version(lock, moments)
    return [
        {
            "version": item.number,
            "frozen": item.day,
            "who": item.who,
            "registry": item.registry,
            "why": item.why,
            "moment": moments.get(item.number, Moment.NOT_KNOWN).value,
            "raw_files": len(item.raw_files),
            "raw_unchanged": sum(raw.get(name) == item.raw_files[name] for name in item.raw_files),
            "sha256": item.sha256,
            "compared": item is compared,
        }
        for item in lock.versions
    ]


def compared_version(lock: PlanLock, moments: Mapping[int, Moment]) -> PlanVersion:
    """The version that a run is compared with: the last one frozen before the first follow-up.

    The first version of all where none was, or where that is not known.
    """
    early = [item for item in lock.versions if moments.get(item.number) == Moment.BEFORE]
    return early[-1] if early else lock.versions[0]


def is_late(lock: PlanLock | None, moments: Mapping[int, Moment]) -> bool:
    """Whether the plan was dated, or first frozen, after the first follow-up."""
    first = lock.versions[0].number if lock else PLAN
    return Moment.AFTER in (moments.get(PLAN), moments.get(first))


def post_hoc_names(
    named: Iterable[str],
    declared: Collection[str],
    lock: PlanLock | None,
    moments: Mapping[int, Moment],
) -> tuple[str, ...]:
    """Names of results (endpoints, responders, comparisons) that no plan fixed beforehand.

    ``named``: all of them; ``declared``: those that the plan of the configuration names. Everything
    where the plan came after the first follow-up; else what it does not name, or what the frozen
    plan does not name.
    """
    if is_late(lock, moments):
        return tuple(named)
    fixed = set(declared)
    if lock is not None:
        fixed &= set(compared_version(lock, moments).parts.plan.endpoints)
    return tuple(name for name in named if name not in fixed)


def marked_post_hoc(settings: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Plain settings of an analysis or the report, with these names post hoc."""
    marked = dict(settings)
    if "post_hoc" in marked:
        marked["post_hoc"] = list(names)
    if "endpoints" in marked:
        marked["endpoints"] = [
            {**item, "declared": item["declared"] and item["name"] not in names}
            if "declared" in item
            else item
            for item in marked["endpoints"]
        ]
    return marked
