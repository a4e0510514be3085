"""Where subjects, raw rows and cells went: the subjects from the list to the visits compared."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from owncontrol.figures import style
from owncontrol.figures.made import Files, Made
from owncontrol.figures.plots import bars
from owncontrol.figures.settings import VisitsSettings
from owncontrol.figures.words import legible
from owncontrol.instruments import load_instrument
from owncontrol.tables import read_table

COLUMNS = [
    "part",
    "name",
    "of",
    "came_in",
    "kept",
    "lost",
    "lost_subjects",
    "reasons",
    "quarantined",
    "merged",
    "as_written",
    "other_form",
    "corrected",
    "missing",
    "refused",
    "set_aside",
]
WIDE = 180.0
TRUNK_MM, BOX_MM, GAP_MM, FILE_MM = 52.0, 11.0, 6.0, 4.6
TITLES = {
    "in_files": "In the raw files",
    "listed": "Listed",
    "registered": "In the files",
    "treated": "Treated",
}
# What became of rows and of cells: title and colour, in the order of the bar.
ROWS = {
    "kept": ("Kept", style.BETTER),
    "merged": ("Merged", style.FAINT),
    "quarantined": ("Quarantined", style.WORSE),
}
NOT_PART = {"not_part": ("Not part", style.UNKNOWN_COLOUR)}  # where the study says which rows are
CELLS = {
    "as_written": ("As written", style.BETTER),
    "other_form": ("Other form", style.PREPARATION_COLOUR),
    "corrected": ("Corrected", style.AIS_COLOURS["E"]),
    "missing": ("Missing", style.FAINT),
    "refused": ("Refused", style.SEVERITY_COLOURS[5]),
    "set_aside": ("Not kept", style.UNKNOWN_COLOUR),
}


def subject_flow_numbers(
    flow_subjects: pd.DataFrame, flow: pd.DataFrame, flow_cells: pd.DataFrame
) -> pd.DataFrame:
    """Subjects by step, raw rows by file, cells by table and file (the tables of these names)."""
    subjects = flow_subjects.rename(columns={"step": "name", "subjects_in": "came_in"})
    subjects = subjects.drop_duplicates("name").assign(part="subjects")
    files = flow.loc[flow["table"] == "(file)"]
    files = files.rename(columns={"file": "name", "rows_in": "came_in"}).assign(part="rows")
    cells = flow_cells.rename(columns={"cells_in": "came_in"}).assign(part="cells")
    cells["name"] = [
        f"{table} ({file})" for table, file in zip(cells["table"], cells["file"], strict=True)
    ]
    rows = pd.concat([subjects, files, cells], ignore_index=True)
    return rows.reindex(columns=[*COLUMNS, *(name for name in NOT_PART if name in flow)])


def draw_subject_flow(rows: pd.DataFrame, names: Mapping[str, str], synthetic: bool) -> Figure:
    """Draw ``rows`` as from ``subject_flow_numbers``.

    ``names``: labels of instruments and visits by their name.
    """
    steps = rows.loc[rows["part"] == "subjects"].set_index("name")
    files, cells = (rows.loc[rows["part"] == part] for part in ("rows", "cells"))
    trunk = [name for name in TITLES if name in steps.index]
    branches: dict[str, list[str]] = {}
    for name in steps.index:
        if name not in trunk:
            branches.setdefault(name.partition(" at ")[0], []).append(name)
    levels = len(trunk) + max(map(len, branches.values()), default=0)
    tall = (levels * (BOX_MM + GAP_MM), *(FILE_MM * (len(part) + 1.6) for part in (files, cells)))
    figure = style.new_figure("double", sum(tall) + 14, synthetic)
    people, raw, read = figure.subplots(3, 1, height_ratios=tall)
    _people(people, steps, trunk, list(branches.values()), names)
    people.set_xlim(0, WIDE)
    people.set_ylim(tall[0], 0)
    people.set_axis_off()
    states = ROWS | NOT_PART if set(NOT_PART) <= set(files) else ROWS
    _bars(raw, "Rows of the raw files", files, states)
    _bars(read, "Cells that are read", cells, CELLS)
    return figure


def make_figure(files: Files, settings: VisitsSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    rows = subject_flow_numbers(
        *(read_table(files[table], table) for table in ("flow_subjects", "flow", "flow_cells"))
    )
    names = {visit.name: visit.label for visit in settings.visits}
    names |= {Path(path).stem: load_instrument(path).label for path in files["instruments"]}
    return rows, draw_subject_flow(rows, names, settings.synthetic)


def _people(
    axes: Axes,
    steps: pd.DataFrame,
    trunk: Sequence[str],
    branches: Sequence[Sequence[str]],
    names: Mapping[str, str],
) -> None:
    top, middle = 0.0, WIDE / 2
    for place, name in enumerate(trunk):
        step = steps.loc[name]
        _box(axes, middle, top, TRUNK_MM, [TITLES[name], f"n = {step['kept']}"], 1)
        if step["lost"]:
            _arrow(axes, middle, top - GAP_MM, top)
            side = middle + TRUNK_MM / 2 + 30
            height = top - GAP_MM / 2 - BOX_MM / 2
            axes.plot([middle, side - 24], [top - GAP_MM / 2] * 2, color=style.MUTED, linewidth=0.6)
            lines = [f"{step['lost']} not {TITLES[name].lower()}:"]
            lines += legible(step["reasons"], 45, 2).split("\n")
            _box(axes, side, height, 48, lines, 0, dashed=True)
        elif place:
            _arrow(axes, middle, top - GAP_MM, top)
        top += BOX_MM + GAP_MM
    room = WIDE / max(1, len(branches))
    for number, branch in enumerate(branches):
        x, y = room * (number + 0.5), top
        _arrow(axes, x, y - GAP_MM / 2, y)
        axes.plot(
            [middle, middle, x],
            [y - GAP_MM, y - GAP_MM / 2, y - GAP_MM / 2],
            color=style.MUTED,
            linewidth=0.6,
        )
        for place, name in enumerate(branch):
            if place:
                _arrow(axes, x, y - GAP_MM, y)
            step = steps.loc[name]
            words = f"n = {step['kept']}"
            if step["lost"]:
                words += f"; {step['lost']} without: {step['reasons']}"
            wide = min(room - 4, 58)
            title = legible(_title(name, names), wide - 2, 2, bold=True).split("\n")
            lines = legible(words, wide - 2, 3 - len(title)).split("\n")
            _box(axes, x, y, wide, [*title, *lines], len(title))
            y += BOX_MM + GAP_MM


def _title(step: str, names: Mapping[str, str]) -> str:
    table, _, visit = step.partition(" at ")
    return f"{names.get(table, table)}, {names.get(visit, visit)}"


def _box(
    axes: Axes,
    x: float,
    top: float,
    wide: float,
    lines: Sequence[str],
    bold: int,
    dashed: bool = False,
) -> None:
    """A box of lines of text, the first of them ``bold``."""
    axes.add_patch(
        Rectangle(
            (x - wide / 2, top),
            wide,
            BOX_MM,
            facecolor=style.PAPER,
            edgecolor=style.MUTED if dashed else style.INK,
            linewidth=0.7,
            linestyle=(0, (3, 2)) if dashed else "solid",
            zorder=2,
        )
    )
    step = BOX_MM / (len(lines) + 1)
    for number, line in enumerate(lines):
        weight = "bold" if number < bold else "normal"
        y = top + BOX_MM / 2 + (number - (len(lines) - 1) / 2) * step
        axes.text(x, y, line, ha="center", va="center", fontweight=weight, zorder=3)


def _arrow(axes: Axes, x: float, start: float, end: float) -> None:
    axes.plot([x, x], [start, end], color=style.MUTED, linewidth=0.6, zorder=1)
    axes.plot([x], [end - 0.7], marker="v", markersize=3, color=style.MUTED, zorder=1)


def _bars(
    axes: Axes, title: str, counts: pd.DataFrame, states: Mapping[str, tuple[str, str]]
) -> None:
    """A bar per row of ``counts``, of all that came in, with the numbers beside it; x in mm.

    The line below the head of a column of numbers has the colour that they have in the bar.
    """
    left, right = 54.0, 80.0
    heads = {"came_in": ("Read", style.PAPER), **states}
    wide = (WIDE - 0.6 - right) / max(6, len(heads))
    axes.text(0, -1, title, va="center", fontweight="bold")
    for place, row in enumerate(counts.to_dict("records")):
        axes.text(left - 3, place, legible(row["name"], left - 4, 1), ha="right", va="center")
    parts = counts[list(states)].div(counts["came_in"].clip(lower=1), axis=0) * (right - left)
    starts = left + parts.cumsum(axis=1) - parts
    for state, (_, colour) in states.items():
        part = pd.DataFrame({"wide": parts[state], "place": range(len(counts))})
        bars(axes, part, "wide", "place", 0.62, left=starts[state], color=colour, linewidth=0)
    for number, (name, (head, colour)) in enumerate(heads.items(), start=1):
        x = right + wide * number
        axes.text(x, -1, head, ha="right", va="center")
        axes.plot([x - wide + 2.5, x], [-0.55] * 2, color=colour, linewidth=1.6)
        for place, value in enumerate(counts[name]):
            axes.text(x, place, str(int(value)), ha="right", va="center")
    axes.set_xlim(0, WIDE)
    axes.set_ylim(max(1, len(counts)) - 0.4, -1.6)
    axes.set_axis_off()
