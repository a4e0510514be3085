"""The size that a controlled trial would need for what was seen.

Of one grade the power is exact, over all outcomes of both arms; of several together, whose
outcomes are too many, it is simulated.
"""

import math
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtri

from owncontrol.analysis.combined import combined_inputs
from owncontrol.analysis.settings import ClaimsSettings
from owncontrol.basics.decimals import plain
from owncontrol.basics.number_texts import percent
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.declared_statistics import Claims
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import AllGrades, BaselineGrade, TrialGrade
from owncontrol.statistics.cohort_verdict import shared_out
from owncontrol.study import natural_recovery as declared

Integers = NDArray[np.int64]
IMPROVED, BENCHMARK = NaturalRecovery.IMPROVED, NaturalRecovery.BENCHMARK
USED = (IMPROVED.value, BENCHMARK.value)
ERRORS = 1.96  # Monte-Carlo standard errors around the wanted power
EXACT = (
    "exact power of two equal arms, chi-squared test of a 2x2 table, continuity corrected, "
    "two-sided"
)
SIMULATED = (
    "simulated trials of two equal arms, Mantel-Haenszel test stratified by grade, continuity "
    "corrected, two-sided"
)
# The exact power goes up and down from size to size: smaller arms are tried down to this share.
TRIED_BELOW = 0.8


class Trial:
    """Two arms of the same grades: shares of each grade, rates without and with the treatment.

    All arrays of shape ``(grades,)``. Power is that of the Mantel-Haenszel chi-squared with
    continuity correction (Mantel and Haenszel 1959, *J Natl Cancer Inst* 22:719), stratified by
    grade, at ``alpha``; with one grade, of the chi-squared test of a 2x2 table, and exact. Each
    simulated size has a seed of its own, so that its power does not depend on which were tried.
    """

    def __init__(
        self,
        shares: NDArray[np.float64],
        control: NDArray[np.float64],
        treated: NDArray[np.float64],
        alpha: float,
        replicates: int,
        seed: int,
    ) -> None:
        """Take the design."""
        self.shares, self.control, self.treated = shares / shares.sum(), control, treated
        self.critical = float(chdtri(1, alpha))
        self.replicates, self.seed = replicates, seed
        self.is_exact = len(self.shares) == 1
        self.power = cache(self._exact if self.is_exact else self._simulated)

    def sizes(self, per_arm: int) -> Integers:
        """Patients of each grade in an arm, by largest remainder."""
        return shared_out(self.shares, per_arm)

    def _exact(self, per_arm: int) -> float:
        """Over all numbers improved in the two arms."""
        from scipy.stats import binom  # takes half a second; most steps never come here

        counts = np.arange(per_arm + 1)
        treated, control = (
            binom.pmf(counts, per_arm, rate[0]) for rate in (self.treated, self.control)
        )
        total = counts[:, None] + counts
        excess = np.maximum(np.abs(counts[:, None] - total / 2) - 0.5, 0)
        variance = total * (2 * per_arm - total) / (4 * (2 * per_arm - 1))
        rejected = excess**2 > self.critical * variance
        return min(1.0, float(treated @ rejected @ control))

    def _simulated(self, per_arm: int) -> float:
        sizes = self.sizes(per_arm)
        rng = np.random.default_rng([self.seed, per_arm])
        shape = (self.replicates, len(sizes))
        treated = rng.binomial(sizes, self.treated, shape)
        total = treated + rng.binomial(sizes, self.control, shape)
        pooled = 2 * sizes
        excess = np.abs((treated - total / 2).sum(axis=1)) - 0.5
        spread = np.maximum(4 * (pooled - 1), 1)  # an arm without a grade adds nothing
        variance = (total * (pooled - total) / spread).sum(axis=1)
        return float((np.maximum(excess, 0) ** 2 > self.critical * variance).mean())

    def error(self, power: float) -> float:
        """Monte-Carlo error of a simulated power, at 95 %; 0 of an exact one."""
        if self.is_exact:
            return 0.0
        return ERRORS * float(np.sqrt(power * (1 - power) / self.replicates))

    def smallest(self, power: float, most: int) -> int | None:
        """The smallest arm with at least ``power``; None if even ``most`` has less."""
        high = 2
        while self.power(high) < power:
            if high >= most:
                return None
            high = min(2 * high, most)
        low = high // 2  # too small, or 1
        while high - low > 1:
            middle = (low + high) // 2
            if self.power(middle) >= power:
                high = middle
            else:
                low = middle
        if self.is_exact:
            fewer = range(max(2, math.ceil(TRIED_BELOW * high)), high)
            return next((size for size in fewer if self.power(size) >= power), high)
        return high


def trial_sizes(estimates: Estimates, known: pd.DataFrame, settings: ClaimsSettings) -> None:
    """Add the size of an arm for each grade, and for all grades in the mix that was seen.

    Control rate: the main published rate of the grade; treated: the share seen, and (stratum
    ``... lower bound``) the lower end of its interval, which is what the data vouch for. From the
    primary comparison in ``known``, the analysis results so far.
    """
    recovery = settings.natural_recovery
    if recovery is None:
        return
    name, alpha = recovery.primary_comparison.name, 1 - settings.level
    here = known.loc[(known["analysis"] == "natural_recovery") & (known["endpoint"] == name)]
    rows = here.set_index(["stratum", "statistic"])
    rates = here.loc[(here["statistic"] == BENCHMARK.value) & here["value"].notna(), "stratum"]
    strata = map(BENCHMARK.stratum, rates)
    grades = [stratum.grade for stratum in strata if isinstance(stratum, BaselineGrade)]
    for grade in grades:
        seen = rows.loc[(grade, IMPROVED.value)]
        for lower_bound, share in ((False, seen["value"]), (True, seen["lower"])):
            stratum = TrialGrade(grade, lower_bound)
            _size(estimates, recovery, alpha, stratum, rows, {grade: float(share)})
    if len(grades) > 1:
        mix = {grade: float(rows.loc[(grade, IMPROVED.value), "value"]) for grade in grades}
        _size(estimates, recovery, alpha, AllGrades(), rows, mix)


def _size(
    estimates: Estimates,
    recovery: declared.NaturalRecovery,
    alpha: float,
    stratum: TrialGrade | AllGrades,
    rows: pd.DataFrame,
    treated: dict[str, float],
) -> None:
    design = recovery.trial
    used = rows.loc[[(grade, name) for grade in treated for name in USED]]
    about: About = {
        "endpoint": recovery.primary_comparison.name,
        "stratum": stratum,
        "unit": "subjects in an arm",
        "method": EXACT if len(treated) == 1 else SIMULATED,
        "inputs": combined_inputs(used["inputs"], estimates.places.subjects),
    }
    control = {grade: float(rows.loc[(grade, BENCHMARK.value), "value"]) for grade in treated}
    if all(treated[grade] <= control[grade] for grade in treated):
        reason = "the rate with treatment is no higher than natural recovery"
        estimates.add_missing(Claims.PER_ARM, reason, **about)
        return
    trial = Trial(
        np.array([float(rows.loc[(grade, IMPROVED.value), "n"]) for grade in treated]),
        np.array(list(control.values())),
        np.array(list(treated.values())),
        alpha,
        design.replicates,
        design.seed,
    )
    wanted, most = design.power, design.most_per_arm
    size = trial.smallest(wanted, most)
    if size is None:
        reason = f"more than {most} subjects in an arm for a power of {plain(wanted)}"
        estimates.add_missing(Claims.PER_ARM, reason, **about)
        return
    rates = "; ".join(
        f"{grade}: {percent(control[grade])} % against {percent(treated[grade])} %"
        for grade in treated
    )
    said = rates
    if not trial.is_exact:
        said += (
            f"; {design.replicates} trials a size, seed {design.seed}; bounds: Monte-Carlo error"
        )
    _add_size(estimates, trial, design, size, f"at {plain(alpha, 9)}; {said}", about)
    _add_power(estimates, trial, size, said, about)


def _add_size(
    estimates: Estimates, trial: Trial, design: declared.Trial, size: int, said: str, about: About
) -> None:
    wanted, most = design.power, design.most_per_arm
    error = trial.error(wanted)
    bounds: About = {}
    if not trial.is_exact:
        lower, upper = (trial.smallest(min(wanted + side * error, 1), most) for side in (-1, 1))
        bounds = {"lower": lower, "upper": upper, "level": 0.95}
    estimates.add(
        Claims.PER_ARM,
        size,
        convention=f"least size with power {plain(wanted)} {said}",
        **bounds,
        **about,
    )


def _add_power(estimates: Estimates, trial: Trial, size: int, said: str, about: About) -> None:
    reached = trial.power(size)
    spread = trial.error(reached)
    bounds: About = {}
    if not trial.is_exact:
        bounds = {"lower": reached - spread, "upper": min(1.0, reached + spread), "level": 0.95}
    estimates.add(
        Claims.POWER,
        reached,
        convention=f"at {size} in an arm; {said}",
        **bounds,
        **{**about, "unit": "share"},
    )
