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


VAC, DAP = cells.VAC, cells.DAP
LIGHT, PRICK = "right_light_touch_", "right_pin_prick_"
SACRAL = [
    f"{side}_{modality}_s4_5" for side in cells.SIDES for modality in ("light_touch", "pin_prick")
]
STANDS_IN = "Where there is no key muscle the dermatome stands in for the myotome, and"


@pytest.mark.parametrize(
    ("level", "changes", "output", "sentence", "deciding"),
    [
        (
            "T6",
            {f"{LIGHT}t4": "1", f"{PRICK}t4": "0"},
            "right_sensory_level",
            "Light touch and pin prick are normal (2) down to T3 on the right; below it right light "
            "touch T4 (1) and right pin prick T4 (0) are not normal.",
            [f"{LIGHT}t4", f"{PRICK}t4"],
        ),
        (
            None,
            {},
            "right_sensory_level",
            "Light touch and pin prick are normal (2) in every dermatome on the right.",
            [],
        ),
        (
            "T6",
            {f"{PRICK}c2": "1"},
            "right_sensory_level",
            "Already in C2 right pin prick C2 (1) is not normal, so the level is C1.",
            [f"{PRICK}c2"],
        ),
        (
            None,
            {VAC: "Yes"},
            "right_motor_level",
            "Every key muscle and dermatome on the right is normal, and voluntary anal contraction "
            "is present.",
            [VAC],
        ),
        (
            None,
            {},
            "right_motor_level",
            "Every key muscle is normal on the right, and sensation is normal to S3; voluntary anal "
            "contraction (No) ends the level there.",
            [VAC],
        ),
        (
            None,
            {VAC: "Yes", f"{LIGHT}s4_5": "1"},
            "right_motor_level",
            "Every key muscle is normal on the right, and sensation is normal to S3; right light "
            "touch S4-5 (1) ends the level there.",
            [f"{LIGHT}s4_5"],
        ),
        (
            "C4",
            {},
            "right_motor_level",
            "Down to C4 sensation is normal on the right; the next key muscle, right C5 muscle (0), "
            "is below 3.",
            ["right_motor_c5"],
        ),
        (
            "L1",
            {},
            "left_motor_level",
            "Down to L1 muscles and sensation are normal on the left; the next key muscle, left L2 "
            "muscle (0), is below 3.",
            ["left_motor_l2"],
        ),
        (
            "C1",
            {},
            "right_motor_level",
            "There is no key muscle above C5; already in C2 right light touch C2 (0) and right pin "
            "prick C2 (0) are not normal.",
            [f"{LIGHT}c2", f"{PRICK}c2"],
        ),
        (
            "T6",
            {f"{LIGHT}t3": "1"},
            "right_motor_level",
            f"Above and at T2 everything is normal on the right. {STANDS_IN} right light touch T3 "
            "(1) is not normal.",
            [f"{LIGHT}t3"],
        ),
        (
            "T6",
            {f"{LIGHT}c6": "1"},
            "right_motor_level",
            "The right T1 muscle (5) counts as 3 or better and everything above it as normal; below "
            "it the dermatomes stand in for the myotomes, and sensation is not normal all the way "
            "down to T2 (sensory level C5).",
            ["right_motor_t1"],
        ),
        (
            None,
            {VAC: "Yes", DAP: "Yes"},
            "neurological_level_of_injury",
            "Sensation and every key muscle are normal on both sides.",
            [],
        ),
        (
            "T6",
            {},
            "injury_complete",
            "No voluntary anal contraction, no deep anal pressure and no sensation at S4-5 on "
            "either side.",
            [VAC, DAP, *SACRAL],
        ),
        (
            "T6",
            {VAC: "Yes", DAP: "Yes", SACRAL[0]: "1"},
            "injury_complete",
            "Function is preserved in the sacral segments: voluntary anal contraction (Yes), deep "
            "anal pressure (Yes) and right light touch S4-5 (1).",
            [VAC, DAP, SACRAL[0]],
        ),
        (
            "T6",
            {},
            "asia_impairment_scale",
            "Complete: no motor or sensory function is preserved in S4-5.",
            [VAC, DAP, *SACRAL],
        ),
        (
            None,
            {VAC: "Yes", DAP: "Yes"},
            "asia_impairment_scale",
            "Sensation and motor function are normal in every segment.",
            [VAC],
        ),
        (
            "T6",
            {SACRAL[3]: "2"},
            "asia_impairment_scale",
            "Sacral sensation is preserved (left pin prick S4-5 (2)), there is no voluntary anal "
            "contraction, and no motor function more than three levels below (right from motor "
            "level T6 and left from motor level T6).",
            [SACRAL[3], VAC],
        ),
        (
            "T6",
            {VAC: "Yes", "left_motor_s1": "NT"},
            "asia_impairment_scale",
            "Motor incomplete: voluntary anal contraction is present. Of the 10 key muscles below "
            "the neurological level (T6), 0 to 1 are grade 3 or better: fewer than half.",
            [VAC],
        ),
        (
            "L4",
            {VAC: "Yes", "right_motor_l5": "3", "left_motor_s1": "3"},
            "asia_impairment_scale",
            "Motor incomplete: voluntary anal contraction is present. Of the 4 key muscles below "
            "the neurological level (L4), 2 are grade 3 or better: half or more.",
            [VAC, "right_motor_l5", "left_motor_s1"],
        ),
        (
            "S1",
            {VAC: "Yes"},
            "asia_impairment_scale",
            "Motor incomplete: voluntary anal contraction is present. No key muscle lies below the "
            "neurological level (S1), which counts as D.",
            [VAC],
        ),
        (
            "T6",
            {SACRAL[0]: "1", "left_lowest_non_key_muscle": "L1"},
            "asia_impairment_scale",
            "Motor incomplete: sacral sensation is preserved (right light touch S4-5 (1)), and "
            "motor function more than three levels below the motor level of a side: the left "
            "lowest non-key muscle (L1). Of the 10 key muscles below the neurological level (T6), "
            "0 are grade 3 or better: fewer than half.",
            [SACRAL[0], "left_lowest_non_key_muscle"],
        ),
        (
            "T6",
            {DAP: "Yes", SACRAL[1]: "1"},
            "right_sensory_zpp",
            "Does not apply on the right: deep anal pressure (Yes) and right pin prick S4-5 (1).",
            [DAP, SACRAL[1]],
        ),
        (
            "C1",
            {},
            "right_sensory_zpp",
            "No deep anal pressure and no sensation at S4-5 on the right, nor in any dermatome.",
            [DAP, *SACRAL[:2]],
        ),
        (
            "T6",
            {},
            "left_sensory_zpp",
            "No deep anal pressure and no sensation at S4-5 on the left; the most caudal sensation "
            "is left light touch T6 (2) and left pin prick T6 (2).",
            ["left_light_touch_t6", "left_pin_prick_t6"],
        ),
        (
            "T6",
            {VAC: "Yes"},
            "left_motor_zpp",
            "Does not apply: voluntary anal contraction is present.",
            [VAC],
        ),
        (
            "T6",
            {f"{LIGHT}t7": "1"},
            "right_motor_zpp",
            "No voluntary anal contraction; on the right no key muscle below the motor level (T6) "
            "has function.",
            [f"{LIGHT}t7", f"{PRICK}t7"],
        ),
        (
            "T6",
            {"right_motor_c6": "3**", "right_motor_c7": "4", "left_motor_c7": "4"},
            "upper_extremity_motor_score",
            "Sum of 10 cells: right 5, 3, 4, 5, 5; left 5, 5, 4, 5, 5, tags left out.",
            [],
        ),
        (
            "L4",
            {"right_motor_l5": "2"},
            "right_motor_total",
            "Sum of 10 cells: right 5, 5, 5, 5, 5, 5, 5, 5, 2, 0.",
            [],
        ),
        (
            "T6",
            {f"{LIGHT}t7": "1", f"{PRICK}t9": "1**"},
            "light_touch_total",
            "Sum of 56 cells: 2 in 26, 1 in 1, 0 in 29.",
            [],
        ),
        (
            "T6",
            {f"{LIGHT}t7": "1", f"{PRICK}t9": "1**"},
            "pin_prick_total",
            "Sum of 56 cells: 2 in 26, 1 in 1, 0 in 29, tags left out.",
            [],
        ),
    ],
)
def test_each_rule_has_its_sentence(level, changes, output, sentence, deciding):
    found = of(exam_at(level, **changes), output)
    assert found.sentence == sentence
    assert [cell for cell, _ in found.cells] == deciding


def test_open_cells_that_do_not_matter_are_not_named():
    """The right leg is not tested, but the left side alone decides the neurological level."""
    made = exam_at("T6", right_motor_s1="NT", left_motor_c5="2")
    found = of(made, "neurological_level_of_injury")
    assert found.value == "C4"
    assert "left motor level" in found.sentence
    assert [cell for cell, _ in found.cells] == ["left_motor_c5"]


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
