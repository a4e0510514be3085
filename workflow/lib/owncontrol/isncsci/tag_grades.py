"""When completeness and the grade depend on a tagged cell (see `tags`).

* Completeness, when only tagged zeros stand against sensation at S4-5 (cases 88, 100); with it
  grade A.
* B, when sacral sensation rests on tagged zeros (88, 100), or the absence of function more than
  three levels below the motor level on ``0*``.
* C and D, when with no anal contraction the first function that far below is ``0**`` (104), or
  when the count of muscles of grade 3 or better rests on tagged ones rated below 3 (102, not 92).
* C also when the count of the ratings as written, tags struck out, would not give it (120).
* E always (86): with a tag there is no E unless ``**`` makes a cell normal, and that one lies above
  the intact level.
"""

import numpy as np

from owncontrol.isncsci import cells
from owncontrol.isncsci.cells import DOUBLE, NT, SINGLE, Codes
from owncontrol.isncsci.domains import Exams, open_exams
from owncontrol.isncsci.level_sets import (
    MUSCLES,
    Mask,
    at,
    below,
    from_each_down,
    highest,
    most_caudal,
    neurological_levels,
    open_side,
    pack,
    sensory_levels,
)
from owncontrol.isncsci.not_testable import half
from owncontrol.isncsci.testable import Flags

SACRAL_ROWS = [rows.stop - 1 for rows in (*cells.LIGHT_TOUCH_ROWS, *cells.PIN_PRICK_ROWS)]


def _untagged() -> Codes:
    """Code of each code without its tag."""
    plain = np.arange(256).astype(np.int8)
    for offset in (SINGLE, DOUBLE):
        plain[offset - np.arange(6)] = np.arange(6)
        plain[offset + NT] = NT
    return plain


UNTAGGED = _untagged()


def stars(block: Codes, exams: Exams, sets: dict[str, Mask]) -> tuple[Mask, Mask]:
    """Stars of completeness (bits 0 and 1: C and I) and of the grade (bits 0 to 4: A to E)."""
    no_contraction, no_pressure = block[cells.VAC_ROW] == 0, block[cells.DAP_ROW] == 0
    undecided = no_contraction & no_pressure & _sacrum_holds_only(block, 0, SINGLE)
    incomplete = no_contraction & no_pressure & _sacrum_holds_only(block, 0, DOUBLE)
    absence = no_pressure & _sacrum_holds_only(block, 0, SINGLE, DOUBLE)
    function = np.zeros_like(absence)
    for side, name in enumerate(cells.LEVEL_OUTPUTS[2:4]):
        absence |= no_contraction & _absence_rests(block, exams, side, sets[name])
        function |= no_contraction & _function_rests(block, side, sets[name])
    few, many = _counts_rest(block, exams, sets[cells.LEVEL_OUTPUTS[4]])
    grades = [undecided, absence, function | few, function | many, np.ones_like(absence)]
    return pack(np.stack([undecided, undecided | incomplete])), pack(np.stack(grades))


def _sacrum_holds_only(block: Codes, *codes: int) -> Flags:
    """Whether S4-5 holds these codes only, and not 0 alone."""
    sacral = block[SACRAL_ROWS]
    found: Flags = np.isin(sacral, codes).all(axis=0) & (sacral != 0).any(axis=0)
    return found


def _absence_rests(block: Codes, exams: Exams, side: int, levels: Mask) -> Flags:
    """Whether ``0*`` stands more than three levels below the first motor level that fits B."""
    fitting = highest(levels & ~below(most_caudal(exams.sides[side].motor.low > 0) - 3))
    zeros = at(MUSCLES, block[cells.MOTOR_ROWS[side]] == SINGLE)
    rests: Flags = (fitting != 0) & (zeros & ~((fitting << np.uint32(4)) - np.uint32(1)) != 0)
    return rests


def _function_rests(block: Codes, side: int, levels: Mask) -> Flags:
    """Whether the first function more than three levels below the motor level is ``0**``."""
    muscles = block[cells.MOTOR_ROWS[side]]
    non_key = np.uint32(1) << block[cells.NON_KEY_ROW[side]].astype(np.uint32)  # 1 for none
    function = at(MUSCLES, muscles != 0) | (non_key >> np.uint32(1))
    far = highest(function & ~((highest(levels) << np.uint32(4)) - np.uint32(1)))
    rests: Flags = (far & at(MUSCLES, muscles == DOUBLE)) != 0
    return rests


def _counts_rest(block: Codes, exams: Exams, level: Mask) -> tuple[Flags, Flags]:
    """Whether C and D rest on the count of tagged muscles below the neurological level."""
    grades = np.arange(3)
    worst, best, worst_untagged, best_untagged = (
        np.zeros((11, block.shape[1]), dtype=np.int8) for _ in range(4)
    )
    for side in (0, 1):
        motor, codes = exams.sides[side].motor, block[cells.MOTOR_ROWS[side]]
        single = np.isin(codes, SINGLE - grades)
        tagged = single | np.isin(codes, DOUBLE - grades)
        worst += from_each_down(motor.low >= 3)
        worst_untagged += from_each_down((motor.low >= 3) | single)
        best += from_each_down(motor.high >= 3)
        best_untagged += from_each_down((motor.high >= 3) & ~tagged)
    certain = half(worst_untagged, best_untagged)
    first = highest(level & half(worst, best).fewer)
    few = (first & certain.fewer) == 0
    many = (level & certain.at_least[0]) == 0
    return few | ~_count_gives_c(UNTAGGED.take(block.view(np.uint8))), many


def _count_gives_c(block: Codes) -> Flags:
    """Whether fewer than half of the muscles below the neurological level can be 3 or better."""
    sides = [
        open_side(side.motor, sensory_levels(side.light_touch, side.pin_prick))
        for side in open_exams(block).sides
    ]
    counts = half(sides[0].fewest + sides[1].fewest, sides[0].most + sides[1].most)
    found: Flags = (neurological_levels(*sides) & counts.fewer) != 0
    return found
