"""Claims about the share that improved by grade: against every way in which patients improve."""

from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
from analysis_study import endpoint, scores, small_settings
from owncontrol.analysis import claim_worlds, claims, responders
from owncontrol.analysis.judged_cohort import expected_rates
from owncontrol.analysis.settings import ClaimWorldsSettings
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Claims
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.claim_verdicts import claims_table
from owncontrol.statistics.cohort_verdict import SCORES, WEIGHTS
from scipy.special import expit

GRADE = endpoint(
    "ais",
    "isncsci",
    "asia_impairment_scale",
    family="grade",
    important_difference={"threshold": 1, "source": "made up"},
)
# Grade at baseline; where all are improved, the grade after it.
BEFORE = {"S1": 1, "S2": 1, "S3": 2, "S4": 3}
RECOVERY = {
    "table": "rates.csv",
    "endpoint": "ais",
    "benchmark": "First",
    "comparisons": [
        {
            "name": "ais",
            "label": "Grade",
            "baseline": {"visit": "before"},
            "follow_up": {"visit": "after"},
        }
    ],
}


def rates(percents=(20, 40, 60), grades="ABC"):
    """Three registries of each grade, ten points apart."""
    rows = [
        {
            "source": f"{name}", "population": "all", "grade": grade, "gain": 1, "exam": "early",
            "exam_from": 0, "exam_to": 15, "follow_up_to": 400, "follow_up_from": 180, "n": 100,
            "events": percent + shift, "percent": percent + shift, "citation": "", "level": "",
            "registry": name, "kind": "cohort",
        }
        for grade, percent in zip(grades, percents, strict=True)
        for name, shift in (("First", -10), ("Second", 0), ("Third", 10))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def of_the_analyses():
    visits = [
        {"name": name, "label": name, "clock": "injury", "day": day}
        for name, day in (("before", 1), ("after", 30))
    ]
    return small_settings(GRADE, level=0.9, visits=visits)


def settings(*conditions, **claim):
    small = of_the_analyses()
    whole = {name: getattr(small, name) for name in type(small).model_fields}
    chosen = {name: whole[name] for name in ClaimWorldsSettings.model_fields if name in whole}
    made = {"id": "C1", "claim": "More.", "criterion": "More", "conditions": conditions, **claim}
    given = {key: item for key, item in chosen.items() if item is not None}
    given |= {"claims": [made], "natural_recovery": RECOVERY}
    return ClaimWorldsSettings.model_validate(given)


def table(improved):
    """Scores of the grade; ``improved``: by subject, in order."""
    marks = zip(BEFORE.items(), improved, strict=True)
    return scores(
        GRADE, {code: {"before": grade, "after": grade + up} for (code, grade), up in marks}
    )


@cache
def reached(improved):
    """The results that the claims are about."""
    small = of_the_analyses()
    shares = Estimates("responders", "all", sorted(BEFORE))
    for criterion in responders.criteria(small):
        found = responders.looks({"treated": table(improved)}, criterion, small)
        responders.at_visits(shares, found, criterion, small.level)
    return shares.table()


def analysed(improved, told):
    results = Estimates("claims", "all", sorted(BEFORE))
    claims.audit(results, reached(improved), told)
    return results, reached(improved)


def false_support(told, published):
    results, known = analysed((1, 0, 1, 1), told)
    everything = pd.concat([known, results.table()]).set_index("estimate_id")
    people = pd.DataFrame({"subject_id": sorted(BEFORE), "sex": "male"})
    world = claim_worlds.World(
        everything, {"treated": table((1, 0, 1, 1))}, people, (), told, published
    )
    claim_worlds.false_support(results, world)
    rows = results.table()
    (row,) = rows.loc[rows["statistic"] == Claims.FALSE_SUPPORT].to_dict("records")
    return row, results


def by_every_outcome(told, published):
    """The chance of support over all outcomes of all patients, each analysed by itself."""
    expected = expected_rates(published, GRADE.grades, {}, told.natural_recovery.eligible)
    chance = 0.0
    for improved in product((0, 1), repeat=len(BEFORE)):
        results, _ = analysed(improved, told)
        if not results.table()["value"].eq(1).any():
            continue
        each = np.ones(len(SCORES))
        for grade, up in zip(BEFORE.values(), improved, strict=True):
            if (rate := expected.high.get("ABC"[grade - 1])) is None:
                each = each * up  # without a rate: all improve
                continue
            share = expit(rate.logits())
            each = each * (share if up else 1 - share)
        chance += float(WEIGHTS @ each)
    return chance


SHARE = "responders.ais.after.responders"
HALF = {"estimate": SHARE, "field": "lower", "above": 0.4}
MOST = {"estimate": SHARE, "field": "value", "at_least": 0.5}
ALL = {"estimate": SHARE, "field": "events", "at_least": 4}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("conditions", "claim"),
    [
        ([HALF], {}),
        ([MOST], {}),
        ([HALF, MOST], {}),
        ([MOST, ALL], {"needs": "any"}),
        ([{"estimate": SHARE, "field": "upper", "at_least": 0.9}], {}),
    ],
)
@pytest.mark.parametrize("published", [rates(), rates((20, 60), "AC")])
def test_the_chance_is_that_of_analysing_every_outcome(conditions, claim, published):
    told = settings(*conditions, **claim)
    row, _ = false_support(told, published)
    assert row["value"] == pytest.approx(by_every_outcome(told, published), abs=1e-12)
    assert ("grade B as improved" in row["convention"]) == ("B" not in set(published["grade"]))
    assert (row["n"], row["stratum"]) == (4, "world: published rates")
    assert 0 < row["value"] < 1


@pytest.mark.parametrize(
    ("condition", "published", "reason"),
    [
        # More improvement breaks such a claim: its chance would be no upper bound.
        ({"estimate": SHARE, "field": "upper", "below": 0.99}, rates(), "published rates"),
        (HALF, rates((40,), "D"), "no subject has a grade with an eligible published rate"),
        (HALF, None, "published rates"),
    ],
)
def test_it_says_why_there_is_none(condition, published, reason):
    told = settings(condition)
    row, _ = false_support(told, published)
    assert np.isnan(row["value"])
    assert reason in row["convention"] or "rates of natural recovery" in row["convention"]


@pytest.mark.parametrize(("limit", "words"), [(0.1, "(may be a weak test)"), (0.4, "")])
def test_the_table_says_that_it_is_an_upper_bound(limit, words):
    told = settings({"estimate": SHARE, "field": "lower", "above": limit})
    row, results = false_support(told, rates())
    made = claims_table(Numbers(results.table(), lambda shown: shown.text), told)
    assert (row["value"] > 0.1) == bool(words)
    assert str(made.rows[0][1]).endswith(words or "supported")
    assert "C1: at most, of 4 patients with the published rates of their grades" in made.note
