"""What the run by the whole frozen plan takes from the raw folder, and what of it is reported."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.cleaning.corrections import read_corrections
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import plain_numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.run.frozen_plan import made_later
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.frozen_configuration import AsFrozen
from owncontrol.study.loading import load_study
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import conform

TABLE = "as_frozen"
CHANGE, RECOVERY = "statistics/change.csv", "statistics/natural_recovery.csv"
FAULT = ("its run stops", "the first page says why")
QUOTED = re.compile(r"""(['"])(.*?)\1""")


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
    path = Path(raw) / name
    kept = read_corrections(path).loc[~made_later(path, run["day"])]
    if kept.empty:
        del values["corrections"], files[name]
        return values, files
    kept.to_csv(scratch / "corrections.csv", index=False)
    files[name] = str((scratch / "corrections.csv").absolute())
    return values, files


def targets(values: Mapping[str, Any]) -> list[str]:
    """The results that hold verdict and main result."""
    return [CHANGE, *([RECOVERY] if "natural_recovery" in values else [])]


def reported(run: Mapping[str, Any], results: Path) -> pd.DataFrame:
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


def nothing_reported() -> pd.DataFrame:
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
    """A message that names no raw value: of quoted texts only those of a configuration."""
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
