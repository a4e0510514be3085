"""The share without an event over the time: steps, last looks without it, numbers at risk."""

import math
from collections.abc import Iterator, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from owncontrol.basics.decimals import plain
from owncontrol.basics.number_texts import percent
from owncontrol.basics.units import plural
from owncontrol.estimates.declared_statistics import EventTimes
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.estimates.strata import AtTime, CurveStep
from owncontrol.figures import style
from owncontrol.figures.made import Files, Made, Row
from owncontrol.figures.plots import lines, points
from owncontrol.figures.settings import EventTimesFigureSettings, ShownEvent
from owncontrol.figures.words import legible

COLUMNS = [
    "event",
    "series",
    "time",
    "share",
    "lower",
    "upper",
    "subjects",
    "n",
    "estimate_id",
    "text",
    "post_hoc",
]
PANELS = 2  # side by side: below each is a row of numbers
CURVE: style.Looks = {"color": style.BETTER, "linewidth": 1.5}
BAND: style.Looks = {"facecolor": style.tint(style.BETTER, 0.2), "linewidth": 0}
LAST_LOOK: style.Looks = {"color": style.INK, "linewidth": 0.9}
MARK_POINTS = 4.5  # height of the tick of a last look
AT_RISK_POINTS = -31  # below the axis, under its title


def event_numbers(numbers: Numbers, events: Sequence[ShownEvent]) -> pd.DataFrame:
    """Steps, last looks and numbers at risk of each event, from the results.

    ``series``: ``had`` (how many had it, and what the panel says), ``step`` (share without it
    from ``time`` on, with its interval), ``last look`` (``subjects`` last seen without it then),
    ``at risk`` (``subjects`` still followed without it just before), ``end`` (longest time).
    """
    rows: list[Row] = []
    for event in events:
        stem = f"event_times.{event.name}"
        had = numbers.row(f"{stem}.{EventTimes.HAD_EVENT}")
        about = {"event": event.name, "n": had.n, "post_hoc": had.convention.post_hoc}
        text = _said(numbers, stem, event.unit) if had.n else "not known of anybody"
        here: list[Row] = [
            {
                "series": "had",
                "subjects": had.events,
                "estimate_id": had.estimate_id,
                "text": text,
            }
        ]
        if had.n:
            here += [*_steps(numbers, event.name), *_counts(numbers, event.name)]
            end = f"{stem}.{EventTimes.LONGEST_TIME}"
            here.append({"series": "end", "time": numbers.raw(end), "estimate_id": end})
        rows += [{**about, **entry} for entry in here]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"subjects": "Int64", "n": "Int64"})


def _said(numbers: Numbers, stem: str, unit: str) -> str:
    """How many had the event, and by when half had."""
    had, median = (f"{stem}.{name}" for name in (EventTimes.HAD_EVENT, EventTimes.MEDIAN_TIME))
    if math.isnan(numbers.raw(median)):
        return f"{numbers.share(had)}; fewer than half"
    return f"{numbers.share(had)}; half by {numbers.value(median)} {numbers.noun(median, unit)}"


def _steps(numbers: Numbers, event: str) -> Iterator[Row]:
    """Each step of the curve: from which time on which share is without the event."""
    steps = numbers.by_stratum(CurveStep, endpoint=event, statistic=EventTimes.STEP_WITHOUT)
    for share in steps.values():
        row = numbers.row(share)
        yield {
            "series": "step",
            "time": numbers.raw(numbers.beside(share, EventTimes.STEP_TIME)),
            "share": row.value,
            "lower": row.lower,
            "upper": row.upper,
            "estimate_id": share,
        }


def _counts(numbers: Numbers, event: str) -> Iterator[Row]:
    """Who was last seen without the event when, and how many are at risk under the axis."""
    series = {"last look": EventTimes.LAST_LOOKS, "at risk": EventTimes.STILL_AT_RISK}
    for name, statistic in series.items():
        for at, row in numbers.in_strata(AtTime, endpoint=event, statistic=statistic):
            yield {
                "series": name,
                "time": at.time,
                "subjects": int(row.value),
                "estimate_id": row.estimate_id,
            }


def draw_event_times(rows: pd.DataFrame, settings: EventTimesFigureSettings) -> Figure:
    """Draw ``rows`` as from ``event_numbers``: a panel for each event."""
    events = settings.events
    columns = min(PANELS, len(events))
    count = math.ceil(len(events) / columns)
    everything = style.is_all_post_hoc(rows)
    height = 14 + count * style.row_height(58, 46, count, 14)
    width = "double" if columns > 1 else "one_and_half"
    figure = style.new_figure(width, height, settings.synthetic, everything)
    panels = figure.subplots(count, columns, sharey=True, squeeze=False)
    for axes, event in zip(panels.flat, events, strict=False):
        here = rows.loc[rows["event"] == event.name]
        apart = bool(here["post_hoc"].any()) and not everything
        label = legible(event.label[:1].upper() + event.label[1:], 60, 2, bold=True)
        axes.set_title(f"{label}{style.POST_HOC if apart else ''}", pad=15)
        said = here.loc[here["series"] == "had", "text"].iloc[0]
        axes.annotate(
            legible(said, 60, 1),
            (0, 1),
            (0, 5.5),
            xycoords="axes fraction",
            textcoords="offset points",
        ).set_in_layout(False)
        _panel(axes, here)
        axes.set_xlabel(legible(f"Time, {plural(event.unit)}", style.PANEL_TITLE_MM, 1))
    for axes in list(panels.flat)[len(events) :]:
        axes.set_visible(False)
    for axes in panels[:, 0]:
        axes.set_ylabel("Without the event, %")
    figure.legend(handles=_legend(rows, settings.level), loc="outside lower center", ncols=3)
    return figure


def make_figure(files: Files, settings: EventTimesFigureSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    rows = event_numbers(plain_numbers(files["estimates"]), settings.events)
    return rows, draw_event_times(rows, settings)


def _panel(axes: Axes, rows: pd.DataFrame) -> None:
    """One event: its curve from everybody without it to the longest time of anybody."""
    axes.set_ylim(-3, 103)
    axes.set_yticks(range(0, 101, 25))
    if (rows["series"] == "end").sum() == 0:
        axes.set_xticks([])
        return
    last = float(rows.loc[rows["series"] == "end", "time"].iloc[0])
    curve = _curve(rows, last)
    # Nobody is without the event after a share of 0, and its interval has no bounds.
    axes.fill_between(curve["time"], curve["lower"], curve["upper"], step="post", **BAND, zorder=1)
    lines(axes, curve, "time", "share", drawstyle="steps-post", zorder=3, **CURVE)
    looks = rows.loc[rows["series"] == "last look", ["time"]]
    place = curve["time"].searchsorted(looks["time"], side="right") - 1
    looks = looks.assign(share=curve["share"].to_numpy()[place])
    points(
        axes, looks, "time", "share", None, LAST_LOOK["linewidth"],
        marker="|", s=MARK_POINTS**2, color=LAST_LOOK["color"], zorder=4,
    )  # fmt: skip
    at_risk = rows.loc[rows["series"] == "at risk"]
    axes.set_xticks(at_risk["time"], [plain(time) for time in at_risk["time"]])
    axes.set_xlim(-0.03 * last or -0.1, 1.03 * last or 0.1)
    below: style.Looks = {"textcoords": "offset points", "va": "top"}
    for time, count in zip(at_risk["time"], at_risk["subjects"], strict=True):
        place = ("data", "axes fraction")
        axes.annotate(
            str(count), (time, 0), (0, AT_RISK_POINTS), xycoords=place, ha="center", **below
        )
    axes.annotate(
        "At risk", (0, 0), (-8, AT_RISK_POINTS), xycoords="axes fraction", ha="right", **below
    )


def _curve(rows: pd.DataFrame, last: float) -> pd.DataFrame:
    """Corners of the curve in percent, from time 0 to the ``last`` one."""
    steps = rows.loc[rows["series"] == "step", ["time", "share", "lower", "upper"]]
    start = pd.DataFrame([(0.0, 1.0, 1.0, 1.0)], columns=steps.columns)
    known = pd.concat([start, steps], ignore_index=True).astype("float64")
    end = known.iloc[[-1]].assign(time=last)
    curve = pd.concat([known, end], ignore_index=True)
    return (100 * curve).assign(time=curve["time"])


def _legend(rows: pd.DataFrame, level: float) -> list[Patch | Line2D]:
    band = Patch(**BAND, label=f"{percent(level)} % interval")
    look = Line2D(
        [], [], color=LAST_LOOK["color"], marker="|", markersize=MARK_POINTS, linestyle="none",
        markeredgewidth=LAST_LOOK["linewidth"], label="Last seen without the event",
    )  # fmt: skip
    curve = Line2D([], [], **CURVE, label="Kaplan\u2013Meier estimate")
    return [curve, band, *([look] if (rows["series"] == "last look").any() else [])]
