"""What a raw file seems to feed, as a draft of its entry under ``exports``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from owncontrol.study.exports import FILE
from owncontrol.suggest.column_guesses import (
    Dates,
    Guess,
    date_columns,
    missing_codes,
    number_forms,
)
from owncontrol.suggest.draft import DraftExport, DraftTable
from owncontrol.suggest.draft_text import scalar
from owncontrol.suggest.known_words import JAPANESE
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.table_guesses import ProposedTable, proposed_tables
from owncontrol.suggest.visit_words import named_day

REPEATS = ("redcap_repeat_instrument", "redcap_repeat_instance")
MOST_VISITS = 40
LONGEST_NAME = 200  # characters of a visit's name; a longer text is no name
NOT_KNOWN = "unsure: not recognised; map it under tables, or leave it here to ignore it"


def proposed_export(raw: RawFile) -> DraftExport:
    """The draft of one export, with every doubt."""
    dates = date_columns(raw.cells[list(raw.usable)], missing_codes(raw.cells))
    tables = proposed_tables(raw.cells, raw.usable, dates, (raw.subject, raw.visit), raw.choices)
    # A level that could not be determined (ND) is no missing value.
    levels = [
        source
        for table in tables
        for column, source in table.raw().items()
        if table.name == "isncsci" and column.startswith("recorded_")
    ]
    visit = raw.visit
    names = raw.texts(visit.column).unique().tolist() if visit else []
    short = [name for name in names if name and len(scalar(name)) <= LONGEST_NAME][:MOST_VISITS]
    notes = [] if tables else ["unsure: no table or instrument has columns like those of this file"]
    left = sum(bool(name) for name in names) - len(short)
    if left:
        notes.append(f"unsure: {left} more texts are where visits are named")
    return DraftExport(
        key="files" if raw.entry else export_key(raw.path.stem),
        file=raw.path.name,
        entry=raw.entry or raw.path.name,
        options=raw.options,
        option_doubts=raw.doubts,
        dictionary=raw.dictionary,
        missing=missing_codes(raw.cells.drop(columns=levels)) | dict.fromkeys(raw.missing, ""),
        dates=date_forms(dates),
        numbers=number_forms(raw.cells[[name for name in raw.usable if name not in dates]]),
        ignored=ignored_columns(raw, {source for table in tables for source in table.used()}),
        tables=tuple(_draft_table(table, short) for table in tables),
        notes=tuple(notes),
    )


def ignored_columns(raw: RawFile, mapped: set[str], reason: str = NOT_KNOWN) -> dict[str, str]:
    """Columns that stay behind with the reason: private ones, counts of repeats, all others."""
    codes = raw.subject.column
    repeats = [name for name in raw.usable if name in REPEATS and name not in mapped]
    # What was only guessed to have the study codes is a column like any other.
    candidates = [n for n in map(str, raw.cells.columns) if n in raw.usable or n == codes]
    rest = [name for name in candidates if name not in {*mapped, *repeats, FILE}]
    return {
        **{name: why for name, why in raw.private.items() if name not in mapped},
        **dict.fromkeys(repeats, "REDCap's own count of repeats"),
        **dict.fromkeys(rest, reason),
    }


def date_forms(dates: Mapping[str, Dates]) -> dict[str, str]:
    """Every form that some column needs; a column that can be read in two ways is a doubt."""
    certain = dict.fromkeys(forms.usual[0] for forms in dates.values() if len(forms.usual) == 1)
    chosen = dict.fromkeys(certain, "")
    for column, forms in dates.items():
        if not certain.keys() & set(forms.usual):
            also = " or ".join(forms.usual[1:])
            chosen.setdefault(forms.usual[0], f"'{column}' can also be read as {also}")
        for form, count in forms.others.items():
            chosen.setdefault(form, f"{count} of the cells in '{column}'")
    return chosen


def _draft_table(table: ProposedTable, visits: list[str]) -> DraftTable:
    """A proposed table; ``visits``: names of the file's visits."""
    recode = {column: dict(codes) for column, codes in table.recode.items()}
    if visits and table.columns.get("visit"):
        doubt = "name of the visit in 'visits'"
        recode["visit"] = {text: Guess(name, doubt) for text, name in visit_names(visits).items()}
    draft = DraftTable(table.name, table.columns, recode, table.unknown, table.recorded)
    if table.layout is None:
        return draft
    layout = table.layout
    is_dated = table.columns.get("date") is not None
    columns = {name: guess for name, guess in draft.columns.items() if guess or name != "date"}
    return replace(
        draft,
        columns=columns,
        long=(layout.item, layout.value),
        patterns=layout.patterns,
        undated=not is_dated,
    )


def without_doubts(table: DraftTable) -> DraftTable:
    """A table with nothing but the columns whose names, and all of whose codes, are known."""
    columns = {
        name: guess
        for name, guess in table.columns.items()
        if guess and not guess.doubt and not table.unknown.get(name)
    }
    recode = {
        name: {text: Guess(code.column) for text, code in codes.items()}
        for name, codes in table.recode.items()
        if name in columns
    }
    return replace(table, columns=columns, recode=recode, unknown={})


def export_key(stem: str) -> str:
    """A name for an export: small letters, digits and _, a letter first."""
    name = slug(stem)
    return name if name[:1].isalpha() else f"export_{name}"


def visit_name(text: str) -> str:
    """A name for the schedule: without the arm of a REDCap event, and a letter first."""
    name = slug(re.sub(r"_arm_[0-9]+$", "", text.strip()))
    return name if name[0].isalpha() else f"visit_{name}"


def visit_names(texts: Sequence[str]) -> dict[str, str]:
    """By how visits are written their names; where nothing of them is left in a name, their day.

    Texts that mean the same day, or differ in signs that no name has, may share a name.
    """
    found = {}
    for place, text in enumerate(texts, start=1):
        name, day = visit_name(text), named_day(text)
        if JAPANESE.search(text):
            of_day = f"day_{day}".replace("-", "minus_") if day else "baseline"
            name = f"visit_{place}" if day is None else of_day
        found[text] = name
    return found


def slug(text: str) -> str:
    """A text in small letters, digits and _ alone; x where nothing is left."""
    signs = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in text.casefold())
    return "_".join(signs.split()) or "x"
