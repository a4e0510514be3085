"""Tags: what they leave open, which results carry the star, and which do not."""

import numpy as np
import pandas as pd
import pytest
from isncsci_exams import exam_at, frame, make_exam, tag_some, texts
from isncsci_reference import classify as classify_plainly
from owncontrol.isncsci import cells, classify

LEGS = [cell for cell in cells.MOTOR_CELLS if cell[-2:] in ("l2", "l3", "l4", "l5", "s1")]


def classify_one(made):
    return classify(pd.DataFrame([made])).iloc[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "output", "value"),
    [
        ({}, "right_sensory_level", "T6"),
        # taken as normal above the level: the level depends on it, on this side and for the exam
        ({"right_light_touch_t3": "1**"}, "right_sensory_level", "T6*"),
        ({"right_light_touch_t3": "1**"}, "right_motor_level", "T6*"),
        ({"right_light_touch_t3": "1**"}, "right_motor_zpp", "T6*"),
        ({"right_light_touch_t3": "1**"}, "left_sensory_level", "T6"),
        ({"right_light_touch_t3": "1**"}, "neurological_level_of_injury", "T6*"),
        ({"right_pin_prick_c6": "NT**"}, "right_sensory_level", "T6*"),
        ({"right_motor_c6": "2**"}, "right_motor_level", "T6*"),
        ({"right_motor_c6": "2**"}, "right_sensory_level", "T6"),
        # not normal as rated: the level ends there, and it would without the tag
        ({"right_light_touch_t3": "1*"}, "right_sensory_level", "T2"),
        ({"right_motor_c6": "3*"}, "right_motor_level", "C6"),
        # not normal and not tested: it ends the level only by its tag
        ({"right_light_touch_t3": "NT*"}, "right_sensory_level", "T2*"),
        # weak for another reason: the injury alone may leave it 3 or better, but not normal
        ({"right_motor_c6": "1*"}, "right_motor_level", "C5,C6*"),
        ({"right_motor_c6": "NT*"}, "right_motor_level", "C5,C6*"),
        ({"right_motor_c6": "1*"}, "neurological_level_of_injury", "C5,C6"),
        # zones
        ({"right_light_touch_t9": "0*"}, "right_sensory_zpp", "T6*,T9*"),
        ({"right_light_touch_t9": "1*"}, "right_sensory_zpp", "T9"),
        ({"right_motor_l2": "0*"}, "right_motor_zpp", "T6,L2*"),
        ({"right_motor_l2": "1*"}, "right_motor_zpp", "L2"),
        # sacral sparing
        ({"left_pin_prick_s4_5": "0*"}, "injury_complete", "C*,I*"),
        ({"left_pin_prick_s4_5": "0*"}, "asia_impairment_scale", "A*,B*"),
        ({"left_pin_prick_s4_5": "0**"}, "injury_complete", "I*"),
        ({"left_pin_prick_s4_5": "0**"}, "asia_impairment_scale", "B*"),
        ({"left_pin_prick_s4_5": "1*"}, "injury_complete", "I"),
        ({"left_pin_prick_s4_5": "NT*"}, "injury_complete", "C,I"),
    ],
)
def test_star_at_t6(changes, output, value):
    assert classify_one(exam_at("T6", **changes))[output] == value


@pytest.mark.parametrize("modality", ["light_touch", "pin_prick"])
def test_a_tag_in_one_modality_is_enough(modality):
    normal = classify_one(exam_at("T6", **{f"right_{modality}_c6": "0**"}))
    assert normal["right_sensory_level"] == "T6*"
    absent = classify_one(exam_at("T6", **{f"right_{modality}_t9": "0*"}))
    assert absent["right_sensory_zpp"] == "T6*,T9*"


@pytest.mark.parametrize(
    ("sacrum", "contraction", "level"),
    [
        ("1*", "No", "S3"),
        ("1*", "Yes", "S3"),
        ("1**", "No", "S3*"),
        ("1**", "Yes", "INT*"),
        ("1**", "NT", "S3*,INT*"),
        ("NT*", "Yes", "S3*"),
    ],
)
def test_a_motor_level_at_s3_carries_the_star_where_the_sacrum_decides(sacrum, contraction, level):
    made = exam_at(voluntary_anal_contraction=contraction, right_pin_prick_s4_5=sacrum)
    assert classify_one(made)["right_motor_level"] == level


def test_a_motor_level_at_a_muscle_is_not_ended_by_the_dermatome_below():
    result = classify_one(exam_at(voluntary_anal_contraction="Yes", right_light_touch_s2="NT*"))
    assert list(result[["right_sensory_level", "right_motor_level"]]) == ["S1*", "S1"]


def test_neurological_level_carries_the_star_where_both_sides_stop():
    both = exam_at("T6", right_motor_c6="1*", left_motor_c6="4")
    assert classify_one(both)["neurological_level_of_injury"] == "C5,C6*"


def test_function_below_that_is_only_a_tag_makes_the_grade_depend_on_it():
    made = exam_at("C6", deep_anal_pressure="Yes", right_motor_l3="0**")
    assert classify_one(made)["asia_impairment_scale"] == "C*"
    assert classify_one(made | {"right_motor_l3": "1**"})["asia_impairment_scale"] == "C"


def test_d_depends_on_tagged_muscles_only_where_they_are_needed():
    made = exam_at("T6", voluntary_anal_contraction="Yes") | dict.fromkeys(LEGS[:5], "3")
    assert classify_one(made)["asia_impairment_scale"] == "D"
    assert classify_one(made | {LEGS[0]: "2**"})["asia_impairment_scale"] == "D*"
    assert classify_one(made | {LEGS[0]: "2**", LEGS[9]: "3"})["asia_impairment_scale"] == "D"


def test_intact_only_by_tags():
    made = exam_at(voluntary_anal_contraction="Yes", deep_anal_pressure="Yes")
    assert classify_one(made)["asia_impairment_scale"] == "E"
    tagged = classify_one(made | {"right_pin_prick_t9": "NT**"})
    assert list(tagged[["right_sensory_level", "asia_impairment_scale"]]) == ["INT*", "E*"]
    assert tagged["pin_prick_total"] == "ND"


def test_totals_use_the_number_as_written():
    result = classify_one(exam_at("T6", right_motor_c6="3**", left_light_touch_c4="0*"))
    assert list(result[["right_motor_total", "upper_extremity_motor_score"]]) == ["23", "48"]
    assert result["light_touch_total"] == str(2 * 2 * 13 - 2)


def test_stars_apart_tagged_exams_agree_with_plain_python():
    rng = np.random.default_rng(8)
    exams = [tag_some(rng, make_exam(rng), rng.integers(1, 4)) for _ in range(400)]
    results = classify(frame(exams)).to_dict("records")
    starred = 0
    for made, result in zip(exams, results, strict=True):
        expected = classify_plainly(texts(made))
        starred += any("*" in value for value in result.values())
        assert {name: value.replace("*", "") for name, value in result.items()} == expected
    assert starred > 100


def test_untagged_results_carry_no_star():
    rng = np.random.default_rng(9)
    results = classify(frame([make_exam(rng) for _ in range(300)]))
    assert not results.apply(lambda column: column.str.contains("*", regex=False)).any(axis=None)
