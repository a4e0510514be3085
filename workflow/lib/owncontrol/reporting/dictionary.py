"""The data dictionary as the page shows it: like columns on one line, like tables once."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup, escape

from owncontrol.basics.units import unit_for

FEWEST = 4  # like columns that are worth one line
HEAD = ("Column", "Type, unit", "Permitted", "Meaning", "Source")


class Line(NamedTuple):
    """One column of a table, or several that are alike."""

    column: str
    kind: str
    permitted: str
    meaning: str
    source: str


def dictionary_pages(dictionary: pd.DataFrame) -> Markup:
    """A folded table for each table of the results; those with the same columns are one.

    ``dictionary``: the table ``data_dictionary``.
    """
    known: dict[tuple[Line, ...], list[str]] = {}
    counts: dict[str, int] = {}
    for file, columns in dictionary.groupby("file", sort=False):
        lines = tuple(folded(columns))
        known.setdefault(lines, []).append(str(file))
        counts[str(file)] = len(columns)
    tables = (_table(lines, files, counts[files[0]]) for lines, files in known.items())
    return Markup("<div class=dictionary>\n{}</div>").format(Markup("").join(tables))


def folded(columns: pd.DataFrame) -> list[Line]:
    """The columns of one table; those in a row that differ in the end of their names as one."""
    lines = [
        Line(
            row.column,
            ", ".join(filter(None, (row.type, row.unit))),
            row.permitted,
            row.meaning,
            row.source,
        )
        for row in columns.itertuples()
    ]
    found: list[Line] = []
    for _, group in groupby(lines, _likeness):
        alike = list(group)
        found += [_joined(alike)] if len(alike) >= FEWEST else alike
    return found


def _likeness(line: Line) -> tuple[str, ...]:
    """What columns have in common that are one line: how their names begin, what may be there."""
    file, _, _ = line.source.partition(": ")
    return ("_".join(line.column.split("_")[:2]), line.kind, line.permitted, file)


def _joined(lines: Sequence[Line]) -> Line:
    first, last = lines[0], lines[-1]
    source = first.source
    if last.source != source:
        source = f"{source} \u2026 {last.source.partition(': ')[2]}"
    return Line(
        f"{first.column} \u2026 {last.column} ({len(lines)})",
        first.kind,
        first.permitted,
        f"{first.meaning} \u2026 {last.meaning}",
        source,
    )


def _table(lines: Sequence[Line], files: Sequence[str], columns: int) -> Markup:
    """One folded table, without the columns that say the same, or nothing, in every line."""
    shown = [place for place, name in enumerate(HEAD) if _tells(lines, place)]
    source = "" if len(HEAD) - 1 in shown else f", {lines[0].source}"
    head = Markup("").join(Markup("<th scope=col>{}").format(HEAD[place]) for place in shown)
    body = Markup("").join(
        Markup("\n<tr><th>{}").format(line.column)
        + Markup("").join(Markup("<td>") + escape(line[place]) for place in shown[1:])
        for line in lines
    )
    return Markup(
        "<details><summary>{}: {} {}{}</summary>\n<table><thead><tr>{}<tbody>{}</table></details>\n"
    ).format(", ".join(files), columns, unit_for(columns, "column"), source, head, body)


def _tells(lines: Sequence[Line], place: int) -> bool:
    """Whether a column of the shown table says something that its summary does not."""
    texts = {line[place] for line in lines}
    if HEAD[place] == "Source":
        return len(texts) > 1 or ": " in next(iter(texts))
    return texts != {""}
