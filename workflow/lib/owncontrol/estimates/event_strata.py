"""Strata of adverse events. ``known``: whether it is known that the events are of them."""

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from owncontrol.estimates.stratum import Stratum, Written

NOT_KNOWN = "not known"


@dataclass(frozen=True)
class EventKind(Stratum):
    """Adverse events of a kind; ``unknown``: those of which it is not known."""

    kind: str
    unknown: bool = False
    KINDS: ClassVar[tuple[str, ...]] = ("any", "serious", "related", "serious and related")

    @property
    def known(self) -> bool:
        """Whether the events are known to be of the kind."""
        return not self.unknown

    def __str__(self) -> str:
        """The text of the results table."""
        return f"{self.kind} {NOT_KNOWN}".lstrip() if self.unknown else self.kind

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``serious`` or ``serious not known``."""
        kind = text.removesuffix(NOT_KNOWN)
        found = cls(kind.rstrip(), unknown=kind != text)
        return found if found.kind in cls.KINDS else None


@dataclass(frozen=True)
class Onset(EventKind):
    """Adverse events by when they began; unknown ``day``: those without a day of onset."""

    KINDS: ClassVar[tuple[str, ...]] = ("before treatment", "after treatment", "day", "")


@dataclass(frozen=True)
class Relation(Stratum):
    """Adverse events by their relation to the treatment; None: not known."""

    relation: str | None

    @property
    def known(self) -> bool:
        """Whether the relation is."""
        return self.relation is not None

    def __str__(self) -> str:
        """The text of the results table."""
        return f"relation {self.relation or NOT_KNOWN}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``relation possible``."""
        word = text.removeprefix("relation ")
        return cls(None if word == NOT_KNOWN else word)


@dataclass(frozen=True)
class CtcaeGrade(Stratum):
    """Adverse events of a grade, such as CTCAE has; None: not known."""

    grade: int | None

    @property
    def known(self) -> bool:
        """Whether the grade is."""
        return self.grade is not None

    def __str__(self) -> str:
        """The text of the results table."""
        return f"grade {NOT_KNOWN if self.grade is None else self.grade}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``grade 3``."""
        word = text.removeprefix("grade ")
        if word == NOT_KNOWN:
            return cls(None)
        return cls(int(word)) if re.fullmatch("[0-9]", word) else None


@dataclass(frozen=True)
class Severity(Stratum):
    """Adverse events of a severity, in a declared word; None: not known."""

    word: str | None

    @property
    def known(self) -> bool:
        """Whether the severity is."""
        return self.word is not None

    def __str__(self) -> str:
        """The text of the results table."""
        return f"severity {self.word or NOT_KNOWN}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``severity moderate``."""
        word = text.removeprefix("severity ")
        return cls(None if word == NOT_KNOWN else word)


@dataclass(frozen=True)
class OrganClass(Written):
    """Adverse events of a system organ class."""

    form = "class {name}"
    name: str

    def numbered(self, count: int) -> Self:
        """The same with a number, where another class has the same id."""
        return type(self)(f"{self.name} ({count})")


@dataclass(frozen=True)
class ClassTerm(Stratum):
    """Adverse events of a term in a system organ class."""

    organ_class: str
    term: str

    def __str__(self) -> str:
        """The text of the results table."""
        return f"class {self.organ_class}: {self.term}"

    def numbered(self, count: int) -> Self:
        """The same with a number, where another term has the same id."""
        return type(self)(self.organ_class, f"{self.term} ({count})")

    @classmethod
    def read(cls, text: str) -> Self | None:
        """``class Investigations: raised CRP``; the class is what comes before the first colon."""
        organ_class, _, term = text.removeprefix("class ").partition(": ")
        return cls(organ_class, term)

    def among(self, classes: list[str]) -> Self | None:
        """The same events with their class as one of ``classes``: a class may have a colon itself.

        None where none of them is it: the text is itself that of a class, not of a term.
        """
        text = str(self)
        fitting = [name for name in classes if text.startswith(f"class {name}: ")]
        if text in (f"class {name}" for name in classes) or not fitting:
            return None
        name = max(fitting, key=len)
        return type(self)(name, text.removeprefix(f"class {name}: "))


@dataclass(frozen=True)
class ListedEvent(Written):
    """One adverse event that is listed by itself: subject, and its number among theirs."""

    form = "{subject}, listed event {number}"
    subject: str
    number: int


EventStratum = EventKind | Onset | Relation | CtcaeGrade | Severity | OrganClass | ClassTerm
