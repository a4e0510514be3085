"""Which events are a death."""

import pandas as pd
import pytest
from owncontrol.tables.deaths import deaths

WORDS = ("mild", "moderate", "bad", "worse", "worst")


@pytest.mark.parametrize(
    ("grade", "outcome", "severity", "is_death"),
    [
        (5, None, (), True),
        (5, None, WORDS, False),
        (3, "Fatal ", (), True),
        (3, "recovered", (), False),
        (None, "died", ("mild", "bad"), True),
    ],
)
def test_a_death_is_told_by_grade_5_or_by_the_outcome(grade, outcome, severity, is_death):
    table = pd.DataFrame({"grade": pd.array([grade], "Int64"), "outcome": [outcome]})
    assert deaths(table, severity).tolist() == [is_death]
    assert deaths(table[["outcome"]], severity).tolist() == [outcome in ("Fatal ", "died")]
    assert deaths(table[[]], severity).tolist() == [False]
