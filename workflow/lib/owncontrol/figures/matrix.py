"""Counts in a square of rows and columns, with their totals: who went from which grade to which."""

from collections.abc import Callable, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from owncontrol.figures import style
from owncontrol.figures.words import legible

CELL_MM, LABEL_MM = 9.0, 10.0
PALEST, DARKEST = 0.18, 0.95  # tint of the smallest and of the largest count


def draw_matrix(
    counts: pd.DataFrame,
    colour: Callable[[str, str], str],
    words: tuple[str, str],
    synthetic: bool,
) -> Figure:
    """Draw ``counts`` (index: rows, columns; whole numbers) as a table of shaded cells.

    ``colour``: of a cell by its row and column, paler the smaller the count. ``words``: what rows
    and columns are. A cell in which row and column are equal has a frame. Totals stand outside.
    """
    figure = style.new_figure("single", CELL_MM * (len(counts) + 1) + 18, synthetic)
    axes = figure.subplots()
    most = max(1, int(counts.to_numpy().max()))
    for y, row in enumerate(counts.index):
        for x, column in enumerate(counts.columns):
            _cell(axes, (x, y), int(counts.loc[row, column]), most, colour(row, column))
            if row == column:
                axes.add_patch(_square((x, y), facecolor="none", edgecolor=style.INK, zorder=3))
        _total(axes, (len(counts.columns), y), int(counts.loc[row].sum()))
    for x, column in enumerate(counts.columns):
        _total(axes, (x, len(counts)), int(counts[column].sum()))
    _total(axes, (len(counts.columns), len(counts)), int(counts.to_numpy().sum()))
    axes.set_xlim(-0.5, len(counts.columns) + 0.5)
    axes.set_ylim(len(counts) + 0.5, -0.5)
    _label(axes, [*counts.index, "All"], [*counts.columns, "All"], words)
    return figure


def _square(place: tuple[int, int], **looks: object) -> Rectangle:
    x, y = place
    return Rectangle((x - 0.47, y - 0.47), 0.94, 0.94, linewidth=0.8, **looks)  # type: ignore[arg-type]


def _cell(axes: Axes, place: tuple[int, int], count: int, most: int, colour: str) -> None:
    share = PALEST + (DARKEST - PALEST) * count / most if count else 0.05
    face = style.tint(colour, share)
    axes.add_patch(_square(place, facecolor=face, edgecolor="none", zorder=1))
    ink = style.text_colour(face) if count else style.MUTED
    axes.text(*place, str(count), ha="center", va="center_baseline", color=ink, zorder=4)


def _total(axes: Axes, place: tuple[int, int], count: int) -> None:
    axes.text(*place, str(count), ha="center", va="center_baseline", fontweight="bold")


def _label(axes: Axes, rows: Sequence[str], columns: Sequence[str], words: tuple[str, str]) -> None:
    room = 60 / max(1, len(columns))
    axes.set_yticks(range(len(rows)), [legible(row, 20, 2) for row in rows])
    axes.set_xticks(range(len(columns)), [legible(column, room, 3) for column in columns])
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.xaxis.set_label_position("top")
    axes.set_ylabel(legible(words[0], 4 * CELL_MM, 2), labelpad=6)
    axes.set_xlabel(legible(words[1], 55, 2), labelpad=6)
    for spine in axes.spines.values():
        spine.set_visible(False)
