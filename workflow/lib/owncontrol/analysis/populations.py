"""Whom an analysis is about: the declared analysis sets, cut from the scores table."""

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from owncontrol.analysis.settings import PatientsSettings
from owncontrol.study.visits import OWN_DAY, Visit
from owncontrol.tables import read_cleaned

LABELS = {
    "treated": "{}",
    "all": "all subjects",
    "eligible": "{} who met every entry criterion",
    "in_window": "{}, assessments inside the visit's window",
}


def whom(has_treatments: object) -> str:
    """Whom an analysis is about: the treated, or all in a study that has no treatments."""
    return "treated subjects" if has_treatments else "all subjects"


def label(population: str, has_treatments: bool) -> str:
    """What an analysis set is called in the results."""
    return LABELS[population].format(whom(has_treatments))


def read_people(treatments: str, subjects: pd.DataFrame) -> pd.DataFrame:
    """The rows that say whom an analysis is about: treatments given, or subjects without any.

    ``treatments``: file of the cleaned table; empty where the study has none.
    """
    return read_cleaned(treatments, "treatments") if treatments else subjects


def scores_by_population(
    scores: pd.DataFrame,
    subjects: pd.DataFrame,
    treatments: pd.DataFrame,
    settings: PatientsSettings,
) -> dict[str, pd.DataFrame]:
    """The scores of each analysis set, by its name (see the configuration's schema).

    ``treatments``: as from ``read_people``.
    ``settings``: characteristics and visits. A subject of whom an entry criterion is not known
    to be met is not eligible; an assessment without a day is not inside any window.
    """
    treated = _chosen(scores, scores["subject_id"].isin(treatments["subject_id"]))

    def eligible() -> pd.DataFrame:
        criteria = [item.name for item in settings.characteristics if item.eligibility]
        met = subjects.reindex(columns=criteria).fillna(False).astype(bool).all(axis=1)
        return _chosen(treated, treated["subject_id"].isin(subjects.loc[met, "subject_id"]))

    def in_window() -> pd.DataFrame:
        return _chosen(treated, _inside_window(treated, settings.visits))

    return _OnDemand({"all": scores, "treated": treated}, eligible=eligible, in_window=in_window)


class _OnDemand(dict[str, pd.DataFrame]):
    """Tables by name, of which some are made when they are asked for: few analyses need them."""

    def __init__(
        self, known: Mapping[str, pd.DataFrame], **others: Callable[[], pd.DataFrame]
    ) -> None:
        """Take the tables that there are, and how to make the others."""
        super().__init__(known)
        self._others = others

    def __missing__(self, name: str) -> pd.DataFrame:
        self[name] = self._others[name]()
        return self[name]


def _chosen(scores: pd.DataFrame, chosen: "pd.Series[bool]") -> pd.DataFrame:
    """The chosen rows; where these are all, no copy of what may be millions of them."""
    return scores if chosen.all() else scores.loc[chosen]


def _inside_window(scores: pd.DataFrame, visits: Iterable[Visit]) -> pd.Series:
    inside = pd.Series(False, index=scores.index)
    for visit in visits:
        here = scores["visit"] == visit.name
        if visit.window is not None:
            own = visit.clock in OWN_DAY
            day = scores["study_day" if own else f"day_from_{visit.clock}"]
            here &= day.between(*visit.window).fillna(False)
        inside |= here
    return inside
