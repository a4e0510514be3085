"""What names of columns have in common from visit to visit, and where the visit is in them."""

import itertools
import re
from collections.abc import Sequence

from owncontrol.ingest.reshape import VISIT


def common_form(names: Sequence[str]) -> tuple[str, list[str]]:
    """What column names have in common, ``{visit}`` for the rest, and the rest of each.

    A visit is not cut in two: 6m and 8m have their unit, Pre and Post their P; where all of them
    end in a number alone (a1, a2), that is the visit.
    """
    start = next(at for at in range(_alike(names), -1, -1) if _may_start(names, at))
    ends = [name[start:][::-1] for name in names]
    end = next(at for at in range(_alike(ends), -1, -1) if _may_end(names, start, at))
    parts = [name[start : len(name) - end] for name in names]
    return names[0][:start] + VISIT + names[0][len(names[0]) - end :], parts


def _may_start(names: Sequence[str], start: int) -> bool:
    """Whether the visits may start there in the names: where a word, or the number of one, does."""
    if start == 0 or not names[0][start - 1].isalnum():
        return all(len(name) > start for name in names)
    words = [re.match(r"[^\W_]*", name[start:]) for name in names]
    return names[0][start - 1].isalpha() and all(word and word[0].isdigit() for word in words)


def _may_end(names: Sequence[str], start: int, end: int) -> bool:
    """Whether the visits may end so many characters before the names do."""
    if any(len(name) - end <= start for name in names):
        return False
    if end == 0 or not names[0][-end].isalnum():
        return True
    return all(re.search(r"(^|[\W_])[^\W\d_]+$", name[: len(name) - end]) for name in names)


def _alike(texts: Sequence[str]) -> int:
    """How many characters all texts begin with in common."""
    columns = itertools.takewhile(lambda signs: len(set(signs)) == 1, zip(*texts, strict=False))
    return sum(1 for _ in columns)
