"""What an instrument's definition holds, as typed and frozen data."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Item:
    """One thing assessed, one column of the cleaned table.

    ``values`` are the permitted texts, exactly as scored; ``codes`` their numbers (None where a
    value has none), ``not_testable`` those that say the item could not be tested. An empty cell
    is missing, unless the item is ``optional``. ``step``: of a measured item, whose values are the
    multiples of it; 0 for one that is rated.
    """

    name: str
    label: str
    values: tuple[str, ...]
    codes: tuple[float | None, ...]
    not_testable: tuple[str, ...]
    optional: bool
    step: float = 0.0


@dataclass(frozen=True)
class Level:
    """One grade of an ordinal scale: its number, its text as scored, and what it means."""

    value: float
    text: str
    label: str


@dataclass(frozen=True)
class ImportantDifference:
    """A published threshold of change, absolute; ``upper`` where the source gives a range."""

    threshold: float
    upper: float | None
    kind: str
    population: str
    source: str


@dataclass(frozen=True)
class Scale:
    """One score. ``items`` are the item columns it depends on; ``levels`` are in order.

    ``parts`` are its items as the definition writes them: items, or earlier scales that stand
    for theirs; a sum of an algorithm's outputs adds its parts.
    ``missing_rule`` and ``missing_allowed`` say what a sum does about missing items, and
    ``missing_source`` who says so (see the schema).
    """

    name: str
    label: str
    items: tuple[str, ...]
    parts: tuple[str, ...]
    kind: Literal["sum", "item", "algorithm"]
    direction: Literal["higher_is_better", "lower_is_better"]
    minimum: float
    maximum: float
    resolution: float
    unit: str
    missing_rule: Literal["require_all", "omit_untestable", "prorate"]
    missing_allowed: int
    missing_source: str
    levels: tuple[Level, ...]
    important_differences: tuple[ImportantDifference, ...]


@dataclass(frozen=True)
class Instrument:
    """A clinical scale: items and scales by name, in the order of its definition."""

    name: str
    label: str
    edition: str
    source: str
    items: dict[str, Item]
    scales: dict[str, Scale]
    algorithm: str | None
