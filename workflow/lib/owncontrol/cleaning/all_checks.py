"""All checks of a study's rows, in an order in which a fault is reported where it is caused."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from owncontrol.cleaning.dates import (
    Visits,
    check_assessment_dates,
    check_order,
    check_origins,
    check_windows,
)
from owncontrol.cleaning.day_counts import Clocks, make_clocks, start_at_baseline
from owncontrol.cleaning.events import settle_events
from owncontrol.cleaning.exams import check_copies, check_spikes
from owncontrol.cleaning.file_groups import check_codes_of_files
from owncontrol.cleaning.keys import check_subjects, merge_equal_rows, settle_duplicates
from owncontrol.cleaning.laterality import check_sides
from owncontrol.cleaning.nearest_rows import days_away, places_in_windows
from owncontrol.cleaning.people import check_codes_alike, check_people
from owncontrol.cleaning.rules import (
    check_adverse_events,
    check_co_interventions,
    check_eligibility,
    check_presence,
    check_treatments,
)
from owncontrol.cleaning.working_table import Sheet
from owncontrol.errors import InputError
from owncontrol.findings.mapping_rules import RepeatedCode
from owncontrol.instruments import Instrument
from owncontrol.study.parts import CleaningSettings
from owncontrol.study.table_mapping import CANONICAL
from owncontrol.tables import load_schema

Sheets = dict[str, Sheet]
Records = Mapping[str, pd.DataFrame]


def check_rows(
    sheets: Sheets,
    config: CleaningSettings,
    instruments: dict[str, Instrument],
    rows: Records,
) -> Clocks:
    """All rules, in an order in which a fault is reported before what follows from it.

    ``rows``: by raw file, ingest's record of its rows.
    """
    subjects = sheets["subjects"]
    for table, sheet in sheets.items():
        if table != "subjects":
            check_subjects(sheet, subjects)
        # Of an assessment the day is part of what it is, also where no column of it is read.
        places = None if table in CANONICAL else places_in_windows(sheet, rows)
        merge_equal_rows(sheet, _files_of_visits(table, config), places)
        if table == "adverse_events":
            settle_events(sheet, _setting(config, table, "duplicates"))
        elif table in CANONICAL:
            rule = _setting(config, table, "duplicates")
            settle_duplicates(sheet, load_schema(table)["key"], rule, None)
    clocks = make_clocks(sheets)
    consent = check_order(sheets, clocks)
    check_eligibility(subjects, config.characteristics, config.age_columns)
    if "treatments" in sheets:
        check_treatments(sheets["treatments"])
    if "adverse_events" in sheets:
        check_adverse_events(sheets["adverse_events"], clocks, consent, config.severity)
    if "co_interventions" in sheets:
        check_co_interventions(sheets["co_interventions"], clocks)
    assessments = [table for table in sheets if table not in CANONICAL]
    _check_visits(sheets, clocks, assessments, config, instruments, rows)
    check_presence(sheets, clocks, assessments, config.baseline)
    return clocks


def _check_visits(
    sheets: Sheets,
    clocks: Clocks,
    assessments: list[str],
    config: CleaningSettings,
    instruments: dict[str, Instrument],
    rows: Records,
) -> None:
    """All rules of assessments: each beside its visit's plan, and beside the subject's others."""
    visits = Visits(config.visits, config.baseline)
    if config.clock == "baseline":
        start_at_baseline(clocks, sheets, assessments, config.baseline)
    for table in assessments:
        rule = _setting(config, table, "copied")
        check_copies(sheets[table], clocks, instruments[table], rule)
    dated = [table for table in assessments if sheets[table].when == "date"]
    if dated:
        check_origins(sheets, clocks, visits, dated)
    for table in assessments:
        _check_assessments(sheets[table], clocks, visits, config, instruments[table], rows)
    if config.clock == "baseline":  # once more: rows may have been set aside
        start_at_baseline(clocks, sheets, assessments, config.baseline)


def _check_assessments(
    sheet: Sheet,
    clocks: Clocks,
    visits: Visits,
    config: CleaningSettings,
    instrument: Instrument,
    rows: Records,
) -> None:
    check_assessment_dates(sheet, clocks, visits)
    key = load_schema("assessment")["key"]
    rule = _setting(config, sheet.table, "duplicates")
    away = (
        days_away(sheet, clocks, visits, rows, instrument)
        if rule == "keep_nearest"
        else places_in_windows(sheet, rows)
    )
    settle_duplicates(sheet, key, rule, clocks, away)
    check_sides(sheet, clocks, instrument)
    check_windows(sheet, clocks, visits)
    check_spikes(sheet, clocks, instrument, _setting(config, sheet.table, "spikes"))


def _setting(config: CleaningSettings, table: str, key: str) -> Any:
    """A setting of a table; exports that feed the same table have to agree on it."""
    settings = [
        getattr(export.tables[table], key)
        for export in config.exports.values()
        if table in export.tables
    ]
    if any(setting != settings[0] for setting in settings):
        raise InputError(
            f"exports.*.tables.{table}.{key}: exports disagree ({settings})",
            "a table that several files feed has one rule",
        )
    return settings[0]


def check_identity(sheets: Sheets, ingested: pd.DataFrame, config: CleaningSettings) -> None:
    """One person under two codes, codes that look alike; ``ingested``: what ingest found."""
    apart = ingested.loc[ingested["rule"] == RepeatedCode.code]
    check_people(
        sheets["subjects"],
        config.subject_id.years_apart,
        dict(zip(apart["file"], apart["detail"], strict=True)),
        config.age_columns,
    )
    check_codes_alike(sheets)
    check_codes_of_files(sheets["subjects"], config)


def _files_of_visits(table: str, config: CleaningSettings) -> set[str]:
    """Files in which a subject has a row for each visit, and a table of subjects is read as well.

    There the subject's own columns are repeated from row to row, and that is no finding.
    """
    if table not in ("subjects", "treatments"):
        return set()
    return {
        config.file_names[name]
        for name, export in config.exports.items()
        if table in export.tables and any(other not in CANONICAL for other in export.tables)
    }
