"""Whom a figure draws one by one where a study has more patients than a page has room for."""

from collections.abc import Iterable
from hashlib import sha256
from heapq import nsmallest

# Patients that a figure draws one by one, at most; medians and estimates are of all of them.
MOST_DRAWN = {"timeline": 64, "trajectories": 100, "paired_change": 60}

# Counts of more digits have no room in a cell of the change map: it shows percent.
MOST_COUNTED = 999


def cells_in_percent(graded: Iterable[int]) -> bool:
    """Whether the change map shows percent; ``graded``: how many patients each cell is about."""
    return max(graded, default=0) > MOST_COUNTED


def drawn_patients(codes: Iterable[str], figure: str) -> list[str]:
    """All codes in order, or of many those with the least hash: in effect by lot, and every time
    the same ones.
    """
    return sorted(
        nsmallest(MOST_DRAWN[figure], set(codes), key=lambda code: sha256(code.encode()).digest())
    )
