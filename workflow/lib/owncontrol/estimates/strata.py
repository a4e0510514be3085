"""Strata of data quality, patients, change, responders and sensitivity."""

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from owncontrol.basics.decimals import plain
from owncontrol.estimates.stratum import Named, Stratum, Written, without


class RawFile(Named):
    """The rows of one raw file."""


@dataclass(frozen=True)
class AllFiles(Written):
    """All raw files together."""

    form = "all files"


class CanonicalTable(Named):
    """The rows of one table, over all raw files."""


class PublishedCohort(Named):
    """Subjects beside one published cohort."""

    on_clock = True


class PredictionRule(Named):
    """Subjects beside what one published rule predicts of them."""

    on_clock = True


@dataclass(frozen=True)
class TableInFile(Written):
    """The cells of one table in one raw file."""

    form = "{table} ({file})"
    table: str
    file: str


@dataclass(frozen=True)
class OfFindings(Stratum):
    """Findings of a severity, of one rule or (without) of all."""

    severity: str
    rule: str = ""

    def __post_init__(self) -> None:
        """InputError for parts that could not be told apart again."""
        without(": ", self.severity)

    def __str__(self) -> str:
        """The text of the results table."""
        return f"{self.severity}: {self.rule}" if self.rule else self.severity

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``severity`` or ``severity: rule``."""
        severity, _, rule = text.partition(": ")
        return cls(severity, rule) if severity else None


class OfInstrument(Named):
    """The scores of one instrument."""


@dataclass(frozen=True)
class RecordedGrade(Stratum):
    """Exams by the grade that the examiner wrote and the one that was computed."""

    recorded: str
    computed: str

    def __post_init__(self) -> None:
        """InputError for parts that could not be told apart again."""
        without(" recorded, ", self.computed)

    def __str__(self) -> str:
        """The text of the results table."""
        return f"{self.recorded} recorded, {self.computed} computed"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``A recorded, B computed``."""
        recorded, _, computed = text.rpartition(" recorded, ")
        return cls(recorded, computed.removesuffix(" computed"))


class HavingValue(Named):
    """Subjects with one value of a characteristic."""

    @property
    def is_true(self) -> bool:
        """Whether the value is the truth of a yes-or-no characteristic."""
        return self.name == "True"


class OfArm(Named):
    """The subjects of one arm."""


@dataclass(frozen=True)
class AssessorOfPair(Stratum):
    """Subjects by whether the same assessor made both exams."""

    same: bool

    def __str__(self) -> str:
        """The text of the results table."""
        return "same assessor" if self.same else "another assessor"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``same assessor`` or ``another assessor``."""
        return cls(text == "same assessor")


class OfSubject(Named):
    """One subject, by code."""


class OfPlan(Named):
    """Departures from the plan of one area, or disclosures of one kind."""


class ScoreGrade(Named):
    """Subjects with one grade of an ordinal scale; ``undetermined`` and ``unknown`` among them."""


@dataclass(frozen=True)
class Move(Written):
    """Subjects with one grade before and one after."""

    form = "{before} to {after}"
    before: str
    after: str


@dataclass(frozen=True)
class Visits(Written):
    """So many visits, at which nobody is missing."""

    form = "{count} visits"
    count: int


@dataclass(frozen=True)
class ByWeek(Written):
    """By the end of a week from treatment."""

    form = "week {week}"
    on_clock: ClassVar[bool] = True
    week: int


@dataclass(frozen=True)
class AtTime(Stratum):
    """At a time from the start, in the unit of its column."""

    DECIMALS: ClassVar[int] = 9

    time: float

    def __str__(self) -> str:
        """The text of the results table."""
        return f"at {plain(self.time, self.DECIMALS)}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``at 90``."""
        found = re.fullmatch(r"at ([0-9]+(?:\.[0-9]+)?)", text)
        return cls(float(found[1])) if found else None


@dataclass(frozen=True)
class CurveStep(Written):
    """One step of a curve, counted from 1."""

    form = "step {place:02d}"
    place: int


@dataclass(frozen=True)
class Specification(Written):
    """One combination of the choices of an analysis: test, baseline, analysis set."""

    form = "{test}; {baseline}; {population}"
    test: str
    baseline: str
    population: str


@dataclass(frozen=True)
class RatingShift(Stratum):
    """Every rating taken as too good by so much (in the scale's unit; at most 9 decimals)."""

    shift: float

    def __str__(self) -> str:
        """The text of the results table."""
        return f"shift {plain(self.shift, 9)}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``shift 0.5``."""
        found = re.fullmatch(r"shift (-?[0-9]+(?:\.[0-9]+)?)", text)
        return cls(float(found[1])) if found else None
