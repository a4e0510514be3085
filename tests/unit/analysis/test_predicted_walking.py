"""Who walks beside what rules predict: by hand, who is left out, and the range of the number."""

import itertools

import numpy as np
import pandas as pd
import pytest
from analysis_study import by_id, endpoint, scores, small_settings
from owncontrol.analysis.predicted_walking import beside_walking_rules, middle
from owncontrol.analysis.settings import ChangeSettings
from owncontrol.estimates.collect import Estimates
from owncontrol.isncsci.cells import WALKING_CELLS

SUBJECTS = [f"S{number}" for number in range(1, 6)]
INDOORS = endpoint("indoors", "scim3", "mob_indoors")
RULE = "van_middendorp_2011"


def compared(walk, *, ages=(40,) * 5, cells=None, walking=True):
    """``walk``: SCIM item 12 after, by subject; ``cells``: grades that differ from 3."""
    given = {"walking": {"outcome": "scim3.mob_indoors", "at_least": 4}} if walking else {}
    whole = small_settings(INDOORS, natural_course={"table": "courses.csv", **given})
    settings = ChangeSettings.taken_from(whole)
    exams = pd.DataFrame(
        {
            "subject_id": SUBJECTS,
            "visit": "before",
            "row_id": [f"exams:{number}" for number in range(2, 7)],
            **dict.fromkeys(WALKING_CELLS, "2"),
        }
    )
    for (code, cell), text in (cells or {}).items():
        exams.loc[exams["subject_id"] == code, cell] = text
    subjects = pd.DataFrame(
        {"subject_id": SUBJECTS, "row_id": [f"people:{n}" for n in range(2, 7)], "age": ages}
    )
    results = Estimates("change", "all", SUBJECTS)
    table = scores(INDOORS, {code: {"after": value} for code, value in walk.items()})
    beside_walking_rules(results, table, exams, subjects, settings)
    return by_id(results.table()) if len(results.table()) else results.table()


def test_numbers_by_hand():
    # Score 2 * 2 + 2 * 2 + 5 * 2 + 5 * 2 = 28, from 65 years on 18.
    table = compared(dict(zip(SUBJECTS, (0, 3, 4, 8, 5), strict=True)), ages=(40, 64, 65, 80, 20))
    predicted = table.loc[f"change.walking_alone.after.{RULE}.walking_predicted"]
    seen = table.loc[f"change.walking_alone.after.{RULE}.walking_seen"]
    chance = 1 / (1 + np.exp(3.273 - 0.267 * np.array([28, 28, 18, 18, 28])))
    assert predicted["value"] == pytest.approx(chance.sum())
    assert (seen["value"], seen["n"]) == (3, 5)
    assert "the rule's within 15" in predicted["convention"]


def test_who_cannot_be_judged_is_left_out_and_counted():
    table = compared(
        {"S1": 8, "S2": 8, "S3": 8, "S4": 8},
        ages=(np.nan, 40, 40, 40, 40),
        cells={("S2", "right_motor_l3"): "NT", ("S3", "right_light_touch_s1"): "NT"},
    )
    predicted = table.loc[f"change.walking_alone.after.{RULE}.walking_predicted"]
    # S3: light touch is normal on the other side, so that nothing is left to know.
    assert predicted["n"] == 2
    said = "age not known (1), a deciding grade not known (1), walking not known (1)"
    assert predicted["convention"].endswith(f"left out: {said}")


def test_nobody_who_can_be_judged_says_why():
    table = compared({"S1": 8}, ages=(np.nan,) * 5)
    row = table.loc[f"change.walking_alone.after.{RULE}.walking_seen"]
    assert np.isnan(row["value"])
    assert row["convention"].startswith("not estimable: nobody with exam, age and outcome")


def test_a_study_that_does_not_say_who_walks_has_no_such_number():
    assert compared({"S1": 8}, walking=False).empty


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_range_has_its_level_by_enumeration(seed, level):
    chances = np.random.default_rng(seed).uniform(size=7)
    events = np.array(list(itertools.product((0, 1), repeat=7)))
    weight = np.prod(np.where(events == 1, chances, 1 - chances), axis=1)
    counts = events.sum(axis=1)
    lower, upper = middle(chances, level)
    tail = (1 - level) / 2
    assert weight[counts < lower].sum() <= tail < weight[counts <= lower].sum()
    assert weight[counts > upper].sum() <= tail < weight[counts >= upper].sum()
