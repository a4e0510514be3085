"""What no data of this many subjects could show, however well they went."""

import math
from typing import Any

import pandas as pd

from owncontrol.basics.number_texts import percent
from owncontrol.estimates.conventions import NOT_SHOWABLE
from owncontrol.estimates.declared_statistics import declared
from owncontrol.estimates.statistic import Printed
from owncontrol.statistics.proportions import clopper_pearson, lower_bound, upper_bound
from owncontrol.study.claims import Condition


def cannot_show(condition: Condition, row: "pd.Series[Any]") -> str:
    """Why a condition on the bound of a share could not hold with so many subjects; else empty.

    Without a single event the upper bound of n subjects is still the one that the rule of three
    comes near to, and with an event in all of them the lower bound is as far from 1. ``row``: of
    the estimates. A share whose bounds are not exact ones of its count is not judged.
    """
    statistic = declared(row["analysis"], row["statistic"])
    level = float(row["level"])
    if (
        math.isnan(level)
        or pd.isna(row["n"])
        or not str(row["method"]).startswith("exact, Clopper-Pearson")
    ):
        return ""
    if statistic.printed not in (Printed.PROPORTION, Printed.BOUND):
        return ""
    n = int(row["n"])
    one_sided = statistic.printed is Printed.BOUND
    limit = _limit(condition, ("below", "at_most"))
    subjects = "1 subject" if n == 1 else f"{n} subjects"
    whom = "an event" if row["analysis"] == "adverse_events" else "one of them"
    if condition.field == "upper" and limit is not None:
        best = (upper_bound if one_sided else clopper_pearson)(0, n, level).upper
        if best > limit or (best == limit and condition.below is not None):
            return (
                f"{NOT_SHOWABLE}{subjects}: even without {whom} a true rate of up to "
                f"{percent(best, 1)} % could not be excluded, and the claim needs "
                f"{'at most' if condition.below is None else 'less than'} {percent(limit, 1)} %"
            )
    limit = _limit(condition, ("above", "at_least"))
    if condition.field == "lower" and limit is not None:
        best = (lower_bound if one_sided else clopper_pearson)(n, n, level).lower
        if best < limit or (best == limit and condition.above is not None):
            return (
                f"{NOT_SHOWABLE}{subjects}: even with all of them a true rate of "
                f"{percent(best, 1)} % could not be excluded, and the claim needs "
                f"{'at least' if condition.above is None else 'more than'} {percent(limit, 1)} %"
            )
    return ""


def _limit(condition: Condition, words: tuple[str, str]) -> float | None:
    given = [getattr(condition, word) for word in words]
    return next((float(limit) for limit in given if limit is not None), None)
