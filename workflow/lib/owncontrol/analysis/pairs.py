"""Each subject's value at baseline and at a later visit, side by side."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from owncontrol.analysis.settings import EstimandSettings
from owncontrol.basics import decimals
from owncontrol.estimates.collect import About, Estimates
from owncontrol.study.settings import CompleteEndpoint
from owncontrol.study.visits import Visit


def of_endpoint(scores: pd.DataFrame, endpoint: CompleteEndpoint) -> pd.DataFrame:
    """The rows of the scores table that hold an endpoint.

    An infinite value is no score (cleaning refuses it as no number): not determined, as NaN is.
    """
    here = scores.loc[
        (scores["instrument"] == endpoint.instrument) & (scores["scale"] == endpoint.scale)
    ]
    return here.assign(value=here["value"].replace([np.inf, -np.inf], np.nan))


def paired(here: pd.DataFrame, baseline: str, visit: str) -> pd.DataFrame:
    """The scored values of one endpoint in subjects with a determinate value at both visits.

    ``here``: the endpoint's rows (``of_endpoint``). Returns rows of it, two a subject, sorted by
    subject and then baseline first.
    """
    later = (here["visit"] == visit).to_numpy()
    known = here.loc[(later | (here["visit"] == baseline).to_numpy()) & here["value"].notna()]
    later = (known["visit"] != baseline).to_numpy()
    subjects, codes = pd.factorize(known["subject_id"], sort=True)
    order = np.lexsort((later, subjects))
    visits = np.bincount(subjects, minlength=len(codes))[subjects]
    return known.iloc[order[visits[order] == 2]]


def differences(pairs: pd.DataFrame) -> pd.Series:
    """Value at the visit less value at baseline, by subject; ``pairs`` as from ``paired``."""
    values = pairs["value"].to_numpy().reshape(-1, 2)
    change = decimals.differences(values[:, 1], values[:, 0])
    # Categories stay categories: an index of a hundred thousand texts is looked up slowly.
    return pd.Series(change, index=pd.Index(pairs["subject_id"].array[::2]))


def gains(pairs: pd.DataFrame, endpoint: CompleteEndpoint) -> pd.Series:
    """Improvement from baseline, by subject: the difference in the direction that is better."""
    change = differences(pairs)
    return -change if endpoint.lower_is_better else change


def about_pairs(
    estimates: Estimates, endpoint: CompleteEndpoint, visit: str, rows: pd.DataFrame
) -> About:
    """What numbers of a change up to a visit are about, in the endpoint's own unit.

    ``rows``: of the scores table, that decide them; of ``paired`` and others.
    """
    return {
        "endpoint": endpoint.name,
        "visit": visit,
        "inputs": estimates.inputs(rows),
        "unit": endpoint.unit,
    }


def visit_names(visits: Iterable[Visit]) -> list[str]:
    """The visits of the schedule, in order."""
    return [visit.name for visit in visits]


def main_visits(endpoint: CompleteEndpoint, settings: EstimandSettings) -> list[str]:
    """The visits of a main result: the endpoint's time point, and the study's."""
    return list(dict.fromkeys((endpoint.time_point, settings.time_point)))


def visits_after(visits: Iterable[Visit], baseline: str) -> list[str]:
    """The visits of the schedule that come after ``baseline``."""
    names = visit_names(visits)
    return names[names.index(baseline) + 1 :]
