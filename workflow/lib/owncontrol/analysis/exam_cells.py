"""How many subjects were better and worse in each cell of the ISNCSCI exam: muscles, dermatomes."""

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.estimates import Estimates
from owncontrol.isncsci.cells import LIGHT_TOUCH_CELLS, MOTOR_CELLS, PIN_PRICK_CELLS
from owncontrol.lineage import split_row_ids
from owncontrol.text_columns import as_categories, by_value

Config = dict[str, Any]
CELLS = (*MOTOR_CELLS, *LIGHT_TOUCH_CELLS, *PIN_PRICK_CELLS)
GRADED = "grade as written, without marks (* and **); subjects graded at both visits"


def change_of_cells(estimates: Estimates, exams: pd.DataFrame, settings: Config) -> None:
    """Add, for each cell, who was better and who was worse at the time point than at baseline.

    ``exams``: cleaned ISNCSCI exams of the subjects who count, with their ``row_id``. A cell that
    is not testable at one of the two visits does not count. ``settings``: baseline, time_point.
    """
    visits = [settings["baseline"], settings["time_point"]]
    compared = exams.loc[exams["visit"].isin(visits)].astype({"subject_id": "str"})
    first, last = (
        compared.loc[compared["visit"] == visit].set_index("subject_id") for visit in visits
    )
    both = sorted(set(first.index) & set(last.index))
    first, last = first.loc[both], last.loc[both]
    change = _grades(last) - _grades(first)
    row_ids = split_row_ids(pd.concat([first["row_id"], last["row_id"]]))
    for place, cell in enumerate(CELLS):
        known = ~np.isnan(change[:, place])
        about: Config = {
            "endpoint": cell,
            "visit": settings["time_point"],
            "n": int(known.sum()),
            "method": "count",
            "convention": GRADED,
            "unit": "subjects",
            "inputs": estimates.inputs(rows=("isncsci", row_ids.loc[np.tile(known, 2)])),
        }
        for name, count in (
            ("cell_better", int((change[:, place] > 0).sum())),
            ("cell_worse", int((change[:, place] < 0).sum())),
        ):
            estimates.add(name, count, events=count, **about)


def _grades(exams: pd.DataFrame) -> NDArray[np.float64]:
    """The grade in each cell, shape (exams, cells); NaN where there is none."""
    grades = np.full((len(exams), len(CELLS)), np.nan)
    for place, cell in enumerate(CELLS):
        if cell in exams and len(exams):
            grades[:, place] = by_value(as_categories(exams[cell]), _grade)
    return grades


def _grade(text: str) -> float:
    digits = text.rstrip("*")
    return float(digits) if digits.isdigit() else math.nan
