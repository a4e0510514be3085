"""What counts as content of a row, and boxes that were left unticked.

REDCap writes 0 for each box of a form that nobody has filled in, in every row that the form could
are in. Taken as content, it makes an adverse event of each visit.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.findings.finding import Finding
from owncontrol.findings.mapping_rules import OnlyUntickedBoxes
from owncontrol.ingest.redcap import Field
from owncontrol.ingest.reshape import View
from owncontrol.tables.categories import is_filled, is_one_of, present_texts

Mask = NDArray[np.bool_]
TICKED = ("1", "Checked")
# A column of one choice of a checkbox, and what it may hold; a gap makes 1.0 of a 1.
BOX = re.compile(r".+___.+")
UNTICKED = ("0", "0.0", "Unchecked")
IN_BOXES = {"", *TICKED, "1.0", *UNTICKED}
# Columns that only name a row.
NO_CONTENT = ("subject_id", "visit", "event_number")


def box_columns(cells: pd.DataFrame, fields: dict[str, Field]) -> set[str]:
    """Columns of boxes to tick: checkboxes of the dictionary, and what looks like one.

    Without a dictionary a box is a column named as REDCap names one (``aids___2``) whose cells
    hold nothing but 0 and 1, or Checked and Unchecked.
    """
    declared = {name for name, field in fields.items() if field.kind == "checkbox"}
    found = set()
    for name in map(str, cells.columns):
        if name in declared or name.partition("___")[0] in declared:
            found.add(name)
        elif BOX.fullmatch(name):
            held = {text.strip() for text in present_texts(cells[name])}
            found |= {name} if held <= IN_BOXES else set()
    return found


def holds_content(column: "pd.Series[Any]", is_box: bool) -> Mask:
    """Which cells hold content; a box left unticked has none, as REDCap writes it everywhere."""
    filled = is_filled(column)
    return filled & ~is_one_of(column, UNTICKED) if is_box else filled


def rows_with_content(view: View, columns: dict[str, str], boxes: set[str]) -> Mask:
    """Which rows of a table's view have content in a mapped cell.

    Cells that only say whose row it is, which visit, or which number an event has, are no
    content; in a long table only those of its items are. A table of nothing else (who was
    treated) has its subjects as content. Boxes that are not ticked are no content, either, unless
    the table has nothing but boxes: there, none ticked is an answer. ``boxes``: their raw columns.
    """
    content = [raw for column, raw in columns.items() if column not in NO_CONTENT]
    content = content or [columns["subject_id"]]
    content = [raw for raw in content if raw in view.items or not view.items]
    ticked = boxes_of_view(view, boxes)
    only_boxes = ticked.issuperset(content)
    filled = np.zeros(len(view.cells), bool)
    for raw in content:
        filled |= holds_content(view.cells[raw], raw in ticked and not only_boxes)
    return filled


def boxes_of_view(view: View, boxes: set[str]) -> set[str]:
    """The columns of a view that are boxes: all raw columns behind them are, or an item is one."""
    items = view.cells[sorted(view.items)]
    return box_columns(items, {}) | {
        name for name, sources in view.sources.items() if sources and boxes.issuperset(sources)
    }


def only_unticked(
    path: Path, table: str, view: View, columns: dict[str, str], left: Mask
) -> list[Finding]:
    """A note where rows are no rows of a table because they hold nothing but unticked boxes.

    ``left``: rows that meet the table's conditions and have no content.
    """
    filled = np.zeros(len(view.cells), bool)
    for column, raw in columns.items():
        if column not in NO_CONTENT:
            filled |= is_filled(view.cells[raw])
    count = int((left & filled).sum())
    if not count:
        return []
    rows, hold = (f"{count} rows", "hold") if count > 1 else ("1 row", "holds")
    return [Finding(OnlyUntickedBoxes(rows=rows, table=table, hold=hold), path.name)]
