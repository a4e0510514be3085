"""Tables of which nothing is kept: the run stops, unless the configuration says they may be empty.

A count of nothing looks like a result. Zero adverse events in the report may be a study in which
none was seen, or a mapping that lost all of them.
"""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from owncontrol.cleaning.flow import WHOLE_FILE
from owncontrol.cleaning.working_table import Sheet
from owncontrol.errors import InputError
from owncontrol.findings.finding import without_value
from owncontrol.findings.mapping_rules import KeepsNothing
from owncontrol.findings.rule import QUARANTINED
from owncontrol.ingest.kept_rows import NOT_PART
from owncontrol.study.parts import CleaningSettings

NO_CONTENT = "no mapped content"  # ingest's reason for a row that no table took
EVENTS = "adverse_events"


def check_emptied(
    sheets: dict[str, Sheet],
    rows: dict[str, pd.DataFrame],
    findings: pd.DataFrame,
    flow: pd.DataFrame,
    config: CleaningSettings,
) -> None:
    """Raise InputError for a table of which no row is kept, and for an export that lost every row.

    ``rows``: by raw file, ingest's record of its rows. ``findings``: as they are shown, without
    values of identifiers. Tables that ``may_be_empty`` names are left alone, and so are exports
    that feed no other ones.
    """
    allowed = set(config.may_be_empty)
    for table, sheet in sheets.items():
        if table not in allowed and not sheet.is_kept.any():
            raise InputError(_no_row(sheet, rows, findings, config), _hint(table))
    by_file = {file: config.exports[name] for name, file in config.file_names.items()}
    for entry in flow.loc[flow["table"] == WHOLE_FILE].itertuples():
        # Rows that are not part of the study are no loss, and neither is a file without others.
        read = int(entry.rows_in) - int(getattr(entry, "not_part", 0))
        tables = list(by_file[str(entry.file)].tables)
        if read and entry.quarantined == read and not set(tables) <= allowed:
            why = most_frequent(findings.loc[findings["file"] == entry.file])
            why = why or _of_record(rows[str(entry.file)])
            raise InputError(
                f"{entry.file}: {_all(read)}, so it adds nothing to {', '.join(tables)}{why}",
                _hint(tables[0]),
            )


def _hint(table: str) -> str:
    if table in ("subjects", "treatments"):
        return "correct the file, or how the configuration reads it (rows, columns, recode, dates)"
    reason = "no adverse event was recorded" if table == EVENTS else "the table may be empty"
    return (
        "correct the file, or how the configuration reads it (rows, columns, recode, dates); if "
        f"{reason}, add '{table}' to may_be_empty, and the report says what is not known"
    )


def _no_row(
    sheet: Sheet, rows: dict[str, pd.DataFrame], findings: pd.DataFrame, config: CleaningSettings
) -> str:
    """What became of the rows of a table, in a line."""
    files = ", ".join(sheet.files)
    read = len(sheet.written)
    if read:
        here = findings.loc[findings["file"].isin(sheet.files)]
        why = most_frequent(here) or _of_reasons(sheet)
        return f"{files}: {_all(read, f' of the table {sheet.table}')}{why}"
    names = {file: name for name, file in config.file_names.items()}
    for file in sheet.files:
        record = rows[file]
        whole = len(record)
        outside = record["reason"].astype("str").str.startswith(NOT_PART)
        record = record.loc[~outside.to_numpy(bool)]
        if whole and not len(record):
            said = findings.loc[findings["file"] == file].set_index("rule")["detail"]
            why = said.get(KeepsNothing.code, "none is part of the study")
            return f"{file}: no row belongs to the table {sheet.table}; of {whole} {why}"
        if len(record):
            mapping = config.exports[names[file]].tables[sheet.table]
            unmet = _unmet(record, mapping.rows)
            return f"{file}: no row belongs to the table {sheet.table}{unmet}"
    return f"{files}: no row of the table {sheet.table}: the file holds no row below its header"


def _all(count: int, of: str = "") -> str:
    return f"the only row{of} is set aside" if count == 1 else f"all {count} rows{of} are set aside"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def most_frequent(findings: pd.DataFrame, actions: Collection[str] = (QUARANTINED,)) -> str:
    """The rule behind most of some actions, with its count and an example; empty without any."""
    aside = findings.loc[findings["action"].isin(actions)]
    if aside.empty:
        return ""
    counts = aside["rule"].value_counts()
    rule = counts[counts == counts.max()].index.min()
    first = aside.loc[aside["rule"] == rule].iloc[0]
    detail = without_value(str(first["detail"]), str(first["value"]))
    column = f", column {first['column']}" if first["column"] else ""
    return (
        f"; most often by the rule {rule} ({_times(counts[rule])}), as in {first['file']}, row "
        f"{first['row']}{column} ({detail})"
    )


def _of_reasons(sheet: Sheet) -> str:
    """The same where the reason was found elsewhere, such as at the subject's own row."""
    reasons = pd.Series(sheet.reason).value_counts()
    reason = reasons[reasons == reasons.max()].index.min()
    row = int(np.flatnonzero(sheet.reason == reason)[0])
    place = f"{sheet.source_file.iloc[row]}, row {sheet.source_row[row]}"
    return f"; most often because of: {reason} ({_times(reasons[reason])}), as in {place}"


def _of_record(record: pd.DataFrame) -> str:
    """The same of rows that no table took."""
    reasons = record["reason"].astype("str").value_counts()
    reasons = reasons.drop(NO_CONTENT, errors="ignore") if len(reasons) > 1 else reasons
    row = record.loc[record["reason"].astype("str") == reasons.index[0], "source_row"].iloc[0]
    return (
        f"; most often because of: {reasons.index[0]} ({_times(reasons.iloc[0])}), as in row {row}"
    )


def _unmet(record: pd.DataFrame, conditions: Mapping[str, str | tuple[str, ...]]) -> str:
    """Which condition of a table no row of a file meets, with the most frequent text there."""
    for column, allowed in conditions.items():
        values = [allowed] if isinstance(allowed, str) else allowed
        texts = record[column].astype("str").str.strip()
        if texts.isin(values).any():
            continue
        most = texts.value_counts().index[0]
        row = record.loc[texts == most, "source_row"].iloc[0]
        wanted = " or ".join(map(repr, values))
        return (
            f"; none of its {len(record)} rows has {wanted} in column {column}, as 'rows' asks; "
            f"most often it holds {most!r}, as in row {row}"
        )
    if (record["reason"] == NO_CONTENT).all():
        return f"; none of its {len(record)} rows has content in the table's columns"
    return _of_record(record)
