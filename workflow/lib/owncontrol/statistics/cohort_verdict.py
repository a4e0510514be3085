"""One verdict on a cohort of mixed grades: more improved than untreated patients would, or fewer.

The true rate of a new cohort is not known: published rates say how such rates are distributed,
grade by grade. Cohorts that recover well are taken to do so in all grades, so one deviation is
shared by the grades of a cohort; of all ways in which their rates can hang together this spreads
the number improved most (Dhaene et al. 2002, *Insur Math Econ* 31:3). The number improved among
all patients is the test statistic, of sets of grades as well: closed testing (Marcus, Peritz and
Gabriel 1976, *Biometrika* 63:655) then says which grades show it by themselves.

Where published rates leave a choice, "more" is compared with the highest and "fewer" with the
lowest that the choice allows: the same groups of patients, ``high`` and ``low``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, gammaln, log_expit, ndtr, stdtrit

from .result import Floats, check_share, whole_number

MOST_GRADES = 8  # 255 sets of them
EXACT = 1000  # patients; of more, the binomial part is taken as normal, with half a patient
# The deviation is summed over evenly spaced normal scores: exact to rounding for smooth sums.
SCORES = np.linspace(-8.0, 8.0, 641)
WEIGHTS = np.exp(-(SCORES**2) / 2)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
LARGEST_LOG_ODDS = 30.0
NEAR = 8  # sizes that are tried below the one that halving finds


class Direction(Enum):
    """What a comparison with published rates can end with."""

    MORE = "more than expected"
    FEWER = "fewer than expected"
    NOT_DECIDED = "not decided"


@dataclass(frozen=True, slots=True)
class LogitRate:
    """How the true rate of a new cohort is distributed, on the logit scale.

    ``mean`` and ``spread`` of a normal distribution, or of Student's t with ``df`` degrees.
    """

    mean: float
    spread: float
    df: float = math.inf

    def logits(self, scores: Floats = SCORES) -> Floats:
        """The rate's logit at normal scores, as the same quantile of its distribution."""
        if self.spread == 0 or math.isinf(self.df):
            return self.mean + self.spread * scores
        # From the nearer end, so that the far quantiles keep their digits.
        below = stdtrit(self.df, ndtr(-np.abs(scores)))
        logits: Floats = self.mean + self.spread * np.where(scores < 0, below, -below)
        return logits


@dataclass(frozen=True, slots=True)
class Group:
    """Patients of one grade: how many, and how their rate is distributed without the treatment."""

    n: int
    rate: LogitRate


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """From how many improved patients a cohort shows more, up to how many fewer; None: never."""

    more_from: int | None
    fewer_to: int | None

    def direction(self, improved: int) -> Direction:
        """The verdict on a cohort of which ``improved`` patients did."""
        if self.more_from is not None and improved >= self.more_from:
            return Direction.MORE
        if self.fewer_to is not None and improved <= self.fewer_to:
            return Direction.FEWER
        return Direction.NOT_DECIDED


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The verdict on all patients, and which grades show it by themselves.

    ``p_more`` and ``p_fewer``: one-sided, of all patients. ``more`` and ``fewer``: the closed
    test's p-value of each grade, in the order of the groups (NaN: no patient). ``expected_high``
    and ``expected_low``: the mean number improved without the treatment.
    """

    direction: Direction
    p_more: float
    p_fewer: float
    more: tuple[float, ...]
    fewer: tuple[float, ...]
    expected_high: float
    expected_low: float
    limits: Limits


def improved_distribution(groups: Sequence[Group], log_odds: float = 0.0) -> Floats:
    """P(0 improved) .. P(all improved) in a new cohort, shape ``(n + 1,)``.

    ``log_odds`` is added to each patient's logit: 0 is a treatment that does nothing.

    Raises:
        ValueError: a count that is no whole number, or more than 8 grades.
    """
    groups = _checked(groups)
    total = sum(group.n for group in groups)
    if total > EXACT:
        return _nearly(groups, total, log_odds)
    chances = np.ones((len(SCORES), 1))
    for group in groups:
        chances = _together(chances, _binomial(group.n, group.rate.logits() + log_odds))
    summed: Floats = WEIGHTS @ chances
    return summed


def limits(high: Sequence[Group], low: Sequence[Group], alpha: float = 0.025) -> Limits:
    """Which numbers of improved patients decide, at ``alpha`` in each direction.

    Raises:
        ValueError: as ``improved_distribution``; an alpha outside 0..1, other patients in ``low``.
    """
    check_share(alpha, "alpha")
    _check_alike(high, low)
    upper = np.cumsum(improved_distribution(high)[::-1])[::-1]
    lower = np.cumsum(improved_distribution(low))
    more, fewer = np.flatnonzero(upper <= alpha), np.flatnonzero(lower <= alpha)
    return Limits(
        more_from=int(more[0]) if len(more) else None,
        fewer_to=int(fewer[-1]) if len(fewer) else None,
    )


def decide(
    improved: Sequence[int], high: Sequence[Group], low: Sequence[Group], alpha: float = 0.025
) -> Verdict:
    """The verdict on a cohort: ``improved`` patients of each group.

    Raises:
        ValueError: as ``limits``; counts that are not as many as the groups, or larger than them.
    """
    edges = limits(high, low, alpha)
    if len(improved) != len(high):
        raise ValueError(f"improved: {len(improved)} counts for {len(high)} groups")
    events = [
        whole_number(count, "improved", high=group.n)
        for count, group in zip(improved, high, strict=True)
    ]
    more, p_more = _closed(events, high, lambda chances, count: _tail(chances[count:]))
    fewer, p_fewer = _closed(events, low, lambda chances, count: _tail(chances[: count + 1]))
    return Verdict(
        direction=edges.direction(sum(events)),
        p_more=p_more,
        p_fewer=p_fewer,
        more=more,
        fewer=fewer,
        expected_high=expected_improved(high),
        expected_low=expected_improved(low),
        limits=edges,
    )


def _closed(
    events: Sequence[int], groups: Sequence[Group], tail: Callable[[Floats, int], float]
) -> tuple[tuple[float, ...], float]:
    """The closed test's p-value of each group (NaN: nobody in it), and that of all together."""
    filled = [place for place, group in enumerate(groups) if group.n]
    found, whole = np.full(len(groups), math.nan), 1.0
    for size in range(1, len(filled) + 1):
        for chosen in combinations(filled, size):
            chances = improved_distribution([groups[place] for place in chosen])
            whole = tail(chances, sum(events[place] for place in chosen))
            members = list(chosen)
            found[members] = np.fmax(found[members], whole)
    return tuple(found.tolist()), whole


def expected_improved(groups: Sequence[Group], log_odds: float = 0.0) -> float:
    """Mean number improved in a new cohort."""
    return float(
        sum(group.n * (WEIGHTS @ expit(group.rate.logits() + log_odds)) for group in groups)
    )


def power(
    high: Sequence[Group], low: Sequence[Group], log_odds: float = 0.0, alpha: float = 0.025
) -> tuple[float, float]:
    """Chance of "more", and of "fewer", where the treatment multiplies each patient's odds.

    ``log_odds`` 0 is a treatment that does nothing: the chances are then the errors of the
    verdict, each at most ``alpha``, exact over every number improved of these patients.
    """
    edges = limits(high, low, alpha)
    return (
        _chance(edges, improved_distribution(high, log_odds), Direction.MORE),
        _chance(edges, improved_distribution(low, log_odds), Direction.FEWER),
    )


def detectable_log_odds(
    high: Sequence[Group], low: Sequence[Group], wanted: float = 0.8, alpha: float = 0.025
) -> tuple[float, float]:
    """Smallest change of the log odds shown with power ``wanted``: upwards, downwards.

    NaN where no change at all would do: the cohort cannot show it.

    Raises:
        ValueError: as ``limits``; a power outside 0..1.
    """
    check_share(wanted, "wanted")
    edges = limits(high, low, alpha)

    def smallest(groups: Sequence[Group], direction: Direction, sign: int) -> float:
        def lacking(size: float) -> float:
            chances = improved_distribution(groups, sign * size)
            return _chance(edges, chances, direction) - wanted

        return sign * float(brentq(lacking, 0.0, LARGEST_LOG_ODDS, xtol=1e-10))

    return (
        math.nan if edges.more_from is None else smallest(high, Direction.MORE, 1),
        math.nan if edges.fewer_to is None else smallest(low, Direction.FEWER, -1),
    )


def shared_out(shares: Floats, total: int) -> NDArray[np.int64]:
    """``total`` patients shared out to groups in whole numbers, by largest remainder."""
    exact = shares / shares.sum() * total
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    rest = total - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:rest]] += 1
    return whole


def smallest_cohort(
    high: Sequence[Group],
    low: Sequence[Group],
    log_odds: float,
    wanted: float = 0.8,
    alpha: float = 0.025,
    most: int = 400,
) -> int | None:
    """Patients of the mix of ``high`` that show more than expected with power ``wanted``.

    Exact at each size. The power goes up and down from size to size; of the sizes just below the
    one that halving finds, the smallest that has the power is taken. None where even ``most`` have
    less: how far cohorts differ may hide an effect from any number of patients.
    """

    def has_power(total: int) -> bool:
        sizes = shared_out(np.array([group.n for group in high], float), total).tolist()
        more, fewer = (
            [replace(group, n=n) for group, n in zip(groups, sizes, strict=True)]
            for groups in (high, low)
        )
        return power(more, fewer, log_odds, alpha)[0] >= wanted

    upper = 2
    while not has_power(upper):
        if upper >= most:
            return None
        upper = min(2 * upper, most)
    lower = upper // 2
    while upper - lower > 1:
        middle = (lower + upper) // 2
        lower, upper = (lower, middle) if has_power(middle) else (middle, upper)
    return next(size for size in range(max(2, upper - NEAR), upper + 1) if has_power(size))


def _check_alike(high: Sequence[Group], low: Sequence[Group]) -> None:
    if [group.n for group in high] != [group.n for group in low]:
        raise ValueError("high and low: must be the same groups of subjects")


def _checked(groups: Sequence[Group]) -> list[Group]:
    if len(groups) > MOST_GRADES:
        raise ValueError(f"groups: {len(groups)}, no more than {MOST_GRADES} can be tested")
    for group in groups:
        whole_number(group.n, "n")
        if not (math.isfinite(group.rate.mean) and 0 <= group.rate.spread < math.inf):
            raise ValueError(f"rate: {group.rate}, must be finite, with a spread of at least 0")
    return list(groups)


def _chance(edges: Limits, chances: Floats, direction: Direction) -> float:
    if direction is Direction.MORE:
        return 0.0 if edges.more_from is None else _tail(chances[edges.more_from :])
    return 0.0 if edges.fewer_to is None else _tail(chances[: edges.fewer_to + 1])


def _tail(chances: Floats) -> float:
    return min(1.0, float(chances.sum()))


def _binomial(n: int, logits: Floats) -> Floats:
    """P(0) .. P(n) for each logit, shape ``(len(logits), n + 1)``."""
    counts = np.arange(n + 1)
    ways = gammaln(n + 1) - gammaln(counts + 1) - gammaln(n - counts + 1)
    up, down = log_expit(logits)[:, None], log_expit(-logits)[:, None]
    chances: Floats = np.exp(ways + counts * up + (n - counts) * down)
    return chances


def _together(one: Floats, other: Floats) -> Floats:
    """Row by row, the distribution of the sum of two counts."""
    if one.shape[1] > other.shape[1]:
        one, other = other, one
    summed = np.zeros((len(one), one.shape[1] + other.shape[1] - 1))
    for count in range(one.shape[1]):
        summed[:, count : count + other.shape[1]] += one[:, [count]] * other
    return summed


def _nearly(groups: Sequence[Group], total: int, log_odds: float) -> Floats:
    """The same for a large cohort, its binomial part normal; that of the rates is as it is."""
    shares = [expit(group.rate.logits() + log_odds) for group in groups]
    sizes = [group.n for group in groups]
    mean = sum(n * share for n, share in zip(sizes, shares, strict=True))
    variance = sum(n * share * (1 - share) for n, share in zip(sizes, shares, strict=True))
    edges = np.arange(total) + 0.5
    below = np.empty(total + 2)
    below[0], below[-1] = 0.0, 1.0
    spread = np.sqrt(np.maximum(variance, 1e-12))
    for start in range(0, total, EXACT):
        z = (edges[start : start + EXACT] - np.asarray(mean)[:, None]) / spread[:, None]
        below[1 + start : 1 + start + z.shape[1]] = WEIGHTS @ ndtr(z)
    chances: Floats = np.diff(below)
    return chances
