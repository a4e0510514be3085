"""A primary endpoint that nobody has at both its visits: the run stops, unless that may be."""

from collections.abc import Collection, Sequence

import pandas as pd

from owncontrol.cleaning.emptied import most_frequent
from owncontrol.errors import InputError
from owncontrol.findings.rule import QUARANTINED, READ_AS_MISSING
from owncontrol.study.parts import ScoredEndpoint

PRIMARY = "primary"


def primary_endpoints(
    endpoints: Sequence[ScoredEndpoint], may_be_empty: Collection[str]
) -> list[ScoredEndpoint]:
    """The first endpoint, which the report leads with, and those of the family called primary.

    Without those that may be without a pair, by their own name or that of their table.
    """
    chosen = [item for item in endpoints if item is endpoints[0] or item.family == PRIMARY]
    return [item for item in chosen if not {item.name, item.instrument} & set(may_be_empty)]


def check_pairs(
    endpoints: Sequence[ScoredEndpoint],
    scores: pd.DataFrame,
    treated: Collection[str],
    findings: pd.DataFrame,
) -> None:
    """Raise InputError for an endpoint of which no treated subject has a value at both visits.

    ``scores``: rows of the scores table that hold these endpoints. ``findings``: those of
    cleaning in the raw files of their instruments.
    """
    known = scores.loc[scores["value"].notna() & scores["subject_id"].isin(set(treated))]
    for endpoint in endpoints:
        here = known.loc[
            (known["instrument"] == endpoint.instrument) & (known["scale"] == endpoint.scale)
        ]
        visits = [endpoint.baseline, endpoint.time_point]
        first, last = (set(here.loc[here["visit"] == visit, "subject_id"]) for visit in visits)
        if first & last:
            continue
        why = most_frequent(findings, (QUARANTINED, READ_AS_MISSING))
        raise InputError(
            f"endpoints.{endpoint.name}: no treated subject has a value of "
            f"{endpoint.instrument}.{endpoint.scale} both at {visits[0]} ({len(first)} have "
            f"one) and at {visits[1]} ({len(last)} have one){why}",
            "correct the file, or how the configuration reads it (names of visits, recode, "
            f"permitted values); if that may be, add '{endpoint.name}' to may_be_empty, and the "
            "report says 'not known'",
        )
