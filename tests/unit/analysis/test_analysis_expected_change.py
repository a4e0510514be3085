"""Observed less expected change: by hand, who is left out and why, and how sure it is."""

import math

import numpy as np
import pandas as pd
import pytest
from analysis_study import by_id, endpoint, scores, small_settings
from owncontrol.analysis import expected_change
from owncontrol.analysis.natural_course import NaturalCourse
from owncontrol.analysis.settings import ChangeSettings
from owncontrol.estimates.collect import Estimates
from owncontrol.statistics.score_course import TotalChange, VisitMeans
from scipy.stats import t

MOTOR = endpoint("motor", "isncsci", "motor_total")
GRADE = endpoint("ais", "isncsci", "asia_impairment_scale")
LEVEL = endpoint("nli", "isncsci", "neurological_level_of_injury")
SUBJECTS = [f"S{number}" for number in range(1, 7)]


def course(cohort="One", grade="A", level="tetraplegia", sex="", means=(10, 14, 20), shape=None):
    visits = VisitMeans(days=(7, 28, 112), means=means, sds=(8, 8, 8), sizes=(64, 64, 64))
    words = {"population": "", "unit": "points", "citation": "A paper", "note": ""}
    return NaturalCourse(
        cohort=cohort, instrument="isncsci", scale="motor_total", abbreviation="TMS", grade=grade,
        level=level, sex=sex, grade_exam="week 1", course=shape or visits, **words,
    )  # fmt: skip


ONE = (course(), course(grade="B", means=(12, 20, 40)))


def rows_of(of, values):
    return scores(of, {code: dict(zip(("before", "after"), pair, strict=True))
                       for code, pair in values.items()})  # fmt: skip


def study(**natural):
    given = {
        "table": "courses.csv",
        "grade": "isncsci.asia_impairment_scale",
        "level": "tetraplegia",
        **natural,
    }
    whole = small_settings(MOTOR, GRADE, LEVEL, natural_course=given)
    return ChangeSettings.taken_from(whole)


def compared(people, courses=ONE, settings=None, sexes=None):
    """``people``: by subject the grade, the two scores, the two days from injury, and the level."""
    settings = settings or study()
    place = {letter: number for number, letter in enumerate("ABCDE", start=1)}
    table = pd.concat(
        [
            rows_of(MOTOR, {code: one[1] for code, one in people.items()}),
            rows_of(GRADE, {code: (place[one[0]],) * 2 for code, one in people.items()}),
        ]
    )
    days = {(code, visit): day
            for code, one in people.items()
            for visit, day in zip(("before", "after"), one[2], strict=True)}  # fmt: skip
    keys = zip(table["subject_id"].astype(str), table["visit"].astype(str), strict=True)
    table["day_from_injury"] = pd.array([days[key] for key in keys], dtype="Int64")
    subjects = pd.DataFrame({"subject_id": list(people)})
    subjects["sex"] = [(sexes or {}).get(code, "female") for code in people]
    results = Estimates("change", "all", SUBJECTS)
    expected_change.beside_natural_course(results, table, subjects, courses, MOTOR, settings)
    return by_id(results.table()) if len(results.table()) else results.table()


PEOPLE = {
    "S1": ("A", (20, 25), (14, 56)),  # expected 17 - 12 = 5
    "S2": ("A", (20, 29), (28, 112)),  # 20 - 14 = 6
    "S3": ("B", (30, 50), (28, 56)),  # 30 - 20 = 10
}


def test_each_subject_is_expected_to_change_by_grade_and_own_days():
    rows = compared(PEOPLE)
    stem = "change.motor.after"
    for name in (stem, f"{stem}.one"):
        assert rows.loc[f"{name}.expected_change", "value"] == pytest.approx((5 + 6 + 10) / 3)
        assert rows.loc[f"{name}.observed_change", "value"] == pytest.approx((5 + 9 + 20) / 3)
        difference = rows.loc[f"{name}.observed_minus_expected"]
        assert difference["value"] == pytest.approx((0 + 3 + 10) / 3)
        assert difference["n"] == 3


def test_the_interval_carries_the_uncertainty_of_both():
    rows = compared(PEOPLE)
    # Grade A, two subjects: weights of the visits are the mean of theirs. SD 8, n 64: one by one 1.
    grade_a = (np.array([-0.5, 0, 0.5]) + np.array([0, -1, 1])) / 2
    grade_b = np.array([0, -0.5, 0.5])
    shared = np.full((3, 3), 0.87) + 0.13 * np.eye(3)
    course_variance = (2 / 3) ** 2 * grade_a @ shared @ grade_a
    course_variance += (1 / 3) ** 2 * grade_b @ shared @ grade_b
    expected = rows.loc["change.motor.after.one.expected_change"]
    half = 1.959964 * math.sqrt(course_variance)
    assert expected["upper"] - expected["value"] == pytest.approx(half)
    own = np.array([0, 3, 10]).var(ddof=1) / 3
    difference = rows.loc["change.motor.after.one.observed_minus_expected"]
    half = t(2).ppf(0.975) * math.sqrt(own + course_variance)
    assert difference["upper"] - difference["value"] == pytest.approx(half)
    assert "at a correlation of 0.5: " in difference["convention"]
    assert "at a correlation of 0.9: " in difference["convention"]


def test_cohorts_that_disagree_widen_the_interval_of_their_mean():
    other = (course("Two", means=(10, 18, 30)), course("Two", "B", means=(12, 20, 40)))
    rows = compared(PEOPLE, (*ONE, *other))
    one, two, both = (
        rows.loc[f"change.motor.after.{name}expected_change"] for name in ("one.", "two.", "")
    )
    assert both["value"] == pytest.approx((one["value"] + two["value"]) / 2)
    widths = [row["upper"] - row["lower"] for row in (one, two, both)]
    variance = sum((width / 2 / 1.959964) ** 2 for width in widths[:2]) / 4
    variance += np.var([one["value"], two["value"]], ddof=1) / 2
    assert widths[2] / 2 == pytest.approx(1.959964 * math.sqrt(variance))


def test_who_has_no_course_is_left_out_and_counted():
    people = {
        **PEOPLE,
        "S4": ("E", (90, 91), (28, 56)),
        "S5": ("A", (20, 25), (28, 200)),
        "S6": ("A", (20, 25), (pd.NA, pd.NA)),
    }
    rows = compared(people)
    row = rows.loc["change.motor.after.expected_change"]
    assert row["n"] == 3
    said = row["convention"]
    assert "no course of grade E tetraplegia (1)" in said
    assert "not within days 7 to 112 (1)" in said
    assert "days from onset not known (1)" in said
    nobody = compared({"S4": people["S4"]})
    row = nobody.loc["change.motor.after.observed_minus_expected"]
    assert row["n"] == 0 and math.isnan(row["value"])
    assert "no course of grade E" in row["convention"]


def test_one_subject_has_a_difference_and_no_interval():
    row = compared({"S1": PEOPLE["S1"]}).loc["change.motor.after.observed_minus_expected"]
    assert row["value"] == pytest.approx(0)
    assert math.isnan(row["lower"])


def test_a_course_by_sex_needs_the_sex():
    total = {
        sex: course(sex=sex, shape=TotalChange(from_day=14, day=364, change=change, se=1))
        for sex, change in (("female", 35), ("male", 70))
    }
    people = dict.fromkeys(("S1", "S2", "S3"), ("A", (20, 30), (14, 49)))
    sexes = {"S1": "female", "S2": "male", "S3": ""}
    row = compared(people, tuple(total.values()), sexes=sexes).loc[
        "change.motor.after.expected_change"
    ]
    assert row["value"] == pytest.approx((3.5 + 7) / 2)
    assert "sex not known (1)" in row["convention"]
    assert "linear in time" in row["convention"]
    assert "correlation" not in row["convention"]


def test_an_endpoint_without_a_course_has_no_rows():
    assert not len(compared(PEOPLE, (course(),), study()).query("endpoint == 'ais'"))
    settings = ChangeSettings.taken_from(small_settings(MOTOR))
    assert not len(compared(PEOPLE, ONE, settings))


@pytest.mark.parametrize(
    ("text", "group"),
    [("C5", "tetraplegia"), ("C4,C5,C6", "tetraplegia"), ("T4", "paraplegia"), ("L1", "paraplegia"),
     ("C8,T1", ""), ("INT", ""), ("", "")],
)  # fmt: skip
def test_the_group_of_a_level(text, group):
    natural = study(level="", level_from="isncsci.neurological_level_of_injury").natural_course
    assert expected_change._group(text, natural) == group
