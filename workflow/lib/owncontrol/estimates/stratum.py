"""What part of the subjects, visits or rows an analysis result is about.

There is one type a kind of it (owncontrol.estimates.strata, recovery_strata, event_strata).
``str()`` of a stratum is the text of the results table, ``parse`` of the same class its only
reader: ``parse(str(x)) == x``. Which kinds a statistic has, its declaration says
(owncontrol.estimates.declared_statistics).
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from functools import cache
from string import Formatter
from typing import ClassVar, Self

from owncontrol.errors import InputError


class Stratum(ABC):
    """Base of all kinds. ``on_clock``: being in it is decided by the days of the assessments."""

    on_clock: ClassVar[bool] = False

    @property
    def known(self) -> bool:
        """Whether it is known what the rows are; False of those of which it is not."""
        return True

    @classmethod
    def parse(cls, text: str) -> Self:
        """The stratum of this kind with that text; ValueError if there is none."""
        found = cls.read(text)
        if found is None or str(found) != text:
            raise ValueError(f"{text!r} is no stratum of the kind {cls.__name__}")
        return found

    @classmethod
    @abstractmethod
    def read(cls, text: str) -> Self | None:
        """The parts of a text that is written as this kind is; None for another one."""


def without(separator: str, part: str) -> None:
    """Refuse a part of a stratum that could not be told from the next one."""
    if separator in part:
        raise InputError(
            f"'{part}' contains '{separator}', which parts the two sides of a stratum",
            "give the grade or name another text",
        )


@dataclass(frozen=True)
class Written(Stratum):
    """A stratum that is written as ``form``, in which its parts stand: texts and whole numbers."""

    form: ClassVar[str]

    def __post_init__(self) -> None:
        """InputError for parts that could not be told apart again."""
        parts = [getattr(self, part.name) for part in fields(self)]
        if self._parts(str(self)) != parts:
            raise InputError(
                f"the parts of '{self}' ({', '.join(repr(part) for part in parts)}) could not be "
                "told apart again",
                "give the grade or name another text",
            )

    def __str__(self) -> str:
        """The text of the results table."""
        return self.form.format_map(vars(self))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The parts between the words of ``form``."""
        parts = cls._parts(text)
        return None if parts is None else cls(*parts)

    @classmethod
    def _parts(cls, text: str) -> list[str | int] | None:
        found = _pattern(cls).fullmatch(text)
        if found is None:
            return None
        texts = [(part.type, found[part.name]) for part in fields(cls)]
        return [int(text) if kind is int else text for kind, text in texts]


@cache
def _pattern(kind: type[Written]) -> re.Pattern[str]:
    """What a text of the kind looks like."""
    parts = {part.name: "-?[0-9]+" if part.type is int else ".*?" for part in fields(kind)}
    return re.compile(
        "".join(
            re.escape(words) + (f"(?P<{name}>{parts[name]})" if name else "")
            for words, name, *_ in Formatter().parse(kind.form)
        ),
        re.DOTALL,
    )


@dataclass(frozen=True)
class WholeGroup(Written):
    """Everybody, or everything: no stratum."""

    form = ""


WHOLE = WholeGroup()


@dataclass(frozen=True)
class Named(Stratum):
    """A stratum that is written as what it is called, and nothing else."""

    name: str

    def __str__(self) -> str:
        """The text of the results table."""
        return self.name

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Any text but the empty one."""
        return cls(text) if text else None
