"""All defensible choices combined: what would have come out of another analysis plan."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pandas as pd

from owncontrol.analysis.pairs import differences, of_endpoint, paired, visit_names
from owncontrol.analysis.settings import SensitivitySettings
from owncontrol.basics.decimals import plain
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Sensitivity
from owncontrol.estimates.strata import Specification
from owncontrol.statistics.hodges_lehmann import hodges_lehmann
from owncontrol.statistics.result import Result
from owncontrol.statistics.sign_tests import median_interval, sign_flip_test, sign_test
from owncontrol.statistics.signed_rank import signed_rank_test
from owncontrol.study.settings import CompleteEndpoint


def _mean(change: Any, level: float) -> Result:
    """The mean change, that the sign-flip test is about; without an interval."""
    result = sign_flip_test(change)
    return Result(
        statistic="mean",
        value=float(change.mean()) if result.estimable else float("nan"),
        n=result.n,
        method="mean",
        convention="zeros kept",
        reason=result.reason,
    )


# Name: estimate with interval, test. The zero convention is a choice of the signed-rank test only.
TESTS: dict[str, tuple[Callable[[Any, float], Result], Callable[[Any], Result]]] = {
    "signed rank, Pratt": (hodges_lehmann, signed_rank_test),
    "signed rank, Wilcoxon": (
        hodges_lehmann,
        lambda change: signed_rank_test(change, zeros="wilcoxon"),
    ),
    "sign test": (median_interval, sign_test),
    "sign flip": (_mean, sign_flip_test),
}


def specifications(
    estimates: Estimates,
    populations: dict[str, pd.DataFrame],
    endpoint: CompleteEndpoint,
    settings: SensitivitySettings,
) -> None:
    """Add estimate and p of every combination of test, baseline, visit and population.

    Then how many there are, how many find an improvement (p at most alpha, in the better
    direction), and the extremes of p and estimate. ``settings``: sensitivity, visits, level.
    """
    chosen, names = settings.sensitivity, visit_names(settings.visits)
    alpha, better = 1 - settings.level, -1 if endpoint.lower_is_better else 1
    found: list[tuple[float, float]] = []
    used = []
    for population, baseline, visit in product(
        chosen.populations,
        chosen.baselines or [endpoint.baseline],
        chosen.time_points or [endpoint.time_point],
    ):
        if names.index(baseline) >= names.index(visit):
            continue
        pairs = paired(of_endpoint(populations[population], endpoint), baseline, visit)
        used.append(pairs)
        change, inputs = differences(pairs), estimates.inputs(pairs)
        for name, (estimate, test) in TESTS.items():
            size, result = estimate(change, settings.level), test(change)
            about: About = {
                "endpoint": endpoint.name,
                "visit": visit,
                "stratum": Specification(name, baseline, population),
                "n": len(change),
                "method": result.method,
                "unit": endpoint.unit,
                "inputs": inputs,
            }
            if _added(estimates, size, result, about):
                found.append((size.value, result.p))
    _summary(estimates, endpoint, found, better, alpha, used)


def _added(estimates: Estimates, size: Result, test: Result, about: About) -> bool:
    """Add one specification; returns whether it can be estimated."""
    if not test.estimable or not size.estimable:
        estimates.add_missing(Sensitivity.SPECIFICATION, test.reason or size.reason, **about)
        return False
    estimates.add(
        Sensitivity.SPECIFICATION,
        size.value,
        lower=size.lower,
        upper=size.upper,
        level=size.level,
        p=test.p,
        convention=f"{size.statistic}; {test.convention}",
        **about,
    )
    return True


def _summary(
    estimates: Estimates,
    endpoint: CompleteEndpoint,
    found: list[tuple[float, float]],
    better: int,
    alpha: float,
    used: list[pd.DataFrame],
) -> None:
    rows = pd.concat(used).drop_duplicates() if used else None
    about: About = {
        "endpoint": endpoint.name,
        "n": len(found),
        "method": "over all specifications",
        "scores": rows,
    }
    if not found:
        estimates.add_missing(Sensitivity.SPECIFICATIONS, "no specification is estimable", **about)
        return
    estimates.add(Sensitivity.SPECIFICATIONS, len(found), unit="specifications", **about)
    significant = sum(p <= alpha and value * better > 0 for value, p in found)
    estimates.add(
        Sensitivity.SIGNIFICANT,
        significant,
        events=significant,
        convention=f"improvement with p at most {plain(alpha, 9)}",
        unit="specifications",
        **about,
    )
    for name, choose, place in (
        (Sensitivity.SMALLEST_ESTIMATE, min, 0),
        (Sensitivity.LARGEST_ESTIMATE, max, 0),
        (Sensitivity.SMALLEST_P, min, 1),
        (Sensitivity.LARGEST_P, max, 1),
    ):
        estimates.add(name, choose(entry[place] for entry in found), **about)
