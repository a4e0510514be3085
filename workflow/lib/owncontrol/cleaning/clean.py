"""The order of cleaning: corrections, cells, subjects, duplicates, rules, study days, the count."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from owncontrol.cleaning.corrections import apply_corrections, raw_cells
from owncontrol.cleaning.flow import count_flow, quarantine_table
from owncontrol.cleaning.keys import check_subjects, missing_subjects, settle_duplicates
from owncontrol.cleaning.rules import apply_rules, clock_origins, days_since
from owncontrol.cleaning.sheet import Sheet, make_sheet
from owncontrol.cleaning.values import Column, read_cells
from owncontrol.findings import Finding, findings_table, sort_findings
from owncontrol.ingest import CANONICAL
from owncontrol.instruments import Instrument
from owncontrol.tables import concat, fields, load_schema

Config = dict[str, Any]
DATES = ("date", "datetime")


@dataclass(frozen=True)
class Cleaned:
    """Typed tables by name, with findings, quarantine and flow."""

    tables: dict[str, pd.DataFrame]
    findings: pd.DataFrame
    quarantine: pd.DataFrame
    flow: pd.DataFrame


def clean_study(
    config: Config,
    instruments: dict[str, Instrument],
    ingested: dict[str, dict[str, pd.DataFrame]],
    rows: dict[str, pd.DataFrame],
    columns: dict[str, pd.DataFrame],
    findings: list[pd.DataFrame],
    corrections: pd.DataFrame | None,
) -> Cleaned:
    """Clean all tables of a study.

    ``ingested``: by table and export, the canonical table of text. ``rows``, ``columns``: by
    export, ingest's records. ``findings``: what ingest found. ``corrections``: as read by
    ``read_corrections``, or None where the study has none.

    Calendar dates do not leave this step: a cleaned table has whole days from the subject's
    injury (``..._day``; an assessment also days from treatment).
    """
    sheets = {
        table: make_sheet(table, parts, columns)
        for table, parts in sorted(ingested.items(), key=lambda item: _place(item[0]))
    }
    raw_rows = {config["exports"][export]["file"]: record for export, record in rows.items()}
    reports = []
    if corrections is not None:
        cells = raw_cells(sheets, raw_rows)
        reports = apply_corrections(corrections, config["corrections"], sheets, cells)
    for table, sheet in sheets.items():
        _read_columns(table, sheet, config, instruments)
        _settle_rows(table, sheet, sheets, config)
    assessments = [table for table in sheets if table not in CANONICAL]
    apply_rules(sheets, config, assessments)
    reports += _absent_subjects(sheets, assessments)
    for sheet in sheets.values():
        reports += sheet.findings
    return Cleaned(
        {table: _finished(table, sheet, sheets) for table, sheet in sheets.items()},
        sort_findings(concat([*findings, findings_table(reports)], "findings")),
        quarantine_table(sheets, raw_rows),
        count_flow(sheets, raw_rows),
    )


def _place(table: str) -> tuple[int, str]:
    """Subjects first, because the other tables are checked against them; then a fixed order."""
    return (CANONICAL.index(table) if table in CANONICAL else len(CANONICAL), table)


def _read_columns(
    table: str, sheet: Sheet, config: Config, instruments: dict[str, Instrument]
) -> None:
    by_file = {export["file"]: export for export in config["exports"].values()}
    for file in sheet.source_file.unique():
        export = by_file[file]
        rows = sheet.source_file.index[sheet.source_file == file]
        for name in sheet.written.columns:
            read_cells(sheet, rows, _column(table, name, export, config, instruments))


def _column(
    table: str, name: str, export: Config, config: Config, instruments: dict[str, Instrument]
) -> Column:
    """How a canonical column is read, from schema, instrument and configuration."""
    mapping = export["tables"][table]
    common = {
        "missing": tuple(export["missing"]),
        "recode": mapping["recode"].get(name, {}),
        "dates": tuple(export["dates"]),
    }
    schema = fields(table if table in CANONICAL else "assessment")
    if name in schema:
        field = schema[name]
        limits = field.get("constraints", {})
        column = Column(
            name,
            field["type"],
            required=limits.get("required", False),
            permitted=tuple(limits.get("enum", ())),
            minimum=limits.get("minimum", float("-inf")),
            maximum=limits.get("maximum", float("inf")),
            unit=field.get("unit", ""),
            **common,
        )
        return _with_code_rules(column, config)
    if table == "subjects":
        item = next(item for item in config["characteristics"] if item["name"] == name)
        kind = {"category": "string"}.get(item["type"], item["type"])
        return Column(name, kind, permitted=tuple(item["values"]), unit=item["unit"], **common)
    items = instruments[table].items
    if name in items:
        return Column(
            name,
            "string",
            permitted=items[name].values,
            report_blank=not items[name].optional,
            spellings=mapping["recode_items"],
            **common,
        )
    return Column(name, "string", **common)  # recorded_...: compared as written


def _with_code_rules(column: Column, config: Config) -> Column:
    """Study codes follow the declared pattern; visits are those of the schedule."""
    if column.name in ("subject_id", "source_subject_id"):
        rule = config["subject_id"]
        return Column(
            **{**vars(column), "pattern": rule["pattern"], "upper_case": rule["upper_case"]}
        )
    if column.name == "visit":
        visits = tuple(visit["name"] for visit in config["visits"])
        return Column(**{**vars(column), "permitted": visits})
    return column


def _settle_rows(table: str, sheet: Sheet, sheets: dict[str, Sheet], config: Config) -> None:
    if table != "subjects":
        check_subjects(sheet, set(sheets["subjects"].kept["subject_id"]))
    rules = {
        export["tables"][table]["duplicates"]
        for export in config["exports"].values()
        if table in export["tables"]
    }
    schema = load_schema(table if table in CANONICAL else "assessment")
    settle_duplicates(sheet, schema["key"], sorted(rules)[0])


def _absent_subjects(sheets: dict[str, Sheet], assessments: list[str]) -> list[Finding]:
    """A warning for each subject without any row in a table that every subject should be in."""
    known = set(sheets["subjects"].kept["subject_id"])
    tables = [table for table in ("treatments", *assessments) if table in sheets]
    return [
        Finding(
            sheets[table].files,
            None,
            "",
            subject,
            "absent_subject",
            "warning",
            "none",
            f"subject of the subjects table without a row in {table}",
        )
        for table in tables
        for subject in missing_subjects(sheets[table], known)
    ]


def _finished(table: str, sheet: Sheet, sheets: dict[str, Sheet]) -> pd.DataFrame:
    """The kept rows with ``row_id``, study days for dates, sorted by subject and time."""
    origins = clock_origins(sheets)
    kept = sheet.kept
    columns = {"row_id": sheet.row_id[kept.index]}
    schema = fields(table if table in CANONICAL else "assessment")
    for name in kept:
        if schema.get(name, {}).get("type") not in DATES:
            columns[name] = kept[name]
            continue
        since_injury = days_since(kept[name], kept["subject_id"], origins["injury"])
        if name == "date":
            columns["day_from_injury"] = since_injury
            columns["day_from_treatment"] = days_since(
                kept[name], kept["subject_id"], origins["treatment"]
            )
        else:
            columns[f"{name.removesuffix('_date')}_day"] = since_injury
    finished = pd.DataFrame(columns)
    order = [
        name
        for name in ("subject_id", "day_from_injury", "onset_day", "row_id")
        if name in finished
    ]
    return finished.sort_values(order, kind="stable").reset_index(drop=True)
