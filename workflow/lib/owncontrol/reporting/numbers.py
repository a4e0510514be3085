"""The one way for a number into the report: by its estimate_id."""

from collections import defaultdict
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.reporting import formats
from owncontrol.tables import read_table, records


@dataclass(frozen=True)
class Shown:
    """A number as it is printed, with the estimate it is."""

    text: str
    estimate_id: str


class Numbers:
    """Analysis results by ``estimate_id``, formatted, each marked with where it comes from.

    ``mark``: turns a Shown into what the page holds (a link in HTML, plain text in print).
    ``shown``: every estimate_id that was asked for, so that the page can carry their cards.
    """

    def __init__(self, estimates: pd.DataFrame, mark: Callable[[Shown], Any]) -> None:
        """Take the table of all estimates."""
        self._rows: dict[str, dict[str, Any]] = {
            str(row["estimate_id"]): row for row in records(estimates)
        }
        self._having: dict[str, dict[Any, list[str]]] = {}
        self._mark = mark
        self.shown: set[str] = set()

    def marked(self, mark: Callable[[Shown], Any]) -> "Numbers":
        """The same analysis results, each marked otherwise, and none of them shown yet."""
        other = copy(self)
        other._mark, other.shown = mark, set()
        return other

    def __contains__(self, estimate_id: str) -> bool:
        """Whether there is such an estimate."""
        return estimate_id in self._rows

    def row(self, estimate_id: str) -> dict[str, Any]:
        """The whole row; KeyError with the id where a template asks for one that is not there."""
        if estimate_id not in self._rows:
            raise KeyError(f"the analysis results have no estimate '{estimate_id}'")
        return self._rows[estimate_id]

    def find(self, **conditions: str) -> list[str]:
        """Ids of all estimates whose columns have the given values, in the table's order."""
        having = [self._by_value(column).get(value, []) for column, value in conditions.items()]
        return [
            estimate_id
            for estimate_id in min(having, key=len)
            if all(self._rows[estimate_id][key] == value for key, value in conditions.items())
        ]

    def _by_value(self, column: str) -> dict[Any, list[str]]:
        """The ids of the estimates by their value of a column, in the table's order."""
        if column not in self._having:
            found: dict[Any, list[str]] = defaultdict(list)
            for estimate_id, row in self._rows.items():
                found[row[column]].append(estimate_id)
            self._having[column] = found
        return self._having[column]

    def raw(self, estimate_id: str) -> float:
        """The value itself, for a template's choice of words; never for print."""
        return float(self.row(estimate_id)["value"])

    def raw_n(self, estimate_id: str) -> int:
        """How many it was computed from, for the choice between one and several."""
        return int(self.row(estimate_id)["n"])

    def value(self, estimate_id: str, digits: int | None = None) -> Any:
        """The number."""
        return self._show(estimate_id, formats.number(self.raw(estimate_id), digits))

    def change(self, estimate_id: str, digits: int | None = None) -> Any:
        """The number with its sign."""
        return self._show(estimate_id, formats.signed(self.raw(estimate_id), digits))

    def interval(self, estimate_id: str, digits: int | None = None) -> Any:
        """The bounds of its interval."""
        row = self.row(estimate_id)
        return self._show(estimate_id, formats.interval(row["lower"], row["upper"], digits))

    def percent(self, estimate_id: str) -> Any:
        """A share, in percent."""
        return self._show(estimate_id, formats.percent(self.raw(estimate_id)))

    def interval_percent(self, estimate_id: str) -> Any:
        """The bounds of a share's interval, in percent."""
        row = self.row(estimate_id)
        text = f"{formats.percent(row['lower'])} to {formats.percent(row['upper'])}"
        return self._show(estimate_id, text)

    def upper_percent(self, estimate_id: str) -> Any:
        """The upper bound of a share, in percent."""
        return self._show(estimate_id, formats.percent(self.row(estimate_id)["upper"]))

    def level(self, estimate_id: str) -> Any:
        """The confidence level, in percent."""
        return self._show(estimate_id, formats.percent(self.row(estimate_id)["level"]))

    def p(self, estimate_id: str) -> Any:
        """The p-value with its sign."""
        return self._show(estimate_id, formats.p_value(self.row(estimate_id)["p"]))

    def p_adjusted(self, estimate_id: str) -> Any:
        """The adjusted p-value with its sign."""
        return self._show(estimate_id, formats.p_value(self.row(estimate_id)["p_adjusted"]))

    def n(self, estimate_id: str) -> Any:
        """What it was computed from."""
        return self._show(estimate_id, formats.number(int(self.row(estimate_id)["n"])))

    def events(self, estimate_id: str) -> Any:
        """Those with the event."""
        return self._show(estimate_id, formats.number(int(self.row(estimate_id)["events"])))

    def share(self, estimate_id: str) -> Any:
        """Events of n, with the percentage; that it is not known where it is not."""
        row = self.row(estimate_id)
        if row["events"] is None:
            return self._show(estimate_id, "not known")
        return self._show(estimate_id, formats.share(int(row["events"]), int(row["n"])))

    def _show(self, estimate_id: str, text: str) -> Any:
        self.shown.add(estimate_id)
        return self._mark(Shown(text, estimate_id))


def plain_numbers(path: Path | str) -> Numbers:
    """The estimates of a table on disk, shown as plain text."""
    return Numbers(read_table(path, "estimates"), lambda shown: shown.text)
