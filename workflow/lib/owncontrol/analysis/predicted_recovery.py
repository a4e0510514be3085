"""What the published rates together predict for a cohort of this size, beside what was seen."""

from collections.abc import Sequence

import pandas as pd

from owncontrol.analysis.eligible_sources import Row, Source, combined_rate, judged_sources
from owncontrol.basics.decimals import plain
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import BaselineGrade, PublishedRate
from owncontrol.statistics.meta_analysis import MetaAnalysis, predictive_p
from owncontrol.statistics.result import Alternative
from owncontrol.study.natural_recovery import Eligible

# The p of the cohort by the rates together, and with the rows of each registry least in favour.
PREDICTIONS: dict[NaturalRecovery, tuple[Row, Alternative]] = {
    NaturalRecovery.PREDICTED_MORE: ("largest", "greater"),
    NaturalRecovery.PREDICTED_FEWER: ("largest", "less"),
    NaturalRecovery.PREDICTED_MORE_HIGHEST: ("highest", "greater"),
    NaturalRecovery.PREDICTED_FEWER_LOWEST: ("lowest", "less"),
}


def add_prediction(
    estimates: Estimates,
    about: About,
    seen: tuple[int, int],
    rates: pd.DataFrame,
    gain: int,
    criteria: Eligible,
    level: float,
) -> None:
    """Add which sources of a grade enter, their random-effects mean, and what they predict.

    ``about``: endpoint, stratum (the grade), inputs and unit of the grade's rows. ``seen``: how
    many improved, and of how many patients.
    """
    grade: BaselineGrade = about["stratum"]
    if not seen[1]:
        for name in (NaturalRecovery.SOURCES, NaturalRecovery.PUBLISHED_MEAN, *PREDICTIONS):
            estimates.add_missing(name, f"no subject of {grade}", n=0, **about)
        return
    by_row = {
        row: judged_sources(rates, grade.grade, gain, criteria, row)
        for row in dict.fromkeys(row for row, _ in PREDICTIONS.values())
    }
    _add_sources(estimates, about, by_row["largest"])
    whole = {row: combined_rate(sources, criteria, level) for row, sources in by_row.items()}
    _add_mean(estimates, about, whole["largest"], level)
    for name, (row, alternative) in PREDICTIONS.items():
        _add_prediction(estimates, name, about, seen, whole[row], alternative)


def _add_sources(estimates: Estimates, about: About, sources: Sequence[Source]) -> None:
    """Add each source, with the reason why it does not enter, and how many do."""
    grade: BaselineGrade = about["stratum"]
    for source in sources:
        rate = source.rate
        estimates.add(
            NaturalRecovery.SOURCE_ENTERS,
            float(source.enters),
            **{
                **about,
                "stratum": PublishedRate(grade.grade, f"{rate.source}, {rate.population}"),
                "unit": "",
                "n": rate.n,
                "method": "criteria of natural_recovery.eligible",
                "convention": source.reason or "enters",
            },
        )
    entering = sum(source.enters for source in sources)
    estimates.add_count(
        NaturalRecovery.SOURCES,
        entering,
        len(sources),
        convention="published rates of the grade that enter, of each registry one",
        **{**about, "unit": "rates"},
    )


def _add_mean(
    estimates: Estimates, about: About, combined: MetaAnalysis | None, level: float
) -> None:
    if combined is None:
        reason = f"no eligible published rate of {about['stratum']}"
        estimates.add_missing(NaturalRecovery.PUBLISHED_MEAN, reason, n=0, **about)
        return
    estimates.add(
        NaturalRecovery.PUBLISHED_MEAN,
        combined.estimate,
        lower=combined.lower,
        upper=combined.upper,
        level=level,
        n=combined.k,
        method=combined.method,
        convention=(
            f"{combined.convention}; variance between sources {plain(combined.tau2, 4)}, "
            f"I2 {plain(100 * combined.i2, 0)} %"
        ),
        **about,
    )


def _add_prediction(
    estimates: Estimates,
    name: NaturalRecovery,
    about: About,
    seen: tuple[int, int],
    combined: MetaAnalysis | None,
    alternative: Alternative,
) -> None:
    events, n = seen
    if combined is None:
        reason = f"no eligible published rate of {about['stratum']}"
        estimates.add_missing(name, reason, n=n, **about)
        return
    result = predictive_p(events, n, combined, alternative)
    row = PREDICTIONS[name][0]
    estimates.add(
        name,
        combined.estimate,
        lower=combined.prediction_lower,
        upper=combined.prediction_upper,
        level=combined.level,
        p=result.p,
        n=n,
        events=events,
        method=result.method,
        convention=(
            f"{result.convention}, one-sided; {row} row of each registry; bounds: interval of "
            "prediction of a rate"
        ),
        **about,
    )
