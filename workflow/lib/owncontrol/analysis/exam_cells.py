"""How many subjects were better and worse in each cell of the ISNCSCI exam: muscles, dermatomes."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.estimates import Estimates
from owncontrol.isncsci.cells import LIGHT_TOUCH_CELLS, MOTOR_CELLS, PIN_PRICK_CELLS

Config = dict[str, Any]
CELLS = (*MOTOR_CELLS, *LIGHT_TOUCH_CELLS, *PIN_PRICK_CELLS)
GRADED = "grade as written, without marks (* and **); subjects graded at both visits"


def change_of_cells(estimates: Estimates, exams: pd.DataFrame, settings: Config) -> None:
    """Add, for each cell, who was better and who was worse at the time point than at baseline.

    ``exams``: cleaned ISNCSCI exams of the subjects who count, with their ``row_id``. A cell that
    is not testable at one of the two visits does not count. ``settings``: baseline, time_point.
    """
    visits = [settings["baseline"], settings["time_point"]]
    first, last = (exams.loc[exams["visit"] == visit].set_index("subject_id") for visit in visits)
    both = sorted(set(first.index) & set(last.index))
    first, last = first.loc[both], last.loc[both]
    change = _grades(last) - _grades(first)
    for place, cell in enumerate(CELLS):
        known = ~np.isnan(change[:, place])
        rows = pd.concat([first.loc[known, "row_id"], last.loc[known, "row_id"]])
        about: Config = {
            "endpoint": cell,
            "visit": settings["time_point"],
            "n": int(known.sum()),
            "method": "count",
            "convention": GRADED,
            "unit": "subjects",
            "inputs": estimates.inputs(rows=("isncsci", rows)),
        }
        for name, count in (
            ("cell_better", int((change[:, place] > 0).sum())),
            ("cell_worse", int((change[:, place] < 0).sum())),
        ):
            estimates.add(name, count, events=count, **about)


def _grades(exams: pd.DataFrame) -> NDArray[np.float64]:
    """The grade in each cell, shape (exams, cells); NaN where there is none."""
    written = exams.reindex(columns=CELLS).fillna("").astype("str")
    digits = written.apply(lambda column: column.str.rstrip("*"))
    grades: NDArray[np.float64] = digits.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    return grades
