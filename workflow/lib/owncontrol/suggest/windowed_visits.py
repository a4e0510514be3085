"""Visits that a person makes of days or dates, because no column of a file names them."""

from collections.abc import Sequence
from dataclasses import replace

from owncontrol.errors import InputError
from owncontrol.ingest.visit_windows import visits_of_rows
from owncontrol.study.base import FrozenMapping
from owncontrol.study.visit_windows import WINDOW, VisitWindows
from owncontrol.suggest.candidates import offered
from owncontrol.suggest.column_guesses import NO_SUBJECT, date_columns
from owncontrol.suggest.draft import DraftExport
from owncontrol.suggest.placed_measures import subject_columns
from owncontrol.suggest.proposal import date_forms, visit_name
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import AskedWindow, Request
from owncontrol.suggest.study_parts import missing_of
from owncontrol.suggest.visit_words import named_day


def with_windowed_visits(raw: RawFile, request: Request) -> RawFile:
    """The file with a column of the visits that the windows make; as it is where none were said.

    Raises InputError where it cannot be said which column has the days or dates.
    """
    if not request.windows:
        return raw
    dates = date_columns(raw.cells, missing_of(request, raw))
    column = _column(raw, request, list(dates))
    if not column:
        return raw
    targets = {name: _planned(name, of, column in dates) for name, of in request.windows.items()}
    declared = VisitWindows(
        column=column,
        since_first=subject_columns(raw, request) if column in dates else (),
        windows=FrozenMapping(
            {visit_name(name): (of.first, of.last) for name, of in request.windows.items()}
        ),
        targets=FrozenMapping(
            {visit_name(name): day for name, day in targets.items() if day is not None}
        ),
    )
    forms = list(date_forms(dates))
    visits = visits_of_rows(raw.cells, declared, forms, missing_of(request, raw))
    said = {visit_name(name): name for name in request.windows}
    return replace(
        raw,
        cells=raw.cells.assign(**{WINDOW: visits}),
        choices={**raw.choices, WINDOW: said},
        windows=declared,
    )


def _planned(name: str, window: AskedWindow, has_dates: bool) -> float | None:
    """What was planned for a visit: as said, or the day that its name speaks of."""
    if window.target is not None:
        return window.target
    day = named_day(name) if has_dates else None
    return day if day is not None and window.first <= day <= window.last else None


def _column(raw: RawFile, request: Request, dates: Sequence[str]) -> str:
    for named in (request.visit, request.date):
        if named in raw.cells:
            return named
    others = [name for name in dates if name != request.start]
    if raw.subject.doubt == NO_SUBJECT and not raw.called(request.subject):
        return ""  # no file of assessments
    if len(others) > 1:
        raise InputError(
            f"--date: which column of {raw.path.name} has the date of the assessment?",
            offered(raw, others),
        )
    return next(iter(others), "")


def by_windows(request: Request) -> Request:
    """The request with the visits of its windows, in their order."""
    if not request.windows:
        return request
    ordered = sorted(request.windows, key=lambda name: request.windows[name].first)
    names = tuple(visit_name(name) for name in ordered)
    return replace(request, visit=WINDOW, visits=request.visits or names)


def only_in_windows(raw: RawFile, export: DraftExport) -> DraftExport:
    """The export with its windows, and with the rows that lie in one of them."""
    if raw.windows is None or not export.tables:
        return export
    inside = tuple(raw.windows.windows)
    tables = tuple(
        replace(
            table,
            rows={name: of for name, of in table.rows.items() if name != WINDOW},
            nearest_of_several=table.columns.get("visit") is not None,
        )
        for table in export.tables
    )
    outside = int((raw.texts(WINDOW) == "").sum())
    rows = "1 row lies in no window and is" if outside == 1 else "rows lie in no window and are"
    count = "" if outside == 1 else f"{outside} "
    note = (f"{count}{rows} not part of the study",) if outside else ()
    return replace(
        export,
        tables=tables,
        windows=raw.windows,
        ignored={k: why for k, why in export.ignored.items() if k != raw.windows.column},
        keep={**export.keep, WINDOW: inside},
        notes=(*export.notes, *note),
    )
