"""The words of the verdict, in each of its three directions and without one."""

import pandas as pd
import pytest
from analysis_study import (
    PUBLISHED,
    RECOVERY,
    ROOT,
    endpoint,
    graded_scores,
    scores,
    small_settings,
)
from owncontrol.analysis.published_rates import read_rates
from owncontrol.analysis.verdict import run_verdict
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import BaselineGrade
from owncontrol.reporting.first_page_changes import worst_world
from owncontrol.reporting.frozen_sentences import frozen_sentences, other_verdict
from owncontrol.reporting.plan_facts import FrozenResult, PlanFacts, Version
from owncontrol.reporting.plan_sentences import if_they_count
from owncontrol.reporting.verdict_sentences import (
    exceeded_words,
    survival_table,
    verdict_words,
    worlds_table,
)
from owncontrol.study.frozen_configuration import AsFrozen
from owncontrol.study.plan_timing import Moment

RATES = read_rates(ROOT / "data/reference/natural_recovery.csv")
EXCEEDS = "The highest published rate that it exceeds is"
AIS = endpoint("ais", "isncsci", "asia_impairment_scale")


def judged(pairs, more=(), **keys):
    """The numbers of a verdict and ``more`` tables of numbers, and the settings of its study."""
    recovery = {**RECOVERY, "eligible": {"level": "cervical"}}
    settings = small_settings(AIS, **{"natural_recovery": recovery, **keys})
    table = graded_scores(AIS, pairs)
    results = Estimates("natural_recovery", "all", sorted(table["subject_id"].unique()))
    run_verdict(results, {"treated": table}, AIS, RATES, settings)
    return Numbers(pd.concat([results.table(), *more]), lambda shown: shown.text), settings


def told(pairs, **keys):
    numbers, settings = judged(pairs, **keys)
    words = verdict_words(numbers, settings)
    parts = words["lead"] + words["further"] + words["survives"]
    sentences = ["".join(map(str, sentence)) for sentence in parts]
    return " ".join(sentences), survival_table(numbers, settings), worlds_table(numbers, settings)


def test_more():
    said, survival, worlds = told(PUBLISHED)
    assert said.startswith(
        "More patients improved than expected from published rates of untreated patients: 10 of 11"
    )
    assert "tested at 0.025 in each direction" in said
    assert "Grade A alone shows it: 5/6 (83\N{NO-BREAK SPACE}%) improved" in said
    assert "Grade C shows it" not in said
    assert "Grade B (2 patients) is not part of the verdict: no eligible published rate." in said
    assert "If one of these improvements were a rating error, it would no longer stand." in said
    assert survival.header[0] == "Missing"
    assert len(worlds.rows) == 5


@pytest.mark.parametrize(
    ("primary", "sentence"),
    [
        ({}, "1 patient died after the treatment without a follow-up exam and counts as not "
         "improved; left out, the verdict would be more than expected (5 of 5 improved)."),
        ({"death": "left out"}, "1 patient died after the treatment without a follow-up exam and "
         "is left out; counted as not improved, the verdict would be"),
    ],
)  # fmt: skip
def test_deaths_are_told_with_the_verdict_by_the_other_choice(primary, sentence):
    values = {f"S{n}": {"before": 1, "after": 2} for n in range(1, 6)}
    table = scores(AIS, values | {"S6": {"before": 1, "after": None}})
    recovery = {**RECOVERY, "eligible": {"level": "cervical"}, "primary": primary}
    settings = small_settings(AIS, natural_recovery=recovery)
    results = Estimates("natural_recovery", "all", sorted(table["subject_id"].unique()))
    died = pd.DataFrame({"subject_id": ["S6"], "row_id": ["e:1"]})
    run_verdict(results, {"treated": table}, AIS, RATES, settings, died)
    numbers = Numbers(results.table(), lambda shown: shown.text)
    lead = ["".join(map(str, part)) for part in verdict_words(numbers, settings)["lead"]]
    assert sentence in lead[1]


def test_fewer():
    said, survival, _ = told(["AA"] * 20 + ["CC"] * 19)
    assert said.startswith("Fewer patients improved than expected")
    assert "patients who did not improve misrated." in said
    assert "who improved" in said
    assert survival is not None


@pytest.mark.parametrize(
    ("looks", "spending", "sentence"),
    [
        ([22], "pocock", "This is look 1 of 1 that are declared (up to 22 patients), tested at "
         "0.025"),
        ([11, 22], "obrien_fleming", "This is look 1 of 2 that are declared (up to 11 and 22 "
         "patients), tested at 0.001525: the O’Brien–Fleming share of the 0.025 by which all "
         "looks together may be wrong in each direction."),
        ([5, 9], "pocock", "This is look 2 of 2 that are declared (up to 5 and 9 patients), "
         "tested at 0.0"),
    ],
)  # fmt: skip
def test_a_declared_look_is_told_with_its_level(looks, spending, sentence):
    recovery = {**RECOVERY, "eligible": {"level": "cervical"}}
    primary = {"looks": looks, "spending": spending}
    said, *_ = told(PUBLISHED, natural_recovery={**recovery, "primary": primary})
    assert sentence in said
    # With 10 of 11 p is 0.004: at the first of two looks that is not decided.
    assert said.startswith("Not decided" if looks == [11, 22] else "More patients improved")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pairs", "patients", "words"),
    [
        (PUBLISHED, 3, " Had none of them improved, the verdict would not stand (one-sided p = "),
        (["AB"] * 12, 1, " Had none of them improved, the verdict would still stand (one-sided p"),
        (["AA"] * 39, 1, " Had all of them improved, the verdict would still stand (one-sided p"),
        (["AB"] * 12, 99, " Had none of them improved: whether the verdict would stand is not"),
        (["AA", "AB"], 1, ""),
    ],
)  # fmt: skip
def test_patients_who_are_excluded_are_told_with_what_they_could_do_to_the_verdict(
    pairs, patients, words
):
    said = "".join(map(str, if_they_count(*judged(pairs), patients)))
    assert said.startswith(words)
    assert bool(said) == bool(words)


def test_not_decided():
    said, survival, worlds = told(["AA"] * 5 + ["AB"] + ["CD"] * 4 + ["CC"])
    assert said.startswith("Not decided: 5 of 11 patients improved")
    assert "would have shown it with 80 % power" in said
    assert "no more" not in said.lower()
    assert survival is None
    assert worlds is not None


VERDICT = "natural_recovery.main.all_grades.verdict"
IMPROVED, SIZE = f"change.{AIS.name}.after.improved", f"change.{AIS.name}.after.hodges_lehmann"
MAIN = (AsFrozen.IMPROVED, IMPROVED, 0.5, 5, 10, f"{AIS.label}, before to after")
TOLD = "Its main result is ais, before to after: 5 of 10 improved"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "sentences", "is_other"),
    [
        ([], [], False),
        (
            [(AsFrozen.VERDICT, VERDICT, 0.0, 5, 10, ""), MAIN],
            ["By the plan frozen on 2019-02-01 the verdict is not decided: 5 of 10 improved; by "
             "the configuration of this run it is more than expected: 10 of 11 improved.",
             f"{TOLD}; that of this run: 11 of 13."],
            True,
        ),
        (
            [(AsFrozen.VERDICT, VERDICT, 1.0, 9, 10, ""),
             (*MAIN[:5], "Walking, before to later"),
             (AsFrozen.SIZE, "change.walking.later.hodges_lehmann", 2.5, None, 10, "2.5")],
            ["By the plan frozen on 2019-02-01 the verdict is more than expected: 9 of 10 "
             "improved; by the configuration of this run it is the same: 10 of 11 improved.",
             "Its main result is Walking, before to later: 5 of 10 improved, change 2.5; that of "
             "this run is ais, before to after: 11 of 13."],
            False,
        ),
        (
            [(AsFrozen.VERDICT, VERDICT, None, None, 0, "nobody has both exams"),
             (AsFrozen.IMPROVED, IMPROVED, None, None, 0, MAIN[5]),
             (AsFrozen.NOT_PUT_BACK, "instruments.x", None, None, None, ""),
             (AsFrozen.CORRECTIONS_LEFT_OUT, "", None, None, 1, "")],
            ["By the plan frozen on 2019-02-01 there is no verdict (nobody has both exams); by the "
             "configuration of this run it is more than expected: 10 of 11 improved.",
             "Its main result is ais, before to after: not known; that of this run: 11 of 13.",
             "The lock holds only a hash of instruments.x: as it is now in both results.",
             "The result by the plan leaves out 1 correction made after it was frozen."],
            True,
        ),
        (
            [MAIN, (AsFrozen.CORRECTIONS_KEPT, "", None, None, 2, "")],
            ["The plan frozen on 2019-02-01 has no comparison with published rates.",
             f"{TOLD}; that of this run: 11 of 13.",
             "Both results include 2 corrections made after the plan was frozen."],
            False,
        ),
        (
            [(AsFrozen.NOT_RUN, "", None, None, None, "x.csv: missing")],
            ["The result by the plan frozen on 2019-02-01 cannot be computed: x.csv: missing."],
            False,
        ),
    ],
)  # fmt: skip
def test_verdict_and_main_result_by_the_frozen_plan_are_reported_beside_the_studys_own(
    rows, sentences, is_other
):
    change = Estimates("change", "all", ["S01"])
    about = {"endpoint": AIS.name, "visit": "after", "n": 13, "unit": "grade", "method": "x"}
    change.add(Change.IMPROVED, 11 / 13, events=11, convention="x", inputs="", **about)
    numbers, settings = judged(PUBLISHED, [change.table()])
    version = Version("2019-02-01", "me", "", "", Moment.BEFORE, 0, 0, "ab" * 32, True)
    results = tuple(FrozenResult(*row) for row in rows)
    facts = PlanFacts((version,), (), (), Moment.BEFORE, (), results)
    said = frozen_sentences(facts, numbers, settings)
    assert ["".join(map(str, sentence)) for sentence in said] == sentences
    other = other_verdict(facts, numbers, settings)
    assert other == (sentences[0].partition(";")[0] + "." if is_other else "")


def test_not_decidable():
    said, *_ = told(["CD"] * 5 + ["AB"])
    assert "Even if all of them had improved" in said


def test_without_a_verdict():
    said, survival, worlds = told(["BC", "BB"])
    assert said == (
        "There is no verdict against natural recovery: grade B: no eligible published rate."
    )
    assert (survival, worlds) == (None, None)


@pytest.mark.parametrize("pairs", [PUBLISHED, ["AA"] * 39, ["AA"] * 3 + ["AB"]])
def test_no_word_of_a_cause(pairs):
    said, *_ = told(pairs)
    assert not [word for word in ("because", "effective", "caused", "proves") if word in said]


def test_page_one_names_the_assumption_whose_failure_misleads_most():
    numbers, settings = judged(PUBLISHED)
    table = worlds_table(numbers, settings)
    said = "".join(map(str, worst_world(numbers, settings, {"null-worlds": table})))
    false = {row[0]: float(row[1]) for row in table.rows}
    worst = max(false, key=false.get)
    assert f"{false[worst]:.1f} % would still find more improved" in said
    assert worst.partition(": ")[2] in said
    assert worst_world(numbers, settings, {}) == []


@pytest.mark.parametrize(
    ("exceeded", "words"),
    [
        (
            0.1,
            "The highest published rate that it exceeds is 10.0 %; the highest there is, 30.0 %.",
        ),
        (None, "It exceeds no published rate."),
    ],
)
def test_the_highest_rate_that_is_exceeded_is_said_and_not_how_many(exceeded, words):
    results = Estimates("natural_recovery", "all", ["S1"])
    about = {"endpoint": "main", "stratum": BaselineGrade("A"), "n": 1}
    results.add(NaturalRecovery.HIGHEST_PUBLISHED, 0.3, **about)
    if exceeded:
        results.add(NaturalRecovery.HIGHEST_EXCEEDED, exceeded, **about)
    else:
        results.add_missing(NaturalRecovery.HIGHEST_EXCEEDED, "no rate", **about)
    numbers = Numbers(results.table(), lambda shown: shown.text)
    said = exceeded_words(numbers, "natural_recovery.main.a")
    assert "".join(map(str, said)) == words
