"""The size of an improvement within patients, with its test: one row of the estimates."""

from dataclasses import replace

import pandas as pd

from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.statistic import Statistic
from owncontrol.statistics.hodges_lehmann import hodges_lehmann
from owncontrol.statistics.result import Result
from owncontrol.statistics.signed_rank import signed_rank_test

SIZE_AND_TEST = "improvement; Hodges-Lehmann estimate and Pratt test"


def add_gain(
    estimates: Estimates, name: Statistic, gain: "pd.Series[float]", level: float, about: About
) -> None:
    """Add the size of an improvement and its test; ``gain``: of each patient, in any unit."""
    add_size(
        estimates, name, hodges_lehmann(gain, level), signed_rank_test(gain), SIZE_AND_TEST, about
    )


def add_size(
    estimates: Estimates, name: Statistic, size: Result, test: Result, said: str, about: About
) -> None:
    """Add a size and its test that are there; ``said``: by which conventions."""
    if not size.estimable:
        estimates.add_missing(name, size.reason, n=size.n, **about)
        return
    both = replace(size, p=test.p, method=test.method, convention=said)
    estimates.add_result(both, statistic=name, **about)
