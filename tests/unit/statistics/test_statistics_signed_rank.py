"""The signed-rank test against all sign flips, written out."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from owncontrol.statistics import (
    rank_biserial,
    signed_rank_test,
    signed_rank_tests,
    smallest_p,
)
from owncontrol.statistics.flips import ArrayCounts, PackedCounts, flip_tails
from scipy.stats import rankdata, wilcoxon

ALTERNATIVES = ("two-sided", "greater", "less")
ZEROS = ("pratt", "wilcoxon")
small_changes = some.lists(some.integers(-4, 4), min_size=2, max_size=9)


def ranks_and_signs(changes: list[float], zeros: str) -> tuple[np.ndarray, np.ndarray]:
    values = np.array(changes, dtype=float)
    if zeros == "wilcoxon":
        values = values[values != 0]
    if len(values) == 0:
        return np.zeros(0), np.zeros(0)
    ranks = rankdata(np.abs(values))
    return ranks[values != 0], np.sign(values[values != 0])


def enumerated_p(changes: list[float], zeros: str, alternative: str) -> float:
    ranks, signs = ranks_and_signs(changes, zeros)
    observed = ranks[signs > 0].sum()
    sums = [
        ranks[np.array(flip, dtype=bool)].sum()
        for flip in itertools.product((0, 1), repeat=len(ranks))
    ]
    upper = Fraction(sum(s >= observed for s in sums), len(sums))
    lower = Fraction(sum(s <= observed for s in sums), len(sums))
    tails = {"greater": upper, "less": lower, "two-sided": min(Fraction(1), 2 * min(upper, lower))}
    return float(tails[alternative])


@given(small_changes, some.sampled_from(ZEROS), some.sampled_from(ALTERNATIVES))
def test_p_equals_enumeration(changes: list[int], zeros: str, alternative: str) -> None:
    result = signed_rank_test(changes, zeros, alternative)
    assert result.p == enumerated_p(changes, zeros, alternative)
    ranks, signs = ranks_and_signs(changes, zeros)
    assert result.value == ranks[signs > 0].sum()
    assert result.estimable
    assert "exact" in result.method


@given(small_changes, some.sampled_from(ZEROS))
def test_mirrored_changes_swap_the_tails(changes: list[int], zeros: str) -> None:
    mirrored = [-change for change in changes]
    greater = signed_rank_test(changes, zeros, "greater").p
    assert signed_rank_test(mirrored, zeros, "less").p == greater
    assert signed_rank_test(mirrored, zeros).p == signed_rank_test(changes, zeros).p


@given(small_changes, some.randoms(use_true_random=False), some.sampled_from([0.1, 0.3, 7, 1e6]))
def test_order_and_unit_do_not_matter(changes: list[int], random: object, unit: float) -> None:
    shuffled = list(changes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    rescaled = [change * unit for change in shuffled]
    assert signed_rank_test(rescaled).p == signed_rank_test(changes).p


@given(
    some.lists(some.tuples(some.integers(0, 40), some.integers(0, 40)), min_size=2, max_size=12),
    some.sampled_from([0.1, 0.2, 0.7]),
)
def test_floating_point_noise_does_not_break_ties(
    pairs: list[tuple[int, int]], step: float
) -> None:
    noisy = [after * step - before * step for before, after in pairs]
    whole = [after - before for before, after in pairs]
    assert signed_rank_test(noisy, resolution=step).p == signed_rank_test(whole).p
    assert signed_rank_test(noisy).p == signed_rank_test(whole).p


def test_resolution_decides_what_ties() -> None:
    changes = [1.04, -0.96, 2.0, 3.1]
    assert signed_rank_test(changes, resolution=1).value == signed_rank_test([1, -1, 2, 3]).value
    assert signed_rank_test(changes).value != signed_rank_test(changes, resolution=1).value


@pytest.mark.parametrize("n", [13, 30, 60])
def test_without_ties_agrees_with_scipy(n: int) -> None:
    changes = np.random.default_rng(n).normal(0.3, 1, n)
    for alternative in ALTERNATIVES:
        expected = wilcoxon(changes, method="exact", alternative=alternative).pvalue
        assert signed_rank_test(changes, alternative=alternative).p == pytest.approx(
            expected, rel=1e-12
        )


@given(some.lists(some.integers(1, 30), min_size=1, max_size=20), some.data())
def test_both_ways_of_counting_agree(weights: list[int], data: some.DataObject) -> None:
    chosen = data.draw(some.lists(some.booleans(), min_size=len(weights), max_size=len(weights)))
    observed = sum(w for w, taken in zip(weights, chosen, strict=True) if taken)
    unit = math.gcd(*weights)
    packed = PackedCounts(weights, unit).tails(observed)
    assert ArrayCounts(weights, unit).tails(observed) == pytest.approx(packed, rel=1e-13)


def test_large_exact_distribution_is_symmetric_and_close_to_normal() -> None:
    weights = list(range(2, 1002, 2))
    total = sum(weights)
    upper, lower = flip_tails(weights, total // 2)
    assert upper == pytest.approx(lower, rel=1e-12)
    far = total // 2 + round(2 * math.sqrt(sum(w * w for w in weights)) / 2)
    assert flip_tails(weights, far)[0] == pytest.approx(0.02275, rel=0.01)


def test_method_says_where_exact_ends() -> None:
    rng = np.random.default_rng(3)
    changes = np.rint(rng.normal(1, 8, 501))
    exact, normal = signed_rank_test(changes[:500]), signed_rank_test(changes)
    assert exact.method.startswith("exact")
    assert normal.method.startswith("normal approximation")
    assert normal.p == pytest.approx(exact.p, rel=0.2)
    with_zeros = wilcoxon(changes, zero_method="pratt", correction=False, method="asymptotic")
    assert normal.p == pytest.approx(with_zeros.pvalue, rel=1e-9)


@given(
    some.integers(2, 14),
    some.integers(1, 12),
    some.integers(0, 2**31),
    some.sampled_from(ZEROS),
    some.sampled_from(ALTERNATIVES),
)
def test_many_endpoints_agree_with_one(
    n: int, endpoints: int, seed: int, zeros: str, alternative: str
) -> None:
    changes = np.random.default_rng(seed).integers(-4, 6, (n, endpoints)) / 10
    expected = [signed_rank_test(column, zeros, alternative).p for column in changes.T]
    assert signed_rank_tests(changes, zeros, alternative).tolist() == expected
    by_step = signed_rank_tests(changes, zeros, alternative, resolution=0.1)
    assert by_step.tolist() == expected


@pytest.mark.parametrize("n", [80, 300, 501])
def test_many_endpoints_agree_with_one_when_large(n: int) -> None:
    changes = np.random.default_rng(n).integers(-9, 12, (n, 3)).astype(float)
    changes[:, 2] = 0
    for zeros in ZEROS:
        expected = [signed_rank_test(column, zeros).p for column in changes.T]
        assert signed_rank_tests(changes, zeros) == pytest.approx(expected, rel=1e-10)


@given(small_changes, some.sampled_from(ZEROS))
def test_rank_biserial_is_the_share_of_rank_sums(changes: list[int], zeros: str) -> None:
    ranks, signs = ranks_and_signs(changes, zeros)
    result = rank_biserial(changes, zeros)
    if any(changes):
        assert result.value == pytest.approx((ranks * signs).sum() / ranks.sum(), abs=1e-15)
        mirrored = rank_biserial([-change for change in changes], zeros).value
        assert result.value == pytest.approx(-mirrored, abs=1e-15)
    else:
        assert math.isnan(result.value)
        assert result.reason == "all differences are zero"


def test_degenerate_data_give_a_reason_or_the_plain_answer() -> None:
    for changes in ([], [3.0]):
        for result in (signed_rank_test(changes), rank_biserial(changes)):
            assert result.reason == "fewer than two pairs"
            assert math.isnan(result.p)
    unchanged = signed_rank_test([0, 0, 0, 0, 0])
    assert (unchanged.p, unchanged.value, unchanged.reason) == (1.0, 0.0, "")
    constant = signed_rank_test([3] * 13)
    assert constant.p == smallest_p(13) == 2 / 8192
    assert signed_rank_tests(np.zeros((1, 2))).tolist() == [1.0, 1.0]
    assert signed_rank_tests(np.zeros((0, 2))).tolist() == [1.0, 1.0]
    assert signed_rank_tests(np.zeros((5, 0))).shape == (0,)


def test_smallest_p() -> None:
    assert smallest_p(13, "greater") == 1 / 8192
    assert smallest_p(0) == 1.0
    with pytest.raises(ValueError, match="n: is -1, must be a whole number of at least 0"):
        smallest_p(-1)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e200])
def test_values_that_are_no_data_are_refused(bad: float) -> None:
    for function in (signed_rank_test, rank_biserial):
        with pytest.raises(ValueError, match=r"differences: value .* at position \[1\]"):
            function([1.0, bad, 2.0])
    with pytest.raises(ValueError, match=r"differences: value .* at position \[1, 0\]"):
        signed_rank_tests([[1.0, 2.0], [bad, 3.0]])


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="zeros: is 'split', must be one of 'pratt', 'wilcoxon'"):
        signed_rank_test([1, 2], "split")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"alternative: is 'two\.sided'"):
        signed_rank_test([1, 2], alternative="two.sided")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="resolution: is 0, must be a positive number"):
        signed_rank_test([1, 2], resolution=0)
    with pytest.raises(ValueError, match="must be numbers"):
        signed_rank_test(["a", "b"])
    with pytest.raises(ValueError, match=r"differences: has shape \(1, 2\)"):
        signed_rank_test([[1, 2]])
    with pytest.raises(ValueError, match="at most 1000 fit float64"):
        flip_tails([1] * 1001, 3)
