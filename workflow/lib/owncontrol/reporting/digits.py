"""How many decimals a number of the report has: its scale's own, one more for an estimate.

A scale has the decimals of its resolution; what was measured without a grid, and the columns of
patients and treatments, as many as occur in the recorded values. A rate of change a week has two
more than the scale, because a week is a small part of the time between two visits.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from owncontrol.basics.number_texts import most_decimals
from owncontrol.estimates.declared_statistics import Printed
from owncontrol.estimates.estimate import Estimate
from owncontrol.figures.scored_values import endpoint_decimals
from owncontrol.lineage.results import Results
from owncontrol.tables import fields

PATIENTS = "patients"
DAYS = "unit.days"  # the key of whole days, whatever they are about
# Decimals of a kind of number, and decimals more than its scale has.
FIXED = {
    Printed.PROPORTION: 3,  # a share that is not written in percent
    Printed.SHARE: 3,
    Printed.BOUND: 3,
    Printed.EXPECTED: 1,
    Printed.SMALLEST_P: 5,
    Printed.LARGEST_P: 4,
    Printed.TEST: 2,
    Printed.OTHER: 2,
}
MORE = {Printed.OBSERVED: 0, Printed.ESTIMATED: 1, Printed.DAYS: 1, Printed.A_WEEK: 2}


def key(row: Estimate) -> str:
    """Which recorded values an estimate is about: its endpoint, or a column of the patients."""
    if row.analysis == PATIENTS:
        return f"{PATIENTS}.{row.endpoint}"
    return DAYS if row.unit == "days" else row.endpoint


def of_value(row: Estimate, known: int) -> int | None:
    """Decimals of an estimate's value; ``known``: those of the recorded values.

    None: as the number itself has it (a count).
    """
    kind = row.statistic.printed
    if kind in MORE:
        return known + MORE[kind]
    return None if kind is Printed.COUNT else FIXED[kind]


def of_bounds(row: Estimate, known: int) -> int | None:
    """Decimals of the bounds of an interval; first and last day of visits are days themselves."""
    return known if row.statistic.printed is Printed.DAYS else of_value(row, known)


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
                found[f"{PATIENTS}.{name}"] = most_decimals(numbers.unique())
    return found
