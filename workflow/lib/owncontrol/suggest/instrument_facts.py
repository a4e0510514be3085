"""Whether a column whose name is like an instrument's can be it: its unit and its numbers."""

import math
import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from owncontrol.instruments import Instrument, Scale
from owncontrol.suggest.known_words import plain

# Units as headings write them, and what each is; a rating has none of them.
UNITS = {
    "kg": "kg", "g": "g", "lb": "lb", "lbs": "lb", "mm": "mm", "cm": "cm", "m": "m", "km": "km",
    "ml": "ml", "cc": "ml", "cm3": "ml", "cm\u00b3": "ml", "l": "l", "dl": "dl", "mmhg": "mmhg",
    "bpm": "bpm", "%": "%", "percent": "%", "ms": "ms", "s": "s", "sec": "s", "seconds": "s",
    "min": "min", "minutes": "min", "h": "h", "hours": "h", "m/s": "m/s", "mmol/l": "mmol/l",
    "mg/dl": "mg/dl",
}  # fmt: skip
IN_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*$")
AT_THE_END = re.compile(r"[_. ]([A-Za-z]{2,7})$")  # volume_ml; one letter may be anything
MOST_OUTSIDE = 0.5  # of the numbers of a column


def may_be_item(
    instrument: Instrument, name: str, texts: Iterable[str], cells: "pd.Series[Any]"
) -> bool:
    """Whether a column can be an item. ``texts``: its name and label; ``cells``: what it holds."""
    item = instrument.items[name]
    alone = [of for of in instrument.scales.values() if of.kind == "item" and of.items == (name,)]
    unit = alone[0].unit if alone else ""
    codes = [code for code in item.codes if code is not None]
    if item.range is not None:
        low, high = float(item.range.minimum), float(item.range.maximum)
    else:
        low, high = min(codes, default=-math.inf), max(codes, default=math.inf)
    return _has_unit(unit, texts) and _lies_within(low, high, cells)


def may_be_score(scale: Scale, texts: Iterable[str], cells: "pd.Series[Any]") -> bool:
    """Whether a column can be a recorded score; arguments as of ``may_be_item``."""
    return _has_unit(scale.unit, texts) and _lies_within(scale.minimum, scale.maximum, cells)


def stated_unit(text: str) -> str:
    """The unit that a heading ends in (``Weight (kg)``, ``volume_ml``); empty where it has none."""
    for form in (IN_BRACKETS, AT_THE_END):
        found = form.search(text)
        unit = UNITS.get(plain(found[1])) if found else None
        if unit:
            return unit
    return ""


def _has_unit(unit: str, texts: Iterable[str]) -> bool:
    """Whether no text states another unit."""
    own = UNITS.get(plain(unit), plain(unit))
    return all(stated in ("", own) for stated in map(stated_unit, texts))


def _lies_within(low: float, high: float, cells: "pd.Series[Any]") -> bool:
    """Whether most numbers of a column lie between two ends; texts say nothing."""
    numbers = pd.to_numeric(cells.astype("str"), errors="coerce").dropna()
    return not len(numbers) or float((~numbers.between(low, high)).mean()) <= MOST_OUTSIDE
