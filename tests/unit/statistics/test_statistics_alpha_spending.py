"""Levels of declared looks: published values, their sum, and the error of all looks together."""

import numpy as np
import pytest
from owncontrol.statistics.alpha_spending import levels, spent
from owncontrol.statistics.cohort_verdict import WEIGHTS, Group, LogitRate, limits
from scipy.special import expit
from scipy.stats import binom

SHAPES = ("obrien_fleming", "pocock")


@pytest.mark.parametrize(
    ("share", "shape", "expected"),
    [
        # Lan and DeMets 1983, one-sided 0.025: halfway, and at the end.
        (0.5, "obrien_fleming", 0.001525),
        (0.5, "pocock", 0.015503),
        (1.0, "obrien_fleming", 0.025),
        (1.0, "pocock", 0.025),
        (0.0, "pocock", 0.0),
    ],
)
def test_what_may_be_spent_by_a_share_of_the_patients(share, shape, expected):
    assert spent(share, 0.025, shape) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("looks", [(13,), (7, 13), (1, 2, 100), tuple(range(5, 60, 5))])
def test_the_levels_add_up_to_alpha(looks, shape):
    found = levels(looks, 0.025, shape)
    assert len(found) == len(looks)
    assert min(found) > 0
    assert 0.025 - 1e-6 <= sum(found) <= 0.025 + 1e-12


def test_looks_that_do_not_grow_are_refused():
    with pytest.raises(ValueError, match="grow"):
        levels((7, 7), 0.025, "pocock")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rate", [LogitRate(-1.24, 0.0), LogitRate(-1.24, 0.45)])
def test_all_looks_together_err_no_more_often_than_alpha(rate, shape):
    """Exact: patients of the first look are part of the second, at the same true rate."""
    first, second = 12, 30
    edges = [
        limits([Group(n, rate)], [Group(n, rate)], level).more_from
        for n, level in zip((first, second), levels((first, second), 0.025, shape), strict=True)
    ]
    error = 0.0
    for weight, share in zip(WEIGHTS, expit(rate.logits()), strict=True):
        early = binom.pmf(np.arange(first + 1), first, share)
        later = binom.sf(edges[1] - np.arange(first + 1) - 1, second - first, share)
        later[edges[0] :] = 1.0
        error += weight * float(early @ later)
    assert 0 < error <= 0.025
