"""Gaps in codes with running numbers: of patients, and of lots of the product."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from owncontrol.cleaning.working_table import Sheet
from owncontrol.findings.finding import Finding
from owncontrol.findings.plan_rules import CodesLeftOut
from owncontrol.study.exports import ROW
from owncontrol.study.parts import CleaningSettings

# Of a series so many numbers may be missing for one that is there; with more it is none.
MOST_MISSING = 1.0
FEWEST = 3
SHOWN = 12  # codes that a finding lists
NUMBERED = re.compile(r"(.*?)([0-9]{1,9})")


def missing_codes(codes: Iterable[str]) -> dict[str, list[str]]:
    """By series (its first and last code, ``OC-01 to OC-13``) the codes that it leaves out.

    Codes of one series have the same text before the number that they end in. They count from 1
    where most numbers from 1 on are there; else from the smallest of them. A series of which more
    numbers are missing than are there is none.
    """
    series: dict[str, dict[int, str]] = {}
    for code in codes:
        if found := NUMBERED.fullmatch(code):
            series.setdefault(found[1], {})[int(found[2])] = code
    gaps = {}
    for stem, known in sorted(series.items()):
        if len(known) < FEWEST:
            continue
        first, last = min(known), max(known)
        if first - 1 <= MOST_MISSING * len(known):
            first = min(first, 1)
        missing = last - first + 1 - len(known)
        if not missing or missing > MOST_MISSING * len(known):
            continue
        digits = len(known[min(known)]) - len(stem)
        width = digits if known[min(known)][len(stem)] == "0" else 0
        left = [number for number in range(first, last + 1) if number not in known]
        gaps[f"{known[min(known)]} to {known[last]}"] = [
            f"{stem}{number:0{width}d}" for number in left
        ]
    return gaps


def check_running_numbers(
    sheets: Mapping[str, Sheet], others: Collection[str], config: CleaningSettings
) -> list[Finding]:
    """A warning for each series of patients' codes, or of lots, that leaves numbers out.

    ``others``: codes of subjects of the same files who are not part of the study. Keyed codes do
    not run; lots that the configuration counts (``numbered``) have their findings already.
    """
    subjects, treatments = sheets["subjects"], sheets.get("treatments")
    found = []
    columns = {raw for (_, name), raw in subjects.raw_columns.items() if name == "subject_id"}
    if not config.subject_code.key_file and ROW not in columns:  # whose numbers nobody gave
        codes = {*_codes(subjects, "subject_id"), *others}
        found += _findings(subjects, "subject_id", missing_codes(codes))
    if treatments is not None and "lot" in treatments.values:
        counted = {
            (config.file_names[key], numbers.column)
            for key, export in config.exports.items()
            for numbers in export.numbered
        }
        read = {
            (file, raw) for (file, name), raw in treatments.raw_columns.items() if name == "lot"
        }
        if not read & counted:
            lots = missing_codes(_codes(treatments, "lot"))
            found += _findings(treatments, "lot", lots)
    return found


def _codes(sheet: Sheet, column: str) -> list[str]:
    """All codes of a column, of rows that were set aside too."""
    return [code for code in sheet.values[column].astype("str").unique() if code]


def _findings(sheet: Sheet, column: str, gaps: Mapping[str, list[str]]) -> list[Finding]:
    file = sheet.files[0]
    raw = sheet.raw_columns.get((file, column), column)
    return [
        Finding(CodesLeftOut(series=series, codes=_listed(codes)), file, None, raw)
        for series, codes in gaps.items()
    ]


def _listed(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else ""
    return ", ".join(codes[:SHOWN]) + more
