"""What the statistics of all analyses have in common.

A member of an enumeration of them is its name in the results table, and with it:

- ``printed``: what kind of number it is, which decides on its digits (estimates.digits)
  and on how a claim shows it;
- ``reads``: what its lineage has beside what its ``inputs`` name (owncontrol.lineage.chain);
- ``strata``: the kinds of strata that it has; none: it is about the whole group.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Self

from owncontrol.estimates.stratum import Stratum, WholeGroup


class Printed(Enum):
    """What kind of number a statistic is."""

    COUNT = auto()
    PROPORTION = auto()  # events of n, with an interval
    SHARE = auto()  # a share that is not counted here
    OBSERVED = auto()  # a value of the scale, or the day of a visit
    ESTIMATED = auto()  # an estimate on the scale
    DAYS = auto()  # an estimated day whose bounds are days of visits
    A_WEEK = auto()  # a change a week
    EXPECTED = auto()  # a number of subjects expected from a rate
    TEST = auto()  # the statistic of a test whose p-value is adjusted
    SMALLEST_P = auto()
    LARGEST_P = auto()
    BOUND = auto()  # a share of which the upper bound is what counts
    OTHER = auto()  # a test statistic, a coefficient


@dataclass(frozen=True)
class Reads:
    """What an estimate is made of beside what its inputs name.

    ``dates``: time is what is estimated. ``recorded``: the score that the examiner wrote.
    ``deciding``: cleaned columns that decide which rows it counts, in place of the one that it
    describes. ``every_set``: all analysis sets of the sensitivity analysis.
    """

    dates: bool = False
    recorded: bool = False
    deciding: tuple[str, ...] = ()
    every_set: bool = False


INPUTS = Reads()
DATES = Reads(dates=True)
RECORDED = Reads(recorded=True)
EVERY_SET = Reads(every_set=True)


class Statistic(StrEnum):
    """Base of the statistics of every analysis."""

    printed: Printed
    reads: Reads
    strata: tuple[type[Stratum], ...]

    def __new__(cls, name: str, printed: Printed, reads: Reads, *strata: type[Stratum]) -> Self:
        """A member of that name."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.printed, member.reads = printed, reads
        member.strata = strata or (WholeGroup,)
        return member

    def stratum(self, text: str) -> Stratum:
        """The stratum that a text of the results table is; ValueError if it is of no kind here."""
        for kind in self.strata:
            try:
                return kind.parse(text)
            except ValueError:
                continue
        raise ValueError(f"{self!r} has no stratum '{text}': {self.kinds}")

    def check(self, stratum: Stratum) -> None:
        """ValueError for a stratum of a kind that is not declared for this statistic."""
        if not isinstance(stratum, self.strata):
            raise ValueError(f"{self!r} has no stratum {stratum!r}: {self.kinds}")

    @property
    def kinds(self) -> str:
        """The declared kinds of its strata, for a message."""
        return f"declared are {', '.join(kind.__name__ for kind in self.strata)}"
