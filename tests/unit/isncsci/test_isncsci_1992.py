"""The edition of 1992: its grades against a plain statement of them, and what differs from 2019."""

from itertools import product

import isncsci_reference as plain
import numpy as np
import pandas as pd
import pytest
from isncsci_exams import frame, make_exam, open_some, texts
from owncontrol.errors import InputError
from owncontrol.isncsci import cells, classify, edition_1992


def grade_1992(exam):
    """Grade of an exam with every cell tested, as the edition states it."""
    if plain.is_complete(exam):
        return "A"
    level = plain.neurological_level(exam)
    if plain.contracts(exam) and level == "INT":
        return "E"
    below = [
        plain.grade(exam, side, muscle)
        for side, muscle in product(plain.SIDES, plain.KEY_MUSCLES)
        if plain.distance(level, muscle) > 0
    ]
    if not plain.contracts(exam) and not any(below):
        return "B"
    useful = sum(grade >= 3 for grade in below)
    return "C" if useful < len(below) - useful else "D"


def test_grades_of_tested_exams():
    rng = np.random.default_rng(92)
    exams = [make_exam(rng) for _ in range(1500)]
    found = classify(frame(exams), edition="1992")["asia_impairment_scale"]
    assert list(found) == [grade_1992(texts(exam)) for exam in exams]


def test_sets_of_exams_with_open_cells():
    rng = np.random.default_rng(93)
    exams = [open_some(rng, make_exam(rng), rng.integers(1, 3)) for _ in range(600)]
    found = classify(frame(exams), edition="1992")["asia_impairment_scale"]
    for exam, grades in zip(exams, found, strict=True):
        possible = {grade_1992(completion) for completion in plain.completions(texts(exam))}
        assert grades == ",".join(sorted(possible))


@pytest.fixture
def cord_injury():
    """C5, sacral sensation, a muscle of grade 1 two levels below the motor level."""
    exam = dict.fromkeys((*cells.MOTOR_CELLS, *cells.LIGHT_TOUCH_CELLS), "0")
    exam |= dict.fromkeys(cells.PIN_PRICK_CELLS, "0") | {cells.VAC: "No", cells.DAP: "Yes"}
    exam |= dict.fromkeys(cells.NON_KEY_CELLS, "")
    for side in cells.SIDES:
        for level in ("c2", "c3", "c4", "c5"):
            exam |= {f"{side}_light_touch_{level}": "2", f"{side}_pin_prick_{level}": "2"}
        exam[f"{side}_motor_c5"] = "5"
    return exam | {"right_motor_c7": "1"}


def both(exam):
    table = pd.DataFrame([exam])
    return tuple(
        classify(table, edition=edition).at[0, "asia_impairment_scale"]
        for edition in ("1992", "2019")
    )


def test_function_anywhere_below_the_level_is_c(cord_injury):
    assert both(cord_injury) == ("C", "B")


def test_non_key_muscles_do_not_count(cord_injury):
    without = cord_injury | {"right_motor_c7": "0", "right_lowest_non_key_muscle": "L2"}
    assert both(without) == ("B", "C")


def test_exactly_half_is_d_in_both(cord_injury):
    muscles = [cell for cell in cells.MOTOR_CELLS if not cell.endswith("c5")]
    exam = cord_injury | dict.fromkeys(muscles[9:], "3")
    assert both(exam) == ("D", "D")
    assert both(exam | {muscles[9]: "2"}) == ("C", "C")


def test_the_motor_score_is_one_number(cord_injury):
    result = classify(pd.DataFrame([cord_injury]), edition="1992").iloc[0]
    assert list(result.index) == list(edition_1992.OUTPUTS)
    assert list(result[["right_motor_total", "left_motor_total", "motor_total"]]) == [
        "6",
        "5",
        "11",
    ]
    unknown = classify(pd.DataFrame([cord_injury | {"left_motor_s1": "NT"}]), edition="1992").iloc[
        0
    ]
    assert list(unknown[["right_motor_total", "motor_total"]]) == ["6", "ND"]


def test_totals_are_those_of_2019():
    rng = np.random.default_rng(94)
    table = frame([open_some(rng, make_exam(rng), 2) for _ in range(100)])
    old, new = classify(table, edition="1992"), classify(table)
    columns = list(cells.TOTAL_OUTPUTS)
    pd.testing.assert_frame_equal(old[columns], new[columns])


def test_tags_are_refused(cord_injury):
    with pytest.raises(InputError, match=r"right_motor_c7 is 1\*\*: .* no tags"):
        classify(pd.DataFrame([cord_injury | {"right_motor_c7": "1**"}]), edition="1992")


def test_values_that_are_not_permitted_are_refused(cord_injury):
    with pytest.raises(InputError, match="row 0, right_motor_c7: '7'"):
        classify(pd.DataFrame([cord_injury | {"right_motor_c7": "7"}]), edition="1992")


def test_an_unknown_edition_is_named(cord_injury):
    with pytest.raises(InputError, match="no ISNCSCI edition '2011'"):
        classify(pd.DataFrame([cord_injury]), edition="2011")
