"""Made-up ISNCSCI exams of every kind: intact but for little, complete, incomplete, at random.

They are made as codes (`owncontrol.isncsci.cells`), so that a test can open and tag cells, and
are seeded, so that a failing one can be made again.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from owncontrol.isncsci import cells

Codes = NDArray[np.int8]

MUSCLES = [row for rows in cells.MOTOR_ROWS for row in range(rows.start, rows.stop)]
POINTS = [row for rows in cells.SENSORY_ROWS for row in range(rows.start, rows.stop)]
SACRAL = [rows.stop - 1 for rows in (*cells.LIGHT_TOUCH_ROWS, *cells.PIN_PRICK_ROWS)]
ANAL = [cells.VAC_ROW, cells.DAP_ROW]
POSITIONS = np.array(cells.MYOTOME_POSITIONS)


def _with_level(
    rng: np.random.Generator, codes: Codes, remnants: bool, strength: list[int]
) -> None:
    """A level a side, a zone of partial preservation, and remnants or nothing below it."""
    for side in (0, 1):
        level = int(rng.integers(0, 29))
        zone = int(rng.integers(0, 29 - level)) if level < 28 and rng.random() < 0.7 else 0
        for rows in (cells.LIGHT_TOUCH_ROWS[side], cells.PIN_PRICK_ROWS[side]):
            points = np.zeros(28, dtype=np.int8)
            points[:level] = 2
            points[level : level + zone] = rng.integers(0, 3, zone)
            if remnants:
                points[level:] = rng.integers(0, 3, 28 - level)
            codes[rows] = points
        motor = int(np.clip(level + rng.integers(-2, 3), 0, 28))
        muscles = np.where(motor > POSITIONS, 5, rng.choice(strength, 10))
        muscles = np.where(motor == POSITIONS, rng.integers(2, 6, 10), muscles)
        if not remnants:
            muscles = np.where(motor + zone + 2 < POSITIONS, 0, muscles)
        codes[cells.MOTOR_ROWS[side]] = muscles


def _nearly_intact(rng: np.random.Generator, codes: Codes) -> None:
    codes[POINTS], codes[MUSCLES] = 2, 5
    for row in rng.choice(POINTS, rng.integers(0, 4)):
        codes[row] = rng.integers(0, 3)
    for row in rng.choice(MUSCLES, rng.integers(0, 4)):
        codes[row] = rng.integers(0, 6)


def make_exam(rng: np.random.Generator) -> Codes:
    """One exam with every cell tested, shape (136,)."""
    codes = np.zeros(len(cells.ALL_CELLS), dtype=np.int8)
    kind = rng.integers(5)
    if kind == 0:
        codes[POINTS], codes[MUSCLES] = rng.integers(0, 3, len(POINTS)), rng.integers(0, 6, 20)
    elif kind == 1:
        _nearly_intact(rng, codes)
    else:
        strength = [[0, 1], [0, 2, 3], [0, 1, 2, 3, 4, 5]][rng.integers(3)]
        _with_level(rng, codes, kind == 2, strength)
    if rng.random() < 0.4:
        codes[SACRAL] = rng.integers(0, 2) * rng.integers(0, 2, 4)
    codes[ANAL] = rng.random() < 0.35, rng.random() < 0.5
    for row in cells.NON_KEY_ROW:
        if rng.random() < 0.3:
            codes[row] = rng.integers(1, len(cells.LEVELS) + 1)
    return codes


def open_some(rng: np.random.Generator, codes: Codes, count: int) -> Codes:
    """The exam with up to ``count`` cells not testable, those that decide more often."""
    candidates = [*POINTS, *MUSCLES * 4, *SACRAL * 4, *ANAL * 12]
    opened = codes.copy()
    opened[rng.choice(candidates, count)] = cells.NT
    return opened


def tag_some(rng: np.random.Generator, codes: Codes, count: int) -> Codes:
    """The exam with up to ``count`` cells tagged, some of them not testable."""
    tagged = codes.copy()
    for row in rng.choice([*POINTS, *MUSCLES * 3, *SACRAL * 4], count):
        normal = 5 if row in MUSCLES else 2
        rating = -cells.NT if rng.random() < 0.2 else rng.integers(0, normal)
        tagged[row] = rng.choice([cells.SINGLE, cells.DOUBLE]) - rating
    return tagged


def frame(exams: list[Codes]) -> pd.DataFrame:
    """Exams as a table of codes."""
    return pd.DataFrame(np.array(exams, dtype=np.int8), columns=list(cells.ALL_CELLS))


def texts(codes: Codes) -> dict[str, str]:
    """One exam as an examiner writes it."""
    pairs = zip(cells.ALL_CELLS, codes, strict=True)
    return {cell: cells.text_of(cell, int(code)) for cell, code in pairs}


def exam_at(level: str | None = None, **changes: str) -> dict[str, str]:
    """Normal down to the dermatome and myotome ``level`` and nothing below; then changes.

    With no level everything is normal but the anal examination.
    """
    position = cells.LEVEL_NAMES.index(level) if level else cells.INTACT
    made = dict.fromkeys(cells.NON_KEY_CELLS, "") | {cells.VAC: "No", cells.DAP: "No"}
    for side in cells.SIDES:
        for k, dermatome in enumerate(cells.DERMATOMES, start=1):
            name = dermatome.lower().replace("-", "_")
            rating = "2" if k <= position else "0"
            made |= {f"{side}_light_touch_{name}": rating, f"{side}_pin_prick_{name}": rating}
        for myotome in cells.MYOTOMES:
            rating = "5" if cells.LEVELS.index(myotome) <= position else "0"
            made[f"{side}_motor_{myotome.lower()}"] = rating
    assert set(changes) <= set(made)
    return made | changes
