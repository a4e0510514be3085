"""A gain in function without a gain in motor scores is learning, not neurological recovery."""

from itertools import product

import pandas as pd

from owncontrol.analysis.pairs import gains, of_endpoint, paired
from owncontrol.analysis.settings import RecoverySettings
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import GainedIn
from owncontrol.study.settings import CompleteEndpoint


def function_beside_motor(
    estimates: Estimates, scores: pd.DataFrame, settings: RecoverySettings
) -> None:
    """Add how many gained in both, in one, in neither of function and motor endpoint.

    A gain is the endpoint's important difference, or any improvement where it has none; each
    endpoint at its own time point. ``settings``: natural_recovery (function, motor), endpoints.
    """
    recovery = settings.natural_recovery
    names = (recovery.function, recovery.motor)
    if not all(names):
        return
    known = {endpoint.name: endpoint for endpoint in settings.endpoints}
    about: About = {
        "endpoint": f"{names[0]} and {names[1]}",
        "method": "count",
        "unit": "subjects",
    }
    lacking = [name for name in names if name not in known]
    if lacking:
        reason = f"no endpoint '{lacking[0]}' is defined"
        both_gained = GainedIn(function=True, motor=True)
        estimates.add_missing(NaturalRecovery.SUBJECTS, reason, stratum=both_gained, n=0, **about)
        return
    pairs = [
        paired(of_endpoint(scores, known[name]), known[name].baseline, known[name].time_point)
        for name in names
    ]
    gained = [_gained(part, known[name]) for name, part in zip(names, pairs, strict=True)]
    both = pd.concat(gained, axis=1, keys=["function", "motor"], join="inner")
    rows = pd.concat(pairs)
    rows = rows.loc[rows["subject_id"].isin(both.index)]
    for function, motor in product((True, False), repeat=2):
        count = int(((both["function"] == function) & (both["motor"] == motor)).sum())
        estimates.add(
            NaturalRecovery.SUBJECTS,
            count,
            stratum=GainedIn(function, motor),
            n=len(both),
            events=count,
            convention="gain: the important difference, or any improvement where none is chosen",
            scores=rows,
            **about,
        )


def _gained(pairs: pd.DataFrame, endpoint: CompleteEndpoint) -> pd.Series:
    gain = gains(pairs, endpoint)
    difference = endpoint.important_difference
    return gain >= difference.threshold if difference else gain > 0
