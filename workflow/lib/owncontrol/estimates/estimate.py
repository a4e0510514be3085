"""One analysis result as a typed row of the results table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from owncontrol.estimates.conventions import Convention, Interpolated, is_exact
from owncontrol.estimates.declared_statistics import declared
from owncontrol.estimates.statistic import Statistic
from owncontrol.estimates.stratum import Stratum
from owncontrol.privacy.ages import OLDEST

OLDEST_MEANT = Convention(str(Interpolated(oldest=True)))


@dataclass(frozen=True)
class About:
    """What an analysis result is about, and what it was made from."""

    statistic: Statistic
    stratum: Stratum
    endpoint: str
    inputs: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Of a row of the results table; ValueError for what no analysis declares."""
        statistic = declared(row["analysis"], row["statistic"])
        stratum = statistic.stratum(row["stratum"] or "")
        return cls(statistic, stratum, row["endpoint"] or "", row["inputs"] or "")


@dataclass(frozen=True)
class Estimate:
    """A row of the results table; numbers that are absent are NaN, counts None, texts empty."""

    estimate_id: str
    analysis: str
    population: str
    endpoint: str
    visit: str
    stratum: Stratum
    statistic: Statistic
    value: float
    lower: float
    upper: float
    level: float
    p: float
    p_adjusted: float
    method: str
    convention: Convention
    n: int | None
    events: int | None
    unit: str
    inputs: str
    cell: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Of a row as from ``tables.records``; ValueError for what no analysis declares."""
        about = About.of(row)
        texts = ("estimate_id", "analysis", "population", "visit", "method", "unit", "cell")
        numbers = ("value", "lower", "upper", "level", "p", "p_adjusted", "n", "events")
        fields: dict[str, Any] = {name: row[name] or "" for name in texts}
        fields |= {name: row[name] for name in numbers}
        return cls(
            **fields,
            statistic=about.statistic,
            stratum=about.stratum,
            endpoint=about.endpoint,
            inputs=about.inputs,
            convention=Convention.parse(row["convention"] or ""),
        )

    @property
    def counted(self) -> int:
        """How many it was computed from; ValueError where nobody counted."""
        return self._count(self.n, "n")

    @property
    def occurred(self) -> int:
        """How many of them had the event; ValueError where nobody counted."""
        return self._count(self.events, "events")

    def _count(self, count: int | None, name: str) -> int:
        if count is None:
            raise ValueError(f"estimate {self.estimate_id} has no {name}")
        return count

    @property
    def is_exact(self) -> bool:
        """Whether its method is an exact one."""
        return is_exact(self.method)

    @property
    def is_oldest(self) -> bool:
        """Whether it stands for an age above 89 (see owncontrol.privacy.ages)."""
        return self.value >= OLDEST and self.convention.words == OLDEST_MEANT.words
