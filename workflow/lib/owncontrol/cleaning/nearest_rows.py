"""How far an assessment is from what was planned for its visit, where several are of one visit."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.cleaning.dates import Visits
from owncontrol.cleaning.day_counts import Clocks
from owncontrol.cleaning.working_table import Rows, Sheet
from owncontrol.instruments import Instrument
from owncontrol.study.visit_windows import FROM_TARGET


def days_away(
    sheet: Sheet,
    clocks: Clocks,
    visits: Visits,
    rows: Mapping[str, pd.DataFrame],
    instrument: Instrument,
) -> NDArray[np.float64]:
    """How far each row is from its visit's target, negative before it; NaN where not known.

    The target is that of a window that made the visit, else the planned day on the visit's clock.
    A row without any value of the instrument is infinitely far. ``rows``: by file, ingest's record
    of its rows.
    """
    planned = np.append(visits.day, np.nan)
    away: NDArray[np.float64] = visits.days(sheet, clocks) - planned[visits.places(sheet)]
    for here, found in _from_targets(sheet, rows):
        away[here] = found
    blank = np.ones(len(away), bool)
    for name in instrument.items:
        if sheet.has(name):  # a text that is missing is empty
            values = sheet.values[name]
            blank &= (values.isna() | (values == "")).to_numpy(bool)
    away[blank & ~np.isnan(away)] = np.inf
    return away


def places_in_windows(sheet: Sheet, rows: Mapping[str, pd.DataFrame]) -> NDArray[np.float64] | None:
    """How far each row is from the target of the window that made its visit; NaN without one.

    It tells two assessments of one window apart. None where no window made a visit. ``rows``: by
    file, ingest's record of its rows.
    """
    places = np.full(len(sheet.source_row), np.nan)
    for here, found in _from_targets(sheet, rows):
        places[here] = found
    return None if np.isnan(places).all() else places


def _from_targets(
    sheet: Sheet, rows: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[Rows, NDArray[np.float64]]]:
    """Of each file whose visits windows made, its rows and how far each is from the target."""
    for file in sheet.files:
        record = rows[file]
        if FROM_TARGET in record:
            texts = record.set_index("source_row")[FROM_TARGET].astype("str")
            here = sheet.rows_of(file)
            found = pd.to_numeric(texts.reindex(sheet.source_row[here]), errors="coerce")
            yield here, found.to_numpy(np.float64)


def nearest_first(rows: pd.DataFrame, away: NDArray[np.float64]) -> pd.DataFrame:
    """Rows of which it is known how far away they are, the nearest on top.

    Of two as near the earlier one, of two on one day that of the file.
    """
    far = pd.Series(away[rows.index.to_numpy()], index=rows.index).dropna().round(9)
    order = pd.DataFrame({"far": far.abs(), "side": far}).sort_values(
        ["far", "side"], kind="stable"
    )
    return rows.loc[order.index]
