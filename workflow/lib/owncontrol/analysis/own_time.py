"""Each patient's own time as control: recovery on log time, and change too early for an effect."""

import numpy as np
import pandas as pd

from owncontrol.analysis.pairs import gains, of_endpoint, paired, visit_names, visits_after
from owncontrol.analysis.settings import SensitivitySettings
from owncontrol.analysis.sizes import add_gain
from owncontrol.basics.units import plural
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Sensitivity
from owncontrol.statistics.proportions import clopper_pearson
from owncontrol.study.settings import CompleteEndpoint

Populations = dict[str, pd.DataFrame]
EARLY_DAYS = (1, 2)  # after the treatment; on its own day an exam may have come before it


def doubling_rates(
    estimates: Estimates,
    populations: Populations,
    endpoint: CompleteEndpoint,
    settings: SensitivitySettings,
) -> None:
    """Add the improvement per doubling of the time since the onset, before and after baseline.

    Recovery slows down with time, so that a steady course has a smaller daily rate after than
    before. If recovery is steady on log time, as published courses are interpolated here, a
    treatment that does nothing leaves this rate as it is. Nothing where there is one baseline only
    or no day from the onset, and for grades and answers, whose steps are no amounts.
    """
    names = visit_names(settings.visits)
    earlier = names[: names.index(endpoint.baseline)]
    here = of_endpoint(populations[endpoint.population], endpoint)
    day = here["day_from_injury"].astype("float64")
    here = here.assign(log_day=np.log2(day.where(day > 0)))
    if not earlier or endpoint.kind == "yes_no" or endpoint.grades or here["log_day"].isna().all():
        return
    visits = [earlier[0], endpoint.baseline, endpoint.time_point]
    known = here.dropna(subset=["value", "log_day"])
    known = known.loc[known["visit"].isin(visits)]
    value, when = (
        known.pivot(index="subject_id", columns="visit", values=column)
        .reindex(columns=visits)
        .astype("float64")
        .dropna()
        for column in ("value", "log_day")
    )
    doublings = when.diff(axis=1)[visits[1:]]
    doublings = doublings.loc[(doublings > 0).all(axis=1)]
    gain = value.diff(axis=1)[visits[1:]].loc[doublings.index]
    rates = (-gain if endpoint.lower_is_better else gain) / doublings
    before, after = rates[visits[1]], rates[visits[2]]
    about: About = {
        "endpoint": endpoint.name,
        "unit": f"{plural(endpoint.unit)} per doubling of the time since {settings.onset}",
        "scores": known.loc[known["subject_id"].isin(rates.index)],
    }
    for name, each in (
        (Sensitivity.DOUBLING_BEFORE, before),
        (Sensitivity.DOUBLING_AFTER, after),
        (Sensitivity.DOUBLING_DIFFERENCE, after - before),
    ):
        add_gain(estimates, name, each, settings.level, about)


def early_change(
    estimates: Estimates,
    populations: Populations,
    endpoint: CompleteEndpoint,
    settings: SensitivitySettings,
) -> None:
    """Add how many who improved by the time point had done so by the first days after treatment.

    A negative control: what changed by then is rating, an aid, or recovery that was under way.
    Improved: by the important difference, or at all where there is none. Of the subjects with
    baseline, time point and an exam on the first two days after the treatment; nothing where
    nobody has one.
    """
    here = of_endpoint(populations[endpoint.population], endpoint)
    later = set(visits_after(settings.visits, endpoint.baseline)) - {endpoint.time_point}
    day = here["day_from_treatment"].astype("float64")
    early = here.loc[here["visit"].isin(later) & day.between(*EARLY_DAYS) & here["value"].notna()]
    if early.empty:
        return
    early = early.assign(_day=day).sort_values(["subject_id", "_day"], kind="stable")
    early = early.drop_duplicates("subject_id").drop(columns="_day")
    at_end = paired(here, endpoint.baseline, endpoint.time_point)
    at_start = pd.concat([here.loc[here["visit"] == endpoint.baseline], early])
    by_then = [_by_subject(paired_any(at_start, endpoint.baseline), endpoint)]
    by_then.append(_by_subject(at_end, endpoint))
    both = pd.concat(by_then, axis=1, keys=["early", "end"], join="inner")
    improved = both.loc[both["end"]]
    count = int(improved["early"].sum())
    rows = pd.concat([at_end, early])
    about: About = {
        "endpoint": endpoint.name,
        "scores": rows.loc[rows["subject_id"].astype("str").isin(both.index.astype("str"))],
    }
    if both.empty:
        return
    if improved.empty:
        reason = "nobody with an exam on the first two days improved by the time point"
        estimates.add_missing(Sensitivity.EARLY_OF_IMPROVED, reason, n=0, **about)
        return
    estimates.add_result(
        clopper_pearson(count, len(improved), settings.level),
        statistic=Sensitivity.EARLY_OF_IMPROVED,
        events=count,
        unit="subjects",
        **about,
    )


def paired_any(here: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """As ``paired``, with one later row a subject at whatever visit it is."""
    return paired(
        here.assign(visit=here["visit"].where(here["visit"] == baseline, "")), baseline, ""
    )


def _by_subject(pairs: pd.DataFrame, endpoint: CompleteEndpoint) -> "pd.Series[bool]":
    gain = gains(pairs, endpoint)
    least = endpoint.important_difference
    return gain >= least.threshold if least else gain > 0
