"""What the first page is told of the plan: its versions, the departures, the disclosures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.analysis.plan_disclosures import Disclosure, Kind
from owncontrol.study.frozen_configuration import AsFrozen
from owncontrol.study.plan_departures import Area, Departure
from owncontrol.study.plan_timing import Moment, marked_post_hoc, moments_of
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import read_table, records

PLAN = 0


@dataclass(frozen=True)
class Version:
    """One version of the frozen plan, as the table ``plan_versions`` has it."""

    frozen: str
    who: str
    registry: str
    why: str
    moment: Moment
    raw_files: int
    raw_unchanged: int
    sha256: str
    compared: bool


@dataclass(frozen=True)
class FrozenResult:
    """A result by the whole frozen plan, or what is otherwise than in it (table ``as_frozen``).

    ``value``: None where there is none; ``events``, ``n``: patients who improved, of so many.
    """

    kind: AsFrozen
    name: str
    value: float | None
    events: int | None
    n: int | None
    text: str


@dataclass(frozen=True)
class PlanFacts:
    """All of it. ``versions``: none where the plan was not frozen; ``declared``: when the plan of
    the configuration was dated; ``post_hoc``: names of results that no plan fixed beforehand;
    ``as_frozen``: none where nothing departs from the plan that could change a number.
    """

    versions: tuple[Version, ...]
    departures: tuple[Departure, ...]
    disclosures: tuple[Disclosure, ...]
    declared: Moment
    post_hoc: tuple[str, ...]
    as_frozen: tuple[FrozenResult, ...] = ()

    @property
    def compared(self) -> Version:
        """The version that the run is compared with; of a frozen plan."""
        [found] = [version for version in self.versions if version.compared]
        return found

    def by_the_plan(self, kind: AsFrozen) -> list[FrozenResult]:
        """What is known of a kind of the study by its whole frozen plan."""
        return [row for row in self.as_frozen if row.kind is kind]

    def of(self, *kinds: Kind) -> list[Disclosure]:
        """The disclosures of some kinds, in their order."""
        return [item for item in self.disclosures if item.kind in kinds]

    @property
    def is_late(self) -> bool:
        """Whether the plan was dated, or first frozen, after the first follow-up."""
        first = [item.moment for item in self.versions[:1]]
        return Moment.AFTER in (self.declared, *first)

    def told(self, settings: AnalysisSettings) -> AnalysisSettings:
        """The settings with everything post hoc that no plan fixed beforehand."""
        return AnalysisSettings.model_validate(marked_post_hoc(settings.plain(), self.post_hoc))


def read_plan_facts(folder: Path, as_frozen: Sequence[str] = ()) -> PlanFacts:
    """The facts of a finished comparison; ``folder``: results/<study>.

    ``as_frozen``: the path of that table, or none where the run makes none.
    """
    moments = moments_of(_rows(folder / "cleaned/plan_timing.csv", "plan_timing"))
    return PlanFacts(
        versions=tuple(
            Version(
                row["frozen"],
                row["who"],
                row["registry"],
                row["why"],
                Moment(row["moment"]),
                int(row["raw_files"]),
                int(row["raw_unchanged"]),
                row["sha256"],
                bool(row["compared"]),
            )
            for row in _rows(folder / "plan/plan_versions.csv", "plan_versions")
        ),
        departures=tuple(
            Departure(Area(row["area"]), row["key"], row["frozen"] or "", row["now"] or "")
            for row in _rows(folder / "plan/departures.csv", "departures")
        ),
        disclosures=tuple(
            Disclosure(
                Kind(row["kind"]), row["name"], row["detail"] or "", row["file"] or "", row["row"]
            )
            for row in _rows(folder / "plan/disclosures.csv", "disclosures")
        ),
        declared=moments.get(PLAN, Moment.NOT_KNOWN),
        post_hoc=tuple(row["name"] for row in _rows(folder / "plan/post_hoc.csv", "post_hoc")),
        as_frozen=read_as_frozen(as_frozen),
    )


def read_as_frozen(paths: Sequence[str]) -> tuple[FrozenResult, ...]:
    """What the run by the whole frozen plan gave; ``paths``: of that table, or none."""
    return tuple(
        FrozenResult(
            AsFrozen(row["kind"]),
            row["name"] or "",
            None if math.isnan(row["value"]) else row["value"],
            row["events"],
            row["n"],
            row["text"] or "",
        )
        for path in ([paths] if isinstance(paths, str) else paths)
        for row in _rows(Path(path), "as_frozen")
    )


def _rows(path: Path, schema: str) -> list[dict[str, Any]]:
    table: pd.DataFrame = read_table(path, schema)
    return records(table)
