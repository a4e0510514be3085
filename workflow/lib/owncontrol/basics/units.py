"""Units as words: 1 point, 2 points, 0.5 points, 3 mmHg, 1 point/day."""

import re
from decimal import Decimal, InvalidOperation

from owncontrol.basics.number_texts import MINUS, THIN_SPACE

# English nouns that a unit or a count may end in. Every other word stays as it is: symbols (mmHg,
# kg, %), names of scores and words of other languages have no plural in s that could be guessed.
# Small letters only: a capital is a symbol, or a noun of German.
COUNT_NOUNS = frozenset(
    {
        "assessment",
        "cell",
        "column",
        "day",
        "dermatome",
        "dose",
        "error",
        "estimate",
        "event",
        "exam",
        "file",
        "finding",
        "grade",
        "hour",
        "item",
        "level",
        "line",
        "minute",
        "month",
        "muscle",
        "note",
        "pair",
        "patient",
        "point",
        "rating",
        "row",
        "second",
        "segment",
        "specification",
        "step",
        "subject",
        "test",
        "treatment",
        "visit",
        "warning",
        "week",
        "year",
    }
)
# Where the counted noun ends: points/day, points a week, patients in an arm.
AFTER_NOUN = re.compile(r"\s*/|\s+(?:a|an|per|in|of)\s+")


def unit_for(amount: float | str, unit: str) -> str:
    """The unit's word for an amount: ``point`` for 1 and -1, ``points`` for all others.

    ``amount``: a number, or its text as printed, so that the word fits what is read (1.0 point).
    The noun may be written in either number, and what follows it (a week, /day) stays.
    """
    divided = AFTER_NOUN.search(unit)
    head, rest = (unit[: divided.start()], unit[divided.start() :]) if divided else (unit, "")
    start, space, noun = head.rpartition(" ")
    singular = noun.removesuffix("s")
    if singular in COUNT_NOUNS and not re.search(r"\d", start):  # 10^8 cells are many
        noun = singular if _is_one(amount) else f"{singular}s"
    return f"{start}{space}{noun}{rest}"


def plural(unit: str) -> str:
    """The unit's word where no amount stands: in the head of a table, ``Age, years``."""
    return unit_for(2, unit)


def with_unit(text: str, unit: str) -> str:
    """A number as printed with its unit; alone where there is no unit."""
    return f"{text} {unit_for(text, unit)}" if unit else text


def _is_one(amount: float | str) -> bool:
    if not isinstance(amount, str):
        return abs(amount) == 1
    text = amount.replace(MINUS, "-").replace(THIN_SPACE, "")
    try:
        return abs(Decimal(text)) == 1
    except InvalidOperation:  # "< 0.01", "not estimable", an interval
        return False
