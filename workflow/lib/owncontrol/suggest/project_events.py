"""What the events of a REDCap project add to a schedule: planned visits, their windows, dates."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from owncontrol.ingest.readers.redcap_xml import EVENT, Event
from owncontrol.study.visits import StudyClock
from owncontrol.suggest.draft import DraftVisit
from owncontrol.suggest.raw_file import RawFile

if TYPE_CHECKING:  # which asks for the planned events itself
    from owncontrol.suggest.placed_measures import Placed


def event_of(text: str, placed: "Sequence[Placed]") -> Event | None:
    """The event of a REDCap project that a visit's text names, where the file has events."""
    found = (place.raw.events.get(text) for place in placed if place.visit == EVENT)
    return next((event for event in found if event is not None), None)


def planned_events(
    raw: RawFile, visit: str, columns: Iterable[str], texts: Sequence[str]
) -> list[str]:
    """The events at which a form is to be filled in, also those at which nobody was yet.

    ``columns``: of the form; ``texts``: those that rows are of, which come first where the project
    does not order them.
    """
    if visit != EVENT or not raw.events:
        return list(texts)
    forms = forms_of(raw, columns)
    return [name for name, event in raw.events.items() if name in texts or forms & {*event.forms}]


def dates_of_form(place: "Placed", dates: Iterable[str]) -> list[str]:
    """Of several columns of dates those on the form of the measure."""
    forms = forms_of(place.raw, _columns(place))
    return [name for name in dates if forms_of(place.raw, [name]) & forms]


def planned_dates(raw: RawFile) -> list[str]:
    """The fields that are checked to be dates."""
    return [name for name, field in raw.known.items() if field.validation.startswith("date")]


def with_windows(
    visits: Sequence[DraftVisit],
    names: dict[str, str],
    placed: "Sequence[Placed]",
    clock: StudyClock,
) -> tuple[DraftVisit, ...]:
    """The visits with the windows that the project has, where days count from the baseline's date.

    ``names``: by how a visit is written its name.
    """
    events = {name: event_of(text, placed) for text, name in names.items()}
    if clock != "baseline" or not all(_is_timed(events.get(visit.name)) for visit in visits):
        return tuple(visits)
    return tuple(_with_window(visit, events[visit.name]) for visit in visits)


def _is_timed(event: Event | None) -> bool:
    return event is not None and event.day is not None


def _with_window(visit: DraftVisit, event: Event | None) -> DraftVisit:
    if event is None or visit.day is None:
        return visit
    window = (visit.day - event.before, visit.day + event.after)
    return replace(visit, clock="baseline", window=window)


def _columns(place: "Placed") -> list[str]:
    items = [guess.column for name, guess in place.table.columns.items() if guess]
    return [name for name in items if name not in (*place.table.subject, place.visit)]


def forms_of(raw: RawFile, columns: Iterable[str]) -> set[str]:
    """The forms of the fields that some columns belong to."""
    fields = (raw.known.get(name.partition("___")[0]) for name in columns)
    return {field.form for field in fields if field is not None}
