"""The study by its whole frozen plan: what is run once more.

Where the configuration departs from the plan that a run is compared with, the raw files of now are
taken through the same stages with the frozen parts put back, as far as verdict and main result.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from owncontrol.errors import InputError
from owncontrol.study.checks import check_inside
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.frozen_configuration import with_frozen_parts
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import check_file, listed_hash
from owncontrol.study.model import Study
from owncontrol.study.plan_departures import changes_numbers, departures
from owncontrol.study.plan_lock import PlanLock, PlanVersion
from owncontrol.study.plan_parts import Frozen, frozen_parts

if TYPE_CHECKING:
    import pandas as pd

DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass(frozen=True)
class FrozenRun:
    """What the run of one version of a plan takes.

    ``values``: its configuration; ``files``: its raw files; ``shipped``: other files that it reads.
    ``not_put_back``: keys that stay as they are now. ``later``: corrections that are not known to
    have been made by ``day``, on which it was frozen; they are left out where ``had_corrections``,
    for then the plan found the file of corrections. ``why_not``: why it cannot be run; empty if it
    can.
    """

    day: str
    values: Mapping[str, Any]
    files: tuple[str, ...]
    shipped: tuple[str, ...]
    not_put_back: tuple[str, ...]
    later: int
    had_corrections: bool
    why_not: str = ""

    def plain(self) -> dict[str, Any]:
        """As the rule is given it."""
        return {
            key: list(item) if isinstance(item, tuple) else item
            for key, item in asdict(self).items()
        }


def frozen_runs(
    study: Study,
    lock: PlanLock | None,
    now: Frozen,
    manifest: Mapping[str, str],
    file_hash: Callable[[str], str],
    folder: Path | str = ".",
) -> dict[str, dict[str, Any]]:
    """By number of a version of the lock, what its run takes (``FrozenRun.plain``).

    A version from which nothing departs that could change a number has none. ``now``: the parts of
    the study as it is; ``manifest``: of the raw folder; ``file_hash``: gives the SHA-256 of a file.
    Raises InputError for a raw file that is not the one of the MANIFEST, and for a file of
    corrections that cannot be read.
    """
    if lock is None:
        return {}
    found = {
        item.number: _frozen_run(study, item, now, manifest, file_hash, Path(folder))
        for item in lock.versions
    }
    return {str(number): run.plain() for number, run in found.items() if run is not None}


def _frozen_run(
    study: Study,
    plan: PlanVersion,
    now: Frozen,
    manifest: Mapping[str, str],
    file_hash: Callable[[str], str],
    folder: Path,
) -> FrozenRun | None:
    different = {item.key for item in departures(plan, now) if changes_numbers(item)}
    had = study.corrections in plan.raw_files
    changed = had and manifest.get(study.corrections) != plan.raw_files[study.corrections]
    if not different and not changed:
        return None
    later = 0
    if study.corrections and (changed or not had):
        later = int(made_later(folder / study.raw / study.corrections, plan.day).sum())
    if not different and not later:
        return None
    try:
        values = with_frozen_parts(study, plan, now)
        planned = load_study(values, folder)
        analysis_settings(planned)
        for name in planned.raw_files:
            check_inside("raw", f"{study.raw}/{name}", folder)
            listed_hash(folder / study.raw, dict(manifest), name)
    except InputError as error:
        return FrozenRun(plan.day, {}, (), (), (), later, had, error.message)
    for name in planned.raw_files:
        path = f"{study.raw}/{name}"
        check_file(path, manifest[name], file_hash(path))
    left = [
        item.key
        for item in departures(plan, frozen_parts(planned, folder))
        if changes_numbers(item)
    ]
    nothing = different == set(left) and not (had and later)
    return FrozenRun(
        plan.day,
        values,
        planned.raw_files,
        _shipped(planned),
        tuple(left),
        later,
        had,
        f"of {', '.join(left)} the lock holds only a hash" if nothing else "",
    )


def _shipped(study: Study) -> tuple[str, ...]:
    tables = [part.table for part in (study.natural_recovery, study.natural_course) if part]
    return (*tables, *map(str, study.instrument_files.values()))


def made_later(path: Path, day: str) -> "pd.Series[bool]":
    """Of each correction in a file, whether it is not known to have been made by a day."""
    # Imported where there is a file of corrections to look at.
    from owncontrol.cleaning.corrections import read_corrections

    when = read_corrections(path)["when"].str.strip().str[: len("YYYY-MM-DD")]
    return ~(when.str.fullmatch(DAY) & (when <= day))
