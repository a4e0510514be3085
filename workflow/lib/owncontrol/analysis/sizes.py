"""The size of an improvement beside the test of it, as one number of the results."""

from typing import Any

from numpy.typing import ArrayLike

from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.statistic import Statistic
from owncontrol.statistics.hodges_lehmann import hodges_lehmann
from owncontrol.statistics.result import Result
from owncontrol.statistics.signed_rank import signed_rank_test

SIZE_AND_TEST = "improvement; Hodges-Lehmann estimate and Pratt test"


def add_size_and_test(
    estimates: Estimates, name: Statistic, gain: ArrayLike, level: float, about: dict[str, Any]
) -> None:
    """Add the Hodges-Lehmann estimate of the improvements (one a subject) with Pratt's test."""
    size, test = hodges_lehmann(gain, level), signed_rank_test(gain)
    add_size(estimates, name, size, test, SIZE_AND_TEST, about)


def add_size(
    estimates: Estimates,
    name: Statistic,
    size: Result,
    test: Result,
    said: str,
    about: dict[str, Any],
) -> None:
    """Add the size of an improvement and its test; ``said``: by which conventions."""
    if not size.estimable:
        estimates.add_missing(name, size.reason, n=size.n, **about)
        return
    estimates.add(
        name,
        size.value,
        lower=size.lower,
        upper=size.upper,
        level=size.level,
        p=test.p,
        n=size.n,
        method=test.method,
        convention=said,
        **about,
    )
