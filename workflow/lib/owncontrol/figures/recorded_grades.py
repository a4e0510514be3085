"""The AIS grade that the examiner wrote beside the one computed from the cells of the exam."""

import pandas as pd
from matplotlib.figure import Figure

from owncontrol.estimates.declared_statistics import DataQuality
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.estimates.strata import RecordedGrade
from owncontrol.figures import style
from owncontrol.figures.made import Files, Made
from owncontrol.figures.matrix import draw_matrix
from owncontrol.figures.settings import FigureSettings

COLUMNS = ["recorded", "computed", "exams", "estimate_id"]
NOT_SINGLE = "not one"


def recorded_numbers(numbers: Numbers) -> pd.DataFrame:
    """How many exams have which recorded and which computed grade, from the results."""
    found = numbers.by_stratum(
        RecordedGrade, analysis="data_quality", statistic=DataQuality.RECORDED_GRADES
    )
    rows = [
        (grade.recorded, grade.computed, int(numbers.raw(estimate_id)), estimate_id)
        for grade, estimate_id in found.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def draw_recorded_grades(rows: pd.DataFrame, synthetic: bool) -> Figure:
    """Draw ``rows`` as from ``recorded_numbers``; an exam may leave several grades possible."""
    if rows.empty:
        return style.empty_figure("single", "No grade was recorded at an exam.", synthetic)
    single = rows["computed"].where(rows["computed"].str.len() == 1, NOT_SINGLE)
    counts = rows.assign(computed=single).pivot_table(
        index="recorded", columns="computed", values="exams", aggfunc="sum", fill_value=0
    )
    grades = sorted({*counts.index, *counts.columns} - {NOT_SINGLE})
    columns = [*grades, NOT_SINGLE] if NOT_SINGLE in counts else grades
    counts = counts.reindex(index=grades, columns=columns, fill_value=0)
    return draw_matrix(counts, _agreement, ("Recorded", "Computed from the cells"), synthetic)


def make_figure(files: Files, settings: FigureSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    rows = recorded_numbers(plain_numbers(files["estimates"]))
    return rows, draw_recorded_grades(rows, settings.synthetic)


def _agreement(recorded: str, computed: str) -> str:
    if computed == NOT_SINGLE:
        return style.SAME
    return style.BETTER if recorded == computed else style.WORSE
