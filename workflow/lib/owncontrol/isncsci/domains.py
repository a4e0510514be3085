"""What each cell may stand for: the lowest and the highest grade it leaves open.

A cell that was tested leaves one grade. ``NT`` leaves every grade. A tag says that the
impairment has another cause than the spinal cord injury: with ``**`` the cell is normal for
classification; with ``*`` it is not normal, and the injury alone would leave it at least as good
as rated, so ``0*`` leaves 0 to 4 of a muscle and 0 or 1 of a dermatome (taxonomy for non-SCI
conditions of the International Standards, revised 2019; Kirshblum, Schmidt Read and Rupp 2021,
Spinal Cord, doi:10.1038/s41393-021-00648-y).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from owncontrol.isncsci import cells
from owncontrol.isncsci.cells import Codes


def _bounds(normal: int) -> NDArray[np.int8]:
    """Lowest and highest grade of every code (as an unsigned byte), shape (2, 256)."""
    bounds = np.zeros((2, 256), dtype=np.int8)
    bounds[:, cells.NT] = 0, normal
    bounds[:, cells.SINGLE + cells.NT] = 0, normal - 1
    bounds[:, cells.DOUBLE + cells.NT] = normal
    for grade in range(normal + 1):
        bounds[:, grade] = grade
    for grade in range(normal):
        bounds[:, cells.SINGLE - grade] = grade, normal - 1
        bounds[:, cells.DOUBLE - grade] = normal
    return bounds


MOTOR, SENSORY, ANAL = _bounds(5), _bounds(2), _bounds(1)


class Range(NamedTuple):
    """Lowest and highest grade a cell leaves open, arrays of one shape."""

    low: Codes
    high: Codes


class Side(NamedTuple):
    """One side of a block of exams."""

    motor: Range  # shape (10, exams)
    light_touch: Range  # shape (28, exams)
    pin_prick: Range  # shape (28, exams)
    non_key: Codes  # position of the lowest non-key muscle with function, -1 for none


class Exams(NamedTuple):
    """A block of exams."""

    sides: tuple[Side, Side]
    contraction: Range  # voluntary anal contraction, shape (exams,): 0 No, 1 Yes
    pressure: Range  # deep anal pressure


def _range(codes: Codes, bounds: NDArray[np.int8]) -> Range:
    unsigned = codes.view(np.uint8)
    return Range(bounds[0].take(unsigned), bounds[1].take(unsigned))


def open_exams(block: Codes) -> Exams:
    """What the cells of a block of codes, shape (136, exams), leave open."""
    right, left = (
        Side(
            _range(block[cells.MOTOR_ROWS[side]], MOTOR),
            _range(block[cells.LIGHT_TOUCH_ROWS[side]], SENSORY),
            _range(block[cells.PIN_PRICK_ROWS[side]], SENSORY),
            block[cells.NON_KEY_ROW[side]] - 1,
        )
        for side in (0, 1)
    )
    return Exams(
        (right, left), _range(block[cells.VAC_ROW], ANAL), _range(block[cells.DAP_ROW], ANAL)
    )
