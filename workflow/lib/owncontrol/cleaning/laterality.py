"""Right and left exchanged: told by the totals that the examiner wrote, or by the other visits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from owncontrol.basics.decimals import plain
from owncontrol.cleaning.columns import RECORDED, UNDETERMINED
from owncontrol.cleaning.day_counts import Clocks
from owncontrol.cleaning.exams import Grades, grades, in_order
from owncontrol.cleaning.working_table import Rows, Sheet
from owncontrol.findings.course_rules import SidesMirrored, SidesSwapped
from owncontrol.instruments import Instrument, Scale
from owncontrol.tables.categories import by_value

# No threshold is published. In 1,485 simulated ISNCSCI exams between two others, none was a
# mirror image by these two, and of the same exams exchanged 84 % were.
NEARER = 2  # times nearer to both neighbours when mirrored
LEAST_GRADES = 6  # and by so many grades


def check_sides(sheet: Sheet, clocks: Clocks, instrument: Instrument) -> None:
    """Both checks; an exam found by its totals is no neighbour in the second."""
    check_recorded_sides(sheet, instrument)
    check_mirrored_visits(sheet, clocks, instrument)


def check_recorded_sides(sheet: Sheet, instrument: Instrument) -> None:
    """Assessments whose right cells give the recorded left totals, and left cells the right ones.

    All recorded pairs have to agree crosswise, and one of them to disagree as it is. The row
    is set aside: its cells, or its totals, belong to the other side.
    """
    pairs = [
        (right, instrument.scales["left_" + name.removeprefix("right_")])
        for name, right in instrument.scales.items()
        if name.startswith("right_")
        and not right.levels
        and sheet.has(RECORDED + name, RECORDED + "left_" + name.removeprefix("right_"))
    ]
    rows = np.flatnonzero(sheet.is_kept)
    if not pairs or not len(rows):
        return
    crosswise = np.ones(len(rows), bool)
    straight = np.ones(len(rows), bool)
    for pair in pairs:
        sums = [_sum(grades(sheet, rows, instrument, scale.items)) for scale in pair]
        written = [_recorded(sheet, rows, scale) for scale in pair]
        # A total that nobody wrote says nothing about the sides.
        said = ~np.isnan(written[0]) & ~np.isnan(written[1])
        straight &= ~said | ((written[0] == sums[0]) & (written[1] == sums[1]))
        crosswise &= ~said | ((written[0] == sums[1]) & (written[1] == sums[0]))
    swapped = rows[crosswise & ~straight]
    names = " and ".join(right.name.removeprefix("right_") for right, _ in pairs)
    sheet.report(swapped, "", SidesSwapped(totals=names))
    sheet.set_aside(swapped, "right and left exchanged")


def check_mirrored_visits(sheet: Sheet, clocks: Clocks, instrument: Instrument) -> None:
    """Assessments that are far nearer to both neighbouring ones with right and left exchanged.

    Only a warning: nothing on the sheet itself says which side is which.
    """
    pairs = [
        (name, "left_" + name.removeprefix("right_"))
        for name, item in instrument.items.items()
        if name.startswith("right_")
        and not item.optional
        and sheet.has(name, "left_" + name.removeprefix("right_"))
    ]
    rows, whose = in_order(sheet, clocks)
    if not pairs or len(rows) < 3:
        return
    as_is = np.zeros(len(rows) - 1, np.float32)
    mirrored = np.zeros(len(rows) - 1, np.float32)
    for pair in pairs:
        right, left = grades(sheet, rows, instrument, pair).T
        as_is += _distance(right, right) + _distance(left, left)
        mirrored += _distance(right, left) + _distance(left, right)
    nearer = (NEARER * mirrored < as_is) & (as_is - mirrored >= LEAST_GRADES)
    nearer &= whose[1:] == whose[:-1]
    places = 1 + np.flatnonzero(nearer[:-1] & nearer[1:])
    found = [
        SidesMirrored(
            before=plain(as_is[place - 1]),
            after=plain(as_is[place]),
            before_mirrored=plain(mirrored[place - 1]),
            after_mirrored=plain(mirrored[place]),
        )
        for place in places
    ]
    sheet.report(rows[places], "", found)


def _distance(one: Grades, other: Grades) -> Grades:
    """Difference between one column at a visit and another at the visit before, where graded."""
    distance: Grades = np.nan_to_num(np.abs(one[1:] - other[:-1]))
    return distance


def _sum(values: Grades) -> NDArray[Any]:
    """Sum of each row; -1 where an item has no number, as examiners then write ND."""
    total = values.sum(axis=1)
    return np.where(np.isnan(total), -1, total)


def _recorded(sheet: Sheet, rows: Rows, scale: Scale) -> NDArray[Any]:
    """What the examiner wrote; -1 for not determinable, NaN for nothing."""

    def number(text: str) -> float:
        if text in UNDETERMINED:
            return -1.0
        return float(text) if text else np.nan

    return by_value(sheet.values[RECORDED + scale.name].iloc[rows], number).astype(float)
