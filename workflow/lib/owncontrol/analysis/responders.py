"""Who reached a criterion: an endpoint by its important difference, or several together."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

import pandas as pd

from owncontrol.analysis.pairs import gains, of_endpoint, paired, visits_after
from owncontrol.analysis.settings import RespondersSettings
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Responders
from owncontrol.statistics.proportions import clopper_pearson, wilson
from owncontrol.study.settings import CompleteEndpoint


class Reached(NamedTuple):
    """Whether each subject reached a criterion at a visit, and the rows that say so.

    ``met``: nullable boolean by subject, NA where it cannot be known. ``rows``: of the scores
    table, baseline and visit; some more than once where several criteria look at them.
    A ``reason`` says why the criterion itself cannot be had.
    """

    met: "pd.Series[Any]"
    rows: pd.DataFrame
    reason: str = ""


class Criterion(NamedTuple):
    """A criterion by its name, the visit that it is counted from, and that of the main result."""

    name: str
    baseline: str
    time_point: str


def criteria(settings: RespondersSettings) -> list[Criterion]:
    """Every criterion: each endpoint with an important difference, then the declared responders."""
    single = [
        Criterion(item.name, item.baseline, item.time_point)
        for item in settings.endpoints
        if item.important_difference
    ]
    together = [
        Criterion(item.name, settings.baseline, settings.time_point) for item in settings.responders
    ]
    return [*single, *together]


def reached(
    populations: dict[str, pd.DataFrame],
    name: str,
    baseline: str,
    visits: Sequence[str],
    settings: RespondersSettings,
) -> dict[str, Reached]:
    """Who reached the criterion ``name`` at each of ``visits``, counted from ``baseline``.

    An endpoint counts in the population of its estimand. Of several, any or all have to be
    reached, as the configuration says; unknown ones leave it open only where they decide it.
    """
    endpoint = next((item for item in settings.endpoints if item.name == name), None)
    if endpoint is not None:
        return _endpoint_reached(populations, endpoint, baseline, visits)
    known = settings.responders
    place = next((i for i, item in enumerate(known) if item.name == name), None)
    if place is None:
        reason = f"'{name}' is no endpoint and no criterion defined above"
        return dict.fromkeys(visits, _unknown(populations, reason))
    # Only what is above may be named, so that no criterion is part of itself.
    above = settings.model_copy(update={"responders": known[:place]})
    parts = [reached(populations, part, baseline, visits, above) for part in known[place].of]
    together = and_ if known[place].needs == "all" else or_
    return {
        visit: _together(populations, [part[visit] for part in parts], together) for visit in visits
    }


def _together(
    populations: dict[str, pd.DataFrame], parts: list[Reached], together: Callable[[Any, Any], Any]
) -> Reached:
    reason = next((part.reason for part in parts if part.reason), "")
    if reason:
        return _unknown(populations, reason)
    columns = pd.concat([part.met for part in parts], axis=1, sort=True).astype("boolean")
    met = reduce(together, (column for _, column in columns.items()))
    rows = pd.concat([part.rows for part in parts])
    return Reached(met, rows.loc[rows["subject_id"].isin(met.dropna().index)])


def _endpoint_reached(
    populations: dict[str, pd.DataFrame],
    endpoint: CompleteEndpoint,
    baseline: str,
    visits: Sequence[str],
) -> dict[str, Reached]:
    difference = endpoint.important_difference
    if difference is None:
        reason = f"{endpoint.name} has no important difference"
        return dict.fromkeys(visits, _unknown(populations, reason))
    here = of_endpoint(populations[endpoint.population], endpoint)
    found = {}
    for visit in visits:
        pairs = paired(here, baseline, visit)
        met = (gains(pairs, endpoint) >= difference.threshold).astype("boolean")
        found[visit] = Reached(met, pairs)
    return found


def _unknown(populations: dict[str, pd.DataFrame], reason: str) -> Reached:
    nothing = populations["treated"].iloc[:0]
    return Reached(pd.Series(dtype="boolean"), nothing, reason)


def looks(
    populations: dict[str, pd.DataFrame], criterion: Criterion, settings: RespondersSettings
) -> dict[str, Reached]:
    """Who reached a criterion at each visit after its baseline, and at its time point."""
    visits = [*visits_after(settings.visits, criterion.baseline), criterion.time_point]
    once = list(dict.fromkeys(visits))
    return reached(populations, criterion.name, criterion.baseline, once, settings)


def at_visits(
    estimates: Estimates, found: dict[str, Reached], criterion: Criterion, level: float
) -> None:
    """Add the share that reached the criterion at each visit (``looks``), with intervals."""
    for visit, look in found.items():
        about = {"endpoint": criterion.name, "visit": visit, "unit": "share"}
        if look.reason:
            estimates.add_missing(Responders.RESPONDERS, look.reason, n=0, **about)
            continue
        known = look.met.dropna()
        events, inputs = int(known.sum()), estimates.inputs(look.rows)
        for name, interval in (
            (Responders.RESPONDERS, clopper_pearson),
            (Responders.RESPONDERS_WILSON, wilson),
        ):
            estimates.add_result(
                interval(events, len(known), level),
                statistic=name,
                events=events,
                inputs=inputs,
                **about,
            )
