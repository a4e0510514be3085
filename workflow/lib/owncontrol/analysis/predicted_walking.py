"""How many walk at the time point, beside the number that published rules predict."""

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.analysis.exam_cells import grades_of_cell
from owncontrol.analysis.expected_change import of_scale
from owncontrol.analysis.settings import ChangeSettings
from owncontrol.basics.decimals import plain
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.strata import PredictionRule
from owncontrol.isncsci.cells import WALKING_CELLS
from owncontrol.isncsci.walking_rules import RULES, WalkingRule, walking_score
from owncontrol.statistics.external_rates import poisson_binomial_distribution

ENDPOINT = "walking_alone"
YEAR = "at one year"


def beside_walking_rules(
    estimates: Estimates,
    scores: pd.DataFrame,
    exams: pd.DataFrame,
    subjects: pd.DataFrame,
    settings: ChangeSettings,
) -> None:
    """Add, for each rule, how many are predicted to walk and how many of the same subjects do.

    ``scores``: of the treated; ``exams``: their cleaned ISNCSCI exams at the study's baseline, with
    ``row_id``; ``subjects``: the subjects table, for the age. The interval of the number predicted
    is the middle ``level`` of its Poisson-binomial distribution. Nothing where the study does not
    say who walks (``natural_course.walking``). Subjects without a deciding grade, age or outcome
    are left out, and counted.
    """
    walking = settings.natural_course.walking if settings.natural_course else None
    if walking is None:
        return
    instrument, _, scale = walking.outcome.partition(".")
    here = of_scale(scores, instrument, scale)
    seen = here.loc[(here["visit"] == settings.time_point) & here["value"].notna()]
    exams = exams.loc[exams["visit"] == settings.baseline].drop_duplicates("subject_id")
    people = _people(exams, subjects)
    outcome = seen.set_index(seen["subject_id"].astype(str))
    people["walks"] = outcome["value"].reindex(people.index).astype("float64") >= walking.at_least
    people["known"] = people.index.isin(outcome.index)
    kept = people.loc[people["score"].notna() & people["known"]]
    examined = scores.loc[
        (scores["instrument"] == "isncsci") & (scores["visit"] == settings.baseline)
    ].drop_duplicates("subject_id")
    examined = examined.loc[examined["subject_id"].astype(str).isin(kept.index)]
    seen = seen.loc[seen["subject_id"].astype(str).isin(kept.index)]
    about: About = {
        "endpoint": ENDPOINT,
        "visit": settings.time_point,
        "n": len(kept),
        "unit": "subjects",
        "population": "treated subjects with age, exam and outcome",
        "inputs": " ".join(
            [
                estimates.inputs(seen, ("isncsci", kept["exam"])),
                estimates.inputs(rows=("subjects", kept["row_id"])),
            ]
        ),
    }
    for rule in RULES:
        stratum = PredictionRule(rule.name)
        if kept.empty:
            reason = f"nobody with exam, age and outcome: {_left_out(people)}"
            for name in (Change.WALKING_PREDICTED, Change.WALKING_SEEN):
                estimates.add_missing(name, reason, stratum=stratum, **about)
            continue
        chances = rule.chance(kept["score"].to_numpy(dtype="float64"))
        lower, upper = middle(chances, settings.level)
        estimates.add(
            Change.WALKING_PREDICTED,
            float(chances.sum()),
            lower=lower,
            upper=upper,
            level=settings.level,
            stratum=stratum,
            method="logistic rule, Poisson-binomial",
            convention=_said(rule, examined, seen, settings.onset, _left_out(people)),
            **about,
        )
        count = int(kept["walks"].sum())
        estimates.add(
            Change.WALKING_SEEN,
            count,
            events=count,
            stratum=stratum,
            method="count",
            convention=f"{walking.outcome} at least {plain(walking.at_least)}",
            **about,
        )


def middle(chances: NDArray[np.float64], level: float) -> tuple[int, int]:
    """Least and most events in the middle ``level`` of the Poisson-binomial distribution."""
    below = np.cumsum(poisson_binomial_distribution(chances))
    tail = (1 - level) / 2
    return int(np.searchsorted(below, tail, "right")), int(np.searchsorted(below, 1 - tail))


def _people(exams: pd.DataFrame, subjects: pd.DataFrame) -> pd.DataFrame:
    """Score of the rules and rows of the exam and of the subject, by subject with an exam."""
    people = pd.DataFrame(
        {"exam": exams["row_id"].astype(str).to_numpy()},
        index=pd.Index(exams["subject_id"].astype(str), name="subject_id"),
    )
    about = subjects.set_index(subjects["subject_id"].astype(str)).reindex(people.index)
    people["row_id"] = about["row_id"].astype(str)
    age = about["age"].astype("float64") if "age" in about else math.nan
    people["age"] = age
    grades = {cell: grades_of_cell(exams, cell) for cell in WALKING_CELLS}
    people["score"] = walking_score(people["age"].to_numpy(dtype="float64"), grades)
    return people


def _left_out(people: pd.DataFrame) -> str:
    """How many are left out, by the first reason of each."""
    old = people["age"].isna()
    graded = people["score"].notna()
    reasons = {
        "age not known": old,
        "a deciding grade not known": ~old & ~graded,
        "walking not known": graded & ~people["known"],
    }
    return ", ".join(f"{reason} ({int(of.sum())})" for reason, of in reasons.items() if of.any())


def _said(
    rule: WalkingRule, examined: pd.DataFrame, seen: pd.DataFrame, onset: str, left_out: str
) -> str:
    """On which days the subjects were examined, and for which ones the rule was made."""
    own = [_days(table["day_from_injury"], onset) for table in (examined, seen)]
    parts = [
        f"exam {own[0]}, the rule's within {rule.exam_within}",
        f"walking {own[1]}, the rule's {YEAR}: {rule.outcome}",
    ]
    return "; ".join([*parts, *([f"left out: {left_out}"] if left_out else [])])


def _days(days: "pd.Series[Any]", onset: str) -> str:
    known = days.dropna()
    if known.empty:
        return f"on days from {onset} that are not known"
    ends = dict.fromkeys([int(known.min()), int(known.max())])
    return f"{' to '.join(map(str, ends))} days after the {onset}"
