"""The adapter reads every option that a convention can name, and refuses what it cannot."""

from __future__ import annotations

import math
from typing import Any

import pytest
from owncontrol import statistics as st
from reference_adapter import compute
from scipy.stats import betabinom, binomtest, wilcoxon

CHANGES = [3, -1, 4, 0, 5, -9, 2, 6, 0]


def value(method: str, data: Any, convention: str = "") -> Any:
    return compute({"method": method, "convention": convention, "data": data})


@pytest.mark.parametrize("words", ["two.sided", "two-sided", "two_sided", "two sided"])
def test_every_spelling_of_two_sided(words: str) -> None:
    expected = st.signed_rank_test(CHANGES).p
    assert value("signed_rank_exact_p", CHANGES, f"zero=pratt,{words}") == expected


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("zeros", ["pratt", "wilcoxon"])
def test_alternatives_and_zeros(zeros: str, alternative: str) -> None:
    found = value("signed_rank_exact_p", CHANGES, f"zero={zeros},{alternative}")
    # Exact in scipy as well: up to 13 pairs it enumerates where there are ties.
    zero_method = "pratt" if zeros == "pratt" else "wilcox"
    expected = wilcoxon(CHANGES, zero_method=zero_method, alternative=alternative)
    assert found == pytest.approx(expected.pvalue, abs=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
def test_levels(level: float) -> None:
    words = f"{100 * level:g}% two-sided"
    expected = binomtest(5, 13).proportion_ci(level, method="exact")
    assert value("clopper_pearson", [5, 13], words) == pytest.approx([expected.low, expected.high])
    expected = binomtest(5, 13).proportion_ci(level, method="wilson")
    found = value("wilson", [5, 13], f"{100 * level:g}% no continuity")
    assert found == pytest.approx([expected.low, expected.high])
    expected = binomtest(5, 13).proportion_ci(level, method="wilsoncc")
    found = value("wilson", [5, 13], f"{100 * level:g}% with continuity correction")
    assert found == pytest.approx([expected.low, expected.high])
    one_sided = binomtest(5, 13, alternative="less").proportion_ci(level, method="exact").high
    named = f"upper_bound_one_sided_{100 * level:g}"
    assert value(named, [5, 13]) == pytest.approx(one_sided)
    one_sided = binomtest(5, 13, alternative="greater").proportion_ci(level, method="exact").low
    assert value(f"lower_bound_one_sided_{100 * level:g}", [5, 13]) == pytest.approx(one_sided)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_binomial_tests(alternative: str) -> None:
    expected = binomtest(5, 13, 0.278, alternative).pvalue
    method = f"binomial_test_{alternative.replace('-', '_')}"
    assert value(method, [5, 13, 0.9], "p0=0.278") == pytest.approx(expected)
    assert value(method, [5, 13, 0.278]) == pytest.approx(expected)


def test_priors() -> None:
    history = [6, 13, 52, 187]
    for words, (a, b) in (
        ("Jeffreys Beta(.5,.5) prior", (0.5, 0.5)),
        ("uniform prior", (1, 1)),
        ("Beta(2, 3) prior", (2, 3)),
    ):
        predicted = betabinom(13, a + 52, b + 135)
        greater = value("beta_binomial_predictive_p_greater", history, words)
        assert greater == pytest.approx(predicted.sf(5))
        less = value("beta_binomial_predictive_p_less", history, words)
        assert less == pytest.approx(predicted.cdf(6))


def test_zeros_left_out_of_the_estimate() -> None:
    kept = [change for change in CHANGES if change]
    words = "median of all Walsh averages, zeros dropped"
    assert value("hodges_lehmann", CHANGES, words) == st.hodges_lehmann(kept).value
    included = value("hodges_lehmann", CHANGES, "zeros included")
    assert included == st.hodges_lehmann(CHANGES).value
    interval = value("hl_ci_walsh_order_statistics", CHANGES, "90% closed, zeros dropped")
    assert interval["ci"] == [
        st.hodges_lehmann(kept, 0.9).lower,
        st.hodges_lehmann(kept, 0.9).upper,
    ]


def test_scores_of_grades() -> None:
    table = [[4, 3, 2], [0, 5, 1], [0, 0, 6]]
    name = "marginal_homogeneity_linear_scores_exact_p"
    assert value(name, table, "greater, scores 1..k") == 2.0**-6
    listed = value(name, table, "two.sided, scores 0, 1, 5")
    assert listed == st.marginal_homogeneity(table, [0, 1, 5]).p


@pytest.mark.parametrize("name", ["BH", "bh", "fdr", "BY", "holm", "hommel", "hochberg"])
def test_adjustments(name: str) -> None:
    assert len(value(f"p_adjust_{name}", [0.01, 0.02, 0.5])) == 3


def test_nothing_to_estimate_is_none() -> None:
    assert value("matched_rank_biserial", [0, 0, 0], "zero=pratt") is None
    never = {"time": [3, 4], "event": [0, 0]}
    assert value("kaplan_meier_median", never) is None


@pytest.mark.parametrize(
    ("method", "data", "convention"),
    [
        ("signed_rank_exact_p", CHANGES, "zero=zsplit,two.sided"),
        ("bowker", [[1, 2], [3, 4]], "chi2 with continuity correction"),
        ("westfall_young_maxT_stepdown", [[1, 2], [2, 1]], "paired t, greater"),
        ("hl_ci_inversion_tie_aware", CHANGES, "95% hull, exact Wilcoxon"),
        ("student_t", CHANGES, ""),
    ],
)
def test_what_the_project_does_not_have_is_refused(method: str, data: Any, convention: str) -> None:
    with pytest.raises(KeyError):
        value(method, data, convention)


def test_a_missing_number_is_none() -> None:
    found = value("stuart_maxwell", [[3, 0], [0, 4]], "chi2")
    assert found["stat"] is None
    assert not math.isnan(value("stuart_maxwell_exact_p", [[3, 0], [0, 4]]))
