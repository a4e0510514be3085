"""Comparison with published rates, and the bounds on what missed visits could change."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from owncontrol.statistics import (
    beta_binomial_predictive,
    binomial_test,
    missing_cases,
    p_over_rates,
    poisson_binomial,
    signed_rank_test,
    tipping_change,
    tipping_rate,
)
from owncontrol.statistics.signed_rank import EXACT_PAIRS
from scipy.integrate import quad
from scipy.stats import beta, binom

ONE_SIDED = ("greater", "less")
counts = some.integers(1, 20).flatmap(lambda n: some.tuples(some.integers(0, n), some.just(n)))


@pytest.mark.parametrize("case", [(6, 13, 52, 187), (0, 4, 3, 9), (5, 5, 0, 20), (2, 7, 35, 203)])
def test_predictive_p_is_the_binomial_p_averaged_over_rates(
    case: tuple[int, int, int, int],
) -> None:
    events, n, old, old_n = case
    posterior = beta(0.5 + old, 0.5 + old_n - old)
    for alternative, tail in (
        ("greater", lambda rate: binom.sf(events - 1, n, rate)),
        ("less", lambda rate: binom.cdf(events, n, rate)),
    ):
        expected = quad(lambda r, t=tail: t(r) * posterior.pdf(r), 0, 1, points=[posterior.mean()])[
            0
        ]
        p = beta_binomial_predictive(*case, alternative=alternative).p
        assert p == pytest.approx(expected, rel=1e-6)


def test_predictive_p_nears_the_binomial_p_as_the_history_grows() -> None:
    large = beta_binomial_predictive(6, 13, 278_000, 1_000_000).p
    assert large == pytest.approx(binomial_test(6, 13, 0.278, "greater").p, abs=1e-4)
    assert beta_binomial_predictive(6, 13, 5, 18).p > large
    assert (
        beta_binomial_predictive(6, 13, 5, 18, (1, 1)).p != beta_binomial_predictive(6, 13, 5, 18).p
    )


@given(some.lists(some.floats(0, 1), min_size=1, max_size=8), some.data())
def test_poisson_binomial_equals_enumeration(rates: list[float], data: some.DataObject) -> None:
    events = data.draw(some.integers(0, len(rates)))
    chances = [0.0] * (len(rates) + 1)
    for outcome in itertools.product((0, 1), repeat=len(rates)):
        parts = [r if hit else 1 - r for r, hit in zip(rates, outcome, strict=True)]
        chances[sum(outcome)] += math.prod(parts)
    assert poisson_binomial(events, rates).p == pytest.approx(sum(chances[events:]), abs=1e-12)
    less = poisson_binomial(events, rates, "less").p
    assert less == pytest.approx(sum(chances[: events + 1]), abs=1e-12)


@given(counts, some.floats(0.01, 0.99), some.sampled_from(ONE_SIDED))
def test_one_rate_for_all_is_the_binomial_test(
    case: tuple[int, int], rate: float, alternative: str
) -> None:
    events, n = case
    expected = binomial_test(events, n, rate, alternative).p
    assert poisson_binomial(events, [rate] * n, alternative).p == pytest.approx(expected, rel=1e-9)
    assert p_over_rates(events, n, [rate], alternative)[0] == pytest.approx(expected, rel=1e-9)


@given(counts, some.sampled_from([0.01, 0.05, 0.2]))
def test_tipping_rate_is_where_p_is_alpha(case: tuple[int, int], alpha: float) -> None:
    events, n = case
    for alternative in ONE_SIDED:
        rate = tipping_rate(events, n, alpha, alternative).value
        if 0 < rate < 1:
            assert p_over_rates(events, n, [rate], alternative)[0] == pytest.approx(alpha, rel=1e-8)
        else:
            assert events == (0 if alternative == "greater" else n)


def test_p_over_rates_rises_with_the_rate_and_two_sided_doubles() -> None:
    rates = np.linspace(0, 1, 101)
    greater, less = p_over_rates(4, 6, rates), p_over_rates(4, 6, rates, "less")
    assert (np.diff(greater) >= 0).all()
    assert (np.diff(less) <= 0).all()
    both = p_over_rates(4, 6, rates, "two-sided")
    assert both == pytest.approx(np.minimum(1, 2 * np.minimum(greater, less)))
    assert (p_over_rates(0, 6, rates) == 1).all()


def test_grade_c_says_nothing_and_grade_a_something() -> None:
    # Khorasanizadeh 2019: grade C improves in 87.3 % untreated; Kawano 2020: grade A in 35 of 203.
    assert p_over_rates(5, 5, [0.873])[0] > 0.5
    assert beta_binomial_predictive(5, 6, 35, 203).p < 0.01


def test_no_subjects_and_wrong_rates() -> None:
    assert beta_binomial_predictive(0, 0, 3, 9).reason == "no subjects"
    assert poisson_binomial(0, []).reason == "no subjects"
    assert tipping_rate(0, 0, 0.05).reason == "no subjects"
    with pytest.raises(ValueError, match="n: is 0"):
        p_over_rates(0, 0, [0.5])
    with pytest.raises(ValueError, match=r"rates: is 1\.5"):
        poisson_binomial(1, [0.2, 1.5])
    with pytest.raises(ValueError, match="historical_events: is 10"):
        beta_binomial_predictive(1, 3, 10, 9)
    with pytest.raises(ValueError, match="prior: is"):
        beta_binomial_predictive(1, 3, 1, 9, (0, 1))
    with pytest.raises(ValueError, match="must be 'greater' or 'less'"):
        tipping_rate(1, 3, 0.05, alternative="two-sided")


def test_missing_visits_at_their_bounds() -> None:
    changes = [3, 5, 0, 2, 4, -1, 6]
    cases = missing_cases(changes, worst=[-10, -4], best=[12, 20])
    assert cases["complete"] == signed_rank_test(changes)
    assert cases["worst"] == signed_rank_test([*changes, -10, -4])
    assert cases["best"] == signed_rank_test([*changes, 12, 20])
    assert cases["best"].p < cases["worst"].p
    none = missing_cases(changes, [], [])
    assert none["worst"] == none["best"] == none["complete"]


@given(some.lists(some.integers(-2, 9), min_size=4, max_size=10), some.integers(1, 3))
def test_tipping_change_is_the_edge(changes: list[int], missing: int) -> None:
    def p(change: float) -> float:
        return signed_rank_test([*changes, *[change] * missing], alternative="greater").p

    result = tipping_change(changes, missing, -12, 12, 1)
    if result.estimable:
        assert all(p(change) <= 0.05 for change in range(int(result.value), 13))
        assert result.value == -12 or p(result.value - 1) > 0.05
    else:
        assert "no common change up to 12" in result.reason
        assert p(12) > 0.05


@pytest.mark.parametrize(
    ("negative", "edge"), [(230, -509), (262, -206), (280, 0), (286, 41), (298, 212), (310, 326)]
)
def test_the_edge_is_found_among_very_many_changes(negative: int, edge: int) -> None:
    """Wherever it lies: near an end, in the lower half of what may be given, in the upper one."""
    sizes, lowered = np.arange(1, 601), np.random.default_rng(5).permutation(600)
    changes = np.where(lowered < negative, -sizes, sizes).tolist()

    def p(change: int) -> float:
        return signed_rank_test([*changes, *[change] * 60], alternative="greater").p

    assert tipping_change(changes, 60, -700, 700, 1).value == edge
    assert p(edge) <= 0.05 < p(edge - 1)


@pytest.mark.parametrize("n", [EXACT_PAIRS, EXACT_PAIRS + 1])
def test_the_tests_behind_a_tipping_change_are_exact_for_as_many_as_any(n: int) -> None:
    changes = [1.0] * (n - 2)
    kind = signed_rank_test([*changes, 1, 1]).method.partition(" ")[0].rstrip(",")
    assert tipping_change(changes, 2, 0, 1, 1).method.startswith(kind)


def test_wrong_missing_input_is_refused() -> None:
    with pytest.raises(ValueError, match="best: 1 values, worst has 2"):
        missing_cases([1, 2], [0, 0], [1])
    with pytest.raises(ValueError, match="below the worst"):
        missing_cases([1, 2], [3], [1])
    with pytest.raises(ValueError, match="step: is 0"):
        tipping_change([1, 2], 1, 0, 5, 0)
    with pytest.raises(ValueError, match="highest: -1"):
        tipping_change([1, 2], 1, 0, -1, 1)
    assert tipping_change([], 3, 0, 5, 1).reason == "no complete pairs"


def test_predicted_shares_are_of_the_patients_seen() -> None:
    assert beta_binomial_predictive(6, 13, 5, 18).value == 6 / 13
    assert beta_binomial_predictive(0, 13, 5, 18).value == 0


@pytest.mark.parametrize("name", ["n", "historical_n"])
def test_a_number_of_patients_is_not_negative(name: str) -> None:
    counts = {"events": 0, "n": 0, "historical_events": 0, "historical_n": 0}
    assert beta_binomial_predictive(**counts).reason == "no subjects"
    with pytest.raises(ValueError, match=f"{name}: is -1, must be a whole number of at least 0"):
        beta_binomial_predictive(**counts | {name: -1})
