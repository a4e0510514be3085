"""Sets for cells that are not testable: exact against enumeration, sound and bounded for many."""

import time
from itertools import product

import isncsci_reference
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isncsci_exams import ANAL, MUSCLES, POINTS, frame, make_exam, open_some, tag_some, texts
from owncontrol.isncsci import cells, classify, domains, not_testable, testable
from owncontrol.isncsci.view import bounds_of

SET_OUTPUTS = cells.OUTPUTS[:11]


def sets_of(exams):
    """Masks of the outputs, a row per exam."""
    block = np.ascontiguousarray(np.array(exams, dtype=np.int8).T)
    sets = not_testable.classify_sets(domains.open_exams(block))
    return np.array([sets[name] for name in SET_OUTPUTS]).T


def enumerated(exam):
    """The same of one exam by classifying every completion of its open cells."""
    rows = np.flatnonzero(exam < 0)
    values = []
    for row in rows:
        low, high = bounds_of(cells.ALL_CELLS[row], int(exam[row]))
        values.append(range(low, high + 1))
    completions = np.array(list(product(*values)), dtype=np.int8)
    block = np.repeat(exam[:, None], len(completions), axis=1)
    block[rows] = completions.T
    result = testable.classify_block(block)[:11].astype(np.int64)
    return np.bitwise_or.reduce(1 << result, axis=1)


def assert_exact(exams):
    for exam, found in zip(exams, sets_of(exams), strict=True):
        np.testing.assert_array_equal(found, enumerated(exam), err_msg=str(texts(exam)))


@pytest.mark.slow
def test_thousands_of_exams_are_exact():
    rng = np.random.default_rng(1992)
    assert_exact([open_some(rng, make_exam(rng), rng.integers(1, 6)) for _ in range(5000)])


@pytest.mark.slow
@settings(max_examples=300)
@given(
    st.integers(0, 2**32 - 1),
    st.sets(st.sampled_from([*POINTS, *MUSCLES, *ANAL]), min_size=1, max_size=5),
)
def test_any_cells_of_any_exam_are_exact(seed, rows):
    exam = make_exam(np.random.default_rng(seed))
    exam[list(rows)] = cells.NT
    assert_exact([exam])


@pytest.mark.slow
def test_sets_of_tagged_cells_are_exact():
    rng = np.random.default_rng(21)
    exams = []
    for _ in range(2000):
        exam = open_some(rng, make_exam(rng), rng.integers(0, 3))
        exams.append(tag_some(rng, exam, rng.integers(1, 4)))
    assert_exact(exams)


@pytest.mark.slow
def test_texts_agree_with_plain_python():
    rng = np.random.default_rng(7)
    exams = [open_some(rng, make_exam(rng), rng.integers(1, 3)) for _ in range(400)]
    results = classify(frame(exams)).to_dict("records")
    for exam, result in zip(exams, results, strict=True):
        assert result == isncsci_reference.classify(texts(exam))


@pytest.mark.parametrize("count", [6, 12, 20, 60, 100, 134])
def test_many_open_cells_are_exact_by_induction(count):
    """The set of an exam is the union of its sets with one open cell fixed to each value.

    With this for every number of open cells, and exactness for few, all sets are exact.
    """
    rng = np.random.default_rng(count)
    examined = np.array([*POINTS, *MUSCLES, *ANAL])
    exams, fixed, owner = [], [], []
    for _ in range(60):
        exam = make_exam(rng)
        exam[rng.permutation(examined)[:count]] = cells.NT
        for row in rng.choice(np.flatnonzero(exam == cells.NT), 10):
            for value in range(bounds_of(cells.ALL_CELLS[row], cells.NT)[1] + 1):
                fixed.append(exam.copy())
                fixed[-1][row] = value
                owner.append(len(exams))
            exams.append(exam)
    union = np.zeros((len(exams), len(SET_OUTPUTS)), dtype=np.uint32)
    np.bitwise_or.at(union, owner, sets_of(fixed))
    np.testing.assert_array_equal(sets_of(exams), union)


@pytest.mark.parametrize("count", [20, 60, 134])
def test_every_sampled_completion_lies_in_the_sets(count):
    rng = np.random.default_rng(100 + count)
    examined = np.array([*POINTS, *MUSCLES, *ANAL])
    for _ in range(30):
        exam = make_exam(rng)
        exam[rng.permutation(examined)[:count]] = cells.NT
        block = np.repeat(exam[:, None], 300, axis=1)
        for row in np.flatnonzero(exam == cells.NT):
            high = bounds_of(cells.ALL_CELLS[row], cells.NT)[1]
            usual = 1 if rng.random() < 0.7 else 0  # often the same, or few get past C2
            chosen = np.where(rng.random(300) < 0.9, high * usual, rng.integers(0, high + 1, 300))
            block[row] = chosen
        seen = np.bitwise_or.reduce(
            1 << testable.classify_block(block)[:11].astype(np.int64), axis=1
        )
        assert not (seen & ~sets_of([exam])[0].astype(np.int64)).any()


def test_an_exam_with_nothing_testable():
    exam = np.full(len(cells.ALL_CELLS), cells.NT, dtype=np.int8)
    exam[list(cells.NON_KEY_ROW)] = 0
    result = classify(frame([exam])).iloc[0]
    assert result["right_sensory_level"] == ",".join(cells.LEVEL_NAMES)
    assert result["neurological_level_of_injury"] == ",".join(cells.LEVEL_NAMES)
    assert result["injury_complete"] == "C,I"
    assert result["asia_impairment_scale"] == "A,B,C,D,E"
    assert result["left_motor_zpp"] == ",".join(["NA", *cells.LEVELS])
    assert set(result[list(cells.TOTAL_OUTPUTS)]) == {"ND"}


def test_sixty_open_cells_are_bounded():
    rng = np.random.default_rng(60)
    exams = []
    for _ in range(1000):
        exam = make_exam(rng)
        exam[rng.permutation([*POINTS, *MUSCLES, *ANAL])[:60]] = cells.NT
        exams.append(exam)
    start = time.process_time()
    classify(frame(exams))
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("cell", "undetermined"),
    [
        ("right_motor_c5", {"right_motor_total", "upper_extremity_motor_score"}),
        ("left_motor_s1", {"left_motor_total", "lower_extremity_motor_score"}),
        ("left_light_touch_c2", {"light_touch_total"}),
        ("right_pin_prick_s4_5", {"pin_prick_total"}),
        ("voluntary_anal_contraction", set()),
    ],
)
def test_totals_of_an_untested_cell_are_not_determinable(cell, undetermined):
    exam = make_exam(np.random.default_rng(3))
    exam[cells.ROW[cell]] = cells.NT
    result = classify(frame([exam])).iloc[0]
    assert {name for name in cells.TOTAL_OUTPUTS if result[name] == "ND"} == undetermined
