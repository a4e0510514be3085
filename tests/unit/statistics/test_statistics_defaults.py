"""What is taken where nothing is said: the conventions that each docstring names."""

import numpy as np
import pytest
from owncontrol.statistics.blocks import friedman, page
from owncontrol.statistics.cohort_verdict import (
    Group,
    LogitRate,
    decide,
    detectable_log_odds,
    expected_improved,
    improved_distribution,
    limits,
    power,
    smallest_cohort,
)
from owncontrol.statistics.event_rates import event_rate, rate_ratio
from owncontrol.statistics.external_rates import (
    beta_binomial_predictive,
    p_over_rates,
    poisson_binomial,
    tipping_rate,
)
from owncontrol.statistics.hodges_lehmann import hodges_lehmann, walsh_order
from owncontrol.statistics.meta_analysis import meta_analysis, predictive_p
from owncontrol.statistics.missing import missing_cases, tipping_change
from owncontrol.statistics.multiplicity import adjust, max_t
from owncontrol.statistics.paired_means import mean_change
from owncontrol.statistics.paired_tables import (
    bowker,
    marginal_homogeneity,
    mcnemar,
    stuart_maxwell,
)
from owncontrol.statistics.proportions import (
    binomial_test,
    blaker,
    clopper_pearson,
    lower_bound,
    midp,
    upper_bound,
    wilson,
)
from owncontrol.statistics.sign_tests import median_interval, sign_flip_test, sign_test
from owncontrol.statistics.signed_rank import rank_biserial, signed_rank_test, smallest_p
from owncontrol.statistics.signed_rank_many import signed_rank_tests

CHANGES = [3.0, -1.0, 0.0, 2.0, 5.0, 1.0, 4.0, -2.0, 6.0]
SEVERAL = np.array([CHANGES, CHANGES[::-1], [1.0] * 9]).T
MANY = np.array([CHANGES * 2, CHANGES[::-1] * 2]).T  # more than are flipped in all ways
BLOCKS = [[1.0, 2.0, 4.0], [2.0, 1.0, 3.0], [1.0, 3.0, 2.0], [0.0, 2.0, 5.0]]
TABLE = [[5, 4, 2], [1, 3, 3], [0, 1, 2]]
HIGH, LOW = [Group(9, LogitRate(-1.0, 0.3))], [Group(9, LogitRate(-1.5, 0.3))]
SOURCES = meta_analysis([3, 5, 9], [20, 22, 30])
TWO_SIDED, GREATER = {"alternative": "two-sided"}, {"alternative": "greater"}


@pytest.mark.parametrize(
    ("function", "given", "meant"),
    [
        (friedman, (BLOCKS,), {"exact": True, "resolution": None}),
        (page, (BLOCKS,), {"exact": True, "resolution": None, **GREATER}),
        (improved_distribution, (HIGH,), {"log_odds": 0.0}),
        (limits, (HIGH, LOW), {"alpha": 0.025}),
        (decide, ([6], HIGH, LOW), {"alpha": 0.025}),
        (expected_improved, (HIGH,), {"log_odds": 0.0}),
        (power, (HIGH, LOW), {"log_odds": 0.0, "alpha": 0.025}),
        (detectable_log_odds, (HIGH, LOW), {"wanted": 0.8, "alpha": 0.025}),
        (smallest_cohort, (HIGH, LOW, 1.5), {"wanted": 0.8, "alpha": 0.025, "most": 400}),
        (event_rate, (5, 11.0, 8), {"level": 0.95}),
        (rate_ratio, ((3, 6), (10.0, 12.0), 8), {"level": 0.95}),
        (beta_binomial_predictive, (4, 9, 2, 30), {"prior": (0.5, 0.5), **GREATER}),
        (poisson_binomial, (2, [0.1, 0.2, 0.4]), GREATER),
        (p_over_rates, (4, 9, [0.1, 0.2]), GREATER),
        (tipping_rate, (6, 9, 0.05), GREATER),
        (hodges_lehmann, (CHANGES,), {"level": 0.95, "interval": "walsh", "resolution": None}),
        (walsh_order, (9,), {"level": 0.95}),
        (
            meta_analysis,
            ([3, 5, 9], [20, 22, 30]),
            {"tau2_method": "REML", "test": "knha", "level": 0.95, "stopping": "converged"},
        ),
        (predictive_p, (4, 9, SOURCES), GREATER),
        (
            missing_cases,
            (CHANGES, [-4.0, -5.0], [6.0, 7.0]),
            {"zeros": "pratt", "resolution": None, **TWO_SIDED},
        ),
        (
            tipping_change,
            ([4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 0.0], 2, -9.0, 9.0, 1.0),
            {"alpha": 0.05, "zeros": "pratt", **GREATER},
        ),
        (adjust, ([0.01, 0.02, 0.04],), {"method": "holm"}),
        (max_t, (SEVERAL,), {"step_down": True, "statistic": "t", "resolution": None}),
        (max_t, (MANY,), {"draws": 100_000, "seed": 1}),
        (mean_change, (CHANGES,), {"level": 0.95}),
        (mcnemar, ([[5, 4], [1, 3]],), {"variant": "exact", **TWO_SIDED}),
        (bowker, (TABLE,), {"exact": True}),
        (stuart_maxwell, (TABLE,), {"exact": True}),
        (marginal_homogeneity, (TABLE,), {"scores": [1, 2, 3], "exact": True, **TWO_SIDED}),
        *[
            (function, (4, 9), {"level": 0.95})
            for function in (clopper_pearson, wilson, blaker, midp, upper_bound, lower_bound)
        ],
        (binomial_test, (4, 9, 0.2), TWO_SIDED),
        (sign_test, (CHANGES,), {"resolution": None, **TWO_SIDED}),
        (median_interval, (CHANGES,), {"level": 0.95}),
        (sign_flip_test, (CHANGES,), {"resolution": None, **TWO_SIDED}),
        (signed_rank_test, (CHANGES,), {"zeros": "pratt", "resolution": None, **TWO_SIDED}),
        (rank_biserial, (CHANGES,), {"zeros": "pratt", "resolution": None}),
        (smallest_p, (6,), TWO_SIDED),
        (signed_rank_tests, (SEVERAL,), {"zeros": "pratt", "resolution": None, **TWO_SIDED}),
    ],
)
def test_what_is_taken_where_nothing_is_said(function, given, meant):
    assert repr(function(*given)) == repr(function(*given, **meant))


def test_jeffreys_prior_is_said_with_both_of_its_numbers():
    told = beta_binomial_predictive(4, 9, 2, 30, prior=(0.5, 2.0))
    assert told.convention == "Beta(0.5, 2) prior, updated by 2 of 30, greater"


def test_a_missing_subject_may_have_one_possible_change():
    """At the end of the scale the worst and the best change are the same."""
    found = missing_cases([1, 2, 3, 4, 5], [0.0], [0.0])
    assert found["worst"] == found["best"]
    with pytest.raises(ValueError, match="best: holds a change below the worst one"):
        missing_cases([1, 2, 3], [1.0], [0.0])
