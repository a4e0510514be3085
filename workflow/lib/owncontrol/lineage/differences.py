"""What differs between two runs: settings, raw cells, findings, scores, estimates, verdicts."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import pandas as pd

from owncontrol.estimates.declared_statistics import Claims
from owncontrol.lineage.results import Results

Pair = tuple[str, str]  # in the first run, in the second
# None: that run has no such estimate.
EstimatePair = tuple[str | None, str | None]
Row = tuple[str, str]  # raw file, row number
NUMBERS = ("value", "lower", "upper", "level", "p", "p_adjusted", "n", "events", "convention")
# Above this, rows between the first and the last difference are compared by number.
MOST_ALIGNED = 3000


@dataclass(frozen=True)
class CellChange:
    """A raw cell that differs; its place in both runs (rows move when one is put in before)."""

    file: str
    rows: Pair
    column: str
    written: Pair
    table: str
    canonical: str


@dataclass
class Differences:
    """All differences of two runs.

    ``settings``: by dotted key. ``cells``: raw cells of rows that both have. ``rows_fewer`` and
    ``rows_more``: raw rows that only the first, only the second run has. ``findings_fewer`` and
    ``findings_more``: as rows of the table. ``scores``: by subject/visit/instrument.scale, the
    text, "" where there is none. ``estimates``: by id, the columns that differ (where only one run
    has the estimate its value, and None for the other); ``verdicts``: the same, of the claims.
    """

    settings: dict[str, Pair] = field(default_factory=dict)
    packages: dict[str, Pair] = field(default_factory=dict)
    code: list[str] = field(default_factory=list)
    cells: list[CellChange] = field(default_factory=list)
    rows_fewer: list[Row] = field(default_factory=list)
    rows_more: list[Row] = field(default_factory=list)
    findings_fewer: list[dict[str, str]] = field(default_factory=list)
    findings_more: list[dict[str, str]] = field(default_factory=list)
    scores: dict[str, Pair] = field(default_factory=dict)
    score_rows: dict[str, Pair] = field(default_factory=dict)
    estimates: dict[str, dict[str, EstimatePair]] = field(default_factory=dict)
    verdicts: dict[str, dict[str, EstimatePair]] = field(default_factory=dict)


def find_differences(first: Results, second: Results) -> Differences:
    """Compare two runs; InputError where one is not a finished run."""
    found = data_differences(first, second)
    settings = first.recorded_settings, second.recorded_settings
    found.settings = _changed(*settings, without={"study"})
    found.packages = _changed(_packages(first), _packages(second))
    code = _changed(_programs(first), _programs(second))
    found.code = sorted(code)
    return found


def data_differences(first: Results, second: Results) -> Differences:
    """Compare what two runs made of their data; for runs of the same settings, packages and code.

    InputError where one has no estimates yet.
    """
    found = Differences()
    moved: dict[Row, str] = {}
    for export in dict.fromkeys([*first.files, *second.files]):
        _compare_export(first, second, export, found, moved)
    _compare_findings(first, second, found, moved)
    _compare_scores(first, second, found)
    for name in dict.fromkeys([*first.estimates, *second.estimates]):
        one, other = (run.estimates.get(name, {}) for run in (first, second))
        numbers = [{key: row.get(key, "") for key in NUMBERS} for row in (one, other)]
        differing: dict[str, EstimatePair] = {**_changed(numbers[0], numbers[1])}
        if not (one and other):
            differing = {"value": (one.get("value"), other.get("value"))}
        if differing:
            about = (one or other)["analysis"], (one or other)["statistic"]
            of_claim = about == ("claims", Claims.VERDICT)
            (found.verdicts if of_claim else found.estimates)[name] = differing
    return found


def _changed(
    before: Mapping[str, str], after: Mapping[str, str], without: set[str] | None = None
) -> dict[str, Pair]:
    keys = dict.fromkeys([*before, *after])
    pairs = {key: (before.get(key, ""), after.get(key, "")) for key in keys}
    return {
        key: pair
        for key, pair in pairs.items()
        if pair[0] != pair[1] and key not in (without or set())
    }


def _packages(run: Results) -> dict[str, str]:
    rows = run.rows("provenance/environment.csv")
    return dict(zip(rows["package"], rows["version"] + " " + rows["sha256"], strict=True))


def _programs(run: Results) -> dict[str, str]:
    """By script or notebook its hash, as the crate of the run has it."""
    path = run.folder / "ro-crate-metadata.json"
    graph = json.loads(path.read_text("utf-8"))["@graph"] if path.is_file() else []
    return {
        entity["name"]: entity["sha256"]
        for entity in graph
        if entity["@type"] == "SoftwareApplication" and "sha256" in entity
    }


def _compare_export(
    first: Results, second: Results, export: str, found: Differences, moved: dict[Row, str]
) -> None:
    """Raw rows and cells of one export; ``moved``: row of the second run by row of the first."""
    both = [_raw_rows(run, export) for run in (first, second)]
    file = first.files.get(export) or second.files[export]
    for before, after in _aligned(*both):
        if after is None:
            found.rows_fewer.append((file, str(before)))
        elif before is None:
            found.rows_more.append((file, after))
        else:
            moved[file, before] = after
            if both[0][before] != both[1][after]:
                found.cells += _cell_changes(
                    file, (before, after), both[0][before], both[1][after], (first, second), export
                )


def _raw_rows(run: Results, export: str) -> dict[str, dict[tuple[str, ...], str]]:
    """By raw row, the cells that tables took of it: by table, place among its rows, column."""
    if export not in run.files:
        return {}
    record = run.rows(f"ingested/{export}/rows.csv")
    rows: dict[str, dict[tuple[str, ...], str]] = {row: {} for row in record["source_row"]}
    for (of_export, table), _ in run.raw_columns.items():
        if of_export != export:
            continue
        frame = run.rows(f"ingested/{export}/{table}.csv")
        columns = [name for name in frame if name not in ("source_file", "source_row")]
        seen: Counter[str] = Counter()
        for row, *values in frame[["source_row", *columns]].itertuples(index=False):
            place = str(seen[row])
            seen[row] += 1
            for name, value in zip(columns, values, strict=True):
                raw_column = run.raw_columns[export, table][name]
                for raw_row, _ in run.places(export, table, row, raw_column):
                    rows[raw_row][table, place, name] = value
    return rows


def _aligned(
    before: dict[str, dict[tuple[str, ...], str]], after: dict[str, dict[tuple[str, ...], str]]
) -> Iterator[tuple[str | None, str | None]]:
    """Pairs of rows: equal ones in their order first, so that a new row moves no other."""
    ones, others = list(before), list(after)
    marks = [[tuple(rows[row].items()) for row in rows] for rows in (before, after)]
    start = 0
    while start < min(len(ones), len(others)) and marks[0][start] == marks[1][start]:
        start += 1
    end = 0
    while end < min(len(ones), len(others)) - start and marks[0][-1 - end] == marks[1][-1 - end]:
        end += 1
    yield from zip(ones[:start], others[:start], strict=True)
    middle = (slice(start, len(ones) - end), slice(start, len(others) - end))
    left, right = ones[middle[0]], others[middle[1]]
    if max(len(left), len(right)) > MOST_ALIGNED:
        shared = [row for row in left if row in after]
        yield from ((row, row) for row in shared)
        yield from ((row, None) for row in left if row not in after)
        yield from ((None, row) for row in right if row not in before)
    else:
        matcher = SequenceMatcher(None, marks[0][middle[0]], marks[1][middle[1]], autojunk=False)
        for kind, i, j, k, m in matcher.get_opcodes():
            pairs = zip(left[i:j], right[k:m], strict=False)
            if kind in ("equal", "replace"):
                yield from pairs
            yield from ((row, None) for row in left[i + (m - k) : j] if kind != "equal")
            yield from ((None, row) for row in right[k + (j - i) : m] if kind != "equal")
    if end:
        yield from zip(ones[-end:], others[-end:], strict=True)


def _cell_changes(
    file: str,
    rows: Pair,
    before: dict[tuple[str, ...], str],
    after: dict[tuple[str, ...], str],
    runs: tuple[Results, Results],
    export: str,
) -> list[CellChange]:
    """One change a raw cell, though several tables may have read it."""
    changes: dict[str, CellChange] = {}
    for key in dict.fromkeys([*before, *after]):
        table, place, canonical = key
        pair = before.get(key, ""), after.get(key, "")
        if pair[0] != pair[1]:
            names = next(
                run.raw_columns[export, table]
                for run in runs
                if canonical in run.raw_columns.get((export, table), {})
            )
            raw_column = names[canonical]
            visit = after.get((table, place, "visit"), before.get((table, place, "visit")))
            for run in runs:
                raw_column = run.cell_column(export, table, raw_column)
                repeated = run.repeated(export, table)
                if repeated and repeated.visit == visit:
                    raw_column = repeated.raw_column(canonical, raw_column)
            changes.setdefault(
                raw_column, CellChange(file, rows, raw_column, pair, table, canonical)
            )
    return list(changes.values())


def _compare_findings(
    first: Results, second: Results, found: Differences, moved: dict[Row, str]
) -> None:
    before = first.findings.to_dict("records")
    after = second.findings.to_dict("records")
    there = Counter(tuple(entry.values()) for entry in after)
    for entry in before:
        here = {**entry, "row": moved.get((entry["file"], entry["row"]), entry["row"])}
        if there[tuple(here.values())]:
            there[tuple(here.values())] -= 1
        else:
            found.findings_fewer.append(entry)
    for entry in after:
        if there[tuple(entry.values())]:
            there[tuple(entry.values())] -= 1
            found.findings_more.append(entry)


def _compare_scores(first: Results, second: Results, found: Differences) -> None:
    tables = [_scores(run) for run in (first, second)]
    before, after = tables[0].add_suffix("_before"), tables[1].add_suffix("_after")
    joined = before.join(after, how="outer").fillna("")
    differing = joined.loc[joined["text_before"] != joined["text_after"]]
    for key, row in zip(differing.index, differing.to_dict("records"), strict=True):
        found.scores[str(key)] = (row["text_before"], row["text_after"])
        found.score_rows[str(key)] = (row["row_id_before"], row["row_id_after"])


def _scores(run: Results) -> pd.DataFrame:
    rows = run.rows("scored/scores.csv")
    rows.index = pd.Index(
        rows["subject_id"] + "/" + rows["visit"] + "/" + rows["instrument"] + "." + rows["scale"]
    )
    return rows[["text", "row_id"]]
