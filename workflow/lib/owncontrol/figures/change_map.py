"""Where on the body the exam changed: each key muscle and dermatome, both sides."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from owncontrol.basics.number_texts import number
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.figures import style
from owncontrol.figures.drawn import cells_in_percent
from owncontrol.figures.made import Files, Made
from owncontrol.figures.plots import cells
from owncontrol.figures.settings import ChangeMapSettings
from owncontrol.isncsci.cells import DERMATOMES, MYOTOMES
from owncontrol.study.design import PATIENTS, SubjectWords

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
GAP = 1.1  # points between cells
# Net share of the subjects from which a cell is as dark as this, from dark to pale.
SHADES = {1.0: 0.95, 0.5: 0.6, 0.25: 0.38, 0.0: 0.19}
WORDS = {1.0: "all", 0.5: "half or", 0.25: "a quarter or", 0.0: "fewer than a quarter"}


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


def draw_change_map(rows: pd.DataFrame, synthetic: bool, who: SubjectWords = PATIENTS) -> Figure:
    """Draw ``rows`` as from ``change_map_numbers``: a row per segment, in the worksheet's order."""
    if not rows["n"].sum():
        return style.empty_figure("one_and_half", "Nobody was examined at both visits.", synthetic)
    figure = style.new_figure("one_and_half", ROW_MM * len(DERMATOMES) + 30, synthetic)
    axes = figure.subplots()
    shown = rows.assign(
        face=[_colour(*counts) for counts in rows[["better", "worse", "n"]].to_numpy().tolist()],
        words=_words(rows),
        x=[PLACES[key] for key in zip(rows["side"], rows["modality"], strict=True)],
        y=rows["segment"].map({segment: place for place, segment in enumerate(DERMATOMES)}),
    )
    _cells(axes, shown)
    for place, segment in enumerate(DERMATOMES):
        axes.text(3.5, place + 0.5, segment, ha="center", va="center_baseline", fontweight="bold")
    for (side, modality), x in PLACES.items():
        axes.text(x + 0.5, -0.2, TITLES[modality], ha="center", va="bottom")
        if modality == "light_touch":
            middle = 1.5 if side == "right" else 5.5
            words = f"{side.capitalize()} side"
            axes.text(middle, -2.4, words, ha="center", va="bottom", fontweight="bold")
    axes.set_xlim(-0.05, 7.05)
    axes.set_ylim(len(DERMATOMES) + 0.1, -3.7)
    axes.set_axis_off()
    unit = ", %" if cells_in_percent(rows["n"]) else ""
    title = f"{who.capital_many} better (+) and worse (\u2212){unit}; colours: by how many more"
    figure.legend(handles=_legend(rows), loc="outside lower center", ncols=2, title=title)
    return figure


def make_figure(files: Files, settings: ChangeMapSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    rows = change_map_numbers(plain_numbers(files["estimates"]), settings.time_point)
    return rows, draw_change_map(rows, settings.synthetic, settings.who)


def _colour(better: int, worse: int, n: int) -> str:
    """By how many more were better than worse (blue), or worse than better (orange)."""
    net = (better - worse) / n if n else 0
    if not net:
        return style.PAPER
    shade = next(shade for share, shade in SHADES.items() if abs(net) >= share)
    return style.tint(style.BETTER if net > 0 else style.WORSE, shade)


def _words(rows: pd.DataFrame) -> list[str]:
    """What is in each cell: how many were better and how many worse."""
    percent = cells_in_percent(rows["n"])
    found = []
    for row in rows.to_dict("records"):
        per = 100 / max(1, row["n"]) if percent else 1
        words = [f"+{_counted(row['better'] * per)}"] if row["better"] else []
        words += [f"\u2212{_counted(row['worse'] * per)}"] if row["worse"] else []
        found.append("  ".join(words))
    return found


def _cells(axes: Axes, rows: pd.DataFrame) -> None:
    """Each cell in its colour (``face``) with its ``words``, hatched where nobody was graded."""
    faces, words = (
        rows.pivot(index="y", columns="x", values=name)
        .reindex(columns=range(max(PLACES.values()) + 1), fill_value=nothing)
        .fillna(nothing)
        for name, nothing in (("face", style.PAPER), ("words", ""))
    )
    cells(axes, faces, words, faces.map(style.text_colour), GAP)
    for row in rows.itertuples():
        axes.add_patch(
            Rectangle(
                (row.x + 0.02, row.y + 0.05),
                0.96,
                0.9,
                facecolor="none",
                edgecolor=style.FAINT,
                linewidth=0.4,
                hatch=None if row.n else "////",
            )
        )


def _counted(amount: float) -> str:
    """A count, or a percentage without decimals: there is room for three digits."""
    return number(amount, 0) if amount >= 0.5 else "<1"


def _legend(rows: pd.DataFrame) -> list[Patch]:
    """Of the shades that occur."""
    known = rows.loc[rows["n"] > 0]
    used = {_colour(*counts) for counts in known[["better", "worse", "n"]].to_numpy().tolist()}
    shown = {
        style.tint(colour, shade): f"{WORDS[share]} more {word}"
        for colour, word in ((style.BETTER, "better"), (style.WORSE, "worse"))
        for share, shade in reversed(SHADES.items())
    }
    shown[style.PAPER] = "as many better as worse"
    frame: style.Looks = {"edgecolor": style.FAINT, "linewidth": 0.4}
    handles = [
        Patch(facecolor=face, label=word, **frame) for face, word in shown.items() if face in used
    ]
    if len(known) < len(rows):
        handles.append(Patch(facecolor=style.PAPER, hatch="////", label="not graded", **frame))
    return handles
