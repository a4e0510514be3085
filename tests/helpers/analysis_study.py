"""Made-up studies for the tests of the analyses: tables as the stages write them, notebooks run."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from owncontrol.analysis import change, grades
from owncontrol.analysis.catalogue import ANALYSES, AnalysisEntry, analyses_for
from owncontrol.analysis.settings import (
    ChangeSettings,
    RecoverySettings,
    RespondersSettings,
    SensitivitySettings,
)
from owncontrol.estimates.collect import Estimates
from owncontrol.instruments import Scale, load_instrument
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import load_study
from owncontrol.study.natural_recovery import Comparison
from owncontrol.study.settings import CompleteEndpoint
from owncontrol.tables import concat, conform, write_table
from small_study import completed

Config = dict[str, Any]
ROOT = Path(__file__).parents[2]
# AIS before treatment and at the end: Honmou et al. 2021, Clin Neurol Neurosurg 203:106565.
PUBLISHED = ["AA", *["AB"] * 3, *["AC"] * 2, "BC", "BD", *["CD"] * 5]
# A comparison with published rates from the first visit to the last.
COMPARISON = {
    "name": "main",
    "label": "Main",
    "baseline": {"visit": "before"},
    "follow_up": {"visit": "after"},
}
RECOVERY = {
    "table": "data/reference/natural_recovery.csv",
    "endpoint": "ais",
    "benchmark": "Khorasanizadeh 2019 (meta)",
    "exam_days": [14, 28],
    "comparisons": [COMPARISON],
}
TREATED_ON = 40
# The visits of a small study, on the clock of the injury.
DAYS = {"early": 10, "before": 40, "middle": 68, "after": 220}
EVENT = ["row_id", "subject_id", "term", "system_organ_class", "grade", "serious"]
EVENT += ["relation", "onset_day"]


class SmallSettings(ChangeSettings, RespondersSettings, SensitivitySettings, RecoverySettings):
    """What the analyses of endpoints are told, all in one."""


@cache
def scale_of(instrument: str, scale: str) -> Scale:
    """A scale of the project's instruments."""
    return load_instrument(ROOT / f"workflow/instruments/{instrument}.yaml").scales[scale]


def endpoint(name: str, instrument: str, scale: str, **keys: Any) -> CompleteEndpoint:
    """A complete endpoint of a small study with the visits before, middle and after."""
    config = {
        "baseline": "before",
        "time_point": "after",
        "plan": {"version": "", "date": "", "endpoints": [name]},
        "estimand_defaults": {"population": "treated", "summary": "", "intercurrent_events": []},
        **keys.pop("config", {}),
    }
    given = {"name": name, "label": name, "instrument": instrument, "scale": scale, **keys}
    return CompleteEndpoint.model_validate(completed({"family": "one", **given}, **config))


def small_settings(*endpoints: CompleteEndpoint, **keys: Any) -> SmallSettings:
    """Settings of a study with the visits early, before, middle and after; ``keys``: plain."""
    plain = {
        "endpoints": endpoints,
        "responders": [],
        "visits": [
            {"name": name, "label": name, "clock": "injury", "day": day, "window": [day - 7, day]}
            for name, day in DAYS.items()
        ],
        "baseline": "before",
        "time_point": "after",
        "level": 0.95,
        "improved_by_weeks": [4, 8],
        "characteristics": [],
        "undefined": [],
        "post_hoc": [],
        "sensitivity": {},
        "natural_recovery": RECOVERY,
    }
    return SmallSettings.model_validate({**plain, **keys})


def compared_as(**changes: Any) -> Comparison:
    """The comparison from the first visit to the last, with changes."""
    return Comparison.model_validate({**COMPARISON, **changes})


def scores(of: CompleteEndpoint, values: dict[str, dict[str, float | None]]) -> pd.DataFrame:
    """Scores of one endpoint: by subject and visit; None is assessed and not determined."""
    levels = {level.value: level.text for level in scale_of(of.instrument, of.scale).levels}
    rows = [
        {
            "subject_id": subject,
            "visit": visit,
            "day_from_injury": DAYS[visit],
            "day_from_treatment": DAYS[visit] - TREATED_ON,
            "instrument": of.instrument,
            "scale": of.scale,
            "value": value,
            "text": "" if value is None else levels.get(value, f"{value:g}"),
            "row_id": f"file:{number}{place}",
        }
        for number, (subject, visits) in enumerate(values.items(), start=1)
        for place, (visit, value) in enumerate(visits.items())
    ]
    return conform(pd.DataFrame(rows), "scores")


def graded_scores(of: CompleteEndpoint, pairs: list[str]) -> pd.DataFrame:
    """Grades at before and after, one subject a pair of letters (``AB``)."""
    place = {letter: number for number, letter in enumerate(of.grades, start=1)}
    values: dict[str, dict[str, float | None]] = {
        f"S{number:02d}": {"before": place[pair[0]], "after": place[pair[1]]}
        for number, pair in enumerate(pairs, start=1)
    }
    return scores(of, values)


def paired_scores(of: CompleteEndpoint, pairs: list[tuple[float, float]]) -> pd.DataFrame:
    """Scores at before and after, one subject a pair."""
    return scores(
        of,
        {
            f"S{number:02d}": {"before": first, "after": last}
            for number, (first, last) in enumerate(pairs, start=1)
        },
    )


def all_changes(
    of: CompleteEndpoint, table: pd.DataFrame, settings: ChangeSettings, results: Estimates
) -> None:
    """Every analysis of the change of one endpoint, as the notebook makes them."""
    change.change_from_baseline(results, table, of, settings)
    change.adjust_families(results, [of])
    change.adjust_together(results, table, [of])
    change.trend(results, table, of, settings)
    if of.grades:
        grades.distribution(results, table, of, settings)
        grades.shift(results, table, of)


def by_id(table: pd.DataFrame) -> pd.DataFrame:
    """Analysis results by their id."""
    return table.set_index("estimate_id")


def default_config(**changes: Any) -> Config:
    """Settings of the project's default study, with changes."""
    return analysis_settings(load_study({**load_study({}, ROOT).plain(), **changes})).plain()


def write_study(
    folder: Path,
    settings: Config,
    grades: list[str],
    gain: Callable[[str], float],
    missed: Callable[[str, str], bool] = lambda subject, visit: False,
) -> None:
    """Write the tables of a study: AIS from the first to the last letter of each of ``grades``.

    Every other scale rises by ``gain(scale)`` of its range, from the visit of day 28 on, as far as
    it goes. ``missed(subject, visit)``: whether a visit was missed.
    """
    codes = [f"OC-{number:02d}" for number in range(1, len(grades) + 1)]
    frame = {"row_id": [f"redcap:{i}" for i, _ in enumerate(codes, start=2)], "subject_id": codes}
    subjects = pd.DataFrame({**frame, "sex": "male", "age": 40, "registration_day": 10})
    for item in settings["characteristics"]:
        values = item["values"][0] if item["type"] == "category" else item["eligibility"]
        subjects[item["name"]] = values
    own = {"source_subject_id": codes, "release": "passed", "release_day": TREATED_ON - 1}
    treatments = pd.DataFrame({**frame, **own, "treatment_start_day": TREATED_ON})
    events = pd.DataFrame(columns=EVENT)
    names = [visit["name"] for visit in settings["visits"]]
    rows = []
    for code, grade in zip(codes, grades, strict=True):
        for item in settings["endpoints"]:
            scale = scale_of(item["instrument"], item["scale"])
            texts = {level.value: level.text for level in scale.levels}
            for visit in settings["visits"]:
                if missed(code, visit["name"]):
                    continue
                later = names.index(visit["name"]) >= names.index("day_28")
                if item["grades"]:
                    value = 1.0 + "ABCDE".index(grade[-1] if later else grade[0])
                else:
                    span = scale.maximum - scale.minimum
                    start = scale.minimum + round(0.2 * span)
                    value = start + (round(gain(item["scale"]) * span) if later else 0)
                day = visit["day"] + (TREATED_ON if visit["clock"] == "treatment" else 0)
                rows.append(
                    {
                        "subject_id": code,
                        "visit": visit["name"],
                        "day_from_injury": day,
                        "day_from_treatment": day - TREATED_ON,
                        "instrument": item["instrument"],
                        "scale": item["scale"],
                        "value": value,
                        "text": texts.get(value, f"{value:g}"),
                        "row_id": f"redcap:{names.index(visit['name']) + 2}",
                    }
                )
    table = conform(pd.DataFrame(rows) if rows else pd.DataFrame(), "scores")
    flow = [{"file": "all.csv", "table": "(file)", "rows_in": 1, "kept": 1}]
    cells = [{"file": "all.csv", "table": "subjects", "cells_in": 4, "as_written": 4}]
    for name, part in (
        ("subjects", subjects),
        ("treatments", treatments),
        ("adverse_events", events),
        ("scores", table),
        ("flow", conform(pd.DataFrame(flow), "flow").fillna(0)),
        ("flow_cells", conform(pd.DataFrame(cells), "flow_cells").fillna(0)),
        ("findings", conform(pd.DataFrame(), "findings")),
        ("departures", conform(pd.DataFrame(), "departures")),
        ("disclosures", conform(pd.DataFrame(), "disclosures")),
    ):
        write_table(part, folder / f"{name}.csv")


def told(entry: AnalysisEntry, settings: Config) -> Config | None:
    """What the rule of an analysis gives its notebook of all settings; None if nothing."""
    if entry.settings is None:
        return None
    return {key: settings[key] for key in entry.settings.model_fields if key in settings}


def run_notebook(folder: Path, name: str, settings: Config) -> pd.DataFrame:
    """Run the code cells of a notebook on the tables in ``folder``; returns its rows."""
    entry = next(entry for entry in ANALYSES if entry.name == name)
    path = ROOT / f"notebooks/{entry.notebook}.ipynb"
    cells = [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]
    known = ("subjects", "treatments", "scores", "adverse_events", "flow", "flow_cells", "findings")
    known += ("departures", "disclosures")
    space: Config = {"display": lambda shown: None}
    for cell in cells:
        exec("".join(cell["source"]), space)
        if "parameters" in cell["metadata"].get("tags", []):
            space |= {key: str(folder / f"{key}.csv") for key in known if key in space}
            if "exams" in space:
                space["exams"] = ""  # scores are written as such, without exams
            if "courses" in space:
                course = settings.get("natural_course")
                space["courses"] = str(ROOT / course["table"]) if course else ""
            space["estimates"] = str(folder / f"out_{name}.csv")
            space["settings"] = told(entry, settings)
            if name == "natural_recovery":
                space["rates"] = str(ROOT / settings["natural_recovery"]["table"])
            if name == "claims":
                parts = [path for path in folder.glob("out_*.csv") if "claims" not in path.name]
                space["analyses"] = " ".join(map(str, sorted(parts)))
    table: pd.DataFrame = space["results"].table()
    return table


def run_all(folder: Path, settings: Config) -> pd.DataFrame:
    """Run every analysis on the tables in ``folder``; returns all rows."""
    has = {"adverse_events", *settings}
    parts = [run_notebook(folder, entry.name, settings) for entry in analyses_for(has)]
    return concat(parts, "estimates")
