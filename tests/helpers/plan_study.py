"""A small study with a frozen plan, run in process to the words of its first page on the plan."""

import copy
import datetime
import re
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
from owncontrol.analysis import plan_counts
from owncontrol.analysis.plan_comparison import Compared, PlanData, compare
from owncontrol.analysis.plan_disclosures import RawChange
from owncontrol.analysis.settings import PlanSettings
from owncontrol.cleaning.clean import Cleaned
from owncontrol.cli.freeze import Request, raw_hashes, write_lock
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.numbers import Numbers
from owncontrol.instruments import load_instrument
from owncontrol.reporting import html
from owncontrol.reporting.patient_pages import PatientPages
from owncontrol.reporting.plan_facts import PlanFacts, read_plan_facts
from owncontrol.reporting.plan_sentences import plan_words
from owncontrol.scoring.score_table import score_assessments
from owncontrol.study.estimands import analysis_settings, names_of_results
from owncontrol.study.loading import study_from
from owncontrol.study.plan_lock import read_lock
from owncontrol.study.plan_parts import frozen_parts
from owncontrol.study.plan_timing import (
    against_raw_files,
    assessment_files,
    compared_version,
    moments_of,
    plan_dates,
    post_hoc_names,
    versions_rows,
)
from owncontrol.tables import conform, write_table
from read_study import clean_ingested, ingest_files, write_corrections

ROOT = Path(__file__).parents[2]
PATIENTS = 8
FIRST = datetime.date(2021, 3, 1)
PLANNED = "2020-06-01"
FROZEN = f"{PLANNED}T09:00:00+00:00"
GRADES = {"baseline": "AABBCCAB", "day_90": "ABBCCDAB", "day_180": "BBBCDDAC"}
DAYS = {"baseline": 0, "day_90": 90, "day_180": 180}
CONFIG: dict[str, Any] = {
    "study": "moved",
    "title": "Moved",
    "question": "Does it change?",
    "treatment": "infusion",
    "synthetic": True,
    "raw": "data/raw/moved",
    "subject_id": {"pattern": "P-[0-9]{2}"},
    "visits": [
        {"name": "baseline", "label": "Baseline", "clock": "treatment", "day": 0,
         "window": [-7, 0]},
        {"name": "day_90", "label": "Day 90", "clock": "treatment", "day": 90,
         "window": [80, 100]},
        {"name": "day_180", "label": "Day 180", "clock": "treatment", "day": 180,
         "window": [166, 194]},
    ],
    "baseline": "baseline",
    "time_point": "day_180",
    "plan": {"version": "1", "date": PLANNED, "endpoints": ["ais", "uems", "touch", "main"]},
    "exports": {
        "people": {
            "file": "people.csv",
            "tables": {
                "subjects": {"columns": {"subject_id": "id", "injury_date": "hurt"}},
                "treatments": {"columns": {"subject_id": "id", "treatment_start": "given"}},
            },
        },
        "exams": {
            "file": "exams.csv",
            "tables": {
                "isncsci": {
                    "scores": "recorded",
                    "columns": {
                        "subject_id": "id",
                        "visit": "visit",
                        "date": "day",
                        "recorded_asia_impairment_scale": "ais",
                        "recorded_upper_extremity_motor_score": "uems",
                        "recorded_light_touch_total": "touch",
                    },
                }
            },
        },
    },
    "endpoints": [
        {"name": "ais", "label": "AIS grade", "instrument": "isncsci",
         "scale": "asia_impairment_scale", "family": "primary"},
        {"name": "uems", "label": "Upper extremity motor score", "instrument": "isncsci",
         "scale": "upper_extremity_motor_score", "family": "motor"},
        {"name": "touch", "label": "Light touch", "instrument": "isncsci",
         "scale": "light_touch_total", "family": "motor"},
    ],
    "natural_recovery": {
        "table": "data/reference/natural_recovery.csv",
        "endpoint": "ais",
        "benchmark": "Khorasanizadeh 2019 (meta)",
        "comparisons": [
            {"name": "main", "label": "Main", "baseline": {"visit": "baseline"},
             "follow_up": {"visit": "day_180"}},
        ],
    },
    "claims": [
        {"id": "C1", "claim": "Patients improve more than expected.",
         "criterion": "More than the published rate",
         "conditions": [{"estimate": "natural_recovery.main.a.benchmark", "field": "p",
                         "below": 0.05}]},
    ],
}  # fmt: skip


def config(**changes: Any) -> dict[str, Any]:
    """The configuration as plain values, with other values of some keys; None removes a key."""
    made = {**copy.deepcopy(CONFIG), **changes}
    return {key: value for key, value in made.items() if value is not None}


def changed(key: str, value: Any) -> dict[str, Any]:
    """The configuration with another value at a place (``visits.2.window``); None removes it."""
    made = copy.deepcopy(CONFIG)
    *path, last = [int(part) if part.isdecimal() else part for part in key.split(".")]
    place: Any = made
    for part in path:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return made


@dataclass
class Raw:
    """The raw files: patients that are left out, and (patient, visit) pairs that were missed."""

    left_out: tuple[str, ...] = ()
    missed: tuple[tuple[str, str], ...] = ()
    corrections: tuple[tuple[str, ...], ...] = ()
    untreated: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Write them."""
        folder.mkdir(parents=True, exist_ok=True)
        people, exams = ["id,hurt,given"], ["id,visit,day,ais,uems,touch"]
        for number in range(PATIENTS):
            code = f"P-{number + 1:02d}"
            given = FIRST + datetime.timedelta(days=10 * number)
            if code in self.left_out:
                continue
            treated = "" if code in self.untreated else given
            people.append(f"{code},{given - datetime.timedelta(days=40)},{treated}")
            for visit, day in DAYS.items():
                if (code, visit) not in self.missed:
                    date = given + datetime.timedelta(days=day)
                    score = 10 + number + day // 30
                    exams.append(f"{code},{visit},{date},{GRADES[visit][number]},{score},{number}")
        (folder / "people.csv").write_text("\n".join(people) + "\n", "utf-8")
        (folder / "exams.csv").write_text("\n".join(exams) + "\n", "utf-8")
        if self.corrections:
            write_corrections(folder, self.corrections)


@dataclass
class Page:
    """The first page's words on the plan, and what they were made from."""

    text: str
    facts: PlanFacts
    cleaned: Cleaned
    estimates: pd.DataFrame = field(repr=False)


def freeze_plan(
    folder: Path,
    values: dict[str, Any] | None = None,
    when: str = FROZEN,
    raw_files: dict[str, str] | None = None,
) -> None:
    """Freeze the plan of a configuration as of a time; ``raw_files``: hashes of those there."""
    study = study_from(copy.deepcopy(values or CONFIG), "test")
    lock = read_lock(study.study, folder)
    request = Request(study.study, who="J. Doe", amend=lock is not None, why="more patients")
    (folder / "config").mkdir(exist_ok=True)
    write_lock(study, request, when, folder, raw_files or {})


def first_page(
    folder: Path,
    values: dict[str, Any] | None = None,
    raw: Raw | None = None,
    raw_changes: tuple[RawChange, ...] = (),
) -> Page:
    """Clean, score and compare a study, and render the block of its first page."""
    raw = raw or Raw()
    study = study_from(copy.deepcopy(values or CONFIG), "test")
    if raw.corrections:
        study = study_from({**study.plain(), "corrections": "corrections.csv"}, "test")
    raw.write(folder / study.raw)
    lock = read_lock(study.study, folder)
    instruments = {"isncsci": load_instrument(ROOT / "workflow/instruments/isncsci.yaml")}
    read = ingest_files(folder / study.raw, study, instruments)
    cleaned = clean_ingested(folder / study.raw, study, instruments, read, plan_dates(study, lock))
    scores = score_assessments(instruments["isncsci"], cleaned.finished["isncsci"](), recorded=True)
    settings = analysis_settings(study)
    treated = sorted(cleaned.tables["treatments"]["subject_id"])
    raw_files = raw_hashes(study, folder)
    moments = against_raw_files(
        moments_of(cleaned.plan_timing.to_dict("records")),
        lock,
        {name: raw_files[name] for name in assessment_files(study)},
    )
    names = post_hoc_names(names_of_results(study), study.plan.endpoints, lock, moments)
    found = compare(
        settings,
        frozen_parts(study, folder),
        compared_version(lock, moments) if lock else None,
        PlanData(
            treated=treated,
            scores=scores,
            assessed=scores,
            corrected=cleaned.corrected_cells,
            findings=cleaned.findings,
            raw_changes=raw_changes,
            raw_files=raw_files,
        ),
        instruments,
    )
    results = folder / "results"
    for name, table in (
        ("cleaned/plan_timing", cleaned.plan_timing),
        (
            "plan/plan_versions",
            conform(pd.DataFrame(versions_rows(lock, moments, raw_files)), "plan_versions"),
        ),
        ("plan/post_hoc", conform(pd.DataFrame({"name": names}), "post_hoc")),
        ("plan/departures", found.departures),
        ("plan/disclosures", found.disclosures),
    ):
        write_table(table, results / f"{name}.csv")
    facts = read_plan_facts(results)
    estimates = _counted(cleaned, scores, found, PlanSettings.taken_from(settings))
    return Page(_rendered(facts, estimates, facts.told(settings)), facts, cleaned, estimates)


def _counted(
    cleaned: Cleaned, scores: pd.DataFrame, found: Compared, settings: PlanSettings
) -> pd.DataFrame:
    """The counts, as the notebook makes them."""
    results = Estimates("plan", "whole study", sorted(cleaned.tables["subjects"]["subject_id"]))
    treatments = cleaned.tables["treatments"]
    compared = scores.loc[scores["visit"].isin(settings.compared_visits)]
    plan_counts.count_departures(results, found.departures)
    plan_counts.count_disclosures(results, found.disclosures)
    plan_counts.count_cuts(results, found.disclosures)
    plan_counts.count_scores(results, compared, found.disclosures, settings)
    plan_counts.count_patients(
        results, compared, found.disclosures, ("treatments", treatments), settings
    )
    return results.table()


def _rendered(facts: PlanFacts, estimates: pd.DataFrame, settings: Any) -> str:
    """The block as one line of text."""
    numbers = Numbers(estimates, html.mark)
    page = html.Page({}, PatientPages())
    template = html.environment(ROOT / "workflow/report").from_string(
        '{% include "plan.j2" %}{% include "plan_table.j2" %}'
    )
    words = plan_words(facts, numbers, settings)
    text = page.number_references(template.render(page=page, numbers=numbers, plan=words))
    assert numbers.shown <= set(estimates["estimate_id"])
    blocks = re.sub(r"</(p|li|ul|tr|td|th|figcaption)>", " ", str(text))
    return " ".join(unescape(re.sub(r"<[^>]+>", "", blocks)).split())
