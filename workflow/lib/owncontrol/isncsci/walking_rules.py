"""Published rules that predict walking one year after the injury from age and an early exam.

Coefficients are as copies of the articles give them (docs/statistics.md); the rules hold for exams
within days of the injury.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from owncontrol.isncsci.cells import WALKING_CELLS

Floats = NDArray[np.float64]
OLD = 65  # years, from which on age counts
# Points for each grade of the better side, and the grade of a normal one.
MOTOR, LIGHT_TOUCH = (2.0, 5.0), (5.0, 2.0)


@dataclass(frozen=True)
class WalkingRule:
    """A logistic rule on ``walking_score``. ``exam_within``: days from the injury."""

    name: str
    intercept: float
    slope: float
    exam_within: int
    outcome: str
    citation: str

    def chance(self, score: Floats) -> Floats:
        """The chance (0..1) of walking one year after the injury, by score."""
        chances: Floats = expit(self.intercept + self.slope * score)
        return chances


RULES = (
    WalkingRule(
        name="van Middendorp 2011",
        intercept=-3.273,
        slope=0.267,
        exam_within=15,
        outcome="walks indoors without help (SCIM item 12)",
        citation="van Middendorp et al. 2011, Lancet 377:1004, doi:10.1016/S0140-6736(10)62276-3",
    ),
    WalkingRule(
        name="Hicks 2017",
        intercept=-1.763,
        slope=0.125,
        exam_within=15,
        outcome="FIM locomotion 6 or 7",
        citation="Hicks et al. 2017, Spine J, doi:10.1016/j.spinee.2017.05.031",
    ),
)


def walking_score(age: Floats, grades: dict[str, Floats]) -> Floats:
    """The score of the rules, -10 to 40; NaN where age or a grade that decides is not known.

    ``age``: years, shape (n,). ``grades``: by each of ``WALKING_CELLS``, shape (n,), NaN if none.
    Of two sides the better one counts: one side that is not graded matters unless the other is
    normal. -10 from 65 years on, 2 for each motor grade and 5 for each grade of light touch, at L3
    and S1 (van Middendorp et al. 2011).
    """
    score: Floats = np.where(np.isnan(age), np.nan, np.where(age >= OLD, -10.0, 0.0))
    for cell in WALKING_CELLS[::2]:
        right, left = grades[cell], grades[cell.replace("right", "left")]
        weight, normal = MOTOR if "_motor_" in cell else LIGHT_TOUCH
        better = np.fmax(right, left)
        decided = (better == normal) | ~np.isnan(right + left)
        score = score + weight * np.where(decided, better, np.nan)
    return score
