"""Sets of numbers in a text: any set is read back the same, and no text is long."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from owncontrol.basics import integer_sets

sets = st.sets(st.integers(0, 2000))


@given(sets)
def test_any_set_is_named_and_read_back(chosen):
    found = integer_sets.runs(sorted(chosen))
    assert list(integer_sets.numbers(found)) == sorted(chosen)
    assert integer_sets.length(found) == len(chosen)
    if chosen:
        assert integer_sets.read(integer_sets.named(found)).tolist() == found.tolist()


def test_more_runs_than_are_taken_at_once():
    count = 2 * integer_sets.RUNS_AT_ONCE + 1
    even = list(range(0, 2 * count, 2))
    assert list(integer_sets.numbers(integer_sets.runs(even))) == even


@given(st.lists(st.integers(0, 50)))
def test_numbers_stand_in_order_each_once(some):
    assert integer_sets.in_order(np.array(some, np.int64)).tolist() == sorted(set(some))


@given(sets, sets)
def test_only_some_of_a_set(chosen, only):
    assert list(integer_sets.numbers(integer_sets.runs(sorted(chosen)), only)) == sorted(
        chosen & only
    )


@given(sets)
def test_a_mask_has_the_numbers_below_its_size(chosen):
    found = integer_sets.mask(integer_sets.runs(sorted(chosen)), 2001)
    assert found.nonzero()[0].tolist() == sorted(chosen)


def test_few_runs_are_ranges_of_names():
    found = integer_sets.runs([1, 2, 3, 7])
    assert integer_sets.named(found, "abcdefgh".__getitem__) == "b~d,h"
    assert integer_sets.read("b~d,h", "abcdefgh".index).tolist() == [[1, 3], [7, 7]]


@pytest.mark.slow
@pytest.mark.parametrize("step", [2, 3, 7])
def test_many_gaps_are_named_by_bits_in_a_sixth_of_a_character_a_number(step):
    size = 100_000
    found = integer_sets.runs(range(0, size, step))
    text = integer_sets.named(found)
    assert text.startswith("#")
    assert len(text) < size / 6 + 50
    assert not set(text) & set("=;,[]: ")
    assert integer_sets.read(text).tolist() == found.tolist()
