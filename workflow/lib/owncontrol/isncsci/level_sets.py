"""Sets of levels of one side of an exam with open cells, as bit masks (bit k: position k).

The neurological level of a side is the least of three independent things: the sensory level,
the arm and the leg. A limb *stops* at a level in one of two ways: its muscle there is 3 or 4, and
all below is free; or it is 5 (or there is none) and the next muscle is below 3. In the second way
the next muscle is *bound*: where it could have been 3 or better, the stop has a cost of one such
muscle (`not_testable` counts them). What is not the least of the three stays free.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from owncontrol.isncsci import cells
from owncontrol.isncsci.cells import Codes
from owncontrol.isncsci.domains import Range
from owncontrol.isncsci.testable import ARM, C4, L1, LEG, S1, S3, T1, Flags

Mask = NDArray[np.uint32]

ALL_ONES = 0xFFFFFFFF
MUSCLES = np.array(cells.MYOTOME_POSITIONS)


def bits(first: int, last: int) -> int:
    """Mask of the positions ``first`` to ``last``, both included."""
    return (1 << (last + 1)) - (1 << first)


def spread(flags: Flags) -> Mask:
    """All bits where true, none where false."""
    return np.negative(flags.astype(np.uint32))


def pack(flags: Flags) -> Mask:
    """Masks with bit k from row k; ``flags`` has shape (at most 32, exams)."""
    packed = np.packbits(flags, axis=0, bitorder="little").astype(np.uint32)
    mask: Mask = packed[0]
    for byte, shift in zip(packed[1:], (8, 16, 24), strict=False):
        mask |= byte << np.uint32(shift)
    return mask


def at(positions: NDArray[np.int_], flags: Flags) -> Mask:
    """Masks of the positions whose row of ``flags`` is true."""
    rows = np.zeros((32, flags.shape[1]), dtype=np.bool_)
    rows[positions] = flags
    return pack(rows)


def highest(mask: Mask) -> Mask:
    """The most rostral position of a set alone; empty for an empty set."""
    return mask & np.negative(mask)


def up_to_lowest(mask: Mask) -> Mask:
    """Every position at or above (rostral to) the most caudal one of a set."""
    filled = mask.copy()
    for shift in (1, 2, 4, 8, 16):
        filled |= filled >> np.uint32(shift)
    return filled


def below(position: NDArray[np.int_]) -> Mask:
    """Mask of the positions less than ``position`` (0 to 31)."""
    return (np.uint32(1) << np.maximum(position, 0).astype(np.uint32)) - np.uint32(1)


def least(one: Mask, other: Mask) -> Mask:
    """Set of the lesser of two independent levels; empty where either set is."""
    return (one & up_to_lowest(other)) | (other & up_to_lowest(one))


def sensory_levels(light_touch: Range, pin_prick: Range) -> Mask:
    """Set of sensory levels of one side."""
    normal = (light_touch.high == 2) & (pin_prick.high == 2)
    impaired = (light_touch.low < 2) | (pin_prick.low < 2)
    reached = np.logical_and.accumulate(normal, axis=0)
    stops = np.vstack([impaired, np.ones_like(impaired[:1])])
    stops[1:] &= reached
    return pack(stops)


class Limb(NamedTuple):
    """Where five adjacent key muscles stop being normal."""

    free: Mask  # levels at which they can stop at no cost
    stops: Mask  # levels at which they can stop at all
    intact: Mask  # spread: all five can be 5


def limb(muscles: Range, above: int) -> Limb:
    """Stops of a limb whose first muscle lies one below the position ``above``."""
    count = muscles.low.shape[1]
    normal = np.ones((6, count), dtype=np.bool_)  # row j: the first j can be 5
    np.logical_and.accumulate(muscles.high == 5, axis=0, out=normal[1:])
    own = normal[:-1] & (muscles.high >= 3) & (muscles.low <= 4)  # stops at its own level
    bound = normal[:-1] & (muscles.low < 3)  # holds the limb at the level above
    free = (pack(own) << np.uint32(1)) | pack(bound & (muscles.high < 3))
    stops = free | pack(bound)
    shift = np.uint32(above)
    return Limb(free << shift, stops << shift, spread(normal[5]))


class Open(NamedTuple):
    """Independent parts of one side."""

    sensory: Mask
    arm: Limb
    leg: Limb
    reach: NDArray[np.int_]  # most caudal position with function if every muscle is at its best
    forced: NDArray[np.int_]  # the same with every muscle at its worst
    functioning: Mask  # key muscles that can have function
    fewest: Codes  # muscles from the j-th down of grade 3 or better at worst, shape (11, exams)
    most: Codes  # the same at best


def from_each_down(useful: Flags) -> Codes:
    """How many of the muscles from the j-th down, shape (11, exams)."""
    counts = np.zeros((11, useful.shape[1]), dtype=np.int8)
    np.cumsum(useful[::-1], axis=0, dtype=np.int8, out=counts[1:])
    return counts[::-1]


def most_caudal(function: Flags) -> NDArray[np.int_]:
    """Position of the most caudal muscle that is true, 0 where none is."""
    position: NDArray[np.int_] = (function * MUSCLES[:, None]).max(axis=0)
    return position


def open_side(motor: Range, sensory: Mask) -> Open:
    """Take one side apart."""
    return Open(
        sensory,
        limb(Range(motor.low[ARM], motor.high[ARM]), C4),
        limb(Range(motor.low[LEG], motor.high[LEG]), L1),
        most_caudal(motor.high > 0),
        most_caudal(motor.low > 0),
        at(MUSCLES, motor.high > 0),
        from_each_down(motor.low >= 3),
        from_each_down(motor.high >= 3),
    )


def side_levels(side: Open, arm: Mask, leg: Mask, allowed: Mask) -> Mask:
    """Neurological levels of one side whose motor level (without contraction) is ``allowed``.

    ``arm`` and ``leg`` are the stops taken into account (``Limb.free`` or ``Limb.stops``).
    """
    sensory = side.sensory
    low = sensory & np.uint32(bits(L1, cells.INTACT))
    held_at_t1 = sensory & np.uint32(bits(C4, T1)) & has(allowed, T1)
    trunk = sensory & np.uint32(bits(T1 + 1, L1 - 1)) & allowed
    held_at_s1 = low & np.uint32(bits(L1, S1)) & has(allowed, S1)
    s2 = low & np.uint32(1 << (S1 + 1)) & allowed
    s3 = low & np.uint32(bits(S3, cells.INTACT)) & has(allowed, S3)
    past_leg = side.leg.intact & (held_at_s1 | s2 | s3)
    below_arm: Mask = held_at_t1 | trunk | least(low, leg & allowed) | past_leg
    past_arm: Mask = side.arm.intact & below_arm
    neck = sensory & np.uint32(bits(0, C4 - 1)) & allowed
    return neck | least(sensory & np.uint32(bits(C4, cells.INTACT)), arm & allowed) | past_arm


def neurological_levels(right: Open, left: Open) -> Mask:
    """Set of the neurological levels of an exam."""
    everything = np.full_like(right.sensory, ALL_ONES)
    return least(
        *(side_levels(side, side.arm.stops, side.leg.stops, everything) for side in (right, left))
    )


def has(mask: Mask, position: int) -> Mask:
    """Spread of one bit."""
    one: Mask = (mask >> np.uint32(position)) & np.uint32(1)
    return np.negative(one)


def motor_levels(side: Open, contracts: bool) -> Mask:
    """Motor levels of one side with or without voluntary anal contraction."""
    sensory = side.sensory

    def any_of(first: int, last: int) -> Mask:
        return spread((sensory & np.uint32(bits(first, last))) != 0)

    below_leg = any_of(L1, S1) & np.uint32(1 << S1)
    below_leg |= sensory & np.uint32(bits(S1 + 1, S3))
    below_leg |= any_of(cells.INTACT, cells.INTACT) & np.uint32(1 << (S3 + contracts))
    past_arm = (any_of(C4, T1) & np.uint32(1 << T1)) | (sensory & np.uint32(bits(T1 + 1, L1 - 1)))
    past_arm |= any_of(L1, cells.INTACT) & (side.leg.stops | (side.leg.intact & below_leg))
    neck = sensory & np.uint32(bits(0, C4 - 1))
    return neck | (any_of(C4, cells.INTACT) & (side.arm.stops | (side.arm.intact & past_arm)))
