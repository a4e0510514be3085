"""Exams with every cell tested: against plain Python, and by hand where rules meet."""

import isncsci_reference
import numpy as np
import pandas as pd
import pytest
from isncsci_exams import exam_at, frame, make_exam, texts
from owncontrol.isncsci import cells, classify, testable


def normal_exam(**changes):
    return exam_at(**{cells.VAC: "Yes", cells.DAP: "Yes"} | changes)


def classify_one(exam):
    return classify(pd.DataFrame([exam])).iloc[0]


@pytest.mark.slow
def test_agrees_with_plain_python():
    rng = np.random.default_rng(2019)
    exams = [make_exam(rng) for _ in range(3000)]
    results = classify(frame(exams)).to_dict("records")
    grades = {result["asia_impairment_scale"] for result in results}
    assert grades == set("ABCDE")
    for exam, result in zip(exams, results, strict=True):
        assert result == isncsci_reference.classify(texts(exam))


def test_everything_normal():
    result = classify_one(normal_exam())
    assert set(result[list(cells.LEVEL_OUTPUTS)]) == {"INT"}
    assert result["asia_impairment_scale"] == "E"
    assert set(result[list(cells.ZONE_OUTPUTS)]) == {"NA"}
    assert list(result[list(cells.TOTAL_OUTPUTS)]) == ["50", "50", "50", "50", "112", "112"]


def test_sacral_dermatome_and_contraction_both_bear_on_the_motor_level():
    impaired = classify_one(normal_exam(right_pin_prick_s4_5="1"))
    assert list(impaired[["right_motor_level", "left_motor_level"]]) == ["S3", "INT"]
    assert impaired["asia_impairment_scale"] == "D"
    paralysed = classify_one(normal_exam(voluntary_anal_contraction="No"))
    assert list(paralysed[["right_motor_level", "neurological_level_of_injury"]]) == ["S3", "INT"]
    assert paralysed["asia_impairment_scale"] == "B"


def test_thoracic_motor_level_follows_sensation():
    exam = normal_exam(right_light_touch_t5="1", right_motor_l2="0")
    result = classify_one(exam)
    assert list(result[["right_sensory_level", "right_motor_level"]]) == ["T4", "T4"]


def test_dermatomes_of_1_for_both_modalities_are_no_level():
    result = classify_one(exam_at("C1") | dict.fromkeys(cells.LIGHT_TOUCH_CELLS, "1"))
    assert result["right_sensory_level"] == "C1"
    both = dict.fromkeys((*cells.LIGHT_TOUCH_CELLS, *cells.PIN_PRICK_CELLS), "1")
    assert list(classify_one(exam_at("C1") | both)[list(cells.LEVEL_OUTPUTS)]) == ["C1"] * 5


def test_dermatomes_beside_the_arm_muscles_hold_the_motor_level_at_t1():
    result = classify_one(normal_exam(right_light_touch_c6="1"))
    assert list(result[["right_sensory_level", "right_motor_level"]]) == ["C5", "T1"]


@pytest.mark.parametrize(
    ("strong", "grade"), [(7, "C"), (8, "D"), (9, "D")], ids=["fewer", "exactly half", "more"]
)
def test_half_of_the_muscles_below_the_level_makes_d(strong, grade):
    """Neurological level C6: 16 key muscles below it."""
    exam = normal_exam(right_light_touch_c7="1")
    below = [cell for cell in cells.MOTOR_CELLS if cell[-2:] not in ("c5", "c6")]
    exam |= {cell: "3" if k < strong else "2" for k, cell in enumerate(below)}
    assert classify_one(exam)["asia_impairment_scale"] == grade


@pytest.mark.parametrize(("muscle", "grade", "zone"), [("T1", "B", "C8"), ("L2", "C", "L2")])
def test_function_must_lie_more_than_three_levels_below_the_motor_level(muscle, grade, zone):
    exam = normal_exam(voluntary_anal_contraction="No", right_motor_c7="3", right_motor_c8="1")
    exam |= {cell: "0" for cell in cells.MOTOR_CELLS if cell[-2:] in ("t1", "l2", "l3", "l4", "l5")}
    exam |= {cell: "0" for cell in cells.MOTOR_CELLS if cell.endswith("s1")}
    exam |= {f"{side}_light_touch_t2": "0" for side in cells.SIDES}
    exam |= {"left_motor_c7": "3", "left_motor_c8": "0", "right_lowest_non_key_muscle": muscle}
    result = classify_one(exam)
    assert result["right_motor_level"] == "C7"
    assert result["asia_impairment_scale"] == grade
    assert result["right_motor_zpp"] == zone


def test_blocks_do_not_matter():
    rng = np.random.default_rng(5)
    few = frame([make_exam(rng) for _ in range(50)])
    many = pd.concat([few] * 700, ignore_index=True)  # 35,000 exams, three blocks
    assert len(many) > 2 * 16384
    expected = pd.concat([classify(few)] * 700, ignore_index=True)
    pd.testing.assert_frame_equal(classify(many), expected)


def test_result_codes_have_the_shape_of_the_outputs():
    block = np.zeros((len(cells.ALL_CELLS), 3), dtype=np.int8)
    result = testable.classify_block(block)
    assert result.shape == (17, 3)
    assert result.dtype == np.int8


def test_no_exam_gives_no_result():
    empty = classify(frame([make_exam(np.random.default_rng(1))]).iloc[:0])
    assert list(empty.columns) == list(cells.OUTPUTS)
    assert len(empty) == 0
