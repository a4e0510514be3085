"""The median along the visits: of whoever was seen, and of those who were seen throughout."""

import numpy as np
import pandas as pd
import pytest
from analysis_study import endpoint, scores, small_settings
from owncontrol.analysis.courses import course_medians, medians
from owncontrol.estimates.collect import Estimates

LEMS = endpoint("lems", "isncsci", "lower_extremity_motor_score")
VISITS = ("early", "before", "middle", "after")


def course(values):
    """By visit the median and of how many."""
    results = Estimates("change", "all", sorted(values))
    course_medians(results, scores(LEMS, values), LEMS, small_settings(LEMS))
    table = results.table()
    visits = ", ".join(table["visit"])
    assert (table["convention"] == f"visits: {visits}").all()
    assert (table["population"] == "treated subjects with a value at each of these visits").all()
    return {row.visit: (row.value, row.n, row.inputs) for row in table.itertuples()}


def test_an_absence_does_not_move_it():
    values = {f"S{number}": dict.fromkeys(VISITS, number) for number in range(1, 6)}
    assert {visit: found[:2] for visit, found in course(values).items()} == dict.fromkeys(
        VISITS, (3, 5)
    )
    # The best one misses a visit: nobody changes, so the line stays level.
    del values["S5"]["middle"]
    found = course(values)
    assert {visit: entry[:2] for visit, entry in found.items()} == dict.fromkeys(VISITS, (2.5, 4))
    assert "S5" not in found["after"][2]
    assert "after" in found["after"][2] and "before" not in found["after"][2]


def test_a_visit_of_few_is_no_part_of_it():
    values = {f"S{number}": {"before": number, "after": number} for number in range(1, 7)}
    values["S7"] = {"before": None, "after": None}  # never determined: not one of those
    values["S1"]["middle"] = values["S2"]["middle"] = 9
    assert set(course(values)) == {"before", "after"}
    values["S3"]["middle"] = 9  # half of them
    assert {visit: entry[1] for visit, entry in course(values).items()} == {
        "before": 3, "middle": 3, "after": 3
    }  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [
        {"S1": {"before": 1, "after": 2}, "S2": {"before": 1, "after": 2}},
        {f"S{number}": {"before": number} for number in range(5)},
        {f"S{number}": {VISITS[number]: 1} for number in range(4)},
        {f"S{number}": {"before": None, "after": None} for number in range(5)},
    ],
)
def test_there_is_none_of_fewer_than_three_subjects_or_two_visits(values):
    assert course(values) == {}


def test_it_is_the_median_of_the_complete_rows():
    random = np.random.default_rng(3)
    for _ in range(20):
        table = random.integers(0, 50, (12, 4)).astype(float)
        table[random.random(table.shape) < 0.15] = np.nan
        values = {
            f"S{number:02d}": {
                visit: None if np.isnan(value) else value
                for visit, value in zip(VISITS, row, strict=True)
            }
            for number, row in enumerate(table)
        }
        complete = table[~np.isnan(table).any(axis=1)]
        found = course(values)
        if len(complete) < 3:
            assert found == {}
            continue
        expected = np.median(complete, axis=0)
        assert [found[visit][0] for visit in VISITS] == expected.tolist()
        assert {entry[1] for entry in found.values()} == {len(complete)}


def test_at_each_visit_the_median_is_of_whoever_was_seen_there():
    values = {
        "S1": {"before": 1, "after": 10},
        "S2": {"before": 2, "after": None},
        "S3": {"before": 30, "after": 20},
    }
    table = scores(LEMS, values).assign(study_day=pd.array([-3, 175, 0, None, 1, 180], "Int64"))
    results = Estimates("change", "all", sorted(values))
    medians(results, table, LEMS, small_settings(LEMS, clock="baseline"))
    rows = results.table().set_index(["visit", "statistic"])
    assert rows["value"].to_dict() == {
        ("before", "median"): 2, ("before", "median_day"): 0,
        ("after", "median"): 15, ("after", "median_day"): 177.5,
    }  # fmt: skip
    assert rows.loc["after", "n"].tolist() == [2, 2]
    # A day is counted from the baseline, which decides it as well.
    assert "before" in rows.loc[("after", "median_day"), "inputs"]
    assert "before" not in rows.loc[("after", "median"), "inputs"]
