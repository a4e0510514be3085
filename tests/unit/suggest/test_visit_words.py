"""Which day the name of a visit speaks of."""

import pytest
from owncontrol.suggest.visit_words import named_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Baseline", 0), ("pre", 0), ("vor Behandlung", 0), ("avant traitement", 0), ("治療前", 0),
        ("week 8", 56), ("WEEK 24", 168), ("6m", 183), ("2m", 61), ("M6", 183), ("Woche 8", 56),
        ("6 Monate", 183), ("3 semaines", 21), ("8週", 56), ("Tag 15", 15), ("5 years", 1826),
        ("after 4 weeks", 28), ("month_6_arm_1", 183), ("day_28", 28), ("1 year", 365),
        ("1.5 years", 548), ("12ヶ月", 365), ("wk12", 84), ("2 años", 730),
        ("visit 3", None), ("Group 1", None), ("2", None), ("-1", None), ("unscheduled 3.1", None),
        ("discharge", None), ("arm 2", None), ("", None), ("precise", None),
    ],
)  # fmt: skip
def test_a_day(text, day):
    assert named_day(text) == day
