"""AIS grades before and after, as a table: who stayed, who moved up, who moved down."""

import pandas as pd
from matplotlib.figure import Figure

from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.estimates.strata import Move
from owncontrol.figures import style
from owncontrol.figures.made import Files, Made
from owncontrol.figures.matrix import draw_matrix
from owncontrol.figures.settings import ShiftSettings

COLUMNS = ["from_grade", "to_grade", "subjects", "estimate_id", "post_hoc"]


def shift_numbers(numbers: Numbers, endpoint: str, visit: str) -> pd.DataFrame:
    """How many subjects had which grade at baseline and which at ``visit``, from the results."""
    found = numbers.by_stratum(
        Move, analysis="change", endpoint=endpoint, visit=visit, statistic=Change.SHIFT
    )
    rows = [
        (move.before, move.after, int(row.value), row.estimate_id, row.convention.post_hoc)
        for move, row in ((move, numbers.row(name)) for move, name in found.items())
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def draw_ais_shift(rows: pd.DataFrame, labels: tuple[str, str], synthetic: bool) -> Figure:
    """Draw ``rows`` as from ``shift_numbers``; ``labels`` of the visits before and after."""
    if not rows["subjects"].sum():
        return style.empty_figure("single", "Nobody has a grade at both visits.", synthetic)
    counts = rows.pivot(index="from_grade", columns="to_grade", values="subjects")
    return draw_matrix(counts, _direction, labels, synthetic, style.is_all_post_hoc(rows))


def make_figure(files: Files, settings: ShiftSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    before, after = settings.graded_visits
    rows = shift_numbers(plain_numbers(files["estimates"]), settings.grade, after.name)
    return rows, draw_ais_shift(rows, (before.label, after.label), settings.synthetic)


def _direction(before: str, after: str) -> str:
    if before == after:
        return style.SAME
    return style.BETTER if after > before else style.WORSE
