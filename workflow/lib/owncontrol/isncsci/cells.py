"""Names, layout and permitted values of an ISNCSCI exam, and the codes it is computed with.

An exam is one row: 10 key muscles a side, 28 dermatomes a side for light touch and for pin
prick, the lowest non-key muscle with function a side, voluntary anal contraction and deep anal
pressure. Examiners write text (``3``, ``NT``, ``0**``); the classifier works on one signed byte a
cell:

* ``0`` to ``5``: the grade as written (anal examination: 0 No, 1 Yes);
* ``NT`` (-9): not testable;
* ``-10 - g`` : grade ``g`` with ``*`` (``3*`` is -13, ``NT*`` is -19);
* ``-20 - g`` : grade ``g`` with ``**`` (``3**`` is -23, ``NT**`` is -29);
* non-key muscle: 0 for none, else 1 + the position of the level in ``LEVELS``.

Everything unusual is negative, so that no mistyped number is ever taken for ``NT`` or a tag.
Names and permitted values: International Standards for Neurological Classification of Spinal
Cord Injury (ASIA and ISCoS, revised 2019).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int8]

LEVELS: Final = (
    *(f"C{i}" for i in range(1, 9)),
    *(f"T{i}" for i in range(1, 13)),
    *(f"L{i}" for i in range(1, 6)),
    *(f"S{i}" for i in range(1, 4)),
)
INTACT: Final = len(LEVELS)  # 28: the position after S3, written INT
LEVEL_NAMES: Final = (*LEVELS, "INT")
NOT_APPLICABLE: Final = "NA"
NOT_DETERMINABLE: Final = "ND"

DERMATOMES: Final = (*LEVELS[1:], "S4-5")  # dermatome k (from 0) lies at position k + 1
MYOTOMES: Final = ("C5", "C6", "C7", "C8", "T1", "L2", "L3", "L4", "L5", "S1")
MYOTOME_POSITIONS: Final = tuple(LEVELS.index(name) for name in MYOTOMES)
SIDES: Final = ("right", "left")


def _name(side: str, modality: str, level: str) -> str:
    return f"{side}_{modality}_{level.lower().replace('-', '_')}"


def _side(side: str) -> tuple[str, ...]:
    return (
        *(_name(side, "motor", level) for level in MYOTOMES),
        *(_name(side, "light_touch", level) for level in DERMATOMES),
        *(_name(side, "pin_prick", level) for level in DERMATOMES),
        f"{side}_lowest_non_key_muscle",
    )


VAC: Final = "voluntary_anal_contraction"
DAP: Final = "deep_anal_pressure"
NON_KEY_CELLS: Final = tuple(f"{side}_lowest_non_key_muscle" for side in SIDES)
MOTOR_CELLS: Final = tuple(_name(s, "motor", level) for s in SIDES for level in MYOTOMES)
LIGHT_TOUCH_CELLS: Final = tuple(
    _name(s, "light_touch", level) for s in SIDES for level in DERMATOMES
)
PIN_PRICK_CELLS: Final = tuple(_name(s, "pin_prick", level) for s in SIDES for level in DERMATOMES)
# What rules for walking are made of: of each level right and left.
WALKING_CELLS: Final = tuple(
    _name(side, what, level)
    for what in ("motor", "light_touch")
    for level in ("L3", "S1")
    for side in SIDES
)
ANAL_CELLS: Final = (VAC, DAP)
EXAMINED_CELLS: Final = (*MOTOR_CELLS, *LIGHT_TOUCH_CELLS, *PIN_PRICK_CELLS, *ANAL_CELLS)
ALL_CELLS: Final = (*_side("right"), *_side("left"), VAC, DAP)
ROW: Final[Mapping[str, int]] = {name: row for row, name in enumerate(ALL_CELLS)}

# Rows of a block of codes, shape (136 cells, exams); a side is 67 rows in this order.
MOTOR_ROWS: Final = tuple(slice(67 * s, 67 * s + 10) for s in (0, 1))
LIGHT_TOUCH_ROWS: Final = tuple(slice(67 * s + 10, 67 * s + 38) for s in (0, 1))
PIN_PRICK_ROWS: Final = tuple(slice(67 * s + 38, 67 * s + 66) for s in (0, 1))
SENSORY_ROWS: Final = tuple(slice(67 * s + 10, 67 * s + 66) for s in (0, 1))
NON_KEY_ROW: Final = (66, 133)
ANAL_ROWS: Final = slice(134, 136)
VAC_ROW: Final = 134
DAP_ROW: Final = 135

LEVEL_OUTPUTS: Final = (
    "right_sensory_level",
    "left_sensory_level",
    "right_motor_level",
    "left_motor_level",
    "neurological_level_of_injury",
)
ZONE_OUTPUTS: Final = ("right_sensory_zpp", "left_sensory_zpp", "right_motor_zpp", "left_motor_zpp")
TOTAL_OUTPUTS: Final = (
    "right_motor_total",
    "left_motor_total",
    "upper_extremity_motor_score",
    "lower_extremity_motor_score",
    "light_touch_total",
    "pin_prick_total",
)
COMPLETENESS: Final = "injury_complete"
AIS: Final = "asia_impairment_scale"
OUTPUTS: Final = (*LEVEL_OUTPUTS, COMPLETENESS, AIS, *ZONE_OUTPUTS, *TOTAL_OUTPUTS)

NT: Final = -9
SINGLE: Final = -10  # *, less the grade (NT counts as 9)
DOUBLE: Final = -20  # **
NOT_PERMITTED: Final = -128  # what a value that is not permitted is encoded as


class Vocabulary(NamedTuple):
    """What may be in a cell."""

    codes: Mapping[str, int]  # text to code
    words: str  # the same for people


def _graded(normal: int, words: str) -> Vocabulary:
    """Plain grades, tags on the grades that are not normal, and NT with or without a tag."""
    codes = {str(grade): grade for grade in range(normal + 1)} | {"NT": NT}
    for stars, offset in (("*", SINGLE), ("**", DOUBLE)):
        codes |= {f"{grade}{stars}": offset - grade for grade in range(normal)}
        codes[f"NT{stars}"] = offset + NT
    return Vocabulary(codes, words)


MOTOR: Final = _graded(5, "0 to 5 or NT, with * or ** on 0 to 4 and NT")
SENSORY: Final = _graded(2, "0, 1, 2 or NT, with * or ** on 0, 1 and NT")
ANAL: Final = Vocabulary({"No": 0, "Yes": 1, "NT": NT}, "Yes, No or NT")
NON_KEY: Final = Vocabulary(
    {"": 0} | {level: 1 + k for k, level in enumerate(LEVELS)}, "a level (C1 to S3), or empty"
)


def vocabulary(cell: str) -> Vocabulary:
    """What may be in a cell."""
    if cell in ANAL_CELLS:
        return ANAL
    if cell in NON_KEY_CELLS:
        return NON_KEY
    return MOTOR if "_motor_" in cell else SENSORY


def _permitted_codes() -> NDArray[np.bool_]:
    """Whether a code (as an unsigned byte) may be in a row of a block, shape (136, 256)."""
    table = np.zeros((len(ALL_CELLS), 256), dtype=np.bool_)
    for row, cell in enumerate(ALL_CELLS):
        table[row, np.array(list(vocabulary(cell).codes.values())).astype(np.uint8)] = True
    return table


PERMITTED_CODES: Final = _permitted_codes()


def text_of(cell: str, code: int) -> str:
    """The examiner's text of a code: ``text_of("right_motor_c5", -13)`` is ``3*``."""
    return {code: text for text, code in vocabulary(cell).codes.items()}[code]
