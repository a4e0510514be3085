"""What is read back of the words beside a number: its convention, its method.

Both are written for people. What the report needs to know of them is a field here; ``str()`` is
the text of the results table and ``parse`` of the same class its only reader.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Self

from owncontrol.privacy.ages import MEANING

NOT_ESTIMABLE = "not estimable: "
POST_HOC = "post hoc, not in the plan"
APART = "; "


@dataclass(frozen=True)
class Convention:
    """The convention of a number: its words, or the ``reason`` for which it cannot be had.

    ``post_hoc``: about what the plan does not declare.
    """

    words: str = ""
    reason: str = ""
    post_hoc: bool = False

    def __str__(self) -> str:
        """The text of the results table."""
        said = f"{NOT_ESTIMABLE}{self.reason}" if self.reason else self.words
        return APART.join(filter(None, [said, POST_HOC if self.post_hoc else ""]))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of any text of the column."""
        said = "" if text == POST_HOC else text.removesuffix(f"{APART}{POST_HOC}")
        reason = said.removeprefix(NOT_ESTIMABLE)
        if reason != said:
            return cls("", reason, said != text)
        return cls(said, "", said != text)


@dataclass(frozen=True)
class Interpolated:
    """Convention of an order statistic; ``oldest``: an age above 89 stands as the least of them."""

    oldest: bool = False

    def __str__(self) -> str:
        """The text of the results table."""
        words = "linear interpolation between order statistics"
        return f"{words}{APART}{MEANING}" if self.oldest else words


# A claim on a bound that no data of so many subjects could keep: the reason begins so.
NOT_SHOWABLE = "cannot be shown with "


@dataclass(frozen=True)
class Untestable:
    """Why a claim has no verdict: the reason of its number."""

    because: str

    def __str__(self) -> str:
        """The text of the results table."""
        return f"cannot be tested with this design: {self.because}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for any other reason."""
        because = text.removeprefix(str(cls("")))
        if because == text:
            raise ValueError(f"{text!r} is no reason for which a claim has no verdict")
        return cls(because)


class Timing(Enum):
    """When the subjects were examined, beside the patients of a published rate."""

    LATER = ": later, so less natural recovery is left than there"
    EARLIER = ": earlier, so more natural recovery is left than there"
    OVERLAPPING = ": overlapping"
    NOT_KNOWN_HERE = "; day of the exam here not known"
    NOT_KNOWN_THERE = "; day of the source's exam mixed or not known"


@dataclass(frozen=True)
class RateConvention:
    """Convention of a published rate: the rate (and both exams, where known), then the timing."""

    rate: str
    timing: Timing

    def __str__(self) -> str:
        """The text of the results table."""
        return f"{self.rate}{self.timing.value}{ONE_SIDED}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for any other convention."""
        for timing in Timing:
            rate = text.removesuffix(f"{timing.value}{ONE_SIDED}")
            if rate != text:
                return cls(rate, timing)
        raise ValueError(f"{text!r} is no convention of a published rate")


ONE_SIDED = f"{APART}one-sided"


def is_exact(method: str) -> bool:
    """Whether a method is an exact one: its words begin so."""
    return method.startswith("exact")
