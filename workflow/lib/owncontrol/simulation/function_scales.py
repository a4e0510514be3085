"""SCIM-III and WISCI II at the visits that have them, from motor scores, grade and practice.

Items and permitted values: Itzkovich 2007, Disabil Rehabil 29:1926 (SCIM-III); Ditunno & Ditunno
2001, Spinal Cord 39:654 (WISCI II, levels 0-20). An item rises with the abilities it needs and
with practice in rehabilitation, and does not fall again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from owncontrol.simulation.cohort import Bools, Cohort, Ints
from owncontrol.simulation.simulated_exams import ARM, LEG, Exams

#: Field name, permitted values, and what the item asks of arms, legs, walking and sacral function;
#: the last number is its difficulty.
SCIM_ITEMS: tuple[tuple[str, tuple[int, ...], tuple[float, float, float, float], float], ...] = (
    ("scim_feeding", (0, 1, 2, 3), (1.6, 0.0, 0.0, 0.0), 0.65),
    ("scim_bathing_upper", (0, 1, 2, 3), (1.5, 0.1, 0.0, 0.0), 0.80),
    ("scim_bathing_lower", (0, 1, 2, 3), (1.0, 0.6, 0.2, 0.0), 0.80),
    ("scim_dressing_upper", (0, 1, 2, 3, 4), (1.5, 0.1, 0.0, 0.0), 0.75),
    ("scim_dressing_lower", (0, 1, 2, 3, 4), (1.0, 0.7, 0.2, 0.0), 0.85),
    ("scim_grooming", (0, 1, 2, 3), (1.6, 0.0, 0.0, 0.0), 0.70),
    ("scim_respiration", (0, 2, 4, 6, 8, 10), (0.7, 0.2, 0.0, 0.1), 0.05),
    ("scim_bladder", (0, 3, 6, 9, 11, 13, 15), (0.5, 0.2, 0.0, 0.8), 0.70),
    ("scim_bowel", (0, 5, 8, 10), (0.4, 0.2, 0.0, 0.8), 0.55),
    ("scim_toilet", (0, 1, 2, 4, 5), (0.8, 0.4, 0.5, 0.0), 0.80),
    ("scim_bed_mobility", (0, 2, 4, 6), (1.1, 0.6, 0.0, 0.0), 0.65),
    ("scim_transfer_bed_wc", (0, 1, 2), (0.9, 0.6, 0.2, 0.0), 0.70),
    ("scim_transfer_wc_toilet", (0, 1, 2), (0.9, 0.5, 0.3, 0.0), 0.75),
    ("scim_mob_indoors", (0, 1, 2, 3, 4, 5, 6, 7, 8), (0.0, 0.0, 0.0, 0.0), 0.00),
    ("scim_mob_moderate", (0, 1, 2, 3, 4, 5, 6, 7, 8), (0.0, 0.0, 0.0, 0.0), 0.12),
    ("scim_mob_outdoors", (0, 1, 2, 3, 4, 5, 6, 7, 8), (0.0, 0.0, 0.0, 0.0), 0.22),
    ("scim_stairs", (0, 1, 2, 3), (0.0, 0.2, 1.0, 0.0), 0.35),
    ("scim_transfer_wc_car", (0, 1, 2), (0.8, 0.5, 0.4, 0.0), 0.85),
    ("scim_transfer_ground_wc", (0, 1), (0.8, 0.6, 0.3, 0.0), 0.95),
)
SCIM_NAMES = tuple(name for name, *_ in SCIM_ITEMS)
WHEELCHAIR_VALUES = 3  # 0-2 of the items on moving about are done in a wheelchair, 3-8 walking
FORM_MISSING_SHARE = 0.03
ITEM_MISSING_SHARE = 0.004
#: A walker with support takes legs of about this summed strength (LEMS).
WALKS_FROM_LEMS = 18


@dataclass(frozen=True)
class FunctionScales:
    """SCIM-III items (n, v, 19), WISCI II level (n, v), both with -1 where the form is missing.

    `scim_unknown` (n, v, 19) marks items of a form present that were not assessed.
    """

    scim: Ints
    wisci: Ints
    scim_unknown: Bools


def draw_function_scales(cohort: Cohort, exams: Exams, rng: np.random.Generator) -> FunctionScales:
    """Draw both scales for a cohort with its examinations."""
    n, v = cohort.grade.shape
    order = np.argsort(cohort.day_from_infusion, axis=1, kind="stable")
    arms = _best_so_far(_share(exams, ARM), order)
    legs = _best_so_far(_share(exams, LEG), order)
    sacral = _best_so_far(
        (exams.anal_contraction * 0.6 + exams.anal_pressure * 0.2).astype(np.float64), order
    )
    practice = np.clip((cohort.day_from_infusion + 40) / 240, 0, 1)
    habit = (0.12 * (rng.random((n, 1)) - 0.5)) + 0.25 * practice - 0.06
    walking = _walking(legs, arms, cohort.grade, practice, rng)
    walking = _best_so_far(walking, order)
    own = 0.14 * (rng.random((n, 1, len(SCIM_ITEMS))) - 0.5)
    abilities = np.stack([arms, legs, walking, sacral], axis=-1)
    scim = np.empty((n, v, len(SCIM_ITEMS)), dtype=np.int64)
    for item, (name, values, demands, difficulty) in enumerate(SCIM_ITEMS):
        if name.startswith("scim_mob_"):
            step = _moving_about(arms, walking, difficulty)
        else:
            score = abilities @ np.array(demands) + habit - difficulty + own[:, :, item]
            step = np.floor(np.clip(score, 0, 0.999) * len(values)).astype(np.int64)
        scim[..., item] = np.array(values)[step]
    wisci = np.where(walking > 0, 1 + np.floor(walking * 19.99), 0).astype(np.int64)
    assessed = np.array([visit.function_scales for visit in cohort.schedule])
    optional = np.array([visit.may_be_missed for visit in cohort.schedule])
    done = cohort.attended & assessed & ~cohort.late
    scim[~(done & ~(optional & (rng.random((n, v)) < FORM_MISSING_SHARE)))] = -1
    wisci[~(done & ~(optional & (rng.random((n, v)) < FORM_MISSING_SHARE)))] = -1
    unknown = rng.random(scim.shape) < ITEM_MISSING_SHARE
    unknown &= optional[None, :, None] & (scim >= 0)
    return FunctionScales(scim=scim, wisci=wisci, scim_unknown=unknown)


def _share(exams: Exams, part: slice) -> NDArray[np.float64]:
    """Share of the possible motor score of arms or legs; a muscle not testable counts as 0."""
    share: NDArray[np.float64] = np.maximum(exams.motor[..., part], 0).sum(axis=(-1, -2)) / 50
    return share


def _best_so_far(ability: NDArray[np.float64], order: Ints) -> NDArray[np.float64]:
    """Running maximum along the visits in the order of their dates: (n, v)."""
    in_order = np.maximum.accumulate(np.take_along_axis(ability, order, axis=1), axis=1)
    best = np.empty_like(ability)
    np.put_along_axis(best, order, in_order, axis=1)
    return best


def _walking(
    legs: NDArray[np.float64],
    arms: NDArray[np.float64],
    grade: Ints,
    practice: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Walking ability 0 … 1; 0 without AIS D or with legs too weak: (n, v)."""
    own = 0.2 * (rng.random((len(grade), 1)) - 0.5)
    ability = 1.3 * (legs - WALKS_FROM_LEMS / 50) + 0.3 * (arms - 0.6) + 0.4 * practice + own - 0.2
    able = (grade == 3) & (legs * 50 >= WALKS_FROM_LEMS)
    return np.where(able, np.clip(ability, 0, 1), 0)


def _moving_about(
    arms: NDArray[np.float64], walking: NDArray[np.float64], difficulty: float
) -> Ints:
    """SCIM-III items 12-14: 0-2 in a wheelchair, 3-8 walking, less so over longer distances."""
    chair = np.floor(np.clip(2.4 * (arms - 0.35 - difficulty / 2), 0, 0.999) * WHEELCHAIR_VALUES)
    far = walking - difficulty
    on_foot = WHEELCHAIR_VALUES + np.floor(np.clip(far, 0, 0.999) * 6)
    return np.where(far > 0, on_foot, chair).astype(np.int64)
