"""Headings with signs that nobody types (a no-break space), named as they are seen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from owncontrol.basics.invisible import visible
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import AskedMeasure, Request


def as_headed(request: Request, files: Sequence[RawFile]) -> Request:
    """The request, with the headings of the files for those that look the same.

    Two headings that look the same stay as they are: which one is meant cannot be said.
    """
    headings = dict.fromkeys(str(name) for raw in files for name in raw.cells.columns)
    by_look: dict[str, list[str]] = {}
    for heading in headings:
        by_look.setdefault(_look(heading), []).append(heading)
    odd = {
        look: alike[0] for look, alike in by_look.items() if len(alike) == 1 and alike[0] != look
    }
    return _with_headings(request, odd) if odd else request


def _look(text: str) -> str:
    """A text as it is seen: one blank for each gap, none around it."""
    return " ".join(visible(text).split())


def _with_headings(request: Request, odd: Mapping[str, str]) -> Request:
    def heading(name: str) -> str:
        return odd.get(_look(name), name)

    def of_sum(names: str) -> str:
        return odd.get(_look(names), "+".join(map(heading, names.split("+"))))

    def of_measure(asked: AskedMeasure) -> AskedMeasure:
        if not asked.columns and _look(asked.name) in odd:
            return replace(asked, columns=(heading(asked.name),))
        return replace(asked, columns=tuple(map(of_sum, asked.columns)))

    return replace(
        request,
        subject=tuple(map(heading, request.subject)),
        visit=heading(request.visit),
        date=heading(request.date),
        start=heading(request.start),
        arms=heading(request.arms),
        describe=tuple(map(heading, request.describe)),
        measures=tuple(map(of_measure, request.measures)),
        keep={heading(name): values for name, values in request.keep.items()},
        baseline_columns={
            name: tuple(map(heading, columns)) for name, columns in request.baseline_columns.items()
        },
        events=tuple(
            replace(event, time=heading(event.time), seen=heading(event.seen))
            for event in request.events
        ),
    )
