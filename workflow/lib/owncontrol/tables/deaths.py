"""Which adverse events are a death: said by their grade, or by their outcome."""

from collections.abc import Sequence

import pandas as pd

DEATH_GRADE = 5  # of CTCAE
# Outcomes that are a death, in the words of CDISC (AEOUT), of MedDRA, and of plain English.
DEATH_WORDS = frozenset({"fatal", "death", "died", "dead"})


def deaths(events: pd.DataFrame, severity: Sequence[str] = ()) -> "pd.Series[bool]":
    """Which events are a death: of grade 5 where grades are numbers, or by their outcome.

    ``events``: the table adverse_events, of which a column may be missing. ``severity``: the
    study's own words for grades, by which none is known to be a death.
    """
    found = pd.Series(False, events.index)
    if "grade" in events and not severity:
        found |= (events["grade"] == DEATH_GRADE).fillna(False).astype(bool)
    if "outcome" in events:
        outcome = events["outcome"].astype("object").fillna("").astype(str)
        found |= outcome.str.strip().str.casefold().isin(DEATH_WORDS)
    return found
