"""export: the datasets and the results of a finished run, in a folder of their own."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.estimates.numbers import plain_numbers
from owncontrol.lineage.results import Results as StoredResults
from owncontrol.provenance.history import read_history
from owncontrol.reporting.plan_facts import read_plan_facts
from owncontrol.reporting.recorded_decimals import recorded_decimals
from owncontrol.standards.analysis_datasets import analysis_datasets
from owncontrol.standards.analysis_results import Event, reporting_event, write_reporting_event
from owncontrol.standards.columns import Results
from owncontrol.standards.define_xml import described, write_define
from owncontrol.standards.files import write_dataset_json, write_transport
from owncontrol.study.estimands import analysis_settings, names_of_results
from owncontrol.study.loading import load_study
from owncontrol.study.model import Study
from owncontrol.tables import read_cleaned, read_table, read_text, records

SCORES = ("scored/scores.csv", "scored/scores.parquet")


def export_study(name: str | None, target: Path | None, project: Path) -> list[str]:
    """Write the datasets of a study; what was written, a line each.

    ``target``: the folder, ``archive/<study>-adam`` where it is None. Raises InputError where the
    study was not run to its end.
    """
    study = load_study({"study": name} if name else {}, project)
    folder = project / "results" / study.study
    runs = read_history(folder)
    if not runs:
        raise InputError(f"{folder}: no finished run", f"make STUDY={study.study}")
    made = datetime.fromisoformat(runs[-1].entry["recorded"]).replace(tzinfo=None)
    datasets = analysis_datasets(read_results(study, folder))
    place = target or project / "archive" / f"{study.study}-adam"
    place.mkdir(parents=True, exist_ok=True)
    said = []
    for data in datasets:
        stem = place / data.name.lower()
        write_dataset_json(stem.with_suffix(".json"), data, study.study, made)
        said += write_transport(stem.with_suffix(".xpt"), data, made)
        size = f"{len(data.rows)} records, {len(data.variables)} variables"
        said.append(f"wrote {stem}.json and .xpt: {size}")
    write_define(place / "define.xml", study, datasets, made)
    event = read_event(study, folder)
    write_reporting_event(place / "ars.json", event)
    count = f"{len(event['analyses'])} analyses"
    return [*said, f"wrote {place / 'define.xml'}", f"wrote {place / 'ars.json'}: {count}"]


def read_event(study: Study, folder: Path) -> dict[str, Any]:
    """The reporting event of a results folder. Raises InputError where a table is missing."""
    path = folder / "statistics/estimates.csv"
    if not path.is_file():
        raise InputError(f"{path}: missing", f"make STUDY={study.study}")
    settings = read_plan_facts(folder).told(analysis_settings(study))
    names, post_hoc = frozenset(names_of_results(study)), frozenset(settings.post_hoc)
    decimals = recorded_decimals(
        StoredResults(folder, for_report=True), settings.endpoints, settings.characteristics
    )
    about = Event(
        study=study.study,
        title=study.title,
        description=described(study),
        declared=names - post_hoc,
        post_hoc=post_hoc,
        families={endpoint.name: endpoint.family for endpoint in settings.endpoints},
    )
    return reporting_event(about, records(read_text(path)), plain_numbers(path, decimals).columns())


def read_results(study: Study, folder: Path) -> Results:
    """The tables of a results folder. Raises InputError where one is missing."""
    scores = next((folder / path for path in SCORES if (folder / path).is_file()), None)
    if scores is None:
        raise InputError(f"{folder}: no scores", f"make STUDY={study.study}")
    subjects = read_cleaned(folder / "cleaned/subjects.csv", "subjects", study.characteristics)
    return Results(
        study=study,
        endpoints=analysis_settings(study).endpoints,
        subjects=subjects,
        treatments=_cleaned(folder, "treatments"),
        adverse_events=_cleaned(folder, "adverse_events"),
        scores=read_table(scores, "scores"),
    )


def _cleaned(folder: Path, table: str) -> pd.DataFrame | None:
    path = folder / f"cleaned/{table}.csv"
    return read_cleaned(path, table) if path.is_file() else None
