"""Many pairs: the fast ways give what the plain definitions give."""

import numpy as np
import pytest
from owncontrol.statistics import count_directions, multiplicity, walsh
from owncontrol.statistics.hodges_lehmann import hodges_lehmann, walsh_order
from owncontrol.statistics.result import choose_tail, normal_tails, to_grid
from owncontrol.statistics.signed_rank import (
    rank_biserial,
    signed_rank_p,
    signed_rank_test,
    signed_ranks,
)


def scores(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-9, 40, n) / 2


def anything(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(3, 10, n)


@pytest.mark.parametrize("values", [scores(700, 1), anything(700, 2), np.full(600, 1.5)])
@pytest.mark.parametrize("counted", [0, 10**6])
def test_hodges_lehmann_is_the_median_of_all_walsh_averages(
    values: np.ndarray, counted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walsh, "_COUNTED", counted)
    first, second = np.triu_indices(len(values))
    averages = np.sort((values[first] + values[second]) / 2)
    k, _ = walsh_order(len(values))
    result = hodges_lehmann(values)
    expected = [float(np.median(averages)), averages[k - 1], averages[-k]]
    assert [result.value, result.lower, result.upper] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("zeros", ["pratt", "wilcoxon"])
@pytest.mark.parametrize(
    "values", [scores(900, 3), anything(600, 4), np.zeros(501), np.r_[np.zeros(500), 1.0, -2.0]]
)
def test_rank_sums_are_those_of_single_ranks(values: np.ndarray, zeros: str) -> None:
    ranks, positive_sum = signed_ranks(to_grid(values.tolist(), None), zeros)
    result = signed_rank_test(values, zeros)
    assert result.value == positive_sum / 2
    if not ranks:
        assert result.p == 1.0
        assert not rank_biserial(values, zeros).estimable
        return
    z = (2 * positive_sum - sum(ranks)) / sum(rank * rank for rank in ranks) ** 0.5
    assert result.p == pytest.approx(choose_tail("two-sided", *normal_tails(z)), rel=1e-12)
    share = (2 * positive_sum - sum(ranks)) / sum(ranks)
    assert rank_biserial(values, zeros).value == share


def test_a_hundred_thousand_pairs_take_no_table_of_all_averages() -> None:
    result = hodges_lehmann(np.r_[scores(50_000, 5), scores(50_000, 6)])
    assert result.n == 100_000
    assert 7.0 <= result.lower <= result.value <= result.upper <= 8.0


def test_max_t_of_many_subjects_is_that_of_drawn_flips(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    shared = rng.normal(0, 1, 1200)
    columns = [shared + rng.normal(shift, 2, 1200) for shift in (0.0, 0.06, 0.12)]
    matrix = np.column_stack(columns)
    limit = multiplicity.max_t(matrix, draws=20_000)
    monkeypatch.setattr(multiplicity, "NORMAL_PAIRS", 10**6)
    drawn = multiplicity.max_t(matrix, draws=4_000)
    assert "joint normal limit" in limit.method
    assert "sign flips" in drawn.method
    assert limit.statistic == pytest.approx(drawn.statistic)
    assert limit.p_adjusted == pytest.approx(drawn.p_adjusted, abs=0.03)
    assert limit.p == pytest.approx(drawn.p, abs=0.03)


@pytest.mark.parametrize("zeros", ["pratt", "wilcoxon"])
@pytest.mark.parametrize("alternative", ["greater", "two-sided"])
@pytest.mark.parametrize(
    ("values", "resolution"),
    [(scores(900, 3), None), (scores(40, 3), 1.0), (anything(600, 4), 0.5)],
)
def test_p_of_counted_differences_is_that_of_each_by_itself(
    values: np.ndarray, resolution: float | None, zeros: str, alternative: str
) -> None:
    distinct, counts = np.unique(values, return_counts=True)
    for shift, more in ((0.0, 3), (float(values[0]), 1), (-2.5, 2)):
        # A difference that is there already may be given once more.
        some = np.append(distinct - shift, 4.0)
        p = signed_rank_p(some, np.append(counts, more), zeros, alternative, resolution)
        each = np.concatenate([values - shift, np.full(more, 4.0)])
        assert p == signed_rank_test(each, zeros, alternative, resolution).p


@pytest.mark.parametrize("values", [scores(900, 3), anything(600, 4), np.zeros(501)])
@pytest.mark.parametrize("resolution", [None, 1.0])
def test_directions_of_many_are_those_of_each(values: np.ndarray, resolution: float | None) -> None:
    steps = to_grid(values.tolist(), resolution)
    up, down = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
    assert count_directions(values, resolution) == (up, len(values) - up - down, down)
