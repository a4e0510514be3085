"""Attacks on the project, by kind: what is tried, and how one sees whether it was held.

Each module of this folder has a function ``attacks()`` that gives its list. ``make attack`` tries
all of them and prints how many were held; the tests try a small seeded sample.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def nothing() -> None:
    """What most attacks need."""


@dataclass(frozen=True)
class Attack:
    """One attack.

    ``name``: what is tried, in plain words. ``attempt``: tries it in an empty folder of its own and
    gives an empty text where it was held, else one line that says what got through; any exception
    counts as not held. ``whole_run``: takes a run of a study, many seconds. ``needs``: called before
    the attempt, in the process that starts it: makes what several attacks share, once.
    """

    name: str
    attempt: Callable[[Path], str]
    whole_run: bool = False
    needs: Callable[[], object] = nothing
