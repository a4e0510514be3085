"""Whom an analysis is about: the declared analysis sets, cut from the scores table."""

from collections.abc import Iterable

import pandas as pd

from owncontrol.analysis.settings import PatientsSettings
from owncontrol.study.visits import Visit

LABELS = {
    "treated": "treated subjects",
    "eligible": "treated subjects who met every entry criterion",
    "in_window": "treated subjects, assessments inside the visit's window",
}


def scores_by_population(
    scores: pd.DataFrame,
    subjects: pd.DataFrame,
    treatments: pd.DataFrame,
    settings: PatientsSettings,
) -> dict[str, pd.DataFrame]:
    """The scores of each analysis set, by its name (see the configuration's schema).

    ``settings``: characteristics and visits. A subject of whom an entry criterion is not known
    to be met is not eligible; an assessment without a day is not inside any window.
    """
    treated = _chosen(scores, scores["subject_id"].isin(treatments["subject_id"]))
    criteria = [item.name for item in settings.characteristics if item.eligibility]
    met = subjects.reindex(columns=criteria).fillna(False).astype(bool).all(axis=1)
    eligible = subjects.loc[met, "subject_id"]
    return {
        "treated": treated,
        "eligible": _chosen(treated, treated["subject_id"].isin(eligible)),
        "in_window": _chosen(treated, _inside_window(treated, settings.visits)),
    }


def _chosen(scores: pd.DataFrame, chosen: "pd.Series[bool]") -> pd.DataFrame:
    """The chosen rows; where these are all, no copy of what may be millions of them."""
    return scores if chosen.all() else scores.loc[chosen]


def _inside_window(scores: pd.DataFrame, visits: Iterable[Visit]) -> pd.Series:
    inside = pd.Series(False, index=scores.index)
    for visit in visits:
        here = scores["visit"] == visit.name
        if visit.window is not None:
            day = scores[f"day_from_{visit.clock}"]
            here &= day.between(*visit.window).fillna(False)
        inside |= here
    return inside
