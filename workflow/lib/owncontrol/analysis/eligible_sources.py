"""Which published rates enter the combined rate of a grade, and why the others do not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Literal

import pandas as pd

from owncontrol.analysis.published_rates import Rate, rates_of
from owncontrol.basics.decimals import plain
from owncontrol.statistics.meta_analysis import MetaAnalysis, meta_analysis
from owncontrol.study.natural_recovery import Eligible

Row = Literal["largest", "highest", "lowest"]
COHORT, MIXED = ("", "cohort"), ("", "mixed")
NO_COHORT = {
    "review": "a review, which contains patients of other sources",
    "derived": "derived from another row of the same patients",
}


@dataclass(frozen=True)
class Source:
    """A published rate of a grade and gain; ``reason``: why it does not enter, empty if it does."""

    rate: Rate
    reason: str = ""

    @property
    def enters(self) -> bool:
        """Whether it is part of the combined rate."""
        return not self.reason


def judged_sources(
    rates: pd.DataFrame, grade: str, gain: int, criteria: Eligible, row: Row = "largest"
) -> tuple[Source, ...]:
    """Every published rate of a grade and gain, in the order of the table, judged.

    Of several rows of one registry that meet the criteria one enters. ``row``: the largest, of
    the same level of injury before mixed ones and then by its number of patients; or that of the
    highest or lowest rate, to see how much hangs on the choice. Of equal ones, the first.
    """
    judged = [Source(rate, _reason(rate, criteria)) for rate in rates_of(rates, grade, gain)]
    by_registry: dict[str, list[Source]] = {}
    for source in judged:
        if source.enters and source.rate.registry:
            by_registry.setdefault(source.rate.registry, []).append(source)
    for registry, several in by_registry.items():
        kept = max(several, key=lambda one: _order(one.rate, criteria, row))
        why = f"another row of {registry} enters: {kept.rate.source}, {kept.rate.population}"
        judged = [
            replace(source, reason=why)
            if any(source is one for one in several) and source is not kept
            else source
            for source in judged
        ]
    return tuple(judged)


def combined_rate(
    sources: Sequence[Source], criteria: Eligible, level: float
) -> MetaAnalysis | None:
    """The random-effects mean of the sources that enter, with its prediction; None without any.

    One source has no variance between sources; normal quantiles are taken for it, as its
    convention says.
    """
    entering = [source.rate for source in sources if source.enters]
    if not entering:
        return None
    return meta_analysis(
        [rate.events for rate in entering],
        [rate.n for rate in entering],
        criteria.tau2,
        criteria.test if len(entering) > 1 else "z",
        level,
    )


def _order(rate: Rate, criteria: Eligible, row: Row) -> tuple[float, float]:
    if row == "largest":
        return rate.level == criteria.level, rate.n
    return (rate.share if row == "highest" else -rate.share), rate.n


def _reason(rate: Rate, criteria: Eligible) -> str:
    """Why a rate does not meet the criteria; empty if it does."""
    reasons = []
    if rate.kind not in COHORT:
        reasons.append(NO_COHORT[rate.kind])
    if not rate.n:
        reasons.append("number of patients not published")
    if criteria.level and rate.level not in (*MIXED, criteria.level):
        reasons.append(f"level of injury: {rate.level}")
    if isnan(rate.exam_to):
        reasons.append("day of the baseline exam mixed or not published")
    elif rate.exam_to > criteria.exam_by:
        reasons.append(f"baseline exam as late as day {plain(rate.exam_to)}")
    if isnan(rate.follow_up_from):
        reasons.append("day of follow-up mixed or not published")
    elif rate.follow_up_from < criteria.follow_up_from:
        reasons.append(f"follow-up as early as day {plain(rate.follow_up_from)}")
    return "; ".join(reasons)
