"""diff: what differs between two runs, and which difference explains which."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from owncontrol.basics.decimals import plain_text
from owncontrol.errors import InputError
from owncontrol.lineage.causes import Explanations
from owncontrol.lineage.differences import Differences, find_differences
from owncontrol.lineage.results import Results

NUMBERS = ("value", "lower", "upper", "level", "p", "p_adjusted")  # that the file has as floats


def compare_runs(first: str, second: str) -> dict[str, Any]:
    """All differences with their causes, as plain data for JSON.

    Raises InputError for a folder that holds no finished run.
    """
    runs = []
    for folder in (first, second):
        if not (Path(folder) / "statistics/estimates.csv").is_file():
            raise InputError(
                f"{folder}: holds no finished run", "name two folders like results/STUDY"
            )
        runs.append(Results(folder))
    found = find_differences(runs[0], runs[1])
    why = Explanations(runs[0], runs[1], found)
    return {"runs": [first, second], **_plain(found, why)}


def _plain(found: Differences, why: Explanations) -> dict[str, Any]:
    scores, estimates, verdicts = why.scores(), why.estimates(), why.verdicts()
    return {
        "settings": found.settings,
        "packages": found.packages,
        "code": found.code,
        "raw_cells": [vars(change) for change in found.cells],
        "raw_rows_fewer": found.rows_fewer,
        "raw_rows_more": found.rows_more,
        "findings_fewer": found.findings_fewer,
        "findings_more": found.findings_more,
        "scores": {
            key: {"values": pair, "because": scores[key]} for key, pair in found.scores.items()
        },
        "estimates": {
            name: {"changes": pairs, "because": estimates[name]}
            for name, pairs in found.estimates.items()
        },
        "verdicts": {
            name: {"changes": pairs, "because": verdicts[name]}
            for name, pairs in found.verdicts.items()
        },
    }


def lines(differences: dict[str, Any], limit: int) -> Iterator[str]:
    """The differences for a reader: ``limit`` lines of each kind (0: all)."""
    yield f"{differences['runs'][0]} -> {differences['runs'][1]}"
    kinds: dict[str, list[str]] = {
        "settings": [f"{key}: {_pair(pair)}" for key, pair in differences["settings"].items()],
        "packages": [f"{key}: {_pair(pair)}" for key, pair in differences["packages"].items()],
        "scripts and notebooks": differences["code"],
        "raw cells": [
            f"{cell['file']} row {cell['rows'][0]}, {cell['column']}: {_pair(cell['written'])}"
            for cell in differences["raw_cells"]
        ],
        "raw rows fewer": [f"{file} row {row}" for file, row in differences["raw_rows_fewer"]],
        "raw rows more": [f"{file} row {row}" for file, row in differences["raw_rows_more"]],
        "findings fewer": [_finding(entry) for entry in differences["findings_fewer"]],
        "findings more": [_finding(entry) for entry in differences["findings_more"]],
        "scores": [
            f"{key}: {_pair(entry['values'])}{_because(entry)}"
            for key, entry in differences["scores"].items()
        ],
        "estimates": [_changed(*item) for item in differences["estimates"].items()],
        "verdicts": [_changed(*item) for item in differences["verdicts"].items()],
    }
    for kind, entries in kinds.items():
        yield f"{kind}: {len(entries) or 'none'}"
        shown = entries[: limit or None]
        yield from (f"  {entry}" for entry in shown)
        if len(entries) > len(shown):
            yield f"  and {len(entries) - len(shown)} more (--limit 0 shows all)"


def _pair(pair: Sequence[str | None]) -> str:
    return " -> ".join(
        "no such estimate" if text is None else text if text else "(none)" for text in pair
    )


def _finding(entry: dict[str, str]) -> str:
    place = " ".join(filter(None, (entry["file"], entry["row"] and f"row {entry['row']}")))
    return f"{place}, {entry['column']}: {entry['rule']}; {entry['action']}; {entry['detail']}"


def _changed(name: str, entry: dict[str, Any]) -> str:
    pairs = {
        key: [text and plain_text(text) for text in pair] if key in NUMBERS else pair
        for key, pair in entry["changes"].items()
    }
    changes = "; ".join(f"{key} {_pair(pair)}" for key, pair in pairs.items())
    return f"{name}: {changes}{_because(entry)}"


def _because(entry: dict[str, Any], shown: int = 3) -> str:
    causes = entry["because"]
    more = f" and {len(causes) - shown} more" if len(causes) > shown else ""
    return f"\n    because of {', '.join(causes[:shown])}{more}"


def print_differences(first: str, second: str, limit: int, as_json: bool) -> None:
    """Print the differences of two results folders."""
    found = compare_runs(first, second)
    print(
        json.dumps(found, indent=1, ensure_ascii=False)
        if as_json
        else "\n".join(lines(found, limit))
    )
