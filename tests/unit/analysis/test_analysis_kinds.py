"""Measurements have means and a paired t-test; yes or no has McNemar's exact test."""

import math

import numpy as np
import pandas as pd
import pytest
from analysis_study import DAYS, by_id, endpoint, small_settings
from hypothesis import example, given, settings
from hypothesis import strategies as st
from owncontrol.analysis import change, measurements, sensitivity, yes_no
from owncontrol.estimates.collect import Estimates
from owncontrol.tables import conform
from scipy.stats import binomtest, ttest_rel
from statsmodels.stats.contingency_tables import mcnemar

SUBJECTS = [f"S{number:02d}" for number in range(1, 40)]
MEASURES = {
    "instruments": {
        "weight": {"label": "Weight", "direction": "higher_is_better", "unit": "kg"},
        "walks": {"label": "Walks", "direction": "higher_is_better", "kind": "yes_no"},
    }
}
WEIGHT = endpoint("weight", "weight", "value", config=MEASURES)
WALKS = endpoint("walks", "walks", "value", config=MEASURES)


def scored(of, pairs):
    rows = [
        {
            "subject_id": f"S{number:02d}",
            "visit": visit,
            "day_from_injury": DAYS[visit],
            "day_from_treatment": DAYS[visit] - 40,
            "instrument": of.instrument,
            "scale": of.scale,
            "value": value,
            "text": f"{value:g}" if of.kind != "yes_no" else ("no", "yes")[int(value)],
            "row_id": f"file:{number}{visit}",
        }
        for number, pair in enumerate(pairs, start=1)
        for visit, value in zip(("before", "after"), pair, strict=True)
        if value is not None
    ]
    return conform(pd.DataFrame(rows), "scores")


def analysed(of, pairs):
    results, settings = Estimates("change", "all", SUBJECTS), small_settings(of)
    table = scored(of, pairs)
    change.change_from_baseline(results, table, of, settings)
    act = measurements.means if of.kind == "measurement" else yes_no.answers
    act(results, table, of, settings)
    return by_id(results.table())


def test_the_kinds_of_the_endpoints():
    assert (WEIGHT.kind, WALKS.kind) == ("measurement", "yes_no")
    assert endpoint("volume", "lesion_volume", "volume").kind == "measurement"
    assert endpoint("walk", "wisci2", "level").kind == "rated_scale"
    assert endpoint("scim", "scim3", "total").kind == "sum"


def test_means_are_of_those_seen_twice():
    pairs = [(80.5, 84.0), (70.0, 69.5), (75.0, 79.0), (60.0, None), (None, 99.0)]
    rows = analysed(WEIGHT, pairs)
    before, after = np.array(pairs[:3]).T
    stem = "change.weight.after"
    for name, values in (("baseline", before), ("visit", after)):
        assert rows.loc[f"{stem}.mean_{name}", "value"] == pytest.approx(values.mean())
        assert rows.loc[f"{stem}.sd_{name}", "value"] == pytest.approx(values.std(ddof=1))
    expected = ttest_rel(after, before)
    found = rows.loc[f"{stem}.mean_change"]
    interval = expected.confidence_interval(0.95)
    assert found["value"] == pytest.approx((after - before).mean())
    assert (found["lower"], found["upper"]) == pytest.approx((interval.low, interval.high))
    assert (found["n"], found["unit"]) == (3, "kg")
    assert rows.loc[f"{stem}.paired_t", "p"] == pytest.approx(expected.pvalue)
    assert rows.loc[f"{stem}.hodges_lehmann", "n"] == 3  # beside, not in place of it


def test_a_measurement_of_nobody():
    rows = analysed(WEIGHT, [(80.0, None), (70.0, None)])
    for name in ("mean_baseline", "sd_visit", "mean_change", "paired_t"):
        assert "not estimable" in rows.loc[f"change.weight.after.{name}", "convention"]


@settings(max_examples=20)  # each one is a whole analysis; the edges are given
@example([(False, False), (True, True)])
@example([(False, True)] * 12)
@example([(True, False)] * 3 + [(False, True)] * 3)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=30))
def test_mcnemar_as_statsmodels_and_the_binomial_have_it(pairs):
    rows = analysed(WALKS, [(float(first), float(last)) for first, last in pairs])
    stem = "change.walks.after"
    table = [[sum(pair == (a, b) for pair in pairs) for b in (0, 1)] for a in (0, 1)]
    for a, before in enumerate(("no", "yes")):
        for b, after in enumerate(("no", "yes")):
            assert rows.loc[f"{stem}.{before}_to_{after}.shift", "value"] == table[a][b]
    up, down = table[0][1], table[1][0]
    p = rows.loc[f"{stem}.mcnemar", "p"]
    assert p == pytest.approx(mcnemar(table, exact=True).pvalue if up + down else 1)
    assert p == pytest.approx(binomtest(up, up + down, 0.5).pvalue if up + down else 1)
    # What the report says: the signed-rank test becomes McNemar's.
    assert p == pytest.approx(rows.loc[f"{stem}.signed_rank_pratt", "p"])
    assert rows.loc[f"{stem}.yes_baseline", "events"] == sum(first for first, _ in pairs)
    assert rows.loc[f"{stem}.yes_visit", "events"] == sum(last for _, last in pairs)
    assert rows.loc[f"{stem}.yes_visit", "n"] == len(pairs)


def test_yes_at_each_visit_is_of_whoever_answered_there():
    rows = analysed(WALKS, [(1.0, 1.0), (0.0, None), (None, 1.0)])
    assert rows.loc["change.walks.before.yes", ["events", "n"]].tolist() == [1, 2]
    assert rows.loc["change.walks.after.yes", ["events", "n"]].tolist() == [2, 2]
    assert rows.loc["change.walks.after.yes_visit", ["events", "n"]].tolist() == [1, 1]
    assert "change.walks.middle.yes" not in rows.index


def test_yes_or_no_has_no_median_and_no_size_of_a_change():
    rows = analysed(WALKS, [(0.0, 1.0), (1.0, 1.0), (0.0, 0.0)])
    unwanted = {"hodges_lehmann", "median_baseline", "median_visit", "rank_biserial"}
    assert not unwanted & set(rows["statistic"])
    results = Estimates("sensitivity", "all", SUBJECTS)
    both = small_settings(WEIGHT, WALKS)
    assert [item.name for item in sensitivity.chosen_endpoints(results, both)] == ["weight"]


def test_nobody_answered_twice():
    rows = analysed(WALKS, [(1.0, None), (None, 0.0)])
    assert "no subject has an answer" in rows.loc["change.walks.after.mcnemar", "convention"]
    assert math.isnan(rows.loc["change.walks.after.yes_visit", "value"])
