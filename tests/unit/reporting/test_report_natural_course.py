"""The report's words and tables on published courses and on rates taken together."""

import pytest
from analysis_study import PUBLISHED, RECOVERY, ROOT, endpoint, graded_scores, small_settings
from owncontrol.analysis import natural_recovery
from owncontrol.analysis.published_rates import read_rates
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.strata import PublishedCohort
from owncontrol.estimates.stratum import WHOLE
from owncontrol.reporting import evidence, natural_course_table
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import load_study
from owncontrol.study.natural_recovery import Comparison


@pytest.fixture(scope="module")
def settings():
    return analysis_settings(load_study({}, ROOT))


def numbers_of(results):
    return Numbers(results.table(), lambda shown: shown.text)


def with_courses(name, visit, cohorts):
    """Results with the numbers of some cohorts, and of all of them."""
    results = Estimates("change", "all", ["S1"])
    for stratum in (*map(PublishedCohort, cohorts), WHOLE):
        about = {"endpoint": name, "visit": visit, "stratum": stratum, "n": 13, "unit": "points"}
        results.add(Change.EXPECTED_CHANGE, 14.8, lower=12.4, upper=17.2, **about)
        results.add(Change.OBSERVED_CHANGE, 13.6, **about)
        results.add(Change.OBSERVED_MINUS_EXPECTED, -1.2, lower=-8, upper=5.6, **about)
    return results


def test_a_score_with_a_course_has_a_row_a_cohort_and_one_of_all(settings):
    numbers = numbers_of(with_courses("motor_total", "day_180", ["EMSCI", "Sygen"]))
    table = natural_course_table.natural_course_table(numbers, settings)
    assert [row[0] for row in table.rows] == ["EMSCI", "Sygen", "Mean of the cohorts"]
    assert table.rows[0][1:7] == ["13", "+13.6", "+14.8", "12.4 to 17.2", "−1.2", "−8.0 to 5.6"]
    assert table.groups == {0: "Total motor score, Pre-infusion to Day 180"}
    one = natural_course_table.natural_course_table(
        numbers_of(with_courses("motor_total", "day_180", ["EMSCI"])), settings
    )
    assert [row[0] for row in one.rows] == ["EMSCI"]
    cells = natural_course_table.minus_expected(numbers, settings.endpoints[:2])
    assert cells == ["–", ["−1.2", " (", "−8.0 to 5.6", ")"]]


def test_scores_without_a_course_are_named_where_recovery_is_possible(settings):
    numbers = numbers_of(with_courses("motor_total", "day_180", ["EMSCI"]))
    assert natural_course_table.without_course(numbers, settings) == "12 of 13 scores"
    nothing = numbers_of(with_courses("other", "day_180", ["EMSCI"]))
    assert natural_course_table.without_course(nothing, settings) == "these 13 scores"
    few = settings.model_copy(update={"endpoints": settings.endpoints[:4]})
    words = "Upper extremity motor score and Lower extremity motor score"
    assert natural_course_table.without_course(numbers, few) == words
    only = settings.model_copy(update={"endpoints": settings.endpoints[:2]})
    assert natural_course_table.without_course(numbers, only) == ""
    for expected, words in (("stable", ""), ("worsening", ""), (None, "Light touch")):
        design = settings.design.model_copy(update={"natural_course": expected})
        touch = [item for item in settings.endpoints if item.name == "light_touch"]
        changed = settings.model_copy(update={"endpoints": tuple(touch), "design": design})
        assert natural_course_table.without_course(numbers, changed) == words


def test_grades_are_not_said_to_have_no_course(settings):
    numbers = numbers_of(with_courses("motor_total", "day_180", ["EMSCI"]))
    grades = settings.model_copy(update={"endpoints": settings.endpoints[:1]})
    assert settings.endpoints[0].grades
    assert natural_course_table.without_course(numbers, grades) == ""


def test_captions_name_the_sources_whose_rates_are_drawn():
    ais = endpoint("ais", "isncsci", "asia_impairment_scale")
    main = Comparison.model_validate(
        {**RECOVERY["comparisons"][0], "gain": {"A": 2}, "benchmark": {"A": "Burns 2003"}}
    )
    settings = small_settings(ais, natural_recovery={**RECOVERY, "comparisons": [main]})
    results = Estimates("natural_recovery", "all", [f"S{n:02d}" for n in range(1, 14)])
    rates = read_rates(ROOT / "data/reference/natural_recovery.csv")
    people = {"treated": graded_scores(ais, PUBLISHED)}
    natural_recovery.run_comparison(results, people, ais, rates, main, settings)
    said = evidence.main_sources(numbers_of(results), settings, main)
    assert said == "Burns 2003 (grade A); Khorasanizadeh 2019 (meta) (grade B, C)"
    plain = replace_benchmark(main)
    results = Estimates("natural_recovery", "all", [f"S{n:02d}" for n in range(1, 14)])
    natural_recovery.run_comparison(results, people, ais, rates, plain, settings)
    said = evidence.main_sources(numbers_of(results), settings, plain)
    assert said == "Khorasanizadeh 2019 (meta)"


def replace_benchmark(comparison):
    return comparison.model_copy(update={"gain": {}, "benchmark": {}})
