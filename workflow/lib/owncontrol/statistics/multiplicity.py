"""Many endpoints: adjusted p-values, and the Westfall-Young max-T over sign flips."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .result import (
    Floats,
    Integers,
    check_choice,
    check_resolution,
    finite_matrix,
    finite_vector,
)
from .signed_rank_many import signed_rank_matrix

Adjustment = Literal["holm", "bonferroni", "hochberg", "hommel", "BH", "BY"]
FlipStatistic = Literal["t", "signed-rank"]
FlipSums = Callable[[Floats], Floats]

_STATSMODELS_NAMES = {
    "holm": "holm",
    "bonferroni": "bonferroni",
    "hochberg": "simes-hochberg",
    "hommel": "hommel",
    "BH": "fdr_bh",
    "BY": "fdr_by",
}
# 2^15 flips after symmetry; above, flips are drawn.
ALL_FLIPS_PAIRS = 16
# Above, the sums of random flips are drawn from their joint normal limit: memory stays bounded.
NORMAL_PAIRS = 1000
_CHUNK = 64  # endpoints at a time, so that their sums stay in the cache
_SIGNS = 100_000  # random signs in memory at a time
_TIE = 1e-10  # sums of columns of norm 1 that differ by less are tied


@dataclass(frozen=True, kw_only=True)
class MaxT:
    """Adjusted p-values of a family of endpoints, arrays of shape ``(n_endpoints,)``.

    ``statistic`` is NaN, and both p-values 1, for the endpoints listed in ``not_estimable``
    (all differences zero, or fewer than two subjects).
    """

    statistic: Floats
    p: Floats
    p_adjusted: Floats
    n: int
    flips: int
    method: str
    convention: str
    not_estimable: tuple[int, ...]


def adjust(p: ArrayLike, method: Adjustment = "holm") -> Floats:
    """Return adjusted p-values, shape ``(n_endpoints,)``, in the order given.

    Made with statsmodels: Holm 1979, *Scand J Stat* 6:65; Hochberg 1988 and Hommel 1988,
    *Biometrika* 75:800 and 75:383; Benjamini and Hochberg 1995, *J R Stat Soc B* 57:289 (BH);
    Benjamini and Yekutieli 2001, *Ann Stat* 29:1165 (BY).

    Raises:
        ValueError: NaN or values outside 0..1, an unknown method. Hint: endpoints without an
            estimate are left out of the family by the caller, and counted.
    """
    check_choice(method, "method", Adjustment)
    values = np.array(finite_vector(p, "p"))
    if len(values) == 0:
        return values
    if values.min() < 0 or values.max() > 1:
        raise ValueError(f"p: ranges over {values.min():g}..{values.max():g}, must be within 0..1")
    # Imported here: it takes a second, and nothing else in this package needs it.
    from statsmodels.stats.multitest import multipletests

    adjusted: Floats = multipletests(values, method=_STATSMODELS_NAMES[method])[1]
    return np.minimum(adjusted, 1.0)


def max_t(
    differences: ArrayLike,
    step_down: bool = True,
    statistic: FlipStatistic = "t",
    resolution: float | None = None,
    draws: int = 100_000,
    seed: int = 1,
) -> MaxT:
    """Return Westfall-Young p-values from the maximum of |T| over joint sign flips, two-sided.

    Each subject's differences are flipped together, so the dependence between endpoints stays.
    All 2^n flips up to 16 subjects, above that ``draws`` random ones and the observed signs; above
    1000 subjects as many draws from the joint normal limit of the flipped sums.
    ``"t"`` is the paired t-test; ``"signed-rank"`` the standardised Pratt signed-rank sum. Both
    depend on a flip only through |sum of x| / sqrt(sum of x^2), which is what is compared.
    Westfall and Young 1993, *Resampling-Based Multiple Testing*, algorithms 2.5 and 2.8; draws:
    Phipson and Smyth 2010, *Stat Appl Genet Mol Biol* 9:39.

    Args:
        differences: shape ``(n_subjects, n_endpoints)``, complete.
        step_down: False gives the single-step p-values.
        statistic: ``"t"`` or ``"signed-rank"``.
        resolution: step of the scale that differences are rounded to, for all endpoints.
        draws: number of random flips above 16 subjects.
        seed: of the random flips.

    Raises:
        ValueError: NaN or infinite values, an unknown statistic, a resolution not positive.
    """
    check_choice(statistic, "statistic", FlipStatistic)
    values = _ranked_or_rounded(finite_matrix(differences, "differences"), statistic, resolution)
    return _max_t(values, step_down, statistic, draws, seed)


def _max_t(
    values: Floats, step_down: bool, statistic: FlipStatistic, draws: int, seed: int
) -> MaxT:
    """``max_t`` of what is flipped."""
    n, endpoints = values.shape
    norm = np.sqrt((values**2).sum(axis=0))
    # All differences zero, or a single subject: nothing to test.
    usable = np.flatnonzero(norm > 0) if n > 1 else np.zeros(0, dtype=np.int64)
    scaled = values[:, usable] / norm[usable]
    observed = np.abs(scaled.sum(axis=0))
    order = np.argsort(-observed, kind="stable")
    flips = _flips_of(scaled[:, order], draws, seed)
    raw, adjusted = _exceedances(
        flips.columns, observed[order], flips.sums, flips.number, step_down=step_down
    )
    raw, adjusted = flips.share(raw), flips.share(adjusted)
    if step_down:
        adjusted = np.maximum.accumulate(adjusted)
    ordered = usable[order]
    return MaxT(
        statistic=_spread(
            _to_statistic(scaled.sum(axis=0), n, statistic), usable, endpoints, np.nan
        ),
        p=_spread(raw, ordered, endpoints, 1.0),
        p_adjusted=_spread(adjusted, ordered, endpoints, 1.0),
        n=n,
        flips=2**n if n <= ALL_FLIPS_PAIRS else draws,
        method=flips.method,
        convention=f"{'step-down' if step_down else 'single-step'} max |T|, {statistic}, two-sided",
        not_estimable=tuple(sorted(set(range(endpoints)) - set(usable.tolist()))),
    )


def _ranked_or_rounded(
    values: Floats, statistic: FlipStatistic, resolution: float | None
) -> Floats:
    """What is flipped: signed ranks of the differences, or the differences on their scale."""
    if statistic == "signed-rank":
        return signed_rank_matrix(values, resolution)
    if resolution is None:
        return values
    rounded: Floats = np.rint(values / check_resolution(resolution)) * resolution
    return rounded


@dataclass(frozen=True)
class _Flips:
    """Sign flips of endpoints: ``sums`` gives, from ``columns``, all their sums of differences.

    ``drawn``: whether they are random; then the observed signs count as one more.
    """

    columns: Floats
    sums: FlipSums
    number: int
    drawn: bool
    method: str

    def share(self, reached: Floats) -> Floats:
        """The p-value of a number of flips that reach the observed value."""
        shares: Floats = (reached + self.drawn) / (self.number + self.drawn)
        return shares


def _flips_of(columns: Floats, draws: int, seed: int) -> _Flips:
    """All flips of few subjects, random ones of more, of many those of their normal limit."""
    n = len(columns)
    if n <= ALL_FLIPS_PAIRS:
        method = f"exact, all {2**n} sign flips"
        return _Flips(columns, _all_sums, 2 ** max(n - 1, 0), False, method)
    drawn = f"{draws} sign flips"
    sums: FlipSums = partial(_flipped_sums, draws=draws, seed=seed)
    if n > NORMAL_PAIRS:
        # With columns = QR the flipped sums are R'(Q' signs), and Q' signs is nearly normal.
        columns = np.asarray(np.linalg.qr(columns, mode="r"))
        signs = np.random.default_rng(seed).standard_normal((draws, len(columns)))
        drawn = f"{draws} draws from the joint normal limit of the sign flips"
        sums = partial(_drawn_sums, signs=signs)
    error = 0.5 / math.sqrt(draws)
    method = f"Monte Carlo, {drawn}, seed {seed}, s.e. at most {error:.2g}"
    return _Flips(columns, sums, draws, True, method)


def _spread(values: Floats, places: Integers, size: int, other: float) -> Floats:
    """Return an array of ``size`` with ``values`` at ``places`` and ``other`` elsewhere."""
    whole = np.full(size, other)
    whole[places] = values
    return whole


def _drawn_sums(values: Floats, signs: Floats) -> Floats:
    """Return the sums of ``values``, shape ``(n, endpoints)``, under each row of ``signs``."""
    sums: Floats = values.T @ signs.T
    return sums


def _flipped_sums(values: Floats, draws: int, seed: int) -> Floats:
    """Return the sums under ``draws`` random flips, shape ``(endpoints, draws)``.

    The signs are those of ``choice((-1, 1), (draws, n))``, drawn some flips at a time: together
    they are a gigabyte at 1000 subjects, and most of the time goes into filling that.
    """
    n, endpoints = values.shape
    rng = np.random.default_rng(seed)
    sums = np.empty((endpoints, draws))
    at_once = max(1, _SIGNS // n)
    for start in range(0, draws, at_once):
        here = sums[:, start : start + at_once]
        signs = 2.0 * rng.integers(0, 2, (here.shape[1], n)) - 1.0
        here[:] = values.T @ signs.T
    return sums


def _all_sums(values: Floats) -> Floats:
    """Return the sums under all flips of all subjects but the first, ``(endpoints, 2^(n-1))``.

    A flip and its opposite have the same |T|, so the first sign can stay. Each further subject
    doubles the sums known so far. That is as fast as a matrix product with all signs on an idle
    machine, and does not slow down when other processes keep its threads waiting.
    """
    n, endpoints = values.shape
    sums = np.empty((endpoints, 2 ** (n - 1)))
    sums[:, 0] = values[0]
    known = 1
    for value in values[1:, :, None]:
        np.subtract(sums[:, :known], value, out=sums[:, known : 2 * known])
        sums[:, :known] += value
        known *= 2
    return sums


def _exceedances(
    scaled: Floats, observed: Floats, sums_of: FlipSums, flips: int, *, step_down: bool
) -> tuple[Floats, Floats]:
    """Return how many flips reach each observed value, alone and by the maximum.

    Endpoints come in descending order of ``observed``. Going up from the last one, the running
    maximum holds the endpoints that are no more extreme than the current one.
    """
    endpoints = len(observed)
    limits = observed - _TIE
    raw, adjusted = np.zeros(endpoints), np.zeros(endpoints)
    running = np.zeros(flips)
    for stop in range(endpoints, 0, -_CHUNK):
        start = max(0, stop - _CHUNK)
        sums = sums_of(scaled[:, start:stop])
        np.abs(sums, out=sums)
        for endpoint in range(stop - 1, start - 1, -1):
            row = sums[endpoint - start]
            np.maximum(running, row, out=running)
            raw[endpoint] = np.count_nonzero(row >= limits[endpoint])
            if step_down:
                adjusted[endpoint] = np.count_nonzero(running >= limits[endpoint])
    if not step_down:
        running.sort()
        adjusted[:] = flips - np.searchsorted(running, limits, side="left")
    return raw, adjusted


def _to_statistic(share: Floats, n: int, statistic: FlipStatistic) -> Floats:
    """Return t or z from sum(x) / sqrt(sum(x^2)); infinite t where all differences agree."""
    if statistic == "signed-rank":
        return share
    rest = np.maximum(n - share**2, 0)
    rest[rest < n * 1e-14] = 0
    with np.errstate(divide="ignore"):
        return np.asarray(share * math.sqrt(max(n - 1, 0)) / np.sqrt(rest), dtype=np.float64)
