"""A table that has been cleaned, as it is written: kept rows in order, days instead of dates."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.cleaning.dates import known_dates
from owncontrol.cleaning.day_counts import Clocks
from owncontrol.cleaning.rules import course_days
from owncontrol.cleaning.working_table import DAYS, Rows, Sheet
from owncontrol.privacy.ages import capped
from owncontrol.study.parts import CleaningSettings
from owncontrol.study.table_mapping import CANONICAL
from owncontrol.study.visits import OWN_DAY
from owncontrol.tables import fields

DATES = ("date", "datetime")


def finished_table(
    table: str, sheet: Sheet, clocks: Clocks, config: CleaningSettings
) -> pd.DataFrame:
    """The kept rows with ``row_id``, study days for dates, sorted by subject and time.

    Of subjects an age above 89 is 90.
    """
    kept = np.flatnonzero(sheet.is_kept)
    schema = fields(table if table in CANONICAL else "assessment")
    finished: dict[str, Any] = {"row_id": sheet.row_ids(kept)}
    for name in sheet.values:
        if schema.get(name, {}).get("type") not in DATES:
            finished[name] = sheet.values[name].array[kept]
        elif name == "date":
            finished["day_from_injury"] = _days(sheet, clocks, "injury", name, kept)
            finished["day_from_treatment"] = _days(sheet, clocks, "treatment", name, kept)
            if config.clock == "baseline":
                finished["study_day"] = _days(sheet, clocks, "baseline", name, kept)
        else:
            day = f"{name.removesuffix('_date')}_day"
            finished[day] = _days(sheet, clocks, config.event_clock, name, kept)
    if table == "subjects":
        for name in config.age_columns & finished.keys():
            finished[name] = capped(pd.Series(finished[name]))
    finished |= known_dates(sheet, clocks, kept)
    if table == "treatments" and sheet.has("treatment_start", "treatment_end"):
        finished["treatment_days"] = course_days(sheet, kept)
    if table not in CANONICAL:
        # Not known: the study has no days, or those of another clock.
        for day in DAYS if config.clock in OWN_DAY else DAYS[:2]:
            finished.setdefault(day, pd.array([pd.NA] * len(kept), "Int64"))
    order = [name for name in ("subject_id", *DAYS, "onset_day", "row_id") if name in finished]
    places = _in_order([finished[name] for name in order])
    # A column at a time: those of a million rows are in memory once, not twice.
    return pd.DataFrame({name: finished.pop(name)[places] for name in list(finished)}, copy=False)


def _in_order(keys: list[Any]) -> Rows:
    """The places of rows in the order of some columns, missing ones last.

    The last one is text that differs from row to row: only rows that are equal in all the others
    are looked at for it, as sorting a million texts takes longer than all else.
    """
    ranks = [_ranks(key) for key in keys[:-1]]
    places = np.lexsort(ranks[::-1])
    first = np.zeros(len(places) + 1, bool)  # of those that are equal
    first[[0, -1]] = True
    for rank in ranks:
        first[1:-1] |= rank[places][1:] != rank[places][:-1]
    tied = ~(first[:-1] & first[1:])
    rows = places[tied]
    if len(rows):
        by = {number: rank[rows] for number, rank in enumerate(ranks)} | {"last": keys[-1][rows]}
        places[tied] = rows[pd.DataFrame(by).sort_values(list(by), kind="stable").index]
    return places


def _ranks(column: Any) -> NDArray[Any]:
    """A number for each cell, in the order of their texts or numbers; infinite where missing."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        numbers: NDArray[Any] = column.to_numpy(float, na_value=np.inf)
        return numbers
    texts = column.categories.tolist()
    place = np.empty(len(texts), np.int64)
    place[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    ranks: NDArray[Any] = place[column.codes]
    return ranks


def _days(sheet: Sheet, clocks: Clocks, clock: str, column: str, kept: Any) -> Any:
    """Whole days from the subject's day 0; missing where either date is not known."""
    days = pd.Series(clocks.since(sheet, clock, column)[kept])
    return days.dt.days.astype("Int64").array
