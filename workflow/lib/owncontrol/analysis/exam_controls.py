"""Negative controls of the ISNCSCI exam: dermatomes that should stay, and who examined."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.analysis.exam_cells import grades_of_cell, pairs_of_exams
from owncontrol.analysis.pairs import gains, of_endpoint, paired
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.strata import AssessorOfPair
from owncontrol.isncsci.cells import LIGHT_TOUCH_CELLS, PIN_PRICK_CELLS
from owncontrol.statistics.hodges_lehmann import hodges_lehmann
from owncontrol.study.settings import CompleteEndpoint
from owncontrol.tables.categories import as_categories, by_value, codes

# Dermatomes of the neck above the arms, which most cervical injuries spare.
CONTROLS = tuple(
    cell
    for cell in (*LIGHT_TOUCH_CELLS, *PIN_PRICK_CELLS)
    if cell.rpartition("_")[2] in ("c2", "c3", "c4")
)
CONTROL = "c2_to_c4"


def change_of_controls(
    estimates: Estimates, exams: pd.DataFrame, baseline: str, time_point: str
) -> None:
    """Add how many subjects were better, and worse, in the dermatomes C2 to C4 taken together.

    ``exams``: as for ``exam_cells.change_of_cells``. Light touch and pin prick on both sides; a
    cell that is not graded at one of the two visits does not count in that subject.
    """
    first, last = pairs_of_exams(exams, baseline, time_point)
    if not len(first):
        return
    change: NDArray[np.float64] = np.array(
        [(grade := grades_of_cell(exams, cell))[last] - grade[first] for cell in CONTROLS]
    )
    graded = ~np.isnan(change).all(axis=0)
    total = np.nansum(change, axis=0)[graded]
    rows = exams["row_id"].iloc[np.concatenate([first[graded], last[graded]])]
    for name, count in (
        (Change.CONTROL_BETTER, int((total > 0).sum())),
        (Change.CONTROL_WORSE, int((total < 0).sum())),
    ):
        estimates.add_count(
            name,
            count,
            int(graded.sum()),
            endpoint=CONTROL,
            visit=time_point,
            convention="sum of light touch and pin prick, both sides, cells graded at both visits",
            unit="subjects",
            rows=("isncsci", rows),
        )


def change_by_assessor(
    estimates: Estimates,
    scores: pd.DataFrame,
    exams: pd.DataFrame,
    endpoint: CompleteEndpoint,
    level: float,
) -> None:
    """Add the change of a score where one assessor made both exams, and where another one did.

    ``exams``: with ``assessor``; nothing where the data name none. Described, not tested: the two
    groups are different subjects.
    """
    if "assessor" not in exams or endpoint.instrument != "isncsci" or endpoint.grades:
        return
    pairs = paired(of_endpoint(scores, endpoint), endpoint.baseline, endpoint.time_point)
    gain = gains(pairs, endpoint)
    same = _same_assessor(exams, endpoint.baseline, endpoint.time_point)
    # Whether one assessor made both exams of each pair; NaN, which equals nothing, where not known.
    is_same = same.reindex(gain.index.astype("str"))
    for same_one in (True, False):
        in_group = (is_same == same_one).to_numpy(bool)
        here = gain.loc[in_group]
        if here.empty:
            continue
        size = hodges_lehmann(here, level)
        rows = pairs.loc[np.repeat(in_group, 2)]
        estimates.add_result(
            size,
            statistic=Change.BY_ASSESSOR,
            endpoint=endpoint.name,
            visit=endpoint.time_point,
            stratum=AssessorOfPair(same_one),
            unit=endpoint.unit,
            scores=rows,
        )


def _same_assessor(exams: pd.DataFrame, baseline: str, time_point: str) -> "pd.Series[bool]":
    """By subject, whether one assessor made both exams; of those of whom both are named."""
    first, last = pairs_of_exams(exams, baseline, time_point)
    assessor = as_categories(exams["assessor"])
    who = np.where(by_value(assessor, bool) & exams["assessor"].notna(), codes(assessor), -1)
    known = (who[first] >= 0) & (who[last] >= 0)
    subjects = exams["subject_id"].iloc[first[known]].astype("str")
    return pd.Series(who[first[known]] == who[last[known]], index=pd.Index(subjects))
