"""Days that the names of visits speak of."""

import re

DAYS_OF = {
    "d": 1.0,
    "day": 1.0,
    "w": 7.0,
    "week": 7.0,
    "m": 30.4375,
    "month": 30.4375,
    "y": 365.25,
    "year": 365.25,
}
BEFORE = re.compile(r"\b(baseline|pre|before|admission|screening|registration|enrol\w*)\b")
NUMBERED = re.compile(r"\b([a-z]+?)s?[ _]?([0-9]+)\b|\b([0-9]+)[ _]?([a-z]+?)s?\b")


def named_day(text: str) -> int | None:
    """The day that a visit's text names, from the baseline visit; None where it names none."""
    plain = text.casefold().replace("_", " ")
    for found in NUMBERED.finditer(plain):
        unit, count = (found[1], found[2]) if found[1] else (found[4], found[3])
        if unit in DAYS_OF:
            return round(DAYS_OF[unit] * int(count))
    return 0 if BEFORE.search(plain) else None
