"""The one way for a number into the report: by its estimate_id."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from owncontrol.basics import number_texts
from owncontrol.basics.units import unit_for
from owncontrol.estimates import digits
from owncontrol.estimates.collect import slug
from owncontrol.estimates.declared_statistics import NAMES
from owncontrol.estimates.estimate import Estimate
from owncontrol.estimates.statistic import Statistic
from owncontrol.estimates.stratum import Stratum
from owncontrol.privacy.ages import OR_OLDER
from owncontrol.study.design import PATIENTS, SubjectWords
from owncontrol.tables import read_table, records

Kind = TypeVar("Kind", bound=Stratum)


@dataclass(frozen=True)
class Shown:
    """A number as it is printed, with the estimate it is."""

    text: str
    estimate_id: str


class Numbers:
    """Analysis results by ``estimate_id``, formatted, each marked with where it comes from.

    ``mark``: turns a Shown into what the page holds (a link in HTML, plain text in print).
    ``shown``: every estimate_id that was asked for, so that the page can carry their cards.
    ``decimals``: of the recorded values, by endpoint (see ``estimates.digits``). ``who``: what the
    subjects are called.
    """

    def __init__(
        self,
        estimates: pd.DataFrame,
        mark: Callable[[Shown], Any],
        decimals: Mapping[str, int] | None = None,
        who: SubjectWords = PATIENTS,
    ) -> None:
        """Take the table of all estimates."""
        self.who = who
        self._rows: dict[str, dict[str, Any]] = {
            str(row["estimate_id"]): row for row in records(estimates)
        }
        self._typed: dict[str, Estimate] = {}
        self._having: dict[str, dict[Any, list[str]]] = {}
        self._mark = mark
        self._decimals = dict(decimals or {})
        self.shown: set[str] = set()

    def marked(self, mark: Callable[[Shown], Any]) -> "Numbers":
        """The same analysis results, each marked otherwise, and none of them shown yet."""
        other = copy(self)
        other._mark, other.shown = mark, set()
        return other

    def __contains__(self, estimate_id: str) -> bool:
        """Whether there is such an estimate."""
        return estimate_id in self._rows

    def row(self, estimate_id: str) -> Estimate:
        """The whole row; KeyError with the id where a template asks for one that is not there."""
        if estimate_id not in self._rows:
            raise KeyError(f"the analysis results have no estimate '{estimate_id}'")
        if estimate_id not in self._typed:
            self._typed[estimate_id] = Estimate.of(self._rows[estimate_id])
        return self._typed[estimate_id]

    def beside(self, estimate_id: str, statistic: Statistic) -> str:
        """The id of another statistic about the same as an estimate."""
        return f"{estimate_id.rpartition('.')[0]}.{slug(statistic)}"

    def find(self, **conditions: str) -> list[str]:
        """Ids of all estimates whose columns have the given values, in the table's order.

        ValueError for a statistic that no analysis declares.
        """
        if conditions.get("statistic", "") not in NAMES | {""}:
            raise ValueError(f"no analysis declares the statistic '{conditions['statistic']}'")
        having = [self._by_value(column).get(value, []) for column, value in conditions.items()]
        return [
            estimate_id
            for estimate_id in min(having, key=len)
            if all(self._rows[estimate_id][key] == value for key, value in conditions.items())
        ]

    def in_strata(self, kind: type[Kind], **conditions: str) -> list[tuple[Kind, Estimate]]:
        """The estimates found (``find``) that are about a stratum of a kind, each with it."""
        rows = map(self.row, self.find(**conditions))
        return [(row.stratum, row) for row in rows if isinstance(row.stratum, kind)]

    def by_stratum(self, kind: type[Kind], **conditions: str) -> dict[Kind, str]:
        """By stratum, the id of the estimate found about it; ValueError where it has several."""
        found = self.in_strata(kind, **conditions)
        ids = {stratum: row.estimate_id for stratum, row in found}
        if len(ids) < len(found):
            raise ValueError(f"several estimates are about one stratum: {conditions}")
        return ids

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
        return self.row(estimate_id).value

    def raw_n(self, estimate_id: str) -> int:
        """How many it was computed from, for the choice between one and several."""
        return self.row(estimate_id).counted

    def value(self, estimate_id: str) -> Any:
        """The number, with the digits that its scale has."""
        return self._show(estimate_id, self._text(estimate_id, number_texts.number))

    def of_another_run(self, estimate_id: str, value: float) -> str:
        """A value that the estimate had in another run, as text with its digits, unmarked."""
        row = self.row(estimate_id)
        return number_texts.estimate(value, digits.of_value(row, self._known(row)))

    def step(self, estimate_id: str, names: Sequence[str], minimum: float) -> Any:
        """The name of a step of a scale (C6); of a value between two steps both (C6/C7).

        ``names``: those of all steps from ``minimum`` on.
        """
        text = _step(self.raw(estimate_id) - minimum, names)
        return self._show(estimate_id, text) if text else self.value(estimate_id)

    def steps(self, estimate_id: str, names: Sequence[str], minimum: float) -> Any:
        """The bounds of its interval by the names of the steps, as ``step``."""
        row = self.row(estimate_id)
        ends = [_step(end - minimum, names) for end in (row.lower, row.upper)]
        if not all(ends):
            return self.interval(estimate_id)
        return self._show(estimate_id, " to ".join(ends))

    def change(self, estimate_id: str) -> Any:
        """The number with its sign."""
        return self._show(estimate_id, self._text(estimate_id, number_texts.signed))

    def noun(self, estimate_id: str, noun: str) -> str:
        """The noun, or the unit's word, that fits the number as it is printed."""
        return unit_for(self._text(estimate_id, number_texts.number), noun)

    def interval(self, estimate_id: str) -> Any:
        """The bounds of its interval."""
        row = self.row(estimate_id)
        places = digits.of_bounds(row, self._known(row))
        lower, upper = (number_texts.without_noise(end, places) for end in (row.lower, row.upper))
        return self._show(estimate_id, number_texts.interval(lower, upper, places))

    def percent(self, estimate_id: str) -> Any:
        """A share, in percent."""
        return self._show(estimate_id, number_texts.percent(self.raw(estimate_id), 1))

    def interval_percent(self, estimate_id: str) -> Any:
        """The bounds of a share's interval, in percent."""
        row = self.row(estimate_id)
        text = f"{number_texts.percent(row.lower, 1)} to {number_texts.percent(row.upper, 1)}"
        return self._show(estimate_id, text)

    def upper_percent(self, estimate_id: str) -> Any:
        """The upper bound of a share, in percent."""
        return self._show(estimate_id, number_texts.percent(self.row(estimate_id).upper, 1))

    def level(self, estimate_id: str) -> Any:
        """The confidence level, in percent."""
        return self._show(estimate_id, number_texts.percent(self.row(estimate_id).level))

    def p(self, estimate_id: str) -> Any:
        """The p-value with its sign."""
        return self._show(estimate_id, number_texts.p_value(self.row(estimate_id).p))

    def p_adjusted(self, estimate_id: str) -> Any:
        """The adjusted p-value with its sign."""
        return self._show(estimate_id, number_texts.p_value(self.row(estimate_id).p_adjusted))

    def n(self, estimate_id: str) -> Any:
        """What it was computed from."""
        return self._show(estimate_id, number_texts.number(self.row(estimate_id).counted))

    def events(self, estimate_id: str) -> Any:
        """Those with the event."""
        return self._show(estimate_id, number_texts.number(self.row(estimate_id).occurred))

    def share(self, estimate_id: str) -> Any:
        """Events of n, with the percentage; that it is not known where it is not."""
        row = self.row(estimate_id)
        if row.events is None:
            return self._show(estimate_id, "not known")
        return self._show(estimate_id, number_texts.share(row.events, row.counted))

    def columns(self) -> dict[str, list[str]]:
        """Value, bounds and p-values of every estimate as text, in the table's order."""
        written: dict[str, list[str]] = defaultdict(list)
        for row in map(self.row, self._rows):
            known = self._known(row)
            places = {"value": digits.of_value(row, known)}
            places |= dict.fromkeys(("lower", "upper"), digits.of_bounds(row, known))
            for name, most in places.items():
                value = getattr(row, name)
                text = "" if math.isnan(value) else number_texts.estimate(value, most)
                written[name].append(OR_OLDER if name == "value" and row.is_oldest else text)
            for name in ("p", "p_adjusted"):
                p = getattr(row, name)
                text = "" if math.isnan(p) else number_texts.p_value(p)[2:].lstrip("= ")
                written[name].append(text)
        return written

    def _text(self, estimate_id: str, written: Callable[[float, int | None], str]) -> str:
        row = self.row(estimate_id)
        if row.is_oldest:
            return OR_OLDER
        places = digits.of_value(row, self._known(row))
        return written(number_texts.without_noise(self.raw(estimate_id), places), places)

    def _known(self, row: Estimate) -> int:
        """Decimals of the recorded values that an estimate is about.

        Where nobody has said, those of the smallest and the largest value, which are recorded ones.
        """
        name = digits.key(row)
        if name not in self._decimals:
            ends = (f"{name}.{end}" for end in ("minimum", "maximum"))
            self._decimals[name] = number_texts.most_decimals(
                self.raw(end) for end in ends if end in self._rows
            )
        return self._decimals[name]

    def _show(self, estimate_id: str, text: str) -> Any:
        self.shown.add(estimate_id)
        return self._mark(Shown(text, estimate_id))


def _step(place: float, names: Sequence[str]) -> str:
    """The name at a place of a scale, both of two between which it is; empty beyond its ends."""
    if not 0 <= place <= len(names) - 1:
        return ""
    return "/".join(dict.fromkeys((names[math.floor(place)], names[math.ceil(place)])))


def printed(estimates: pd.DataFrame, decimals: Mapping[str, int]) -> pd.DataFrame:
    """Estimates with their numbers as the report prints them, for a notebook to show.

    ``decimals``: as for Numbers. Counts stay numbers; what is absent is empty.
    """
    numbers = Numbers(estimates, lambda shown: shown.text, decimals)
    return estimates.assign(**numbers.columns())


def plain_mark(shown: Shown) -> str:
    """A number as plain text."""
    return shown.text


def plain_numbers(path: Path | str, decimals: Mapping[str, int] | None = None) -> Numbers:
    """The estimates of a table on disk, shown as plain text; ``decimals`` as for Numbers."""
    return Numbers(read_table(path, "estimates"), plain_mark, decimals)
