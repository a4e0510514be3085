"""trace: from a number to its raw cells, or from a raw cell to the numbers it touches."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from owncontrol.basics.decimals import plain_text
from owncontrol.basics.nearest import did_you_mean
from owncontrol.errors import InputError
from owncontrol.ingest.keyed_rows import TOKEN, raw_rows
from owncontrol.lineage.chain import Chain
from owncontrol.lineage.counts import Step
from owncontrol.lineage.results import Results
from owncontrol.lineage.reverse import touched
from owncontrol.privacy.keyed_codes import read_key

NUMBERS = ("lower", "upper", "level", "p", "p_adjusted")
ABOUT = ("population", "endpoint", "visit", "stratum", "unit", "method", "convention", "cell")


def find_results(folder: Path | str | None) -> Results:
    """The results folder that was named, or the only one there is.

    Raises InputError where it is not there, and where several are.
    """
    if folder is None:
        there = sorted(path.parent for path in Path("results").glob("*/statistics"))
        if len(there) != 1:
            known = ", ".join(map(str, there)) or "none; run the study first (make)"
            raise InputError(
                "which results? add --results results/STUDY", f"results in this folder: {known}"
            )
        folder = there[0]
    if not Path(folder).is_dir():
        raise InputError(f"{folder}: no such folder", "name the results folder of a study")
    return Results(folder)


def trace_estimate(results: Results, estimate_id: str, limit: int | None) -> dict[str, Any]:
    """The chain of one estimate, as plain data for JSON.

    Keys: ``estimate`` (its row), ``named`` (how many scores, rows or findings it names),
    ``steps`` (the first ``limit`` of them, each with its ``cells``). Raises InputError for an id
    that the analysis results do not have.
    """
    if estimate_id not in results.estimates:
        raise InputError(
            f"the analysis results have no estimate '{estimate_id}'",
            did_you_mean(estimate_id, results.estimates, "see statistics/estimates.csv"),
        )
    chain = Chain(results, [estimate_id], limit)
    named = chain.named[estimate_id]
    return {
        "estimate": results.estimates[estimate_id],
        "named": named.total,
        "steps": [_plain_step(chain, step) for step in named.steps],
    }


def _plain_step(chain: Chain, step: Step) -> dict[str, Any]:
    cells = [cell._asdict() for cell in chain.step_cells(step)]
    keys = ("kind", "label", "value", "table", "row_id", "file", "row")
    about = {key: getattr(step, key) for key in keys if getattr(step, key)}
    if step.table:
        about["kept"] = chain.rows.is_kept(step.table, step.row_id)
    return {**about, "cells": cells}


def tree(chain: dict[str, Any]) -> Iterator[str]:
    """The lines of the chain of one estimate."""
    estimate = chain["estimate"]
    yield f"{estimate['estimate_id']} = {plain_text(estimate['value']) or 'not estimable'}"
    for key in (*NUMBERS, "n", "events", *ABOUT):
        if estimate.get(key):
            yield f"  {key}: {plain_text(estimate[key]) if key in NUMBERS else estimate[key]}"
    steps = chain["steps"]
    for step in steps:
        yield f"\u251c\u2500 {_line(step)}"
        if "table" in step:
            kept = "" if step["kept"] else " (set aside)"
            yield f"\u2502  cleaned/{step['table']}.csv {step['row_id']}{kept}"
        for cell in step["cells"]:
            yield f"\u2502    {_cell_line(cell, step.get('kept', False))}"
    followed = sum(step["kind"] != "origin" for step in steps)
    if followed < chain["named"]:
        more = chain["named"] - followed
        yield f"\u2514\u2500 and {more} more of {chain['named']} (--limit 0 follows all)"
    else:
        yield f"\u2514\u2500 {chain['named']} in all"


def _line(step: dict[str, Any]) -> str:
    if step["kind"] == "score":
        return f"score {step['label']} = {step.get('value', 'not determined')}"
    return ": ".join(filter(None, (f"{step['kind']} {step['label']}", step.get("value", ""))))


def _cell_line(cell: dict[str, str], kept: bool) -> str:
    changed = kept and cell["cleaned"] != cell["written"]
    read = f" \u2192 {cell['cleaned']!r}" if changed else ""
    notes = f"  [{cell['notes']}]" if cell["notes"] else ""
    return f"{cell['file']} row {cell['row']}, {cell['column']}: {cell['written']!r}{read}{notes}"


def raw_place(text: str) -> tuple[str, str, str]:
    """``FILE:ROW[:COLUMN]`` taken apart; InputError where it has another form."""
    parts = [*text.split(":", 2), "", ""]
    file, row, column = parts[:3]
    if not (file and row.isdecimal()):
        raise InputError(
            f"--raw {text!r}: allowed: FILE:ROW or FILE:ROW:COLUMN",
            "the row as a person counts it (the header is row 1), the column as the file names it",
        )
    return Path(file).name, row, column


class RawNumbers:
    """The raw rows behind the numbers that a run under keyed codes gives them."""

    def __init__(self, results: Results, key_file: str) -> None:
        """InputError where the run had no keyed codes, or another key."""
        key = read_key(key_file)
        self._rows: dict[str, dict[str, str]] = {}
        for export, file in results.files.items():
            record = results.rows(f"ingested/{export}/rows.csv")
            if TOKEN not in record:
                raise InputError(
                    f"{results.folder}: the study was run without keyed codes", "leave --key out"
                )
            found = raw_rows(record, key, file)
            self._rows[file] = {str(number): str(row) for number, row in found.items()}

    def in_results(self, file: str, row: str) -> str:
        """The number that a raw row has in the results; InputError where it was not read."""
        known = {raw: number for number, raw in self._rows.get(file, {}).items()}
        if row not in known:
            raise InputError(f"{file}: row {row} was not read", "name a row as the raw file has it")
        return known[row]

    def in_raw_file(self, chain: dict[str, Any]) -> dict[str, Any]:
        """The chain of an estimate with each cell at its row of the raw file."""
        steps = [
            {**step, "cells": [self._cell(cell) for cell in step["cells"]]}
            for step in chain["steps"]
        ]
        return {**chain, "steps": steps}

    def _cell(self, cell: dict[str, str]) -> dict[str, str]:
        return {**cell, "row": self._rows.get(cell["file"], {}).get(cell["row"], cell["row"])}


def print_trace(
    estimate_id: str | None,
    raw: str | None,
    folder: str | None,
    limit: int,
    as_json: bool,
    key_file: str | None = None,
) -> None:
    """Print the chain of an estimate, or every estimate that a raw cell touches.

    ``key_file``: the key of the keyed codes, for rows as the raw files have them.
    """
    if (estimate_id is None) == (raw is None):
        raise InputError(
            "trace takes an estimate's id, or --raw FILE:ROW[:COLUMN]",
            "owncontrol trace change.ais.day_180.improved",
        )
    results = find_results(folder)
    numbers = RawNumbers(results, key_file) if key_file else None
    if raw is not None:
        file, row, column = raw_place(raw)
        ids = touched(results, file, numbers.in_results(file, row) if numbers else row, column)
        values = {estimate_id: results.estimates[estimate_id]["value"] for estimate_id in ids}
        lines = [
            f"{estimate_id} = {plain_text(value) or 'not estimable'}"
            for estimate_id, value in values.items()
        ]
        lines.append(f"{len(ids)} of {len(results.estimates)} estimates")
        print(json.dumps(values, indent=1) if as_json else "\n".join(lines))
        return
    chain = trace_estimate(results, str(estimate_id), limit or None)
    chain = numbers.in_raw_file(chain) if numbers else chain
    print(json.dumps(chain, indent=1, ensure_ascii=False) if as_json else "\n".join(tree(chain)))
