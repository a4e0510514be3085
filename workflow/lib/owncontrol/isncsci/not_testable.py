"""Exact sets for exams with cells that are not testable.

Every output is the set of values that completions of the open cells give, and no other. Nothing
is enumerated: given a hypothesis for the four levels the cells decouple.

* The muscles below a level are free given that the neurological level is at least there. So the
  fewest of them that can be 3 or better is a plain count, and the most is a plain count less the
  cost (`level_sets`) of the way in which a side stops.
* Grade B, and C and D with no anal contraction, ask for function more than three levels below the
  motor level of a side. Lowering the free muscles keeps it as long as one of them has grade 1, so
  it costs nothing where few strong muscles are wanted; where many are, the sets of levels are kept
  to the motor levels that lie high enough.
* Sacral sensation and anal pressure bear neither on the motor levels nor on the counts.
* A non-key muscle ties the motor zone of its side to the grade: there each zone is tried in turn.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from owncontrol.isncsci import cells, testable
from owncontrol.isncsci.cells import Codes
from owncontrol.isncsci.domains import Exams, Range, Side
from owncontrol.isncsci.level_sets import (
    ALL_ONES,
    MUSCLES,
    Mask,
    Open,
    below,
    bits,
    has,
    highest,
    least,
    motor_levels,
    open_side,
    pack,
    sensory_levels,
    side_levels,
    spread,
    up_to_lowest,
)
from owncontrol.isncsci.testable import S1, Flags

# Positions of a neurological level with the same number j of key muscles at or above it.
SAME_COUNT = tuple(
    bits(start, stop - 1)
    for start, stop in zip((0, *MUSCLES), (*MUSCLES, cells.INTACT + 1), strict=True)
)


TOTAL_TEXTS = np.array([*map(str, range(113)), cells.NOT_DETERMINABLE], dtype=object)


def _as_written() -> tuple[Codes, Flags]:
    """Grade written in a cell of each code (0 for NT), and whether it is NT."""
    written, untested = np.zeros(256, dtype=np.int8), np.zeros(256, dtype=np.bool_)
    for offset in (cells.SINGLE, cells.DOUBLE):
        written[offset - np.arange(6)] = np.arange(6)
        untested[offset + cells.NT] = True
    written[:6], untested[cells.NT] = np.arange(6), True
    return written, untested


WRITTEN, UNTESTED = _as_written()


class Part(NamedTuple):
    """What grade and zones need of one side, without anal contraction where that matters."""

    open: Open
    motor: Range
    non_key: NDArray[np.int_]
    levels: Mask  # neurological levels of the side
    free_levels: Mask  # those it can have at no cost
    motor_levels: Mask
    zones: Mask  # motor zones, non-key muscles apart

    def kept(self, allowed: Mask) -> tuple[Mask, Mask]:
        """Levels at no cost and at any, kept to motor levels."""
        return (
            side_levels(self.open, self.open.arm.free, self.open.leg.free, allowed),
            side_levels(self.open, self.open.arm.stops, self.open.leg.stops, allowed),
        )


def _zones(side: Open, levels: Mask) -> Mask:
    """Motor zones: the motor level or a muscle below it, with nothing forced further down."""
    rest = ~below(side.forced)
    first = highest(levels)
    return (levels & rest) | (side.functioning & rest & ~(first | (first - np.uint32(1))))


def part(side: Side) -> Part:
    """Take one side apart."""
    sensory = sensory_levels(side.light_touch, side.pin_prick)
    apart = open_side(side.motor, sensory)
    everything = np.full(sensory.shape, ALL_ONES, dtype=np.uint32)
    levels = motor_levels(apart, contracts=False)
    return Part(
        apart,
        side.motor,
        side.non_key.astype(np.int_),
        side_levels(apart, apart.arm.stops, apart.leg.stops, everything),
        side_levels(apart, apart.arm.free, apart.leg.free, everything),
        levels,
        _zones(apart, levels),
    )


class Half(NamedTuple):
    """Neurological levels at which fewer than half, or half, of the muscles below are useful."""

    fewer: Mask
    at_least: tuple[Mask, Mask, Mask]  # at a total cost of 0, 1 and 2


def half(fewest: Codes, most: Codes) -> Half:
    """Compare the counts of muscles of grade 3 or better below each level with the half.

    Both arguments count the muscles of both sides from the j-th down, shape (11, exams).
    """
    fewer = np.zeros(fewest.shape[1], dtype=np.uint32)
    enough = [np.zeros_like(fewer) for _ in range(3)]
    for j, positions in enumerate(SAME_COUNT):
        here = np.uint32(positions)
        fewer |= spread(fewest[j] < 10 - j) & here
        for cost in range(3):
            enough[cost] |= spread(most[j] - cost >= 10 - j) & here
    return Half(fewer, (enough[0], enough[1], enough[2]))


def can_be_c(one: Mask, other: Part, counts: Half) -> Flags:
    """Whether the levels of one side and those of the other give fewer than half."""
    found: Flags = (least(one, other.levels) & counts.fewer) != 0
    return found


def can_be_d(free: Mask, stops: Mask, other: Part, counts: Half) -> Flags:
    """Whether the levels of one side, at no cost and at any, and those of the other give half."""
    found: Mask = np.zeros_like(free)
    rest = up_to_lowest(other.levels)  # below the level of the exam a side is free
    for cost, own in enumerate((free, stops)):
        found |= own & rest & counts.at_least[cost]
        for more, theirs in enumerate((other.free_levels, other.levels)):
            found |= up_to_lowest(own) & theirs & counts.at_least[cost + more]
    possible: Flags = found != 0
    return possible


class Prepared(NamedTuple):
    """An exam taken apart."""

    right: Part
    left: Part
    level: Mask  # neurological levels
    counts: Half
    no: Flags  # voluntary anal contraction can be absent
    yes: Flags  # ... can be present
    spared: Flags  # sensation at S4-5 or anal pressure can be present
    unspared: Flags  # ... can be absent


def _sacral(side: Side) -> Range:
    """Whether a side has sensation at S4-5, certainly and possibly."""
    touch, prick = side.light_touch, side.pin_prick
    return Range(touch.low[-1] | prick.low[-1], touch.high[-1] | prick.high[-1])


def prepare(exams: Exams) -> Prepared:
    """Take exams apart."""
    right, left = (part(side) for side in exams.sides)
    sacral = [_sacral(side) for side in exams.sides]
    return Prepared(
        right,
        left,
        least(right.levels, left.levels),
        half(right.open.fewest + left.open.fewest, right.open.most + left.open.most),
        exams.contraction.low == 0,
        exams.contraction.high == 1,
        (exams.pressure.high | sacral[0].high | sacral[1].high) > 0,
        (exams.pressure.low | sacral[0].low | sacral[1].low) == 0,
    )


def classify_sets(exams: Exams) -> dict[str, Mask]:
    """Sets of every output but the totals, as masks; zones have NA at bit 0 and levels after it.

    Levels: bit k is position k in ``LEVEL_NAMES``. Completeness: bits 0 and 1 are C and I.
    Grades: bits 0 to 4 are A to E.
    """
    exam = prepare(exams)
    parts = (exam.right, exam.left)
    sets = {
        cells.LEVEL_OUTPUTS[4]: exam.level,
        cells.COMPLETENESS: pack(np.stack([exam.no & exam.unspared, exam.yes | exam.spared])),
        cells.AIS: _grades(exam),
    }
    for number, (own, other) in enumerate(zip(parts, parts[::-1], strict=True)):
        sets[cells.LEVEL_OUTPUTS[number]] = own.open.sensory
        contracting = motor_levels(own.open, contracts=True)
        levels = (spread(exam.no) & own.motor_levels) | (spread(exam.yes) & contracting)
        sets[cells.LEVEL_OUTPUTS[2 + number]] = levels
        sacral = _sacral(exams.sides[number])
        applies = (exams.pressure.low | sacral.low) == 0
        zones = (spread(applies) & _sensory_zones(exams.sides[number])) << np.uint32(1)
        sets[cells.ZONE_OUTPUTS[number]] = zones | ((exams.pressure.high | sacral.high) > 0)
        zones = (spread(exam.no) & _with_non_key(exam, own, other)) << np.uint32(1)
        sets[cells.ZONE_OUTPUTS[2 + number]] = zones | exam.yes
    return sets


def _sensory_zones(side: Side) -> Mask:
    """Levels that can be the most caudal with sensation, C1 where all can be absent."""
    count = side.light_touch.low.shape[1]
    felt = np.ones((len(cells.LEVELS), count), dtype=np.bool_)
    felt[1:] = (side.light_touch.high[:-1] | side.pin_prick.high[:-1]) > 0
    empty = np.ones_like(felt)  # everything below a level can be absent
    absent = (side.light_touch.low[:-1] | side.pin_prick.low[:-1]) == 0
    np.logical_and.accumulate(absent[::-1], axis=0, out=empty[-2::-1])
    return pack(felt & empty)


def half_within(exam: Prepared, allowed: int) -> Flags:
    """Whether half of the muscles below a neurological level in ``allowed`` can be useful."""
    here = np.uint32(allowed)
    right, left = exam.right, exam.left
    return can_be_d(right.free_levels & here, right.levels & here, left, exam.counts) | can_be_d(
        left.free_levels & here, left.levels & here, right, exam.counts
    )


def _grades(exam: Prepared) -> Mask:
    """Set of grades."""
    intact = np.uint32(1 << cells.INTACT)
    paralysed = incomplete = exam.no & exam.spared
    far_c, far_d = np.zeros_like(incomplete), np.zeros_like(incomplete)
    for own, other in ((exam.right, exam.left), (exam.left, exam.right)):
        too_high = below(np.maximum(own.open.forced, own.non_key) - 3)
        paralysed = paralysed & ((own.motor_levels & ~too_high) != 0)
        free, stops = own.kept(below(np.maximum(own.open.reach, own.non_key) - 3))
        far_c |= can_be_c(stops, other, exam.counts)
        far_d |= can_be_d(free, stops, other, exam.counts)
    sacral_c = (exam.level & exam.counts.fewer) != 0
    grades = [
        exam.no & exam.unspared,
        paralysed,
        (exam.yes & sacral_c) | (incomplete & far_c),
        (exam.yes & half_within(exam, bits(0, cells.INTACT - 1))) | (incomplete & far_d),
        exam.yes & ((exam.level & intact) != 0),
    ]
    return pack(np.stack(grades))


def _with_non_key(exam: Prepared, side: Part, other: Part) -> Mask:
    """Motor zones of one side with the non-key muscle, where it makes a difference.

    The muscle replaces a zone more than three levels above it, in exams of grade C. There the
    function below the motor level is given, so C and D differ only by the counts.
    """
    short = side.zones & below(side.non_key - 3)
    zones = side.zones.copy()
    tied = np.flatnonzero((short != 0) & exam.no & exam.spared)
    zones[tied] &= ~short[tied] | spread(exam.unspared[tied])
    one, two = _subset(side, tied), _subset(other, tied)
    muscle = np.uint32(1) << one.non_key.astype(np.uint32)  # it is given, as zones lie above it
    for zone in range(S1):
        tried = has(short[tied], zone)
        if not tried.any():
            continue
        limited, allowed = _limited(one, zone)
        counts = half(limited.open.fewest + two.open.fewest, limited.open.most + two.open.most)
        free, stops = limited.kept(np.full_like(tried, allowed))
        zones[tied] |= tried & muscle & spread(can_be_c(stops, two, counts))
        zones[tied] |= tried & np.uint32(1 << zone) & spread(can_be_d(free, stops, two, counts))
    return zones


def _limited(side: Part, zone: int) -> tuple[Part, int]:
    """The side given that its motor zone is ``zone``, and the motor levels that leaves."""
    low, high = side.motor.low.copy(), side.motor.high.copy()
    high[zone < MUSCLES] = 0
    low[zone < MUSCLES] = 0
    own: Flags = np.equal(MUSCLES, zone)
    low[own] = np.maximum(low[own], 1)
    allowed = bits(0, zone) if own.any() else 1 << zone
    return side._replace(open=open_side(Range(low, high), side.open.sensory)), allowed


def _subset(side: Part, chosen: NDArray[np.intp]) -> Part:
    """Some of the exams, prepared again."""
    motor = Range(side.motor.low[:, chosen], side.motor.high[:, chosen])
    return side._replace(
        open=open_side(motor, side.open.sensory[chosen]),
        motor=motor,
        non_key=side.non_key[chosen],
        levels=side.levels[chosen],
        free_levels=side.free_levels[chosen],
    )


def totals(block: Codes) -> list["NDArray[np.object_]"]:
    """The six totals as text: sums of the grades as written, ``ND`` with a cell not tested."""
    unsigned = block.view(np.uint8)
    sums, untested = (testable.totals(table.take(unsigned)) for table in (WRITTEN, UNTESTED))
    sums[untested > 0] = len(TOTAL_TEXTS) - 1
    return list(TOTAL_TEXTS[sums])
