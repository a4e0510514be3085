"""Several raw files of one export, compared: their columns, and their codes."""

from collections import Counter

import numpy as np
import pandas as pd

from owncontrol.cleaning.working_table import Sheet
from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding, findings_table
from owncontrol.findings.mapping_rules import ColumnNotMapped, KeepsNothing
from owncontrol.findings.several_files_rules import (
    CodeInSeveralFiles,
    OtherColumns,
    ReadColumnsLacking,
)
from owncontrol.study.exports import FILE, is_in_name
from owncontrol.study.parts import CleaningSettings
from owncontrol.study.table_mapping import raw_names
from owncontrol.tables import concat

Groups = dict[str, list[str]]
SHOWN = 6  # names that a finding lists


def file_groups(config: CleaningSettings) -> Groups:
    """By entry of the configuration that names several files, the export of each of them."""
    groups: Groups = {}
    for name, export in config.exports.items():
        if export.found_by is not None:
            groups.setdefault(export.found_by.export, []).append(name)
    return groups


def with_columns_compared(
    findings: pd.DataFrame, columns: dict[str, pd.DataFrame], config: CleaningSettings
) -> pd.DataFrame:
    """What ingest found, with one finding for each file that has other columns than most.

    ``columns``: by export, ingest's record. What is said of a single column of such a file is in
    that finding. Raises InputError for a mapped column that none of the files has, and where keep
    leaves no row of any of them.
    """
    _check_kept(findings, config)
    told: list[Finding] = []
    covered: set[tuple[str, str]] = set()
    for entry, names in file_groups(config).items():
        headers = {
            name: [
                text for text in dict.fromkeys(columns[name]["raw_column"]) if not is_in_name(text)
            ]
            for name in names
        }
        usual = _usual(headers)
        mapped = _mapped(names[0], config)
        for name in names:
            file = config.file_names[name]
            lacking = [column for column in usual if column not in headers[name]]
            further = [column for column in headers[name] if column not in usual]
            if lacking or further:
                told.append(_finding(file, lacking, further, mapped))
                covered |= {(file, column) for column in further}
        _check_mapped(entry, names, headers, mapped, config)
    if not told:
        return findings
    places = zip(findings["file"], findings["column"], strict=True)
    is_covered = np.array([place in covered for place in places], bool)
    left = findings.loc[~((findings["rule"] == ColumnNotMapped.code) & is_covered)]
    return concat([left, findings_table(told)], "findings")


def _check_kept(findings: pd.DataFrame, config: CleaningSettings) -> None:
    empty = findings.loc[findings["rule"] == KeepsNothing.code]
    for entry, names in file_groups(config).items():
        files = {config.file_names[name] for name in names}
        if files <= set(empty["file"]):
            first = empty.loc[empty["file"].isin(files)].iloc[0]
            raise InputError(
                f"exports.{entry}: {first['detail']} ({first['file']}; the same in all its files)",
                "correct keep",
            )


def _usual(headers: dict[str, list[str]]) -> list[str]:
    """The columns that most files have; where it is half of them, those of the first."""
    first = next(iter(headers.values()))
    counts = Counter(column for header in headers.values() for column in header)
    return [
        column
        for column, count in counts.items()
        if 2 * count > len(headers) or (2 * count == len(headers) and column in first)
    ]


def _mapped(name: str, config: CleaningSettings) -> dict[str, str]:
    """By raw column that a table of one row per assessment reads: the canonical one."""
    return {
        raw: f"{table}.{column}"
        for table, mapping in config.exports[name].tables.items()
        if not mapping.long and not mapping.wide
        for column, several in mapping.columns.items()
        for raw in raw_names(several)
        if not is_in_name(raw)
    }


def _finding(file: str, lacking: list[str], further: list[str], mapped: dict[str, str]) -> Finding:
    said = [f"lacks {_listed(lacking)}"] if lacking else []
    said += [f"has {_listed(further)}, which they do not"] if further else []
    read = [mapped[column] for column in lacking if column in mapped]
    if read:
        rule = ReadColumnsLacking(differences=" and ".join(said), read=", ".join(read[:SHOWN]))
        return Finding(rule, file)
    return Finding(OtherColumns(differences=" and ".join(said)), file)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(f"'{name}'" for name in names[:SHOWN]) + more


def _check_mapped(
    entry: str,
    names: list[str],
    headers: dict[str, list[str]],
    mapped: dict[str, str],
    config: CleaningSettings,
) -> None:
    there = {column for header in headers.values() for column in header}
    for column, canonical in mapped.items():
        if column not in there:
            files = ", ".join(config.file_names[name] for name in names[:SHOWN])
            raise InputError(
                f"exports.{entry}: none of its files ({files}) has the column '{column}', which "
                f"{canonical} is mapped to",
                "correct the mapping, or the files' headers",
            )


def check_codes_of_files(subjects: Sheet, config: CleaningSettings) -> None:
    """A warning where subjects of several files of an entry have one code.

    Each site may count its patients from 1. Sheets that hold one subject each are exams, and of
    files that are a visit each every one has all subjects.
    """
    for names in file_groups(config).values():
        tables = config.exports[names[0]].tables.values()
        if any(mapping.columns.get("visit") == FILE for mapping in tables):
            continue
        files = [config.file_names[name] for name in names]
        here = subjects.source_file.isin(files).to_numpy(bool) & subjects.is_part
        rows = pd.DataFrame(
            {
                "code": subjects.values["subject_id"].astype("str")[here],
                "file": subjects.source_file.astype("str")[here],
            }
        )
        rows = rows.loc[rows["code"] != ""]
        is_sheets = len({config.exports[name].file for name in names}) == 1
        if is_sheets and (rows.groupby("file")["code"].nunique() == 1).all():
            continue
        several = rows.groupby("code")["file"].nunique()
        shared = several.index[several > 1]
        if len(shared):
            first = rows.index[rows["code"].isin(shared)][:1]
            subjects.report(first, "subject_id", CodeInSeveralFiles(count=len(shared)))
