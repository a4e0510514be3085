"""Claims: three verdicts, what they rest on, and the trial that would be needed."""

import numpy as np
import pandas as pd
import pytest
from analysis_study import ROOT, by_id
from hypothesis import given
from hypothesis import strategies as st
from owncontrol.analysis import claims
from owncontrol.analysis.combined import combined_inputs
from owncontrol.analysis.controlled_trial import Trial, trial_sizes
from owncontrol.analysis.settings import ClaimsSettings
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import BaselineGrade
from owncontrol.estimates.selections import read_inputs
from owncontrol.study.loading import load_study
from scipy.stats import binom, chi2

SUBJECTS = [f"S{number:02d}" for number in range(1, 14)]
BEFORE_AFTER = "scores[isncsci.uems; before,after; S01~S03]"


def known():
    results = Estimates("change", "all", SUBJECTS)
    some = {"n": 3, "inputs": BEFORE_AFTER}
    results.add(Change.HODGES_LEHMANN, 4.0, endpoint="uems", lower=1.0, upper=6.0, p=0.01, **some)
    results.add(Change.IMPROVED, 2, endpoint="uems", events=2, inputs="subjects[redcap:2~3,9]", n=3)
    results.add_missing(Change.IMPROVED, "fewer than two pairs", endpoint="lems", n=1)
    results.add(Change.IMPROVED, 0, endpoint="nobody", events=0, n=0)
    return results.table()


def claim(*conditions, **keys):
    said = {"id": "C1", "claim": "It rose.", "criterion": "Interval above zero"}
    return {**said, "conditions": list(conditions), **keys}


def verdict(*conditions, **keys):
    results = Estimates("claims", "all", SUBJECTS)
    settings = {"level": 0.95, "claims": [claim(*conditions, **keys)]}
    claims.audit(results, known(), ClaimsSettings.model_validate(settings))
    return by_id(results.table()).loc["claims.c1.verdict"]


def test_a_claim_whose_conditions_hold_is_supported_by_what_they_rest_on():
    row = verdict(
        {"estimate": "change.uems.hodges_lehmann", "field": "lower", "above": 0},
        {"estimate": "change.uems.improved", "field": "value", "at_most": 2},
    )
    assert (row["value"], row["events"], row["n"]) == (1, 2, 2)
    assert row["method"] == "Interval above zero"
    names = [
        f"estimates[estimate_id=change.uems.{name}]" for name in ("hodges_lehmann", "improved")
    ]
    assert row["inputs"] == " ".join(names)


@pytest.mark.parametrize(
    ("word", "limit", "holds"),
    [("above", 1, False), ("at_least", 1, True), ("below", 1, False), ("at_most", 1, True)],
)
def test_limits_are_kept_to_the_letter(word, limit, holds):
    condition = {"estimate": "change.uems.hodges_lehmann", "field": "lower", word: limit}
    row = verdict(condition)
    assert row["value"] == holds
    if not holds:
        name = word.replace("_", " ")
        assert f"not: lower of change.uems.hodges_lehmann {name} 1" in row["convention"]


def test_any_needs_one_and_all_needs_every_condition():
    pair = (
        {"estimate": "change.uems.hodges_lehmann", "field": "lower", "above": 0},
        {"estimate": "change.uems.hodges_lehmann", "field": "p", "below": 0.001},
    )
    assert verdict(*pair)["value"] == 0
    assert verdict(*pair, needs="any")["value"] == 1


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (
            {"estimate": "change.gait.improved", "field": "value", "above": 0},
            "have no estimate",
        ),
        (
            {"estimate": "change.lems.improved", "field": "value", "above": 0},
            "fewer than two",
        ),
        ({"estimate": "change.uems.improved", "field": "p", "below": 1}, "has no p"),
        ({"estimate": "change.nobody.improved", "field": "value", "at_most": 0}, "about nobody"),
    ],
)
def test_a_claim_whose_numbers_are_not_there_cannot_be_tested(condition, reason):
    row = verdict(condition)
    assert np.isnan(row["value"])
    assert row["convention"].startswith("not estimable: cannot be tested with this design: ")
    assert reason in row["convention"]


def test_a_claim_may_be_declared_untestable_and_needs_a_condition_otherwise():
    assert "no stroke" in verdict(cannot_be_tested="no stroke here")["convention"]
    assert "no condition is set" in verdict()["convention"]


def test_every_claim_of_the_default_study_has_a_verdict():
    settings = ClaimsSettings.taken_from(load_study({}, ROOT))
    results = Estimates("claims", "all", SUBJECTS)
    claims.audit(results, known(), settings)
    rows = results.table()
    assert rows["endpoint"].tolist() == [f"C{number}" for number in range(1, 12)]


@pytest.mark.parametrize(
    ("inputs", "within"),
    [
        (BEFORE_AFTER, 1),
        ("scores[isncsci.uems; after; S01~S03]", 0),
        (f"{BEFORE_AFTER} scores[isncsci.uems; after; S07]", 0),
        ("subjects[redcap:2~3]", 0),
        ("", 0),
    ],
)
def test_a_test_that_compares_subjects_is_found(inputs, within):
    table = Estimates("change", "all", SUBJECTS)
    table.add(Change.SIGN_TEST, 1, p=0.5, inputs=inputs)
    results = Estimates("claims", "all", SUBJECTS)
    claims.within_subject_tests(results, table.table())
    rows = by_id(results.table())["value"]
    assert rows["claims.within_subject_tests"] == within
    assert rows["claims.between_subject_tests"] == 1 - within


def test_tests_of_a_registry_are_within_subjects_where_their_long_inputs_stand_once():
    people = [f"S{number:05d}" for number in range(20_000)]
    some = [
        people[place] for place in np.flatnonzero(np.random.default_rng(1).random(20_000) < 0.5)
    ]
    results = Estimates("change", "all", people)
    pairs = pd.DataFrame(
        [("isncsci", "uems", visit, code) for visit in ("before", "after") for code in some],
        columns=["instrument", "scale", "visit", "subject_id"],
    )
    for name in (Change.FRIEDMAN, Change.PAGE):
        results.add(name, 1.0, p=0.5, n=len(some), scores=pairs)
    table = results.table()
    assert table["inputs"].str.len().max() < len(people) / 6 + 100
    assert table["inputs"].iloc[1] == "estimates[estimate_id=change.friedman]"
    found = Estimates("claims", "all", people)
    claims.within_subject_tests(found, table)
    row = by_id(found.table()).loc["claims.within_subject_tests"]
    assert (row["value"], row["n"]) == (2, 2)
    named = {key for table, key in read_inputs(row["inputs"], people) if table == "scores"}
    assert named == {
        f"{code}/{visit}/isncsci.uems" for code in some for visit in ("before", "after")
    }


cells = st.lists(
    st.tuples(st.sampled_from(SUBJECTS), st.sampled_from(["a", "b"]), st.sampled_from("xy")),
    min_size=1,
)


@pytest.mark.slow
@given(st.lists(cells, min_size=1, max_size=4))
def test_combined_inputs_name_everything_once(parts):
    texts = [
        " ".join(f"scores[i.{scale}; {visit}; {code}]" for code, visit, scale in part)
        for part in parts
    ]
    texts.append("findings[severity=error] subjects[redcap:4,6]")
    combined = read_inputs(combined_inputs(texts, SUBJECTS), SUBJECTS)
    wanted = {key for text in texts for key in read_inputs(text, SUBJECTS)}
    assert set(combined) == wanted
    assert len(combined) == len(wanted)


def exact_power(n, control, treated, alpha=0.05):
    """Power of the corrected Mantel-Haenszel test in one grade, over all outcomes."""
    a, b = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    total = a + b
    variance = total * (2 * n - total) / (4 * (2 * n - 1))
    excess = np.maximum(np.abs(a - total / 2) - 0.5, 0)
    count = np.arange(n + 1)
    chance = np.outer(binom.pmf(count, n, treated), binom.pmf(count, n, control))
    return chance[excess**2 > chi2.isf(alpha, 1) * variance].sum()


@pytest.mark.parametrize(("n", "control", "treated"), [(11, 0.193, 0.833), (40, 0.3, 0.6)])
def test_the_power_of_one_grade_is_exact_and_that_of_more_is_simulated(n, control, treated):
    trial = Trial(np.ones(1), np.array([control]), np.array([treated]), 0.05, 10, 7)
    exact = exact_power(n, control, treated)
    assert trial.power(n) == pytest.approx(exact, abs=1e-12)
    assert trial.error(exact) == 0
    # The same patients as two grades of which one has nobody: the same trial, simulated.
    both = [np.array([rate, rate]) for rate in (control, treated)]
    simulated = Trial(np.array([1.0, 0.0]), *both, 0.05, 20_000, 7)
    assert simulated.power(n) == pytest.approx(exact, abs=4 * simulated.error(exact) / 1.96)


def test_equal_rates_are_found_no_more_often_than_alpha():
    trial = Trial(np.array([6, 2, 5]), *[np.array([0.2, 0.7, 0.85])] * 2, 0.05, 20_000, 1)
    assert trial.power(60) < 0.05
    assert trial.smallest(0.8, 100) is None


def test_the_smallest_size_has_the_power_and_repeats():
    trial = Trial(np.ones(1), np.array([0.2]), np.array([0.6]), 0.05, 4000, 1)
    size = trial.smallest(0.8, 500)
    again = Trial(np.ones(1), np.array([0.2]), np.array([0.6]), 0.05, 4000, 1)
    assert trial.power(size) >= 0.8
    assert again.smallest(0.8, 500) == size
    assert all(exact_power(fewer, 0.2, 0.6) < 0.8 for fewer in range(2, size))


def test_grades_are_shared_out_in_whole_patients():
    trial = Trial(np.array([6, 2, 5]), *[np.zeros(3)] * 2, 0.05, 10, 1)
    for size in range(1, 40):
        assert trial.sizes(size).sum() == size
    assert trial.sizes(13).tolist() == [6, 2, 5]


def test_where_nothing_exceeds_natural_recovery_there_is_no_size():
    settings = ClaimsSettings.taken_from(load_study({}, ROOT))
    results = Estimates("natural_recovery", "all", SUBJECTS)
    for name, value in ((NaturalRecovery.IMPROVED, 0.1), (NaturalRecovery.BENCHMARK, 0.193)):
        results.add(
            name, value, lower=0.0, upper=0.4, endpoint="ais_180", stratum=BaselineGrade("A"), n=10,
            inputs=BEFORE_AFTER,
        )  # fmt: skip
    made = Estimates("claims", "all", SUBJECTS)
    trial_sizes(made, results.table(), settings)
    rows = made.table()
    assert rows["convention"].str.contains("no higher than natural recovery").all()
    assert len(rows) == 2
