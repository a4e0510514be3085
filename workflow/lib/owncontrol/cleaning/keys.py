"""Whose row it is: known subjects, scheduled visits, one row for each subject and visit."""

import pandas as pd

from owncontrol.cleaning.sheet import KEPT, MERGED, Sheet


def check_subjects(sheet: Sheet, known: set[str]) -> None:
    """Quarantine rows of subjects that the subjects table does not have."""
    kept = sheet.kept
    unknown = kept.index[~kept["subject_id"].isin(known)]
    sheet.report(
        unknown,
        "subject_id",
        "unknown_subject",
        "error",
        "row quarantined",
        "the subjects table has no such subject",
    )
    sheet.quarantine(unknown, "unknown subject")


def settle_duplicates(sheet: Sheet, key: list[str], rule: str) -> None:
    """Merge rows that are equal throughout; settle different rows of one key by the rule.

    ``rule``: keep_first, keep_last or keep_none, as the configuration says for the table.
    """
    kept = sheet.kept
    equal = kept.index[kept.astype(str).duplicated(keep="first")]
    sheet.report(
        equal,
        "",
        "duplicate_row",
        "warning",
        "merged with the row it repeats",
        "equal to an earlier row in every column that is read",
    )
    sheet.quarantine(equal, "equal to an earlier row", status=MERGED)

    kept = sheet.kept
    keys = kept[key].astype(str)
    for _, group in kept.loc[keys.duplicated(keep=False)].groupby(key, sort=True, dropna=False):
        rows = (
            group.sort_values(_order(group), kind="stable").index if _order(group) else group.index
        )
        chosen = {"keep_first": rows[:1], "keep_last": rows[-1:], "keep_none": rows[:0]}[rule]
        others = rows.difference(chosen)
        numbers = ", ".join(str(sheet.source_row[row]) for row in sorted(group.index))
        sheet.report(
            others,
            key[-1],
            "duplicate_key",
            "error",
            "row quarantined",
            f"rows {numbers} are for the same {' and '.join(key)}; rule: {rule}",
        )
        sheet.quarantine(others, f"another row has the same {' and '.join(key)} ({rule})")


def _order(group: pd.DataFrame) -> list[str]:
    """First and last are by the date of the assessment where it has one, else by the file."""
    return ["date"] if "date" in group and group["date"].notna().all() else []


def missing_subjects(sheet: Sheet, known: set[str]) -> list[str]:
    """Subjects that have no kept row in this table, sorted."""
    present = set(sheet.values.loc[sheet.status == KEPT, "subject_id"])
    return sorted(known - present)
