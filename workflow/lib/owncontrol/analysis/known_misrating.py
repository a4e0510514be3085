"""The verdict where it is known how often a rated grade is one too high or too low."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from owncontrol.analysis.judged_cohort import Cohort
from owncontrol.errors import InputError
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.statistics.cohort_verdict import limits
from owncontrol.statistics.result import Floats
from owncontrol.study.natural_recovery import Misrated
from owncontrol.study.settings import CompleteEndpoint


def add_known_misrating(
    estimates: Estimates,
    people: pd.DataFrame,
    cohort: Cohort,
    endpoint: CompleteEndpoint,
    misrated: Misrated,
    alpha: float,
    about: About,
) -> None:
    """Add how many patients truly improved, and the chance that the verdict on them is the same.

    ``people``: those of ``improvements``. Ratings err independently; each patient is compared
    with the rates of the grade that was rated. Raises InputError for a grade that the endpoint
    does not have, and for a best one rated too low or a worst one rated too high.
    """
    _check(endpoint, misrated)
    # Who died without a follow-up exam was not rated there, and did not improve.
    judged = people.loc[people.index.isin(cohort.subjects) & people["gain"].notna()]
    chances = np.array([_truly_improved(row, endpoint, misrated) for _, row in judged.iterrows()])
    edges = limits(cohort.high, cohort.low, alpha)
    verdict = edges.direction(sum(cohort.improved))
    counts = _distribution(chances)
    same = sum(float(p) for k, p in enumerate(counts) if edges.direction(k) is verdict)
    given = {**about, "n": cohort.total, "method": "independent errors of rating, exact"}
    words = "subjects expected to have improved, by the known errors of rating"
    for name, value, unit, said in (
        (NaturalRecovery.TRULY_IMPROVED, float(chances.sum()), "subjects", words),
        (NaturalRecovery.SAME_VERDICT, min(same, 1.0), "share", f"chance of '{verdict.value}'"),
    ):
        estimates.add(name, value, convention=said, **{**given, "unit": unit})


def _check(endpoint: CompleteEndpoint, misrated: Misrated) -> None:
    better = _better(endpoint)
    for key, given, possible in (
        ("too_high", misrated.too_high, better[1:]),
        ("too_low", misrated.too_low, better[:-1]),
    ):
        for grade in given:
            if grade not in possible:
                raise InputError(
                    f"natural_recovery.misrated.{key}: no exam of '{endpoint.name}' can be rated "
                    f"{grade} so",
                    f"possible are {', '.join(possible)}",
                )


def _better(endpoint: CompleteEndpoint) -> tuple[str, ...]:
    """The grades, the worst first."""
    return endpoint.grades[::-1] if endpoint.lower_is_better else endpoint.grades


def _truly_improved(
    person: "pd.Series[Any]", endpoint: CompleteEndpoint, misrated: Misrated
) -> float:
    """The chance that a patient gained what is needed, over the true grades of both exams."""
    better = _better(endpoint)
    first = better.index(person["grade"])
    last = first + int(person["gain"])
    return sum(
        before * after
        for (start, before), (end, after) in product(
            _true_places(better, first, misrated), _true_places(better, last, misrated)
        )
        if end - start >= person["needed"]
    )


def _true_places(
    better: tuple[str, ...], place: int, misrated: Misrated
) -> list[tuple[int, float]]:
    """The true places of a rated grade, each with its chance."""
    high = misrated.too_high.get(better[place], 0.0)
    low = misrated.too_low.get(better[place], 0.0)
    return [(place - 1, high), (place, 1 - high - low), (place + 1, low)]


def _distribution(chances: Floats) -> Floats:
    """P(0 improved) .. P(all improved) of patients with a chance each."""
    counts = np.ones(1)
    for chance in chances:
        counts = np.convolve(counts, [1 - chance, chance])
    return counts
