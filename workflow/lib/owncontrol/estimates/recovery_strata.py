"""Strata of the comparison with natural recovery and of the trial that would follow."""

import math
import re
from dataclasses import dataclass
from typing import ClassVar, Self

from owncontrol.basics.number_texts import number
from owncontrol.estimates.stratum import Stratum, Written


@dataclass(frozen=True)
class AllGrades(Written):
    """Subjects of every baseline grade together."""

    form = "all grades"


@dataclass(frozen=True)
class BaselineGrade(Stratum):
    """Subjects of one baseline grade."""

    grade: str

    def __str__(self) -> str:
        """The text of the results table."""
        return self.grade

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``A``."""
        return cls(text) if text else None


@dataclass(frozen=True)
class ExamDays(Stratum):
    """Subjects of one baseline grade, examined from ``first`` to ``last`` (None: open) day."""

    on_clock: ClassVar[bool] = True
    grade: str
    first: int
    last: int | None

    @classmethod
    def between(cls, grade: str, above: float, most: float) -> Self:
        """Of the days above ``above``, up to ``most`` (infinite: all later ones)."""
        return cls(grade, int(above) + 1, None if math.isinf(most) else int(most))

    def __str__(self) -> str:
        """The text of the results table."""
        if self.last is None:
            return f"{self.grade}, exam after day {self.first - 1}"
        return f"{self.grade}, exam day {self.first} to {self.last}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``A, exam day 15 to 28`` or ``A, exam after day 28``."""
        grade, _, span = text.rpartition(", exam ")
        if found := re.fullmatch(r"after day (-?[0-9]+)", span):
            return cls(grade, int(found[1]) + 1, None)
        if found := re.fullmatch(r"day (-?[0-9]+) to (-?[0-9]+)", span):
            return cls(grade, int(found[1]), int(found[2]))
        return None


@dataclass(frozen=True)
class PublishedRate(Written):
    """Subjects of one baseline grade, compared with one published rate: source and its patients."""

    form = "{grade}, {source}"
    grade: str
    source: str


@dataclass(frozen=True)
class AtRate(Stratum):
    """Subjects of one baseline grade, compared with a rate in hundredths."""

    grade: str
    hundredths: int

    def __str__(self) -> str:
        """The text of the results table."""
        return f"{self.grade}, rate {number(self.hundredths / 100, 2)}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``A, rate 0.02``."""
        grade, _, rate = text.rpartition(", rate ")
        found = re.fullmatch(r"([01])\.([0-9]{2})", rate)
        return cls(grade, int(found[1] + found[2])) if found else None


@dataclass(frozen=True)
class Misjudged(Written):
    """Subjects of every baseline grade, some misrated and some missing."""

    form = "{misrated} misrated, {missing} missing"
    misrated: int
    missing: int


@dataclass(frozen=True)
class NullWorld(Written):
    """Subjects of every baseline grade in a simulated world where the treatment does nothing."""

    form = "world: {world}"
    world: str


@dataclass(frozen=True)
class GainedIn(Stratum):
    """Subjects by whether they gained in function and in motor scores."""

    function: bool
    motor: bool

    def __str__(self) -> str:
        """The text of the results table."""
        return GAINS[self.function, self.motor]

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From one of its four texts."""
        return next((cls(*gained) for gained, words in GAINS.items() if words == text), None)


GAINS = {
    (True, True): "both gained",
    (True, False): "function only",
    (False, True): "motor only",
    (False, False): "neither",
}


@dataclass(frozen=True)
class TrialGrade(Stratum):
    """A trial in one grade; ``lower_bound``: with the lower bound of the share for the treated."""

    grade: str
    lower_bound: bool = False

    def __str__(self) -> str:
        """The text of the results table."""
        return f"{self.grade} lower bound" if self.lower_bound else self.grade

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``A`` or ``A lower bound``."""
        grade = text.removesuffix(" lower bound")
        return cls(grade, grade != text) if grade else None
