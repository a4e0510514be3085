"""Ordinal endpoints: how many subjects have each grade, and who moved from which to which."""

from itertools import product

import pandas as pd

from owncontrol.analysis.pairs import of_endpoint, paired, visit_names
from owncontrol.analysis.populations import label, whom
from owncontrol.analysis.settings import EstimandSettings
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.strata import Move, ScoreGrade
from owncontrol.statistics.paired_tables import bowker, marginal_homogeneity, stuart_maxwell
from owncontrol.study.settings import CompleteEndpoint

UNDETERMINED = "undetermined"
UNKNOWN = "unknown"
COUNT: About = {"method": "count", "unit": "subjects"}


def distribution(
    estimates: Estimates,
    scores: pd.DataFrame,
    endpoint: CompleteEndpoint,
    settings: EstimandSettings,
) -> None:
    """Add how many subjects have each grade at each visit, and how many are undetermined.

    Each count names all scores that it looked at: any of them may have been of another grade.
    """
    here = of_endpoint(scores, endpoint)
    who = label(endpoint.population, settings.has_treatments)
    for visit in visit_names(settings.visits):
        now = here.loc[here["visit"] == visit]
        grade = now["text"].astype("str").where(now["value"].notna(), UNDETERMINED)
        for text in (*endpoint.grades, UNDETERMINED):
            rows = now.loc[grade == text]
            if len(rows) or text != UNDETERMINED:
                estimates.add(
                    Change.SUBJECTS,
                    len(rows),
                    endpoint=endpoint.name,
                    visit=visit,
                    stratum=ScoreGrade(text),
                    population=f"{who}, with a score at the visit",
                    n=len(now),
                    events=len(rows),
                    scores=now,
                    **COUNT,
                )


def shift(estimates: Estimates, scores: pd.DataFrame, endpoint: CompleteEndpoint) -> pd.DataFrame:
    """Add the shift table of an ordinal endpoint from its baseline to its time point.

    One number per cell, stratum ``from to``, for the grades that occur anywhere; and the exact
    tests of equal margins (linear scores; Stuart-Maxwell) and of symmetry (Bowker). Returns the
    table of counts.
    """
    here = of_endpoint(scores, endpoint)
    pairs = paired(here, endpoint.baseline, endpoint.time_point)
    text = pairs["text"].to_numpy().reshape(-1, 2)
    occurring = set(here.loc[here["value"].notna(), "text"])
    grades = [grade for grade in endpoint.grades if grade in occurring]
    counts = pd.DataFrame(0, index=grades, columns=grades)
    about: About = {"endpoint": endpoint.name, "visit": endpoint.time_point}
    for before in grades:
        for after in grades:
            cell = (text[:, 0] == before) & (text[:, 1] == after)
            counts.loc[before, after] = int(cell.sum())
            estimates.add(
                Change.SHIFT,
                int(cell.sum()),
                stratum=Move(before, after),
                n=len(text),
                events=int(cell.sum()),
                scores=pairs,
                **about,
                **COUNT,
            )
    _tests(estimates, counts, {**about, "scores": pairs})
    return counts


def transitions(
    estimates: Estimates,
    scores: pd.DataFrame,
    treatments: pd.DataFrame,
    endpoint: CompleteEndpoint,
    settings: EstimandSettings,
) -> None:
    """Add how many treated subjects have which grade at each visit, and which at the next.

    Statistics ``at_visit`` (stratum: the grade) and ``to_next_visit`` (``from to``), each above 0.
    Every treated subject is counted at every visit: without a score there, or with one that is no
    single grade, as ``unknown``. ``scores`` and ``treatments``: of the treated subjects (of all,
    where the study has no treatments).
    """
    here = of_endpoint(scores, endpoint)
    visits = visit_names(settings.visits)
    grades = (
        here.loc[here["value"].notna()]
        .pivot(index="subject_id", columns="visit", values="text")
        .reindex(index=sorted(treatments["subject_id"].unique()), columns=visits)
        .astype("object")
        .fillna(UNKNOWN)
    )
    table = "treatments" if settings.has_treatments else "subjects"
    treated = (table, treatments["row_id"])
    order = [*endpoint.grades, UNKNOWN]
    about: About = {
        "population": whom(settings.has_treatments),
        "endpoint": endpoint.name,
        "n": len(grades),
        **COUNT,
    }
    for visit, following in zip(visits, [*visits[1:], ""], strict=True):
        about |= {
            "visit": visit,
            "inputs": estimates.inputs(here.loc[here["visit"] == visit], treated),
        }
        counts = grades[visit].value_counts()
        for grade in (grade for grade in order if grade in counts.index):
            _count(estimates, Change.AT_VISIT, ScoreGrade(grade), int(counts[grade]), about)
        if not following:
            continue
        both = here.loc[here["visit"].isin([visit, following])]
        about["inputs"] = estimates.inputs(both, treated)
        moves = grades.groupby([visit, following]).size()
        for before, after in product(order, order):
            if (before, after) in moves.index:
                count = int(moves[before, after])
                _count(estimates, Change.TO_NEXT_VISIT, Move(before, after), count, about)


def _count(
    estimates: Estimates, name: Change, stratum: ScoreGrade | Move, count: int, about: About
) -> None:
    estimates.add(name, count, stratum=stratum, events=count, **about)


def _tests(estimates: Estimates, counts: pd.DataFrame, about: About) -> None:
    n = int(counts.to_numpy().sum())
    for name, test in (
        (Change.MARGINAL_HOMOGENEITY, marginal_homogeneity),
        (Change.STUART_MAXWELL, stuart_maxwell),
        (Change.BOWKER, bowker),
    ):
        if n < 2 or len(counts) < 2:
            reason = "fewer than two pairs, or fewer than two grades occur"
            estimates.add_missing(name, reason, n=n, **about)
        else:
            estimates.add_result(test(counts.to_numpy()), statistic=name, **about)
