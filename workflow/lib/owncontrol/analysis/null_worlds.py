"""Worlds in which the treatment does nothing: how often the verdict would be wrong there.

Seeded simulations of this study's own patients. The first world is the one that the verdict is
made for; the others break what it takes for granted, one thing each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from owncontrol.basics.number_texts import percent
from owncontrol.statistics.cohort_verdict import Direction, Group, Limits, limits

STUDIES = 2000
FEWER_STUDIES = 400  # of cohorts with more than MANY patients
MANY = 60
HIGH_END = 0.975  # quantile of the published rates
# One grade too high in a tenth of those who did not improve: 16.6 % of 420 grades by clinicians
# differ from an algorithm (Schuld 2015, Spinal Cord 53:880), taken to be half of them upwards.
KIND = 0.1
LOST = 0.2  # of those who did not improve
MISREAD = 0.1  # of all patients: one grade too low at baseline
Counts = NDArray[np.int64]


class World(StrEnum):
    """What happens in a world in which the treatment does nothing."""

    AS_PUBLISHED = "rates as published"
    HIGH_END = "rates at the high end"
    KIND_RATING = "kind rating"
    SELECTIVE_LOSS = "selective loss"
    MISREAD_BASELINE = "misread baseline"


DESCRIBED: Mapping[World, str] = {
    World.AS_PUBLISHED: "the true rate is drawn from the published rates' distribution",
    World.HIGH_END: f"the true rate is the {percent(HIGH_END, 1)} % quantile of the published "
    "rates' distribution",
    World.KIND_RATING: f"{percent(KIND)} % of those who did not improve are rated as improved",
    World.SELECTIVE_LOSS: f"{percent(LOST)} % of those who did not improve are lost to follow-up",
    World.MISREAD_BASELINE: f"{percent(MISREAD)} % of the subjects were a grade better at baseline "
    "than was recorded",
}


@dataclass(frozen=True)
class Wrong:
    """How often a verdict came out in simulated ``studies`` of a world."""

    world: World
    more: int
    fewer: int
    studies: int


def false_verdicts(
    high: Sequence[Group], low: Sequence[Group], alpha: float, seed: int = 1
) -> list[Wrong]:
    """How often "more" and "fewer" come out in each world, with the rates of ``high``.

    ``high`` and ``low``: as for ``statistics.cohort_verdict.decide``.
    """
    total = sum(group.n for group in high)
    studies = STUDIES if total <= MANY else FEWER_STUDIES
    known: dict[tuple[int, ...], Limits] = {}
    found = []
    for world in World:
        improved, seen = _simulated(world, high, studies, seed)
        verdicts = [
            _verdict(int(events.sum()), tuple(map(int, n)), high, low, alpha, known)
            for events, n in zip(improved, seen, strict=True)
        ]
        found.append(
            Wrong(
                world,
                verdicts.count(Direction.MORE),
                verdicts.count(Direction.FEWER),
                studies,
            )
        )
    return found


def _simulated(
    world: World, groups: Sequence[Group], studies: int, seed: int
) -> tuple[Counts, Counts]:
    """Improved and examined patients of each group, shape ``(studies, groups)``.

    The draws are those of every other world, so that worlds differ by what is broken in them.
    """
    scores = np.random.default_rng(seed).standard_normal(studies)
    if world is World.HIGH_END:
        scores = np.full(studies, ndtri(HIGH_END))
    improved = np.empty((studies, len(groups)), np.int64)
    seen = np.tile(np.array([group.n for group in groups], np.int64), (studies, 1))
    for place, group in enumerate(groups):
        random = np.random.default_rng([seed, place])
        share = expit(group.rate.logits(scores))
        if world is World.MISREAD_BASELINE:
            share = MISREAD + (1 - MISREAD) * share
        if world is World.KIND_RATING:
            share = share + KIND * (1 - share)
        improved[:, place] = random.binomial(group.n, share)
        if world is World.SELECTIVE_LOSS:
            seen[:, place] -= random.binomial(group.n - improved[:, place], LOST)
    return improved, seen


def _verdict(
    events: int,
    n: tuple[int, ...],
    high: Sequence[Group],
    low: Sequence[Group],
    alpha: float,
    known: dict[tuple[int, ...], Limits],
) -> Direction:
    if n not in known:
        known[n] = limits(
            [replace(group, n=count) for group, count in zip(high, n, strict=True)],
            [replace(group, n=count) for group, count in zip(low, n, strict=True)],
            alpha,
        )
    return known[n].direction(events)
