"""Within-subject statistics for small clinical series: exact where that is feasible.

Every function takes data without missing values and returns a :class:`Result` (or a curve, or
an array over endpoints) that names its method and its conventions. Data that allow no estimate
give a result with a reason; values that are no data (NaN, infinity, events above n) raise
ValueError.
"""

from .blocks import friedman, page
from .external_rates import (
    beta_binomial_predictive,
    p_over_rates,
    poisson_binomial,
    poisson_binomial_distribution,
    tipping_rate,
)
from .hodges_lehmann import hodges_lehmann, walsh_order
from .meta_analysis import (
    MetaAnalysis,
    matched_beta,
    meta_analysis,
    predictive_distribution,
    predictive_p,
)
from .missing import missing_cases, tipping_change
from .multiplicity import MaxT, adjust, max_t
from .paired_means import mean, mean_change, paired_t_test, standard_deviation
from .paired_tables import bowker, marginal_homogeneity, mcnemar, stuart_maxwell
from .proportions import (
    binomial_test,
    blaker,
    clopper_pearson,
    lower_bound,
    midp,
    upper_bound,
    wilson,
)
from .result import Alternative, Result, not_estimable
from .sign_tests import (
    Directions,
    count_directions,
    median_interval,
    sign_flip_test,
    sign_test,
)
from .signed_rank import rank_biserial, signed_rank_test, smallest_p
from .signed_rank_many import signed_rank_tests
from .survival import SurvivalCurve, kaplan_meier, turnbull

__all__ = [
    "Alternative",
    "Directions",
    "MaxT",
    "MetaAnalysis",
    "Result",
    "SurvivalCurve",
    "adjust",
    "beta_binomial_predictive",
    "binomial_test",
    "blaker",
    "bowker",
    "clopper_pearson",
    "count_directions",
    "friedman",
    "hodges_lehmann",
    "kaplan_meier",
    "lower_bound",
    "marginal_homogeneity",
    "matched_beta",
    "max_t",
    "mcnemar",
    "mean",
    "mean_change",
    "median_interval",
    "meta_analysis",
    "midp",
    "missing_cases",
    "not_estimable",
    "p_over_rates",
    "page",
    "paired_t_test",
    "poisson_binomial",
    "poisson_binomial_distribution",
    "predictive_distribution",
    "predictive_p",
    "rank_biserial",
    "sign_flip_test",
    "sign_test",
    "signed_rank_test",
    "signed_rank_tests",
    "smallest_p",
    "standard_deviation",
    "stuart_maxwell",
    "tipping_change",
    "tipping_rate",
    "turnbull",
    "upper_bound",
    "walsh_order",
    "wilson",
]
