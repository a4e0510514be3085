"""Explanations: the deciding cells, in words; and never a failure, whatever the exam."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isncsci_exams import exam_at, frame, make_exam, open_some, tag_some, texts
from owncontrol.errors import InputError
from owncontrol.isncsci import cells, classify, explain, view


def of(made, output):
    return next(found for found in explain(made) if found.output == output)


@pytest.mark.parametrize(
    ("changes", "output", "words", "deciding"),
    [
        (
            {"right_pin_prick_t4": "1"},
            "right_sensory_level",
            ["normal (2) down to T3 on the right", "right pin prick T4 (1) is not normal"],
            [("right_pin_prick_t4", "1")],
        ),
        (
            {"left_motor_c7": "4"},
            "left_motor_level",
            ["left C7 muscle (4)", "not 5 itself"],
            [("left_motor_c7", "4")],
        ),
        (
            {"left_motor_c7": "2"},
            "left_motor_level",
            ["left C6 muscle (5)", "next key muscle, left C7 muscle (2), is below 3"],
            [("left_motor_c6", "5"), ("left_motor_c7", "2")],
        ),
        (
            {"left_motor_c7": "2"},
            "neurological_level_of_injury",
            ["most rostral of the four levels: the left motor level (C6)"],
            [("left_motor_c6", "5"), ("left_motor_c7", "2")],
        ),
        (
            {"left_light_touch_s4_5": "1"},
            "injury_complete",
            ["preserved in the sacral segments: left light touch S4-5 (1)"],
            [("left_light_touch_s4_5", "1")],
        ),
        (
            {"left_light_touch_s4_5": "1", "right_motor_l4": "1"},
            "asia_impairment_scale",
            [
                "Motor incomplete",
                "more than three levels below the motor level of a side: the right L4 muscle (1)",
                "Of the 10 key muscles below the neurological level (T6), 0 are grade 3 or better",
            ],
            [("left_light_touch_s4_5", "1"), ("right_motor_l4", "1")],
        ),
        (
            {"left_light_touch_s4_5": "1", "right_lowest_non_key_muscle": "L3"},
            "right_motor_zpp",
            ["the non-key muscle at L3"],
            [("right_lowest_non_key_muscle", "L3")],
        ),
        (
            {
                "left_light_touch_s4_5": "1",
                "right_lowest_non_key_muscle": "L3",
                "right_motor_l3": "1",
            },
            "right_motor_zpp",
            ["the most caudal key muscle with function is the right L3 muscle (1)"],
            [("right_motor_l3", "1")],
        ),
        (
            {"right_light_touch_t11": "1"},
            "right_sensory_zpp",
            ["most caudal sensation is right light touch T11 (1)"],
            [("right_light_touch_t11", "1")],
        ),
        (
            {"voluntary_anal_contraction": "NT"},
            "asia_impairment_scale",
            ["Not settled: A or C", "voluntary anal contraction (NT)"],
            [("voluntary_anal_contraction", "NT")],
        ),
        (
            {"left_motor_l2": "NT", "right_pin_prick_c2": "NT", "deep_anal_pressure": "Yes"},
            "left_motor_zpp",
            ["Not settled", "left L2 muscle (NT)"],
            [("left_motor_l2", "NT")],
        ),
        (
            {"left_motor_l2": "NT"},
            "lower_extremity_motor_score",
            ["Not determinable: left L2 muscle (NT) could not be tested"],
            [("left_motor_l2", "NT")],
        ),
        (
            {"right_motor_c6": "2**"},
            "right_motor_level",
            ["dermatome stands in", "The * says that this depends on right C6 muscle (2**)"],
            [
                ("right_light_touch_t7", "0"),
                ("right_pin_prick_t7", "0"),
                ("right_motor_c6", "2**"),
            ],
        ),
        (
            {"right_motor_c6": "1*"},
            "right_motor_level",
            ["Not settled: C5 or C6*", "right C6 muscle (1*)"],
            [("right_motor_c6", "1*")],
        ),
    ],
)
def test_the_deciding_cells_are_named(changes, output, words, deciding):
    found = of(exam_at("T6", **changes), output)
    for part in words:
        assert part in found.sentence
    assert list(found.cells) == deciding


def test_open_cells_that_do_not_matter_are_not_named():
    """The right leg is not tested, but the left side alone decides the neurological level."""
    made = exam_at("T6", right_motor_s1="NT", left_motor_c5="2")
    found = of(made, "neurological_level_of_injury")
    assert found.value == "C4"
    assert "left motor level" in found.sentence
    assert [cell for cell, _ in found.cells] == ["left_motor_c5"]


def test_all_open_cells_are_named_where_none_alone_would_narrow_the_value():
    """Ten muscles of twenty: C or D, whatever one of them is."""
    legs = [cell for cell in cells.MOTOR_CELLS if cell[-2:] in ("l2", "l3", "l4", "l5", "s1")]
    made = exam_at("T6", voluntary_anal_contraction="Yes", **dict.fromkeys(legs, "NT"))
    found = of(made, "asia_impairment_scale")
    assert found.value == "C,D"
    assert list(found.cells) == [(leg, "NT") for leg in legs]


def test_an_open_cell_is_not_named_where_anal_contraction_alone_decides():
    found = of(exam_at(right_light_touch_s4_5="NT"), "right_motor_level")
    assert found.value == "S3"
    assert found.sentence.endswith("voluntary anal contraction (No) ends the level there.")
    assert list(found.cells) == [(cells.VAC, "No")]


def test_a_row_of_a_table_and_codes_explain_alike():
    rng = np.random.default_rng(11)
    codes = tag_some(rng, open_some(rng, make_exam(rng), 2), 2)
    from_texts, from_codes = explain(texts(codes)), explain(frame([codes]).iloc[0])
    assert from_texts == from_codes
    assert [found.output for found in from_texts] == list(cells.OUTPUTS)


@pytest.mark.slow
@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(0, 5))
def test_every_exam_can_be_explained(seed, untested, tagged):
    rng = np.random.default_rng(seed)
    codes = make_exam(rng)
    if untested:
        codes = open_some(rng, codes, untested)
    if tagged:
        codes = tag_some(rng, codes, tagged)
    made = texts(codes)
    result = classify(pd.DataFrame([made])).iloc[0]
    for found in explain(made):
        assert found.value == result[found.output]
        assert found.sentence.endswith(".")
        assert all(made[cell] == text for cell, text in found.cells)
        if "," in found.value:
            assert found.cells


@pytest.mark.parametrize("open_cells", [1, 3, 5, 12])
def test_a_sentence_names_cells_or_counts_the_rest(open_cells):
    """All cells of a sentence are named, or some of them and how many there are besides."""
    names = [f"left_light_touch_t{level}" for level in range(1, open_cells + 1)]
    found = of(exam_at("T12", **dict.fromkeys(names, "NT")), "light_touch_total")
    named = [f"left light touch T{n} (NT)" in found.sentence for n in range(1, open_cells + 1)]
    more = re.search(r"and (\d+) more cells could not be tested", found.sentence)
    assert sum(named) + (int(more.group(1)) if more else 0) == open_cells
    assert named == sorted(named, reverse=True)
    assert sum(named) == min(open_cells, view.SHOWN)


def test_a_bad_exam_is_refused():
    with pytest.raises(InputError, match="right_motor_c5: '8'"):
        explain(exam_at("T6", right_motor_c5="8"))
