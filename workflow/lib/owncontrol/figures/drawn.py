"""Whom a figure draws one by one where a study has more patients than a page has room for."""

from collections.abc import Iterable
from hashlib import sha256

# Patients that a figure draws one by one, at most; medians and estimates are of all of them.
MOST_DRAWN = {"timeline": 64, "trajectories": 200, "paired_change": 200}


def drawn_patients(codes: Iterable[str], figure: str) -> list[str]:
    """All codes in order, or of many those with the least hash: as good as by lot, and every time
    the same ones.
    """
    everybody = sorted(set(codes))
    most = MOST_DRAWN[figure]
    if len(everybody) <= most:
        return everybody
    return sorted(sorted(everybody, key=lambda code: sha256(code.encode()).digest())[:most])
