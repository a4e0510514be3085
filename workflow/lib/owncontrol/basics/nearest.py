"""The known word that a wrong one was probably meant for, found in a bounded time."""

import difflib
from collections.abc import Collection

# Products of the characters of two words: so many take difflib about a tenth of a second.
MOST_COMPARED = 1_000_000
LIKE = 0.6  # difflib's own


def cost(word: str, known: Collection[str]) -> int:
    """What it takes to compare a word with the known ones, in products of characters."""
    return len(word) * sum(map(len, known))


def nearest(word: str, known: Collection[str], like: float = LIKE) -> str:
    """The known word most like ``word``; empty where none is, or there is too much to compare.

    ``like``: the least likeness (difflib's ratio, 0 to 1).
    """
    if cost(word, known) > MOST_COMPARED:
        return ""
    return next(iter(difflib.get_close_matches(word, known, 1, like)), "")


def did_you_mean(word: str, known: Collection[str], otherwise: str = "") -> str:
    """A hint at the known word that was probably meant; if none is like it, something else.

    ``otherwise``: that hint; left out, it names the known words.
    """
    near = nearest(word, known)
    return f"did you mean '{near}'?" if near else otherwise or f"known: {', '.join(known)}"
