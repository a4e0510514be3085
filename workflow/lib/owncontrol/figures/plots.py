"""The plots that seaborn has, as all figures use them: no estimate, no legend, no words of its own.

Seaborn would summarise what it is given and name the axes after the columns. Here every number is
drawn as it is in the table behind the figure: estimates and intervals come from the analyses. Where
there is nothing to draw, which Seaborn stumbles over, nothing is drawn.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from owncontrol.figures import style


@contextmanager
def _without_scipy() -> Iterator[None]:
    """Nothing can import scipy, unless that is loaded already.

    Seaborn needs it for densities and clusters, does without where it is not installed, and would
    load five hundred modules for it: as long as all else that a figure imports.
    """
    if "scipy" in sys.modules:
        yield
        return
    sys.modules["scipy"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["scipy"]


with _without_scipy():
    import seaborn as sns


def lines(
    axes: Axes, rows: pd.DataFrame, x: str, y: str, units: str | None = None, **looks: Any
) -> None:
    """One line through the rows in their order, or one for each of ``units``.

    ``x``, ``y``, ``units``: columns. ``looks``: of all lines.
    """
    known = rows.dropna(subset=[x, y])
    if known.empty:
        return
    kind: style.Looks = {"estimator": None, "sort": False, "legend": False}
    with _own_words(axes):
        sns.lineplot(known, x=x, y=y, units=units, ax=axes, **kind, **looks)


def points(
    axes: Axes, rows: pd.DataFrame, x: str, y: str, edge: str | None, linewidth: float, **looks: Any
) -> None:
    """A mark per row; ``edge``, ``linewidth``: of its edge, no colour where it is but a dash."""
    if rows.empty:
        return
    looks |= {"linewidth": linewidth} | ({"edgecolor": edge} if edge else {})
    with _own_words(axes):
        sns.scatterplot(rows, x=x, y=y, legend=False, ax=axes, **looks)


def intervals(
    axes: Axes, rows: pd.DataFrame, place: str, orient: str, bar: style.Looks, **looks: Any
) -> None:
    """A mark at each ``value``, and a bar from ``lower`` to ``upper`` where both are known.

    ``place``: column of the place along the other axis; no place twice. ``orient``: "y" where the
    values lie along x. Rows without a value are left out. ``bar``, ``looks``: of bar and mark.
    """
    known = rows[["value", "lower", "upper"]].to_numpy(np.float64, copy=True)
    known[np.isnan(known).any(axis=1), 1:] = np.nan
    there = ~np.isnan(known.ravel())
    if not there.any():
        return
    # Seaborn makes a point of several rows: here of the value and its bounds, in this order.
    places = np.repeat(rows[place].to_numpy(np.float64), 3)
    parts = pd.DataFrame({place: places[there], "amount": known.ravel()[there]})
    looks.setdefault("markeredgewidth", matplotlib.rcParams["lines.markeredgewidth"])
    along = {"x": "amount", "y": place} if orient == "y" else {"x": place, "y": "amount"}
    with _own_words(axes):
        sns.pointplot(
            parts,
            **along,
            orient=orient,
            native_scale=True,
            estimator=_value,
            errorbar=_bounds,
            linestyle="none",
            legend=False,
            err_kws={"solid_capstyle": "butt", **bar},
            ax=axes,
            **looks,
        )


def bars(axes: Axes, rows: pd.DataFrame, x: str, place: str, height: float, **looks: Any) -> None:
    """A bar per row along x; ``place``: column of its place on y, in order, 1 apart."""
    if rows.empty:
        return
    with _own_words(axes):
        sns.barplot(
            rows,
            x=x,
            y=place,
            orient="y",
            native_scale=True,
            width=height,
            errorbar=None,
            saturation=1,
            legend=False,
            ax=axes,
            **looks,
        )


def cells(
    axes: Axes, faces: pd.DataFrame, words: pd.DataFrame, inks: pd.DataFrame, gap: float
) -> None:
    """A table of cells: the colour of each, what is in it, and the colour of that.

    The first row is on top, the middle of the first cell at (0.5, 0.5); ``gap``: points between
    cells.
    """
    shades = list(dict.fromkeys(faces.to_numpy().ravel().tolist()))
    with _own_words(axes):
        sns.heatmap(
            faces.map(shades.index).astype(float),
            cmap=shades,
            vmin=-0.5,
            vmax=len(shades) - 0.5,
            annot=words,
            fmt="",
            annot_kws={"va": "center_baseline", "zorder": 4},
            linewidths=gap,
            linecolor=style.PAPER,
            cbar=False,
            xticklabels=False,
            yticklabels=False,
            ax=axes,
        )
    for text, ink in zip(axes.texts, inks.to_numpy().ravel(), strict=True):
        text.set_color(ink)


@contextmanager
def _own_words(axes: Axes) -> Iterator[None]:
    """Labels of the axes stay what they were; seaborn names those without one after the columns.

    Before, it looks at all tick labels, which takes as long as the plot itself.
    """
    words = {"xlabel": axes.get_xlabel(), "ylabel": axes.get_ylabel()}
    axes.set(xlabel="kept", ylabel="kept")
    yield
    axes.set(**words)


def _value(parts: "pd.Series[float]") -> float:
    return float(parts.iloc[0])


def _bounds(parts: "pd.Series[float]") -> tuple[float, float]:
    return float(parts.iloc[1]), float(parts.iloc[2])
