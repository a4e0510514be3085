"""When an improvement that lasts began: it is known only between two visits (Turnbull's steps)."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from owncontrol.estimates.declared_statistics import Responders
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.figures import style
from owncontrol.figures.clock_axis import axis_title, mark_days
from owncontrol.figures.made import Files, Made, Row
from owncontrol.figures.plots import intervals, lines
from owncontrol.figures.settings import ImprovementSettings, ShownCriterion
from owncontrol.figures.words import fits, legible

COLUMNS = [
    "criterion",
    "series",
    "left",
    "right",
    "share",
    "lower",
    "upper",
    "events",
    "n",
    "estimate_id",
    "text",
    "post_hoc",
]
PANELS = 3  # side by side
BAR: style.Looks = {"linewidth": 0.8, "zorder": 4}
DOT: style.Looks = {"marker": "o", "markersize": 2.6, "zorder": 5}
BETWEEN = style.tint(style.BETTER, 0.3)
MEDIAN: style.Looks = {
    "color": style.INK,
    "linewidth": 1.6,
    "markersize": 6,
    "markeredgewidth": 1.2,
}
HALO: style.Looks = {
    "color": style.PAPER,
    "linewidth": 3.2,
    "markersize": 8,
    "markeredgewidth": 2.8,
}


def improvement_numbers(
    numbers: Numbers,
    criteria: Sequence[ShownCriterion],
    weeks: Sequence[int],
    visits: Sequence[str] = (),
) -> pd.DataFrame:
    """Turnbull's curve, the median and the shares known by each week, from the results.

    ``series``: ``step`` (share improved after a step that lies between ``left`` and ``right``,
    on the study's clock), ``median`` (the interval that holds it), ``known`` (share known to be
    improved by a day, with its interval), ``lasting`` (share of all, and what the panel says).
    ``visits``: labels of all visits, where only their order is known.
    """
    rows: list[Row] = []
    for criterion in criteria:
        stem = f"responders.{criterion.name}"
        row = numbers.row(f"{stem}.lasting")
        here = [
            {"series": "lasting", "share": row.value, "estimate_id": row.estimate_id}
            | {key: getattr(row, key) for key in ("lower", "upper", "events")}
            | {"text": _said(numbers, stem, visits)}
        ]
        if row.n:
            here += [
                *_steps(numbers, criterion.name),
                _median(numbers, stem),
                *_known_by(numbers, stem, weeks),
            ]
        about = {"criterion": criterion.name, "n": row.n, "post_hoc": row.convention.post_hoc}
        rows += [{**about, **entry} for entry in here]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"events": "Int64", "n": "Int64"})


def _steps(numbers: Numbers, criterion: str) -> Iterator[Row]:
    """The steps of Turnbull's curve."""
    for end in numbers.find(endpoint=criterion, statistic=Responders.TURNBULL_SURVIVAL):
        left, right = (
            numbers.raw(numbers.beside(end, statistic))
            for statistic in (Responders.TURNBULL_LEFT, Responders.TURNBULL_RIGHT)
        )
        share = 1 - numbers.raw(end)
        yield {"series": "step", "left": left, "right": right, "share": share, "estimate_id": end}


def _median(numbers: Numbers, stem: str) -> Row:
    """The interval that holds the median."""
    return {
        "series": "median",
        "left": numbers.raw(f"{stem}.median_left"),
        "right": numbers.raw(f"{stem}.median_right"),
        "estimate_id": f"{stem}.median_right",
    }


def _known_by(numbers: Numbers, stem: str, weeks: Sequence[int]) -> Iterator[Row]:
    """The share that is known to be improved by each week."""
    for week in weeks:
        row = numbers.row(f"{stem}.week_{week}.known_improved_by")
        yield {"series": "known", "right": 7 * week, "share": row.value} | {
            key: getattr(row, key) for key in ("lower", "upper", "events", "estimate_id")
        }


def draw_time_to_improvement(
    rows: pd.DataFrame, labels: dict[str, str], settings: ImprovementSettings
) -> Figure:
    """Draw ``rows`` as from ``improvement_numbers``: a panel per criterion (``labels`` by name)."""
    synthetic, clock = settings.synthetic, settings.clock
    criteria = list(dict.fromkeys(rows["criterion"]))
    last = float(np.nanmax([1.0, *rows["left"], *rows["right"]]))
    columns = min(PANELS, len(criteria))
    lines = math.ceil(len(criteria) / columns)
    width = {1: "single", 2: "one_and_half"}.get(columns, "double")
    everything = style.is_all_post_hoc(rows)
    height = 18 + lines * style.row_height(42, 32, lines, 18)
    figure = style.new_figure(width, height, synthetic, everything)
    panels = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    lasting = rows.loc[rows["series"] == "lasting"].set_index("criterion")["text"]
    said = {name: _in_panel(text) for name, text in lasting.items()}
    room = 15 + 9 * max(text.count("\n") for text in said.values())
    for axes, name in zip(panels.flat, criteria, strict=False):
        here = rows.loc[rows["criterion"] == name]
        apart = bool(here["post_hoc"].any()) and not everything
        label = legible(labels[name], style.PANEL_TITLE_MM, 2, bold=True)
        axes.set_title(f"{label}{style.POST_HOC if apart else ''}", pad=room)
        axes.annotate(
            said[name],
            (0, 1),
            (0, 5.5),
            xycoords="axes fraction",
            textcoords="offset points",
        ).set_in_layout(False)
        _panel(axes, here, last, by_visit=clock == "order")
        mark_days(axes, clock, settings.visits, style.PANEL_TITLE_MM)
    for number, axes in enumerate(panels.flat):
        axes.set_visible(number < len(criteria))
        if number + columns >= len(criteria):  # the last panel of each column
            axes.tick_params(labelbottom=True)
            axes.set_xlabel(axis_title(clock))
    for axes in panels[:, 0]:
        axes.set_ylabel("Lasting improvement, %")
    figure.legend(
        handles=_legend(bool(settings.improved_by_weeks)),
        loc="outside lower center",
        ncols=min(columns + 1, 4),
    )
    return figure


def make_figure(files: Files, settings: ImprovementSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    criteria, weeks = settings.leading_criteria, settings.improved_by_weeks
    visits = [visit.label for visit in settings.visits] if settings.clock == "order" else []
    rows = improvement_numbers(plain_numbers(files["estimates"]), criteria, weeks, visits)
    labels = {item.name: item.label for item in criteria}
    return rows, draw_time_to_improvement(rows, labels, settings)


def _said(numbers: Numbers, stem: str, visits: Sequence[str]) -> str:
    left, right = f"{stem}.median_left", f"{stem}.median_right"
    if not numbers.row(f"{stem}.lasting").n:
        return "not known of anybody"
    share = numbers.share(f"{stem}.lasting")
    criterion = stem.partition(".")[2]
    if not numbers.find(endpoint=criterion, statistic=Responders.TURNBULL_SURVIVAL):
        return f"{share}; too few for a curve"
    if math.isnan(numbers.raw(right)):
        return f"{share}; fewer than half"
    if visits:
        before, by = (visits[int(numbers.raw(name))] for name in (left, right))
        return f"{share}; half between {before} and {by}"
    return f"{share}; half by day {numbers.value(left)} to {numbers.value(right)}"


def _in_panel(text: str) -> str:
    """A panel's text on one line, or its parts on two."""
    parts = [text] if fits(text, style.PANEL_TITLE_MM, 1) else text.split("; ", 1)
    return ";\n".join(legible(part, style.PANEL_TITLE_MM, 1) for part in parts)


def _panel(axes: Axes, rows: pd.DataFrame, last: float, by_visit: bool) -> None:
    """One criterion up to the ``last`` day; ``by_visit``: the days are places of visits."""
    share, day = 0.0, min([0.0, *rows["left"].dropna()])
    start = day
    flat: list[tuple[float, float, float]] = []
    for step in rows.loc[rows["series"] == "step"].itertuples():
        if math.isnan(step.right):
            break
        after = 100 * step.share
        flat.append((day, step.left, share))
        axes.add_patch(
            Rectangle(
                (step.left, share),
                max(step.right - step.left, 0.02 if by_visit else 0.3),
                after - share,
                facecolor=BETWEEN,
                edgecolor=style.BETTER,
                linewidth=0.4,
                zorder=2,
            )
        )
        share, day = after, step.right
    if (rows["series"] == "step").any():
        flat.append((day, max(day, last), share))
    ends = [(step, x, share) for step, (*days, share) in enumerate(flat) for x in days]
    curve = pd.DataFrame(ends, columns=["step", "day", "share"])
    lines(axes, curve, "day", "share", "step", color=style.BETTER, linewidth=1.5, zorder=3)
    known = rows.loc[rows["series"] == "known", ["right", "share", "lower", "upper"]]
    percent = (100 * known).assign(right=known["right"]).rename(columns={"share": "value"})
    intervals(axes, percent, "right", "x", BAR, color=style.INK, **DOT)
    for median in rows.loc[rows["series"] == "median"].itertuples():
        if not math.isnan(median.right):
            # Ink with paper around it, so that it is seen on the curve, the tint and in greyscale.
            for order, looks in ((6, HALO), (7, MEDIAN)):
                axes.plot([median.left, median.right], [50, 50], "|-", zorder=order, **looks)
    axes.set_xlim(*((start - 0.1, last + 0.2) if by_visit else (start - 2, last + 4)))
    axes.set_ylim(-3, 103)
    axes.set_yticks(range(0, 101, 25))


def _legend(with_weeks: bool) -> list[Patch | Line2D]:
    line: style.Looks = {"color": style.BETTER, "linewidth": 1.5}
    known: style.Looks = {"color": style.INK, "linewidth": 0.8, "marker": "o", "markersize": 2.6}
    return [
        Line2D([], [], **line, label="Turnbull estimate"),
        Patch(facecolor=BETWEEN, edgecolor=style.BETTER, label="between two visits"),
        *([Line2D([], [], **known, label="Known by then, with interval")] if with_weeks else []),
        Line2D([], [], **MEDIAN, marker="|", label="Holds the median"),
    ]
