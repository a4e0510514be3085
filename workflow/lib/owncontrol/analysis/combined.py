"""What a number made of other analysis results was computed from: all that they were made of."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics import integer_sets as sets
from owncontrol.estimates.selections import (
    Cell,
    Matching,
    RowSelection,
    ScoreSelection,
    name_cells,
    name_matching,
    read_selections,
)

Mask = NDArray[np.bool_]


def combined_inputs(inputs: Iterable[str], subjects: Sequence[str]) -> str:
    """One ``inputs`` text that names everything that any of the given ones names, each once.

    ``subjects``: all subjects of the study, sorted.
    """
    position = {subject: place for place, subject in enumerate(subjects)}
    cells: dict[Cell, Mask] = {}
    rows: dict[str, dict[str, list[sets.Spans]]] = {}
    conditions: dict[str, None] = {}
    for text in dict.fromkeys(inputs):
        for selection in read_selections(text, position):
            if isinstance(selection, ScoreSelection):
                add_cells(cells, selection, len(subjects))
            elif isinstance(selection, RowSelection):
                of_table = rows.setdefault(selection.table, {})
                of_table.setdefault(selection.export, []).append(selection.spans)
            else:
                conditions[name_matching(selection.table, **selection.conditions)] = None
    parts = [name_cells(((cell, np.flatnonzero(who)) for cell, who in cells.items()), subjects)]
    for table, exports in rows.items():
        named = [f"{export}:{sets.named(_union(exports[export]))}" for export in sorted(exports)]
        parts.append(f"{table}[{'; '.join(named)}]")
    return " ".join(filter(None, [*parts, *conditions]))


def add_cells(cells: dict[Cell, Mask], selection: ScoreSelection, subjects: int) -> None:
    """Enter who is selected at which scale and visit; ``subjects``: how many the study has."""
    who = sets.mask(selection.spans, subjects)
    for visit in selection.visits:
        for scale in selection.scales:
            known = cells.get((scale, visit))
            cells[scale, visit] = who if known is None else known | who


def scores_behind(
    inputs: str, place: Mapping[str, int], written: "pd.Series[str]"
) -> tuple[dict[Cell, Mask], bool]:
    """Whose scores at which visits a result was made from, and whether from nothing else.

    ``place``: of each subject among all of the study, sorted. ``written``: ``inputs`` by estimate.
    """
    cells: dict[Cell, Mask] = {}
    only_scores = True
    for selection in read_selections(inputs, dict(place)):
        if isinstance(selection, Matching) and set(selection.conditions) == {"estimate_id"}:
            # Long inputs are written once, at the first estimate that is made from them.
            return scores_behind(written[selection.conditions["estimate_id"]], place, written)
        if isinstance(selection, ScoreSelection):
            add_cells(cells, selection, len(place))
        else:
            only_scores = False
    return cells, only_scores


def _union(parts: list[sets.Spans]) -> sets.Spans:
    size = max(int(spans[-1, 1]) for spans in parts) + 1
    together = np.zeros(size, bool)
    for spans in parts:
        together |= sets.mask(spans, size)
    return sets.runs(np.flatnonzero(together))
