"""The tables of an export that feeds measures which a person named."""

import contextlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.study.table_mapping import CANONICAL
from owncontrol.suggest.answers import recoded_answers
from owncontrol.suggest.candidates import offered
from owncontrol.suggest.cdisc import (
    as_in_file,
    has_rows_of_no_analysis,
    is_of_subject,
    standard_dates,
    study_day,
    unscheduled_note,
)
from owncontrol.suggest.column_guesses import Guess, date_columns, missing_codes
from owncontrol.suggest.draft import DraftExport, DraftTable, ToSay
from owncontrol.suggest.placed_measures import REPEATED, Placed
from owncontrol.suggest.project_events import dates_of_form, planned_dates
from owncontrol.suggest.proposal import date_forms, ignored_columns, without_doubts
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import Request
from owncontrol.suggest.schedule import Schedule
from owncontrol.suggest.study_parts import missing_of, subject_of, with_subject
from owncontrol.tables import fields

NOT_ASKED = ""  # columns that the person did not name need no comment


def dated(place: Placed, request: Request, missing: list[ToSay]) -> Placed:
    """A measure of a long table with its column of dates, where there is one."""
    if not place.visit:
        return place
    if place.table.repeated:  # what every row repeats has no date
        if request.date:
            what = "--date: a baseline that a column repeats has no date"
            missing.append(ToSay(what, "leave --date out; visits then count by their order"))
        return place
    dates = date_columns(place.raw.cells, missing_codes(place.raw.cells))
    column = request.date if request.date in place.raw.cells else ""
    if not column and not request.date:
        # A column of dates that is filled in the rows of the measure, and in no other use.
        fitting = [
            name
            for name in dates
            if name not in (request.start, *place.raw.private)
            and (place.raw.texts(name)[place.rows] != "").mean() > 0.5
        ]
        fitting = [name for name in fitting if not is_of_subject(place, name)]
        fitting = fitting if place.raw.has_rows else planned_dates(place.raw)
        standard = [name for name in fitting if name in standard_dates(place.raw)]
        fitting = standard if len(standard) == 1 else fitting
        same_form = dates_of_form(place, fitting)
        fitting = same_form if len(same_form) == 1 else fitting
        if len(fitting) > 1:
            said = offered(place.raw, fitting)
            missing.append(ToSay("--date: which column has the date of the assessment?", said))
        column = fitting[0] if len(fitting) == 1 else ""
    kind = "date"
    if not column:
        column, kind = study_day(place.raw), "study_day"
    if not column:
        return place
    columns = dict(place.table.columns)
    items = list(columns.items())[2:]
    columns = {
        "subject_id": columns["subject_id"],
        "visit": columns["visit"],
        kind: Guess(column),
    }
    return replace(
        place, table=replace(place.table, columns={**columns, **dict(items)}, undated=False)
    )


def asked_export(
    request: Request,
    raw: RawFile,
    export: DraftExport,
    placed: Sequence[Placed],
    plan: Schedule | None,
) -> DraftExport:
    """The export with the tables of its measures and of what is surely in it."""
    tables, keep = _kept_rows([recoded(place, plan, missing_of(request, raw)) for place in placed])
    keep = {**{column: of for column, of in request.keep.items() if column in raw.cells}, **keep}
    taken = {name for table in tables for name in table.raw_columns()} - {raw.subject.column}
    others = [
        replace(without_doubts(table), subject=subject_of(raw, request))
        for table in export.tables
        if table.name in CANONICAL and table.name != "visits"
    ]
    for table in others:
        columns = {
            name: guess
            for name, guess in table.columns.items()
            if name == "subject_id"
            or (guess and guess.column not in taken and _is_in_range(raw, table.name, name, guess))
        }
        if len(columns) > 1 and _is_whole(table.name, columns):
            tables.append(replace(table, columns=with_subject(columns, table.subject)))
    used = {name for table in tables for name in table.raw_columns()}
    used |= {name for table in tables for name in table.rows} | set(keep)
    used |= {name for place in placed for name in _raw_names(place)}
    codes = (
        dict.fromkeys(request.missing, "")
        if request.missing
        else {code: doubt for code, doubt in export.missing.items() if not doubt}
    )
    read = [name for name in used if name in raw.cells]
    return replace(
        export,
        tables=tuple(tables),
        keep=keep,
        missing=dict.fromkeys(codes, ""),
        dates=date_forms(date_columns(raw.cells[read], codes)),
        ignored=ignored_columns(raw, used, NOT_ASKED),
        notes=tuple(filter(None, [unscheduled_note(place, _scheduled(plan)) for place in placed])),
    )


def _scheduled(plan: Schedule | None) -> dict[str, str]:
    """The visits of the schedule by how they are written."""
    if plan is None:
        return {}
    names = {visit.name for visit in plan.visits}
    return {text: name for text, name in plan.names.items() if name in names}


def _kept_rows(
    tables: Sequence[DraftTable],
) -> tuple[list[DraftTable], dict[str, tuple[str, ...]]]:
    """Tables of one file, and which of its rows are read: those of a test and a visit.

    A table keeps a condition of its own where another table of the file has other rows.
    """
    keep: dict[str, tuple[str, ...]] = {}
    columns = dict.fromkeys(column for table in tables for column in table.rows)
    for column in columns:
        if column != REPEATED and all(column in table.rows for table in tables):
            values = [value for table in tables for value in table.rows[column]]
            keep[column] = tuple(dict.fromkeys(values))
    shorter = [
        replace(
            table,
            rows={
                column: values
                for column, values in table.rows.items()
                if set(values) != set(keep.get(column, ()))
            },
        )
        for table in tables
    ]
    return shorter, keep


def _is_whole(table: str, columns: dict[str, Guess | None]) -> bool:
    """Whether what was surely found of a table is enough to be one."""
    return table != "adverse_events" or "term" in columns


def _is_in_range(raw: RawFile, table: str, column: str, guess: Guess) -> bool:
    """Whether all numbers of a raw column are such as the canonical one can hold: its unit."""
    if (table, column) == ("treatments", "dose"):
        return True  # units_and_words looks for its unit
    limits = fields(table).get(column, {}).get("constraints", {})
    if not {"minimum", "maximum"} & set(limits):
        return True
    numbers = pd.to_numeric(raw.texts(guess.column), errors="coerce").dropna()
    low, high = limits.get("minimum", -math.inf), limits.get("maximum", math.inf)
    return bool(numbers.between(low, high).all())


def _raw_names(place: Placed) -> set[str]:
    """The raw columns of a measure; of a wide one those of all visits."""
    names = {guess.column for guess in place.table.columns.values() if guess}
    return {name.replace("{visit}", text) for name in names for text in place.texts}


def recoded(place: Placed, plan: Schedule | None, missing: Collection[str]) -> DraftTable:
    """The table of a measure with what its texts for visits, and for yes and no, stand for."""
    if plan is None:
        return place.table
    names = {text: plan.names[text] for text in place.texts}
    scheduled = {visit.name for visit in plan.visits}
    codes = {
        text: Guess(name) for text, name in names.items() if name in scheduled and text != name
    }
    recode: dict[str, Mapping[str, Guess]] = {"visit": codes} if codes else {}
    with contextlib.suppress(InputError):  # it is among what is left to say
        recode |= recoded_answers(place, missing)
    table = replace(place.table, recode=recode, repeated_visit=plan.baseline)
    if place.visit and (not set(names.values()) <= scheduled or has_rows_of_no_analysis(place)):
        kept = as_in_file([text for text, name in names.items() if name in scheduled])
        table = replace(table, rows={**table.rows, place.visit: kept})
    return table
