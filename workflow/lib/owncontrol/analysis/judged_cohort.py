"""The patients that the verdict is about, and what published rates predict for each grade."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import pandas as pd

from owncontrol.analysis.eligible_sources import Row, combined_rate, judged_sources
from owncontrol.statistics.cohort_verdict import Group, LogitRate
from owncontrol.statistics.meta_analysis import MetaAnalysis
from owncontrol.study.natural_recovery import Eligible

# Sources that say by themselves how far rates of cohorts differ.
ENOUGH_SOURCES = 3


@dataclass(frozen=True)
class Expected:
    """What published rates predict for each grade that has some, in the order of the grades.

    ``without``: by grade without a prediction, why.
    """

    high: Mapping[str, LogitRate]
    low: Mapping[str, LogitRate]
    without: Mapping[str, str]


def expected_rates(
    rates: pd.DataFrame, grades: Sequence[str], gain: Mapping[str, int], criteria: Eligible
) -> Expected:
    """How the true rate of a new cohort is distributed, by grade.

    One or two sources do not say how far cohorts differ: they take the largest variance between
    sources that another grade has. Where none has one, such a grade has no prediction.
    """
    found: dict[Row, dict[str, MetaAnalysis]] = {"highest": {}, "lowest": {}}
    without = {}
    for row, by_grade in found.items():
        for grade in grades:
            sources = judged_sources(rates, grade, gain.get(grade, 1), criteria, row)
            combined = combined_rate(sources, criteria, 0.95)
            if combined is None:
                without[grade] = "no eligible published rate"
            else:
                by_grade[grade] = combined
    between = [
        one.tau2 for each in found.values() for one in each.values() if one.k >= ENOUGH_SOURCES
    ]
    for by_grade in found.values():
        for grade in [name for name, one in by_grade.items() if one.k < ENOUGH_SOURCES]:
            if between:
                widest = max(between)
                one = by_grade[grade]
                by_grade[grade] = replace(one, tau2=max(one.tau2, widest))
            else:
                del by_grade[grade]
                without[grade] = "too few eligible published rates to say how far cohorts differ"
    high, low = (
        {grade: LogitRate(one.mean, one.spread, one.df) for grade, one in by_grade.items()}
        for by_grade in found.values()
    )
    return Expected(high, low, without)


@dataclass(frozen=True)
class Cohort:
    """The patients that the verdict is about, by grade in the order of the grades.

    ``improved``, ``high`` and ``low`` go together. ``missing``: how many of each grade have no
    follow-up exam. ``left_out``: by grade without a prediction, patients and the reason.
    """

    grades: tuple[str, ...]
    improved: tuple[int, ...]
    high: tuple[Group, ...]
    low: tuple[Group, ...]
    missing: tuple[int, ...]
    left_out: Mapping[str, tuple[int, str]]
    subjects: frozenset[str]

    @classmethod
    def of(
        cls, people: pd.DataFrame, missing: pd.Series, expected: Expected, chosen: Sequence[str]
    ) -> Self:
        """The cohort of ``improvements``; ``missing``: grades of those without a follow-up exam."""
        grades = tuple(grade for grade in chosen if grade in expected.high)
        here = [people.loc[people["grade"] == grade] for grade in grades]
        others = {
            grade: (
                int((people["grade"] == grade).sum()),
                expected.without.get(grade, "not part of the primary comparison"),
            )
            for grade in dict.fromkeys([*chosen, *people["grade"]])
            if grade not in grades
        }
        return cls(
            grades,
            tuple(int(rows["improved"].sum()) for rows in here),
            tuple(
                Group(len(rows), expected.high[grade])
                for grade, rows in zip(grades, here, strict=True)
            ),
            tuple(
                Group(len(rows), expected.low[grade])
                for grade, rows in zip(grades, here, strict=True)
            ),
            tuple(int((missing == grade).sum()) for grade in grades),
            {grade: found for grade, found in others.items() if found[0]},
            frozenset(people.index[people["grade"].isin(grades)]),
        )

    @property
    def total(self) -> int:
        """How many patients are judged."""
        return sum(group.n for group in self.high)

    def why_nobody(self, people: pd.DataFrame) -> str:
        """Why no patient is judged."""
        if people.empty:
            return "no subject has both exams"
        return "; ".join(f"grade {grade}: {why}" for grade, (_, why) in self.left_out.items())

    def with_missing(self, counts: Sequence[int], improved: bool) -> Self:
        """The cohort with more patients of each grade, of whom all or none improved."""
        return replace(
            self,
            improved=tuple(
                events + (more if improved else 0)
                for events, more in zip(self.improved, counts, strict=True)
            ),
            high=tuple(
                replace(group, n=group.n + more)
                for group, more in zip(self.high, counts, strict=True)
            ),
            low=tuple(
                replace(group, n=group.n + more)
                for group, more in zip(self.low, counts, strict=True)
            ),
        )
