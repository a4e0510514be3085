"""How many subjects were better and worse in each cell of the ISNCSCI exam: muscles, dermatomes."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.selections import split_row_ids
from owncontrol.isncsci.cells import LIGHT_TOUCH_CELLS, MOTOR_CELLS, PIN_PRICK_CELLS
from owncontrol.tables import read_coded
from owncontrol.tables.categories import as_categories, by_value, codes

Places = NDArray[np.intp]
CELLS = (*MOTOR_CELLS, *LIGHT_TOUCH_CELLS, *PIN_PRICK_CELLS)
GRADED = "grade as written, without marks (* and **); subjects graded at both visits"


def read_compared(path: str, visits: Sequence[str]) -> pd.DataFrame:
    """The cleaned ISNCSCI exams as ``change_of_cells`` needs them: no other visits or columns."""
    columns = ["subject_id", "visit", "row_id", "assessor", *CELLS]
    return read_coded(path, columns=columns, where={"visit": [*visits]})


def change_of_cells(
    estimates: Estimates, exams: pd.DataFrame, baseline: str, time_point: str
) -> None:
    """Add, for each cell, who was better and who was worse at the time point than at baseline.

    ``exams``: cleaned ISNCSCI exams of the subjects who count, with their ``row_id``. A cell that
    is not testable at one of the two visits does not count.
    """
    first, last = pairs_of_exams(exams, baseline, time_point)
    row_ids = split_row_ids(exams["row_id"].iloc[np.concatenate([first, last])])
    for cell in CELLS:
        grade = grades_of_cell(exams, cell)
        change = grade[last] - grade[first]
        known = ~np.isnan(change)
        about: About = {
            "endpoint": cell,
            "visit": time_point,
            "n": int(known.sum()),
            "method": "count",
            "convention": GRADED,
            "unit": "subjects",
            "inputs": estimates.inputs(rows=("isncsci", row_ids.loc[np.tile(known, 2)])),
        }
        for name, count in (
            (Change.CELL_BETTER, int((change > 0).sum())),
            (Change.CELL_WORSE, int((change < 0).sum())),
        ):
            estimates.add(name, count, events=count, **about)


def pairs_of_exams(exams: pd.DataFrame, *visits: str) -> tuple[Places, Places]:
    """Where the exams at the first and at the second visit stand of subjects who have both."""
    subject = codes(as_categories(exams["subject_id"]))
    visit = as_categories(exams["visit"])
    at = [np.flatnonzero(by_value(visit, name.__eq__)) for name in visits]
    _, first, last = np.intersect1d(subject[at[0]], subject[at[1]], True, return_indices=True)
    return at[0][first], at[1][last]


def grades_of_cell(exams: pd.DataFrame, cell: str) -> NDArray[np.float64]:
    """The grade in a cell of each exam; NaN where there is none."""
    if cell not in exams or not len(exams):
        return np.full(len(exams), np.nan)
    return by_value(as_categories(exams[cell]), _grade)


def _grade(text: str) -> float:
    digits = text.rstrip("*")
    return float(digits) if digits.isdigit() else math.nan
