"""What the report says of the last data cut: new patients, changed cells, changed results."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.lineage.since_cut import Kind
from owncontrol.reporting.claim_verdicts import CANNOT, CLAIMED
from owncontrol.reporting.report_tables import MISSING, Table, visit_labels
from owncontrol.reporting.sentences import Ref, Sentence, verb
from owncontrol.study.design import SubjectWords
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import read_table, records

FILE = "provenance/since_last_cut.csv"
TABLE, NAME = "since_last_cut", "since-last-cut"
AGAINST_NATURE = {1.0: "more than expected", -1.0: "fewer than expected", 0.0: "not decided"}
# What rows are counted by, as the sentence has it.
COUNTED = {
    Kind.CHANGED_CELLS: "Changed cells by table",
    Kind.NEW_ROWS: "New raw rows by file",
    Kind.LOST_ROWS: "Raw rows that are gone, by file",
    Kind.CHANGED_SCORES: "Changed scores by instrument",
    Kind.CHANGED_RESULTS: "Changed results by analysis",
}
Rows = list[dict[str, Any]]


def read_since(paths: Sequence[str]) -> pd.DataFrame | None:
    """The table of what differs since the last cut; None for a first cut, which has no such file.

    ``paths``: of that file, or none.
    """
    return read_table(paths if isinstance(paths, str) else paths[0], TABLE) if paths else None


def since_last_cut(
    since: pd.DataFrame, numbers: Numbers, settings: AnalysisSettings
) -> tuple[list[Sentence], Table]:
    """Sentences on what differs since the last cut, and the table of results that changed."""
    by_kind: dict[str, Rows] = {}
    for row in records(since):
        by_kind.setdefault(row["kind"], []).append(row)
    table = _table(by_kind, numbers, settings)
    told = [*_look(by_kind[Kind.LOOK][0]), *_counts(by_kind, numbers.who)]
    return [*told, *_changed(by_kind, table)], table


def _look(row: Mapping[str, Any]) -> list[Sentence]:
    return [
        [
            f"The data cut before this one is {row['before']}; analysed here: {row['after']}. Both "
            "were taken through the same program with the same settings, so that all of what "
            "follows is due to the data."
        ],
        [
            f"This is look {row['count']} at the data of the series. No p-value and no verdict is "
            "adjusted for the earlier ones."
        ],
    ]


def _counts(by_kind: Mapping[str, Rows], who: SubjectWords) -> list[Sentence]:
    new, lost = (
        sum(row["count"] for row in by_kind.get(kind, []))
        for kind in (Kind.NEW_SUBJECTS, Kind.LOST_SUBJECTS)
    )
    said = [f"{new} new {who.of(new)}." if new else f"No new {who.one}."]
    if lost:
        said.append(f"{lost} {who.of(lost)} {verb(lost, 'is', 'are')} in the results no longer.")
    told: list[Sentence] = [[" ".join(said)]]
    for kind, words in COUNTED.items():
        if kind in by_kind:
            parts = [f"{row['name'].replace('_', ' ')} {row['count']}" for row in by_kind[kind]]
            told.append([f"{words}: {', '.join(parts)}."])
    return told


def _changed(by_kind: Mapping[str, Rows], table: Table) -> list[Sentence]:
    """That a result changed, or that none did."""
    if table.rows:
        return [["Main results and verdicts that changed: ", Ref("table", NAME), "."]]
    if Kind.CHANGED_RESULTS in by_kind:
        return [["No main result and no verdict changed."]]
    return [["No result changed."]]


def _table(by_kind: Mapping[str, Rows], numbers: Numbers, settings: AnalysisSettings) -> Table:
    visits = visit_labels(settings)
    main = {
        f"change.{one.name}.{one.time_point}.{Change.HODGES_LEHMANN}": (
            f"{one.label}, change at {visits[one.time_point]}"
        )
        for one in settings.endpoints
    }
    rows: list[list[Any]] = []
    for row in by_kind.get(Kind.RESULT, []):
        if row["name"] in main:
            before, after = (_value(numbers, row["name"], row[key]) for key in ("before", "after"))
            if before != after:
                rows.append([main[row["name"]], before, after, row["because"]])
        elif row["name"].endswith(f".{NaturalRecovery.VERDICT}"):
            pair = _words(row, AGAINST_NATURE, "no verdict")
            rows.append([f"Verdict against natural recovery, {row['name'].split('.')[1]}", *pair])
            rows[-1].append(row["because"])
    claims = [
        [
            f"Claim {row['name'].split('.')[1].upper()}",
            *_words(row, CLAIMED, CANNOT),
            row["because"].replace("; ", ", "),
        ]
        for row in by_kind.get(Kind.VERDICT, [])
    ]
    groups = {len(rows): "Claims"} if rows and claims else {}
    return Table(
        NAME,
        "Results that changed since the last data cut",
        ["", "Last cut", "Now", "Because of"],
        [*rows, *claims],
        "Change: Hodges\u2013Lehmann estimate. Because of: what differs in the data behind it; "
        f"of a claim the results that its conditions name. All that changed: {FILE}.",
        groups,
    )


def _value(numbers: Numbers, estimate_id: str, value: str) -> str:
    """A number of either cut with the digits that it has in this report."""
    if not value:
        return MISSING
    if estimate_id not in numbers:
        return value
    return numbers.of_another_run(estimate_id, float(value))


def _words(row: Mapping[str, Any], words: Mapping[float, str], otherwise: str) -> list[str]:
    """A verdict of both cuts in words."""
    return [words[float(row[key])] if row[key] else otherwise for key in ("before", "after")]
