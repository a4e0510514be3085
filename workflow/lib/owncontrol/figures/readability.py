"""Whether the texts of a figure can be read: none cut off at the edge, none on top of another."""

import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import BboxBase
from numpy.typing import NDArray

TOLERANCE_MM = 0.15


def text_faults(figure: Figure) -> list[str]:
    """One line for each text of a figure that is cut off or overlaps another; [] if none.

    ``figure``: drawn, or with its layout settled (``draw_without_rendering``).

    Texts are compared as the rotated boxes that they fill; overlaps below 0.15 mm are let pass.
    """
    slack = TOLERANCE_MM / 25.4 * figure.dpi
    shown = visible_texts(figure)
    boxes = np.array([corners(text) for text in shown]).reshape(-1, 4, 2)
    low, high, edge = boxes.min(axis=1), boxes.max(axis=1), _corners(figure.bbox)
    outside = (low < edge[0] - slack).any(axis=1) | (high > edge[2] + slack).any(axis=1)
    faults = [f"cut off at the edge: {shown[i].get_text()!r}" for i in np.flatnonzero(outside)]
    # Only where the upright frames overlap can the turned boxes.
    frames = (np.minimum(high[:, None], high) - np.maximum(low[:, None], low)).min(axis=2) > slack
    for i, j in np.argwhere(np.triu(frames, 1)):
        if overlap(boxes[i], boxes[j]) > slack:
            faults.append(f"overlapping: {shown[i].get_text()!r} and {shown[j].get_text()!r}")
    return faults


def visible_texts(figure: Figure) -> list[Text]:
    """All texts that are drawn: not empty, not hidden, no tick label outside its axis' view."""
    unseen: set[Text] = set()
    for axis in figure.findobj(Axis):
        assert isinstance(axis, Axis)
        low, high = sorted(axis.get_view_interval())
        shown = axis.get_visible() and axis.axes.get_visible() and axis.axes.axison
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            if not (shown and low <= tick.get_loc() <= high):
                unseen |= {tick.label1, tick.label2}
        if not shown:
            unseen.add(axis.label)
    return [
        text
        for text in figure.findobj(Text)
        if isinstance(text, Text)
        and text not in unseen
        and text.get_visible()
        and text.get_text().strip()
    ]


def corners(text: Text) -> NDArray[np.float64]:
    """The four corners of a text as drawn, in pixels, shape (4, 2), turned as the text is."""
    angle = text.get_rotation()
    if angle % 90 == 0 or text.get_rotation_mode() != "anchor":
        return _corners(text.get_window_extent())
    text.set_rotation(0)
    box = _corners(text.get_window_extent())
    text.set_rotation(angle)
    anchor = text.get_transform().transform(text.get_unitless_position())
    turn = np.deg2rad(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(anchor + (box - anchor) @ matrix.T)


def overlap(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """By how many pixels two turned boxes overlap; 0 or less where they are apart.

    The least depth over the directions of their sides (separating axis theorem).
    """
    depth = np.inf
    for box in (one, other):
        for side in (box[1] - box[0], box[3] - box[0]):
            length = float(np.hypot(*side))
            if length == 0:
                return 0.0
            normal = side / length
            a, b = one @ normal, other @ normal
            depth = min(depth, min(a.max(), b.max()) - max(a.min(), b.min()))
    return float(depth)


def _corners(box: BboxBase) -> NDArray[np.float64]:
    return np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)])
