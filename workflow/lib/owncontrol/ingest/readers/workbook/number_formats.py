"""Number formats of a workbook: does a format show a percentage, a date or a time?

Read as ISO/IEC 29500-1, 18.8.30 and 18.8.31 describe them: sections for positive, negative and
zero, or with conditions of their own; signs in quotes or behind a backslash are only shown.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

# Formats that have a number and no text in files of East Asian and Thai programs (18.8.30). Which
# date or time they show depends on the language; that it is one does not.
DATE, TIME = "yyyy-mm-dd", "h:mm:ss"
LOCAL_FORMATS = dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), DATE)
LOCAL_FORMATS |= dict.fromkeys((32, 33, 34, 35, 55, 56), TIME)
LOCAL_FORMATS |= {67: "0%", 68: "0.00%", 71: DATE, 72: DATE, 73: DATE, 74: DATE, 75: TIME}
LOCAL_FORMATS |= {76: TIME, 77: f"{DATE} {TIME}", 78: "mm:ss", 79: "[h]:mm:ss", 80: "mm:ss.0"}
LOCAL_FORMATS |= {81: DATE}
TOKEN = re.compile(
    r'"[^"]*"?|\\.|[_*].|\[[^\]]*\]|am/pm|a/p|general|e[+-]|.', re.IGNORECASE | re.DOTALL
)
# Spreadsheet programs take 255 characters.
LONGEST = 1000
ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
COMPARED = {
    "<": lambda value, limit: value < limit,
    ">": lambda value, limit: value > limit,
    "<=": lambda value, limit: value <= limit,
    ">=": lambda value, limit: value >= limit,
    "=": lambda value, limit: value == limit,
    "<>": lambda value, limit: value != limit,
}


@dataclass(frozen=True)
class Section:
    """One section of a format.

    ``condition``: comparison and limit, where the section has its own. ``percent``: how many
    percent signs multiply the number. ``has_date``, ``has_time``: whether it shows parts of a day
    or of a clock; ``elapsed``: whether hours, minutes or seconds run past their usual end.
    """

    condition: tuple[str, float] | None
    percent: int
    has_date: bool
    has_time: bool
    elapsed: bool


@lru_cache(maxsize=4096)
def sections(code: str) -> tuple[Section, ...]:
    """The sections of a format. Raises ValueError for one that no program writes."""
    if len(code) > LONGEST:
        raise ValueError(f"a number format has {len(code)} characters; at most {LONGEST}")
    parts: list[list[str]] = [[]]
    for token in TOKEN.findall(code):
        if token == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(_section(part) for part in parts)


def section_for(code: str, value: float) -> Section:
    """The section that shows a number."""
    found = sections(code)
    if any(section.condition for section in found):
        for section in found:
            if section.condition is None:
                return section
            sign, limit = section.condition
            if COMPARED[sign](value, limit):
                return section
        return _section([])
    if len(found) >= 3:
        return found[0 if value > 0 else 1 if value < 0 else 2]
    return found[1] if len(found) == 2 and value < 0 else found[0]


def _section(tokens: list[str]) -> Section:
    condition, elapsed, letters = None, False, ""
    for token in tokens:
        limit = CONDITION.fullmatch(token)
        if limit:
            condition = (limit[1], float(limit[2]))
        elif ELAPSED.fullmatch(token):
            elapsed = True
            letters += token[1].lower()
        elif token.lower() in ("am/pm", "a/p"):
            letters += "h"
        elif len(token) == 1:
            letters += token.lower()
    has_time = "h" in letters or "s" in letters
    return Section(
        condition,
        percent=letters.count("%"),
        has_date="d" in letters or "y" in letters or ("m" in letters and not has_time),
        has_time=has_time,
        elapsed=elapsed,
    )
