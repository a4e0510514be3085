"""How many decimals the recorded values of a run have, on which those of the report depend."""

from collections.abc import Iterable, Sequence

import pandas as pd

from owncontrol.analysis.value_decimals import value_decimals
from owncontrol.basics.number_texts import recorded_decimals as decimals_of_values
from owncontrol.estimates.digits import PATIENTS
from owncontrol.lineage.results import Results
from owncontrol.study.settings import CompleteEndpoint
from owncontrol.study.subjects import Characteristic
from owncontrol.tables import fields


def recorded_decimals(
    results: Results,
    endpoints: Sequence[CompleteEndpoint],
    characteristics: Iterable[Characteristic],
) -> dict[str, int]:
    """Decimals of the recorded values of a run by ``estimates.digits.key``.

    Scores are read only of scales without a grid.
    """
    ungridded = [item for item in endpoints if not item.resolution]
    scores = pd.DataFrame()
    if ungridded:
        scores = results.rows(
            "scored/scores.csv",
            instrument={item.instrument for item in ungridded},
            scale={item.scale for item in ungridded},
        )
        scores["value"] = pd.to_numeric(scores["value"])
    found = {
        item.name: value_decimals(scores, item.instrument, item.scale, item.resolution)
        for item in endpoints
    }
    measured = fields("treatments").items()
    columns = {
        "subjects": ["age"],
        "treatments": [name for name, field in measured if field["type"] == "number"],
    }
    columns["subjects"] += [item.name for item in characteristics if item.type == "number"]
    for table, names in columns.items():
        if results.has(f"cleaned/{table}.csv"):
            cleaned = results.rows(f"cleaned/{table}.csv")
            for name in filter(cleaned.columns.__contains__, names):
                numbers = pd.to_numeric(cleaned[name], errors="coerce")
                found[f"{PATIENTS}.{name}"] = decimals_of_values(numbers.unique())
    return found
