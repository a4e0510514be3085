"""How likely untreated patients do as well, at every rate of natural recovery and by source."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from owncontrol.basics.decimals import plain
from owncontrol.estimates.collect import slug
from owncontrol.estimates.estimate import Estimate
from owncontrol.estimates.looks import level_of_verdict
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import AtRate, PublishedRate
from owncontrol.figures import style
from owncontrol.figures.made import Files, Made, Row
from owncontrol.figures.plots import intervals, lines
from owncontrol.figures.settings import RecoverySettings
from owncontrol.figures.words import legible

COLUMNS = [
    "grade",
    "series",
    "source",
    "rate",
    "lower",
    "upper",
    "p",
    "events",
    "n",
    "estimate_id",
    "text",
    "post_hoc",
]
CURVE_MM, SOURCE_MM, LABEL_MM = 28.0, 3.4, 88.0
TICK: style.Looks = {"marker": "|", "markersize": 6}
MAIN: style.Looks = {**TICK, "color": style.BETTER, "markeredgewidth": 2.4}
OTHER: style.Looks = {**TICK, "color": style.INK, "markeredgewidth": 1.2}
BAR: style.Looks = {"color": style.MUTED, "linewidth": 0.7, "zorder": 1.9}
P_TICKS = {1e-4: "0.0001", 1e-3: "0.001", 1e-2: "0.01", 1e-1: "0.1", 1.0: "1"}


def recovery_numbers(numbers: Numbers, comparison: str) -> pd.DataFrame:
    """p over the benchmark rates, tipping rate and published rates by grade, from the results.

    ``series``: ``curve``, ``tipping`` (with what the panel says), ``published`` and, for the main
    one of these, ``benchmark``. Grades with at least one patient.
    """
    stem = f"natural_recovery.{comparison}"
    about: style.Looks = {"analysis": "natural_recovery", "endpoint": comparison}
    curve = numbers.by_stratum(AtRate, **about, statistic=NaturalRecovery.P_AT_RATE)
    published = numbers.by_stratum(PublishedRate, **about, statistic=NaturalRecovery.PUBLISHED_RATE)
    rows: list[Row] = []
    for grade in dict.fromkeys(stratum.grade for stratum in curve):
        group = f"{stem}.{slug(grade)}"
        tipping, main = numbers.row(f"{group}.tipping_rate"), numbers.row(f"{group}.benchmark")
        said = f"{numbers.share(f'{group}.improved')} improved"
        if not math.isnan(main.value):
            rate = f"{group}.benchmark"
            said += f"\n{numbers.p(rate)} at {numbers.percent(rate)} %"
        rows += [
            _entry(grade, "curve", numbers.row(name))
            for stratum, name in curve.items()
            if stratum.grade == grade
        ]
        rows.append(_entry(grade, "tipping", tipping) | {"text": said})
        if not math.isnan(main.value):
            rows.append(_entry(grade, "benchmark", main))
        rows += [
            _entry(grade, "published", numbers.row(name)) | {"source": stratum.source}
            for stratum, name in published.items()
            if stratum.grade == grade
        ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"events": "Int64", "n": "Int64"})


def draw_natural_recovery(rows: pd.DataFrame, alpha: float, synthetic: bool) -> Figure:
    """Draw ``rows`` as from ``recovery_numbers``; ``alpha``: where the tipping rate lies.

    A row per grade: left the p-value by benchmark rate, right each published rate as a tick.
    """
    grades = list(dict.fromkeys(rows["grade"]))
    if not grades:
        return style.empty_figure("single", "Nobody to compare with published rates.", synthetic)
    sources = rows.loc[rows["series"] == "published"].groupby("grade").size()
    heights = [max(CURVE_MM, SOURCE_MM * sources.get(grade, 0)) for grade in grades]
    post_hoc = style.is_all_post_hoc(rows)
    figure = style.new_figure("double", sum(heights) + 14 * len(grades) + 14, synthetic, post_hoc)
    panels = figure.subplots(len(grades), 2, height_ratios=heights, squeeze=False)
    for (left, right), height, grade in zip(panels, heights, grades, strict=True):
        here = rows.loc[rows["grade"] == grade]
        _curve(left, here, alpha)
        _sources(right, here, height / SOURCE_MM)
    panels[0, 1].set_title("Published rates")
    for axes in panels[-1]:
        axes.set_xlabel("Improve untreated, %")
    figure.legend(handles=_legend(alpha), loc="outside lower center", ncols=4)
    return figure


def make_figure(files: Files, settings: RecoverySettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    numbers = plain_numbers(files["estimates"])
    rows = recovery_numbers(numbers, settings.comparison)
    alpha = level_of_verdict(numbers, settings.primary, settings.comparison)
    return rows, draw_natural_recovery(rows, alpha, settings.synthetic)


def _entry(grade: str, series: str, row: Estimate) -> Row:
    post_hoc = row.convention.post_hoc
    return {"grade": grade, "series": series, "rate": row.value, "post_hoc": post_hoc} | {
        key: getattr(row, key) for key in ("lower", "upper", "p", "events", "n", "estimate_id")
    }


def _curve(axes: Axes, rows: pd.DataFrame, alpha: float) -> None:
    curve = rows.loc[rows["series"] == "curve"]
    tipping = rows.loc[rows["series"] == "tipping"].iloc[0]
    floor = min(P_TICKS)
    drawn = pd.DataFrame({"rate": 100 * curve["rate"], "p": curve["p"].clip(floor / 10)})
    lines(axes, drawn, "rate", "p", color=style.BETTER, linewidth=1.5)
    axes.axhline(alpha, color=style.INK, linewidth=0.6, linestyle=(0, (4, 2)))
    axes.axvline(100 * tipping["rate"], color=style.WORSE, linewidth=1, linestyle=(0, (1, 1)))
    axes.set_yscale("log")
    axes.set_ylim(floor, 1.4)
    axes.set_yticks(list(P_TICKS), list(P_TICKS.values()))
    axes.yaxis.set_minor_locator(NullLocator())
    _rates(axes)
    axes.set_ylabel("p (one-sided)")
    axes.set_title(f"AIS {tipping['grade']}: {tipping['text']}")


def _sources(axes: Axes, rows: pd.DataFrame, places: float) -> None:
    """A line per published rate, of ``places`` with room; its interval where n is published."""
    published = rows.loc[rows["series"] == "published"].sort_values("rate", kind="stable")
    tipping = rows.loc[rows["series"] == "tipping"].iloc[0]
    percent = 100 * published[["rate", "lower", "upper"]].rename(columns={"rate": "value"})
    placed = percent.assign(place=range(len(published)))
    main = published["rate"].isin(rows.loc[rows["series"] == "benchmark", "rate"])
    for chosen, looks in ((~main, OTHER), (main, MAIN)):
        intervals(axes, placed.loc[chosen], "place", "y", BAR, **looks, zorder=2)
    axes.vlines(
        100 * tipping["rate"],
        -0.6,
        len(published) - 0.4,
        color=style.WORSE,
        linewidth=1,
        linestyle=(0, (1, 1)),
    )
    axes.set_yticks(
        range(len(published)), [legible(text, LABEL_MM, 1) for text in published["source"]]
    )
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(places - 0.4, -0.6)
    _rates(axes)
    axes.spines["left"].set_visible(False)


def _rates(axes: Axes) -> None:
    axes.set_xlim(-1, 101)
    axes.set_xticks(range(0, 101, 20))


def _legend(alpha: float) -> Sequence[Line2D]:
    return [
        Line2D(
            [],
            [],
            color=style.INK,
            linewidth=0.6,
            linestyle=(0, (4, 2)),
            label=f"p = {plain(alpha, 9)}",
        ),
        Line2D([], [], color=style.WORSE, linewidth=1, linestyle=(0, (1, 1)), label="Tipping rate"),
        Line2D([], [], linestyle="none", **MAIN, label="Main published rate"),
        Line2D([], [], linestyle="none", **OTHER, label="Published rate"),
    ]
