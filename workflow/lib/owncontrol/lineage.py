"""How an estimate names what it was computed from, and how that is followed to the raw cells.

``inputs`` of an estimate is a text of one or more selections, exact and short at any size:

``scores[scim3.total,scim3.walking; baseline,day_180; S01~S05,S07]``
    the scored values of these scales at these visits in these subjects. A range runs over the
    study's sorted subject codes, so ``S01~S05`` is every subject of the study from S01 to S05.
``adverse_events[adverse_events:2~9,12]``
    rows of a cleaned table: export, and rows of its raw file.
``findings[severity=error]``
    the rows of a table in which columns have these values.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

import pandas as pd

SELECTION = re.compile(r"(\w+)\[([^\]]*)\]")


def name_scores(scores: pd.DataFrame, subjects: Sequence[str]) -> str:
    """The selections that name exactly the given rows of the scores table.

    ``subjects``: all subjects of the study, sorted; ranges are taken over them.
    """
    position = {subject: place for place, subject in enumerate(subjects)}
    by_cell: dict[tuple[str, str], frozenset[str]] = {
        (f"{instrument}.{scale}", str(visit)): frozenset(group["subject_id"])
        for (instrument, scale, visit), group in scores.groupby(
            ["instrument", "scale", "visit"], sort=False
        )
    }
    by_scale: dict[str, dict[frozenset[str], list[str]]] = {}
    for (scale, visit), who in by_cell.items():
        by_scale.setdefault(scale, {}).setdefault(who, []).append(visit)
    merged: dict[tuple[tuple[str, ...], frozenset[str]], list[str]] = {}
    for scale, groups in by_scale.items():
        for who, visits in groups.items():
            merged.setdefault((tuple(visits), who), []).append(scale)
    return " ".join(
        f"scores[{','.join(scales)}; {','.join(visits)}; "
        f"{_ranges(sorted(position[subject] for subject in who), subjects)}]"
        for (visits, who), scales in merged.items()
    )


def name_rows(table: str, row_ids: Iterable[str]) -> str:
    """The selection that names rows of a cleaned table by their ``row_id`` (export:row)."""
    by_export: dict[str, list[int]] = {}
    for row_id in row_ids:
        export, _, row = row_id.rpartition(":")
        by_export.setdefault(export, []).append(int(row))
    parts = [
        f"{export}:" + ",".join(_span(str(first), str(last)) for first, last in _runs(sorted(rows)))
        for export, rows in sorted(by_export.items())
    ]
    return f"{table}[{'; '.join(parts)}]" if parts else ""


def read_inputs(inputs: str, subjects: Sequence[str]) -> list[tuple[str, str]]:
    """Every row that ``inputs`` names: (table, key) in order.

    The key of a score is ``subject/visit/instrument.scale``, that of a cleaned row its
    ``row_id``; conditions stand for all rows that they name.
    """
    found: list[tuple[str, str]] = []
    for table, inside in SELECTION.findall(inputs):
        if table == "scores":
            scales, visits, who = (part.strip() for part in inside.split(";"))
            found += [
                ("scores", f"{subject}/{visit}/{scale}")
                for scale in scales.split(",")
                for visit in visits.split(",")
                for subject in _from_ranges(who, subjects)
            ]
        elif "=" in inside:
            found.append((table, inside))
        else:
            for part in inside.split(";"):
                export, _, rows = part.strip().rpartition(":")
                found += [(table, f"{export}:{row}") for row in _from_numbers(rows)]
    return found


def _runs(places: list[int]) -> list[tuple[int, int]]:
    """First and last of each run of consecutive numbers."""
    runs = []
    for _, run in groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        runs.append((numbers[0], numbers[-1]))
    return runs


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}~{last}"


def _ranges(places: list[int], subjects: Sequence[str]) -> str:
    return ",".join(_span(subjects[first], subjects[last]) for first, last in _runs(places))


def _from_ranges(text: str, subjects: Sequence[str]) -> list[str]:
    found: list[str] = []
    for part in text.split(","):
        first, _, last = part.partition("~")
        found += subjects[subjects.index(first) : subjects.index(last or first) + 1]
    return found


def _from_numbers(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("~")
        found += range(int(first), int(last or first) + 1)
    return found


def name_matching(table: str, /, **conditions: str) -> str:
    """The selection that names the rows of a table in which columns have the given values."""
    return f"{table}[{'; '.join(f'{column}={value}' for column, value in conditions.items())}]"
