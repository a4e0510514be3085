"""What an instrument's definition holds, as typed and frozen data."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from owncontrol.basics.decimals import EXACT, in_digits, is_multiple


@dataclass(frozen=True)
class Range:
    """What a measured item may hold: decimal numbers from ``minimum`` to ``maximum``.

    Ends are infinite where there is none. ``step``: of a reading in steps, whose values are
    ``minimum`` and whole steps above it; None where any number between the two is possible.
    """

    minimum: Decimal
    maximum: Decimal
    step: Decimal | None

    def holds(self, number: Decimal) -> bool:
        """Whether the number is one of the range's values."""
        return self.minimum <= number <= self.maximum and self.fits(number)

    def fits(self, number: Decimal) -> bool:
        """Whether the number lies on the range's steps, where it has any."""
        return self.step is None or is_multiple(EXACT.subtract(number, self.origin), self.step)

    @property
    def origin(self) -> Decimal:
        """The value that steps count from: the lowest, or 0 where there is none."""
        return self.minimum if self.minimum.is_finite() else Decimal(0)

    def __str__(self) -> str:
        """The range in words, as messages name it."""
        low, high = self.minimum, self.maximum
        if low.is_finite() and high.is_finite():
            ends = f"{in_digits(low)} to {in_digits(high)}"
        elif low.is_finite() or high.is_finite():
            ends = f"from {in_digits(low)}" if low.is_finite() else f"up to {in_digits(high)}"
        else:
            ends = "any number"
        return ends if self.step is None else f"{ends} in steps of {in_digits(self.step)}"


@dataclass(frozen=True)
class Item:
    """One thing assessed, one column of the cleaned table.

    ``values`` are the permitted texts, exactly as scored; ``codes`` their numbers (None where a
    value has none), ``not_testable`` those that say the item could not be tested. An empty cell
    is missing, unless the item is ``optional``. ``range``: of a measured item, which has no
    ``values``; None for one that is rated. ``earlier``: what earlier editions wrote, and the value
    that it stands for, with ``earlier_note`` about it.
    """

    name: str
    label: str
    values: tuple[str, ...]
    codes: tuple[float | None, ...]
    not_testable: tuple[str, ...]
    optional: bool
    range: Range | None = None
    earlier: tuple[tuple[str, str], ...] = ()
    earlier_note: str = ""


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

    ``minimum``, ``maximum``: infinite where there is no end. ``resolution``: the smallest
    difference of two scores; 0 for a measurement without steps.

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
