"""Rules across columns, rows and tables, beside dates and examinations.

Each takes the sheets (rows already read, keyed and without duplicates) and reports at the raw
cell; none sets a row aside.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from owncontrol.basics.decimals import plain
from owncontrol.cleaning.dates import DAY
from owncontrol.cleaning.day_counts import NO_ROW, Clocks
from owncontrol.cleaning.working_table import MISSING, Days, Rows, Sheet
from owncontrol.errors import InputError
from owncontrol.findings import cleaning_rules, course_rules
from owncontrol.privacy.ages import hidden as hide_ages
from owncontrol.study.subjects import Characteristic, Requirement
from owncontrol.tables.categories import by_value
from owncontrol.tables.deaths import deaths

Sheets = dict[str, Sheet]
# What is counted of an event, as not known where nobody wrote it.
COUNTED = ("system_organ_class", "grade", "serious", "relation", "onset_date")
BLANKS: tuple[tuple[bool, course_rules.NotKnown], ...] = (
    (True, course_rules.NotWritten()),
    (False, course_rules.MissingCode()),
)


def check_treatments(sheet: Sheet) -> None:
    """A product of another subject's cells; an end before the start; too many days of culture."""
    kept = sheet.is_kept
    if sheet.has("source_subject_id"):
        source = sheet.values["source_subject_id"].astype("str")
        other = source != sheet.values["subject_id"].astype("str")
        sheet.report(
            np.flatnonzero(kept & other & (source != "")),
            "source_subject_id",
            course_rules.ForeignProduct(),
        )
    ends_before = sheet.days("treatment_end") < sheet.days("treatment_start")
    _report_order(sheet, "treatment_start", "treatment_end", kept & ends_before)
    if sheet.has("culture_days", "culture_start", "release_date"):
        possible = (sheet.days("release_date") - sheet.days("culture_start")) / DAY
        # Days that the order of dates forbids are reported there.
        more = (possible >= 0) & (sheet.values["culture_days"].to_numpy() > possible)
        sheet.report(np.flatnonzero(kept & more), "culture_days", course_rules.CultureDays())


def course_days(sheet: Sheet, rows: Rows) -> Any:
    """Days from the start of each treatment to its end; missing where either is, or they cross."""
    days = pd.Series((sheet.days("treatment_end") - sheet.days("treatment_start"))[rows])
    whole = days.dt.days.astype("Int64")
    return whole.where(whole >= 0).array


def check_adverse_events(
    sheet: Sheet, clocks: Clocks, consent: Days, severity: Sequence[str]
) -> None:
    """Events of which something is not known, that end before they begin, or precede consent, and
    deaths that are not recorded as serious.

    ``consent``: by subject. A date that is known in part is wrong only where the whole stretch is.
    ``severity``: the study's own words for grades.
    """
    kept = sheet.is_kept
    onset, end = sheet.span("onset_date"), sheet.span("end_date")
    for name in COUNTED:
        if sheet.has(name):
            _report_unknown(sheet, name)
    _report_order(sheet, "onset_date", "end_date", kept & (end.last < onset.first))
    whose = clocks.places(sheet)
    before = np.flatnonzero(kept & (whose >= 0))
    before = before[onset.last[before] < consent[whose[before]]]
    sheet.report(before, "onset_date", course_rules.BeforeConsent())
    if sheet.has("serious"):
        harmless = sheet.values["serious"].eq(False).fillna(False).to_numpy(bool)
        died = deaths(sheet.values, severity).to_numpy(bool)
        sheet.report(
            np.flatnonzero(kept & died & harmless), "serious", course_rules.DeathNotSerious()
        )


def _report_unknown(sheet: Sheet, name: str) -> None:
    """Report what nobody wrote of an event that is kept; a text that is refused has its finding."""
    values = sheet.values[name]
    absent = values.isna().to_numpy(bool)
    if isinstance(values.dtype, pd.CategoricalDtype):
        absent = absent | (values == "").to_numpy(bool)
    if name in sheet.spans:
        absent = sheet.spans[name].known < 0
    absent = absent & sheet.is_kept & (sheet.readings[name].of() == MISSING)
    is_blank = by_value(sheet.written[name], lambda text: not text.strip())
    for where, rule in BLANKS:
        sheet.report(np.flatnonzero(absent & (is_blank == where)), name, rule)


def check_co_interventions(sheet: Sheet, clocks: Clocks) -> None:
    """Other treatment that began before the injury."""
    before = sheet.span("start_date").last < clocks.origins(sheet, "injury")
    _report_order(sheet, "the subject's injury", "start_date", sheet.is_kept & before)


def _report_order(sheet: Sheet, earlier: str, later: str, wrong: Any) -> None:
    sheet.report(np.flatnonzero(wrong), later, course_rules.LiesBefore(earlier=earlier))


def check_eligibility(
    sheet: Sheet, characteristics: Sequence[Characteristic], ages: Collection[str]
) -> None:
    """Entry criteria not met, and answers that another column contradicts.

    ``ages``: columns of which no number above 89 is shown. Raises InputError where the
    configuration requires something of a column that holds no number.
    """
    for item in characteristics:
        if not sheet.has(item.name) or item.type != "boolean":
            continue
        answer = sheet.values[item.name]
        yes = answer.fillna(False).to_numpy(bool)
        no = (~answer).fillna(False).to_numpy(bool)
        contradicted = np.zeros(len(answer), bool)
        if item.requires:
            fulfilled, known = _fulfilled(sheet, item.name, item.requires)
            contradicted = known & ((yes & ~fulfilled) | (no & fulfilled))
            rows: Rows = np.flatnonzero(sheet.is_kept & contradicted)
            numbers = sheet.values[item.requires.column]
            column = item.requires.column
            said = [plain(numbers[row]) for row in rows]
            found = [
                cleaning_rules.Contradicts(
                    column=column, number=hide_ages(number) if column in ages else number
                )
                for number in said
            ]
            sheet.report(rows, item.name, found)
        if item.eligibility:
            sheet.report(
                np.flatnonzero(sheet.is_kept & no & ~contradicted),
                item.name,
                cleaning_rules.NotEligible(criterion=item.label),
            )


def _fulfilled(sheet: Sheet, name: str, rule: Requirement) -> tuple[Any, Any]:
    """Where the required column lies in its limits, and where it is known."""
    if not sheet.has(rule.column) or sheet.values[rule.column].dtype.kind != "f":
        raise InputError(
            f"characteristics.{name}.requires: '{rule.column}' is no column of numbers "
            "in the subjects table",
            "for example age, or a characteristic of type number",
        )
    value = sheet.values[rule.column].to_numpy()
    low = -np.inf if rule.minimum is None else rule.minimum
    high = np.inf if rule.maximum is None else rule.maximum
    return (value >= low) & (value <= high), ~np.isnan(value)


def check_presence(sheets: Sheets, clocks: Clocks, assessments: list[str], baseline: str) -> None:
    """Subjects without any row where each should have one, and treated ones without a baseline.

    Reported once a subject, at its row of the subjects table. Rows that were set aside count as
    present: what is wrong with them is reported at their own place.
    """
    subjects = sheets["subjects"]
    rows = clocks.row["injury"]
    tables = [table for table in ("treatments", *assessments) if table in sheets]
    present = {table: _count(clocks, sheets[table]) > 0 for table in tables}
    absent = np.array([~present[table] for table in tables]).reshape(len(tables), len(rows))
    lacking = np.flatnonzero(absent.any(axis=0))
    empty = [
        ", ".join(table for table, no in zip(tables, absent[:, place], strict=True) if no)
        for place in lacking
    ]
    found = [cleaning_rules.AbsentSubject(tables=these) for these in empty]
    subjects.report(rows[lacking], "subject_id", found)
    treated = clocks.row["treatment"] != NO_ROW
    no_baseline: dict[int, list[str]] = {}
    for table in assessments:
        sheet = sheets[table]
        at_baseline = (sheet.values["visit"] == baseline).to_numpy(bool)
        without = treated & present[table] & (_count(clocks, sheet, at_baseline) == 0)
        for place in np.flatnonzero(without).tolist():
            no_baseline.setdefault(place, []).append(table)
    places = sorted(no_baseline)
    without_one = [
        cleaning_rules.NoBaseline(baseline=baseline, tables=", ".join(no_baseline[place]))
        for place in places
    ]
    subjects.report(rows[places], "subject_id", without_one)


def _count(clocks: Clocks, sheet: Sheet, where: Any = True) -> Any:
    """Rows of each subject, whatever became of them."""
    places = clocks.places(sheet)
    return np.bincount(places[(places >= 0) & where], minlength=len(clocks.place))
