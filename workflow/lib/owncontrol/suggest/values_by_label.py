"""Values that a person named by what the file calls them, where its cells hold codes."""

from collections.abc import Sequence
from dataclasses import replace

from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import Request


def in_codes(request: Request, files: Sequence[RawFile]) -> Request:
    """The request with the code in place of its label in ``--keep`` and ``--event``.

    A text that a cell holds is itself; a label that several codes have is left as it is.
    """
    keep = {
        column: tuple(_code(column, value, files) for value in values)
        for column, values in request.keep.items()
    }
    events = tuple(
        replace(event, value=_code(event.seen, event.value, files)) for event in request.events
    )
    return replace(request, keep=keep, events=events)


def _code(column: str, value: str, files: Sequence[RawFile]) -> str:
    having = [raw for raw in files if column in raw.cells]
    if not value or any((raw.texts(column) == value).any() for raw in having):
        return value
    codes = {
        code
        for raw in having
        for code, label in raw.choices.get(column, {}).items()
        if label.strip().casefold() == value.casefold()
    }
    return codes.pop() if len(codes) == 1 else value
