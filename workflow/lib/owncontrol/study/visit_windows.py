"""Visits that no column names: made of the day, or the date, of each row."""

import itertools
from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from owncontrol.study.base import FrozenMapping, Items, NotEmpty, Number, Pair, Part

WINDOW = "{window}"  # the visit of a row, as a column of its raw cells
FROM_TARGET = "{from_target}"  # how far a row is from its visit's target, as another one


class VisitWindows(Part):
    """Which visit a row is of, by a number or a date that is in it."""

    column: NotEmpty = Field(
        description=(
            "Raw column of a number (days, months, the age) or, with `since_first`, of a date."
        ),
    )
    since_first: Items[NotEmpty] = Field(
        default=(),
        description=(
            "Raw columns of the study code: the column has dates, and what is compared are the "
            "days since the first date of the subject in the file."
        ),
    )
    windows: FrozenMapping[NotEmpty, Pair[Number]] = Field(
        description=(
            "Visit of the schedule, and the first and the last number that are of it. A row "
            'outside of all windows has no visit: leave it out with `keep: {"{window}": [...]}`, '
            "or it is set aside."
        ),
        min_length=1,
    )
    targets: FrozenMapping[NotEmpty, Number] = Field(
        default=FrozenMapping(),
        description=(
            "Visit, and the number or day that was planned for it; left out, 0 where that lies in "
            "its window, else the middle of the window. With `duplicates: keep_nearest` the row "
            "nearest to it is read."
        ),
    )

    @model_validator(mode="after")
    def _aim_inside(self) -> Self:
        for name, target in self.targets.items():
            if name not in self.windows:
                raise ValueError(f"targets: there is no window of '{name}'")
            first, last = self.windows[name]
            if not first <= target <= last:
                raise ValueError(f"targets: {name} ({target:g}) lies outside its window")
        return self

    def target(self, visit: str) -> float:
        """The number that was planned for a visit; without one 0, or the middle of its window."""
        first, last = self.windows[visit]
        middle = 0.0 if first <= 0 <= last else (first + last) / 2
        return self.targets.get(visit, middle)

    @model_validator(mode="after")
    def _do_not_overlap(self) -> Self:
        ordered = sorted(self.windows.items(), key=lambda entry: entry[1])
        for name, (first, last) in ordered:
            if first > last:
                raise ValueError(f"windows: {name} ends before it begins")
        for (one, (_, last)), (other, (first, _)) in itertools.pairwise(ordered):
            if first <= last:
                raise ValueError(f"windows: {one} and {other} overlap")
        return self


def visit_at(number: float | None, windows: Mapping[str, tuple[float, float]]) -> str:
    """The visit in whose window a number lies; empty for none."""
    if number is None:
        return ""
    return next((name for name, (a, b) in windows.items() if a <= number <= b), "")
