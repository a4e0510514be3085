"""Claims checked against the analysis results, by the criteria that the configuration fixed."""

import math
from operator import ge, gt, le, lt

import numpy as np
import pandas as pd

from owncontrol.analysis.combined import combined_inputs, scores_behind
from owncontrol.analysis.settings import ClaimsSettings
from owncontrol.analysis.showable import cannot_show
from owncontrol.basics.decimals import plain
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.conventions import Untestable
from owncontrol.estimates.declared_statistics import Change, Claims
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.selections import name_matching
from owncontrol.study.claims import Claim, Condition

COMPARED = {"above": gt, "below": lt, "at_least": ge, "at_most": le}
# Analyses whose p-values are about what happened to the subjects.
TESTING = ("change", "natural_recovery", "sensitivity")
# Points of a curve, and p-values of what did not happen: no tests of an effect.
NO_TESTS = (
    NaturalRecovery.P_AT_RATE,
    NaturalRecovery.BEST_POSSIBLE,
    NaturalRecovery.IF_MISJUDGED,
    Change.SMALLEST_P,
)


def audit(estimates: Estimates, known: pd.DataFrame, settings: ClaimsSettings) -> None:
    """Add one verdict a claim: 1 supported, 0 not supported, or not estimable with the reason.

    ``known``: the results of all other analyses; those of this one may be named as well.
    """
    everything = pd.concat([known, estimates.table()]).set_index("estimate_id")
    for claim in settings.claims:
        conditions = claim.conditions
        named = [condition.estimate for condition in conditions] + list(claim.numbers)
        about: About = {
            "endpoint": claim.id,
            "method": claim.criterion,
            "inputs": " ".join(
                name_matching("estimates", estimate_id=name)
                for name in dict.fromkeys(named)
                if name in everything.index
            ),
        }
        reason = _untestable(claim, everything)
        if reason:
            estimates.add_missing(Claims.VERDICT, str(Untestable(reason)), n=0, **about)
            continue
        held = [holds(condition, everything) for condition in conditions]
        supported = any(held) if claim.needs == "any" else all(held)
        failing = [words(c) for c, held_here in zip(conditions, held, strict=True) if not held_here]
        estimates.add(
            Claims.VERDICT,
            int(supported),
            n=len(held),
            events=sum(held),
            convention=f"{sum(held)} of {len(held)} conditions hold, {claim.needs} needed"
            + (f"; not: {'; '.join(failing)}" if failing else "")
            + "".join(f"; no estimate {name}" for name in named if name not in everything.index),
            **about,
        )


def holds(condition: Condition, everything: pd.DataFrame) -> bool:
    """Whether an estimate meets a condition."""
    value = everything.loc[condition.estimate, condition.field]
    word, limit = limit_of(condition)
    return bool(COMPARED[word](float(value), limit))


def words(condition: Condition) -> str:
    """A condition in words."""
    word, limit = limit_of(condition)
    field = condition.field.replace("_", " ")
    return f"{field} of {condition.estimate} {word.replace('_', ' ')} {plain(limit)}"


def limit_of(condition: Condition) -> tuple[str, float]:
    """The word of a condition's bound (see ``COMPARED``), and the bound."""
    given = ((word, getattr(condition, word)) for word in COMPARED)
    return next((word, float(limit)) for word, limit in given if limit is not None)


def _untestable(claim: Claim, everything: pd.DataFrame) -> str:
    """Why a claim has no verdict; empty if it has one."""
    if claim.cannot_be_tested:
        return claim.cannot_be_tested
    if not claim.conditions:
        return "no condition is set"
    for condition in claim.conditions:
        name = condition.estimate
        if name not in everything.index:
            return f"the analysis results have no estimate {name}"
        row = everything.loc[name]
        if pd.isna(row["value"]):
            return f"{name}: {row['convention']}"
        if pd.notna(row["n"]) and row["n"] == 0:
            return f"{name} is about nobody"
        if math.isnan(float(row[condition.field])):
            return f"{name} has no {condition.field.replace('_', ' ')}"
    return _unshowable(claim, everything)


def _unshowable(claim: Claim, everything: pd.DataFrame) -> str:
    """Why no data of so many subjects could support a claim; empty where some could."""
    reasons = [cannot_show(item, everything.loc[item.estimate]) for item in claim.conditions]
    hopeless = [reason for reason in reasons if reason]
    if not hopeless or (claim.needs == "any" and len(hopeless) < len(reasons)):
        return ""
    return hopeless[0]


def within_subject_tests(estimates: Estimates, known: pd.DataFrame) -> None:
    """Add how many tests compare every subject with itself, of all tests of an effect.

    Read from what each test was computed from: every subject in it has values of at least two
    visits. One that has not compares subjects with each other.
    """
    is_test = known["analysis"].isin(TESTING) & known["p"].notna()
    tests = known.loc[is_test & ~known["statistic"].isin(NO_TESTS)]
    written = known.set_index("estimate_id")["inputs"]
    position = {subject: place for place, subject in enumerate(estimates.places.subjects)}
    within = {text: _within(text, position, written) for text in tests["inputs"].unique()}
    count = sum(within[text] for text in tests["inputs"])
    about: About = {"n": len(tests), "method": "count", "unit": "tests"}
    about["inputs"] = combined_inputs(tests["inputs"], estimates.places.subjects)
    for name, value in (
        (Claims.WITHIN_SUBJECT_TESTS, count),
        (Claims.BETWEEN_SUBJECT_TESTS, len(tests) - count),
    ):
        estimates.add(name, value, events=value, **about)


def _within(inputs: str, position: dict[str, int], written: "pd.Series[str]") -> bool:
    """Whether every subject has values of two visits; ``written``: inputs by estimate."""
    cells, only_scores = scores_behind(inputs, position, written)
    seen = np.zeros(len(position), np.int64)
    for visit in {visit for _, visit in cells}:
        seen += np.logical_or.reduce([who for cell, who in cells.items() if cell[1] == visit])
    return only_scores and bool(seen.any()) and bool((seen[seen > 0] > 1).all())
