"""What names of columns have in common from visit to visit, and where the visit is in them."""

import itertools
import re
from collections.abc import Sequence

from owncontrol.ingest.reshape import VISIT
from owncontrol.suggest.visit_words import named_day


def common_form(names: Sequence[str]) -> tuple[str, list[str]]:
    """What column names have in common, ``{visit}`` for the rest, and the rest of each.

    A visit is not cut in two: 6m and 8m have their unit, Pre and Post their P; where all of them
    end in a number alone (a1, a2), that is the visit.
    """
    start = next(at for at in range(_alike(names), -1, -1) if _may_start(names, at))
    ends = [name[start:][::-1] for name in names]
    end = next(at for at in range(_alike(ends), -1, -1) if _may_end(names, start, at))
    start, end = _with_unit(names, start, end)
    parts = [name[start : len(name) - end] for name in names]
    return names[0][:start] + VISIT + names[0][len(names[0]) - end :], parts


def _with_unit(names: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """The ends of the visits with the word of time beside their numbers: Day 0, 3 Monate."""
    parts = [name[start : len(name) - end] for name in names]
    if not all(part.strip().isdigit() for part in parts):
        return start, end
    before = re.search(r"(?<![^\W_])[^\W\d_]{3,}[ ._-]*$", names[0][:start])
    if before and all(named_day(before[0] + part) is not None for part in parts):
        return before.start(), end
    after = re.match(r"[ ._-]*[^\W\d_]{3,}(?![^\W_])", names[0][len(names[0]) - end :])
    if after and all(named_day(part + after[0]) is not None for part in parts):
        return start, end - after.end()
    return start, end


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
