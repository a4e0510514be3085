"""Rules that predict walking, beside worked examples and what they are not told."""

import numpy as np
import pytest
from owncontrol.isncsci.cells import WALKING_CELLS
from owncontrol.isncsci.walking_rules import RULES, walking_score

NAMES = ("motor_l3", "motor_s1", "light_touch_l3", "light_touch_s1")


def score(age, **graded):
    """``graded``: by the name without its side, one grade of both sides or (right, left)."""
    both = {name: np.atleast_1d(graded.get(name, 0)).astype(float) for name in NAMES}
    grades = {
        f"{side}_{name}": values[[place % len(values)]]
        for name, values in both.items()
        for place, side in enumerate(("right", "left"))
    }
    assert set(grades) == set(WALKING_CELLS)
    return float(walking_score(np.array([float(age)]), grades)[0])


# Worked examples of van Middendorp et al. 2011 as calculators give them, and of RHSCIR's rule.
@pytest.mark.parametrize(
    ("age", "graded", "expected", "chances"),
    [
        (40, (3, 1, 1, 1), 18, (0.822, 0.619)),
        (70, (3, 1, 1, 1), 8, (0.243, 0.318)),
        (40, (0, 0, 0, 0), 0, (0.037, 0.146)),
        (40, (5, 5, 2, 2), 40, (0.999, 0.962)),
        (65, (0, 0, 0, 0), -10, (0.003, 0.047)),
        (64.9, (0, 0, 0, 0), 0, (0.037, 0.146)),
    ],
)
def test_worked_examples(age, graded, expected, chances):
    found = score(age, **dict(zip(NAMES, graded, strict=True)))
    assert found == expected
    assert [round(float(rule.chance(np.array(found))), 3) for rule in RULES] == list(chances)


@pytest.mark.parametrize(
    ("graded", "expected"),
    [
        ({"motor_l3": (1, 4)}, 8),
        ({"motor_l3": (4, 1)}, 8),
        ({"motor_l3": (np.nan, 5)}, 10),  # no better side than a normal one
        ({"motor_l3": (5, np.nan)}, 10),
        ({"motor_l3": (np.nan, 4)}, np.nan),
        ({"light_touch_s1": (2, np.nan)}, 10),
        ({"light_touch_s1": (1, np.nan)}, np.nan),
        ({"motor_s1": (np.nan, np.nan)}, np.nan),
    ],
)
def test_the_better_side_counts_where_it_is_known(graded, expected):
    assert score(40, **graded) == pytest.approx(expected, nan_ok=True)


def test_without_an_age_there_is_no_score():
    assert np.isnan(score(np.nan, motor_l3=5))
