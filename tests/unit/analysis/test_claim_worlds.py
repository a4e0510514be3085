"""Claims where the treatment does nothing: against every analysis run on every flipped study."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from analysis_study import endpoint, scores, small_settings
from owncontrol.analysis import change, claim_worlds, claims, responders
from owncontrol.analysis.natural_course import NaturalCourse
from owncontrol.analysis.settings import ClaimWorldsSettings
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Claims
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.claim_verdicts import claims_table
from owncontrol.statistics.score_course import VisitMeans
from owncontrol.tables import concat

LEAST = {"important_difference": {"threshold": 2, "source": "made up"}}
MOTOR = endpoint("motor", "isncsci", "motor_total", **LEAST)
UPPER = endpoint("upper", "isncsci", "upper_extremity_motor_score", **LEAST)
GRADE = endpoint("ais", "isncsci", "asia_impairment_scale", family="grade")
CODES = ["S1", "S2", "S3"]
# Before and after; the third has no upper score after treatment.
SEEN = {
    "motor": [(20, 27), (10, 20), (5, 3)],
    "upper": [(10, 13), (10, 10), (5, None)],
}
EXPECTED = 6.0  # of the course below, from day 40 to day 220
VISITS = ("before", "after")
BETTER = {"name": "better", "label": "Better", "of": ["motor", "upper"]}


def courses():
    visits = VisitMeans(
        days=(7, 40, 220), means=(10, 14, 14 + EXPECTED), sds=(8, 8, 8), sizes=(64, 64, 64)
    )
    words = {"population": "", "unit": "points", "citation": "A paper", "note": ""}
    return [
        NaturalCourse(
            cohort="One", instrument="isncsci", scale="motor_total", abbreviation="TMS", grade="A",
            level="tetraplegia", sex="", grade_exam="week 1", course=visits, **words,
        )
    ]  # fmt: skip


def settings(*conditions, natural=False, needs_any=0, **claim):
    """Settings of the analyses, and of the claim that is made of each list of conditions.

    ``needs_any``: number of the claim that needs any of its conditions.
    """
    course = {"table": "x.csv", "grade": "isncsci.asia_impairment_scale", "level": "tetraplegia"}
    visits = [{"name": name, "label": name, "clock": "injury", "day": 1} for name in VISITS]
    more = {"natural_course": course} if natural else {}
    more["responders"] = [BETTER, {**BETTER, "name": "both", "needs": "all"}]
    small = small_settings(MOTOR, UPPER, GRADE, level=0.7, visits=visits, **more)
    whole = {name: getattr(small, name) for name in type(small).model_fields}
    chosen = {name: whole[name] for name in ClaimWorldsSettings.model_fields if name in whole}
    made = [
        {"id": f"C{number}", "claim": "It rose.", "criterion": "It rises", "conditions": one}
        for number, one in enumerate(conditions, start=1)
    ]
    said = [{**one, **claim} for one in made]
    for one in said[needs_any - 1 : needs_any]:
        one["needs"] = "any"
    given = {key: item for key, item in chosen.items() if item is not None} | {"claims": said}
    return small, ClaimWorldsSettings.model_validate(given)


def study(motor, upper):
    """Scores of the two endpoints and the grade, by the changes of each subject."""
    after = {"motor": motor, "upper": upper}
    tables = [
        scores(
            of,
            {
                code: {"before": SEEN[of.name][place][0], "after": ends[place]}
                for place, code in enumerate(CODES)
            },
        )
        for of, ends in ((of, after[of.name]) for of in (MOTOR, UPPER))
    ]
    return pd.concat(tables)


def analysed(table, small):
    """Results of the analyses that the claims are about, of the endpoints in ``table``."""
    changes = Estimates("change", "all", CODES)
    here = [of for of in small.endpoints if of.scale in set(table["scale"])]
    for of in here:
        change.change_from_baseline(changes, table, of, small)
    change.adjust_families(changes, here)
    reached = Estimates("responders", "all", CODES)
    for criterion in responders.criteria(small)[-2:]:
        found = responders.looks({"treated": table}, criterion, small)
        responders.at_visits(reached, found, criterion, small.level)
    return concat([changes.table(), reached.table()], "estimates")


def audited(table, small, told):
    results = Estimates("claims", "all", CODES)
    known = analysed(table, small)
    claims.audit(results, known, told)
    return results, known


def seen():
    here = study(*([after for _, after in SEEN[name]] for name in ("motor", "upper")))
    grades = {code: {"before": 1, "after": 2} for code in CODES}
    return pd.concat([here, scores(GRADE, grades)])


def false_support(small, told, published=(), table=None):
    table = seen() if table is None else table
    results, known = audited(table, small, told)
    everything = concat([known, results.table()], "estimates").set_index("estimate_id")
    people = pd.DataFrame({"subject_id": CODES, "sex": "male"})
    world = claim_worlds.World(everything, {"treated": table}, people, published, told)
    claim_worlds.false_support(results, world)
    rows = results.table()
    return rows.loc[rows["statistic"] == Claims.FALSE_SUPPORT], results


def only(*args):
    """The one row, and all results."""
    rows, results = false_support(*args)
    (row,) = rows.to_dict("records")
    return row, results


def by_every_flip(small, told, expected=0.0):
    """The share of flipped studies whose own analysis supports each claim."""
    supported = []
    for signs in product((1, -1), repeat=len(CODES)):
        ends = {
            name: [
                None if after is None else before + middle + sign * (after - before - middle)
                for (before, after), sign in zip(SEEN[name], signs, strict=True)
            ]
            for name, middle in (("motor", expected), ("upper", 0.0))
        }
        results, _ = audited(study(ends["motor"], ends["upper"]), small, told)
        supported.append(results.table()["value"].eq(1))
    return np.mean(supported, axis=0)


ROSE = {"estimate": "change.motor.after.hodges_lehmann", "field": "lower", "above": 0}
TESTED = {"estimate": "change.upper.after.signed_rank_pratt", "field": "p_adjusted", "at_most": 0.5}
ALONE = {"estimate": "change.motor.after.signed_rank_pratt", "field": "p", "at_most": 0.3}
SIZE = {"estimate": "change.upper.after.hodges_lehmann", "at_least": 1}
UNCHANGED = {"estimate": "change.upper.after.unchanged", "field": "events", "at_least": 1}
WORSE = {"estimate": "change.motor.after.worse", "field": "upper", "below": 0.8}
REACHED = {"estimate": "responders.better.after.responders", "field": "lower", "above": 0.3}
EVERYBODY = {"estimate": "responders.better.after.responders", "field": "n", "at_least": 3}


BOTH = {"estimate": "responders.both.after.responders", "at_least": 0.3}
KNOWN = {"estimate": "responders.both.after.responders", "field": "n", "at_least": 3}
CRITERIA = (
    [ALONE, SIZE],
    [ROSE],
    [TESTED],
    [UNCHANGED, ROSE],
    [WORSE],
    [REACHED],
    [BOTH],
    [KNOWN],
    [EVERYBODY],
)


@pytest.mark.slow
def test_the_rate_is_that_of_analysing_every_flipped_study():
    small, told = settings(*CRITERIA, natural=True, needs_any=1)
    rows, _ = false_support(small, told, courses())
    expected = by_every_flip(small, told, EXPECTED)
    assert rows["value"].tolist() == pytest.approx(expected)
    assert set(rows["n"]) == {8}
    assert set(rows["method"]) == {"all sign flips"}
    assert ((expected > 0) & (expected < 1)).sum() >= 4


@pytest.mark.slow
def test_it_is_said_around_what_the_changes_are():
    small, told = settings([ROSE, SIZE], natural=True)
    row, _ = only(small, told, courses())
    assert row["stratum"] == "world: natural change where known"
    assert row["convention"] == (
        "around the published course: motor; around zero, no course known: upper"
    )
    row, _ = only(*settings([ROSE], natural=True), courses())
    assert row["stratum"] == "world: natural change"
    row, _ = only(*settings([ROSE]))
    assert row["stratum"] == "world: no change"


@pytest.mark.slow
def test_the_members_of_the_family_are_named_as_inputs():
    row, _ = only(*settings([TESTED]))
    for name in ("motor", "upper"):
        assert f"estimate_id=change.{name}.after.signed_rank_pratt" in row["inputs"]


GRADED = {"estimate": "change.ais.after.improved", "field": "lower", "above": 0.1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("conditions", "keys", "reason"),
    [
        ([GRADED], {}, "ais: known are rates of natural recovery"),
        (
            [ROSE, {"estimate": "change.motor.after.median_visit", "above": 0}],
            {},
            "this number of a change is not simulated",
        ),
        ([ROSE], {"cannot_be_tested": "no"}, "the claim has no verdict"),
        (
            [{"estimate": "responders.better.after.responders_wilson", "above": 0.1}],
            {},
            "when untreated subjects improve",
        ),
    ],
)
def test_what_cannot_be_simulated_says_why(conditions, keys, reason):
    row, results = only(*settings(conditions, **keys))
    assert np.isnan(row["value"])
    assert reason in row["convention"]
    _, told = settings(conditions, **keys)
    table = claims_table(Numbers(results.table(), lambda shown: shown.text), told)
    assert table.rows[0][3] == "\N{EN DASH}"
    assert (f"Not simulated: C1 ({reason}" in table.note) == ("cannot_be_tested" not in keys)


@pytest.mark.slow
def test_many_subjects_are_not_simulated(monkeypatch):
    monkeypatch.setattr(claim_worlds, "MOST_SUBJECTS", 2)
    row, _ = only(*settings([ROSE]))
    assert "simulated for up to 2 subjects" in row["convention"]


@pytest.mark.slow
def test_more_subjects_are_drawn_and_repeat(monkeypatch):
    exact, _ = only(*settings([ROSE]))
    monkeypatch.setattr(claim_worlds, "ALL_FLIPS", 4)
    first, second = (only(*settings([ROSE]))[0] for _ in range(2))
    assert (first["n"], first["method"]) == (2000, "random signs, seed 1")
    assert first["value"] == second["value"]
    assert first["value"] == pytest.approx(exact["value"], abs=0.03)


@pytest.mark.slow
def test_a_claim_that_comes_easily_is_marked_in_the_table():
    small, told = settings([ROSE], natural=True)
    _, results = false_support(small, told, courses())
    table = claims_table(Numbers(results.table(), lambda shown: shown.text), told)
    assert table.rows[0][1].endswith("supported (weak test)")
    assert float(table.rows[0][3]) > 10
    assert "lower bound" not in table.note
    small, told = settings([{**SIZE, "at_least": 4}])
    _, results = false_support(small, told)
    table = claims_table(Numbers(results.table(), lambda shown: shown.text), told)
    assert float(table.rows[0][3]) <= 10
    assert "weak" not in table.rows[0][1]
    assert "around zero, no course known: upper, so the rate is a lower bound." in table.note
