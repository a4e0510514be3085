"""Classification of exams in which every cell was tested and none is tagged.

Works on blocks of codes, one array operation a level. The rules are those of the International
Standards for Neurological Classification of Spinal Cord Injury (ASIA and ISCoS, revised 2019;
Rupp et al. 2021, Top Spinal Cord Inj Rehabil 27(2):1-22). Where the rules in short leave a
choice, the expert-reviewed cases of the open-source ISNCSCI algorithm (Praxis Spinal Cord
Institute) decide:

* the neurological level ignores voluntary anal contraction: with all cells normal and no
  contraction the motor levels are S3 and the neurological level is INT, grade B (case 111);
* a non-key muscle enters the motor zone only where it can have made the grade C, more than
  three levels below the zone of the key muscles (cases 66, 79, 108, 117).
"""

import numpy as np
from numpy.typing import NDArray

from owncontrol.isncsci import cells
from owncontrol.isncsci.cells import Codes

Flags = NDArray[np.bool_]

C4, T1, L1, L5, S1, S3 = map(cells.LEVELS.index, ("C4", "T1", "L1", "L5", "S1", "S3"))
ARM = slice(0, 5)
LEG = slice(5, 10)


def sensory_level(light_touch: Codes, pin_prick: Codes) -> Codes:
    """Position of the sensory level of one side, shape (exams,).

    The number of dermatomes, from C2 down, that are normal (2) for both modalities with every
    dermatome above normal; both arguments have shape (28, exams) and hold 0, 1 or 2.
    """
    normal = np.full(light_touch.shape[1], 2, dtype=np.int8)
    twice = np.zeros(light_touch.shape[1], dtype=np.int8)
    both = np.empty_like(normal)
    for touch, prick in zip(light_touch, pin_prick, strict=True):
        np.bitwise_and(touch, prick, out=both)  # 2 only where both are 2
        np.bitwise_and(normal, both, out=normal)
        twice += normal
    return twice >> 1


def _limb(muscles: Codes, above: int) -> tuple[Codes, Flags]:
    """Level reached in five adjacent key muscles, and whether all five are normal.

    ``above`` is the position over the first muscle; a muscle counts when it is 3 or better and
    every muscle above it is 5.
    """
    reached = np.full(muscles.shape[1], above, dtype=np.int8)
    intact = np.ones(muscles.shape[1], dtype=np.bool_)
    for grade in muscles:
        reached += intact & (grade >= 3)
        intact &= grade == 5
    return reached, intact


def motor_level_without_vac(motor: Codes, sensory: Codes) -> Codes:
    """Motor level of one side were voluntary anal contraction no part of it, shape (exams,).

    Dermatomes stand in for the myotomes where there is no key muscle (C1-C4, T2-L1, S2-S4-5);
    ``motor`` has shape (10, exams), ``sensory`` is the sensory level of the side.
    """
    arm, arm_intact = _limb(motor[ARM], C4)
    leg, leg_intact = _limb(motor[LEG], L1)
    below_leg = np.where(leg_intact, np.maximum(sensory, S1), leg)
    trunk = np.where(sensory < L1, np.maximum(sensory, T1), below_leg)
    return np.where(sensory < C4, sensory, np.where(arm_intact, trunk, arm))


def lowest_function(motor: Codes) -> Codes:
    """Position of the most caudal key muscle with any function, 0 where none has."""
    lowest = np.zeros(motor.shape[1], dtype=np.int8)
    for grade, position in zip(motor, cells.MYOTOME_POSITIONS, strict=True):
        np.maximum(lowest, (grade > 0) * np.int8(position), out=lowest)
    return lowest


def lowest_sensation(light_touch: Codes, pin_prick: Codes) -> Codes:
    """Position of the most caudal dermatome down to S3 with any sensation, 0 (C1) if none."""
    lowest = np.zeros(light_touch.shape[1], dtype=np.int8)
    pairs = zip(light_touch[:-1], pin_prick[:-1], strict=True)
    for position, (touch, prick) in enumerate(pairs, start=1):
        np.maximum(lowest, ((touch | prick) != 0) * np.int8(position), out=lowest)
    return lowest


def half_are_useful(motors: tuple[Codes, Codes], level: Codes) -> Flags:
    """Whether at least half of the key muscles below the neurological level are 3 or better."""
    surplus = np.zeros(level.size, dtype=np.int8)  # muscles of 3 or better, less half of all
    for right, left, position in zip(*motors, cells.MYOTOME_POSITIONS, strict=True):
        useful = (right >= 3).view(np.int8) + (left >= 3).view(np.int8) - np.int8(1)
        surplus += useful * (level < position)
    return surplus >= 0


def classify_block(block: Codes) -> Codes:
    """Classify a block of codes, shape (136, exams), into result codes, shape (17, exams).

    Levels are positions in ``LEVEL_NAMES``; zones are 0 for NA, else 1 + position; completeness
    is 0 for C and 1 for I; grades are 0 to 4 for A to E; totals are numbers.
    Cells that are not testable or tagged give results without meaning: the caller replaces them.
    """
    result = np.empty((len(cells.OUTPUTS), block.shape[1]), dtype=np.int8)
    vac = block[cells.VAC_ROW]
    contracts = vac > 0
    pressure = block[cells.DAP_ROW] > 0
    motors = (block[cells.MOTOR_ROWS[0]], block[cells.MOTOR_ROWS[1]])
    level = np.full(block.shape[1], cells.INTACT, dtype=np.int8)
    spared = pressure.copy()
    motor_below = np.zeros(block.shape[1], dtype=np.bool_)
    keyed: list[Codes] = []  # zone of the key muscles, a side
    for side, motor in enumerate(motors):
        touch, prick = block[cells.LIGHT_TOUCH_ROWS[side]], block[cells.PIN_PRICK_ROWS[side]]
        sacral = (touch[-1] | prick[-1]) != 0
        spared |= sacral
        sensory = sensory_level(touch, prick)
        without_vac = motor_level_without_vac(motor, sensory)
        motor_level = np.where(without_vac == cells.INTACT, S3 + vac, without_vac)
        level = np.minimum(level, np.minimum(sensory, without_vac))
        keyed.append(np.maximum(lowest_function(motor), motor_level))
        deepest = np.maximum(keyed[side], block[cells.NON_KEY_ROW[side]] - 1)
        motor_below |= deepest - motor_level > 3
        result[side] = sensory
        result[2 + side] = motor_level
        zone = 1 + lowest_sensation(touch, prick)
        result[7 + side] = np.where(pressure | sacral, 0, zone)
    complete = ~(spared | contracts)
    grade = _grade(complete, contracts, motor_below, level, half_are_useful(motors, level))
    result[4] = level
    result[5] = ~complete
    result[6] = grade
    for side in (0, 1):
        non_key = block[cells.NON_KEY_ROW[side]] - 1
        extended = np.where((grade == 2) & (non_key - keyed[side] > 3), non_key, keyed[side])
        result[9 + side] = np.where(contracts, 0, 1 + extended)
    result[11:] = totals(block)
    return result


def _grade(
    complete: Flags, contracts: Flags, motor_below: Flags, level: Codes, useful: Flags
) -> Codes:
    """ASIA Impairment Scale as 0 to 4 for A to E."""
    grade = np.where(contracts | motor_below, np.int8(2) + useful, np.int8(1))
    grade = np.where(contracts & (level == cells.INTACT), np.int8(4), grade)
    return np.where(complete, np.int8(0), grade)


def totals(block: Codes | Flags) -> Codes:
    """Sums over cells: motor a side and a limb pair, light touch, pin prick; shape (6, exams)."""
    arms = [block[rows][ARM].sum(axis=0, dtype=np.int8) for rows in cells.MOTOR_ROWS]
    legs = [block[rows][LEG].sum(axis=0, dtype=np.int8) for rows in cells.MOTOR_ROWS]
    sums = np.empty((6, block.shape[1]), dtype=np.int8)
    np.add(arms, legs, out=sums[0:2])
    np.add(arms[0], arms[1], out=sums[2])
    np.add(legs[0], legs[1], out=sums[3])
    for row, rows in ((4, cells.LIGHT_TOUCH_ROWS), (5, cells.PIN_PRICK_ROWS)):
        sides = [block[side].sum(axis=0, dtype=np.int8) for side in rows]
        np.add(sides[0], sides[1], out=sums[row])
    return sums
