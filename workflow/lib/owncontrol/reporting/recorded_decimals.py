"""How many decimals the recorded values of a run have, on which those of the report depend."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from owncontrol.analysis.value_decimals import value_decimals
from owncontrol.basics.number_texts import most_decimals
from owncontrol.estimates.digits import PATIENTS
from owncontrol.lineage.results import Results
from owncontrol.tables import fields


def recorded_decimals(results: Results, config: Mapping[str, Any]) -> dict[str, int]:
    """Decimals of the recorded values of a run by ``estimates.digits.key``.

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
    found = {
        item["name"]: value_decimals(
            scores, item["instrument"], item["scale"], item.get("resolution") or 0.0
        )
        for item in config["endpoints"]
    }
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
