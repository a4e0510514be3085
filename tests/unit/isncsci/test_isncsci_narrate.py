"""The sentence of each rule, whole, for an exam in which it decides."""

import pytest
from isncsci_exams import exam_at
from owncontrol.isncsci import cells, explain

VAC, DAP = cells.VAC, cells.DAP
LIGHT, PRICK = "right_light_touch_", "right_pin_prick_"
SACRAL = [
    f"{side}_{modality}_s4_5" for side in cells.SIDES for modality in ("light_touch", "pin_prick")
]
STANDS_IN = "Where there is no key muscle the dermatome stands in for the myotome, and"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("level", "changes", "output", "sentence", "deciding"),
    [
        (
            "T6",
            {f"{LIGHT}t4": "1", f"{PRICK}t4": "0"},
            "right_sensory_level",
            "Light touch and pin prick are normal (2) down to T3 on the right; below it right "
            "light touch T4 (1) and right pin prick T4 (0) are not normal.",
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
            "Every key muscle is normal on the right, and sensation is normal to S3; voluntary "
            "anal contraction (No) ends the level there.",
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
            "Down to C4 sensation is normal on the right; the next key muscle, right C5 muscle (0)"
            ", is below 3.",
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
            "The right T1 muscle (5) counts as 3 or better and everything above it as normal; "
            "below it the dermatomes stand in for the myotomes, and sensation is not normal all "
            "the way down to T2 (sensory level C5).",
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
            {SACRAL[0]: "1", "left_motor_l4": "1", "left_motor_l5": "3"},
            "asia_impairment_scale",
            "Motor incomplete: sacral sensation is preserved (right light touch S4-5 (1)), and "
            "motor function more than three levels below the motor level of a side: the left L5 "
            "muscle (3). Of the 10 key muscles below the neurological level (T6), 1 are grade 3 "
            "or better: fewer than half.",
            [SACRAL[0], "left_motor_l5"],
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
    found = {each.output: each for each in explain(exam_at(level, **changes))}[output]
    assert found.sentence == sentence
    assert [cell for cell, _ in found.cells] == deciding
