"""A baseline that every row of a subject repeats, as one row per subject at the visit it is of.

The raw table has a row for each follow-up visit and the value before it in a column beside. The
added row is named after the first raw row of the subject that has all repeated values (or the most
of them), and its cells are those of that raw row.
"""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.decimals import read_decimal
from owncontrol.basics.invisible import visible
from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding, shortened
from owncontrol.findings.repeated_baseline_rules import BaselineDiffers
from owncontrol.ingest.raw_checks import require_column
from owncontrol.ingest.reshape import View, joined_code
from owncontrol.study.base import FrozenMapping
from owncontrol.study.table_mapping import CODES, TableMapping, raw_names
from owncontrol.tables.categories import all_categories, is_one_of


class _Chosen(NamedTuple):
    """Of each subject the place of the row that is read; cells that are not read; findings."""

    places: list[int]
    unread: set[tuple[int, str]]
    findings: list[Finding]


def with_baseline_rows(
    path: Path, view: View, mapping: TableMapping, missing: Collection[str]
) -> View:
    """The view of a plain table with a row for each subject's repeated baseline.

    ``missing``: codes of the export. Raises InputError where a column is not there, or a row of the
    file is itself of the visit that the repeated values belong to.
    """
    repeated = mapping.baseline_columns.raw
    visit_column = mapping.raw_columns("visit")[0]
    for column in (*mapping.raw_columns("subject_id"), *repeated.values(), visit_column):
        require_column(path, view.cells, column)
    plain = view.cells.astype("str")
    asked = np.ones(len(plain), bool)
    for name, allowed in mapping.rows.items():
        if name in plain and name != visit_column:
            asked &= is_one_of(view.cells[name], raw_names(allowed))
    _refuse_own_rows(path, plain.loc[asked], mapping, visit_column)
    chosen = _chosen(path, plain, asked, mapping, missing)
    rows = _added_rows(plain, chosen, mapping, visit_column)
    order = np.argsort(np.append(plain.index, rows.index), kind="stable")
    added = np.append(np.zeros(len(plain), bool), np.ones(len(rows), bool))
    sources = dict(view.sources)
    for column, raw in repeated.items():
        usual = mapping.raw_columns(column)[0]
        sources[usual] = [*sources.get(usual, [usual]), raw]
    cells = pd.concat([plain, rows]).iloc[order]
    cells.index.name = plain.index.name
    return replace(
        view,
        cells=all_categories(cells),
        sources=sources,
        added=added[order],
        findings=tuple(chosen.findings),
    )


def _added_rows(
    plain: pd.DataFrame, chosen: _Chosen, mapping: TableMapping, visit_column: str
) -> pd.DataFrame:
    """The chosen rows with the repeated values where the usual ones are; the rest is empty.

    What no table column reads stays: conditions of the table look at it.
    """
    found = plain.iloc[chosen.places].copy()
    values: dict[str, list[str]] = {}
    for column, raw in mapping.baseline_columns.raw.items():
        cells = zip(chosen.places, found[raw], strict=True)
        values[column] = ["" if (at, raw) in chosen.unread else str(text) for at, text in cells]
    for column in mapping.columns:
        if column not in CODES:
            for raw in mapping.raw_columns(column):
                if raw in found:
                    found[raw] = values.get(column, "")
    found[visit_column] = str(mapping.baseline_columns.visit)
    return found


def _refuse_own_rows(
    path: Path, rows: pd.DataFrame, mapping: TableMapping, visit_column: str
) -> None:
    """InputError for a row that is itself of the visit of the repeated values."""
    codes = mapping.recode.get("visit", FrozenMapping())
    asked = mapping.rows.get(visit_column)
    for row, text in rows[visit_column].items():
        written = visible(text).strip()
        is_read = asked is None or written in raw_names(asked)
        if is_read and codes.get(written, written) == mapping.baseline_columns.visit:
            raise InputError(
                f"{path}, row {row}, column {visit_column}: {shortened(written)!r} is the visit "
                f"'{mapping.baseline_columns.visit}', whose values baseline_columns reads from "
                f"{', '.join(mapping.baseline_columns.raw.values())}",
                "leave baseline_columns out, or these rows (rows, keep)",
            )


def _chosen(
    path: Path,
    plain: pd.DataFrame,
    asked: NDArray[np.bool_],
    mapping: TableMapping,
    missing: Collection[str],
) -> _Chosen:
    raw_columns = list(mapping.baseline_columns.raw.values())
    parts = plain[list(mapping.raw_columns("subject_id"))]
    codes = [joined_code(row, missing) for row in parts.to_numpy().tolist()]
    texts = {name: [_value(text, missing) for text in plain[name]] for name in raw_columns}
    of_subject: dict[str, list[int]] = {}
    for place in np.flatnonzero(asked).tolist():
        if codes[place] and any(texts[name][place] != "" for name in raw_columns):
            of_subject.setdefault(codes[place], []).append(place)
    found = _Chosen([], set(), [])
    for places in of_subject.values():
        best = max(places, key=lambda place: sum(texts[name][place] != "" for name in raw_columns))
        found.places.append(best)
        for name in raw_columns:
            others = [
                place for place in places if texts[name][place] not in ("", texts[name][best])
            ]
            if not others:
                continue
            found.unread.add((best, name))
            first = shortened(str(plain[name].iloc[best]))
            rule = BaselineDiffers(first=first, row=int(plain.index[best]))
            found.findings.extend(
                Finding(rule, path.name, int(plain.index[place]), name, plain[name].iloc[place])
                for place in others
            )
    return found


def _value(text: str, missing: Collection[str]) -> Decimal | str:
    """A text as it is compared; numbers by what they are worth. Empty where it is missing."""
    shown = visible(text).strip()
    if shown in missing:
        return ""
    number = read_decimal(shown)
    return shown if number is None else number
