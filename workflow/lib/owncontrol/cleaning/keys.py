"""Whose row it is: known subjects, one row for each subject and visit, no row twice."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.cleaning.day_counts import Clocks
from owncontrol.cleaning.merged_rows import EQUAL_ROW
from owncontrol.cleaning.nearest_rows import nearest_first
from owncontrol.cleaning.working_table import MERGED, REFUSED, Rows, Sheet
from owncontrol.findings.cleaning_rules import (
    DuplicateRow,
    KeySettled,
    KeyUnsettled,
    NearerKept,
    SameKey,
    UnknownSubject,
)
from owncontrol.study.visit_windows import FROM_TARGET
from owncontrol.tables.categories import by_value, codes

WHEN = "(when)"  # column of the rows of one key, by which they are in order
BY_FILE = ", by their order in the files, as no date tells them apart"


def check_subjects(sheet: Sheet, subjects: Sheet) -> None:
    """Set aside rows of subjects that the subjects table does not have, or has set aside itself."""
    known = set(subjects.values["subject_id"].loc[subjects.is_kept])
    aside = set(subjects.values["subject_id"]) - known
    kept = sheet.is_kept
    whose = sheet.values["subject_id"]
    listed = known | aside
    unknown = np.flatnonzero(kept & by_value(whose, lambda code: code not in listed))
    sheet.report(unknown, "subject_id", UnknownSubject())
    sheet.set_aside(unknown, "unknown subject")
    # The cause is reported once, at the subject's own row.
    theirs = np.flatnonzero(kept & by_value(whose, lambda code: code in aside))
    sheet.set_aside(theirs, "the subject's own row is set aside")


def merge_equal_rows(
    sheet: Sheet,
    repeated: Collection[str] = (),
    places: NDArray[np.float64] | None = None,
) -> None:
    """Merge rows that are equal in every column that is read.

    ``repeated``: files in which that is no finding, because each visit has a row. ``places``: of
    assessments whose visits windows made, where in its window each row is.
    """
    kept = np.flatnonzero(sheet.is_kept)
    if sheet.values.empty:
        return
    values = _compared(sheet)
    if places is not None:
        values = values.assign(**{FROM_TARGET: places})
    # Equal rows have equal marks; only rows that share a mark are compared cell by cell.
    marks = pd.Series(row_marks(values, kept))
    shared = kept[marks.duplicated(keep=False).to_numpy()]
    equal = shared[values.iloc[shared].duplicated().to_numpy()]
    files = sheet.source_file.iloc[equal].astype("str")
    sheet.report(equal[~files.isin(repeated).to_numpy(bool)], "", DuplicateRow())
    sheet.set_aside(equal, EQUAL_ROW, MERGED)


def _compared(sheet: Sheet) -> pd.DataFrame:
    """The values by which rows are equal; with the text of what could not be read as one.

    Two events in different months, or with different dates that do not exist, are not equal.
    """
    if not sheet.spans:
        return sheet.values
    more = {f"{name} (first)": span.first for name, span in sheet.spans.items()}
    more |= {f"{name} (last)": span.last for name, span in sheet.spans.items()}
    for name in sheet.values:
        refused = sheet.readings[name].of() == REFUSED
        if refused.any():
            more[f"{name} (text)"] = np.where(refused, sheet.written[name].astype("str"), "")
    return sheet.values.assign(**more)


def row_marks(frame: pd.DataFrame, rows: Rows) -> NDArray[np.uint64]:
    """A number for each of some rows that is the same for those with the same content.

    A column at a time: a hundred columns of a million rows are not copied.
    """
    marks = np.zeros(len(rows), np.uint64)
    for name in frame:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            places = codes(column)[rows]
        else:
            places = pd.factorize(column.iloc[rows])[0]
        # Multiplier and offset of the FNV hash; a wrong match costs a comparison, no more.
        marks = (marks ^ places.astype(np.uint64)) * np.uint64(1099511628211) + np.uint64(
            0x9E3779B9
        )
    return marks


def settle_duplicates(
    sheet: Sheet,
    key: list[str],
    rule: str,
    clocks: Clocks | None,
    away: NDArray[np.float64] | None = None,
) -> None:
    """Settle different rows of one key by the rule that the configuration declares.

    ``rule``: keep_first, keep_last, keep_nearest, last_before_treatment or keep_none. First and
    last are by the date of the assessment, else by its place in the window that made its visit;
    where neither tells rows apart, by the file, and the finding says so. ``away``: how far each row
    is from what was planned, NaN where that is not known; None where nothing was. Not settled
    (keep_none, nothing lies before treatment, of no row is known how near it is) all rows of the
    key are set aside, an error.
    """
    kept = np.flatnonzero(sheet.is_kept)
    key = [name for name in key if sheet.has(name)]
    for name in sheet.spans.keys() & set(key):  # a day that is not known is not the same day
        kept = kept[~np.isnat(sheet.days(name)[kept])]
    keys = sheet.values[key].iloc[kept]
    doubled = kept[keys.duplicated(keep=False).to_numpy()]
    if not len(doubled):
        return
    is_first = rule in ("keep_first", "keep_nearest")
    rows = sheet.values[key].iloc[doubled]
    if sheet.when:
        rows = rows.assign(**{WHEN: sheet.values[sheet.when].iloc[doubled]})
    elif away is not None:
        rows = rows.assign(**{WHEN: away[doubled]})
    rows = rows.sort_values(  # a row without a date is never taken before one with a date
        list(rows), kind="stable", na_position="last" if is_first else "first"
    )
    eligible = _eligible(sheet, rows, rule, clocks, away)
    chosen = eligible.drop_duplicates(key, keep="first" if is_first else "last")
    group = rows.groupby(key, observed=True, dropna=False, sort=False).ngroup()
    settled = set(group.loc[chosen.index])
    in_order = rule in ("keep_first", "keep_last")
    by_file = _settled_by_file(rows, chosen.index, group) if in_order else set()
    numbers = pd.Series(sheet.source_row[rows.index.to_numpy()], index=rows.index).sort_index()
    listed = numbers.groupby(group).agg(lambda these: ", ".join(map(str, these)))
    names = " and ".join(key)
    others = rows.index.difference(chosen.index)
    is_settled = group.loc[others].isin(settled).to_numpy()
    outcomes: tuple[tuple[type[SameKey], pd.Index], ...] = (
        (KeyUnsettled, others[~is_settled]),
        (NearerKept if rule == "keep_nearest" else KeySettled, others[is_settled]),
    )
    for outcome, here in outcomes:
        told = [f"{rule}{BY_FILE}" if group[row] in by_file else rule for row in here]
        found = [
            outcome(rows=listed[group[row]], key=names, rule=said)
            for row, said in zip(here, told, strict=True)
        ]
        sheet.report(here, key[-1], found)
        for said in dict.fromkeys(told):
            of_rule = here.to_numpy()[np.array(told) == said]
            sheet.set_aside(of_rule, f"another row has the same {names} ({said})")


def _eligible(
    sheet: Sheet,
    rows: pd.DataFrame,
    rule: str,
    clocks: Clocks | None,
    away: NDArray[np.float64] | None,
) -> pd.DataFrame:
    """Of rows in order those that the rule may keep."""
    if rule == "keep_none":
        return rows.iloc[:0]
    if rule == "last_before_treatment":
        if clocks is None or not sheet.when:
            return rows.iloc[:0]
        days = clocks.since(sheet, "treatment")[rows.index.to_numpy()]
        return rows.loc[days <= np.timedelta64(0, "D")]
    return nearest_first(rows, away) if rule == "keep_nearest" and away is not None else rows


def _settled_by_file(
    rows: pd.DataFrame, chosen: "pd.Index[Any]", group: "pd.Series[int]"
) -> set[int]:
    """The groups whose chosen row no date tells from another: only the file's order decided.

    ``rows``: those that share a key, with ``WHEN`` where the table says it.
    """
    if WHEN not in rows:
        return set(group)
    when = rows[WHEN]
    best = group.map(pd.Series(when.loc[chosen].to_numpy(), group.loc[chosen]))
    as_good = (when == best) | best.isna()
    return {number for number, count in group[as_good].value_counts().items() if count > 1}
