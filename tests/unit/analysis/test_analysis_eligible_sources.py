"""Which published rates enter the combined rate, why others do not, and what is predicted."""

import pandas as pd
import pytest
from analysis_study import (
    PUBLISHED,
    RECOVERY,
    ROOT,
    by_id,
    compared_as,
    endpoint,
    graded_scores,
    small_settings,
)
from owncontrol.analysis import natural_recovery
from owncontrol.analysis.eligible_sources import combined_rate, judged_sources
from owncontrol.analysis.published_rates import read_rates
from owncontrol.errors import InputError
from owncontrol.estimates.collect import Estimates
from owncontrol.statistics import meta_analysis, predictive_p
from owncontrol.study.natural_recovery import Eligible

TABLE = ROOT / "data/reference/natural_recovery.csv"
AIS = endpoint("ais", "isncsci", "asia_impairment_scale")
CERVICAL = Eligible(level="cervical")


def names(sources):
    return {f"{one.rate.source}, {one.rate.population}": one.reason for one in sources}


def test_of_grade_a_one_row_of_each_registry_enters():
    found = names(judged_sources(read_rates(TABLE), "A", 1, CERVICAL))
    assert [name for name, reason in found.items() if not reason] == [
        "Kawano 2020, cervical trauma Japan",
        "Marino 1999 (SCIMS), all levels",
        "Burns 2003, all levels",
        "van Middendorp 2009 (EMSCI), above T11",
    ]
    for name, words in (
        ("Kirshblum 2016 (SCIMS), all levels", "another row of SCIMS enters: Marino 1999"),
        ("Spiess 2009 (EMSCI), above T10", "another row of EMSCI enters: van Middendorp"),
        ("El Tecle 2016 (meta), all levels 20 studies", "a review, which contains patients"),
        ("Kawano 2020 (derived), cervical trauma Japan still AIS A at 8 weeks", "derived from"),
        ("Marino 2011 (SCIMS), tetraplegia", "number of patients not published"),
        ("Ariji 2022 (JSSCI-DB), NLI T12 or higher Japan", "follow-up as early as day 90"),
        ("Aimetti 2019 (NACTN+EMSCI+SCIMS), thoracic T2-T12", "level of injury: thoracic"),
        ("Moslavac 2008, rehab admission Croatia N=154", "day of the baseline exam mixed"),
    ):
        assert words in found[name], name


def test_the_same_level_of_injury_comes_before_mixed_ones():
    entering = [
        one.rate.population
        for one in judged_sources(read_rates(TABLE), "C", 1, CERVICAL)
        if one.enters and one.rate.registry == "SCIMS"
    ]
    assert entering == ["tetraplegia"]
    every = judged_sources(read_rates(TABLE), "C", 1, Eligible())
    first = next(one.rate for one in every if one.enters)
    assert (first.population, first.n) == ("all levels", 159)


def test_the_highest_and_the_lowest_row_of_each_registry():
    means = {}
    for row in ("lowest", "largest", "highest"):
        sources = judged_sources(read_rates(TABLE), "A", 1, CERVICAL, row)
        scims = [one.rate for one in sources if one.enters and one.rate.registry == "SCIMS"]
        means[row] = combined_rate(sources, CERVICAL, 0.95).estimate, scims[0].source
    assert means["highest"][1] == "Kirshblum 2016 (SCIMS)"
    assert means["lowest"][1] == means["largest"][1] == "Marino 1999 (SCIMS)"
    assert means["lowest"][0] <= means["largest"][0] < means["highest"][0]


@pytest.mark.parametrize("test", ["z", "knha"])
@pytest.mark.parametrize("tau2", ["DL", "REML", "PM"])
def test_sources_are_combined_as_the_criteria_say_and_one_alone_by_normal_quantiles(test, tau2):
    criteria = Eligible(level="cervical", test=test, tau2=tau2)
    sources = judged_sources(read_rates(TABLE), "A", 1, criteria)
    several = meta_analysis([35, 74, 6, 42], [203, 482, 53, 161], tau2, test, 0.9)
    assert combined_rate(sources, criteria, 0.9) == several
    first = next(one for one in sources if one.enters)
    alone = meta_analysis([first.rate.events], [first.rate.n], tau2, "z", 0.9)
    assert combined_rate([first], criteria, 0.9) == alone
    assert combined_rate([one for one in sources if not one.enters], criteria, 0.9) is None


def test_the_criteria_can_be_other_ones():
    late = Eligible(exam_by=60, follow_up_from=60)
    found = names(judged_sources(read_rates(TABLE), "A", 1, late))
    assert not found["Ariji 2022 (JSSCI-DB), NLI T12 or higher Japan"]
    early = Eligible(exam_by=3)
    found = names(judged_sources(read_rates(TABLE), "A", 1, early))
    assert [name for name, reason in found.items() if not reason] == [
        "Kawano 2020, cervical trauma Japan",
        "Burns 2003, all levels",
    ]
    assert "as late as day 7" in found["Marino 1999 (SCIMS), all levels"]


def test_the_criteria_hold_on_the_very_day():
    rates = read_rates(TABLE)
    first = next(one.rate for one in judged_sources(rates, "A", 1, CERVICAL) if one.enters)

    def reason(exam_by, follow_up_from):
        criteria = Eligible(exam_by=exam_by, follow_up_from=follow_up_from)
        (found,) = (
            one.reason for one in judged_sources(rates, "A", 1, criteria) if one.rate == first
        )
        return found

    exam, follow_up = int(first.exam_to), int(first.follow_up_from)
    assert not reason(exam, follow_up)
    assert reason(exam - 1, follow_up) == f"baseline exam as late as day {exam}"
    assert reason(exam, follow_up + 1) == f"follow-up as early as day {follow_up}"


def test_the_results_have_both_predictions_and_every_reason():
    people = {"treated": graded_scores(AIS, PUBLISHED)}
    settings = small_settings(AIS, natural_recovery={**RECOVERY, "eligible": {"level": "cervical"}})
    results = Estimates("natural_recovery", "all", [f"S{n:02d}" for n in range(1, 14)])
    rates = read_rates(TABLE)
    natural_recovery.run_comparison(results, people, AIS, rates, compared_as(), settings)
    rows = by_id(results.table())
    mean = meta_analysis([35, 74, 6, 42], [203, 482, 53, 161], "DL", "z")
    seen = rows.loc["natural_recovery.main.a.predicted_more"]
    assert (seen["events"], seen["n"]) == (5, 6)
    assert seen["value"] == pytest.approx(mean.estimate)
    assert seen["lower"] == pytest.approx(mean.prediction_lower)
    assert seen["p"] == pytest.approx(predictive_p(5, 6, mean).p)
    fewer = rows.loc["natural_recovery.main.a.predicted_fewer", "p"]
    assert fewer == pytest.approx(predictive_p(5, 6, mean, "less").p)
    assert rows.loc["natural_recovery.main.a.predicted_more_highest", "p"] > seen["p"]
    assert rows.loc["natural_recovery.main.a.published_mean", "upper"] < seen["upper"]
    assert rows.loc["natural_recovery.main.a.sources", "value"] == 4
    judged = rows.loc[(rows["statistic"] == "source_enters") & rows["stratum"].str.startswith("A,")]
    assert len(judged) == 18 and judged["value"].sum() == 4
    assert (judged["convention"] == "enters").sum() == 4
    # Of grade B no source says how many patients it had.
    lacking = rows.loc["natural_recovery.main.b.predicted_more"]
    assert pd.isna(lacking["value"])
    assert lacking["convention"] == "not estimable: no eligible published rate of B"


def test_a_table_without_the_columns_has_cohorts_of_their_own(tmp_path):
    table = pd.read_csv(TABLE, dtype=str, keep_default_na=False)
    old = table.drop(columns=["level", "registry", "kind", "follow_up_from", "follow_up_to"])
    old.to_csv(tmp_path / "rates.csv", index=False)
    sources = judged_sources(read_rates(tmp_path / "rates.csv"), "A", 1, CERVICAL)
    assert {one.reason for one in sources if one.rate.source == "Burns 2003"} == {
        "day of follow-up mixed or not published"
    }
    table["kind"] = "survey"
    table.to_csv(tmp_path / "rates.csv", index=False)
    with pytest.raises(InputError, match="row 2, kind: 'survey' is not permitted"):
        read_rates(tmp_path / "rates.csv")
