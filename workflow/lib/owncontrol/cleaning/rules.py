"""Rules across cells, rows and tables: the faults that no single cell shows.

Each rule takes the sheets (rows already read, keyed and without duplicates) and reports at the raw
cell; it quarantines a row only where the row cannot be what it says it is.
"""

import datetime
from typing import Any

import pandas as pd

from owncontrol.cleaning.sheet import Sheet

Config = dict[str, Any]
Sheets = dict[str, Sheet]
# An assessment this far from its planned day was not late: its date or its visit is wrong.
IMPLAUSIBLE_DAYS = 180


def apply_rules(sheets: Sheets, config: Config, assessments: list[str]) -> None:
    """Run every rule. ``assessments``: the tables that hold an instrument's visits."""
    for rule in (
        _dates_of_subjects,
        _dates_of_treatments,
        _foreign_product,
        _adverse_event_dates,
        _eligibility,
    ):
        rule(sheets, config)
    for table in assessments:
        _copied_assessments(sheets, table)
        _assessment_dates(sheets, config, table)
        _visit_windows(sheets, config, table)


def clock_origins(sheets: Sheets) -> dict[str, dict[str, datetime.date]]:
    """Day 0 by clock (injury, treatment) and subject; the first treatment of several."""
    subjects = sheets["subjects"].kept
    injury = dict(zip(subjects["subject_id"], subjects["injury_date"], strict=True))
    treatment: dict[str, datetime.date] = {}
    if "treatments" in sheets:
        given = sheets["treatments"].kept
        for subject, start in zip(given["subject_id"], given["treatment_start"], strict=True):
            day = start.date()
            treatment[subject] = min(day, treatment.get(subject, day))
    return {"injury": injury, "treatment": treatment}


def days_since(
    dates: pd.Series, subjects: pd.Series, origin: dict[str, datetime.date]
) -> pd.Series:
    """Whole days from each subject's day 0 to each date; missing where either is missing."""
    days = [
        None if pd.isna(date) or subject not in origin else (_day(date) - origin[subject]).days
        for date, subject in zip(dates, subjects, strict=True)
    ]
    return pd.Series(days, index=dates.index, dtype="Int64")


def _day(date: datetime.date) -> datetime.date:
    return date.date() if isinstance(date, datetime.datetime) else date


def _in_order(sheet: Sheet, earlier: str, later: str, severity: Any = "error") -> None:
    """Report rows in which a date that comes later by nature lies before the earlier one."""
    kept = sheet.kept
    if earlier not in kept or later not in kept:
        return
    both = kept.dropna(subset=[earlier, later])
    wrong = [
        row
        for row, first, second in zip(both.index, both[earlier], both[later], strict=True)
        if _day(second) < _day(first)
    ]
    sheet.report(wrong, later, "date_order", severity, "kept as written", f"lies before {earlier}")


def _dates_of_subjects(sheets: Sheets, config: Config) -> None:
    sheet = sheets["subjects"]
    _in_order(sheet, "injury_date", "registration_date")
    _in_order(sheet, "consent_date", "registration_date", "warning")


def _dates_of_treatments(sheets: Sheets, config: Config) -> None:
    if "treatments" not in sheets:
        return
    sheet = sheets["treatments"]
    _in_order(sheet, "collection_date", "culture_start")
    _in_order(sheet, "culture_start", "release_date")
    _in_order(sheet, "release_date", "treatment_start")
    _in_order(sheet, "collection_date", "treatment_start")
    kept = sheet.kept
    if {"culture_days", "culture_start", "release_date"} <= set(kept):
        full = kept.dropna(subset=["culture_days", "culture_start", "release_date"])
        wrong = [
            row
            for row, days, start, end in zip(
                full.index,
                full["culture_days"],
                full["culture_start"],
                full["release_date"],
                strict=True,
            )
            if (_day(end) - _day(start)).days < days
        ]
        sheet.report(
            wrong,
            "culture_days",
            "culture_days",
            "warning",
            "kept as written",
            "more days than lie between the start of culture and release",
        )
    registered = sheets["subjects"].kept.set_index("subject_id").get("registration_date")
    if registered is not None and "collection_date" in kept:
        wrong = [
            row
            for row, subject, date in zip(
                kept.index, kept["subject_id"], kept["collection_date"], strict=True
            )
            if pd.notna(date)
            and subject in registered.index
            and pd.notna(registered[subject])
            and _day(date) < _day(registered[subject])
        ]
        sheet.report(
            wrong,
            "collection_date",
            "date_order",
            "error",
            "kept as written",
            "lies before the subject's registration",
        )


def _foreign_product(sheets: Sheets, config: Config) -> None:
    if "treatments" not in sheets or "source_subject_id" not in sheets["treatments"].values:
        return
    sheet = sheets["treatments"]
    kept = sheet.kept.dropna(subset=["source_subject_id"])
    wrong = kept.index[kept["source_subject_id"] != kept["subject_id"]]
    sheet.report(
        wrong,
        "source_subject_id",
        "foreign_product",
        "error",
        "kept and flagged",
        "the product was made from another subject's cells than the one treated",
    )


def _adverse_event_dates(sheets: Sheets, config: Config) -> None:
    if "adverse_events" not in sheets:
        return
    sheet = sheets["adverse_events"]
    _in_order(sheet, "onset_date", "end_date")
    consent = sheets["subjects"].kept.set_index("subject_id").get("consent_date")
    if consent is None:
        return
    kept = sheet.kept
    before = [
        row
        for row, subject, onset in zip(
            kept.index, kept["subject_id"], kept["onset_date"], strict=True
        )
        if pd.notna(consent.get(subject)) and _day(onset) < _day(consent[subject])
    ]
    sheet.report(
        before,
        "onset_date",
        "before_consent",
        "warning",
        "kept and flagged",
        "the event began before the subject consented",
    )


def _eligibility(sheets: Sheets, config: Config) -> None:
    sheet = sheets["subjects"]
    kept = sheet.kept
    for item in config["characteristics"]:
        if item["eligibility"] and item["name"] in kept:
            unmet = kept.index[kept[item["name"]].isin([False])]
            sheet.report(
                unmet,
                item["name"],
                "not_eligible",
                "warning",
                "kept and flagged",
                f"entry criterion not met: {item['label']}",
            )


def _assessment_dates(sheets: Sheets, config: Config, table: str) -> None:
    sheet = sheets[table]
    kept = sheet.kept
    since_injury = days_since(kept["date"], kept["subject_id"], clock_origins(sheets)["injury"])
    before = kept.index[(since_injury < 0).fillna(False)]
    sheet.report(
        before,
        "date",
        "before_injury",
        "error",
        "row quarantined",
        "the assessment lies before the subject's injury",
    )
    sheet.quarantine(before, "assessment before the injury")


def _visit_windows(sheets: Sheets, config: Config, table: str) -> None:
    sheet = sheets[table]
    origins = clock_origins(sheets)
    for visit in config["visits"]:
        kept = sheet.kept.loc[sheet.kept["visit"] == visit["name"]]
        days = days_since(kept["date"], kept["subject_id"], origins[visit["clock"]])
        low, high = visit["window"]
        far = ((days - visit["day"]).abs() > IMPLAUSIBLE_DAYS).fillna(False)
        for row in kept.index[far]:
            sheet.report(
                [row],
                "date",
                "implausible_date",
                "error",
                "row quarantined",
                f"day {days[row]} from {visit['clock']}; planned is day {visit['day']}",
            )
        sheet.quarantine(kept.index[far], "date implausible for the visit")
        outside = ~days.between(low, high).fillna(True) & ~far
        for row in kept.index[outside]:
            sheet.report(
                [row],
                "date",
                "visit_window",
                "warning",
                "kept and flagged",
                f"day {days[row]} from {visit['clock']}; the window is {low} to {high}",
            )


def _copied_assessments(sheets: Sheets, table: str) -> None:
    """The same form typed twice: two visits of one subject, equal in date and every item."""
    sheet = sheets[table]
    kept = sheet.kept
    content = kept.drop(columns=["visit"]).astype(str)
    for row in kept.index[content.duplicated(keep="first")]:
        twin = content.index[(content == content.loc[row]).all(axis=1)][0]
        sheet.report(
            [row],
            "visit",
            "copied_assessment",
            "error",
            "row quarantined",
            f"equal to row {sheet.source_row[twin]} (visit {kept.at[twin, 'visit']}) in "
            "date and every item",
        )
        sheet.quarantine([row], "the same assessment stands under another visit")
