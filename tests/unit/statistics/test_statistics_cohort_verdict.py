"""The verdict on a cohort against its definition: quadrature, enumeration, simulation."""

import math
from dataclasses import FrozenInstanceError
from itertools import product

import numpy as np
import pytest
from owncontrol.statistics import cohort_verdict
from owncontrol.statistics.cohort_verdict import (
    Direction,
    Group,
    LogitRate,
    decide,
    detectable_log_odds,
    expected_improved,
    improved_distribution,
    limits,
    power,
    smallest_cohort,
)
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import binom, norm, t

A, B, C = LogitRate(-1.24, 0.45), LogitRate(0.2, 0.5, 6.0), LogitRate(1.3, 0.6, 3.0)
MIXES = [(6, 2, 5), (13, 0, 0), (0, 4, 9), (20, 8, 11), (1, 1, 1)]


def groups(counts, rates=(A, B, C)):
    return [Group(n, rate) for n, rate in zip(counts, rates, strict=True)]


def conditional(counts, rates, quantile, log_odds=(0.0, 0.0, 0.0)):
    """Distribution of the number improved, the cohort's deviation given as a quantile."""
    chances = np.ones(1)
    for n, rate, more in zip(counts, rates, log_odds, strict=True):
        distribution = norm if math.isinf(rate.df) else t(rate.df)
        share = expit(rate.mean + rate.spread * distribution.ppf(quantile) + more)
        chances = np.convolve(chances, binom.pmf(np.arange(n + 1), n, share))
    return chances


def test_a_known_rate_is_binomial():
    rate = LogitRate(float(logit(0.3)), 0.0)
    np.testing.assert_allclose(
        improved_distribution([Group(9, rate)]), binom.pmf(np.arange(10), 9, 0.3), rtol=1e-12
    )


@pytest.mark.slow
@pytest.mark.parametrize("counts", MIXES)
def test_the_distribution_is_the_integral_over_the_deviation(counts):
    chances = improved_distribution(groups(counts))
    assert chances.sum() == pytest.approx(1, abs=1e-12)
    for improved in (0, sum(counts) // 2, sum(counts)):

        def at(z, improved=improved):
            return conditional(counts, (A, B, C), norm.cdf(z))[improved] * norm.pdf(z)

        expected = quad(at, -8, 8, limit=400, epsabs=1e-11)[0]
        assert chances[improved] == pytest.approx(expected, abs=2e-8)


@pytest.mark.parametrize("counts", MIXES)
@pytest.mark.parametrize("alpha", [0.025, 0.05, 0.005])
def test_the_error_is_enumerated_and_kept(counts, alpha):
    mix = groups(counts)
    edges = limits(mix, mix, alpha)
    chances = improved_distribution(mix)
    tails = [chances[k:].sum() for k in range(sum(counts) + 1)]
    if edges.more_from is None:
        assert tails[-1] > alpha
    else:
        assert tails[edges.more_from] <= alpha < tails[edges.more_from - 1]
    assert all(chance <= alpha for chance in power(mix, mix, 0.0, alpha))


@pytest.mark.parametrize("counts", [(6, 2, 5), (5, 4, 4), (13, 6, 20)])
def test_the_error_is_kept_where_rates_of_grades_do_not_hang_together(counts):
    random = np.random.default_rng(20261129)
    edges = limits(groups(counts), groups(counts))
    improved = np.zeros(200_000, int)
    for n, rate in zip(counts, (A, B, C), strict=True):
        drawn = rate.mean + rate.spread * random.standard_t(min(rate.df, 1e9), len(improved))
        improved += random.binomial(n, expit(drawn))
    assert (improved >= edges.more_from).mean() < 0.025
    assert (improved <= edges.fewer_to).mean() < 0.025


@pytest.mark.slow
def test_a_grade_is_shown_falsely_no_more_often_than_alpha():
    """Grade A gains much, B and C nothing: every outcome, with the chance that it has."""
    counts, rates, log_odds = (4, 7, 3), (A, A, B), (3.0, 0.0, 0.0)
    wrong = 0.0
    scores = np.linspace(-6, 6, 121)
    weights = norm.pdf(scores) / norm.pdf(scores).sum()
    quantiles = norm.cdf(scores)
    shares = []
    for rate, more in zip(rates, log_odds, strict=True):
        distribution = norm if math.isinf(rate.df) else t(rate.df)
        shares.append(expit(rate.mean + rate.spread * distribution.ppf(quantiles) + more))
    for outcome in product(*(range(n + 1) for n in counts)):
        verdict = decide(outcome, *[groups(counts, rates)] * 2)
        if min(verdict.more[1:]) <= 0.025:
            chance = weights.copy()
            for count, n, share in zip(outcome, counts, shares, strict=True):
                chance *= binom.pmf(count, n, share)
            wrong += chance.sum()
    assert 0 < wrong <= 0.025


def test_a_grade_needs_every_set_that_holds_it():
    outcome, counts = (5, 1, 4), (6, 2, 5)
    verdict = decide(outcome, *[groups(counts)] * 2)
    p = {}
    for members in ([0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]):
        chances = improved_distribution([groups(counts)[place] for place in members])
        p[tuple(members)] = chances[sum(outcome[place] for place in members) :].sum()
    for grade in range(3):
        largest = max(value for members, value in p.items() if grade in members)
        assert verdict.more[grade] == pytest.approx(largest)
    assert verdict.p_more == pytest.approx(p[0, 1, 2])


def test_both_directions_and_neither():
    counts = (13, 6, 20)
    many, few, usual = (
        decide(x, *[groups(counts)] * 2) for x in ((13, 6, 20), (0, 0, 0), (3, 3, 15))
    )
    assert many.direction is Direction.MORE
    assert few.direction is Direction.FEWER
    assert usual.direction is Direction.NOT_DECIDED
    assert usual.expected_high == pytest.approx(expected_improved(groups(counts)))
    assert decide((0, 0, 0), *[groups((0, 0, 0))] * 2).direction is Direction.NOT_DECIDED


def test_an_empty_grade_changes_nothing():
    with_it, without = (
        decide((5, 0, 4), *[groups((6, 0, 5))] * 2),
        decide((5, 4), *[groups((6, 5), (A, C))] * 2),
    )
    assert (with_it.p_more, with_it.p_fewer) == (without.p_more, without.p_fewer)
    assert math.isnan(with_it.more[1])


@pytest.mark.parametrize("counts", [(6, 2, 5), (13, 6, 20)])
def test_what_could_be_shown_is_shown_with_the_power_asked_for(counts):
    mix = groups(counts)
    up, down = detectable_log_odds(mix, mix, 0.8)
    assert power(mix, mix, up)[0] == pytest.approx(0.8, abs=1e-6)
    assert power(mix, mix, down)[1] == pytest.approx(0.8, abs=1e-6)
    assert up > 0 > down


def test_the_smallest_cohort_is_that_of_enumeration():
    """A known rate of 0.3, and one of 0.8 with the treatment: binomial tails alone."""
    known = [Group(3, LogitRate(float(logit(0.3)), 0.0))]
    log_odds = float(logit(0.8) - logit(0.3))

    def has_power(n):
        tails = binom.sf(np.arange(n + 1) - 1, n, 0.3)
        return (
            binom.sf(np.flatnonzero(tails <= 0.025)[0] - 1, n, 0.8) >= 0.8
            if any(tails <= 0.025)
            else False
        )

    first = next(n for n in range(2, 60) if has_power(n))
    assert smallest_cohort(known, known, log_odds) == first
    rare = [Group(1, LogitRate(float(logit(0.001)), 0.0))]
    assert power(rare, rare, 10.0)[0] > 0.8
    assert smallest_cohort(rare, rare, 10.0) == 2  # one patient is no cohort
    far = [Group(2, LogitRate(0.0, 2.0))]
    assert smallest_cohort(far, far, 1.0, most=64) is None


@pytest.mark.parametrize(
    ("rate", "spread", "log_odds", "smallest"), [(0.1, 0.0, 1.0, 34), (0.5, 0.3, 1.0, 39)]
)
def test_the_smallest_cohort_is_so_where_power_goes_up_and_down(rate, spread, log_odds, smallest):
    def of(n):
        return [Group(n, LogitRate(float(logit(rate)), spread))]

    powers = [power(of(n), of(n), log_odds, 0.05)[0] for n in range(2, smallest + 6)]
    assert min(powers[smallest - 2 :]) < 0.7 <= powers[smallest - 2]
    assert max(powers[: smallest - 2]) < 0.7
    assert smallest_cohort(of(1), of(1), log_odds, 0.7, 0.05, most=80) == smallest


def test_a_cohort_that_can_show_nothing():
    certain = [Group(3, LogitRate(6.0, 0.5))]
    assert limits(certain, certain).more_from is None
    assert math.isnan(detectable_log_odds(certain, certain)[0])
    assert power(certain, certain)[0] == 0


def test_each_direction_has_rates_of_its_own():
    high, low = [Group(20, LogitRate(0.0, 0.3))], [Group(20, LogitRate(-0.8, 0.3))]
    edges = limits(high, low)
    assert edges.more_from == limits(high, high).more_from > limits(low, low).more_from
    assert edges.fewer_to == limits(low, low).fewer_to < limits(high, high).fewer_to
    verdict = decide([7], high, low)
    assert verdict.direction is Direction.NOT_DECIDED
    assert verdict.expected_high == pytest.approx(10)
    assert verdict.expected_low < 7
    with pytest.raises(ValueError, match="the same groups"):
        limits(high, [Group(19, LogitRate(-1.5, 0.3))])


@pytest.mark.slow
def test_a_large_cohort_is_nearly_the_exact_one(monkeypatch):
    exact = improved_distribution(groups((400, 200, 400)))
    monkeypatch.setattr(cohort_verdict, "EXACT", 999)
    nearly = improved_distribution(groups((400, 200, 400)))
    assert nearly.sum() == pytest.approx(1)
    assert 0 < np.abs(np.cumsum(exact) - np.cumsum(nearly)).max() < 1e-4


def test_what_cannot_be_a_cohort_is_refused():
    with pytest.raises(ValueError, match="no more than 8"):
        decide([1] * 9, [Group(2, A)] * 9, [Group(2, A)] * 9)
    with pytest.raises(ValueError, match="at most 2"):
        decide([3], [Group(2, A)], [Group(2, A)])
    with pytest.raises(ValueError, match="2 counts for 1"):
        decide([1, 1], [Group(2, A)], [Group(2, A)])
    with pytest.raises(ValueError, match="spread of at least 0"):
        improved_distribution([Group(2, LogitRate(0, -1))])
    with pytest.raises(ValueError, match="alpha"):
        limits([Group(2, A)], [Group(2, A)], 0)


def test_a_p_value_is_at_most_one():
    """The chances of all counts of 45 patients sum to 1 and some rounding."""
    cohort = [Group(45, LogitRate(2.0, 0.0))]
    found = decide([0], cohort, cohort)
    assert (found.p_more, *found.more) == (1.0, 1.0)
    assert decide([45], cohort, cohort).p_fewer == 1.0


def test_a_cohort_is_not_changed_after_its_verdict():
    group = Group(3, LogitRate(0.0, 1.0))
    with pytest.raises(FrozenInstanceError):
        group.n = 4
    with pytest.raises(FrozenInstanceError):
        group.rate.mean = 1.0
