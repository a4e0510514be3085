"""Change from baseline: bad input gives rows that say why, directions follow the scale."""

import math

import numpy as np
import pandas as pd
import pytest
from analysis_study import all_changes, by_id, endpoint, paired_scores, scores, small_settings
from owncontrol.analysis import change, pairs
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.statistics import signed_rank_test

SUBJECTS = [f"S{number:02d}" for number in range(1, 14)]
LEMS = endpoint("lems", "isncsci", "lower_extremity_motor_score")
AIS = endpoint("ais", "isncsci", "asia_impairment_scale")
MRS = endpoint("mrs", "mrs", "grade")


def changed(of, table, **keys):
    results = Estimates("change", "all", SUBJECTS)
    settings = small_settings(of, **keys)
    all_changes(of, table, settings, results)
    return by_id(results.table())


@pytest.mark.parametrize("pairs", [[], [(3, 9)]])
def test_fewer_than_two_pairs(pairs):
    rows = changed(LEMS, paired_scores(LEMS, pairs) if pairs else paired_scores(AIS, [(1, 1)]))
    for name in ("hodges_lehmann", "signed_rank_pratt", "rank_biserial", "sign_test"):
        row = rows.loc[f"change.lems.after.{name}"]
        assert math.isnan(row["value"])
        assert row["convention"] == "not estimable: fewer than two pairs"
    assert "not estimable" in rows.loc["change.lems.after.max_t", "convention"]
    assert "not estimable" in rows.loc["change.lems.friedman", "convention"]


def test_all_differences_zero():
    rows = changed(LEMS, paired_scores(LEMS, [(4, 4), (7, 7), (0, 0)]))
    estimate = rows.loc["change.lems.after.hodges_lehmann"]
    assert (estimate["value"], estimate["lower"], estimate["upper"]) == (0, 0, 0)
    assert rows.loc["change.lems.after.signed_rank_pratt", "p"] == 1
    assert rows.loc["change.lems.after.rank_biserial", "convention"] == (
        "not estimable: all differences are zero"
    )
    assert "all differences are zero" in rows.loc["change.lems.after.max_t", "convention"]
    assert rows.loc["change.lems.after.unchanged", "events"] == 3


def test_a_constant_scale():
    rows = changed(AIS, paired_scores(AIS, [(1, 1)] * 5))
    assert rows.loc["change.ais.after.a_to_a.shift", "value"] == 5
    for name in ("marginal_homogeneity", "stuart_maxwell", "bowker"):
        assert "fewer than two grades occur" in rows.loc[f"change.ais.after.{name}", "convention"]
    assert "not estimable" in rows.loc["change.ais.2_visits.friedman", "convention"]


def test_a_visit_that_nobody_attended():
    rows = changed(LEMS, paired_scores(LEMS, [(1, 5), (2, 5), (3, 9)]))
    assert rows.loc["change.lems.middle.hodges_lehmann", "n"] == 0
    assert "not estimable" in rows.loc["change.lems.middle.hodges_lehmann", "convention"]
    assert "no subjects" in rows.loc["change.lems.middle.improved", "convention"]
    late = changed(LEMS, scores(LEMS, {"S01": {"before": 3}, "S02": {"before": 4}}))
    assert "no subject has a value" in late.loc["change.lems.after.median_visit", "convention"]
    assert late.loc["change.lems.after.smallest_p", "value"] == 1


def test_an_undetermined_score_is_no_pair():
    table = scores(LEMS, {"S01": {"before": 3, "after": None}, "S02": {"before": 3, "after": 8}})
    assert changed(LEMS, table).loc["change.lems.after.hodges_lehmann", "n"] == 1


def test_a_time_point_that_is_the_baseline():
    of = LEMS.model_copy(update={"time_point": "before"})
    rows = changed(of, paired_scores(LEMS, [(1, 5), (2, 5)]), time_point="before")
    assert "not estimable" in rows.loc["change.lems.before.hodges_lehmann", "convention"]


@pytest.mark.slow
@pytest.mark.parametrize(("of", "better", "worse"), [(LEMS, 2, 1), (MRS, 1, 2)])
def test_improvement_goes_in_the_scales_direction(of, better, worse):
    rows = changed(of, paired_scores(of, [(1, 3), (2, 4), (5, 1), (2, 2)]))
    stem = f"change.{of.name}.after"
    assert rows.loc[f"{stem}.improved", "events"] == better
    assert rows.loc[f"{stem}.worse", "events"] == worse
    assert rows.loc[f"{stem}.unchanged", "events"] == 1


def test_what_the_plan_lacks_is_not_adjusted_and_takes_nothing_from_the_rest():
    table = paired_scores(LEMS, [(value, value + 3) for value in range(8)])
    results = Estimates("change", "all", SUBJECTS, post_hoc=["later"])
    others = [LEMS.model_copy(update={"name": name}) for name in ("lems", "other")]
    late = LEMS.model_copy(update={"name": "later", "declared": False})
    for of in (*others, late):
        change.change_from_baseline(results, table, of, small_settings(of))
    change.adjust_families(results, [*others, late])
    rows = by_id(results.table())
    p = signed_rank_test([3] * 8).p
    for name in ("lems", "other"):
        row = rows.loc[f"change.{name}.after.signed_rank_pratt"]
        assert row["p_adjusted"] == pytest.approx(2 * p)
        assert "post hoc" not in row["convention"]
    row = rows.loc["change.later.after.signed_rank_pratt"]
    assert math.isnan(row["p_adjusted"])
    assert row["convention"].endswith("post hoc, not in the plan")


def test_what_is_declared_and_not_defined_is_a_row():
    results = Estimates("change", "all", SUBJECTS)
    change.undefined_endpoints(results, small_settings(undefined=["spasticity"]))
    row = by_id(results.table()).loc["change.spasticity.after.hodges_lehmann"]
    assert row["convention"].startswith("not estimable: the plan declares it")


def test_a_number_that_is_not_there_must_say_why():
    results = Estimates("change", "all", SUBJECTS)
    with pytest.raises(ValueError, match="does not say why"):
        results.add(Change.MEDIAN, math.nan)
    with pytest.raises(ValueError, match="infinite"):
        results.add(Change.MEDIAN, math.inf)


@pytest.mark.slow
def test_the_trend_leaves_out_a_missed_visit_and_no_subject():
    course = {
        f"S{number:02d}": {"before": number, "middle": number + 1, "after": number + 4}
        for number in range(1, 7)
    }
    whole = changed(LEMS, scores(LEMS, course))
    assert whole.loc["change.lems.3_visits.friedman", "n"] == 6
    assert whole.loc["change.lems.3_visits.page", "p"] == pytest.approx(1 / 6**6)
    del course["S03"]["middle"]
    part = changed(LEMS, scores(LEMS, course))
    assert part.loc["change.lems.2_visits.page", "n"] == 6


def test_grades_of_any_ordinal_scale_are_counted():
    rows = changed(MRS, paired_scores(MRS, [(4, 2), (4, 3), (5, 5)]))
    assert rows.loc["change.mrs.after.4_to_2.shift", "value"] == 1
    assert rows.loc["change.mrs.before.4.subjects", "value"] == 2
    assert rows.loc["change.mrs.after.marginal_homogeneity", "value"] == -3
    counts = rows.loc[rows["statistic"] == "shift", "value"]
    assert counts.sum() == 3
    assert np.isfinite(counts).all()


@pytest.mark.parametrize(("pairs", "estimable"), [([(3, 9)], False), ([(3, 9), (1, 2)], True)])
def test_endpoints_together_need_two_subjects(pairs, estimable):
    row = changed(LEMS, paired_scores(LEMS, pairs)).loc["change.lems.after.max_t"]
    assert row["n"] == len(pairs)
    if estimable:
        # Both flips of the signs together are as extreme as what was seen, out of four.
        assert row["p"] == row["p_adjusted"] == 0.5
    else:
        assert row["convention"] == "not estimable: fewer than two subjects with every endpoint"


def test_an_endpoint_that_nobody_changed_in_hides_no_other_one():
    endpoints = [MRS, LEMS]
    table = pd.concat(
        [
            paired_scores(MRS, [(3, 3), (2, 2), (1, 1)]),
            paired_scores(LEMS, [(3, 9), (1, 2), (0, 4)]),
        ]
    )
    results = Estimates("change", "all", SUBJECTS)
    change.adjust_together(results, table, endpoints)
    rows = by_id(results.table())
    assert rows.loc["change.mrs.after.max_t", "convention"].endswith("all differences are zero")
    # All three rose: two of the eight flips are as extreme.
    assert rows.loc["change.lems.after.max_t", "p"] == 0.25


def test_pairs_are_sorted_by_subject_whatever_the_order_of_the_rows():
    table = paired_scores(LEMS, [(3, 9), (1, 2), (0, 4)])
    backwards = pairs.paired(table.iloc[::-1], "before", "after")
    assert list(backwards["subject_id"]) == ["S01", "S01", "S02", "S02", "S03", "S03"]
    assert list(backwards["visit"]) == ["before", "after"] * 3
    assert pairs.differences(backwards).to_dict() == {"S01": 6, "S02": 1, "S03": 4}
