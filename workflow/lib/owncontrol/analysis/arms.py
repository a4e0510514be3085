"""Main results by arm, side by side. Arms are described and never compared with each other."""

from collections.abc import Collection

import pandas as pd

from owncontrol.analysis.pairs import differences, gains, of_endpoint, paired
from owncontrol.analysis.settings import ChangeSettings
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.strata import OfArm
from owncontrol.statistics.hodges_lehmann import hodges_lehmann
from owncontrol.statistics.paired_means import mean_change
from owncontrol.statistics.proportions import clopper_pearson
from owncontrol.study.settings import CompleteEndpoint

NOT_KNOWN = "arm not known"


def by_arm(
    estimates: Estimates,
    scores: pd.DataFrame,
    subjects: pd.DataFrame,
    endpoint: CompleteEndpoint,
    settings: ChangeSettings,
) -> None:
    """Add the change of an endpoint at its time point in each arm, and how many are missing there.

    ``scores``: of the endpoint's population. ``subjects``: the rows of the subjects table that the
    population is taken from. A measurement has its mean change with the t interval, yes or no the
    share improved, anything else the Hodges-Lehmann estimate. No arm is tested. A study without
    arms adds nothing.
    """
    if settings.arms is None:
        return
    arms = subjects[settings.arms].astype("string").fillna(NOT_KNOWN)
    here = of_endpoint(scores, endpoint)
    for arm in _in_order(arms, settings):
        members = subjects.loc[(arms == arm).to_numpy(bool)]
        about: About = {
            "endpoint": endpoint.name,
            "visit": endpoint.time_point,
            "stratum": OfArm(arm),
        }
        pairs = paired(
            here.loc[here["subject_id"].isin(members["subject_id"])],
            endpoint.baseline,
            endpoint.time_point,
        )
        absent = ~members["subject_id"].isin(pairs["subject_id"])
        estimates.add(
            Change.ARM_MISSING,
            float(absent.sum()),
            n=len(members),
            method="count",
            population="subjects of the arm",
            rows=("subjects", members["row_id"]),
            **about,
        )
        _change(estimates, pairs, endpoint, settings, about)


def _change(
    estimates: Estimates,
    pairs: pd.DataFrame,
    endpoint: CompleteEndpoint,
    settings: ChangeSettings,
    about: About,
) -> None:
    inputs = estimates.inputs(pairs)
    if endpoint.kind == "yes_no":
        improved = int((gains(pairs, endpoint) > 0).sum())
        share = clopper_pearson(improved, len(pairs) // 2, settings.level)
        estimates.add_result(
            share, statistic=Change.ARM_IMPROVED, events=improved, inputs=inputs, **about
        )
        return
    change = differences(pairs)
    is_mean = endpoint.kind == "measurement"
    result = (mean_change if is_mean else hodges_lehmann)(change, settings.level)
    estimates.add_result(
        result,
        statistic=Change.ARM_MEAN_CHANGE if is_mean else Change.ARM_CHANGE,
        unit=endpoint.unit,
        inputs=inputs,
        **about,
    )


def _in_order(arms: "pd.Series[str]", settings: ChangeSettings) -> list[str]:
    """The arms that occur: as the characteristic lists them, others after these by name."""
    listed: Collection[str] = next(
        item.values for item in settings.characteristics if item.name == settings.arms
    )
    there = set(arms)
    rest = sorted(there - {*listed, NOT_KNOWN})
    return [arm for arm in (*listed, *rest, NOT_KNOWN) if arm in there]
