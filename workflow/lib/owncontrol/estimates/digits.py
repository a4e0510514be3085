"""How many decimals a number of the report has: its scale's own, one more for an estimate.

A scale has the decimals of its resolution; what was measured without a grid, and the columns of
patients and treatments, as many as occur in the recorded values. A rate of change a week has two
more than the scale, because a week is a small part of the time between two visits.
"""

from owncontrol.estimates.estimate import Estimate
from owncontrol.estimates.statistic import Printed

PATIENTS = "patients"
DAYS = "unit.days"  # the key of whole days, whatever they are about
# Decimals of a kind of number, and decimals more than its scale has.
FIXED = {
    Printed.PROPORTION: 3,  # a share that is not written in percent
    Printed.SHARE: 3,
    Printed.BOUND: 3,
    Printed.EXPECTED: 1,
    Printed.SMALLEST_P: 5,
    Printed.LARGEST_P: 4,
    Printed.TEST: 2,
    Printed.OTHER: 2,
}
MORE = {Printed.OBSERVED: 0, Printed.ESTIMATED: 1, Printed.DAYS: 1, Printed.A_WEEK: 2}


def key(row: Estimate) -> str:
    """Which recorded values an estimate is about: its endpoint, or a column of the patients."""
    if row.analysis == PATIENTS:
        return f"{PATIENTS}.{row.endpoint}"
    return DAYS if row.unit == "days" else row.endpoint


def of_value(row: Estimate, known: int) -> int | None:
    """Decimals of an estimate's value; ``known``: those of the recorded values.

    None: as the number itself has it (a count).
    """
    kind = row.statistic.printed
    if kind in MORE:
        return known + MORE[kind]
    return None if kind is Printed.COUNT else FIXED[kind]


def of_bounds(row: Estimate, known: int) -> int | None:
    """Decimals of the bounds of an interval: first and last day of visits are days themselves.

    And the least and most of a number of subjects are numbers of subjects.
    """
    if row.statistic.printed is Printed.EXPECTED:
        return 0
    return known if row.statistic.printed is Printed.DAYS else of_value(row, known)
