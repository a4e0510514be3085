"""The analysis sets, row by row."""

import pandas as pd
import pytest
from owncontrol.analysis.populations import scores_by_population
from owncontrol.analysis.settings import PatientsSettings
from owncontrol.study.subjects import Characteristic
from owncontrol.study.visits import Visit

SETTINGS = PatientsSettings(
    characteristics=[
        Characteristic(name=name, label=name, type="boolean", eligibility=name == "adult")
        for name in ("adult", "note")
    ],
    visits=[
        Visit(name="before", label="Before", clock="injury", day=3, window=[0, 5]),
        Visit(name="after", label="After", clock="treatment", day=15, window=[10, 20]),
    ],
)
SUBJECTS = pd.DataFrame(
    {
        "subject_id": ["S1", "S2", "S3"],
        "adult": pd.array([True, False, None], dtype="boolean"),
        "note": pd.array([False, False, False], dtype="boolean"),
    }
)
ROWS = [("S1", "before", 5, -9), ("S1", "after", 40, 21), ("S2", "before", 6, 0)]
ROWS += [("S2", "after", None, 10), ("S3", "after", 12, None)]
COLUMNS = ["subject_id", "visit", "day_from_injury", "day_from_treatment"]


@pytest.mark.parametrize("subject", ["str", "category"])
@pytest.mark.parametrize(
    ("treated", "expected"),
    [
        (["S1", "S2", "S3"], {"treated": [0, 1, 2, 3, 4], "eligible": [0, 1], "in_window": [0, 3]}),
        (["S1"], {"treated": [0, 1], "eligible": [0, 1], "in_window": [0]}),
        (["S9"], {"treated": [], "eligible": [], "in_window": []}),
    ],
)
def test_each_set_has_its_rows(
    treated: list[str], expected: dict[str, list[int]], subject: str
) -> None:
    types = {"subject_id": subject} | dict.fromkeys(COLUMNS[2:], "Int64")
    scores = pd.DataFrame(ROWS, columns=COLUMNS).astype(types)
    treatments = pd.DataFrame({"subject_id": treated})
    found = scores_by_population(scores, SUBJECTS, treatments, SETTINGS)
    assert found["all"] is scores
    for name, rows in expected.items():
        pd.testing.assert_frame_equal(found[name], scores.loc[rows])
