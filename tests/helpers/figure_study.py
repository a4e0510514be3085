"""A made-up study for the tests of the figures: tables as the stages write them, any size."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from figure_analyses import ANALYSES, SOURCES, analysed
from matplotlib.figure import Figure
from owncontrol.estimates.numbers import Numbers
from owncontrol.figures import (
    adverse_events,
    ais_shift,
    ais_transitions,
    change_map,
    event_times,
    natural_recovery,
    paired_change,
    recorded_grades,
    responders,
    specification_curve,
    subject_flow,
    time_to_improvement,
    timeline,
    trajectories,
    verdict,
)
from owncontrol.figures.catalogue import FIGURES
from owncontrol.figures.settings import ShownSettings
from owncontrol.figures.shown_settings import shown_settings
from owncontrol.instruments import Scale, load_instrument
from owncontrol.isncsci.cells import EXAMINED_CELLS
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import concat, conform, empty_table
from small_study import small_study

Config = dict[str, Any]
NAMES = tuple(entry.name for entry in FIGURES)
INSTRUMENTS = Path(__file__).parents[2] / "workflow" / "instruments"
DAYS = (0, 1, 7, 14, 28, 56, 90, 120, 150, 180)
VISITS: list[Config] = [
    {"name": name, "label": label, "clock": clock, "day": day, "window": [day - 7, day + 7]}
    for name, label, clock, day in (
        ("screening", "Screening visit", "injury", 12),
        *((f"t{day}", f"Day {day} after treatment", "treatment", day) for day in DAYS),
        ("late", "Late visit", "injury", 235),
    )
]
BASELINE, TIME_POINT = "t0", "t180"
ENDPOINTS: list[Config] = [
    {
        "name": name,
        "label": label,
        "instrument": instrument,
        "scale": scale,
        "family": family,
        **({"important_difference": {"threshold": least, "source": "chosen"}} if least else {}),
    }
    for name, label, instrument, scale, family, least in (
        ("grade", "AIS", "isncsci", "asia_impairment_scale", "primary", 1),
        ("motor", "Motor score", "isncsci", "motor_total", "motor", 2),
        ("legs", "LEMS", "isncsci", "lower_extremity_motor_score", "motor", 2),
        ("touch", "Light touch", "isncsci", "light_touch_total", "sensation", 0),
        ("scim", "SCIM-III", "scim3", "total", "function", 10),
        ("disability", "Modified Rankin scale", "mrs", "grade", "function", 1),
    )
]
RECOVERY: Config = {
    "table": "data/reference/natural_recovery.csv",
    "endpoint": "grade",
    "benchmark": "Khorasanizadeh 2019 (meta)",
    "exam_days": [28],
    "comparisons": [
        {
            "name": "recovery",
            "label": "One grade",
            "baseline": {"visit": BASELINE},
            "follow_up": {"visit": TIME_POINT},
        }
    ],
}
EVENT_TIMES: list[Config] = [
    {"name": "relapse", "label": "relapse", "time": "weeks", "seen": "relapsed", "at": [10]},
    {"name": "death", "label": "death", "time": "weeks", "seen": "died"},
]
FOLLOWED: list[Config] = [
    {"name": "weeks", "label": "Weeks", "type": "number", "unit": "weeks"},
    {"name": "relapsed", "label": "Relapsed", "type": "boolean"},
    {"name": "died", "label": "Died", "type": "boolean"},
]
CLASSES = ("Infections and infestations", "General disorders", "Vascular disorders")
SCALES: dict[str, Scale] = {
    item["name"]: load_instrument(INSTRUMENTS / f"{item['instrument']}.yaml").scales[item["scale"]]
    for item in ENDPOINTS
}


@dataclass
class Study:
    """The tables that the figures are drawn from."""

    subjects: pd.DataFrame
    treatments: pd.DataFrame
    adverse_events: pd.DataFrame
    scores: pd.DataFrame
    exams: pd.DataFrame
    visits: list[Config]
    endpoints: list[Config]
    post_hoc: frozenset[str] = frozenset()  # endpoints and criteria that no plan has
    _results: dict[str, pd.DataFrame] = field(default_factory=dict)

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """The analysis results that figures and captions use, computed as the notebooks do."""
        return concat([self.results(name) for name in ANALYSES], "estimates")

    def results(self, analysis: str) -> pd.DataFrame:
        """The results of one analysis."""
        if analysis not in self._results:
            self._results[analysis] = analysed(self, analysis)
        return self._results[analysis]

    @cached_property
    def settings(self) -> AnalysisSettings:
        """The study as analyses and report are given it; nothing is marked post hoc."""
        names = {item["name"] for item in self.endpoints}
        parts = sorted({"motor", "scim"} & names)
        either = {"name": "either", "label": "Motor or SCIM", "of": parts, "needs": "any"}
        declared = small_study(
            baseline=BASELINE,
            time_point=TIME_POINT,
            visits=self.visits,
            endpoints=self.endpoints,
            estimand_defaults={"summary": ""},
            characteristics=FOLLOWED,
            event_times=EVENT_TIMES,
            improved_by_weeks=[1, 4, 8],
            responders=[either] if parts else [],
            sensitivity={"populations": ["treated", "eligible"]},
            natural_recovery=RECOVERY,
        )
        return analysis_settings(declared).model_copy(update={"post_hoc": ()})

    @property
    def shown(self) -> ShownSettings:
        """What the figures are told of it."""
        return shown_settings(self.settings)

    def behind(self, name: str) -> pd.DataFrame:
        """The numbers behind a figure."""
        names = [visit["name"] for visit in self.visits]
        numbers, shown = self.numbers(name), self.shown
        return {
            "subject_flow": lambda: subject_flow.subject_flow_numbers(*self.flows),
            "timeline": lambda: timeline.timeline_numbers(
                self.subjects, self.treatments, self.adverse_events, self.scores, shown.visit_days
            ),
            "ais_transitions": lambda: ais_transitions.transition_numbers(numbers, "grade", names),
            "ais_shift": lambda: ais_shift.shift_numbers(numbers, "grade", TIME_POINT),
            "trajectories": lambda: trajectories.trajectory_numbers(
                self.scores, numbers, shown.endpoints[1:], shown.visit_days, BASELINE
            ),
            "paired_change": lambda: paired_change.paired_numbers(
                self.scores, numbers, shown.endpoints, SCALES, BASELINE, TIME_POINT
            ),
            "change_map": lambda: change_map.change_map_numbers(numbers, TIME_POINT),
            "responders": lambda: responders.responders_numbers(numbers, shown.criteria),
            "time_to_improvement": lambda: time_to_improvement.improvement_numbers(
                numbers, shown.leading_criteria, shown.improved_by_weeks
            ),
            "event_times": lambda: event_times.event_numbers(numbers, shown.events),
            "verdict": lambda: verdict.verdict_numbers(numbers, "recovery", shown.primary.alpha),
            "natural_recovery": lambda: natural_recovery.recovery_numbers(numbers, "recovery"),
            "specification_curve": lambda: specification_curve.specification_numbers(
                numbers, shown.examined, 0.05
            ),
            "adverse_events": lambda: adverse_events.adverse_event_numbers(numbers),
            "recorded_grades": lambda: recorded_grades.recorded_numbers(numbers),
        }[name]()

    def numbers(self, name: str) -> Numbers:
        """The results that a figure takes its numbers from."""
        rows = self.results(SOURCES[name]) if name in SOURCES else empty_table("estimates")
        return Numbers(rows, lambda shown: shown.text)

    def draw(self, name: str) -> Figure:
        """A figure; inside ``journal_style``."""
        rows, shown = self.behind(name), self.shown
        labels = {visit["name"]: visit["label"] for visit in self.visits}
        ends = (labels[BASELINE], labels[TIME_POINT])
        criteria = {item.name: item.label for item in shown.criteria}
        return {
            "subject_flow": lambda: subject_flow.draw_subject_flow(
                rows, labels | {"isncsci": "ISNCSCI"}, True
            ),
            "timeline": lambda: timeline.draw_timeline(rows, True),
            "ais_transitions": lambda: ais_transitions.draw_ais_transitions(
                rows,
                shown.visits,
                ais_transitions.visit_days(self.numbers(name), "grade", list(labels)),
                True,
            ),
            "ais_shift": lambda: ais_shift.draw_ais_shift(rows, ends, True),
            "trajectories": lambda: trajectories.draw_trajectories(
                rows, shown.endpoints[1:], SCALES, shown
            ),
            "paired_change": lambda: paired_change.draw_paired_change(
                rows, shown.endpoints, SCALES, ends, True
            ),
            "change_map": lambda: change_map.draw_change_map(rows, True),
            "responders": lambda: responders.draw_responders(rows, criteria, True),
            "time_to_improvement": lambda: time_to_improvement.draw_time_to_improvement(
                rows, criteria, shown
            ),
            "event_times": lambda: event_times.draw_event_times(rows, shown),
            "verdict": lambda: verdict.draw_verdict(rows, shown.primary.alpha, True),
            "natural_recovery": lambda: natural_recovery.draw_natural_recovery(
                rows, shown.primary.alpha, True
            ),
            "specification_curve": lambda: specification_curve.draw_specification_curve(
                rows, shown.examined, labels, 0.05, True
            ),
            "adverse_events": lambda: adverse_events.draw_adverse_events(rows, True),
            "recorded_grades": lambda: recorded_grades.draw_recorded_grades(rows, True),
        }[name]()

    @property
    def flows(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The tables ``flow_subjects`` and ``flow`` of the cleaning."""
        everybody, treated = set(self.subjects["subject_id"]), set(self.treatments["subject_id"])
        steps = [
            ("listed", "", everybody, everybody),
            ("registered", "listed", everybody, everybody),
            ("treated", "registered", everybody, treated),
        ]
        for table in sorted(set(self.scores["instrument"])):
            here = self.scores.loc[self.scores["instrument"] == table]
            before, of = treated, "treated"
            for visit in (BASELINE, TIME_POINT):
                seen = before & set(here.loc[here["visit"] == visit, "subject_id"])
                steps.append((f"{table} at {visit}", of, before, seen))
                before, of = seen, f"{table} at {visit}"
        subjects = pd.DataFrame(
            {
                "step": [step for step, *_ in steps],
                "of": [of for _, of, *_ in steps],
                "subjects_in": [len(before) for *_, before, _ in steps],
                "kept": [len(after) for *_, after in steps],
                "lost": [len(before - after) for *_, before, after in steps],
                "lost_subjects": [" ".join(sorted(before - after)) for *_, before, after in steps],
                "reasons": [
                    "; ".join(f"{subject}: no row" for subject in sorted(before - after))
                    for *_, before, after in steps
                ],
            }
        )
        rows = [
            ("exams.csv", "(file)", 60, 55, 3, 2),
            ("events.csv", "(file)", 9, 9, 0, 0),
            ("events.csv", "adverse_events", 9, 9, 0, 0),
        ]
        columns = ["file", "table", "rows_in", "kept", "quarantined", "merged"]
        files = pd.DataFrame(rows, columns=columns)
        cells = pd.DataFrame(
            [
                ("events.csv", "adverse_events", 81, 70, 4, 1, 6, 0, 0),
                ("exams.csv", "isncsci", 9300, 8000, 200, 25, 300, 75, 700),
            ],
            columns=[
                *("file", "table", "cells_in", "as_written", "other_form", "corrected"),
                *("missing", "refused", "set_aside"),
            ],
        )
        return (
            conform(subjects, "flow_subjects"),
            conform(files, "flow"),
            conform(cells, "flow_cells"),
        )


def make_study(
    n: int = 13,
    missed: float = 0.1,
    events: int = 3,
    endpoints: list[Config] | None = None,
    visits: list[Config] | None = None,
    absent: str = "",
) -> Study:
    """A study of ``n`` treated subjects and one who was not (none where ``n`` is 1).

    ``missed``: share of visits missed; ``events``: adverse events a subject; ``absent``: endpoint
    that nobody has a value of.
    """
    rng = np.random.default_rng(20240501)
    endpoints, visits = endpoints or ENDPOINTS, visits or VISITS
    codes = [f"S-{number:03d}" for number in range(1, n + 1)]
    treated_on = dict(zip(codes, rng.integers(25, 60, n).tolist(), strict=True))
    everybody = codes if n == 1 else [*codes, "S-999"]
    subjects = pd.DataFrame(
        {
            "row_id": [f"people:{i}" for i in range(len(everybody))],
            "subject_id": everybody,
            "registration_day": rng.integers(2, 14, len(everybody)),
        }
    ).assign(**_followed(everybody))
    treatments = pd.DataFrame(
        {
            "row_id": [f"cells:{i}" for i in range(n)],
            "subject_id": codes,
            "collection_day": 15,
            "culture_start_day": 16,
            "culture_days": [treated_on[code] - 20.0 for code in codes],
            "treatment_start_day": [treated_on[code] for code in codes],
        }
    )
    scores = concat(
        [
            _values(code, treated_on[code], endpoint, visits, missed, rng)
            for endpoint in endpoints
            if endpoint["name"] != absent
            for code in codes
        ],
        "scores",
    )
    befallen = np.repeat(codes, events)
    adverse = pd.DataFrame(
        {
            "row_id": [f"events:{i}" for i in range(len(befallen))],
            "subject_id": befallen,
            "term": [f"Event {i}" for i in range(len(befallen))],
            "system_organ_class": rng.choice(CLASSES, len(befallen)),
            "grade": pd.array(rng.integers(1, 6, len(befallen)), "Int64"),
            "serious": pd.array(rng.random(len(befallen)) < 0.2, "boolean"),
            "relation": "unrelated",
            "onset_day": rng.integers(20, 220, len(befallen)),
        }
    )
    exams = _exams([code for code in codes if absent != "grade"], rng)
    return Study(subjects, treatments, adverse, scores, exams, visits, endpoints)


def _followed(codes: list[str]) -> dict[str, pd.Series]:
    """For how long each subject was followed, and which events were seen by then."""
    rng = np.random.default_rng(7)
    return {
        "weeks": pd.Series(rng.integers(2, 40, len(codes)).astype(float), dtype="Float64"),
        "relapsed": pd.Series(rng.random(len(codes)) < 0.7, dtype="boolean"),
        "died": pd.Series(rng.random(len(codes)) < 0.1, dtype="boolean"),
    }


def _exams(codes: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """The cells of an exam at baseline and time point; some not testable, some better later."""
    people, visits = np.repeat(codes, 2), np.tile([BASELINE, TIME_POINT], len(codes))
    later = visits == TIME_POINT
    cells = {
        cell: np.where(
            rng.random(len(people)) < 0.03,
            "NT",
            (rng.integers(0, 2, len(people)) + later * rng.integers(0, 2, len(people))).astype(str),
        )
        for cell in EXAMINED_CELLS
    }
    ids = {"row_id": [f"exams:{i}" for i in range(len(people))]}
    return pd.DataFrame({**ids, "subject_id": people, "visit": visits, **cells})


def _values(
    code: str,
    treated_on: int,
    endpoint: Config,
    visits: list[Config],
    missed: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    scale = SCALES[endpoint["name"]]
    graded = endpoint["scale"] == "asia_impairment_scale"
    start, end = np.sort(rng.uniform(scale.minimum, scale.maximum, 2))
    names = {level.value: level.text for level in scale.levels}
    rows = []
    for place, visit in enumerate(visits):
        if rng.random() < missed and visit["name"] not in (BASELINE, TIME_POINT):
            continue
        day = visit["day"] if visit["clock"] == "injury" else visit["day"] + treated_on
        value = float(round(start + (end - start) * place / max(1, len(visits) - 1)))
        undetermined = rng.random() < missed / 4
        rows.append(
            {
                "subject_id": code,
                "visit": visit["name"],
                "day_from_injury": day,
                "day_from_treatment": day - treated_on,
                "instrument": endpoint["instrument"],
                "scale": endpoint["scale"],
                "value": None if undetermined else value,
                "text": "C,D" if undetermined else names.get(value, f"{value:g}"),
                "recorded": ("C" if rng.random() < 0.1 else names[value]) if graded else "",
                "row_id": f"{endpoint['name']}:{place}",
            }
        )
    return conform(pd.DataFrame(rows), "scores")
