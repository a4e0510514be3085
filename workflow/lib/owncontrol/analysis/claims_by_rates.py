"""How often a claim about the share that improved by grade is supported in untreated patients.

Published rates say who improves by the end of follow-up, and not when. Every such improvement
counts as seen by the day that the claim is about: whoever does not fall back improves by an
earlier day at most as often. So the chance is an upper bound; it is exact, over every number that
may improve.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from owncontrol.analysis.claims import COMPARED, limit_of
from owncontrol.analysis.combined import scores_behind
from owncontrol.analysis.judged_cohort import expected_rates
from owncontrol.analysis.pairs import of_endpoint
from owncontrol.analysis.settings import ClaimWorldsSettings
from owncontrol.estimates.declared_statistics import Responders
from owncontrol.statistics.cohort_verdict import Group, improved_distribution
from owncontrol.statistics.proportions import clopper_pearson
from owncontrol.study.claims import Claim, Condition
from owncontrol.study.settings import CompleteEndpoint

SHARES = frozenset({Responders.RESPONDERS, Responders.KNOWN_IMPROVED_BY})
FIELDS = frozenset({"value", "lower", "upper", "events"})
# With a bound from below, more improved never makes a claim fail: else no upper bound is one.
FROM_BELOW = frozenset({"above", "at_least"})


class ByRates(NamedTuple):
    """How often a claim is supported at most, among so many patients; or why that is not known.

    ``without``: grades of patients that no eligible rate is about. They all count as improved.
    """

    chance: float
    patients: int
    without: tuple[str, ...] = ()
    reason: str = ""


def endpoint_with_rates(settings: ClaimWorldsSettings) -> CompleteEndpoint | None:
    """The endpoint that published rates are about, where it has an important difference."""
    recovery = settings.natural_recovery
    found = (one for one in settings.endpoints if recovery and one.name == recovery.endpoint)
    endpoint = next(found, None)
    return endpoint if endpoint and endpoint.important_difference else None


def is_about_rates(claim: Claim, everything: pd.DataFrame, settings: ClaimWorldsSettings) -> bool:
    """Whether every condition of a claim is about the share that improved by so many grades.

    ``everything``: all analysis results by id.
    """
    endpoint = endpoint_with_rates(settings)
    return endpoint is not None and all(
        everything.loc[one.estimate, "endpoint"] == endpoint.name
        and everything.loc[one.estimate, "statistic"] in SHARES
        and one.field in FIELDS
        and limit_of(one)[0] in FROM_BELOW
        for one in claim.conditions
    )


def supported_by_rates(
    claim: Claim,
    everything: pd.DataFrame,
    populations: Mapping[str, pd.DataFrame],
    rates: pd.DataFrame,
    settings: ClaimWorldsSettings,
    codes: Sequence[str],
) -> ByRates:
    """The chance that a claim (``is_about_rates``) is supported where nobody is treated, at most.

    ``populations``: scores of each analysis set. ``rates``: the published ones. ``codes``: all
    subjects of the study, sorted, as the selections of ``everything`` count them.
    """
    endpoint, recovery = endpoint_with_rates(settings), settings.natural_recovery
    assert endpoint and endpoint.important_difference and recovery
    scores = of_endpoint(populations[endpoint.population], endpoint)
    before = scores.loc[scores["visit"] == endpoint.baseline].set_index("subject_id")["text"]
    needed = endpoint.important_difference.threshold
    if needed % 1:
        return ByRates(np.nan, 0, reason="no published rate is of a part of a grade")
    grades = endpoint.grades
    gain = dict.fromkeys(grades, int(needed))
    expected = expected_rates(rates, grades, gain, recovery.eligible)
    written, place = everything["inputs"], {code: at for at, code in enumerate(codes)}
    looked_at = {_looked_at(written[one.estimate], place, written) for one in claim.conditions}
    if len(looked_at) > 1:
        return ByRates(np.nan, 0, reason="its conditions are about different subjects")
    whose = before.reindex([codes[at] for at in next(iter(looked_at))]).dropna().astype(str)
    counts = whose.value_counts()
    groups = [
        Group(int(counts[grade]), rate) for grade, rate in expected.high.items() if grade in counts
    ]
    if not groups:
        return ByRates(np.nan, 0, reason="no subject has a grade with an eligible published rate")
    without = sorted(set(counts.index) - set(expected.high))
    surely = int(counts[without].sum())
    chances = improved_distribution(groups)
    together = any if claim.needs == "any" else all
    supported = [
        together(_holds(one, surely + more, len(whose), settings.level) for one in claim.conditions)
        for more in range(len(chances))
    ]
    return ByRates(float(chances[np.array(supported)].sum()), len(whose), tuple(without))


def _looked_at(inputs: str, place: Mapping[str, int], written: "pd.Series[str]") -> tuple[int, ...]:
    """The places of the subjects whose scores an estimate was made from."""
    cells, _ = scores_behind(inputs, place, written)
    who = np.logical_or.reduce([np.zeros(len(place), bool), *cells.values()])
    return tuple(np.flatnonzero(who).tolist())


def _holds(condition: Condition, events: int, n: int, level: float) -> bool:
    """Whether a condition would hold if so many of the patients had improved."""
    share = clopper_pearson(events, n, level)
    fields = {"value": share.value, "lower": share.lower, "upper": share.upper, "events": events}
    word, limit = limit_of(condition)
    return bool(COMPARED[word](float(fields[condition.field]), limit))
