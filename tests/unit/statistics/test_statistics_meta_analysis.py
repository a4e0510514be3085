"""Rates combined, and what they predict: metafor's values, the definitions, brute force."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some
from owncontrol import statistics as st
from reference_adapter import compute
from scipy.linalg import null_space
from scipy.stats import betabinom, binom, multivariate_normal, norm, t

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "meta_analysis.json"
GRADE_A = ([35, 15, 74, 6, 42, 15, 42, 52, 327, 36], [203, 80, 482, 53, 139, 62, 161, 187, 1162])
GRADE_A[1].append(170)
METHODS = ("DL", "REML", "PM")
source = some.integers(1, 400).flatmap(lambda n: some.tuples(some.integers(0, n), some.just(n)))
sources = some.lists(source, min_size=2, max_size=7)


def entries() -> list[dict[str, Any]]:
    if not REFERENCE.exists():
        return []
    return json.loads(REFERENCE.read_text(encoding="utf-8"))["entries"]


def logits(found: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Logit and variance, with half an event added where there are none or only such."""
    pairs = [(x + 0.5, n - x + 0.5) if x in (0, n) else (float(x), float(n - x)) for x, n in found]
    return (
        np.array([math.log(x / rest) for x, rest in pairs]),
        np.array([1 / x + 1 / rest for x, rest in pairs]),
    )


def combined(found: list[tuple[int, int]], *options: Any) -> st.MetaAnalysis:
    return st.meta_analysis([x for x, _ in found], [n for _, n in found], *options)


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry["id"])
def test_values_of_metafor(entry: dict[str, Any]) -> None:
    given = {key: entry[key] for key in ("events", "n", "tau2_method", "test")}
    found = compute({"method": "meta_analysis", **given})
    for name, value in found.items():
        assert value == pytest.approx(entry[name], rel=1e-10, abs=1e-12), name
    whole = st.meta_analysis(entry["events"], entry["n"], entry["tau2_method"], entry["test"])
    assert whole.q == pytest.approx(entry["q"])
    assert whole.q_p == pytest.approx(entry["q_p"])
    # What its search leaves out is small, and is not left out by default.
    assert whole.tau2 == pytest.approx(entry["tau2"], abs=2e-5)


@pytest.mark.parametrize(
    ("method", "tau2", "i2", "ends"),
    [
        ("DL", 0.1062662379013, 0.8043610989207, (0.1800929227225, 0.3841276572758)),
        ("REML", 0.08905205838653, 0.7750503121925, (0.1808631648483, 0.3711779037858)),
        ("PM", 0.09039429369583, 0.777647814813, (0.1807983699043, 0.3722157765814)),
    ],
)
def test_values_of_metafor_for_grade_a(
    method: str, tau2: float, i2: float, ends: tuple[float, float]
) -> None:
    """As R's metafor 3.8-1 ends its search."""
    found = st.meta_analysis(*GRADE_A, method, "knha", 0.95, "metafor")
    assert (found.tau2, found.i2) == pytest.approx((tau2, i2), rel=1e-10)
    assert (found.lower, found.prediction_upper) == pytest.approx(ends, rel=1e-10)


def scoring(y: np.ndarray, v: np.ndarray) -> float | None:
    """Fisher's scoring of the restricted likelihood, in matrices, as metafor ends it."""
    ones = np.ones((len(y), len(y)))
    tau2 = max(0.0, np.var(y, ddof=1) - np.mean(v))

    def likelihood(at: float) -> float:
        weights = 1 / (v + at)
        rest = y - np.average(y, weights=weights)
        return float(np.log(weights).sum() - np.log(weights.sum()) - weights @ rest**2) / 2

    for _ in range(100):
        weights = np.diag(1 / (v + tau2))
        project = weights - weights @ ones @ weights / weights.sum()
        score = y @ project @ project @ y - np.trace(project)
        step = score / np.trace(project @ project)
        while tau2 + step < 0:
            step /= 2
        tau2 += step
        if abs(step) <= 1e-5:
            better = likelihood(0.0) - likelihood(tau2) > 2.0**-13 and tau2 > 1e-5
            return 0.0 if better else tau2
    return None


@settings(max_examples=60)
@given(sources)
@example([(0, 5), (5, 5)])
@example([(1, 2), (30, 4000), (200, 210)])
def test_restricted_likelihood_is_climbed_by_scoring(found: list[tuple[int, int]]) -> None:
    early = scoring(*logits(found))
    expected = combined(found, "REML").tau2 if early is None else early
    ended = combined(found, "REML", "knha", 0.95, "metafor").tau2
    assert ended == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.slow
@given(sources)
@example([(0, 5), (5, 5)])
@example([(1, 2), (30, 4000), (200, 210)])
@example([(0, 3), (0, 9), (0, 200)])
def test_variance_between_sources_by_definition(found: list[tuple[int, int]]) -> None:
    y, v = logits(found)
    k = len(y)

    def q(tau2: float) -> float:
        weights = 1 / (v + tau2)
        return float(weights @ (y - np.average(y, weights=weights)) ** 2)

    by_name = {name: combined(found, name, "z").tau2 for name in METHODS}
    if q(0) <= k - 1:
        assert by_name["PM"] == by_name["DL"] == 0
    else:
        assert q(by_name["PM"]) == pytest.approx(k - 1, rel=1e-6)
        weights = 1 / v
        moment = (q(0) - (k - 1)) / (weights.sum() - weights @ weights / weights.sum())
        assert by_name["DL"] == pytest.approx(moment)
    # Restricted likelihood: that of contrasts, which do not depend on the mean.
    contrasts = null_space(np.ones((1, k))).T

    def likelihood(tau2: float) -> float:
        spread = contrasts @ np.diag(v + tau2) @ contrasts.T
        return float(multivariate_normal.logpdf(contrasts @ y, np.zeros(k - 1), spread))

    best = likelihood(by_name["REML"])
    assert all(likelihood(tau2) <= best + 1e-9 for tau2 in [0, *np.geomspace(1e-6, 90, 60)])


@given(sources, some.sampled_from(METHODS), some.sampled_from(["z", "knha"]))
def test_events_and_non_events_mirror_each_other(
    found: list[tuple[int, int]], method: str, test: str
) -> None:
    one = combined(found, method, test)
    other = combined([(n - x, n) for x, n in found], method, test)
    assert other.estimate == pytest.approx(1 - one.estimate)
    assert other.lower == pytest.approx(1 - one.upper, abs=1e-9)
    assert other.prediction_upper == pytest.approx(1 - one.prediction_lower, abs=1e-9)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-5, abs=1e-7)


def test_intervals_by_definition() -> None:
    y, v = logits(list(zip(*GRADE_A, strict=True)))
    for test in ("z", "knha"):
        found = st.meta_analysis(*GRADE_A, "DL", test, 0.9)
        weights = 1 / (v + found.tau2)
        mean = np.average(y, weights=weights)
        variance, quantile = 1 / weights.sum(), norm.ppf(0.95)
        if test == "knha":
            variance *= weights @ (y - mean) ** 2 / 9
            quantile = t(9).ppf(0.95)
        for spread, ends in (
            (variance, (found.lower, found.upper)),
            (variance + found.tau2, (found.prediction_lower, found.prediction_upper)),
        ):
            limits = mean + np.array([-1, 1]) * quantile * math.sqrt(spread)
            assert ends == pytest.approx(1 / (1 + np.exp(-limits)))


def test_one_source_has_no_variance_between_sources() -> None:
    one = st.meta_analysis([3], [10], test="z")
    assert one.estimate == pytest.approx(0.3)
    spread = math.sqrt(1 / 3 + 1 / 7) * norm.ppf(0.975)
    assert one.lower == pytest.approx(1 / (1 + math.exp(-(math.log(3 / 7) - spread))))
    assert (one.prediction_lower, one.prediction_upper) == (one.lower, one.upper)
    assert (one.tau2, one.i2, one.q, one.q_p) == (0, 0, 0, 1)
    assert "not known" in one.convention
    without = st.meta_analysis([3], [10], test="knha")
    assert without.estimate == pytest.approx(0.3)
    assert math.isnan(without.lower) and math.isnan(without.prediction_upper)
    with pytest.raises(ValueError, match="one source"):
        st.predictive_distribution(without, 4)


def test_equal_rates_have_no_interval_with_knapp_and_hartung() -> None:
    same = st.meta_analysis([10, 20], [40, 80])
    assert same.lower == same.upper == same.prediction_upper == pytest.approx(0.25)
    assert st.predictive_distribution(same, 5) == pytest.approx(binom(5, 0.25).pmf(range(6)))
    assert st.matched_beta(same) == (math.inf, math.inf)


@pytest.mark.slow
@settings(max_examples=25)
@given(sources, some.integers(0, 12), some.sampled_from(METHODS))
@example([(0, 2), (2, 2)], 3, "DL")
@example([(12, 90), (40, 130)], 6, "REML")
def test_prediction_is_the_binomial_averaged_over_the_rate(
    found: list[tuple[int, int]], n: int, method: str
) -> None:
    for test in ("z", "knha"):
        whole = combined(found, method, test)
        chances = st.predictive_distribution(whole, n)
        assert chances.shape == (n + 1,)
        assert chances.sum() == pytest.approx(1)
        if whole.spread < 1e-6:
            continue
        quantiles = norm if test == "z" else t(len(found) - 1)

        # The middle of 100,000 equal parts of the distribution of the rate.
        share = (np.arange(100_000) + 0.5) / 100_000
        logit = np.clip(whole.mean + whole.spread * quantiles.ppf(share), -700, 700)
        for x in {0, n // 2, n}:
            area = binom(n, 1 / (1 + np.exp(-logit))).pmf(x).mean()
            assert chances[x] == pytest.approx(area, abs=3e-5)


def test_published_chances_of_grade_a() -> None:
    whole = st.meta_analysis(*GRADE_A, "DL", "z")
    found = [st.predictive_p(events, 6, whole).p for events in (5, 4, 3)]
    assert found == pytest.approx([0.005, 0.036, 0.15], abs=0.003)
    few = st.predictive_p(0, 30, whole, "less")
    assert few.p == pytest.approx(st.predictive_distribution(whole, 30)[0])
    assert few.value == 0
    both = st.predictive_p(5, 6, whole, "two-sided").p
    assert both == pytest.approx(2 * found[0])


def test_matched_beta_is_close_where_the_rate_is_not_spread_out() -> None:
    whole = st.meta_analysis(*GRADE_A, "DL", "z")
    exact = st.predictive_distribution(whole, 6)
    assert betabinom(6, *st.matched_beta(whole)).pmf(range(7)) == pytest.approx(exact, abs=0.004)


def test_nobody_is_predicted_nothing() -> None:
    whole = st.meta_analysis(*GRADE_A)
    assert st.predictive_distribution(whole, 0).tolist() == [1.0]
    assert not st.predictive_p(0, 0, whole).estimable


@pytest.mark.parametrize(
    ("events", "n", "options", "words"),
    [
        ([], [], {}, "from 1"),
        ([1, 2], [5], {}, "as many"),
        ([6], [5], {}, "events"),
        ([0], [0], {}, "n: is"),
        ([1.5], [5], {}, "whole number"),
        ([1], [5], {"tau2_method": "ML"}, "tau2_method"),
        ([1], [5], {"test": "t"}, "test"),
        ([1], [5], {"level": 95}, "level"),
        ([1], [5], {"stopping": "never"}, "stopping"),
    ],
)
def test_refused(events: list[float], n: list[int], options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        st.meta_analysis(events, n, **options)
