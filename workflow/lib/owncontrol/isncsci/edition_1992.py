"""Grades and totals of the 1992 edition, for trials that were scored by it.

Differences from the revision of 2019 that a reader of old data should know:

* C and D ask for motor function *below the neurological level*, at any key muscle, where later
  editions ask for it *more than three levels below the motor level* of a side. A patient with a
  zone of partial preservation and sacral sensation is C in 1992 and B today.
* Non-key muscles do not count.
* "The majority" of the key muscles below the level decides between C and D. The wording leaves an
  exact half open; the edition of 1996 settled it as D ("at least half"), and so does this.
* The motor score is one number for both sides and all limbs, 0 to 100 (``motor_total``); separate
  scores for the upper and lower extremities came later and are given for comparison.
* Tags (``*``, ``**``) came with the revision of 2019 and are refused.

A, E and the sums a side and a modality are the same. The levels are those of 2019: the 1992
edition let an examiner judge a muscle above the level normal at grade 4, which the grades do not
tell. Cells that are not testable give exact sets, as in `not_testable`.

Sources: Ditunno, Young, Donovan and Creasey 1994, Paraplegia 32(2):70-80 (edition of 1992);
Maynard et al. 1997, Spinal Cord 35(5):266-274 (edition of 1996); Rupp et al. 2021, Top Spinal
Cord Inj Rehabil 27(2):1-22 (revision of 2019).
"""

import numpy as np
import pandas as pd

from owncontrol.errors import InputError
from owncontrol.isncsci import cells, encoding, output
from owncontrol.isncsci.cells import Codes
from owncontrol.isncsci.domains import Exams, open_exams
from owncontrol.isncsci.level_sets import Mask, below, bits, pack
from owncontrol.isncsci.not_testable import Prepared, half_within, prepare, totals
from owncontrol.isncsci.testable import L5

MOTOR_TOTAL = "motor_total"
OUTPUTS = (cells.AIS, *cells.TOTAL_OUTPUTS, MOTOR_TOTAL)
BLOCK = 16384


def classify(exams: pd.DataFrame) -> pd.DataFrame:
    """Grade and total exams by the edition of 1992.

    Args:
        exams: as for `owncontrol.isncsci.classify`, without tags.

    Returns:
        One row per exam, with the index of ``exams``, and the columns of ``OUTPUTS`` as text.

    Raises:
        InputError: as `owncontrol.isncsci.classify`, and for tagged cells.
    """
    texts: dict[str, list[output.Texts]] = {name: [] for name in OUTPUTS}
    for block in encoding.blocks(exams, BLOCK):
        encoding.check(block, exams)
        _refuse_tags(block)
        grade = grades(open_exams(block))
        texts[cells.AIS].append(output.write_sets(cells.AIS, grade, np.zeros_like(grade)))
        written = totals(block)
        for name, total in zip(cells.TOTAL_OUTPUTS, written, strict=True):
            texts[name].append(total)
        texts[MOTOR_TOTAL].append(_sum(*written[:2]))
    columns = {name: np.concatenate(parts) for name, parts in texts.items()}
    return pd.DataFrame(columns, index=exams.index, columns=list(OUTPUTS), dtype="str")


def grades(exams: Exams) -> Mask:
    """Set of grades, bits 0 to 4 for A to E."""
    exam: Prepared = prepare(exams)
    incomplete = exam.no & exam.spared
    forced = np.maximum(exam.right.open.forced, exam.left.open.forced)
    reach = np.maximum(exam.right.open.reach, exam.left.open.reach)
    few = exam.level & exam.counts.fewer
    return pack(
        np.stack(
            [
                exam.no & exam.unspared,
                incomplete & ((exam.level & ~below(forced)) != 0),
                (exam.yes & (few != 0)) | (incomplete & ((few & below(reach)) != 0)),
                (exam.yes & half_within(exam, bits(0, cells.INTACT - 1)))
                | (incomplete & half_within(exam, bits(0, L5))),
                exam.yes & ((exam.level >> np.uint32(cells.INTACT)) & np.uint32(1) == 1),
            ]
        )
    )


def _sum(right: output.Texts, left: output.Texts) -> output.Texts:
    """Total of both sides, not determinable where a side is not."""
    unknown = cells.NOT_DETERMINABLE
    pairs = zip(right, left, strict=True)
    both = [unknown if unknown in pair else str(sum(map(int, pair))) for pair in pairs]
    return np.array(both, dtype=object)


def _refuse_tags(block: Codes) -> None:
    tagged = np.argwhere(block <= cells.SINGLE)
    if tagged.size:
        row, exam = tagged[0]
        cell = cells.ALL_CELLS[row]
        raise InputError(
            f"{cell} is {cells.text_of(cell, int(block[row, exam]))}: the edition of 1992 has no "
            "tags",
            "use the edition of 2019, or enter the rating without its tag",
        )
