"""The plots of seaborn draw the numbers that they are given, and nothing else."""

import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
import scipy
from matplotlib.colors import same_color, to_hex
from owncontrol.figures import plots, style

NAN = float("nan")
BAR = {"color": style.MUTED, "linewidth": 1}
MARK = {"color": style.INK, "marker": "s", "markersize": 3}


@pytest.fixture
def axes():
    with style.journal_style():
        figure = style.new_figure("single", 40, synthetic=False)
        found = figure.subplots()
        found.set_xlabel("Days")
        yield found
        assert (found.get_xlabel(), found.get_ylabel()) == ("Days", "")
        assert found.get_legend() is None


def drawn(axes):
    """The ends of all lines that show something."""
    shown = [line.get_xydata() for line in axes.lines]
    return [data.tolist() for data in shown if np.isfinite(data).all() and len(data)]


def test_a_line_goes_through_its_rows_in_their_order(axes):
    rows = pd.DataFrame({"day": [3.0, 1.0, 2.0], "score": [0.1, 0.7, 0.3]})
    plots.lines(axes, rows, "day", "score", color=style.INK)
    assert drawn(axes) == [[[3.0, 0.1], [1.0, 0.7], [2.0, 0.3]]]


def test_each_unit_has_a_line_of_its_own_though_values_repeat(axes):
    rows = pd.DataFrame({"day": [0, 1, 0, 1], "score": [5, 7, 5, 7], "who": ["b", "b", "a", "a"]})
    plots.lines(axes, rows, "day", "score", "who")
    assert drawn(axes) == [[[0, 5], [1, 7]]] * 2


@pytest.mark.parametrize("orient", ["x", "y"])
def test_an_interval_has_the_bounds_that_it_is_given(axes, orient):
    # A value outside of its interval, as no summary of the three would show it.
    rows = pd.DataFrame({"place": [2, 0], "value": [0.3, 9.7], "lower": [0.1, 1.1], "upper": 2.2})
    plots.intervals(axes, rows, "place", orient, BAR, **MARK)
    turn = slice(None, None, -1) if orient == "y" else slice(None)
    ends = [[point[turn] for point in line] for line in drawn(axes)]
    marks, *bars = ends
    assert sorted(marks) == [[0, 9.7], [2, 0.3]]
    assert sorted(bars) == [[[0, 1.1], [0, 2.2]], [[2, 0.1], [2, 2.2]]]


@pytest.mark.parametrize("lacking", ["lower", "upper"])
def test_half_an_interval_is_none(axes, lacking):
    rows = pd.DataFrame({"place": [0], "value": [1.0], "lower": [0.5], "upper": [2.0]})
    plots.intervals(axes, rows.assign(**{lacking: NAN}), "place", "x", BAR, **MARK)
    assert drawn(axes) == [[[0, 1.0]]]


def test_a_value_that_is_missing_is_not_drawn(axes):
    rows = pd.DataFrame({"place": [0, 1], "value": [NAN, 4.0], "lower": 3.0, "upper": 5.0})
    plots.intervals(axes, rows, "place", "x", BAR, **MARK)
    assert drawn(axes) == [[[1, 4.0]], [[1, 3.0], [1, 5.0]]]


def test_a_mark_has_its_place_size_and_edge(axes):
    rows = pd.DataFrame({"day": [1, 2], "score": [3, 4]})
    plots.points(axes, rows, "day", "score", style.INK, 0.7, color=style.PAPER, s=9)
    (marks,) = axes.collections
    assert marks.get_offsets().tolist() == [[1, 3], [2, 4]]
    assert marks.get_sizes().tolist() == [9]
    assert marks.get_linewidths().tolist() == [0.7]
    assert same_color(marks.get_edgecolors(), [style.INK])
    assert same_color(marks.get_facecolors(), [style.PAPER])


@pytest.mark.parametrize("places", [[0], [0, 1, 2]])
def test_bars_lie_where_they_are_put_in_their_own_colour(axes, places):
    rows = pd.DataFrame({"events": [2.0, 0.0, 3.0], "place": range(3), "left": [1.0, 5.0, 0.0]})
    rows = rows.loc[places]
    plots.bars(axes, rows, "events", "place", 0.5, left=rows["left"], color="#31588f")
    found = [(bar.get_x(), bar.get_width(), bar.get_y(), bar.get_height()) for bar in axes.patches]
    assert found == [(rows["left"][y], rows["events"][y], y - 0.25, 0.5) for y in places]
    assert {to_hex(bar.get_facecolor()) for bar in axes.patches} == {"#31588f"}


def test_cells_have_exactly_their_colours_and_words(axes):
    faces = pd.DataFrame([["#0b5394", "#ffffff"], ["#d9741a", "#0b5394"]])
    words = pd.DataFrame([["1", ""], ["{0}", "$x"]])
    inks = faces.map(style.text_colour)
    plots.cells(axes, faces, words, inks, 1.0)
    (mesh,) = axes.collections
    mesh.update_scalarmappable()
    assert [to_hex(face) for face in mesh.get_facecolors()] == faces.to_numpy().ravel().tolist()
    texts = {text.get_position(): (text.get_text(), text.get_color()) for text in axes.texts}
    assert texts == {
        (x + 0.5, y + 0.5): (words.loc[y, x], inks.loc[y, x]) for x in (0, 1) for y in (0, 1)
    }
    assert axes.get_ylim() == (2, 0)


@pytest.mark.parametrize(
    "draw",
    [
        partial(plots.lines, x="place", y="value"),
        partial(plots.lines, x="place", y="value", units="place", size="place", sizes={}),
        partial(plots.points, x="place", y="value", edge=None, linewidth=0),
        partial(plots.intervals, place="place", orient="y", bar=BAR),
        partial(plots.bars, x="value", place="place", height=1),
    ],
)
def test_nothing_is_drawn_of_nothing(axes, draw):
    draw(axes, pd.DataFrame({"place": [], "value": [], "lower": [], "upper": []}, dtype=float))
    assert not (axes.lines or axes.collections or axes.patches)


def test_lines_of_missing_values_are_nothing(axes):
    plots.lines(axes, pd.DataFrame({"day": [1.0, 2.0], "score": [NAN, NAN]}), "day", "score")
    assert not axes.lines


@pytest.mark.parametrize("loaded", [True, False])
def test_seaborn_is_loaded_without_scipy_unless_that_is_there_already(monkeypatch, loaded):
    there = {"scipy": scipy} if loaded else {}
    monkeypatch.setattr(sys, "modules", {**sys.modules, **there})
    if not loaded:
        del sys.modules["scipy"]
    with plots._without_scipy():
        assert sys.modules["scipy"] is there.get("scipy")
    assert sys.modules.get("scipy", "none") is there.get("scipy", "none")
