"""What variables of CDISC's SDTM and ADaM say by their standard names.

SDTM: the baseline flag of a domain (QSBLFL), its study day (QSDY), unscheduled visits. ADaM: ABLFL,
ADY, and the flag of the records that an analysis takes (ANL01FL).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from owncontrol.suggest.column_guesses import visit_column
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import Request

if TYPE_CHECKING:  # which reads the flags itself
    from owncontrol.suggest.placed_measures import Placed

BASELINE_FLAG = re.compile(r"[A-Z]{2}BLFL|ABLFL")
TEST_CODES = re.compile(r"[A-Z]{2}TESTCD|PARAMCD")
STUDY_DAY = re.compile(r"[A-Z]{2}DY|ADY")
NOT_DAYS = ("VISITDY",)
ANALYSED, ANALYSIS_VISIT = "ANL01FL", "AVISIT"
YES = "Y"
MARK = " (baseline)"  # behind the name of a visit whose row is flagged as baseline
UNSCHEDULED = re.compile(
    r"\b(unsched\w*|unplanned|unscheduled|ungeplant\w*|au(ß|ss)erplanm\w*|non planifi\w*|"
    r"no programad\w*)\b|予定外",
    re.IGNORECASE,
)


def flagged_baseline(placed: "Sequence[Placed]") -> str:
    """The visit, as it is written, in which all rows flagged as baseline stand; else empty."""
    texts = {
        text
        for place in placed
        if place.visit
        for column in filter(BASELINE_FLAG.fullmatch, map(str, place.raw.cells.columns))
        for text in place.raw.texts(place.visit)[place.rows & _is_yes(place.raw, column)]
    }
    texts -= {""}
    if len(texts) == 1 or (texts and all(map(is_marked, texts))):
        return str(min(texts))
    return ""


def with_flagged_baseline(raw: RawFile, request: Request) -> RawFile:
    """The file with a mark behind the visits of flagged rows, where there are several such visits.

    There no name of a visit says which is the baseline; the same visit is it for one subject and
    not for another. Looked at are the rows of the measures that are asked for.
    """
    names = list(map(str, raw.cells.columns))
    flag = next(filter(BASELINE_FLAG.fullmatch, names), "")
    codes = next(filter(TEST_CODES.fullmatch, names), "")
    guess = visit_column(raw.cells)
    visit = request.visit or (guess.column if guess else "")
    if request.baseline or not (flag and codes and visit in raw.cells):
        return raw
    texts, flagged = raw.texts(visit), _is_yes(raw, flag)
    here = flagged & raw.texts(codes).isin([asked.name for asked in request.measures])
    for column, values in request.keep.items():
        here &= raw.texts(column).isin(values) if column in raw.cells else True
    if texts[here].nunique() < 2:
        return raw
    return replace(raw, cells=raw.cells.assign(**{visit: texts.where(~flagged, texts + MARK)}))


def mark_of(raw: RawFile, visit: str) -> str:
    """The column of the flag that marks visits in this one; empty where none does."""
    if not raw.texts(visit).str.endswith(MARK).any():
        return ""
    return next(filter(BASELINE_FLAG.fullmatch, map(str, raw.cells.columns)))


def is_marked(text: str) -> bool:
    """Whether a visit is that of flagged rows."""
    return text.endswith(MARK)


def as_in_file(texts: Sequence[str]) -> tuple[str, ...]:
    """The names of visits as the file has them, each once."""
    return tuple(dict.fromkeys(text.removesuffix(MARK) for text in texts))


def standard_dates(raw: RawFile) -> set[str]:
    """The columns that the standards call the date of a finding (QSDTC, or ADT of an analysis)."""
    names = set(map(str, raw.cells.columns))
    codes = [name for name in names if TEST_CODES.fullmatch(name)]
    if "PARAMCD" in codes and "ADT" in names:  # beside which ADaM may keep that of SDTM
        return {"ADT"}
    dates = {"ADT" if name == "PARAMCD" else name.replace("TESTCD", "DTC") for name in codes}
    return dates & names


def is_of_subject(place: "Placed", column: str) -> bool:
    """Whether a column has one text a subject, whatever the visit: the start of a treatment."""
    cells = place.raw.cells.loc[place.rows, [*place.table.subject, column]]
    texts = cells.groupby(list(place.table.subject), observed=True)[column].agg(["nunique", "size"])
    return bool((texts["size"] > 1).any() and (texts["nunique"] <= 1).all())


def study_day(raw: RawFile) -> str:
    """The column of days that a file counts itself; empty where it has none, or several."""
    found = [name for name in map(str, raw.cells.columns) if STUDY_DAY.fullmatch(name)]
    found = [name for name in found if name not in NOT_DAYS and (raw.texts(name) != "").any()]
    return found[0] if len(found) == 1 else ""


def analysed_rows(raw: RawFile) -> dict[str, tuple[str, ...]]:
    """The condition of the records that an analysis takes, where a file of ADaM flags them.

    None where no baseline is flagged, as where the flag is of later records only: it would leave
    the baseline out, and a later visit would be taken for it.
    """
    if not {"PARAMCD", ANALYSED} <= set(raw.cells.columns):
        return {}
    analysed = _is_yes(raw, ANALYSED)
    baselines = _is_yes(raw, "ABLFL") if "ABLFL" in raw.cells else analysed
    if baselines.any() and not (baselines & analysed).any():
        return {}
    return {ANALYSED: (YES,)} if analysed.any() else {}


def has_rows_of_no_analysis(place: "Placed") -> bool:
    """Whether records have no analysis visit: in ADaM those that no analysis by visit takes."""
    if place.visit != ANALYSIS_VISIT or "PARAMCD" not in place.raw.cells:
        return False
    return bool((place.raw.texts(place.visit)[place.rows] == "").any())


def unscheduled(texts: Sequence[str], columns: Iterable[str]) -> list[str]:
    """Of visits as they are written, those outside the schedule: by a word, or as number 3.1.

    A number with a fraction is one where at least as many others are whole, and the columns that
    they are in have numbers of visits (VISITNUM); hours may have one.
    """
    texts = [text for text in texts if not is_marked(text)]
    said = [text for text in texts if UNSCHEDULED.search(text)]
    numbers = {text: float(text) for text in texts if re.fullmatch(r"-?\d+(\.\d+)?", text)}
    broken = [text for text, number in numbers.items() if number != int(number)]
    are_counted = all("visit" in column.lower() for column in columns)
    if are_counted and len(numbers) == len(texts) and 0 < len(broken) <= len(texts) / 2:
        said += broken
    return said


def unscheduled_note(place: "Placed", scheduled: Mapping[str, str]) -> str:
    """How many rows of a measure are of unscheduled visits; empty where none is.

    ``scheduled``: the visits of the schedule by how they are written.
    """
    outside = [text for text in unscheduled(place.texts, [place.visit]) if text not in scheduled]
    if not outside:
        return ""
    count = int((place.raw.texts(place.visit).isin(outside) & place.rows).sum())
    one = "1 row of an unscheduled visit is"
    rows = one if count == 1 else f"{count} rows of unscheduled visits are"
    return f"{rows} not part of the study: {', '.join(sorted(outside)[:6])}"


def _is_yes(raw: RawFile, column: str) -> "pd.Series[bool]":
    return raw.texts(column).str.upper() == YES
