"""With how many decimals recorded values are shown: those of the scale, or of the values."""

from collections.abc import Iterable

import pandas as pd

from owncontrol.basics.number_texts import scale_decimals
from owncontrol.study.settings import CompleteEndpoint


def endpoint_decimals(
    endpoints: Iterable[CompleteEndpoint], scores: pd.DataFrame
) -> dict[str, int]:
    """Decimals of each endpoint's values. ``scores``: the table, for scales without a grid."""
    return {
        item.name: value_decimals(scores, item.instrument, item.scale, item.resolution)
        for item in endpoints
    }


def value_decimals(scores: pd.DataFrame, instrument: str, scale: str, resolution: float) -> int:
    """Decimals of the values of a scale. ``resolution``: its smallest step, 0 without a grid."""
    if resolution:
        return scale_decimals(resolution, [])
    here = scores.loc[(scores["instrument"] == instrument) & (scores["scale"] == scale), "value"]
    return scale_decimals(0.0, here.dropna().unique().tolist())
