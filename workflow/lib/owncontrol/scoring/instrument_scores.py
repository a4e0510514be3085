"""Items in, scores out: one column per scale, NaN where missing items forbid a score."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.decimals import EXACT, in_digits, plain, read_decimal, total
from owncontrol.errors import InputError
from owncontrol.instruments.instrument import Instrument, Item, Scale
from owncontrol.tables.categories import as_categories, present_texts

# Decimal digits that every double keeps.
DOUBLE_DIGITS = 15
UNDETERMINED = ("", "ND", "NA")
"""What an algorithm writes where an output has no value: not determined, not applicable."""


def score(
    instrument: Instrument, items: pd.DataFrame, outputs: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Score assessments: one row each in (text or numbers), one column per scale out (float).

    ``items`` holds a column for each item of the instrument; a missing value is empty text or
    NA. A score is NaN where missing items forbid it by the scale's rule; a missing item is never
    taken as zero.

    An instrument with an algorithm (ISNCSCI) is scored from its ``outputs``, which are computed
    from the items where they are not given. Ordinal text becomes its level's value, with or
    without a tag (``C5*``). An output that is not one value (a set such as ``C,D``), not
    determined (ND) or not applicable (NA) is NaN, and so is a sum with one.

    Raises InputError for an absent column, and for a value that is not permitted (column, row,
    value, what is).
    """
    _need(instrument, list(instrument.items), items)
    if instrument.algorithm == "isncsci":
        if outputs is None:
            # Imported here: the other instruments do without the classification.
            from owncontrol.isncsci import classify

            outputs = classify(items[list(instrument.items)])
        return _score_outputs(instrument, items, outputs)
    coded = {name: _code(instrument, item, items[name]) for name, item in instrument.items.items()}
    scores = {name: _sum(scale, coded) for name, scale in instrument.scales.items()}
    return pd.DataFrame(scores, index=items.index, dtype=float)


def _score_outputs(
    instrument: Instrument, items: pd.DataFrame, outputs: pd.DataFrame
) -> pd.DataFrame:
    computed = [name for name, scale in instrument.scales.items() if scale.kind == "algorithm"]
    _need(instrument, computed, outputs)
    scores: dict[str, NDArray[np.float64]] = {}
    for name, scale in instrument.scales.items():
        if scale.kind == "algorithm":
            levels = {level.text: level.value for level in scale.levels}
            positions, uniques = pd.factorize(outputs[name])
            table = [_output(scale, levels, _text(value)) for value in uniques]
            scores[name] = np.array([*table, np.nan])[positions]
        elif set(scale.parts) <= set(scores):
            scores[name] = np.sum([scores[part] for part in scale.parts], axis=0)
        else:
            coded = {
                item: _code(instrument, instrument.items[item], items[item]) for item in scale.items
            }
            scores[name] = _sum(scale, coded)
    return pd.DataFrame(scores, index=outputs.index, dtype=float)


def needs_exact(instrument: Instrument, scale: Scale, items: pd.DataFrame) -> bool:
    """Whether scores of a scale have more digits than the numbers of ``score`` can say.

    A double is exact to 15 digits, and only the readings of a measured item, or their sum, can have
    more. ``items``: as text, as cleaned; a column that is absent has no readings.
    """
    if scale.kind == "algorithm":
        return False
    measured = [name for name in scale.items if instrument.items[name].range]
    whole = scale.missing_rule == "require_all" or scale.kind == "item"
    if not whole or len(measured) < len(scale.items):
        return False
    there = [as_categories(items[name]) for name in measured if name in items]
    parts = [text.partition(".") for column in there for text in present_texts(column)]
    most = [max((len(part[place]) for part in parts), default=0) for place in (0, 2)]
    return sum(most) + len(str(len(measured))) > DOUBLE_DIGITS


def exact_texts(instrument: Instrument, scale: Scale, items: pd.DataFrame) -> list[str]:
    """The scores of a scale as exact decimal text, one a row; empty where there is none.

    For a scale that ``needs_exact``. ``items``: as text, as cleaned.
    """
    texts = []
    for row in zip(*(items[name].astype("str") for name in scale.items), strict=True):
        numbers = [read_decimal(text) for text in row]
        found = [number for number in numbers if number is not None]
        texts.append(in_digits(reduce(EXACT.add, found)) if len(found) == len(row) else "")
    return texts


def _need(instrument: Instrument, names: list[str], table: pd.DataFrame) -> None:
    absent = [name for name in names if name not in table.columns]
    if absent:
        raise InputError(
            f"{instrument.label}: {len(absent)} of {len(names)} columns are absent: "
            f"{', '.join(absent[:5])}{', …' if len(absent) > 5 else ''}",
            "map them in the export's mapping; an item that was not assessed is an empty column",
        )


def _output(scale: Scale, levels: Mapping[str, float], text: str) -> float:
    if "," in text or text in UNDETERMINED:
        return np.nan
    bare = text.rstrip("*")
    if bare in levels:
        return levels[bare]
    if not levels and bare.isdecimal() and scale.minimum <= int(bare) <= scale.maximum:
        return float(bare)
    raise InputError(
        f"{scale.label}: {text!r} is not an output of this scale; allowed: "
        + (", ".join(levels) or f"{plain(scale.minimum)} to {plain(scale.maximum)}"),
        "pass the classification's own table",
    )


@dataclass(frozen=True)
class _Coded:
    numbers: NDArray[np.float64]
    untestable: NDArray[np.bool_]


def _code(instrument: Instrument, item: Item, column: "pd.Series[Any]") -> _Coded:
    """Numbers of one column, NaN where it is empty, not testable or a word."""
    codes = dict(zip(item.values, item.codes, strict=True))
    limits = item.range
    positions, uniques = pd.factorize(column)
    # One more place at the end: `factorize` points missing values to -1.
    numbers = np.full(len(uniques) + 1, np.nan)
    untestable = np.zeros(len(uniques) + 1, dtype=bool)
    for place, value in enumerate(uniques):
        text = _text(value)
        number = read_decimal(text) if limits else None
        if limits and number is not None and limits.holds(number):
            numbers[place] = float(number)
        elif text in codes:
            code = codes[text]
            numbers[place] = np.nan if code is None else code
            untestable[place] = text in item.not_testable
        elif text:
            rows = np.flatnonzero(positions == place)
            _refuse(instrument, item, text, column.index[rows[0]], len(rows))
    return _Coded(numbers[positions], untestable[positions])


def _refuse(instrument: Instrument, item: Item, text: str, row: Hashable, cells: int) -> None:
    allowed = str(item.range) if item.range else ", ".join(item.values)
    raise InputError(
        f"{instrument.label}: column {item.name}, row {row}: {text!r} is not permitted; allowed: "
        f"{allowed}" + (f" ({cells} cells have it)" if cells > 1 else ""),
        "correct the cell, or leave it empty where the item was not assessed",
    )


def _text(value: Any) -> str:
    """A cell as an examiner writes it: whole numbers without a decimal point."""
    if isinstance(value, float | np.floating) and np.isfinite(value):
        return plain(float(value))
    return str(value)


def _sum(scale: Scale, coded: Mapping[str, _Coded]) -> NDArray[np.float64]:
    numbers = np.column_stack([coded[name].numbers for name in scale.items])
    if scale.missing_rule == "require_all" or scale.kind == "item":
        return total(numbers)
    absent = np.isnan(numbers)
    present = total(np.where(absent, 0.0, numbers))
    count = absent.sum(axis=1)
    allowed = count <= scale.missing_allowed
    if scale.missing_rule == "prorate":
        items = len(scale.items)
        return np.where(allowed, present * items / np.maximum(items - count, 1), np.nan)
    untestable = np.column_stack([coded[name].untestable for name in scale.items])
    blank = (absent & ~untestable).any(axis=1)
    return np.where(allowed & ~blank, present, np.nan)
