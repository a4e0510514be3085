"""What the page carries for its cards: each number shown, and the way from it to its raw cells.

One piece of JSON, deflated. ``estimates``: by id, what the analysis results say of the number, and
which steps of the chain it was made from. ``scores`` and ``exams`` of the patients' pages: the step
of each. ``chain``: tables that all cards share, each thing once:

- ``steps``: kind, label, value, place in ``rows`` (-1: none), place in ``sets`` (-1: none), and for
  a raw cell that no table has its file, row, column and text;
- ``rows``: place in ``tables``, raw row, texts as written (in the order of the table's columns;
  null where no cell has it), what differs once cleaned and what was found, by column, whether
  cleaning kept the row, and row and column of the cells that are elsewhere (an item of a long
  raw table, a visit of a wide one);
- ``sets``: which columns of its table a step needs;
- ``tables``: cleaned table, export, raw file, raw columns, canonical columns.

Only columns that a number on the page needs are there. Calendar dates are among them only where
time itself is estimated (see owncontrol.lineage.chain).
"""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.basics.number_texts import certain, exact
from owncontrol.engine_texts import held
from owncontrol.estimates.selections import Matching
from owncontrol.lineage.chain import DATES, Chain, Named
from owncontrol.lineage.counts import Step
from owncontrol.lineage.results import Results
from owncontrol.reporting.patient_pages import EXAMS, PatientPages
from owncontrol.tables import fields, records

CARD = (
    "value",
    "lower",
    "upper",
    "level",
    "p",
    "p_adjusted",
    "n",
    "events",
    "unit",
    "statistic",
    "endpoint",
    "visit",
    "stratum",
    "population",
    "method",
    "convention",
    "analysis",
    "cell",
)
# Things that one card follows: the first limit that keeps the chain below these sizes is taken.
LIMITS = (5000, 500, 100, 25, 5)
MOST_THINGS = 50_000
MOST_CHARACTERS = 4_000_000


def cards(
    estimates: pd.DataFrame,
    shown: set[str],
    results: Results,
    labels: dict[str, dict[str, str]],
    pages: PatientPages,
) -> str:
    """All that the cards say as JSON, deflated, in base64: a tenth of its size.

    ``shown``: ids of the numbers on the page. ``labels``: by column, what to call its values.
    ``pages``: the patients' pages, for the cards of their scores and exams.
    """
    chosen = estimates.loc[estimates["estimate_id"].isin(shown)]
    entries: dict[str, dict[str, Any]] = {
        row["estimate_id"]: {
            key: labels.get(key, {}).get(row[key], _written(row[key]))
            for key in CARD
            if row[key] not in (None, "") and row[key] == row[key]
        }
        for row in records(chosen)
    }
    chain = None
    named_by = [_named(results, estimate_id) for estimate_id in entries]
    for limit in LIMITS:
        if limit != LIMITS[-1] and sum(min(total, limit) for total in named_by) > MOST_THINGS:
            continue
        chain = Chain(results, entries, limit, others=_of_patients(pages, results), earlier=chain)
        shared = _Shared(chain, labels)
        for estimate_id, entry in entries.items():
            named = chain.named[estimate_id]
            entry["named"] = named.total
            entry["steps"] = _runs([shared.step(step) for step in named.steps])
        own = {
            kind: {name: shared.step(chain.named[name].steps[0]) for name in names}
            for kind, names in (("scores", pages.scores), ("exams", pages.exams))
        }
        home = f"/results/{results.study.study}/report/"
        files = {"raw": _raw_folder(results), "notebooks": "../notebooks/", "home": home}
        text = _json({"estimates": entries, **own, "chain": shared.tables(), "files": files})
        if len(text) <= MOST_CHARACTERS:
            break
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def _written(value: Any) -> str:
    """A number with all digits of which a float is certain; a text as it is."""
    return value if isinstance(value, str) else exact(certain(value))


def _raw_folder(results: Results) -> str:
    """The way from the page to the raw files; empty where they lie outside the project."""
    raw = results.study.raw
    return "" if Path(raw).is_absolute() else f"../../../{raw}/"


def _of_patients(pages: PatientPages, results: Results) -> dict[str, Named]:
    """The scores of the patients' pages, and their exams with all cells but the dates."""
    dates = [name for name, entry in fields("assessment").items() if entry["type"] in DATES]
    named = {key: Named(1, scores=[(key, ())]) for key in pages.scores}
    for row_id, label in pages.exams.items():
        mapped = results.raw_columns[row_id.rpartition(":")[0], EXAMS]
        columns = tuple(name for name in mapped if name not in dates)
        named[row_id] = Named(1, [Step("exam", label, EXAMS, row_id, columns)])
    return named


def _named(results: Results, estimate_id: str) -> int:
    """How many scores and rows an estimate names."""
    selections = results.selections(results.estimates[estimate_id]["inputs"])
    return sum(len(part) for part in selections if not isinstance(part, Matching))


class _Shared:
    """The tables that all cards share, filled step by step."""

    def __init__(self, chain: Chain, labels: dict[str, dict[str, str]]) -> None:
        self.chain, self.labels = chain, labels
        self._columns: dict[tuple[str, str], dict[str, int]] = {}  # and the place of each
        for step in dict.fromkeys(step for named in chain.named.values() for step in named.steps):
            if step.columns:
                known = self._columns.setdefault(_table(step), {})
                for name in step.columns:
                    known.setdefault(name, len(known))
        self._tables = {table: place for place, table in enumerate(self._columns)}
        self._steps: dict[Step, int] = {}
        self._rows: dict[tuple[str, str, str], int] = {}
        self._sets: dict[tuple[tuple[str, str], tuple[str, ...]], int] = {}

    def step(self, step: Step) -> int:
        """The place of a step, entered with its row and columns if it is new."""
        if step not in self._steps and step.columns:
            self._rows.setdefault(_row(step), len(self._rows))
            self._sets.setdefault((_table(step), step.columns), len(self._sets))
        return self._steps.setdefault(step, len(self._steps))

    def tables(self) -> dict[str, Any]:
        """What the page's script reads; see the module's text."""
        results = self.chain.results
        return {
            "steps": [self._step(step) for step in self._steps],
            "rows": [self._row(*row) for row in self._rows],
            "sets": [[self._columns[table][name] for name in names] for table, names in self._sets],
            "tables": [
                [
                    table,
                    export,
                    results.files[export],
                    [results.raw_columns[export, table][name] for name in names],
                    list(names),
                ]
                for (table, export), names in self._columns.items()
            ],
        }

    def _step(self, step: Step) -> list[Any]:
        row = self._rows[_row(step)] if step.columns else -1
        columns = self._sets[_table(step), step.columns] if step.columns else -1
        entry = [step.kind, self._label(step), step.value, row, columns]
        if step.raw_column:
            entry += [step.file, step.row, step.raw_column, step.written]
        return entry

    def _label(self, step: Step) -> str:
        if step.kind != "score":
            return step.label
        subject, visit, scale = step.label.rsplit("/", 2)
        instrument = self.chain.results.instrument(step.table)
        name = instrument.scales[scale.removeprefix(f"{step.table}.")].label
        return f"{subject}, {self.labels['visit'].get(visit, visit)}: {instrument.label}, {name}"

    def _row(self, table: str, row_id: str, visit: str) -> list[Any]:
        export, _, number = row_id.rpartition(":")
        names = self._columns[table, export]
        found = self.chain.rows.cells(table, row_id, names, visit)
        cells = {names[cell.canonical]: cell for cell in found}
        kept = self.chain.rows.is_kept(table, row_id)
        raw_columns = self.chain.results.raw_columns[export, table]
        read, notes, places = {}, {}, {}
        for place, cell in cells.items():
            if kept and cell.cleaned != cell.written:
                read[place] = cell.cleaned
            if cell.notes:
                notes[place] = cell.notes
            if (cell.row, cell.column) != (number, raw_columns[cell.canonical]):
                places[place] = [cell.row, cell.column]
        written = [cells[place].written if place in cells else None for place in range(len(names))]
        return [self._tables[table, export], number, written, read, notes, int(kept), places]


def _table(step: Step) -> tuple[str, str]:
    return step.table, step.row_id.rpartition(":")[0]


def _row(step: Step) -> tuple[str, str, str]:
    return step.table, step.row_id, step.visit


def _runs(places: list[int]) -> list[int]:
    """First and last of each run of consecutive places, one after the other."""
    runs: list[int] = []
    for place in places:
        if runs and place == runs[-1] + 1:
            runs[-1] = place
        else:
            runs += [place, place]
    return runs


def _json(content: Any) -> str:
    return held(json.dumps(content, ensure_ascii=False, separators=(",", ":")))
