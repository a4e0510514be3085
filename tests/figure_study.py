"""A made-up study for the tests of the figures: tables as the stages write them, any size."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from owncontrol.analysis import change, grades, patients, safety
from owncontrol.estimands import complete_endpoint
from owncontrol.estimates import Estimates
from owncontrol.figures.ais_transitions import draw_ais_transitions, transition_numbers
from owncontrol.figures.paired_change import draw_paired_change, paired_numbers
from owncontrol.figures.timeline import draw_timeline, timeline_numbers
from owncontrol.figures.trajectories import draw_trajectories, trajectory_numbers
from owncontrol.instruments import Scale, load_instrument
from owncontrol.reporting.numbers import Numbers
from owncontrol.tables import concat, conform

Config = dict[str, Any]
NAMES = ("timeline", "ais_transitions", "trajectories", "paired_change")
INSTRUMENTS = Path(__file__).parents[1] / "workflow" / "instruments"
DAYS = (0, 1, 7, 14, 28, 56, 90, 120, 150, 180)
VISITS: list[Config] = [
    {"name": "screening", "label": "Screening visit", "clock": "injury", "day": 12},
    *(
        {"name": f"t{day}", "label": f"Day {day} after treatment", "clock": "treatment", "day": day}
        for day in DAYS
    ),
    {"name": "late", "label": "Late visit", "clock": "injury", "day": 235},
]
BASELINE, TIME_POINT = "t0", "t180"
ENDPOINTS: list[Config] = [
    {"name": "grade", "label": "AIS", "instrument": "isncsci", "scale": "asia_impairment_scale"},
    {"name": "motor", "label": "Motor score", "instrument": "isncsci", "scale": "motor_total"},
    {
        "name": "legs",
        "label": "LEMS",
        "instrument": "isncsci",
        "scale": "lower_extremity_motor_score",
    },
    {
        "name": "touch",
        "label": "Light touch",
        "instrument": "isncsci",
        "scale": "light_touch_total",
    },
    {"name": "scim", "label": "SCIM-III", "instrument": "scim3", "scale": "total"},
    {"name": "disability", "label": "Modified Rankin scale", "instrument": "mrs", "scale": "grade"},
]
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
    visits: list[Config]
    endpoints: list[Config]

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """The analysis results that figures and captions use, computed as the notebooks do."""
        codes = sorted(self.subjects["subject_id"])
        people, changes, events = (
            Estimates(analysis, "all", codes)
            for analysis in ("patients", "change", "adverse_events")
        )
        treated = patients.count_subjects(people, self.subjects, self.treatments)
        patients.describe_number(
            people, "treatments", self.treatments, "treatment_start_day", "days"
        )
        complete = [complete_endpoint(endpoint, self.config) for endpoint in self.endpoints]
        for endpoint in complete:
            change.change_from_baseline(changes, self.scores, endpoint, self.config)
        grades.distribution(changes, self.scores, complete[0], self.config)
        if len(self.adverse_events):
            safety.summarise_events(events, self.adverse_events, treated, self.config["level"])
        return concat([part.table() for part in (people, changes, events)], "estimates")

    @property
    def config(self) -> Config:
        """What captions may use of a configuration."""
        return {
            "synthetic": True,
            "onset": "injury",
            "baseline": BASELINE,
            "time_point": TIME_POINT,
            "level": 0.95,
            "visits": self.visits,
            "endpoints": self.endpoints,
            "treatment": "treatment",
            "plan": {"endpoints": []},
            "estimand_defaults": {
                "population": "treated",
                "summary": "",
                "intercurrent_events": [],
            },
        }

    def behind(self, name: str) -> pd.DataFrame:
        """The numbers behind a figure."""
        names = [visit["name"] for visit in self.visits]
        if name == "timeline":
            return timeline_numbers(
                self.subjects, self.treatments, self.adverse_events, self.scores, self.visits
            )
        if name == "ais_transitions":
            treated = sorted(self.treatments["subject_id"])
            return transition_numbers(treated, self.scores, self.endpoints[0], names)
        if name == "trajectories":
            return trajectory_numbers(self.scores, self.endpoints[1:], names)
        numbers = Numbers(self.estimates, lambda shown: shown.text)
        return paired_numbers(self.scores, numbers, self.endpoints, SCALES, BASELINE, TIME_POINT)

    def draw(self, name: str) -> Figure:
        """A figure; inside ``journal_style``."""
        rows = self.behind(name)
        if name == "timeline":
            return draw_timeline(rows, synthetic=True)
        if name == "ais_transitions":
            return draw_ais_transitions(rows, self.visits, synthetic=True)
        if name == "trajectories":
            return draw_trajectories(rows, self.endpoints[1:], SCALES, BASELINE, synthetic=True)
        labels = {visit["name"]: visit["label"] for visit in self.visits}
        return draw_paired_change(
            rows, self.endpoints, SCALES, (labels[BASELINE], labels[TIME_POINT]), synthetic=True
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
    )
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
            "system_organ_class": "General",
            "grade": pd.array(rng.integers(1, 6, len(befallen)), "Int64"),
            "serious": pd.array(rng.random(len(befallen)) < 0.2, "boolean"),
            "relation": "unrelated",
            "onset_day": rng.integers(20, 220, len(befallen)),
        }
    )
    return Study(subjects, treatments, adverse, scores, visits, endpoints)


def _values(
    code: str,
    treated_on: int,
    endpoint: Config,
    visits: list[Config],
    missed: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    scale = SCALES[endpoint["name"]]
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
                "row_id": f"{endpoint['name']}:{place}",
            }
        )
    return conform(pd.DataFrame(rows), "scores")
