"""The analysis results: one row a number, each with its method, its n and what it came from."""

import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from owncontrol.estimates.notebook_cell import running_cell
from owncontrol.estimates.selections import SubjectPlaces, name_matching, name_rows, name_scores
from owncontrol.tables import conform, fields, write_table

if TYPE_CHECKING:  # an analysis without a statistic does not depend on them
    from owncontrol.statistics.result import Result

NOT_ESTIMABLE = "not estimable: "  # begins the convention of a number that cannot be had
# Inputs of more characters are written once; further estimates from them name the first one.
LONGEST = 1_000
POST_HOC = "post hoc, not in the plan"  # ends the convention of what the plan does not declare


class Estimates:
    """Collects the rows of one analysis notebook and writes them.

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
        """Start without rows."""
        self.analysis = analysis
        self.population = population
        self.places = SubjectPlaces(list(subjects))
        self.post_hoc = frozenset(post_hoc)
        self._rows: dict[str, dict[str, Any]] = {}
        self._first: dict[str, str] = {}
        self._strata: dict[tuple[str, ...], dict[str, int]] = {}

    def add(
        self,
        statistic: str,
        value: float,
        *,
        scores: pd.DataFrame | None = None,
        rows: tuple[str, "pd.Series[str] | pd.DataFrame"] | None = None,
        endpoint: str = "",
        visit: str = "",
        stratum: str = "",
        **columns: Any,
    ) -> str:
        """Add a number; returns its ``estimate_id``, made from what it is about.

        ``scores``: the rows of the scores table it was computed from. ``rows``: a cleaned
        table's name and the ``row_id`` of the rows. ``inputs``: any other selection (see
        estimates.selections). Other columns as in the schema. Raises ValueError if the same number
        is added twice, ``value`` is infinite, or it is NaN and nothing says why (``add_missing``).
        """
        parts = [self.analysis, endpoint, visit, stratum, statistic]
        slugs = [slug(part) for part in parts if part]
        if stratum:
            slugs[-2] += self._number((self.analysis, endpoint, visit, slugs[-2]), stratum)
        estimate_id = ".".join(slugs)
        if estimate_id in self._rows:
            raise ValueError(f"estimate {estimate_id} exists already")
        if math.isinf(value):
            raise ValueError(f"estimate {estimate_id} is infinite")
        convention = columns.pop("convention", "")
        if math.isnan(value) and not convention.startswith(NOT_ESTIMABLE):
            raise ValueError(f"estimate {estimate_id} is NaN and does not say why")
        if endpoint in self.post_hoc:
            convention = "; ".join(filter(None, [convention, POST_HOC]))
        inputs = " ".join(filter(None, [columns.pop("inputs", ""), self.inputs(scores, rows)]))
        self._rows[estimate_id] = {
            "estimate_id": estimate_id,
            "analysis": self.analysis,
            "population": self.population,
            "endpoint": endpoint,
            "visit": visit,
            "stratum": stratum,
            "statistic": statistic,
            "value": value,
            "convention": convention,
            "inputs": self._shared(inputs, estimate_id),
            "cell": running_cell(self.analysis),
            **columns,
        }
        return estimate_id

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

    def add_missing(self, statistic: str, reason: str, **about: Any) -> str:
        """Add a number that cannot be had, with the reason."""
        return self.add(statistic, math.nan, convention=f"{NOT_ESTIMABLE}{reason}", **about)

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

    def add_result(self, result: "Result", **about: Any) -> str:
        """Add what a statistic returned; where it is not estimable, the reason stands for it."""
        return self.add(
            about.pop("statistic", result.statistic),
            result.value,
            lower=result.lower,
            upper=result.upper,
            level=result.level,
            p=result.p,
            n=about.pop("n", result.n),
            method=result.method,
            convention=f"{NOT_ESTIMABLE}{result.reason}" if result.reason else result.convention,
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
