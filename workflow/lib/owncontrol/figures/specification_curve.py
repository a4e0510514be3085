"""The change under every defensible choice, in order of size, with the choices below."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from owncontrol.basics.decimals import plain
from owncontrol.basics.units import plural
from owncontrol.estimates.declared_statistics import Sensitivity
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.estimates.strata import Specification
from owncontrol.figures import style
from owncontrol.figures.made import Files, Made
from owncontrol.figures.plots import points
from owncontrol.figures.settings import ExaminedEndpoint, SpecificationSettings
from owncontrol.figures.words import legible

COLUMNS = [
    "endpoint",
    "place",
    "test",
    "baseline",
    "visit",
    "population",
    "value",
    "lower",
    "upper",
    "p",
    "improvement",
    "n",
    "estimate_id",
    "summary",
    "post_hoc",
]
CHOICES = ("test", "baseline", "visit", "population")
POPULATIONS = {
    "treated": "all treated",
    "all": "all",
    "eligible": "eligible",
    "in_window": "seen in the window",
}
WORDS = {"test": "{}", "baseline": "from {}", "visit": "to {}", "population": "{}"}
PANELS = 5  # side by side
CURVE_MM, ROW_MM = 32.0, 3.4
COLOURS = {False: style.SAME, True: style.BETTER}  # by improvement
DOT = 2.6  # points
STROKE = 0.76 * ROW_MM / style.MM_PER_INCH * 72  # points, of the mark of a choice


def specification_numbers(
    numbers: Numbers, endpoints: Sequence[ExaminedEndpoint], alpha: float
) -> pd.DataFrame:
    """Every specification of each endpoint that is estimable.

    In the order of the estimates; ``improvement``: towards better with p at most ``alpha``;
    ``summary``: how many of them these are.
    """
    rows = []
    for endpoint in endpoints:
        better = -1 if endpoint.lower_is_better else 1
        found = numbers.in_strata(
            Specification,
            analysis="sensitivity",
            endpoint=endpoint.name,
            statistic=Sensitivity.SPECIFICATION,
        )
        known = sorted(
            ((stratum, row) for stratum, row in found if not np.isnan(row.value)),
            key=lambda entry: (entry[1].value, entry[1].p, entry[1].estimate_id),
        )
        counted = f"sensitivity.{endpoint.name}.significant"
        summary = f"better in {numbers.events(counted)}/{numbers.n(counted)}" if known else ""
        for place, (stratum, row) in enumerate(known):
            improvement = bool(row.p <= alpha and better * row.value > 0)
            kept = {key: getattr(row, key) for key in COLUMNS if hasattr(row, key)}
            rows.append(
                kept
                | {"place": place, "test": stratum.test, "baseline": stratum.baseline}
                | {"population": stratum.population}
                | {"improvement": improvement, "summary": summary}
                | {"post_hoc": row.convention.post_hoc}
            )
    return pd.DataFrame(rows, columns=COLUMNS).astype({"place": "Int64", "n": "Int64"})


def draw_specification_curve(
    rows: pd.DataFrame,
    endpoints: Sequence[ExaminedEndpoint],
    labels: Mapping[str, str],
    alpha: float,
    synthetic: bool,
) -> Figure:
    """Draw ``rows`` as from ``specification_numbers``: a column per endpoint.

    ``labels``: of the visits by their name.
    """
    names = {**POPULATIONS, **labels}
    shown = [item for item in endpoints if (rows["endpoint"] == item.name).any()]
    if not shown:
        return style.empty_figure("single", "No specification can be estimated.", synthetic)
    choices = [
        (choice, value)
        for choice in CHOICES
        for value in dict.fromkeys(rows.sort_values("estimate_id")[choice])
    ]
    columns = min(PANELS, len(shown))
    lines = [shown[place : place + columns] for place in range(0, len(shown), columns)]
    heights = [CURVE_MM, ROW_MM * (len(choices) + len(CHOICES) - 1)] * len(lines)
    width = "double" if columns > 1 else "one_and_half"
    everything = style.is_all_post_hoc(rows)
    figure = style.new_figure(width, sum(heights) + 16 * len(lines) + 6, synthetic, everything)
    panels = figure.subplots(len(heights), columns, height_ratios=heights, squeeze=False)
    for axes in panels.flat:
        axes.set_visible(False)
    for number, endpoint in enumerate(shown):
        line, column = divmod(number, columns)
        here = rows.loc[rows["endpoint"] == endpoint.name]
        top, bottom = panels[2 * line, column], panels[2 * line + 1, column]
        _estimates(top, here)
        if endpoint.kind in style.UNIT_KINDS:
            top.set_ylabel(legible(plural(endpoint.unit), style.UNIT_MM, 1))
        room = (120 if columns > 1 else 70) / columns
        apart = bool(here["post_hoc"].any()) and not everything
        label = legible(endpoint.label, room, 3, bold=True) + style.POST_HOC * apart
        top.set_title(f"{label}\n{here['summary'].iloc[0]}")
        _choices(bottom, here, choices, names if column == 0 else None)
    figure.legend(handles=_legend(alpha), loc="outside lower center", ncols=3)
    return figure


def make_figure(files: Files, settings: SpecificationSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    endpoints, alpha = settings.examined, 1 - settings.level
    rows = specification_numbers(plain_numbers(files["estimates"]), endpoints, alpha)
    labels = {visit.name: visit.label for visit in settings.visits}
    synthetic = settings.synthetic
    return rows, draw_specification_curve(rows, endpoints, labels, alpha, synthetic)


def _estimates(axes: Axes, rows: pd.DataFrame) -> None:
    axes.set_visible(True)
    axes.axhline(0, color=style.MUTED, linewidth=0.6)
    axes.yaxis.set_major_formatter(style.TickNumbers())
    for better, colour in COLOURS.items():
        chosen = rows.loc[rows["improvement"] == better]
        x, y = _segments(chosen["place"], chosen["lower"], chosen["upper"])
        axes.plot(x, y, color=style.tint(colour, 0.55), linewidth=0.6, zorder=2)
        face = colour if better else style.PAPER
        points(axes, chosen, "place", "value", colour, 0.6, color=face, s=DOT**2, zorder=3)
    axes.set_xticks([])
    axes.set_xlim(-1, len(rows))
    axes.spines["bottom"].set_visible(False)


def _choices(
    axes: Axes,
    rows: pd.DataFrame,
    choices: Sequence[tuple[str, str]],
    names: Mapping[str, str] | None,
) -> None:
    """A row per choice, with a mark under every specification that made it."""
    axes.set_visible(True)
    # A gap between the kinds of choice.
    lines = {choice: number + CHOICES.index(choice[0]) for number, choice in enumerate(choices)}
    made = rows.melt(
        ["place", "improvement"], list(CHOICES), var_name="choice", value_name="chosen"
    )
    made["line"] = [lines[choice] for choice in zip(made["choice"], made["chosen"], strict=True)]
    looks: style.Looks = {"hue": "improvement", "palette": COLOURS, "marker": "|", "s": STROKE**2}
    points(axes, made, "place", "line", None, 0.9, **looks)
    ticks = list(lines.values())
    words = [WORDS[choice].format(names.get(value, value)) for choice, value in choices if names]
    axes.set_ylim(ticks[-1] + 0.6, -0.6)
    axes.set_xlim(-1, len(rows))
    axes.set_xticks([])
    axes.set_yticks(ticks if names else [], [legible(word, 36, 1) for word in words])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _segments(
    x: "pd.Series[Any]", low: "pd.Series[Any]", high: "pd.Series[Any]"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Upright strokes as one broken line: each from ``low`` to ``high`` at ``x``."""
    places = x.to_numpy(np.float64)
    gap = np.full(len(places), np.nan)
    ends = np.column_stack([low.to_numpy(np.float64), high.to_numpy(np.float64), gap])
    return np.column_stack([places, places, gap]).ravel(), ends.ravel()


def _legend(alpha: float) -> Sequence[Line2D]:
    dot: style.Looks = {"marker": "o", "markersize": DOT, "linewidth": 0.6}
    return [
        Line2D(
            [], [], **dot, color=style.BETTER, label=f"Improvement, p at most {plain(alpha, 9)}"
        ),
        Line2D([], [], **dot, color=style.SAME, markerfacecolor=style.PAPER, label="Other"),
    ]
