"""The scored values that figures show: which they are, on which scale, with how many decimals."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.basics.number_texts import scale_decimals
from owncontrol.instruments import Scale, load_instrument

Config = dict[str, Any]


def known_values(scores: pd.DataFrame, endpoint: Config) -> pd.DataFrame:
    """The rows of the scores table that hold a determinate value of an endpoint."""
    return scores.loc[
        (scores["instrument"] == endpoint["instrument"])
        & (scores["scale"] == endpoint["scale"])
        & scores["value"].notna()
    ]


def endpoint_scales(endpoints: Iterable[Config], instruments: Sequence[str]) -> dict[str, Scale]:
    """The scale of each endpoint by its name. ``instruments``: files of their definitions."""
    definitions = {Path(path).stem: load_instrument(path) for path in instruments}
    return {
        item["name"]: definitions[item["instrument"]].scales[item["scale"]] for item in endpoints
    }


def endpoint_decimals(endpoints: Iterable[Config], scores: pd.DataFrame) -> dict[str, int]:
    """Decimals of each endpoint's values. ``scores``: the table, for scales without a grid."""
    found = {}
    for endpoint in endpoints:
        resolution, values = endpoint.get("resolution") or 0.0, []
        if not resolution:
            values = known_values(scores, endpoint)["value"].unique().tolist()
        found[endpoint["name"]] = scale_decimals(resolution, values)
    return found
