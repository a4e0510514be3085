"""Which rows of a raw file are part of the study, as the export's ``keep`` says.

The others are no fault: they are counted, with a reason, and nothing is reported about them.
Ingest's record of the rows has the study code of each row that no table took (``CODE``), because a
subject whom a file that feeds the subjects table does not keep is not part of the study in any
other file either.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.invisible import visible
from owncontrol.basics.nearest import nearest
from owncontrol.errors import InputError
from owncontrol.findings import mapping_rules as rules
from owncontrol.findings.finding import Finding, shortened
from owncontrol.ingest.keyed_rows import code_subjects
from owncontrol.ingest.private_columns import Private, refuse
from owncontrol.ingest.raw_checks import require_column
from owncontrol.ingest.readers import RawTable
from owncontrol.ingest.reshape import joined_code
from owncontrol.ingest.visit_windows import without_number
from owncontrol.privacy.names import people_in
from owncontrol.study.exports import Export
from owncontrol.study.subjects import CodeRules
from owncontrol.study.table_mapping import raw_names
from owncontrol.study.visit_windows import WINDOW
from owncontrol.tables.categories import as_categories, by_value, is_one_of

NOT_PART = "not part of this study"
CODE = "code_not_taken"  # column of ingest's record of the rows
CORRECT = "correct exports.*.keep"
SHOWN = 8  # values of a column that a message lists
Mask = NDArray[np.bool_]


def keep_rows(path: Path, raw: RawTable, export: Export, private: Private) -> RawTable:
    """``raw`` with the rows set aside that are not part of the study.

    Raises InputError where the file lacks a column, a column may not be read, or no row is kept.
    """
    if not export.keep or raw.cells.empty:
        return raw
    for column in export.keep:
        require_column(path, raw.cells, column)
    refuse(path, dict.fromkeys(export.keep, "keep"), private)
    wanted = {column: raw_names(values) for column, values in export.keep.items()}
    kept = np.ones(len(raw.cells), bool)
    for column, values in wanted.items():
        kept &= is_one_of(raw.cells[column], values)
    doubts = _doubts(path, raw.cells, wanted, export)
    if not kept.any():
        said, near = _nothing_kept(raw.cells, wanted)
        if export.found_by is None:
            raise InputError(f"{path}: keep leaves no row: {said}", near)
        doubts = [Finding(rules.KeepsNothing(said=said), path.name)]
    elif export.found_by is not None:  # a value may well be that of other sites
        doubts = [found for found in doubts if not isinstance(found.found, rules.KeepAbsent)]
    aside = dict.fromkeys(map(int, raw.cells.index[~kept]), NOT_PART)
    return replace(
        raw,
        cells=raw.cells.loc[kept],
        set_aside=dict(sorted({**raw.set_aside, **aside}.items())),
        findings=[
            *_about_part(raw.findings, raw.cells.loc[kept], aside),
            *doubts,
        ],
        cell_findings=[finding for finding in raw.cell_findings if finding.row not in aside],
    )


def outside(findings: Iterable[Finding], raw: RawTable) -> list[Finding]:
    """``findings`` but for those about a row that is not part of the study."""
    return [found for found in findings if raw.set_aside.get(found.row or 0) != NOT_PART]


def _nothing_kept(cells: pd.DataFrame, wanted: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    """Why no row is kept, with the values of the first column without one, and a hint."""
    for column, values in wanted.items():
        if is_one_of(cells[column], values).any():
            continue
        there = _counts(cells[column])
        if what := people_in(list(there)):
            held = f"{len(there)} texts, not shown, as they may be {what}"
            return f"none has {_either(values)} in column {column}, which holds {held}", CORRECT
        near = [f"'{found}'" for value in values if (found := nearest(value, list(there)))]
        listed = [f"'{shortened(value)}' ({_rows(n)})" for value, n in list(there.items())[:SHOWN]]
        more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
        meant = f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""
        return (
            f"none has {_either(values)} in column {column}, which holds {', '.join(listed)}{more}",
            meant or CORRECT,
        )
    asked = " and ".join(f"{_either(values)} in {column}" for column, values in wanted.items())
    return f"none has {asked} together, though each is there", CORRECT


def _either(values: Iterable[str]) -> str:
    return " or ".join(f"'{value}'" for value in values)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _counts(column: "pd.Series[Any]") -> dict[str, int]:
    """How many cells hold each text, as it is seen; the most frequent first."""
    texts = pd.Series(by_value(as_categories(column), lambda text: visible(text).strip()))
    counts = texts.value_counts()
    order = sorted(counts.index, key=lambda text: (-counts[text], text))
    return {str(text): int(counts[text]) for text in order}


def _doubts(
    path: Path, cells: pd.DataFrame, wanted: Mapping[str, tuple[str, ...]], export: Export
) -> list[Finding]:
    """Values that are asked for and not there, that are almost one, and rows without any."""
    found = []
    for column, values in wanted.items():
        there = _counts(cells[column])
        alike = {_plain(value): value for value in values}
        for value in values:
            if value not in there:
                near = nearest(value, list(there))
                said = f"; nearest is '{shortened(near)}'" if near else ""
                found.append(Finding(rules.KeepAbsent(nearest=said), path.name, 1, column, value))
        for text, count in there.items():
            if text in values:
                continue
            rule: rules.KeepDoubt | None = None
            if not text and column == WINDOW:
                found += _without_visit(path, cells, export)
            elif not text:
                rule = rules.KeepBlank(rows=_rows(count))
            elif _plain(text) in alike:
                rule = rules.KeepAlike(rows=_rows(count), kept=alike[_plain(text)])
            if rule is not None:
                row = int(cells.index[is_one_of(cells[column], (text,))][0])
                found.append(Finding(rule, path.name, row, column, text))
    return found


def _without_visit(path: Path, cells: pd.DataFrame, export: Export) -> list[Finding]:
    """Rows of which no window could tell the visit, at the column that visits go by.

    A row that lies outside of all windows is no fault.
    """
    declared = export.visit_windows
    if declared is None:
        return []
    texts = without_number(cells, declared, export.dates, export.missing)
    form = "date in a declared form" if declared.since_first else "number"
    first = texts.drop_duplicates()
    counts = texts.value_counts()
    return [
        Finding(
            rules.NoVisitTold(rows=_rows(int(counts[text])), form=form)
            if text
            else rules.KeepBlank(rows=_rows(int(counts[text]))),
            path.name,
            int(str(row)),
            declared.column,
            text,
        )
        for row, text in first.items()
    ]


def _plain(text: str) -> str:
    """A text without what is easily typed otherwise: capitals, spaces and underscores."""
    return "".join(text.casefold().replace("_", " ").split())


def _about_part(
    findings: Iterable[Finding], cells: pd.DataFrame, aside: Mapping[int, str]
) -> list[Finding]:
    """``findings`` without those about rows set aside; ``cells``: of the rows that are kept.

    One that tells a text at the first of its cells is moved to the first cell that is kept.
    """
    found = []
    for finding in findings:
        if finding.row not in aside:
            found.append(finding)
        elif isinstance(finding.found, rules.ToldOnce) and finding.column in cells:
            same = cells.index[is_one_of(cells[finding.column], (finding.value,))]
            if len(same):
                others = len(same) - 1
                further = f"; {others} further rows have it" if others else ""
                told = replace(finding.found, further=further)
                found.append(replace(finding, found=told, row=int(same[0])))
    return found


def code_table(export: Export) -> str:
    """The table by whose mapping a row of an export names its subject."""
    return "subjects" if "subjects" in export.tables else next(iter(export.tables))


def codes_not_taken(
    cells: pd.DataFrame, rows: pd.DataFrame, export: Export, subjects: CodeRules | None
) -> list[str]:
    """For each line of ``rows`` (ingest's record), the study code if no table took the row.

    ``cells``: of all raw rows. ``subjects``: rules of the codes, where they are keyed.
    """
    mapping = export.tables[code_table(export)]
    names = mapping.raw_columns("subject_id")
    left = rows.loc[(rows["tables"] == "").to_numpy(bool), "source_row"].astype(np.int64)
    here = cells.loc[cells.index.isin(left)]
    if not names or not set(names) <= set(here) or here.empty:
        return [""] * len(rows)
    columns = [here[name].astype("str") for name in names]
    texts = pd.Series(
        list(columns[0])
        if len(names) == 1
        else [joined_code(row, export.missing) for row in zip(*columns, strict=True)],
        index=here.index,
        dtype="str",
    )
    if subjects is not None:
        recode: Mapping[str, str] = mapping.recode.get("subject_id", {})
        rule, code = subjects.subject_id, subjects.subject_code
        texts = code_subjects(texts, rule, code, recode, export.missing).astype("str")
    known = dict(zip(texts.index.tolist(), texts, strict=True))
    return [str(known.get(int(row), "")) for row in rows["source_row"]]
