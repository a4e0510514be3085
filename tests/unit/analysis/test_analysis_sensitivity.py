"""Sensitivity: every choice is made, bounds hold, and too little data are told."""

import itertools
import math

import pytest
from analysis_study import by_id, endpoint, paired_scores, scores, small_settings
from owncontrol.analysis import multiverse, sensitivity
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.selections import read_inputs
from owncontrol.statistics import signed_rank_test

LEMS = endpoint("lems", "isncsci", "lower_extremity_motor_score")
MRS = endpoint("mrs", "mrs", "grade")
SUBJECTS = [f"S{number:02d}" for number in range(1, 14)]
CHOICES = {
    "endpoints": [],
    "baselines": ["early", "before"],
    "time_points": ["middle", "after"],
    "populations": ["treated", "eligible"],
}


def rows_of(analysis, table, of=LEMS, *more, **sets):
    people = dict.fromkeys(("treated", "eligible", "in_window"), table) | sets
    results = Estimates("sensitivity", "all", SUBJECTS)
    analysis(results, people, of, *more, small_settings(of, sensitivity=CHOICES))
    return by_id(results.table())


def course(early, before, middle, after):
    return {"early": early, "before": before, "middle": middle, "after": after}


IMPROVED = {
    f"S{number:02d}": course(number, number + 1, number + 2, number + 2 + number % 4)
    for number in range(1, 13)
}


def test_the_multiverse_has_every_combination_once():
    rows = rows_of(multiverse.specifications, scores(LEMS, IMPROVED))
    found = rows.loc[rows["statistic"] == "specification"]
    wanted = {
        (visit, f"{test}; {baseline}; {population}")
        for visit, test, baseline, population in itertools.product(
            CHOICES["time_points"], multiverse.TESTS, CHOICES["baselines"], CHOICES["populations"]
        )
    }
    assert set(zip(found["visit"], found["stratum"], strict=True)) == wanted
    assert rows.loc["sensitivity.lems.specifications", "value"] == len(wanted) == 32
    assert rows.loc["sensitivity.lems.largest_p", "value"] == found["p"].max()
    assert rows.loc["sensitivity.lems.significant", "events"] == (found["p"] <= 0.05).sum()
    pratt = found.loc["sensitivity.lems.after.signed_rank_pratt_before_treated.specification", "p"]
    gains = [values["after"] - values["before"] for values in IMPROVED.values()]
    assert pratt == signed_rank_test(gains).p
    for name in ("specifications", "significant", "smallest_p"):
        used = rows.loc[f"sensitivity.lems.{name}", "inputs"]
        assert sorted(read_inputs(used, SUBJECTS)) == [
            ("scores", f"{subject}/{visit}/isncsci.lower_extremity_motor_score")
            for subject in sorted(IMPROVED)
            for visit in sorted(IMPROVED["S01"])
        ]


def test_a_fall_is_no_improvement_unless_lower_is_better():
    falls = {f"S{number:02d}": course(6, 5, 3, 2) for number in range(1, 9)}
    assert rows_of(multiverse.specifications, scores(LEMS, falls)).loc[
        "sensitivity.lems.significant", "value"
    ] == 0  # fmt: skip
    rows = rows_of(multiverse.specifications, scores(MRS, falls), MRS)
    assert rows.loc["sensitivity.mrs.significant", "value"] == 32


def test_an_empty_analysis_set_is_not_estimable_and_the_others_stand():
    table = scores(LEMS, IMPROVED)
    rows = rows_of(multiverse.specifications, table, eligible=table.iloc[:0])
    found = rows.loc[rows["statistic"] == "specification"]
    empty = found["stratum"].str.endswith("eligible")
    assert found.loc[empty, "convention"].str.startswith("not estimable: fewer than two").all()
    assert rows.loc["sensitivity.lems.specifications", "value"] == 16
    nothing = rows_of(multiverse.specifications, table.iloc[:0])
    assert "no specification is estimable" in nothing.loc[
        "sensitivity.lems.specifications", "convention"
    ]  # fmt: skip


def test_an_endpoint_that_is_not_defined_is_a_row():
    settings = small_settings(LEMS, sensitivity={**CHOICES, "endpoints": ["lems", "gait"]})
    results = Estimates("sensitivity", "all", SUBJECTS)
    assert sensitivity.chosen_endpoints(results, settings) == [LEMS]
    row = by_id(results.table()).loc["sensitivity.gait.specifications"]
    assert row["convention"] == "not estimable: no endpoint 'gait' is defined"


def missing(of, pairs, lost):
    values = {f"S{i:02d}": {"before": a, "after": b} for i, (a, b) in enumerate(pairs, 1)}
    values |= {f"S{i:02d}": {"before": a} for i, a in enumerate(lost, len(pairs) + 1)}
    return rows_of(sensitivity.missing_visits, scores(of, values), of, "after")


@pytest.mark.parametrize(
    ("of", "pairs", "lost"),
    [(LEMS, [(3, 3 + k) for k in range(1, 9)], [10, 20]), (MRS, [(5, 3)] * 6, [4, 2])],
)
def test_missed_visits_lie_between_the_worst_and_the_best_case(of, pairs, lost):
    rows = missing(of, pairs, lost)
    stem = f"sensitivity.{of.name}.after"
    worst, complete, best = (
        rows.loc[f"{stem}.{case}_case", "value"] for case in ("worst", "complete", "best")
    )
    assert worst <= complete <= best
    assert rows.loc[f"{stem}.missing_subjects", "events"] == 2
    gains = [abs(b - a) for a, b in pairs]
    room = [-10, -20] if of is LEMS else [4 - 6, 2 - 6]
    assert rows.loc[f"{stem}.worst_case", "p"] == signed_rank_test([*gains, *room]).p
    tipping = rows.loc[f"{stem}.tipping_change", "value"]
    if not math.isnan(tipping):
        assert signed_rank_test([*gains, tipping, tipping], alternative="greater").p <= 0.025


def test_without_ends_the_cases_are_bounded_by_the_values_that_were_seen():
    of = LEMS.model_copy(update={"minimum": None, "maximum": None})
    rows = missing(of, [(3, 3 + k) for k in range(1, 9)], [7, 5])
    stem = f"sensitivity.{of.name}.after"
    gains = list(range(1, 9))
    # Seen are 3 to 11.
    worst, best = [3 - 7, 3 - 5], [11 - 7, 11 - 5]
    assert rows.loc[f"{stem}.worst_case", "p"] == signed_rank_test([*gains, *worst]).p
    assert rows.loc[f"{stem}.best_case", "p"] == signed_rank_test([*gains, *best]).p
    assert "within the values that were seen" in rows.loc[f"{stem}.best_case", "convention"]


def test_where_nobody_is_missing_there_is_no_tipping_point():
    rows = missing(LEMS, [(1, 3), (2, 5)], [])
    assert rows.loc["sensitivity.lems.after.tipping_change", "convention"] == (
        "not estimable: nobody is missing"
    )
    assert "not estimable" in missing(LEMS, [], [3]).loc[
        "sensitivity.lems.after.complete_case", "convention"
    ]  # fmt: skip


def test_observer_bias_is_the_least_shift_that_removes_the_finding():
    gains = [3, 4, 5, 6, 6, 7, 8, 9]
    table = paired_scores(LEMS, [(5, 5 + gain) for gain in gains])
    rows = rows_of(sensitivity.observer_bias, table)
    shift = rows.loc["sensitivity.lems.after.tipping_shift", "value"]
    assert 2 * signed_rank_test([g - shift for g in gains], alternative="greater").p > 0.05
    assert 2 * signed_rank_test([g - shift + 1 for g in gains], alternative="greater").p <= 0.05
    p = rows.loc[rows["statistic"] == "observer_shift", "p"]
    assert p.is_monotonic_increasing
    assert len(p) == shift + 1


@pytest.mark.parametrize(
    ("low", "high", "step"), [(0, 1000, 1), (2000, 3000, 1), (-900, 100, 1), (0, 1001, 10)]
)
def test_a_curve_of_shifts_has_the_steps_of_the_scale_up_to_a_thousand(low, high, step):
    """How wide the scale is decides, wherever it begins."""
    of = LEMS.model_copy(update={"minimum": low, "maximum": high})
    table = paired_scores(of, [(low, low + gain) for gain in (31, 32, 33, 34, 35, 36)])
    rows = rows_of(sensitivity.observer_bias, table, of)
    shifts = rows.loc[rows["statistic"] == "observer_shift", "value"]
    assert list(shifts[:4]) == [0, step, 2 * step, 3 * step]


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([(3, 3)] * 5, "no finding to remove"),
        ([(5, 2)] * 9, "no finding to remove"),
        ([(3, 9)], "fewer than two"),
    ],
)
def test_without_a_finding_there_is_none_to_remove(pairs, reason):
    rows = rows_of(sensitivity.observer_bias, paired_scores(LEMS, pairs))
    assert reason in rows.loc["sensitivity.lems.after.tipping_shift", "convention"]


def test_two_baselines_separate_the_run_in_from_the_change():
    steps = {f"S{k:02d}": course(k, k + 3, None, k + 3 + k % 3) for k in range(1, 9)}
    rows = rows_of(sensitivity.two_baselines, scores(LEMS, steps))
    stem = "sensitivity.lems"
    assert rows.loc[f"{stem}.run_in", "value"] == 3
    first, second, mean = (
        rows.loc[f"{stem}.from_{which}", "value"] for which in ("first", "second", "mean")
    )
    assert first == second + 3 == mean + 1.5
    assert rows.loc[f"{stem}.rate_before", "value"] == pytest.approx(3 / (30 / 7))
    assert rows.loc[f"{stem}.rate_after", "value"] == pytest.approx(second / (180 / 7))
    assert rows.loc[f"{stem}.rate_difference", "upper"] < 0
    # All baselines differ by the same, so any gain is beyond what they differ by.
    assert rows.loc[f"{stem}.repeatability", "value"] == 0
    assert rows.loc[f"{stem}.beyond_repeatability", "events"] == 6


def test_a_rate_needs_time_between_the_exams():
    """Of three subjects one had both baselines on one day, and one its follow-up then."""
    table = scores(LEMS, {f"S{k:02d}": course(k, k + 3, None, k + 5) for k in range(1, 7)})
    days = table.set_index(["subject_id", "visit"])["day_from_injury"]
    days["S01", "early"] = days["S01", "before"]
    days["S02", "after"] = days["S02", "before"]
    table["day_from_injury"] = days.array
    rows = rows_of(sensitivity.two_baselines, table)
    assert rows.loc["sensitivity.lems.run_in", "n"] == 6
    assert rows.loc["sensitivity.lems.rate_before", "n"] == 4
    assert rows.loc["sensitivity.lems.rate_after", "n"] == 4
    assert rows.loc["sensitivity.lems.rate_before", "value"] == pytest.approx(3 / (30 / 7))


def test_one_baseline_or_nobody_with_both_is_told():
    first = LEMS.model_copy(update={"baseline": "early"})
    rows = rows_of(sensitivity.two_baselines, scores(LEMS, IMPROVED), first)
    assert "one baseline only" in rows.loc["sensitivity.lems.from_first", "convention"]
    rows = rows_of(sensitivity.two_baselines, paired_scores(LEMS, [(1, 4), (2, 6)]))
    assert (rows["convention"].str.startswith("not estimable")).all()
