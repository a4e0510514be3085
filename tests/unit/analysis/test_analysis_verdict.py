"""The verdict of a study: who is judged by what, in which direction, and what it survives."""

import math

import pandas as pd
import pytest
from analysis_study import (
    PUBLISHED,
    RECOVERY,
    ROOT,
    by_id,
    endpoint,
    graded_scores,
    scores,
    small_settings,
)
from owncontrol.analysis.event_time import deaths_after_treatment
from owncontrol.analysis.judged_cohort import ENOUGH_SOURCES, expected_rates
from owncontrol.analysis.natural_recovery import run_comparison
from owncontrol.analysis.null_worlds import World, false_verdicts
from owncontrol.analysis.published_rates import read_rates
from owncontrol.analysis.verdict import at_this_look, run_verdict
from owncontrol.estimates.collect import Estimates
from owncontrol.statistics.cohort_verdict import Direction, Group, decide, limits
from owncontrol.statistics.meta_analysis import predictive_p
from owncontrol.study.natural_recovery import Eligible
from scipy.stats import binom

RATES = read_rates(ROOT / "data/reference/natural_recovery.csv")
AIS = endpoint("ais", "isncsci", "asia_impairment_scale")
CERVICAL = Eligible(level="cervical")
WHOLE = "natural_recovery.main.all_grades"


def judged(table, rates=RATES, died=None, **recovery):
    recovery = {**RECOVERY, "eligible": {"level": "cervical"}, **recovery}
    settings = small_settings(AIS, natural_recovery=recovery)
    subjects = sorted(table["subject_id"].unique()) or ["S01"]
    results = Estimates("natural_recovery", "all", subjects)
    run_verdict(results, {"treated": table}, AIS, rates, settings, died)
    return by_id(results.table())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("looks", "level"), [((), 0.025), ((11, 22), 0.001525), ((5, 11), 0.024115)]
)
def test_what_stands_beside_the_verdict_has_the_level_of_its_look(looks, level):
    recovery = {**RECOVERY, "eligible": {"level": "cervical"}, "primary": {"looks": [*looks]}}
    settings = small_settings(AIS, natural_recovery=recovery)
    table = graded_scores(AIS, PUBLISHED)
    results = Estimates("natural_recovery", "all", sorted(table["subject_id"].unique()))
    here = at_this_look({"treated": table}, AIS, RATES, settings)
    [comparison] = settings.natural_recovery.comparisons
    run_comparison(results, {"treated": table}, AIS, RATES, comparison, here)
    run_verdict(results, {"treated": table}, AIS, RATES, settings)
    rows = by_id(results.table())
    assert f"alpha {level:g} in each direction" in rows.loc[f"{WHOLE}.verdict", "convention"]
    # The rate at which five or more of six improve with that chance.
    tipping = rows.loc["natural_recovery.main.a.tipping_rate", "value"]
    assert binom.sf(4, 6, tipping) == pytest.approx(level, rel=1e-6)


def cohort(counts, criteria=CERVICAL):
    found = expected_rates(RATES, "ABCD", {}, criteria)
    high = [Group(counts.get(grade, 0), rate) for grade, rate in found.high.items()]
    low = [Group(counts.get(grade, 0), rate) for grade, rate in found.low.items()]
    return high, low


def test_the_published_cohort():
    """AIS before and after: Honmou et al. 2021."""
    rows = judged(graded_scores(AIS, PUBLISHED))
    verdict = rows.loc[f"{WHOLE}.verdict"]
    assert (verdict["value"], verdict["events"], verdict["n"]) == (1, 10, 11)
    assert verdict["convention"].startswith("more than expected; alpha 0.025 in each direction")
    more = rows.loc[f"{WHOLE}.more_than_expected"]
    assert more["p"] < 0.025
    assert rows.loc[f"{WHOLE}.error_more", "value"] <= 0.025
    # Grade B has no eligible rate: its patients are counted, and told.
    left = rows.loc["natural_recovery.main.b.not_judged"]
    assert (left["value"], left["convention"]) == (2, "no eligible published rate")
    # Of grade A alone the closed test is the predictive p with the highest row of each registry.
    assert rows.loc["natural_recovery.main.a.closed_more", "p"] <= 0.025
    assert rows.loc["natural_recovery.main.c.closed_more", "p"] > 0.025


def test_a_grade_by_itself_is_the_prediction_of_the_meta_analysis():
    from owncontrol.analysis.eligible_sources import combined_rate, judged_sources

    sources = judged_sources(RATES, "A", 1, CERVICAL, "highest")
    combined = combined_rate(sources, CERVICAL, 0.95)
    found = expected_rates(RATES, "A", {}, CERVICAL)
    group = [Group(6, found.high["A"])]
    for events in range(7):
        expected = predictive_p(events, 6, combined, "greater").p
        assert decide([events], group, group).p_more == pytest.approx(expected, abs=1e-9)


def test_where_nobody_improves_fewer_did_than_expected():
    for counts in ({"A": 39}, {"C": 39}, {"A": 20, "C": 19}, {"A": 13, "C": 26}):
        high, low = cohort(counts)
        events = [0] * len(high)
        assert decide(events, high, low).direction is Direction.FEWER
    rows = judged(graded_scores(AIS, ["AA"] * 20 + ["CC"] * 19))
    assert rows.loc[f"{WHOLE}.verdict", "value"] == -1
    assert rows.loc[f"{WHOLE}.verdict", "convention"].startswith("fewer than expected")


def test_what_is_expected_decides_nothing_and_what_could_have_been_shown_is_said():
    rows = judged(graded_scores(AIS, ["AA"] * 5 + ["AB"] + ["CD"] * 4 + ["CC"]))
    assert rows.loc[f"{WHOLE}.verdict", "value"] == 0
    shown = rows.loc[f"{WHOLE}.shown_more"]
    assert 0.5 < shown["value"] < 1
    assert "power 0.8" in shown["convention"]
    assert math.isnan(rows.loc[f"{WHOLE}.misrated_to_spare", "value"])
    assert not rows.index.str.contains("misrated_.*if_misjudged").any()


def test_the_level_of_the_intervals_does_not_move_the_verdict():
    table = graded_scores(AIS, ["AB"] * 4 + ["AA"] * 2)
    usual = judged(table)
    settings = small_settings(
        AIS, natural_recovery={**RECOVERY, "eligible": {"level": "cervical"}}, level=0.8
    )
    results = Estimates("natural_recovery", "all", sorted(table["subject_id"].unique()))
    run_verdict(results, {"treated": table}, AIS, RATES, settings)
    pd.testing.assert_frame_equal(by_id(results.table()), usual)


def test_misrated_and_missing_patients_count_against_the_verdict():
    values = {f"S{n:02d}": {"before": 1, "after": 2 if n < 9 else 1} for n in range(1, 11)} | {
        f"S{n:02d}": {"before": 1, "after": None} for n in (11, 12)
    }
    rows = judged(scores(AIS, values))
    assert rows.loc[f"{WHOLE}.verdict", "value"] == 1
    high, low = cohort({"A": 10})
    for misrated in range(4):
        for missing in range(4):
            name = f"natural_recovery.main.{misrated}_misrated_{missing}_missing.if_misjudged"
            more, fewer = cohort({"A": 10 + missing})
            place = next(at for at, group in enumerate(more) if group.n)
            events = [0] * len(more)
            events[place] = 8 - misrated
            assert rows.loc[name, "p"] == pytest.approx(decide(events, more, fewer).p_more)
            assert (rows.loc[name, "value"], rows.loc[name, "n"]) == (8 - misrated, 10 + missing)
    spared = int(rows.loc[f"{WHOLE}.misrated_to_spare", "value"])
    edge = limits(high, low).more_from
    assert spared == 8 - edge


def lost_patients():
    """Five of grade A who improved, two who did not, and two without a follow-up exam."""
    values = {f"S{n:02d}": {"before": 1, "after": 2 if n < 6 else 1} for n in range(1, 8)}
    return scores(AIS, values | {f"S{n:02d}": {"before": 1, "after": None} for n in (8, 9)})


def test_who_died_after_the_treatment_counts_as_not_improved_and_the_other_verdict_is_kept():
    events = pd.DataFrame(
        {
            "subject_id": ["S08", "S09", "S01", "S07"], "row_id": ["e:1", "e:2", "e:3", "e:4"],
            "grade": pd.array([5, 5, 5, 3], "Int64"), "outcome": ["", "", "", "Fatal"],
            "after_treatment": pd.array([True, False, None, True], "boolean"),
        }
    )  # fmt: skip
    died = deaths_after_treatment(events)
    assert list(died["subject_id"]) == ["S08", "S01", "S07"]
    assert list(deaths_after_treatment(events, ("mild", "severe"))["subject_id"]) == ["S07"]
    rows = judged(lost_patients(), died=died)
    verdict, otherwise = rows.loc[f"{WHOLE}.verdict"], rows.loc[f"{WHOLE}.verdict_otherwise"]
    # S09 died before the treatment: missing. S01 and S07 died after their follow-up exams.
    assert (verdict["events"], verdict["n"]) == (5, 8)
    assert (otherwise["events"], otherwise["n"]) == (5, 7)
    assert rows.loc[f"{WHOLE}.died", ["value", "inputs"]].tolist()[0] == 1
    assert "e:1" in rows.loc[f"{WHOLE}.died", "inputs"]
    high, low = cohort({"A": 8})
    events = [5 if group.n else 0 for group in high]
    assert rows.loc[f"{WHOLE}.more_than_expected", "p"] == decide(events, high, low).p_more
    left = judged(lost_patients(), died=died, primary={"death": "left out"})
    assert left.loc[f"{WHOLE}.verdict", "n"] == 7
    assert left.loc[f"{WHOLE}.verdict_otherwise", "n"] == 8
    pd.testing.assert_frame_equal(
        judged(lost_patients(), died=died.iloc[:0]), judged(lost_patients())
    )


def test_who_died_is_judged_and_no_longer_among_the_missing():
    """As many missing patients as there are may have improved or not: not those who died."""
    values = {f"S{n:02d}": {"before": 1, "after": 2} for n in range(1, 11)}
    lost = {f"S{n:02d}": {"before": 1, "after": None} for n in range(11, 19)}
    died = pd.DataFrame({"subject_id": ["S11", "S12"], "row_id": ["e:1", "e:2"]})
    rows = judged(scores(AIS, values | lost), died=died)
    assert rows.loc[f"{WHOLE}.verdict", ["value", "n"]].tolist() == [1, 12]
    assert rows.index.str.contains("main.0_misrated_.*if_misjudged").sum() == 1 + 6


def test_few_sources_take_the_spread_of_another_grade_or_are_not_judged():
    found = expected_rates(RATES, "AC", {}, CERVICAL)
    alone = expected_rates(RATES, "C", {}, CERVICAL)
    assert "C" in found.high
    assert found.high["C"].spread > 0.25
    assert "C" not in alone.high
    assert "too few eligible published rates" in alone.without["C"]
    assert ENOUGH_SOURCES == 3


def test_nobody_and_no_grades_say_why():
    nobody = judged(graded_scores(AIS, ["AA"]).iloc[:0])
    assert nobody.loc[f"{WHOLE}.verdict", "convention"].endswith("no subject has both exams")
    only_b = judged(graded_scores(AIS, ["BC", "BB"]))
    assert "grade B: no eligible published rate" in only_b.loc[f"{WHOLE}.verdict", "convention"]
    for one in (None, endpoint("motor", "isncsci", "motor_total")):
        results = Estimates("natural_recovery", "all", ["S01"])
        sets = {"treated": graded_scores(AIS, ["AB"])}
        run_verdict(results, sets, one, RATES, small_settings(AIS))
        (row,) = results.table().itertuples()
        assert row.statistic == "verdict" and "'ais' is no endpoint with grades" in row.convention


def test_grades_that_the_plan_does_not_name_are_told():
    rows = judged(graded_scores(AIS, PUBLISHED), primary={"grades": ["A"]})
    assert rows.loc[f"{WHOLE}.verdict", "n"] == 6
    left = rows.loc["natural_recovery.main.c.not_judged"]
    assert (left["value"], left["convention"]) == (5, "not part of the primary comparison")


@pytest.mark.parametrize("counts", [{"A": 13}, {"A": 6, "C": 5}, {"A": 18, "C": 21}])
def test_in_the_world_of_the_published_rates_the_error_holds(counts):
    high, low = cohort(counts)
    by_world = {wrong.world: wrong for wrong in false_verdicts(high, low, 0.025, seed=7)}
    usual = by_world[World.AS_PUBLISHED]
    # 2,000 studies: three standard errors above 2.5 %.
    assert usual.more / usual.studies < 0.025 + 3 * math.sqrt(0.025 * 0.975 / usual.studies)
    assert by_world[World.HIGH_END].more > usual.more
    # The same draws, in which more are rated as improved, or fewer of the others are seen.
    assert by_world[World.KIND_RATING].more > usual.more
    assert by_world[World.KIND_RATING].fewer <= usual.fewer
    assert by_world[World.SELECTIVE_LOSS].more >= usual.more
    assert false_verdicts(high, low, 0.025, seed=7) == list(by_world.values())
