"""Change from baseline within each subject, at every visit and for every endpoint."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from owncontrol.analysis.pairs import (
    about_pairs,
    differences,
    gains,
    of_endpoint,
    paired,
    visits_after,
)
from owncontrol.analysis.settings import ChangeSettings, EstimandSettings
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.strata import Visits
from owncontrol.statistics.blocks import friedman, page
from owncontrol.statistics.hodges_lehmann import hodges_lehmann
from owncontrol.statistics.multiplicity import adjust, max_t
from owncontrol.statistics.proportions import clopper_pearson
from owncontrol.statistics.sign_tests import sign_test
from owncontrol.statistics.signed_rank import (
    EXACT_PAIRS,
    rank_biserial,
    signed_rank_test,
    smallest_p,
)
from owncontrol.study.settings import CompleteEndpoint

MAIN_TEST = Change.SIGNED_RANK_PRATT
UNDEFINED = "the plan declares it, the configuration does not define it"


def change_from_baseline(
    estimates: Estimates,
    scores: pd.DataFrame,
    endpoint: CompleteEndpoint,
    settings: EstimandSettings,
) -> None:
    """Add the change of one endpoint (complete, see study.estimands) at every later visit.

    At each visit: Hodges-Lehmann estimate with its interval, exact signed-rank test (Pratt), and
    the shares improved, unchanged and worse. At the time point also the medians, the test with
    zeros dropped, the sign test, the effect size and the smallest p that the pairs allow. A yes or
    no has no median and no size of a change, see ``yes_no.answers``.
    ``settings``: time_point, visits and level of the configuration.
    """
    here = of_endpoint(scores, endpoint)
    main = {endpoint.time_point, settings.time_point}
    later = visits_after(settings.visits, endpoint.baseline)
    for visit in dict.fromkeys([*later, *sorted(main)]):
        pairs = paired(here, endpoint.baseline, visit)
        about = about_pairs(estimates, endpoint, visit, pairs)
        _at_visit(estimates, pairs, endpoint, about, settings.level)
        if visit in main:
            _at_time_point(estimates, pairs, endpoint, about)


def _at_visit(
    estimates: Estimates,
    pairs: pd.DataFrame,
    endpoint: CompleteEndpoint,
    about: About,
    level: float,
) -> None:
    change = differences(pairs)
    if endpoint.kind != "yes_no":
        estimates.add_result(
            hodges_lehmann(change, level), statistic=Change.HODGES_LEHMANN, **about
        )
    estimates.add_result(signed_rank_test(change), statistic=MAIN_TEST, **about)
    better = gains(pairs, endpoint)
    for direction, count in (
        (Change.IMPROVED, int((better > 0).sum())),
        (Change.UNCHANGED, int((better == 0).sum())),
        (Change.WORSE, int((better < 0).sum())),
    ):
        estimates.add_result(
            clopper_pearson(count, len(change), level), statistic=direction, events=count, **about
        )


def _at_time_point(
    estimates: Estimates, pairs: pd.DataFrame, endpoint: CompleteEndpoint, about: About
) -> None:
    change = differences(pairs)
    if endpoint.kind != "yes_no":
        _of_ranks(estimates, pairs, endpoint, about)
    estimates.add_result(sign_test(change), statistic=Change.SIGN_TEST, **about)
    smallest: About = {"n": len(change), "method": "2 / 2^n", **about}
    if len(change) > EXACT_PAIRS:
        reason = f"above {EXACT_PAIRS} pairs the test is an approximation"
        estimates.add_missing(Change.SMALLEST_P, reason, **smallest)
        return
    estimates.add(
        Change.SMALLEST_P,
        smallest_p(len(change)),
        convention="the smallest two-sided p that n pairs allow",
        **smallest,
    )


def _of_ranks(
    estimates: Estimates, pairs: pd.DataFrame, endpoint: CompleteEndpoint, about: About
) -> None:
    """Add medians with quartiles and what the ranks of the changes say; a yes or no has neither."""
    change = differences(pairs)
    for when, name in (
        (endpoint.baseline, Change.MEDIAN_BASELINE),
        (about["visit"], Change.MEDIAN_VISIT),
    ):
        values = pairs.loc[pairs["visit"] == when]
        method: About = {"method": "median", "n": len(values)}
        if len(values):
            estimates.add(
                name,
                values["value"].median(),
                lower=float(values["value"].quantile(0.25)),
                upper=float(values["value"].quantile(0.75)),
                convention="subjects with a value at both visits; bounds: first and third quartile",
                **method,
                **about,
            )
        else:
            estimates.add_missing(name, "no subject has a value at both visits", **method, **about)
    estimates.add_result(
        signed_rank_test(change, zeros="wilcoxon"), statistic=Change.SIGNED_RANK_WILCOXON, **about
    )
    estimates.add_result(rank_biserial(change), statistic=Change.RANK_BISERIAL, **about)


def adjust_families(estimates: Estimates, endpoints: Sequence[CompleteEndpoint]) -> None:
    """Set Holm's adjusted p-values of the main tests inside each declared family.

    Each endpoint at its time point. What the plan does not declare is in no family: it is not
    adjusted, and it takes nothing from those that are declared.
    """
    families: dict[str, list[str]] = {}
    for endpoint in endpoints:
        if endpoint.declared:
            stem = f"{estimates.analysis}.{endpoint.name}.{endpoint.time_point}"
            families.setdefault(endpoint.family, []).append(f"{stem}.{MAIN_TEST}")
    for members in families.values():
        p = pd.Series(estimates.p_values(members), index=members).dropna()
        if len(p):
            estimates.set_adjusted(dict(zip(p.index, adjust(p.to_numpy(), "holm"), strict=True)))


def adjust_together(
    estimates: Estimates, scores: pd.DataFrame, endpoints: Sequence[CompleteEndpoint]
) -> None:
    """Add the Westfall-Young max-T test over all declared endpoints, each at its time point.

    Signs are flipped for a whole subject at once, so only subjects with every endpoint count.
    """
    chosen = [endpoint for endpoint in endpoints if endpoint.declared]
    pairs = [
        paired(of_endpoint(scores, endpoint), endpoint.baseline, endpoint.time_point)
        for endpoint in chosen
    ]
    if not chosen:
        return
    matrix = pd.concat([differences(part) for part in pairs], axis=1, join="inner")
    kept = [part.loc[part["subject_id"].isin(matrix.index)] for part in pairs]
    together = max_t(matrix.to_numpy(), statistic="signed-rank") if len(matrix) > 1 else None
    for column, (endpoint, rows) in enumerate(zip(chosen, kept, strict=True)):
        about: About = {
            "endpoint": endpoint.name,
            "visit": endpoint.time_point,
            "population": "subjects with a value of every declared endpoint at both visits",
            "n": len(matrix),
            "scores": rows,
        }
        if together is None or column in together.not_estimable:
            few = "fewer than two subjects with every endpoint"
            reason = few if together is None else "all differences are zero"
            estimates.add_missing(Change.MAX_T, reason, **about)
            continue
        estimates.add(
            Change.MAX_T,
            float(together.statistic[column]),
            p=float(together.p[column]),
            p_adjusted=float(together.p_adjusted[column]),
            method=together.method,
            convention=f"{together.convention}; {len(chosen)} declared endpoints",
            **about,
        )


def trend(
    estimates: Estimates,
    scores: pd.DataFrame,
    endpoint: CompleteEndpoint,
    settings: EstimandSettings,
) -> None:
    """Add Friedman's test and Page's trend over the visits at which nobody is missing.

    From the endpoint's baseline on; the subjects are those with a value at baseline and time
    point. A visit that one of them missed is left out rather than the subject.
    """
    here = of_endpoint(scores, endpoint)
    known = here.loc[here["value"].notna()]
    wide = known.pivot(index="subject_id", columns="visit", values="value")
    order = [endpoint.baseline, *visits_after(settings.visits, endpoint.baseline)]
    wide = wide.reindex(columns=order)
    wide = wide.dropna(subset=[endpoint.baseline, endpoint.time_point])
    wide = wide.dropna(axis="columns")
    visits = list(wide.columns)
    rows = known.loc[known["subject_id"].isin(wide.index) & known["visit"].isin(visits)]
    about: About = {"endpoint": endpoint.name, "scores": rows}
    if len(wide) < 2 or len(visits) < 2:
        reason = "fewer than two subjects, or fewer than two visits that all of them attended"
        for name in (Change.FRIEDMAN, Change.PAGE):
            estimates.add_missing(name, reason, n=len(wide), **about)
        return
    alternative = "less" if endpoint.lower_is_better else "greater"
    blocks = wide.to_numpy(dtype=np.float64)
    for name, result in (
        (Change.FRIEDMAN, friedman(blocks)),
        (Change.PAGE, page(blocks, alternative=alternative)),  # type: ignore[arg-type]
    ):
        estimates.add_result(result, statistic=name, stratum=Visits(len(visits)), **about)


def undefined_endpoints(estimates: Estimates, settings: ChangeSettings) -> None:
    """Add a row, not estimable, for each name that the plan declares and nothing defines."""
    for name in settings.undefined:
        estimates.add_missing(
            Change.HODGES_LEHMANN, UNDEFINED, endpoint=name, visit=settings.time_point, n=0
        )
