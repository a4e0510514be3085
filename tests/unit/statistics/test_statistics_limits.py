"""The ends of what is allowed, and the normal approximations on both of their sides."""

import math

import numpy as np
import pytest
from owncontrol.statistics import (
    adjust,
    binomial_test,
    friedman,
    marginal_homogeneity,
    max_t,
    page,
    sign_flip_test,
    sign_test,
    signed_rank_test,
    wilson,
)
from scipy.stats import norm

LARGEST = 1e100
BEYOND = float(np.nextafter(LARGEST, math.inf))


@pytest.mark.parametrize("test", [sign_test, signed_rank_test])
@pytest.mark.parametrize("sign", [1, -1])
def test_values_up_to_the_largest_are_taken_and_none_beyond(test, sign):
    assert test([sign * LARGEST]).n == 1
    # Beyond it as a sum, each value is looked at by itself.
    assert test([sign * LARGEST, sign * LARGEST]).n == 2
    with pytest.raises(ValueError, match=r"at position \[1\], 1 such in all"):
        test([1.0, sign * BEYOND])


def test_a_matrix_goes_up_to_the_largest_as_well():
    assert friedman([[LARGEST, 1], [1, 2]]).n == 2
    with pytest.raises(ValueError, match=r"at position \[1, 0\], 1 such in all"):
        friedman([[1, 2], [BEYOND, 1]])


def test_page_approximation_is_the_standardized_sum_on_either_side():
    blocks = np.array([[1, 2, 3, 4], [2, 1, 4, 3], [1, 3, 2, 4], [4, 1, 2, 3], [1, 2, 4, 3]])
    n, k = blocks.shape
    total = (blocks @ np.arange(1, k + 1)).sum()
    # Page 1963: mean n k (k+1)^2 / 4, variance n k^2 (k+1)^2 (k-1) / 144.
    z = (total - n * k * (k + 1) ** 2 / 4) / math.sqrt(n * k**2 * (k + 1) ** 2 * (k - 1) / 144)
    assert page(blocks, exact=False, alternative="greater").p == pytest.approx(norm.sf(z))
    assert page(blocks, exact=False, alternative="less").p == pytest.approx(norm.cdf(z))
    assert page(blocks, exact=False, alternative="two-sided").p == pytest.approx(2 * norm.sf(z))


@pytest.mark.parametrize("test", [sign_flip_test, signed_rank_test])
def test_many_pairs_approximation_is_the_standardized_sum_on_either_side(test):
    rng = np.random.default_rng(8)
    values = rng.permutation(np.arange(1, 602)) * np.where(rng.random(601) < 0.52, 1.0, -1.0)
    # Without ties the rank of a value is its magnitude: both tests standardize one sum.
    z = values.sum() / math.sqrt((values**2).sum())
    assert abs(z) > 0.3
    for alternative, p in (("greater", norm.sf(z)), ("less", norm.cdf(z))):
        result = test(values, alternative=alternative)
        assert result.method.startswith("normal approximation")
        assert result.p == pytest.approx(p)
    assert test(values).p == pytest.approx(2 * norm.sf(abs(z)))


def test_gained_grades_approximation_is_the_standardized_sum_on_either_side():
    table = np.array([[0, 4, 2], [1, 0, 3], [0, 2, 0]])
    gained, variance = 4 + 2 * 2 + 3 - 1 - 2, 4 + 2 * 4 + 3 + 1 + 2
    z = gained / math.sqrt(variance)
    for alternative, p in (("greater", norm.sf(z)), ("less", norm.cdf(z))):
        result = marginal_homogeneity(table, alternative=alternative, exact=False)
        assert result.value == gained
        assert result.p == pytest.approx(p)


@pytest.mark.parametrize("values", [[-0.001, 0.5], [0.5, 1.001], [-0.001]])
def test_an_adjusted_p_value_lies_within_0_and_1(values):
    assert adjust([0.0, 1.0]).tolist() == [0.0, 1.0]
    with pytest.raises(ValueError, match=r"must be within 0\.\.1"):
        adjust(values)


@pytest.mark.parametrize("step_down", [True, False])
def test_max_t_says_which_of_its_two_forms_it_is(step_down):
    values = np.random.default_rng(1).normal(size=(6, 3))
    convention = max_t(values, step_down=step_down).convention
    assert convention.startswith("step-down" if step_down else "single-step")


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 1.1])
def test_a_level_is_a_share_between_0_and_1_without_the_ends(level):
    with pytest.raises(ValueError, match="0 and 1 excluded"):
        wilson(1, 4, level=level)


@pytest.mark.parametrize("rate", [-0.01, 1.01])
def test_a_rate_is_a_share_with_its_ends(rate):
    assert binomial_test(0, 4, 0.0).p == 1.0
    assert binomial_test(4, 4, 1.0).p == 1.0
    with pytest.raises(ValueError, match="0 and 1 included"):
        binomial_test(1, 4, rate)
