"""How a chance of a wrong verdict is shared out among looks at growing data.

Each look is tested at what it may spend beyond the looks before it (Lan and DeMets 1983,
*Biometrika* 70:659). The levels add up to the whole, so that all looks together err no more often,
however their results hang together; how exact each test is, it is by itself.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from scipy.special import ndtr, ndtri

from .result import check_share

Shape = Literal["obrien_fleming", "pocock"]
LEAST = 1e-6  # of a look; levels are whole numbers of it


def spent(share: float, alpha: float, shape: Shape) -> float:
    """What may be spent by a share (0..1) of the patients; one-sided.

    ``obrien_fleming``: 2 - 2 Phi(z / sqrt(share)), z the quantile of 1 - alpha / 2; little at
    first. ``pocock``: alpha ln(1 + (e - 1) share); about the same at each look.

    Raises:
        ValueError: a share or an alpha outside 0..1.
    """
    check_share(share, "share", closed=True)
    check_share(alpha, "alpha")
    if not share:
        return 0.0
    if shape == "pocock":
        return alpha * math.log1p((math.e - 1) * share)
    return float(2 * ndtr(ndtri(alpha / 2) / math.sqrt(share)))


def levels(looks: Sequence[int], alpha: float, shape: Shape) -> tuple[float, ...]:
    """The level of each look; ``looks``: patients at each, the last one all of them.

    The last look has what the others leave, so that the levels add up to ``alpha``.

    Raises:
        ValueError: as ``spent``; numbers that do not grow.
    """
    if any(later <= earlier for earlier, later in pairwise((0, *looks))):
        raise ValueError(f"looks: {list(looks)}, must be numbers of subjects that grow")
    by_then = [0.0, *(spent(look / looks[-1], alpha, shape) for look in looks)]
    steps = [after - before for before, after in pairwise(by_then)]
    early = [max(_cut(step), LEAST) for step in steps[:-1]]
    return (*early, _cut(alpha - sum(early)))


def _cut(level: float) -> float:
    """A level without the digits that nobody reads; never more than it was."""
    return math.floor(level / LEAST + LEAST) * LEAST
