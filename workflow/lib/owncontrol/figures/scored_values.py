"""The scored values that figures show: which they are, and on which scale."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from owncontrol.figures.settings import ShownEndpoint
from owncontrol.instruments import Scale, load_instrument


def known_values(scores: pd.DataFrame, endpoint: ShownEndpoint) -> pd.DataFrame:
    """The rows of the scores table that hold a determinate value of an endpoint."""
    return scores.loc[
        (scores["instrument"] == endpoint.instrument)
        & (scores["scale"] == endpoint.scale)
        & scores["value"].notna()
    ]


def endpoint_scales(
    endpoints: Iterable[ShownEndpoint], instruments: Sequence[str]
) -> dict[str, Scale]:
    """The scale of each endpoint by its name. ``instruments``: files of their definitions."""
    definitions = {Path(path).stem: load_instrument(path) for path in instruments}
    return {item.name: definitions[item.instrument].scales[item.scale] for item in endpoints}
