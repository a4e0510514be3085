"""The 132 cells of each neurological examination, drawn so that they give the true AIS grade.

Cells come from latent strengths that rise with time: key muscles of the arms around the zone of
injury, key muscles of the legs with the grade, sensation below the injury with both. A little
noise an exam stands for examiner and day. What the grade demands (International Standards for
Neurological Classification of Spinal Cord Injury, 2019) is enforced afterwards on the cells that
are nearest to it, in the legs and the last sacral segment only, so that no level moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from owncontrol.simulation.cohort import ALWAYS, NEVER, Bools, Cohort, Ints

Floats = NDArray[np.floating]
Cells = NDArray[np.int8]

MUSCLES = ("C5", "C6", "C7", "C8", "T1", "L2", "L3", "L4", "L5", "S1")
DERMATOMES = (
    *(f"C{number}" for number in range(2, 9)),
    *(f"T{number}" for number in range(1, 13)),
    *(f"L{number}" for number in range(1, 6)),
    *("S1", "S2", "S3", "S4-5"),
)
LEVELS = ("C1", *DERMATOMES[:-1], "INT")
ARM = slice(0, 5)
LEG = slice(5, 10)
NOT_TESTABLE = np.int8(-1)
#: Leg muscle names for a non-key muscle that shows first (column "non-key" of the workbook).
NON_KEY_LEVELS = ("L2", "L3", "L5", "S1")
#: Dermatomes under a cast or dressing: trunk and thigh, far below any cervical level.
DRESSED = range(DERMATOMES.index("T5"), DERMATOMES.index("L3") + 1)
NOT_TESTABLE_SHARE = 0.12
FULL_RECOVERY_DAY = 200


@dataclass(frozen=True)
class Exams:
    """Examinations of n subjects at v visits; sides are right, left; -1 is not testable.

    `motor` (n, v, 2, 10), `sensory` (n, v, 2 modalities LT and PP, 2, 28), `anal_contraction`
    and `anal_pressure` (n, v) of 0 and 1, `non_key` (n, v, 2): level of a non-key muscle or "".
    """

    motor: Cells
    sensory: Cells
    anal_contraction: Cells
    anal_pressure: Cells
    non_key: NDArray[np.str_]


def draw_exams(cohort: Cohort, rng: np.random.Generator) -> Exams:
    """Draw all examinations of a cohort."""
    progress = _progress(cohort)
    lesion = rng.random((cohort.size, 1)) * 2.0 + rng.random((cohort.size, 2)) * 0.8
    gain = _zone_gain(cohort, rng)
    level = _sensory_level(lesion, gain, progress, rng)
    motor = _motor(cohort, progress, lesion, gain, level, rng)
    sensory = _sensory(cohort, progress, level, rng)
    anal_contraction, anal_pressure = _anal(cohort, rng)
    non_key = _non_key(cohort, motor, rng)
    _meet_grade(cohort, motor, sensory, level, non_key)
    _hide_cells(cohort, motor, sensory, rng)
    _tell_apart(motor, sensory, level)
    return Exams(motor, sensory, anal_contraction, anal_pressure, non_key)


def motor_levels(motor: Cells, sensory: Cells) -> Ints:
    """Motor level of each side as an index into LEVELS: (..., 2), for cervical injuries.

    The last of C5, C6, … whose muscle is 3 or better with all above normal; above C5, the last
    normal dermatome stands in. Not meant for exams with all arm muscles normal (ValueError).
    """
    normal = np.logical_and.accumulate(motor[..., ARM] == 5, axis=-1).sum(axis=-1)
    if (normal == 5).any():
        raise ValueError("motor level below T1: the simulation draws cervical injuries only")
    graded = np.take_along_axis(motor, normal[..., None], axis=-1)[..., 0]
    by_muscle = normal + LEVELS.index("C4") + (graded >= 3)
    by_dermatome = sensory_levels(sensory)
    return np.where(by_dermatome < LEVELS.index("C4"), by_dermatome, by_muscle)


def sensory_levels(sensory: Cells) -> Ints:
    """Sensory level of each side as an index into LEVELS: (..., 2)."""
    normal = (sensory == 2).all(axis=-3)
    levels: Ints = np.logical_and.accumulate(normal, axis=-1).sum(axis=-1)
    return levels


def _noise(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Bell-shaped noise with standard deviation 1, from three uniforms (no transcendentals)."""
    total = rng.random(shape, dtype=np.float32)
    total += rng.random(shape, dtype=np.float32)
    total += rng.random(shape, dtype=np.float32)
    return (total - np.float32(1.5)) * np.float32(2)


def _progress(cohort: Cohort) -> Floats:
    """Share of the recovery behind the patient at each visit, quick first: (n, v) in 0 … 1."""
    start = (cohort.registration - cohort.infusion).astype(np.int64)[:, None]
    passed = (cohort.day_from_infusion - start) / (FULL_RECOVERY_DAY - start)
    progress: Floats = (1 - (1 - np.clip(passed, 0, 1)) ** 2).astype(np.float32)
    return progress


def _zone_gain(cohort: Cohort, rng: np.random.Generator) -> Floats:
    """Segments that the lesion moves down by full recovery, by final grade: (n, 1)."""
    by_grade = np.array([0.35, 0.8, 1.1, 1.5])[cohort.grade[:, -1]]
    return (by_grade * (0.7 + 0.6 * rng.random(cohort.size))).astype(np.float32)[:, None]


def _motor(
    cohort: Cohort,
    progress: Floats,
    lesion: Floats,
    gain: Floats,
    level: Ints,
    rng: np.random.Generator,
) -> Cells:
    n, v = cohort.grade.shape
    # Incomplete injuries lose less from muscle to muscle below the lesion (central cord).
    steep = np.array([2.0, 1.9, 1.5, 1.0])
    slope = steep[cohort.grade[:, 1]][:, None] * (0.85 + 0.3 * rng.random((n, 1)))
    slope = slope - 0.15 * cohort.grade[:, -1][:, None] * progress
    position = lesion[:, None, :] + (gain * progress)[:, :, None]
    below = np.maximum(np.arange(5) - position[..., None], 0)
    arm = 5 - slope[:, :, None, None] * below + 0.4 * _noise(rng, (n, 1, 2, 5))
    drive = _leg_drive(cohort, rng)
    # At drive 1 as many leg muscles are useful as AIS D asks for beside the arms: the medians of
    # the leg strengths are set by it, so that the step from C to D is a few points.
    needed = _needed_legs(arm[:, 1] >= 2.5, level[:, 1])
    at_step = 2.5 + 1.2 * 2.6 * (needed - 0.5)
    leg = (3 * (drive - 1) + at_step[:, None])[:, :, None, None]
    leg = leg + 1.2 * _noise(rng, (n, 1, 2, 5))
    latent = np.concatenate([arm, leg], axis=-1) + 0.13 * _noise(rng, (n, v, 2, 10))
    motor: Cells = np.clip(np.floor(latent + 0.5), 0, 5).astype(np.int8)
    motor[..., LEG][cohort.grade < 2] = 0
    # C8 and T1 stay short of normal, so that every level of the study is cervical.
    motor[..., 3:5] = np.minimum(motor[..., 3:5], 4)
    return motor


def _needed_legs(useful_arm: Bools, level: Ints) -> Floats:
    """Share of the ten leg muscles that AIS D needs at 3 or better, given the arms: (n,)."""
    below = np.arange(LEVELS.index("C5"), LEVELS.index("C5") + 5) > level.min(axis=1)[:, None] + 1
    useful = (useful_arm & below[:, None]).sum(axis=(1, 2))
    half = below.sum(axis=1) + 5
    share: Floats = np.clip((half - useful) / 10, 0.1, 0.9)
    return share


def _leg_drive(cohort: Cohort, rng: np.random.Generator) -> Floats:
    """Drive of the leg muscles: below 1 while C, 1 or more from D on: (n, v)."""
    to_c = np.where(cohort.conversion[:, 1] == ALWAYS, -90, cohort.conversion[:, 1])
    to_d = np.where(cohort.conversion[:, 2] == NEVER, 420, cohort.conversion[:, 2])
    start = np.where(cohort.conversion[:, 1] < 0, 0.6, 0.25)
    end = 1.2 + 0.5 * rng.random(cohort.size)
    day = cohort.day_from_infusion
    share_c = (day - to_c[:, None]) / np.maximum(to_d - to_c, 1)[:, None]
    share_d = (day - to_d[:, None]) / np.maximum(FULL_RECOVERY_DAY - to_d, 1)[:, None]
    while_c = start[:, None] + (0.97 - start)[:, None] * np.clip(share_c, 0, 1)
    from_d = 1 + (end - 1)[:, None] * np.clip(share_d, 0, 1)
    drive: Floats = np.where(cohort.grade == 3, from_d, while_c)
    return drive


def _sensory_level(
    lesion: Floats, gain: Floats, progress: Floats, rng: np.random.Generator
) -> Ints:
    """Last dermatome (index) that is normal on each side, C4 … C8: (n, v, 2)."""
    offset = 0.8 * rng.random(lesion.shape) + 2.2
    position = (lesion + offset)[:, None, :] + 0.7 * (gain * progress)[:, :, None]
    return np.clip(np.floor(position), 2, 6).astype(np.int64)


def _sensory(cohort: Cohort, progress: Floats, level: Ints, rng: np.random.Generator) -> Cells:
    n = cohort.size
    start = np.array([-0.25, 0.25, 0.6, 0.9], dtype=np.float32)[cohort.grade[:, 1]]
    end = np.array([-0.2, 0.4, 0.75, 1.0], dtype=np.float32)[cohort.grade[:, -1]]
    end = np.maximum(end + 0.1 * _noise(rng, (n,)), start)
    spared = start[:, None] + (end - start)[:, None] * progress
    # Neighbouring dermatomes resemble each other: a moving mean over three of them.
    patches = _noise(rng, (n, 2, 2, len(DERMATOMES) + 2))
    pattern = 0.3 * (patches[..., :-2] + patches[..., 1:-1] + patches[..., 2:])
    pattern[:, 1] -= 0.3  # pin prick is lost more than light touch
    # In place and in small types: this is the largest array of a study.
    below = np.arange(len(DERMATOMES), dtype=np.int8) - level[..., None].astype(np.int8)
    near = (below >= 1) & (below <= 3)
    zone = np.where(near, 1.35 - 0.3 * below.astype(np.float32), -2).astype(np.float32)
    latent = spared.astype(np.float32)[:, :, None, None, None] + pattern[:, None]
    latent[cohort.grade == 0] = -2
    np.maximum(latent, zone[:, :, None] + 0.5 * pattern[:, None], out=latent)
    noise = _noise(rng, latent.shape)
    noise *= np.float32(0.08)
    latent += noise
    sensory: Cells = (latent > 0.5).astype(np.int8)
    sensory += latent > 1.5
    np.copyto(sensory, 2, where=(below <= 0)[:, :, None])
    return sensory


def _anal(cohort: Cohort, rng: np.random.Generator) -> tuple[Cells, Cells]:
    """Voluntary contraction (with AIS C at times, with D mostly) and deep pressure (from B on)."""
    n = cohort.size
    contracts_from = np.where(rng.random(n) < 0.5, 2, np.where(rng.random(n) < 0.9, 3, 4))
    feels_from = np.where(rng.random(n) < 0.85, 1, 4)
    contraction = cohort.grade >= contracts_from[:, None]
    pressure = cohort.grade >= feels_from[:, None]
    return contraction.astype(np.int8), pressure.astype(np.int8)


def _non_key(cohort: Cohort, motor: Cells, rng: np.random.Generator) -> NDArray[np.str_]:
    """In some patients the first sign of AIS C is a non-key leg muscle; its legs then score 0."""
    n = cohort.size
    to_c, to_d = cohort.conversion[:, 1:2], cohort.conversion[:, 2:3]
    first_days = (cohort.day_from_infusion <= to_c + 14) & (to_d > to_c + 40)
    shown = (cohort.grade == 2) & first_days & (rng.random((n, 1)) < 0.75)
    side = rng.integers(0, 2, (n, 1, 1)) == np.arange(2)
    level = rng.integers(0, len(NON_KEY_LEVELS), n)
    motor[..., LEG][shown] = 0
    names = np.array(NON_KEY_LEVELS)[level][:, None, None]
    return np.where(shown[..., None] & side, names, "")


def _meet_grade(
    cohort: Cohort, motor: Cells, sensory: Cells, level: Ints, non_key: NDArray[np.str_]
) -> None:
    """Change the fewest cells so that each exam has the grade intended (in place)."""
    grade = cohort.grade
    _bound_sensory_level(sensory, level)
    sensory[..., -1][np.broadcast_to((grade == 0)[:, :, None, None], sensory.shape[:-1])] = 0
    spared = sensory[:, :, 0, 0, -1]
    spared[grade > 0] = np.maximum(spared[grade > 0], 1)
    motor_level = motor_levels(motor, sensory)
    # AIS B: nothing moves more than three levels below the motor level of its side. The highest
    # level while A or B counts at all these visits, so that no muscle comes and goes.
    motor_complete = (grade <= 1) & (grade == 1).any(axis=1, keepdims=True)
    highest = np.where(motor_complete[..., None], motor_level, len(LEVELS)).min(axis=1)
    out_of_reach = np.arange(LEVELS.index("C5"), LEVELS.index("C5") + 5) > highest[..., None] + 3
    motor[..., ARM][out_of_reach[:, None] & motor_complete[..., None, None]] = 0
    # AIS C: at least a flicker in the legs where no non-key muscle and no muscle shows it.
    still = (grade >= 2) & (motor[..., LEG].max(axis=(-1, -2)) == 0) & (non_key == "").all(axis=-1)
    motor[..., 0, 5][still] = 1
    _balance_legs(motor, level.min(axis=-1) + 1, motor_level.min(axis=-1), grade)


def _bound_sensory_level(sensory: Cells, level: Ints) -> None:
    """The dermatome below the sensory level is not normal in pin prick."""
    first_below = (np.arange(len(DERMATOMES)) == level[..., None] + 1) & (sensory[:, :, 1] > 1)
    sensory[:, :, 1][first_below] = 1


def _balance_legs(motor: Cells, sensory_level: Ints, motor_level: Ints, grade: Ints) -> None:
    """Half of the key muscles below the neurological level at 3 or better: AIS D, else C."""
    n, v = grade.shape
    neurological_level = np.minimum(sensory_level, motor_level)
    muscle_level = np.array([LEVELS.index(name) for name in MUSCLES])
    below = muscle_level > neurological_level[..., None]
    useful = ((motor >= 3) & below[:, :, None, :]).sum(axis=(-1, -2))
    muscles = 2 * below.sum(axis=-1)
    half = (muscles + 1) // 2
    raised = np.where(grade == 3, np.maximum(half - useful, 0), 0)
    lowered = np.where(grade == 2, np.maximum(useful - (muscles - 1) // 2, 0), 0)
    legs = motor[..., LEG].reshape(n, v, 10)
    # The same muscles yield at each visit: strongest first, ties by their order.
    order = np.argsort(-legs.astype(np.int64) * 16 + np.arange(10), axis=-1, kind="stable")
    rank = np.argsort(order, axis=-1, kind="stable")
    strong = (legs >= 3).sum(axis=-1)[..., None]
    up = (rank >= strong) & (rank < strong + raised[..., None])
    down = (rank < strong) & (rank >= strong - lowered[..., None])
    balanced = np.where(up, 3, np.where(down, 2, legs)).astype(np.int8)
    motor[..., LEG] = balanced.reshape(n, v, 2, 5)


def _hide_cells(cohort: Cohort, motor: Cells, sensory: Cells, rng: np.random.Generator) -> None:
    """Some cells could not be tested, never where grade or levels depend on them (in place)."""
    n, v = cohort.grade.shape
    protected = np.array([not visit.may_be_missed for visit in cohort.schedule])
    candidate: Bools = rng.random((n, v)) < NOT_TESTABLE_SHARE
    dermatome = rng.integers(DRESSED.start, DRESSED.stop, (n, v))
    side = rng.integers(0, 2, (n, v))
    at = np.nonzero(candidate & ~protected)
    for modality in (0, 1):
        sensory[at[0], at[1], modality, side[at], dermatome[at]] = NOT_TESTABLE
    # A leg in plaster: only in complete injuries, whose grade no leg muscle can change.
    in_plaster = (rng.random((n, v)) < NOT_TESTABLE_SHARE) & (cohort.grade == 0) & ~protected
    at = np.nonzero(in_plaster)
    motor[at[0], at[1], side[at], 7] = NOT_TESTABLE


def _tell_apart(motor: Cells, sensory: Cells, level: Ints) -> None:
    """No two exams of a patient have the same cells: an exam copied is then known (in place).

    An exam equal to an earlier one differs in the next of twelve cells two to four dermatomes
    below the sensory level, so that it comes apart from all of at most eleven earlier exams.
    """
    doubtful = [
        (modality, side, 2 + step) for step in range(3) for side in (0, 1) for modality in (0, 1)
    ]
    for later in range(1, motor.shape[1]):
        for modality, side, step in doubtful[:later]:
            same = (sensory[:, :later] == sensory[:, later : later + 1]).all(axis=(2, 3, 4))
            same &= (motor[:, :later] == motor[:, later : later + 1]).all(axis=(2, 3))
            subject = np.flatnonzero(same.any(axis=1))
            if not subject.size:
                break
            place = (subject, later, modality, side, level[subject, later, side] + step)
            sensory[place] = np.where(sensory[place] > 0, sensory[place] - 1, 1)
