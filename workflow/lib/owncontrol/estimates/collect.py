"""The analysis results: one row per number, each with its method, its n and what it came from."""

import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from owncontrol.estimates.conventions import Convention
from owncontrol.estimates.declared_statistics import statistics_of
from owncontrol.estimates.notebook_cell import running_cell
from owncontrol.estimates.selections import SubjectPlaces, name_matching, name_rows, name_scores
from owncontrol.estimates.statistic import Statistic
from owncontrol.estimates.stratum import WHOLE, Stratum
from owncontrol.tables import conform, fields, write_table

if TYPE_CHECKING:  # an analysis without a statistic does not depend on them
    from owncontrol.statistics.result import Result

# Inputs of more characters are written once; further estimates from them name the first one.
LONGEST = 1_000
# What several numbers have in common: arguments of ``Estimates.add`` by their names.
About = dict[str, Any]


class Estimates:
    """Collects the rows of one analysis notebook and writes them.

    ``analysis``: one that declares its statistics (estimates.declared_statistics).
    ``subjects``: all subjects of the study, sorted, for naming what an estimate was computed from.
    ``post_hoc``: endpoints that the plan does not declare; each of their rows says so.
    """

    def __init__(
        self,
        analysis: str,
        population: str,
        subjects: Sequence[str],
        post_hoc: Collection[str] = (),
    ) -> None:
        """Start without rows; ValueError for an analysis that declares no statistics."""
        self.analysis, self._statistics = analysis, statistics_of(analysis)
        self.population = population
        self.places = SubjectPlaces(list(subjects))
        self.post_hoc = frozenset(post_hoc)
        self._rows: dict[str, dict[str, Any]] = {}
        self._first: dict[str, str] = {}
        self._strata: dict[tuple[str, ...], dict[str, int]] = {}

    def add(
        self,
        statistic: Statistic,
        value: float,
        *,
        scores: pd.DataFrame | None = None,
        rows: tuple[str, "pd.Series[str] | pd.DataFrame"] | None = None,
        endpoint: str = "",
        visit: str = "",
        stratum: Stratum = WHOLE,
        convention: str = "",
        reason: str = "",
        **columns: Any,
    ) -> str:
        """Add a number; returns its ``estimate_id``, made from what it is about.

        ``scores``: the rows of the scores table it was computed from. ``rows``: a cleaned
        table's name and the ``row_id`` of the rows. ``inputs``: any other selection (see
        estimates.selections). ``reason``: why it cannot be had. Other columns as in the schema.
        Raises ValueError if statistic or kind of stratum is not declared for the analysis, the same
        number is added twice, ``value`` is infinite, or it is NaN and nothing says why
        (``add_missing``).
        """
        self._check(statistic, stratum)
        estimate_id = self._id(endpoint, visit, str(stratum), statistic)
        if estimate_id in self._rows:
            raise ValueError(f"estimate {estimate_id} exists already")
        if math.isinf(value):
            raise ValueError(f"estimate {estimate_id} is infinite")
        if math.isnan(value) and not reason:
            raise ValueError(f"estimate {estimate_id} is NaN and does not say why")
        said = Convention(convention, reason, endpoint in self.post_hoc)
        inputs = " ".join(filter(None, [columns.pop("inputs", ""), self.inputs(scores, rows)]))
        self._rows[estimate_id] = {
            "estimate_id": estimate_id,
            "analysis": self.analysis,
            "population": self.population,
            "endpoint": endpoint,
            "visit": visit,
            "stratum": str(stratum),
            "statistic": statistic.value,
            "value": value,
            "convention": str(said),
            "inputs": self._shared(inputs, estimate_id),
            "cell": running_cell(self.analysis),
            **columns,
        }
        return estimate_id

    def _id(self, endpoint: str, visit: str, stratum: str, statistic: Statistic) -> str:
        """The id of a number, made from what it is about."""
        parts = [self.analysis, endpoint, visit, stratum, statistic.value]
        slugs = [slug(part) for part in parts if part]
        if stratum:
            slugs[-2] += self._number((self.analysis, endpoint, visit, slugs[-2]), stratum)
        return ".".join(slugs)

    def _check(self, statistic: Statistic, stratum: Stratum) -> None:
        """ValueError, in one line, for what the analysis does not declare."""
        if not isinstance(statistic, self._statistics):
            raise ValueError(
                f"{statistic!r} is no statistic of {self._statistics.__name__}: declare it in "
                "estimates/declared_statistics.py"
            )
        statistic.check(stratum)

    def _number(self, place: tuple[str, ...], stratum: str) -> str:
        """What tells strata apart that differ in nothing but signs (A+, A-): nothing, _2, _3."""
        same = self._strata.setdefault(place, {})
        number = same.setdefault(stratum, len(same) + 1)
        return "" if number == 1 else f"_{number}"

    def _shared(self, inputs: str, estimate_id: str) -> str:
        """The inputs, or where they are long and an earlier estimate has the same: its id."""
        if len(inputs) <= LONGEST:
            return inputs
        first = self._first.setdefault(inputs, estimate_id)
        return inputs if first == estimate_id else name_matching("estimates", estimate_id=first)

    def add_count(self, statistic: Statistic, count: int, of: int, **about: Any) -> str:
        """Add how many there are, of all those that were looked at."""
        return self.add(statistic, count, n=of, events=count, method="count", **about)

    def add_missing(self, statistic: Statistic, reason: str, **about: Any) -> str:
        """Add a number that cannot be had, with the reason."""
        return self.add(statistic, math.nan, reason=reason, **about)

    def inputs(
        self,
        scores: pd.DataFrame | None = None,
        rows: tuple[str, "pd.Series[str] | pd.DataFrame"] | None = None,
    ) -> str:
        """What ``inputs`` says of these scores and rows; once for many numbers made from them."""
        parts = []
        if scores is not None and len(scores):
            parts.append(name_scores(scores, self.places))
        if rows is not None:
            parts.append(name_rows(*rows))
        return " ".join(filter(None, parts))

    def add_result(self, result: "Result", *, statistic: Statistic, **about: Any) -> str:
        """Add what a statistic returned; where it is not estimable, the reason stands for it."""
        return self.add(
            statistic,
            result.value,
            lower=result.lower,
            upper=result.upper,
            level=result.level,
            p=result.p,
            n=about.pop("n", result.n),
            method=result.method,
            convention=result.convention,
            reason=result.reason,
            **about,
        )

    def set_adjusted(self, p_adjusted: dict[str, float]) -> None:
        """Set the adjusted p-value of estimates by their id."""
        for estimate_id, p in p_adjusted.items():
            self._rows[estimate_id]["p_adjusted"] = p

    def p_values(self, estimate_ids: Sequence[str]) -> list[float]:
        """The p-values of estimates by their id."""
        return [self._rows[estimate_id]["p"] for estimate_id in estimate_ids]

    def table(self) -> pd.DataFrame:
        """The rows so far, in the order in which they were added."""
        if not self._rows:
            return conform(pd.DataFrame(columns=list(fields("estimates"))), "estimates")
        return conform(pd.DataFrame(self._rows.values()), "estimates")

    def write(self, path: Path | str) -> pd.DataFrame:
        """Write the rows as a table of the schema ``estimates``, and return it."""
        table = self.table()
        write_table(table, path)
        return table


def slug(text: str) -> str:
    """A word for an id: small letters and digits, everything else an underscore."""
    return "_".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
