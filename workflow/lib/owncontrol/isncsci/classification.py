"""Classification of a table of exams, block by block."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.errors import InputError
from owncontrol.isncsci import (
    cells,
    edition_1992,
    encoding,
    not_testable,
    output,
    tags,
    testable,
)
from owncontrol.isncsci.cells import Codes
from owncontrol.isncsci.domains import open_exams

BLOCK = 16384  # exams; at 136 bytes each a block stays in the cache


EDITIONS = ("2019", "1992")


def classify(exams: pd.DataFrame, edition: str = "2019", coded: bool = False) -> pd.DataFrame:
    """Classify ISNCSCI exams.

    Args:
        exams: one row per exam, one column per cell of ``cells.ALL_CELLS`` (others are ignored),
            each as text the way an examiner writes it or as the codes of `cells`.
        edition: ``2019``, the current revision, or ``1992``, for trials scored by it (grade and
            totals only, see `edition_1992`).
        coded: the outputs of the current revision in columns of categories, for millions of exams.

    Returns:
        One row per exam, with the index of ``exams``, and the 17 columns of ``cells.OUTPUTS`` as
        text: levels, completeness, ASIA Impairment Scale, zones of partial preservation, totals.
        With cells that are not testable a value is the exact set of what their completions give
        (``C,D``), and a total is ``ND``; a value that depends on a tagged cell carries ``*``.

    Raises:
        InputError: a column is missing, or cells hold values that are not permitted (the first
            few are listed), or there is no such edition.

    Source: International Standards for Neurological Classification of Spinal Cord Injury (ASIA
    and ISCoS, revised 2019).
    """
    if edition == "1992":
        return edition_1992.classify(exams)
    if edition not in EDITIONS:
        raise InputError(
            f"there is no ISNCSCI edition {edition!r} here", f"one of {', '.join(EDITIONS)}"
        )
    columns = {name: output.Column(name) for name in cells.OUTPUTS}
    for block in encoding.blocks(exams, BLOCK):
        result = testable.classify_block(block)
        where = not_plain(block)
        special = _classify_special(block[:, where], exams) if where.size else {}
        for row, name in enumerate(cells.OUTPUTS):
            columns[name].add(result[row], where, special.get(name))
    whole = {name: columns.pop(name).whole(exams.index, coded) for name in cells.OUTPUTS}
    return pd.DataFrame(whole, index=exams.index, columns=list(cells.OUTPUTS))


def not_plain(block: Codes) -> NDArray[np.intp]:
    """Positions of the exams of a block with a cell that is not a plain grade."""
    unsigned = block.view(np.uint8)  # everything that is not plain is large
    found = np.maximum.reduce(unsigned[cells.ANAL_ROWS]) > 1
    for side in (0, 1):
        found |= np.maximum.reduce(unsigned[cells.SENSORY_ROWS[side]]) > 2
        found |= np.maximum.reduce(unsigned[cells.MOTOR_ROWS[side]]) > 5
        found |= unsigned[cells.NON_KEY_ROW[side]] > len(cells.LEVELS)
    return np.flatnonzero(found)


def _classify_special(block: Codes, exams: pd.DataFrame) -> dict[str, output.Texts]:
    """Texts of the outputs of exams with cells that are not testable or tagged."""
    encoding.check(block, exams)
    opened = open_exams(block)
    sets = not_testable.classify_sets(opened)
    starred = {name: np.zeros_like(members) for name, members in sets.items()}
    tagged = np.flatnonzero(block.min(axis=0) <= cells.SINGLE)
    if tagged.size:
        some = block[:, tagged]
        of_some = {name: members[tagged] for name, members in sets.items()}
        for name, members in tags.stars(some, open_exams(some), of_some).items():
            starred[name][tagged] = members & of_some[name]
    written = {name: output.write_sets(name, sets[name], starred[name]) for name in sets}
    return written | dict(zip(cells.TOTAL_OUTPUTS, not_testable.totals(block), strict=True))
