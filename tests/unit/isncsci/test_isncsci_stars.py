"""Each star of thousands of tagged exams, against the rules followed cell by cell."""

import numpy as np
import pandas as pd
import pytest
from isncsci_exams import exam_at, frame, make_exam, open_some, tag_some, texts
from isncsci_reference import LEVELS, SIDES
from isncsci_stars import stars
from owncontrol.isncsci import classify


def compare(exams, table):
    """Hold each result with its stars against the rules; how many starred values of each output."""
    starred = {}
    for exam, result in zip(exams, classify(table).to_dict("records"), strict=True):
        sets = {output: value.replace("*", "").split(",") for output, value in result.items()}
        for output, expected in stars(exam, sets).items():
            assert result[output] == expected, (output, exam)
            starred[output] = starred.get(output, 0) + expected.count("*")
    return starred


@pytest.mark.slow
@pytest.mark.parametrize(("opened", "count"), [(0, 500), (2, 200)])
def test_stars_of_random_exams_follow_the_rules(opened, count):
    rng = np.random.default_rng(21 + opened)
    made = [tag_some(rng, make_exam(rng), rng.integers(1, 6)) for _ in range(count)]
    codes = [open_some(rng, exam, opened) if opened else exam for exam in made]
    starred = compare([texts(each) for each in codes], frame(codes))
    assert sum(starred.values()) > count, starred
    assert len(starred) == 11


@pytest.mark.slow
def test_stars_of_injuries_with_tags_below_them_follow_the_rules():
    """Grades rest on tags where there is no anal contraction, and nothing but tags is spared."""
    rng = np.random.default_rng(30)
    made = []
    for _ in range(700):
        level = str(rng.choice(LEVELS[3:25]))
        exam = exam_at(level, deep_anal_pressure=str(rng.choice(["No", "No", "Yes"])))
        zeros = [cell for cell, text in exam.items() if text == "0"]
        likely = [cell for cell in zeros if "motor" in cell or cell.endswith("s4_5")]
        for cell in sorted({*rng.choice(likely, 4), *rng.choice(zeros, 2)}):
            exam[cell] = str(rng.choice(["0*", "0**", "1", "1*", "2", "NT*", "NT**", "NT"]))
        for side in SIDES:
            if rng.random() < 0.4:
                exam[f"{side}_lowest_non_key_muscle"] = str(rng.choice(LEVELS[14:27]))
        made.append(exam)
    starred = compare(made, pd.DataFrame(made))
    assert starred["asia_impairment_scale"] > 100, starred


def test_an_absence_that_lies_within_three_levels_is_none():
    """Grade B needs T12 here, as L2 moves: L3 is near, and L4 is not."""
    exam = exam_at(
        "T12", right_motor_l2="2", right_light_touch_t11="NT", right_light_touch_s4_5="1"
    )
    grades = classify(
        pd.DataFrame([exam | {"right_motor_l3": "0*"}, exam | {"right_motor_l4": "0*"}])
    )
    assert list(grades["right_motor_level"]) == ["T10,T12", "T10,T12"]
    assert list(grades["asia_impairment_scale"]) == ["B,C", "B*,C"]
