"""Many flipped versions of the same changes: each row as the single functions have it."""

from itertools import product

import numpy as np
import pytest
from owncontrol.statistics.flipped_changes import (
    holm,
    shares,
    sign_flips,
    signed_rank_p,
    walsh_intervals,
)
from owncontrol.statistics.hodges_lehmann import hodges_lehmann
from owncontrol.statistics.multiplicity import adjust
from owncontrol.statistics.proportions import clopper_pearson
from owncontrol.statistics.signed_rank import signed_rank_test

CHANGES = np.random.default_rng(3).integers(-4, 9, (20, 7)) / 2


def test_up_to_the_limit_every_flip_is_there_once_and_above_it_they_are_drawn():
    assert sorted(map(tuple, sign_flips(3, 8, 5, 1))) == sorted(product((-1, 1), repeat=3))
    drawn = sign_flips(4, 8, 5, 1)
    assert drawn.shape == (5, 4)
    assert set(np.unique(sign_flips(9, 8, 50, 1))) == {-1, 1}
    assert (drawn == sign_flips(4, 8, 5, 1)).all()
    assert (drawn != sign_flips(4, 8, 5, 2)).any()


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_intervals_are_those_of_each_row(level, monkeypatch):
    monkeypatch.setattr("owncontrol.statistics.flipped_changes.AT_ONCE", 90)
    found = np.column_stack(walsh_intervals(CHANGES, level))
    single = [hodges_lehmann(row, level) for row in CHANGES]
    assert found.tolist() == [[one.value, one.lower, one.upper] for one in single]


def test_p_values_are_those_of_each_row():
    assert signed_rank_p(CHANGES) == pytest.approx([signed_rank_test(row).p for row in CHANGES])


def test_adjusted_p_are_those_of_each_family():
    p = np.random.default_rng(4).random((30, 4)) ** 3
    assert holm(p) == pytest.approx(np.array([adjust(row, "holm") for row in p]))


def test_shares_have_the_bounds_of_their_counts_and_nobody_has_none():
    value, lower, upper = shares(np.array([2, 0, 2]), np.array([5, 0, 5]), 0.95)
    one = clopper_pearson(2, 5)
    assert (value[0], lower[0], upper[0]) == (one.value, one.lower, one.upper)
    assert (value[2], lower[2]) == (one.value, one.lower)
    assert np.isnan([value[1], lower[1], upper[1]]).all()
