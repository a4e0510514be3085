"""What many sign-flipped versions of the same changes would have shown, all at once.

Each row of a matrix of changes is one simulated study, each column a subject.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from .hodges_lehmann import walsh_order
from .proportions import clopper_pearson
from .result import Floats
from .signed_rank_many import signed_rank_tests

AT_ONCE = 5_000_000  # Walsh averages held at a time
DECIMALS = 9  # of changes and their averages: binary fractions are no part of a score
RESOLUTION = 1e-6  # changes that differ by less are tied


def sign_flips(subjects: int, most: int, studies: int, seed: int) -> NDArray[np.int8]:
    """Signs of each subject, shape ``(flips, subjects)``: all of them up to ``most``, else drawn.

    With more than ``most`` possible flips, ``studies`` are drawn with ``seed``.
    """
    if 2**subjects <= most:
        return np.array(list(product((1, -1), repeat=subjects)), np.int8).reshape(-1, subjects)
    drawn = np.random.default_rng(seed).integers(0, 2, (studies, subjects), np.int8)
    return np.where(drawn == 1, 1, -1).astype(np.int8)


def walsh_intervals(changes: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Hodges-Lehmann estimate and both bounds of each row, as ``hodges_lehmann`` has them.

    ``changes``: shape ``(studies, subjects)``, two subjects at least, as many as have exact
    tests at most.
    """
    studies, n = changes.shape
    pairs = n * (n + 1) // 2
    k, _ = walsh_order(n, level)
    wanted = np.array([(pairs + 1) // 2, pairs // 2 + 1, k, pairs + 1 - k]) - 1
    first, second = np.triu_indices(n)
    found = np.empty((studies, len(wanted)))
    step = max(1, AT_ONCE // pairs)
    for start in range(0, studies, step):
        part = changes[start : start + step]
        averages = (part[:, first] + part[:, second]) / 2
        averages.partition(np.unique(wanted), axis=1)
        found[start : start + step] = averages[:, wanted]
    found = np.round(found, DECIMALS)
    return (found[:, 0] + found[:, 1]) / 2, found[:, 2], found[:, 3]


def signed_rank_p(changes: Floats) -> Floats:
    """Two-sided p of the signed-rank test (Pratt) of each row."""
    return signed_rank_tests(changes.T, resolution=RESOLUTION)


def holm(p: Floats) -> Floats:
    """Holm's adjusted p in each row of a family; shape ``(studies, members)`` as given."""
    order = np.argsort(p, axis=1)
    members = p.shape[1]
    steps = np.take_along_axis(p, order, axis=1) * np.arange(members, 0, -1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.maximum.accumulate(steps, axis=1), axis=1)
    return np.minimum(adjusted, 1.0)


def shares(
    events: NDArray[np.int64], n: NDArray[np.int64], level: float
) -> tuple[Floats, Floats, Floats]:
    """Share and exact bounds (Clopper and Pearson) of each study; NaN of nobody."""
    pairs, where = np.unique(np.column_stack([events, n]), axis=0, return_inverse=True)
    results = [clopper_pearson(int(count), int(total), level) for count, total in pairs]
    table = np.array([(one.value, one.lower, one.upper) for one in results], np.float64)
    value, lower, upper = table[where.ravel()].T
    return value, lower, upper
