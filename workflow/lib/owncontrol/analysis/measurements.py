"""Measurements: mean and standard deviation at both visits, and the mean change of the pairs."""

import pandas as pd

from owncontrol.analysis.pairs import about_pairs, differences, main_visits, of_endpoint, paired
from owncontrol.analysis.settings import EstimandSettings
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.statistics.paired_means import (
    mean,
    mean_change,
    paired_t_test,
    standard_deviation,
)
from owncontrol.study.settings import CompleteEndpoint


def means(
    estimates: Estimates,
    scores: pd.DataFrame,
    endpoint: CompleteEndpoint,
    settings: EstimandSettings,
) -> None:
    """Add means, standard deviations and the paired t-test of an endpoint that is a measurement.

    At its time point and the study's, of the subjects with a value at both visits. They stand
    beside the median and the exact test of ``change.change_from_baseline``, which stays the main
    one.
    """
    here = of_endpoint(scores, endpoint)
    for visit in main_visits(endpoint, settings):
        pairs = paired(here, endpoint.baseline, visit)
        about = about_pairs(estimates, endpoint, visit, pairs)
        values = pairs["value"].to_numpy().reshape(-1, 2)
        for place, centre, spread in (
            (0, Change.MEAN_BASELINE, Change.SD_BASELINE),
            (1, Change.MEAN_VISIT, Change.SD_VISIT),
        ):
            estimates.add_result(mean(values[:, place]), statistic=centre, **about)
            estimates.add_result(standard_deviation(values[:, place]), statistic=spread, **about)
        change = differences(pairs)
        estimates.add_result(
            mean_change(change, settings.level), statistic=Change.MEAN_CHANGE, **about
        )
        estimates.add_result(standard_deviation(change), statistic=Change.SD_CHANGE, **about)
        estimates.add_result(paired_t_test(change), statistic=Change.PAIRED_T, **about)
