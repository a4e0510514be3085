"""The scored values that figures show."""

from typing import Any

import pandas as pd

Config = dict[str, Any]


def known_values(scores: pd.DataFrame, endpoint: Config) -> pd.DataFrame:
    """The rows of the scores table that hold a determinate value of an endpoint."""
    return scores.loc[
        (scores["instrument"] == endpoint["instrument"])
        & (scores["scale"] == endpoint["scale"])
        & scores["value"].notna()
    ]
