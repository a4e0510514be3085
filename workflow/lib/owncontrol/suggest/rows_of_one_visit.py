"""Several rows of a subject at one visit, of which a run would keep none."""

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.study.visit_windows import WINDOW
from owncontrol.suggest.candidates import MOST_VISITS, offered
from owncontrol.suggest.placed_measures import Placed


def check_one_row_each(place: Placed) -> None:
    """Refuse a measure that most subjects have in several rows of a visit, with other values.

    Raises InputError that names the columns by which the rows of a visit differ. A few such rows
    are left to the run, which reports each.
    """
    if place.visit in ("", WINDOW) or place.table.mark:
        return
    raw = place.raw
    values = [raw.texts(name) for names in place.raw_columns().values() for name in names]
    keys = [raw.texts(name) for name in (*place.table.subject, place.visit)]
    frame = pd.concat([*keys, *values], axis=1, keys=range(len(keys) + len(values)))[place.rows]
    by = list(range(len(keys)))
    frame = frame.drop_duplicates()
    sizes = frame.groupby(by).size()
    if (sizes > 1).sum() * 2 <= len(sizes):
        return
    rows = frame.index
    told = [
        name
        for name in map(str, raw.cells.columns)
        if name not in (*place.table.subject, place.visit, *raw.private)
        and 2 <= raw.texts(name)[rows].nunique() <= MOST_VISITS
        and not frame[by].assign(_=raw.texts(name)[rows]).duplicated().any()
        and name not in [text.name for text in values]
    ]
    raise InputError(
        f"--keep: {place.measure.name} has several rows of a subject at one visit",
        f"say which are meant; columns that tell them apart: {offered(raw, told)}"
        if told
        else "name the column of the visits with --visit, or set duplicates in the configuration",
    )
