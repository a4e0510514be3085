"""The order of cleaning: corrections, cells, subjects, dates, duplicates, rules, days, the count.

A fault is reported where it is caused. So corrections come first, a row that is set aside takes
part in no later check, and a date that cannot be right is counted from no more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import pandas as pd

from owncontrol.cleaning.all_checks import check_identity, check_rows
from owncontrol.cleaning.columns import column_reader
from owncontrol.cleaning.corrected_cells import corrected_cells
from owncontrol.cleaning.corrections import apply_corrections
from owncontrol.cleaning.day_counts import Clocks
from owncontrol.cleaning.emptied import check_emptied
from owncontrol.cleaning.exclusions import leave_out, leave_out_items
from owncontrol.cleaning.file_groups import with_columns_compared
from owncontrol.cleaning.finished import finished_table
from owncontrol.cleaning.flow import count_cells, count_rows, count_subjects, quarantine_table
from owncontrol.cleaning.plan_timing import plan_timing
from owncontrol.cleaning.running_numbers import check_running_numbers
from owncontrol.cleaning.shown import shown_findings
from owncontrol.cleaning.study_part import (
    rows_not_part,
    set_not_part_aside,
    subjects_not_part,
    without_not_part,
)
from owncontrol.cleaning.typed_cells import read_column
from owncontrol.cleaning.working_table import Sheet, make_sheet
from owncontrol.errors import InputError
from owncontrol.findings.finding import (
    Finding,
    findings_table,
    fold_stored_faults,
    sort_findings,
    stop_at_first_error,
)
from owncontrol.ingest.identity import CODES
from owncontrol.ingest.keyed_rows import code_corrections, in_raw_order
from owncontrol.instruments import Instrument
from owncontrol.progress import progress
from owncontrol.study.parts import CleaningSettings
from owncontrol.study.table_mapping import CANONICAL, BaselineColumns
from owncontrol.tables import concat

Sheets = dict[str, Sheet]


@dataclass(frozen=True)
class Cleaned:
    """Typed tables by name, with findings, quarantine and the flow of rows, cells and subjects.

    ``plan_timing``, ``corrected_cells``: what the report needs to say of the plan.
    ``finished``: makes each table as it is written to disk, text in columns of categories; one at a
    time, because each takes as much memory as what it is made of.
    """

    finished: dict[str, Callable[[], pd.DataFrame]]
    findings: pd.DataFrame
    quarantine: pd.DataFrame
    flow: pd.DataFrame
    flow_cells: pd.DataFrame
    flow_subjects: pd.DataFrame
    plan_timing: pd.DataFrame
    corrected_cells: pd.DataFrame

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables with plain text, None where it is missing."""
        return {name: _plain(finish()) for name, finish in self.finished.items()}


def clean_study(
    config: CleaningSettings,
    instruments: dict[str, Instrument],
    ingested: dict[str, dict[str, pd.DataFrame]],
    rows: dict[str, pd.DataFrame],
    columns: dict[str, pd.DataFrame],
    findings: list[pd.DataFrame],
    corrections: pd.DataFrame | None,
    plan_dates: Mapping[str, str] | None = None,
) -> Cleaned:
    """Clean all tables of a study.

    ``ingested``: by table and export, the canonical table of text. ``rows``, ``columns``: by
    export, ingest's records. ``findings``: what ingest found. ``corrections``: as read by
    ``read_corrections``, or None where the study has none. ``plan_dates``: by version of the plan
    its date (see study.plan_timing).

    Calendar dates do not leave this step: a cleaned table has whole days from the subject's
    injury (``..._day``; an assessment also days from treatment).

    Raises InputError where no subject is left, where no row of a table or an export is kept that
    ``may_be_empty`` does not name, and with ``strict`` at the first error found.
    """
    sheets = _sheets(config, ingested, rows, columns)
    del ingested  # which the sheets hold in another form
    reports, not_part = _part_of_study(corrections, sheets, rows, config, instruments)
    rows = rows_not_part(rows, not_part, config, instruments)
    raw_rows = _by_file(rows, config)
    found = with_columns_compared(concat(findings, "findings"), columns, config)
    found = without_not_part(found, sheets, raw_rows)
    clocks = _check(sheets, found, raw_rows, config, instruments)
    reports += check_running_numbers(sheets, not_part, config)
    all_findings = _all_findings([found, findings_table(reports)], sheets, config, rows)
    _stop_where_hopeless(sheets, clocks, all_findings, config)
    flow = count_rows(sheets, raw_rows, config.is_selected)
    check_emptied(sheets, raw_rows, all_findings, flow, config)
    cleaned = Cleaned(
        {name: partial(finished_table, name, sheets[name], clocks, config) for name in sheets},
        all_findings,
        quarantine_table(sheets, raw_rows),
        flow,
        count_cells(sheets),
        _count_subjects(sheets, clocks, config, not_part),
        plan_timing(sheets, config.visits, config.baseline, plan_dates or {}),
        corrected_cells(sheets),
    )
    for sheet in sheets.values():
        sheet.keep_values_alone()
    return cleaned


def _sheets(
    config: CleaningSettings,
    ingested: dict[str, dict[str, pd.DataFrame]],
    rows: dict[str, pd.DataFrame],
    columns: dict[str, pd.DataFrame],
) -> Sheets:
    """The tables to work on, subjects first."""
    if key_file := config.subject_code.key_file:
        ingested = in_raw_order(ingested, rows, key_file, config.file_names)
    if "subjects" not in ingested:
        raise InputError("exports: no file feeds the table subjects", "map one; see config.yaml")
    return {
        table: make_sheet(table, parts, columns, _repeated(table, config))
        for table, parts in sorted(ingested.items(), key=lambda item: _place(item[0]))
    }


def _by_file(rows: dict[str, pd.DataFrame], config: CleaningSettings) -> dict[str, pd.DataFrame]:
    """Ingest's record of rows by the name of the raw file in place of the export's."""
    return {config.file_names[export]: record for export, record in rows.items()}


def _part_of_study(
    corrections: pd.DataFrame | None,
    sheets: Sheets,
    rows: dict[str, pd.DataFrame],
    config: CleaningSettings,
    instruments: dict[str, Instrument],
) -> tuple[list[Finding], set[str]]:
    """Correct, and set aside who is not part of the study.

    Returns what is to be said of the corrections, and the codes of those set aside.
    """
    reports = []
    not_part = subjects_not_part(sheets, rows, config, instruments)
    if corrections is not None:
        reports = _correct(corrections, sheets, _by_file(rows, config), config, not_part)
        # Again, because a correction may have made somebody part of the study.
        not_part = subjects_not_part(sheets, rows, config, instruments)
    set_not_part_aside(sheets, not_part, config, instruments)
    return reports, not_part


def _check(
    sheets: Sheets,
    found: pd.DataFrame,
    raw_rows: dict[str, pd.DataFrame],
    config: CleaningSettings,
    instruments: dict[str, Instrument],
) -> Clocks:
    """Leave out what the study excludes, read all cells and check all rows; what days count from.

    ``found``: what is known of the raw files.
    """
    emptied, heads = leave_out_items(sheets, config.exclusions, raw_rows)
    for table, sheet in sheets.items():
        _read(table, sheet, config, instruments)
    leave_out(sheets, config.exclusions, emptied, heads)
    check_identity(sheets, found, config)
    return check_rows(sheets, config, instruments, raw_rows)


def _stop_where_hopeless(
    sheets: Sheets, clocks: Clocks, findings: pd.DataFrame, config: CleaningSettings
) -> None:
    """InputError at the first error where the study is strict, and where no subject is left."""
    if config.strict:
        stop_at_first_error(findings)
    if not clocks.place:
        raise InputError(
            f"{', '.join(sheets['subjects'].files)}: no subject is left after cleaning",
            f"findings: {', '.join(sorted(set(findings['rule'])))}",
        )


def _count_subjects(
    sheets: Sheets, clocks: Clocks, config: CleaningSettings, not_part: set[str]
) -> pd.DataFrame:
    """The flow of subjects to the two visits that the main result compares."""
    assessments = [table for table in sheets if table not in CANONICAL]
    visits = [config.baseline, config.time_point]
    return count_subjects(sheets, clocks, assessments, visits, config.characteristics, not_part)


def _repeated(table: str, config: CleaningSettings) -> dict[str, BaselineColumns]:
    """By export, the columns of a baseline that its rows of a table repeat."""
    return {
        name: export.tables[table].baseline_columns
        for name, export in config.exports.items()
        if table in export.tables
    }


def _correct(
    corrections: pd.DataFrame,
    sheets: Sheets,
    raw_rows: dict[str, pd.DataFrame],
    config: CleaningSettings,
    not_part: set[str],
) -> list[Finding]:
    """Apply the corrections; where codes are keyed, they name study codes and are coded first.

    ``not_part``: codes of subjects who are not part of the study.
    """
    if config.subject_code.key_file:
        of_subjects = {
            (file, raw)
            for sheet in sheets.values()
            for (file, column), raw in sheet.raw_columns.items()
            if column in CODES
        }
        corrections = code_corrections(
            corrections,
            config.subject_id,
            config.subject_code,
            of_subjects,
            {place: raw for sheet in sheets.values() for place, raw in sheet.parts.items()},
            config.corrections,
        )
    long_values = {
        (config.file_names[key], table): mapping.long
        for key, export in config.exports.items()
        for table, mapping in export.tables.items()
        if mapping.long
    }
    return apply_corrections(
        corrections, config.corrections, sheets, raw_rows, long_values, config.age_columns, not_part
    )


def _all_findings(
    before: list[pd.DataFrame],
    sheets: Sheets,
    config: CleaningSettings,
    rows: dict[str, pd.DataFrame],
) -> pd.DataFrame:
    """Those from ``before`` the checks and those of the sheets, in order, as they are shown."""
    found = [table for sheet in sheets.values() for table in sheet.findings]
    whole = concat([*before, *found], "findings")
    return sort_findings(
        fold_stored_faults(shown_findings(whole, config, rows, sheets["subjects"]))
    )


def _place(table: str) -> tuple[int, str]:
    """Subjects first, because the other tables are checked against them; then a fixed order."""
    return (CANONICAL.index(table) if table in CANONICAL else len(CANONICAL), table)


def _read(
    table: str, sheet: Sheet, config: CleaningSettings, instruments: dict[str, Instrument]
) -> None:
    by_file = {file: config.exports[name] for name, file in config.file_names.items()}
    values = {}
    rows = len(sheet.written)
    cells = float(rows * sheet.written.shape[1])
    for name in progress(sheet.written, f"{table} cleaned", "cells", cells, lambda _: rows):
        readers = {
            file: column_reader(table, name, by_file[file], config, instruments)
            for file in sheet.exports
        }
        for file in readers:
            # Of one of several files: that it lacks the column is told once.
            if by_file[file].found_by and (file, name) not in sheet.raw_columns:
                readers[file] = replace(readers[file], report_blank=False)
        values[name] = read_column(sheet, readers, name)
    sheet.values = pd.DataFrame(values, copy=False)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    columns = {
        name: column.astype("object").where(column != "", None)
        if isinstance(column.dtype, pd.CategoricalDtype)
        else column
        for name, column in frame.items()
    }
    return pd.DataFrame(columns)
