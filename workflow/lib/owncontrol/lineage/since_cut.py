"""What differs from the results of the last data cut, in counts and results without a raw value."""

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum

import pandas as pd

from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.lineage.causes import Explanations
from owncontrol.lineage.differences import Differences, data_differences
from owncontrol.lineage.results import Results
from owncontrol.tables import conform

# The results that are named one by one: the size of each change, and the verdict.
NAMED = (Change.HODGES_LEHMANN, NaturalRecovery.VERDICT)


class Kind(StrEnum):
    """What a row of the table is about."""

    LOOK = "look"
    NEW_SUBJECTS = "new_subjects"
    LOST_SUBJECTS = "lost_subjects"
    CHANGED_CELLS = "changed_cells"
    NEW_ROWS = "new_rows"
    LOST_ROWS = "lost_rows"
    CHANGED_SCORES = "changed_scores"
    CHANGED_RESULTS = "changed_results"
    RESULT = "result"
    VERDICT = "verdict"


Row = tuple[Kind, str, int, str, str, str]


def since_cut(earlier: Results, now: Results, cuts: tuple[str, str], look: int) -> pd.DataFrame:
    """One row for each thing to be said: kind, name, count, before, after, because.

    ``earlier``: the earlier cut, run with the same settings and code; ``cuts``: names of both. A
    number is text as the results have it, "" where there is none. Nothing of it is a raw value.
    """
    found = data_differences(earlier, now)
    rows: list[Row] = [(Kind.LOOK, "", look, *cuts, "")]
    rows += _subjects(earlier, now)
    rows += _counted(Kind.CHANGED_CELLS, (change.table for change in found.cells))
    rows += _counted(Kind.NEW_ROWS, (file for file, _ in found.rows_more))
    rows += _counted(Kind.LOST_ROWS, (file for file, _ in found.rows_fewer))
    scores = (key.rsplit("/", 1)[1].split(".")[0] for key in found.scores)
    rows += _counted(Kind.CHANGED_SCORES, scores)
    rows += _results(earlier, now, found)
    columns = ["kind", "name", "count", "before", "after", "because"]
    return conform(pd.DataFrame(rows, columns=columns), "since_last_cut")


def _subjects(earlier: Results, now: Results) -> Iterator[Row]:
    before, after = set(earlier.subject_rows), set(now.subject_rows)
    for kind, codes in ((Kind.NEW_SUBJECTS, after - before), (Kind.LOST_SUBJECTS, before - after)):
        if codes:
            yield kind, "", len(codes), "", "", ""


def _counted(kind: Kind, names: Iterable[str]) -> Iterator[Row]:
    for name, count in sorted(Counter(names).items()):
        yield kind, name, count, "", "", ""


def _results(earlier: Results, now: Results, found: Differences) -> Iterator[Row]:
    rows = {**earlier.estimates, **now.estimates}
    yield from _counted(Kind.CHANGED_RESULTS, (rows[name]["analysis"] for name in found.estimates))
    why = Explanations(earlier, now, found)
    because = why.estimates()
    for name in found.estimates:
        if rows[name]["statistic"] in NAMED:
            pair = _values(earlier, now, name)
            yield Kind.RESULT, name, 1, *pair, "; ".join(_summed(because[name]))
    for name, causes in why.verdicts().items():
        yield Kind.VERDICT, name, 1, *_values(earlier, now, name), "; ".join(causes)


def _values(earlier: Results, now: Results, name: str) -> tuple[str, str]:
    """The value in both runs; empty where one has none."""
    before, after = (run.estimates.get(name, {}).get("value", "") for run in (earlier, now))
    return before, after


def _summed(causes: Iterable[str]) -> list[str]:
    """How many causes of each kind: which score, cell or row it was is not said."""
    words = {"score": "scores", "cell": "cells", "row": "rows", "finding": "findings"}
    kinds: Counter[str] = Counter()
    for cause in causes:
        first = cause.split(" ", 1)[0]
        kinds[first if first in words else cause] += 1
    return [
        f"{count} {kind if count == 1 else words[kind]}" if kind in words else kind
        for kind, count in kinds.items()
    ]
