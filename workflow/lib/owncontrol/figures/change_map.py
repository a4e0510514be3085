"""Where on the body the exam changed: each key muscle and dermatome, both sides."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from owncontrol.basics.number_texts import number
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.figures import style
from owncontrol.figures.drawn import cells_in_percent
from owncontrol.figures.made import Files, Made, Settings
from owncontrol.isncsci.cells import DERMATOMES, MYOTOMES

COLUMNS = [
    "side",
    "modality",
    "segment",
    "better",
    "worse",
    "n",
    "estimate_id_better",
    "estimate_id_worse",
]
# As on the worksheet: the right side on the left, muscles outside.
PLACES = {
    ("right", "motor"): 0,
    ("right", "light_touch"): 1,
    ("right", "pin_prick"): 2,
    ("left", "light_touch"): 4,
    ("left", "pin_prick"): 5,
    ("left", "motor"): 6,
}
TITLES = {"motor": "Motor", "light_touch": "Light\ntouch", "pin_prick": "Pin\nprick"}
ROW_MM = 3.7
# Net share of the subjects from which a cell is as dark as this, from dark to pale.
SHADES = {1.0: 0.95, 0.5: 0.6, 0.25: 0.38, 0.0: 0.19}
WORDS = {1.0: "all", 0.5: "half or more", 0.25: "a quarter or more", 0.0: "fewer"}


def change_map_numbers(numbers: Numbers, visit: str) -> pd.DataFrame:
    """How many subjects were better and worse in each cell at ``visit``, from the results."""
    rows = []
    for side, modality in PLACES:
        for segment in MYOTOMES if modality == "motor" else DERMATOMES:
            cell = f"{side}_{modality}_{segment.lower().replace('-', '_')}"
            better, worse = (f"change.{cell}.{visit}.cell_{word}" for word in ("better", "worse"))
            row = numbers.row(better)
            counts = (int(row.value), int(numbers.raw(worse)), row.counted)
            rows.append((side, modality, segment, *counts, better, worse))
    return pd.DataFrame(rows, columns=COLUMNS)


def draw_change_map(rows: pd.DataFrame, synthetic: bool) -> Figure:
    """Draw ``rows`` as from ``change_map_numbers``: a row a segment, in the worksheet's order."""
    if not rows["n"].sum():
        return style.empty_figure("one_and_half", "Nobody was examined at both visits.", synthetic)
    figure = style.new_figure("one_and_half", ROW_MM * len(DERMATOMES) + 30, synthetic)
    axes = figure.subplots()
    places = {segment: place for place, segment in enumerate(DERMATOMES)}
    percent = cells_in_percent(rows["n"])
    for row in rows.to_dict("records"):
        _cell(axes, PLACES[row["side"], row["modality"]], places[row["segment"]], row, percent)
    for segment, place in places.items():
        axes.text(3, place, segment, ha="center", va="center_baseline", fontweight="bold")
    for (side, modality), x in PLACES.items():
        axes.text(x, -0.7, TITLES[modality], ha="center", va="bottom")
        if modality == "light_touch":
            middle = 1 if side == "right" else 5
            words = f"{side.capitalize()} side"
            axes.text(middle, -2.9, words, ha="center", va="bottom", fontweight="bold")
    axes.set_xlim(-0.55, 6.55)
    axes.set_ylim(len(DERMATOMES) - 0.4, -4.2)
    axes.set_axis_off()
    figure.legend(handles=_legend(rows), loc="outside lower center", ncols=2)
    return figure


def make_figure(files: Files, settings: Settings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    rows = change_map_numbers(plain_numbers(files["estimates"]), settings["time_point"])
    return rows, draw_change_map(rows, settings["synthetic"])


def _colour(better: int, worse: int, n: int) -> str:
    """By how many more were better than worse (blue), or worse than better (orange)."""
    net = (better - worse) / n
    if not net:
        return style.PAPER
    shade = next(shade for share, shade in SHADES.items() if abs(net) >= share)
    return style.tint(style.BETTER if net > 0 else style.WORSE, shade)


def _cell(axes: Axes, x: int, y: int, row: dict[str, Any], percent: bool) -> None:
    known = row["n"] > 0
    face = _colour(row["better"], row["worse"], row["n"]) if known else style.PAPER
    axes.add_patch(
        Rectangle(
            (x - 0.48, y - 0.45),
            0.96,
            0.9,
            facecolor=face,
            edgecolor=style.FAINT,
            linewidth=0.4,
            hatch=None if known else "////",
        )
    )
    per = 100 / max(1, row["n"]) if percent else 1
    words = [f"+{_counted(row['better'] * per)}"] if row["better"] else []
    words += [f"\u2212{_counted(row['worse'] * per)}"] if row["worse"] else []
    ink = style.text_colour(face)
    axes.text(x, y, "  ".join(words), ha="center", va="center_baseline", color=ink)


def _counted(amount: float) -> str:
    """A count, or a percentage without decimals: there is room for three digits."""
    return number(amount, 0) if amount >= 0.5 else "<1"


def _legend(rows: pd.DataFrame) -> list[Patch]:
    """Of the shades that occur."""
    known = rows.loc[rows["n"] > 0]
    used = {_colour(*counts) for counts in known[["better", "worse", "n"]].to_numpy().tolist()}
    shown = {
        style.tint(colour, shade): f"{WORDS[share]} {word}, net"
        for colour, word in ((style.BETTER, "better"), (style.WORSE, "worse"))
        for share, shade in reversed(SHADES.items())
    }
    shown[style.PAPER] = "as many better as worse"
    frame: dict[str, Any] = {"edgecolor": style.FAINT, "linewidth": 0.4}
    handles = [
        Patch(facecolor=face, label=word, **frame) for face, word in shown.items() if face in used
    ]
    if len(known) < len(rows):
        handles.append(Patch(facecolor=style.PAPER, hatch="////", label="not graded", **frame))
    return handles
