"""Adjusted p-values against their definitions, max-T against all flips written out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from owncontrol.statistics import adjust, max_t, multiplicity, sign_flip_test, signed_rank_test
from scipy.stats import rankdata

p_values = some.lists(some.floats(0, 1), min_size=1, max_size=12)


@pytest.mark.slow
@settings(max_examples=25)
@given(p_values)
def test_adjustments_by_definition(p: list[float]) -> None:
    m, order = len(p), sorted(range(len(p)), key=p.__getitem__)
    holm, running = [0.0] * m, 0.0
    for position, index in enumerate(order):
        running = max(running, min(1.0, (m - position) * p[index]))
        holm[index] = running
    assert adjust(p, "holm") == pytest.approx(holm)
    bh, running = [0.0] * m, 1.0
    for position in reversed(range(m)):
        running = min(running, m / (position + 1) * p[order[position]])
        bh[order[position]] = running
    assert adjust(p, "BH") == pytest.approx(bh)
    harmonic = sum(1 / k for k in range(1, m + 1))
    hochberg, by = [0.0] * m, [0.0] * m
    run_h = run_y = 1.0
    for position in reversed(range(m)):
        run_h = min(run_h, (m - position) * p[order[position]])
        run_y = min(run_y, harmonic * m / (position + 1) * p[order[position]])
        hochberg[order[position]], by[order[position]] = run_h, run_y
    assert adjust(p, "hochberg") == pytest.approx(hochberg)
    assert adjust(p, "BY") == pytest.approx(by)
    assert adjust(p, "bonferroni") == pytest.approx([min(1, m * value) for value in p])


@pytest.mark.slow
@settings(max_examples=25)
@given(p_values)
def test_adjustments_are_ordered_by_power(p: list[float]) -> None:
    small = 1e-12
    adjusted = {
        name: adjust(p, name) for name in ("bonferroni", "holm", "hochberg", "hommel", "BH")
    }
    for weaker, stronger in itertools.pairwise(adjusted):
        assert (adjusted[stronger] <= adjusted[weaker] + small).all()
    assert (adjusted["BH"] >= np.array(p) - small).all()


def test_hommel_by_closed_testing_with_simes() -> None:
    p = np.array([0.01, 0.02, 0.022, 0.2])
    expected = []
    for i in range(4):
        others = [j for j in range(4) if j != i]
        simes = []
        for size in range(4):
            for chosen in itertools.combinations(others, size):
                subset = np.sort(p[[i, *chosen]])
                simes.append((len(subset) * subset / np.arange(1, len(subset) + 1)).min())
        expected.append(max(simes))
    assert adjust(p, "hommel") == pytest.approx(expected)


def enumerated(scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return raw, single-step and step-down p of |column sums| over all flips."""
    flips = np.array(list(itertools.product((-1, 1), repeat=len(scaled))))
    observed, sums = np.abs(scaled.sum(axis=0)), np.abs(flips @ scaled)
    noise = 1e-9
    raw = (sums >= observed - noise).mean(axis=0)
    single = (sums.max(axis=1)[:, None] >= observed - noise).mean(axis=0)
    order = np.argsort(-observed, kind="stable")
    down, running = np.zeros(len(observed)), 0.0
    for position, endpoint in enumerate(order):
        rest = sums[:, order[position:]].max(axis=1)
        running = max(running, (rest >= observed[endpoint] - noise).mean())
        down[endpoint] = running
    return raw, single, down


@settings(max_examples=40)
@given(
    some.integers(2, 8),
    some.integers(1, 5),
    some.integers(0, 2**31),
    some.sampled_from(["t", "signed-rank"]),
)
def test_max_t_equals_enumeration(n: int, endpoints: int, seed: int, statistic: str) -> None:
    changes = np.random.default_rng(seed).integers(-3, 6, (n, endpoints)).astype(float)
    changes[0] += ~changes.any(axis=0)  # no endpoint without any change
    values = changes
    if statistic == "signed-rank":
        values = np.sign(changes) * rankdata(np.abs(changes), axis=0)
    raw, single, down = enumerated(values / np.sqrt((values**2).sum(axis=0)))
    result = max_t(changes, step_down=True, statistic=statistic)
    assert result.p == pytest.approx(raw, abs=1e-12)
    assert result.p_adjusted == pytest.approx(down, abs=1e-12)
    assert max_t(changes, step_down=False, statistic=statistic).p_adjusted == pytest.approx(
        single, abs=1e-12
    )
    assert result.method == f"exact, all {2**n} sign flips"
    assert result.flips == 2**n


def test_raw_p_are_those_of_the_single_tests() -> None:
    changes = np.random.default_rng(4).integers(-4, 9, (11, 150)).astype(float)
    by_sum = [sign_flip_test(column).p for column in changes.T]
    assert max_t(changes).p == pytest.approx(by_sum, abs=1e-12)
    by_rank = [signed_rank_test(column).p for column in changes.T]
    result = max_t(changes, statistic="signed-rank")
    assert result.p == pytest.approx(by_rank, abs=1e-12)
    assert (result.p_adjusted >= result.p - 1e-12).all()
    single = max_t(changes, step_down=False, statistic="signed-rank").p_adjusted
    assert (single >= result.p_adjusted - 1e-12).all()


def test_sign_of_the_measurement_does_not_matter() -> None:
    changes = np.random.default_rng(9).normal(0.5, 1, (9, 6))
    plain, mirrored = max_t(changes), max_t(-3 * changes)
    assert mirrored.p_adjusted == pytest.approx(plain.p_adjusted)
    assert mirrored.statistic == pytest.approx(-plain.statistic)


def test_above_sixteen_subjects_flips_are_drawn() -> None:
    changes = np.random.default_rng(8).integers(-4, 7, (17, 3)).astype(float)
    result = max_t(changes, draws=20_000, seed=5)
    assert result.method.startswith("Monte Carlo, 20000 sign flips, seed 5, s.e. at most 0.0035")
    assert (result.flips, max_t(changes[:16]).flips) == (20_000, 2**16)
    exact = [sign_flip_test(column).p for column in changes.T]
    assert result.p == pytest.approx(exact, abs=0.015)
    assert (max_t(changes, draws=20_000, seed=5).p_adjusted == result.p_adjusted).all()
    assert min(result.p) >= 1 / 20_001


@pytest.mark.parametrize(("n", "draws"), [(17, 20_000), (300, 1_001), (999, 250)])
def test_flips_drawn_some_at_a_time_are_those_drawn_at_once(n: int, draws: int) -> None:
    values = np.random.default_rng(n).integers(-9, 10, (n, 3)).astype(float)
    signs = np.random.default_rng(5).choice(np.array([-1.0, 1.0]), (draws, n))
    assert (multiplicity._flipped_sums(values, draws, 5) == values.T @ signs.T).all()


def test_resolution_rounds_all_endpoints() -> None:
    changes = np.random.default_rng(8).integers(-4, 7, (7, 3)).astype(float)
    noisy = changes + np.random.default_rng(1).uniform(-0.3, 0.3, (7, 3))
    for statistic in ("t", "signed-rank"):
        rounded = max_t(noisy, statistic=statistic, resolution=1)
        assert rounded.p == pytest.approx(max_t(changes, statistic=statistic).p)


def test_endpoints_without_any_change_are_named() -> None:
    changes = np.array([[1.0, 0, 3], [2, 0, 3], [-1, 0, 3], [2, 0, 3]])
    result = max_t(changes)
    assert result.not_estimable == (1,)
    assert math.isnan(result.statistic[1])
    assert result.p[1] == result.p_adjusted[1] == 1.0
    assert math.isinf(result.statistic[2])
    assert result.p[2] == 2 / 16
    single = max_t([[1.0, 2.0]])
    assert single.not_estimable == (0, 1)
    assert single.p_adjusted.tolist() == [1.0, 1.0]
    assert max_t(np.zeros((4, 2))).p.tolist() == [1.0, 1.0]
    nobody = max_t(np.zeros((0, 2)))
    assert (nobody.n, nobody.not_estimable, nobody.p.tolist()) == (0, (0, 1), [1.0, 1.0])


def test_wrong_input_is_refused() -> None:
    assert adjust([]).shape == (0,)
    with pytest.raises(ValueError, match=r"must be within 0\.\.1"):
        adjust([0.1, 1.2])
    with pytest.raises(ValueError, match=r"p: value nan at position \[0\]"):
        adjust([math.nan])
    with pytest.raises(ValueError, match="method: is 'fdr'"):
        adjust([0.1], "fdr")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"differences: value nan at position \[0, 1\]"):
        max_t([[1.0, math.nan], [2.0, 3.0]])


def test_no_difference_at_all_in_the_sum_is_p_one_whatever_the_rounding() -> None:
    changes = np.array([[0.1, 1.0], [0.2, 2.0], [-0.3, 0.5], [0.7, 0.1], [-0.7, 0.3]])
    assert max_t(changes).p[0] == 1.0
