"""Counts in a square of rows and columns, with their totals: who went from which grade to which."""

from collections.abc import Callable, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from owncontrol.figures import style
from owncontrol.figures.plots import cells
from owncontrol.figures.words import legible

CELL_MM, LABEL_MM = 9.0, 10.0
GAP = 1.6  # points between cells
PALEST, DARKEST = 0.18, 0.95  # tint of the smallest and of the largest count
EMPTY = 0.05  # and of a cell that nobody is in


def draw_matrix(
    counts: pd.DataFrame,
    colour: Callable[[str, str], str],
    words: tuple[str, str],
    synthetic: bool,
    post_hoc: bool = False,
) -> Figure:
    """Draw ``counts`` (index: rows, columns; whole numbers) as a table of shaded cells.

    ``colour``: of a cell by its row and column, paler the smaller the count. ``words``: what rows
    and columns are. A cell in which row and column are equal has a frame. Totals stand outside.
    """
    figure = style.new_figure("single", CELL_MM * (len(counts) + 1) + 18, synthetic, post_hoc)
    axes = figure.subplots()
    most = max(1, int(counts.to_numpy().max()))
    faces = counts.apply(
        lambda column: [
            _face(colour(row, column.name), count / most) for row, count in column.items()
        ]
    )
    inks = faces.map(style.text_colour).where(counts > 0, style.MUTED)
    cells(axes, faces, counts.astype(str), inks, GAP)
    for y, row in enumerate(counts.index):
        if row in counts:
            axes.add_patch(_frame(list(counts.columns).index(row), y))
        _total(axes, len(counts.columns), y, int(counts.loc[row].sum()))
    for x, column in enumerate(counts.columns):
        _total(axes, x, len(counts), int(counts[column].sum()))
    _total(axes, len(counts.columns), len(counts), int(counts.to_numpy().sum()))
    axes.set_xlim(0, len(counts.columns) + 1)
    axes.set_ylim(len(counts) + 1, 0)
    _label(axes, [*counts.index, "All"], [*counts.columns, "All"], words)
    return figure


def _face(colour: str, share: float) -> str:
    """The colour of a cell; ``share``: its count in parts of the largest."""
    return style.tint(colour, PALEST + (DARKEST - PALEST) * share if share else EMPTY)


def _frame(x: int, y: int) -> Rectangle:
    return Rectangle(
        (x + 0.03, y + 0.03),
        0.94,
        0.94,
        linewidth=0.8,
        facecolor="none",
        edgecolor=style.INK,
        zorder=3,
    )


def _total(axes: Axes, x: int, y: int, count: int) -> None:
    looks: style.Looks = {"ha": "center", "va": "center_baseline", "fontweight": "bold"}
    axes.text(x + 0.5, y + 0.5, str(count), **looks)


def _label(axes: Axes, rows: Sequence[str], columns: Sequence[str], words: tuple[str, str]) -> None:
    room = 60 / max(1, len(columns))
    axes.set_yticks(
        [place + 0.5 for place in range(len(rows))], [legible(row, 20, 2) for row in rows]
    )
    axes.set_xticks(
        [place + 0.5 for place in range(len(columns))],
        [legible(column, room, 3) for column in columns],
    )
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.xaxis.set_label_position("top")
    axes.set_ylabel(legible(words[0], 4 * CELL_MM, 2), labelpad=6)
    axes.set_xlabel(legible(words[1], 55, 2), labelpad=6)
