"""How many decimals a number of the report has: its scale's own, one more for an estimate.

A scale has the decimals of its resolution; what was measured without a grid, and the columns of
patients and treatments, as many as occur in the recorded values. A rate of change a week has two
more than the scale, because a week is a small part of the time between two visits.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from owncontrol.basics.number_texts import most_decimals
from owncontrol.figures.scored_values import endpoint_decimals
from owncontrol.lineage.results import Results
from owncontrol.tables import fields

Row = Mapping[str, Any]
# Units of what is counted.
COUNTED = frozenset(
    {
        "cells",
        "events",
        "exams",
        "findings",
        "patients",
        "rates",
        "rows",
        "scores",
        "specifications",
        "subjects",
        "tests",
        "treatments",
    }
) | {"patients in an arm"}
# Statistics that are themselves values of the scale, or days of a visit.
OBSERVED = frozenset(
    {
        "interval_left",
        "interval_right",
        "kaplan_meier_day",
        "maximum",
        "median_left",
        "median_right",
        "minimum",
        "observer_shift",
        "tipping_change",
        "tipping_shift",
        "turnbull_left",
        "turnbull_right",
    }
)
ESTIMATED = frozenset(
    {
        "baseline_day_from_injury",
        "baseline_day_from_treatment",
        "best_case",
        "complete_case",
        "first_quartile",
        "follow_up_day_from_injury",
        "follow_up_day_from_treatment",
        "from_first",
        "from_mean",
        "from_second",
        "hodges_lehmann",
        "largest_estimate",
        "median",
        "median_baseline",
        "median_day",
        "median_visit",
        "repeatability",
        "run_in",
        "smallest_estimate",
        "specification",
        "third_quartile",
        "worst_case",
    }
)
RATES = frozenset({"rate_before", "rate_after", "rate_difference"})
DAYS = "unit.days"  # the key of whole days, whatever they are about
P_VALUES = {"smallest_p": 5, "largest_p": 4}
SHARE = 3  # decimals of a share that is not written in percent
OTHER = 2  # decimals of test statistics and coefficients


def key(row: Row) -> str:
    """Which recorded values an estimate is about: its endpoint, or a column of the patients."""
    if row["analysis"] == "patients":
        return f"patients.{row['endpoint']}"
    return DAYS if row["unit"] == "days" else str(row["endpoint"])


def of_value(row: Row, known: int) -> int | None:
    """Decimals of an estimate's value; ``known``: those of the recorded values.

    None: as the number itself has it (a count).
    """
    statistic = row["statistic"]
    if row["unit"] == "share" or str(row["method"]).startswith("exact, Clopper"):
        return SHARE
    if statistic == "expected":
        return 1
    if row["unit"] in COUNTED:
        return None
    if statistic in RATES:
        return known + 2
    if statistic in OBSERVED:
        return known
    if statistic in ESTIMATED:
        return known + 1
    return P_VALUES.get(statistic, OTHER)


def of_bounds(row: Row, known: int) -> int | None:
    """Decimals of the bounds of an interval; first and last day of visits are days themselves."""
    if row["statistic"].endswith(("_day_from_injury", "_day_from_treatment")):
        return known
    return of_value(row, known)


def recorded_decimals(results: Results, config: Mapping[str, Any]) -> dict[str, int]:
    """Decimals of the recorded values of a run by ``key``.

    ``config``: as from ``analysis_settings``. Scores are read only of scales without a grid.
    """
    ungridded = [item for item in config["endpoints"] if not item.get("resolution")]
    scores = pd.DataFrame()
    if ungridded:
        scores = results.rows(
            "scored/scores.csv",
            instrument={item["instrument"] for item in ungridded},
            scale={item["scale"] for item in ungridded},
        )
        scores["value"] = pd.to_numeric(scores["value"])
    found = endpoint_decimals(config["endpoints"], scores)
    measured = fields("treatments").items()
    columns = {
        "subjects": ["age"],
        "treatments": [name for name, field in measured if field["type"] == "number"],
    }
    columns["subjects"] += [
        item["name"] for item in config["characteristics"] if item["type"] == "number"
    ]
    for table, names in columns.items():
        if results.has(f"cleaned/{table}.csv"):
            cleaned = results.rows(f"cleaned/{table}.csv")
            for name in filter(cleaned.columns.__contains__, names):
                numbers = pd.to_numeric(cleaned[name], errors="coerce")
                found[f"patients.{name}"] = most_decimals(numbers.unique())
    return found
