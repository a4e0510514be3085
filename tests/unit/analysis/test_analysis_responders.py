"""Responders and the time to a lasting improvement, against cases worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from analysis_study import by_id, endpoint, scores, small_settings
from hypothesis import given
from hypothesis import strategies as some
from owncontrol.analysis import responders
from owncontrol.analysis.time_to_improvement import (
    _intervals,
    lasting_intervals,
    time_to_improvement,
)
from owncontrol.estimates.collect import Estimates

OWN = {"source": "own"}
UEMS = endpoint(
    "uems", "isncsci", "upper_extremity_motor_score", important_difference={"threshold": 2, **OWN}
)
WISCI = endpoint("wisci", "wisci2", "level", important_difference={"threshold": 2, "source": ""})
MRS = endpoint("mrs", "mrs", "grade", important_difference={"threshold": 1, **OWN})
PLAIN = endpoint("lems", "isncsci", "lower_extremity_motor_score")
SUBJECTS = [f"S{number:02d}" for number in range(1, 14)]
BOTH = {"name": "both", "label": "Both", "of": ["uems", "wisci"], "needs": "all"}
EITHER = {"name": "either", "label": "Either", "of": ["uems", "wisci"], "needs": "any"}


def populations(*tables):
    return {"treated": pd.concat(tables, ignore_index=True)}


def met(name, people, visit="after", extra=()):
    settings = small_settings(UEMS, WISCI, MRS, PLAIN, responders=[BOTH, EITHER, *extra])
    return responders.reached(people, name, "before", [visit], settings)[visit]


def test_known_parts_decide_where_they_can_and_unknown_ones_leave_it_open():
    up, same, gone = (
        {"before": 3, "after": 9},
        {"before": 3, "after": 4},
        {"before": 3, "after": None},
    )
    pairs = {"S01": (up, up), "S02": (up, same), "S03": (up, gone), "S04": (same, gone)}
    pairs |= {"S05": (gone, gone), "S06": (same, same)}
    people = populations(
        scores(UEMS, {code: first for code, (first, _) in pairs.items()}),
        scores(WISCI, {code: second for code, (_, second) in pairs.items()}),
    )
    together = met("both", people).met.dropna().to_dict()
    assert together == {"S01": True, "S02": False, "S04": False, "S06": False}
    either = met("either", people).met.dropna().to_dict()
    assert either == {"S01": True, "S02": True, "S03": True, "S06": False}


def test_a_criterion_may_be_made_of_criteria_above_it_only():
    people = populations(scores(UEMS, {"S01": {"before": 1, "after": 4}}))
    of_both = {"name": "key", "label": "Key", "of": ["either"], "needs": "any"}
    assert met("key", people, extra=[of_both]).reason == ""
    itself = {"name": "self", "label": "Self", "of": ["self"], "needs": "any"}
    assert (
        "no endpoint and no criterion defined above" in met("self", people, extra=[itself]).reason
    )


@pytest.mark.parametrize(
    ("of", "reason"),
    [("spasticity", "'spasticity' is no endpoint"), ("lems", "lems has no important difference")],
)
def test_an_undeclared_endpoint_is_a_row_that_says_so(of, reason):
    criterion = {"name": "x", "label": "X", "of": [of], "needs": "any"}
    settings = small_settings(UEMS, PLAIN, responders=[criterion])
    people = populations(scores(UEMS, {"S01": {"before": 1, "after": 4}}))
    results = Estimates("responders", "all", SUBJECTS)
    chosen = next(item for item in responders.criteria(settings) if item.name == "x")
    found = responders.looks(people, chosen, settings)
    responders.at_visits(results, found, chosen, 0.95)
    time_to_improvement(results, found, chosen, settings)
    rows = by_id(results.table())
    for name in ("x.after.responders", "x.lasting"):
        assert rows.loc[f"responders.{name}", "convention"].startswith(f"not estimable: {reason}")


def test_lower_is_better_counts_falls():
    people = populations(
        scores(MRS, {"S01": {"before": 4, "after": 2}, "S02": {"before": 2, "after": 4}})
    )
    assert met("mrs", people).met.to_dict() == {"S01": True, "S02": False}


def course(**visits):
    return {"before": 0, **visits}


COURSES = {
    "S01": course(early=0, middle=5, after=5),  # between day 0 and 28
    "S02": course(middle=0, after=5),  # between 28 and 180
    "S03": course(middle=5, after=0),  # did not last
    "S04": course(middle=0, after=0),
    "S05": course(after=5),  # missed the middle: between 0 and 180
    "S06": course(middle=5),  # seen once
}


def analysed(values, **keys):
    settings = small_settings(UEMS, **keys)
    criterion = responders.criteria(settings)[0]
    found = responders.looks(populations(scores(UEMS, values)), criterion, settings)
    results = Estimates("responders", "all", SUBJECTS)
    time_to_improvement(results, found, criterion, settings)
    intervals = lasting_intervals(found, criterion, settings)[0]
    return intervals, by_id(results.table())


def test_an_improvement_lasts_if_every_later_assessment_has_it():
    intervals, rows = analysed(COURSES)
    found = {code: (row["left"], row["right"]) for code, row in intervals.iterrows()}
    assert found == {
        "S01": (0, 28),
        "S02": (28, 180),
        "S03": (180, math.inf),
        "S04": (180, math.inf),
        "S05": (0, 180),
        "S06": (0, 28),
    }
    assert rows.loc["responders.uems.lasting", "events"] == 4
    # S02 and S05 at their last assessment, S06 at its only one.
    assert rows.loc["responders.uems.unconfirmed", "events"] == 3


def test_turnbull_between_visits_is_half_open_and_kaplan_meier_is_labelled():
    _, rows = analysed(COURSES)
    # S05 may be in either interval: (0, 28] has 2 + 2/3 of 6, (28, 180] has 1 + 1/3.
    assert rows.loc["responders.uems.week_4.turnbull_least", "value"] == pytest.approx(4 / 9)
    assert rows.loc["responders.uems.week_4.known_improved_by", "events"] == 2
    assert rows.loc["responders.uems.step_02.turnbull_survival", "value"] == pytest.approx(1 / 3)
    assert rows.loc["responders.uems.step_01.turnbull_right", "value"] == 28
    least, most = (
        rows.loc[f"responders.uems.week_8.turnbull_{end}", "value"] for end in ("least", "most")
    )
    assert least == pytest.approx(4 / 9)
    assert most == pytest.approx(2 / 3)
    last = rows.loc["responders.uems.step_03.turnbull_right"]
    assert last["convention"] == "not estimable: not seen by the last assessment"
    assert "approximation" in rows.loc["responders.uems.week_4.kaplan_meier", "convention"]
    assert rows.loc["responders.uems.median_right", "value"] == 180


def test_a_week_that_is_asked_for_has_seven_days():
    """The last visit is 180 days after the baseline: in the 26th week."""
    _, rows = analysed(COURSES, improved_by_weeks=[4, 25, 26])
    known = [rows.loc[f"responders.uems.week_{n}.known_improved_by", "events"] for n in (4, 25, 26)]
    assert known == [2, 2, 4]


def test_nobody_assessed_after_baseline_and_nobody_improved():
    _, rows = analysed({"S01": {"before": 3}})
    assert "nobody was assessed" in rows.loc["responders.uems.lasting", "convention"]
    _, rows = analysed({code: course(middle=0, after=0) for code in SUBJECTS})
    assert rows.loc["responders.uems.lasting", "value"] == 0
    assert rows.loc["responders.uems.median_left", "value"] == 180
    assert "not seen by" in rows.loc["responders.uems.median_right", "convention"]
    assert rows.loc["responders.uems.week_4.turnbull_most", "value"] == 0


def test_one_subject_has_an_interval_and_no_curve():
    _, rows = analysed({"S01": course(middle=5, after=5)})
    assert rows.loc["responders.uems.s01.interval_right", "value"] == 28
    assert "fewer than two subjects" in rows.loc["responders.uems.median_left", "convention"]


looked = some.tuples(some.booleans(), some.none() | some.integers(1, 4))


@pytest.mark.slow
@given(some.lists(some.lists(looked, min_size=3, max_size=3), max_size=5))
def test_intervals_are_those_of_each_course_by_itself(courses):
    met = np.array([[was for was, _ in course] for course in courses], bool).reshape(-1, 3)
    day = np.array([[day for _, day in course] for course in courses], float).reshape(-1, 3)
    start = np.where(np.arange(3) == 1, -2.0, 0.0) + np.zeros_like(day)
    expected = {}
    for place, course in enumerate(courses):
        # By day, the later visit of two on one day; the baseline is that of the visit's endpoint.
        seen = {}
        for visit in sorted(range(3), key=lambda visit: (course[visit][1] or 0, visit)):
            if course[visit][1] is not None:
                seen[course[visit][1]] = (course[visit][0], start[place, visit])
        if not seen:
            continue
        days = list(seen)
        after = next((n for n in range(len(days)) if all(seen[d][0] for d in days[n:])), None)
        right = math.inf if after is None else days[after]
        before = len(days) if after is None else after
        left = days[before - 1] if before else seen[days[0]][1]
        expected[place] = (left, right, days[-1])
    found = _intervals(met, day, start)
    assert {place: tuple(row) for place, row in found.T.items()} == expected
