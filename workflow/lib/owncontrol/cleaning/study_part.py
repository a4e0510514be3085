"""Rows of subjects who are not part of the study: they are counted, and nothing more is asked.

A file that feeds the subjects table says by its ``keep`` who is part of the study; ingest records
the study codes of all others (owncontrol.ingest.kept_rows).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.cleaning.cell_values import Column, read_cell
from owncontrol.cleaning.columns import column_reader
from owncontrol.cleaning.working_table import NOT_PART, STATES, Sheet
from owncontrol.ingest import kept_rows
from owncontrol.ingest.long_tables import rows_behind
from owncontrol.instruments import Instrument
from owncontrol.study.parts import CleaningSettings
from owncontrol.tables.categories import as_categories, by_value, present_texts

SUBJECT_NOT_PART = f"{kept_rows.NOT_PART}: the subject is not"


def subjects_not_part(
    sheets: dict[str, Sheet],
    rows: dict[str, pd.DataFrame],
    config: CleaningSettings,
    instruments: dict[str, Instrument],
) -> set[str]:
    """Codes of the subjects of whom a file that feeds the subjects table keeps no row.

    ``rows``: by export, ingest's record of its rows. Codes are as cleaning reads them.
    """
    left: set[str] = set()
    kept: set[str] = set()
    subjects = sheets["subjects"]
    for name, record in rows.items():
        export = config.exports[name]
        if not export.keep or "subjects" not in export.tables:
            continue
        reader = column_reader("subjects", "subject_id", export, config, instruments)
        outside = record.loc[record["reason"].astype("str") == kept_rows.NOT_PART, kept_rows.CODE]
        left |= _read(outside.astype("str").unique(), reader)
        here = subjects.rows_of(config.file_names[name])
        kept |= _read(present_texts(subjects.written["subject_id"].iloc[here]), reader)
    return left - kept


def _read(texts: Iterable[str], reader: Column) -> set[str]:
    """The codes that some texts are read as; what is no code is none."""
    return {_code(text, reader) for text in texts} - {""}


def _code(text: str, reader: Column) -> str:
    return str(read_cell(text, reader).value or "")


def rows_not_part(
    rows: dict[str, pd.DataFrame],
    codes: set[str],
    config: CleaningSettings,
    instruments: dict[str, Instrument],
) -> dict[str, pd.DataFrame]:
    """Ingest's records of rows, by export, with the reason at rows of these subjects.

    Only of rows that no table took; those of a table are in its sheet.
    """
    if not codes:
        return rows
    found = {}
    for name, record in rows.items():
        export = config.exports[name]
        table = kept_rows.code_table(export)
        reader = column_reader(table, "subject_id", export, config, instruments)
        theirs = _whose(as_categories(record[kept_rows.CODE]), reader, codes)
        theirs &= (record["reason"].astype("str") != kept_rows.NOT_PART).to_numpy(bool)
        reasons = record["reason"].astype("str").where(~theirs, SUBJECT_NOT_PART)
        found[name] = record.assign(reason=reasons)
    return found


def set_not_part_aside(
    sheets: dict[str, Sheet],
    codes: set[str],
    config: CleaningSettings,
    instruments: dict[str, Instrument],
) -> None:
    """Mark all rows of these subjects, before anything is read that could be reported."""
    if not codes:
        return
    by_file = {file: config.exports[name] for name, file in config.file_names.items()}
    for table, sheet in sheets.items():
        for file in sheet.files:
            reader = column_reader(table, "subject_id", by_file[file], config, instruments)
            rows = sheet.rows_of(file)
            theirs = _whose(sheet.written["subject_id"].iloc[rows], reader, codes)
            sheet.set_aside(rows[theirs], SUBJECT_NOT_PART, NOT_PART)


def _whose(column: "pd.Series[Any]", reader: Column, codes: set[str]) -> NDArray[np.bool_]:
    """Whether each cell is read as one of the codes."""
    return by_value(column, lambda text: _code(text, reader) in codes)


def without_not_part(
    findings: pd.DataFrame, sheets: dict[str, Sheet], rows: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """What ingest found, but for raw rows of which no table has a part that belongs to the study.

    ``rows``: by raw file, ingest's record of its rows.
    """
    outside = {
        (file, row) for file, record in rows.items() for row in _rows_outside(file, record, sheets)
    }
    if not outside:
        return findings
    places = zip(findings["file"], findings["row"], strict=True)
    return findings.loc[[place not in outside for place in places]]


def _rows_outside(file: str, record: pd.DataFrame, sheets: dict[str, Sheet]) -> list[int]:
    aside = (record["reason"].astype("str") == SUBJECT_NOT_PART).to_numpy(bool, copy=True)
    part = np.zeros(len(record), bool)
    for table, sheet in sheets.items():
        here = sheet.rows_of(file)
        is_part = sheet.state[here] != STATES.index(NOT_PART)
        if not is_part.all():
            aside |= rows_behind(record, table, sheet.source_row[here[~is_part]].tolist())
            part |= rows_behind(record, table, sheet.source_row[here[is_part]].tolist())
    numbers = record["source_row"].astype(np.int64).to_numpy()
    found: list[int] = numbers[aside & ~part].tolist()
    return found
