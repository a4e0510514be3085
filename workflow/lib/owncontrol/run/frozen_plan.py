"""The study by its whole frozen plan: what is run once more, and what of it is told.

Where the configuration departs from the plan that a run is compared with, the raw files of now are
taken through the same stages with the frozen parts put back, as far as verdict and main result.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import plain_numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.study.checks import check_inside
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.frozen_configuration import AsFrozen, with_frozen_parts
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import check_file, listed_hash
from owncontrol.study.model import Study
from owncontrol.study.plan_departures import changes_numbers, departures
from owncontrol.study.plan_lock import PlanLock, PlanVersion
from owncontrol.study.plan_parts import Frozen, frozen_parts
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import conform

TABLE = "as_frozen"
CHANGE, RECOVERY = "statistics/change.csv", "statistics/natural_recovery.csv"
FAULT = ("it stops", "see what the first page says of it")
QUOTED = re.compile(r"""(['"])(.*?)\1""")
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


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
    manifest: Mapping[str, str],
    file_hash: Callable[[str], str],
    folder: Path | str = ".",
) -> dict[str, dict[str, Any]]:
    """By number of a version of the lock, what its run takes (``FrozenRun.plain``).

    A version from which nothing departs that could change a number has none. ``manifest``: of the
    raw folder; ``file_hash``: gives the SHA-256 of a file. Raises InputError for a raw file that
    is not the one of the MANIFEST, and for a file of corrections that cannot be read.
    """
    if lock is None:
        return {}
    now = frozen_parts(study, Path(folder))
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
    return ~(when.str.fullmatch(DAY.pattern) & (when <= day))


def files_of(
    run: Mapping[str, Any], raw: str, scratch: Path
) -> tuple[dict[str, Any], dict[str, str]]:
    """The configuration and raw files of a run (``FrozenRun.plain``), without later corrections.

    ``scratch``: a folder for the file of the corrections that are left.
    """
    values, files = dict(run["values"]), {name: name for name in run["files"]}
    name = values.get("corrections", "")
    if not (name and run["later"] and run["had_corrections"]):
        return values, files
    from owncontrol.cleaning.corrections import read_corrections

    path = Path(raw) / name
    kept = read_corrections(path).loc[~made_later(path, run["day"])]
    if kept.empty:
        del values["corrections"], files[name]
        return values, files
    kept.to_csv(scratch / "corrections.csv", index=False)
    files[name] = str((scratch / "corrections.csv").absolute())
    return values, files


def targets(values: Mapping[str, Any]) -> list[str]:
    """The results that are told of: those that verdict and main result stand in."""
    return [CHANGE, *([RECOVERY] if "natural_recovery" in values else [])]


def told(run: Mapping[str, Any], results: Path) -> pd.DataFrame:
    """The table: a row each for verdict, main result, and what is otherwise than in the plan.

    ``run``: as from ``FrozenRun.plain``; ``results``: its results folder.
    """
    rows = list(_results(analysis_settings(load_study(run["values"])), results))
    rows += [{"kind": AsFrozen.NOT_PUT_BACK, "name": key} for key in run["not_put_back"]]
    if run["later"]:
        left_out = run["had_corrections"]
        kind = AsFrozen.CORRECTIONS_LEFT_OUT if left_out else AsFrozen.CORRECTIONS_KEPT
        rows.append({"kind": kind, "n": run["later"]})
    return _table(rows)


def not_run(why: str) -> pd.DataFrame:
    """The table where the plan could not be run."""
    return _table([{"kind": AsFrozen.NOT_RUN, "text": why}])


def nothing_told() -> pd.DataFrame:
    """The table where nothing departs from the version that a run is compared with."""
    return _table([])


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = ["kind", "name", "value", "events", "n", "text"]
    return conform(pd.DataFrame(rows, columns=columns), TABLE)


def _results(settings: AnalysisSettings, results: Path) -> Iterator[dict[str, Any]]:
    recovery, primary = settings.natural_recovery, settings.endpoints[0]
    if recovery is not None:
        name = f"natural_recovery.{recovery.primary_comparison.name}.all_grades"
        yield _row(AsFrozen.VERDICT, results / RECOVERY, f"{name}.{NaturalRecovery.VERDICT}", "")
    labels = {visit.name: visit.label for visit in settings.visits}
    label = f"{primary.label}, {labels[primary.baseline]} to {labels[primary.time_point]}"
    stem = f"change.{primary.name}.{primary.time_point}"
    yield _row(AsFrozen.IMPROVED, results / CHANGE, f"{stem}.{Change.IMPROVED}", label)
    if not primary.grades and primary.kind != "yes_no":
        yield _size(results / CHANGE, f"{stem}.{Change.HODGES_LEHMANN}")


def _size(path: Path, name: str) -> dict[str, Any]:
    """The size of the change; as text, for a report that has no such result of its own."""
    return _row(AsFrozen.SIZE, path, name, plain_numbers(path).value(name))


def _row(kind: AsFrozen, path: Path, name: str, text: str) -> dict[str, Any]:
    """A result as a row; where it has no text, why there is none."""
    row = plain_numbers(path).row(name)
    return {
        "kind": kind,
        "name": name,
        "value": row.value,
        "events": row.events,
        "n": row.n,
        "text": text or row.convention.reason,
    }


def without_values(message: str, known: Mapping[str, Any]) -> str:
    """A message that names no raw value: of what stands in quotes only texts of a configuration."""
    texts = set(_texts(known))

    def shown(match: re.Match[str]) -> str:
        return match[0] if match[2] in texts else "(a value)"

    return QUOTED.sub(shown, message)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    else:
        yield str(value)
