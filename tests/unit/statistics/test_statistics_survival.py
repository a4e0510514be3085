"""Turnbull's estimate against its optimality conditions, Kaplan-Meier against its product."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from owncontrol.statistics import kaplan_meier, turnbull
from owncontrol.statistics.survival import _innermost

# A last look without the event, and the step to the first look with it (None: never seen).
looks = some.tuples(some.integers(0, 8), some.sampled_from([0, 1, 2, 3, 5, None]))
samples = some.lists(looks, min_size=2, max_size=14)


def to_intervals(sample: list[tuple[int, int | None]]) -> tuple[list[float], list[float]]:
    left = [float(start) for start, _ in sample]
    right = [math.inf if step is None else float(start + step) for start, step in sample]
    return left, right


def likelihood_terms(
    left: list[float], right: list[float], places: np.ndarray, closure: str
) -> np.ndarray:
    """Return which subject's interval contains which single time."""
    low, high = np.array(left)[:, None], np.array(right)[:, None]
    inside = (places > low) & (places <= high)
    if closure == "closed":
        inside = (places >= low) & (places <= high)
    return inside | ((low == high) & (places == low))


@settings(max_examples=60)
@given(samples, some.sampled_from(["half-open", "closed"]))
def test_no_time_whatever_raises_the_likelihood(
    sample: list[tuple[int, int | None]], closure: str
) -> None:
    left, right = to_intervals(sample)
    curve = turnbull(left, right, closure)
    assert sum(curve.mass) == pytest.approx(1)
    assert min(curve.mass) > 0
    # A point inside each interval stands for it; every time of a fine grid is then tried.
    inside = [
        end if end < math.inf else start + 0.5
        for start, end in zip(curve.left, curve.right, strict=True)
    ]
    support = likelihood_terms(left, right, np.array(inside), closure)
    chances = support @ np.array(curve.mass)
    assert curve.log_likelihood == pytest.approx(np.log(chances).sum(), abs=1e-8)
    grid = np.arange(0, 16, 0.25)
    gradient = (likelihood_terms(left, right, grid, closure) / chances[:, None]).mean(axis=0)
    assert gradient.max() <= 1 + 1e-7


@settings(max_examples=30)
@given(samples)
def test_no_less_likely_than_a_long_em(sample: list[tuple[int, int | None]]) -> None:
    left, right = to_intervals(sample)
    curve = turnbull(left, right)
    terms = likelihood_terms(left, right, np.arange(0, 16, 0.5), "half-open").astype(float)
    mass = np.full(terms.shape[1], 1 / terms.shape[1])
    for _ in range(2000):
        mass *= (terms / (terms @ mass)[:, None]).mean(axis=0)
    assert curve.log_likelihood >= np.log(terms @ mass).sum() - 1e-8


@given(some.lists(some.integers(0, 6), min_size=2, max_size=20))
def test_exact_times_give_the_empirical_distribution(times: list[int]) -> None:
    for curve in (turnbull(times, times), kaplan_meier(times, np.ones(len(times)))):
        assert curve.right == tuple(sorted(set(map(float, times))))
        expected = [times.count(t) / len(times) for t in sorted(set(times))]
        assert curve.mass == pytest.approx(expected, abs=1e-9)


@given(some.lists(some.tuples(some.integers(1, 9), some.booleans()), min_size=2, max_size=20))
def test_right_censoring_alone_gives_kaplan_meier(sample: list[tuple[int, bool]]) -> None:
    times, events = [t for t, _ in sample], [e for _, e in sample]
    curve = kaplan_meier(times, events)
    expected = 1.0
    for time, survival in zip(curve.right, curve.survival, strict=True):
        expected *= 1 - sum(t == time and e for t, e in sample) / sum(t >= time for t in times)
        assert survival == pytest.approx(expected, abs=1e-12)
    exact = turnbull(times, [t if e else math.inf for t, e in sample])
    for time in set(times):
        low, high = exact.survival_after(time)
        assert low == pytest.approx(high, abs=1e-9) or any(
            left < time < right for left, right in zip(exact.left, exact.right, strict=True)
        )
        assert curve.survival_after(time)[1] == pytest.approx(high, abs=1e-7)


@given(samples, some.integers(1, 5), some.randoms(use_true_random=False))
def test_order_and_unit_of_time_do_not_matter(
    sample: list[tuple[int, int | None]], unit: int, random: object
) -> None:
    left, right = to_intervals(sample)
    curve = turnbull(left, right)
    shuffled = list(zip(left, right, strict=True))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = turnbull(*np.array(shuffled).T * unit)
    assert other.log_likelihood == pytest.approx(curve.log_likelihood, abs=1e-9)


def test_closed_and_half_open_differ_at_the_visits() -> None:
    left, right = [0, 0, 7, 7, 7], [7, 7, 14, 14, math.inf]
    assert turnbull(left, right).survival_after(7) == pytest.approx((0.6, 0.6))
    assert turnbull(left, right, "closed").survival_after(7)[1] < 0.6


def test_quantiles_and_survival_between_visits() -> None:
    curve = turnbull([0, 0, 7, 7], [7, 7, 14, math.inf])
    assert curve.survival_after(3) == pytest.approx((0.5, 1.0))
    assert curve.survival_after(7) == pytest.approx((0.5, 0.5))
    assert curve.quantile(0.5) == (0, 7)
    assert curve.quantile(0.75) == (7, 14)
    # (7, 14] lies inside (7, infinity): the maximum puts all the rest there.
    assert curve.quantile(0.9) == (7, 14)
    product_limit = kaplan_meier([1, 2, 3, 4], [1, 0, 1, 0])
    assert product_limit.quantile(0.5) == (3, 3)
    assert product_limit.quantile(0.9) == (math.inf, math.inf)
    assert product_limit.survival_after(0.5) == (1, 1)
    assert (product_limit.n, product_limit.events) == (4, 2)


def test_many_subjects_converge() -> None:
    rng = np.random.default_rng(2)
    left = rng.integers(0, 200, 400).astype(float)
    right = np.where(rng.random(400) < 0.2, math.inf, left + rng.integers(1, 60, 400))
    curve = turnbull(left, right)
    assert curve.reason == ""
    assert curve.kkt_excess <= 1e-9


def test_degenerate_and_wrong_times() -> None:
    assert turnbull([1], [2]).reason == "fewer than two subjects"
    assert kaplan_meier([], []).reason == "fewer than two subjects"
    assert math.isnan(turnbull([1], [2]).survival_after(3)[0])
    unseen = turnbull([5, 9], [math.inf, math.nan])
    assert unseen.events == 0
    assert unseen.survival_after(8) == (1, 1)
    assert kaplan_meier([5, 9], [0, 0]).survival == (1, 1)
    with pytest.raises(ValueError, match=r"right: 1 at position \[1\] is before left 2"):
        turnbull([0, 2], [3, 1])
    with pytest.raises(ValueError, match="left has shape"):
        turnbull([0, 2], [3])
    with pytest.raises(ValueError, match="must be 0 or 1"):
        kaplan_meier([1, 2], [1, 2])
    with pytest.raises(ValueError, match="time has shape"):
        kaplan_meier([1, 2], [1])


ends = some.lists(some.tuples(some.integers(0, 6), some.integers(0, 6) | some.none()), min_size=2)


@given(ends, some.sampled_from(["half-open", "closed"]))
def test_innermost_intervals_by_definition(
    sample: list[tuple[int, int | None]], closure: str
) -> None:
    times = [(low, math.inf if wide is None else low + wide) for low, wide in sample]
    # Each end is a time and a side: 0 starts at it, 1 ends at it, 2 starts just after it.
    opening = [(low, 2 if closure == "half-open" and high > low else 0) for low, high in times]
    closing = [(high, 1) for _, high in times]
    places = sorted({*opening, *closing})
    pairs = [(a, b) for a, b in itertools.pairwise(places) if a[1] != 1 and b[1] == 1]
    starts, stops = np.array(times, dtype=float).T
    left, right, covers = _innermost(starts, stops, closure)  # type: ignore[arg-type]
    assert left.tolist() == [a[0] for a, _ in pairs]
    assert right.tolist() == [b[0] for _, b in pairs]
    assert covers.tolist() == [
        [low <= a and b <= high for a, b in pairs]
        for low, high in zip(opening, closing, strict=True)
    ]
