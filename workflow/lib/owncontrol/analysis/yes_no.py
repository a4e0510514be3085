"""A yes or no at each visit: how many have yes, who changed which way, and McNemar's exact test."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from owncontrol.analysis.pairs import main_visits, of_endpoint, paired, visit_names
from owncontrol.analysis.populations import LABELS
from owncontrol.analysis.settings import EstimandSettings
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.strata import Move
from owncontrol.statistics.paired_tables import mcnemar
from owncontrol.statistics.proportions import clopper_pearson
from owncontrol.study.settings import CompleteEndpoint

NO, YES = "no", "yes"


def answers(
    estimates: Estimates,
    scores: pd.DataFrame,
    endpoint: CompleteEndpoint,
    settings: EstimandSettings,
) -> None:
    """Add how many have yes at each visit, of whoever has an answer there.

    Then the changes of the subjects with an answer at both visits, see ``_changes``.
    """
    here = of_endpoint(scores, endpoint)
    known = here.loc[here["value"].notna()]
    for visit in visit_names(settings.visits):
        now = known.loc[known["visit"] == visit]
        if len(now):
            _add_share(
                estimates,
                Change.YES,
                now["value"].to_numpy() == 1,
                settings.level,
                {
                    "population": f"{LABELS[endpoint.population]}, with an answer at the visit",
                    "endpoint": endpoint.name,
                    "visit": visit,
                    "scores": now,
                },
            )
    for visit in main_visits(endpoint, settings):
        _changes(estimates, paired(here, endpoint.baseline, visit), endpoint, visit, settings.level)


def _changes(
    estimates: Estimates,
    pairs: pd.DataFrame,
    endpoint: CompleteEndpoint,
    visit: str,
    level: float,
) -> None:
    """Add yes at both visits, the table of both answers, and McNemar's exact test."""
    about: About = {
        "endpoint": endpoint.name,
        "visit": visit,
        "inputs": estimates.inputs(pairs),
    }
    has_yes = pairs["value"].to_numpy().reshape(-1, 2) == 1
    for place, name in enumerate((Change.YES_BASELINE, Change.YES_VISIT)):
        _add_share(estimates, name, has_yes[:, place], level, about)
    table = np.zeros((2, 2), dtype=int)
    for before, after in product((0, 1), (0, 1)):
        count = int(((has_yes[:, 0] == before) & (has_yes[:, 1] == after)).sum())
        table[before, after] = count
        estimates.add_count(
            Change.SHIFT,
            count,
            len(has_yes),
            stratum=Move((NO, YES)[before], (NO, YES)[after]),
            unit="subjects",
            **about,
        )
    if len(has_yes):
        estimates.add_result(mcnemar(table), statistic=Change.MCNEMAR, **about)
    else:
        reason = "no subject has an answer at both visits"
        estimates.add_missing(Change.MCNEMAR, reason, n=0, **about)


def _add_share(
    estimates: Estimates,
    name: Change,
    has_yes: "np.ndarray[Any, np.dtype[np.bool_]]",
    level: float,
    about: About,
) -> None:
    count = int(has_yes.sum())
    result = clopper_pearson(count, len(has_yes), level)
    estimates.add_result(result, statistic=name, events=count, **about)
