"""Which values of a result carry ``*`` because they depend on a tagged cell.

The values themselves are the sets of `not_testable` over what the tags leave open (`domains`):
``**`` is normal, ``*`` is not normal but at least as good as rated. A value depends on a tag in
these ways, read off the expert-reviewed cases (numbers) and the published description of the
open-source ISNCSCI algorithm they come from (Praxis Spinal Cord Institute, praxis-isncsci):

* a level, when a cell at or above it was taken as normal against its rating (15, 86, 105, 107,
  108, 115, 117, 120); when its own muscle counts as 3 or better though tagged ``0*`` to ``2*`` or
  ``NT*`` (89, 107, 126); when the dermatome below ends the level only as ``NT*`` (87);
* the neurological level in the same ways, but that the last two must hold on both sides: the
  dermatome on each, or a muscle on one side where the other side stops as well (126, not 89);
* a sensory zone, when it or a dermatome below it is ``0*`` (88, 105);
* a motor zone, when its muscle is ``0*`` or ``0**`` (104, 107), or, where a dermatome stands in
  for it, when a cell at or above was taken as normal (15, 105, 115, 117);
* completeness and grades: `tag_grades`.
"""

from typing import NamedTuple

import numpy as np

from owncontrol.isncsci import cells, tag_grades
from owncontrol.isncsci.cells import DOUBLE, NT, SINGLE, Codes
from owncontrol.isncsci.domains import Exams, Side
from owncontrol.isncsci.level_sets import (
    MUSCLES,
    Mask,
    at,
    bits,
    has,
    highest,
    spread,
    up_to_lowest,
)
from owncontrol.isncsci.testable import C4, L1, S1, S3, T1

MUSCLE_BITS = sum(1 << position for position in cells.MYOTOME_POSITIONS)
PLACES = np.arange(1, cells.INTACT + 1)  # positions of the dermatomes
BESIDE_MUSCLES = bits(C4 + 1, T1) | bits(L1 + 1, S1)
# Levels that the dermatome below ends: C1-C3, T2-T12, S2, S3.
ENDED_BY_DERMATOME = bits(0, C4 - 1) | bits(T1 + 1, L1 - 1) | bits(S1 + 1, S3)


class SideTags(NamedTuple):
    """What the tags of one side bear on, as masks of positions."""

    dermatomes: Mask  # at or below a dermatome taken as normal
    sacrum: Mask  # spread: S4-5 is normal, and only as a tag takes it
    muscles: Mask  # at or below a muscle taken as normal against its rating
    own: Mask  # muscle 0*, 1*, 2* or NT*
    ended: Mask  # the dermatome below ends the level only as NT*
    zero_dermatomes: Mask  # 0* in a modality, 0 or 0* in the other
    zero_muscles: Mask  # 0* or 0**
    stops: Mask  # muscles at which a limb can stop
    not_normal: Mask  # levels with a cell that is not, or need not be, normal


def stars(block: Codes, exams: Exams, sets: dict[str, Mask]) -> dict[str, Mask]:
    """Values of each output that carry ``*`` if they are members of its set.

    Args:
        block: codes of the exams, shape (136, exams), each with a tagged cell.
        exams: what they leave open.
        sets: the result of `not_testable.classify_sets`, whose masks these match bit by bit.
    """
    both = tuple(_side_tags(block, exams.sides[side], side) for side in (0, 1))
    found = {cells.LEVEL_OUTPUTS[4]: _level_stars(*both)}
    for side, tags in enumerate(both):
        sensory, motor = cells.LEVEL_OUTPUTS[side], cells.LEVEL_OUTPUTS[2 + side]
        found[sensory] = tags.dermatomes | tags.ended
        found[motor] = _motor_level_stars(tags)
        zone = up_to_lowest(tags.zero_dermatomes) & ~np.uint32(1)
        found[cells.ZONE_OUTPUTS[side]] = zone << np.uint32(1)
        found[cells.ZONE_OUTPUTS[2 + side]] = _motor_zone_stars(tags, sets[motor]) << np.uint32(1)
    found[cells.COMPLETENESS], found[cells.AIS] = tag_grades.stars(block, exams, sets)
    return found


def _and_below(mask: Mask) -> Mask:
    """Every position at or below the most rostral one of a set."""
    return ~(highest(mask) - np.uint32(1)) & spread(mask != 0)


def _side_tags(block: Codes, side: Side, number: int) -> SideTags:
    muscles = block[cells.MOTOR_ROWS[number]]
    touch, prick = block[cells.LIGHT_TOUCH_ROWS[number]], block[cells.PIN_PRICK_ROWS[number]]
    normal = (side.light_touch.low == 2) & (side.pin_prick.low == 2)
    taken = (touch <= DOUBLE) | (prick <= DOUBLE)
    rated = np.isin(touch, (0, 1, SINGLE, SINGLE - 1)) | np.isin(prick, (0, 1, SINGLE, SINGLE - 1))
    ended = ((touch == SINGLE + NT) | (prick == SINGLE + NT)) & ~rated
    zeros = np.isin(touch, (0, SINGLE)) & np.isin(prick, (0, SINGLE)) & ((touch | prick) != 0)
    weak = np.isin(muscles, DOUBLE - np.arange(3))
    useful = np.isin(muscles, (DOUBLE - 3, DOUBLE - 4, DOUBLE + NT))  # 3 serves its own level
    stops = side.motor.low < 5
    stops[[0, 1, 2, 3, 5, 6, 7, 8]] |= side.motor.low[[1, 2, 3, 4, 6, 7, 8, 9]] < 3
    return SideTags(
        _and_below(at(PLACES, taken)),
        spread(taken[-1] & normal[-1]),
        _and_below(at(MUSCLES, weak)) | (_and_below(at(MUSCLES, useful)) << np.uint32(1)),
        at(MUSCLES, np.isin(muscles, (*(SINGLE - np.arange(3)), SINGLE + NT))),
        at(PLACES - 1, ended),
        at(PLACES[:-1], zeros[:-1]),
        at(MUSCLES, np.isin(muscles, (SINGLE, DOUBLE))),
        at(MUSCLES, stops),
        at(PLACES, ~normal) | at(MUSCLES, side.motor.low < 5),
    )


def _motor_level_stars(tags: SideTags) -> Mask:
    """Stars of a motor level; dermatomes beside key muscles count once the limb is passed."""
    beside = np.uint32(BESIDE_MUSCLES)
    taken: Mask = tags.dermatomes & ~beside
    for above, limb in ((C4, bits(C4 + 1, T1)), (L1, bits(L1 + 1, S1))):
        taken |= has(tags.dermatomes, above) & np.uint32(limb)
    taken |= tags.sacrum & np.uint32(1 << S3)  # then anal contraction decides
    return taken | tags.muscles | tags.own | (tags.ended & np.uint32(ENDED_BY_DERMATOME))


def _level_stars(right: SideTags, left: SideTags) -> Mask:
    """Stars of the neurological level."""
    taken = right.dermatomes | left.dermatomes | right.muscles | left.muscles
    ended: Mask = right.ended & left.ended & np.uint32(ENDED_BY_DERMATOME)
    return taken | ended | ((right.own | left.own) & right.stops & left.stops)


def _motor_zone_stars(tags: SideTags, levels: Mask) -> Mask:
    """Stars of a motor zone.

    Where a dermatome stands in, down from the most rostral of the motor levels the star reaches
    as far as every cell is normal; all the way if that level itself has a cell that is not.
    """
    first = highest(levels)
    end = highest(tags.not_normal & ~(first | (first - np.uint32(1))))
    reached = (end - np.uint32(1)) | spread((first & tags.not_normal) != 0)
    reached &= ~np.uint32(MUSCLE_BITS)
    return tags.zero_muscles | ((tags.dermatomes | tags.muscles) & reached)
