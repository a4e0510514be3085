"""How many follow-ups came before each date of the plan: the one thing said of calendar dates."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from owncontrol.cleaning.working_table import Days, Sheet
from owncontrol.study.table_mapping import CANONICAL
from owncontrol.study.visits import Visit
from owncontrol.tables import conform
from owncontrol.tables.categories import by_value


def plan_timing(
    sheets: Mapping[str, Sheet],
    visits: Sequence[Visit],
    baseline: str,
    dates: Mapping[str, str],
) -> pd.DataFrame:
    """The table ``plan_timing``: one row per date of the plan.

    A follow-up is a kept assessment at a visit that comes after ``baseline`` in the schedule, with
    a date of its own. ``dates``: by version of the plan (YYYY-MM-DD).
    """
    names = [visit.name for visit in visits]
    later = set(names[names.index(baseline) + 1 :])
    found = [
        _dates_at(sheet, later)
        for table, sheet in sheets.items()
        if table not in CANONICAL and sheet.when == "date"
    ]
    days = np.concatenate([*found, np.array([], "datetime64[D]")])
    rows = [
        {
            "version": int(version),
            "follow_ups": len(days),
            "before": int((days < np.datetime64(date)).sum()),
        }
        for version, date in dates.items()
    ]
    return conform(pd.DataFrame(rows), "plan_timing")


def _dates_at(sheet: Sheet, visits: Collection[str]) -> Days:
    """The known dates of the kept rows of some visits."""
    here = by_value(sheet.values["visit"], lambda name: name in visits) & sheet.is_kept
    days = sheet.days("date")[here]
    return days[~np.isnat(days)]
