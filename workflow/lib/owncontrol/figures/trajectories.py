"""Each patient's course on each scale, with the median of those who were seen throughout."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from owncontrol.analysis.clock_days import days_on_clock
from owncontrol.estimates.collect import slug
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.figures import style
from owncontrol.figures.clock_axis import axis_title, mark_days
from owncontrol.figures.drawn import drawn_patients
from owncontrol.figures.made import Files, Made
from owncontrol.figures.plots import lines, points
from owncontrol.figures.scored_values import endpoint_scales, known_values
from owncontrol.figures.settings import PlannedVisit, ShownEndpoint, TrajectoriesSettings
from owncontrol.instruments import Scale
from owncontrol.study.design import SubjectWords
from owncontrol.study.visits import StudyClock
from owncontrol.tables import read_scores

EXPECTED: style.Looks = {"color": style.EXPECTED_COLOUR, "alpha": 0.5, "linewidth": 0, "zorder": 4}
DOTTED = (0, (1, 1.5))  # across a missed visit
COLUMNS = ["endpoint", "series", "subject_id", "visit", "visit_number", "day", "value", "n"]
COLUMNS += ["estimate_id", "post_hoc"]
BOUNDS = ["lower", "upper"]  # of what is expected without the treatment, where that is known
PANELS = 3  # side by side


def trajectory_numbers(
    scores: pd.DataFrame,
    numbers: Numbers,
    endpoints: Sequence[ShownEndpoint],
    visits: Sequence[PlannedVisit],
    baseline: str,
    clock: StudyClock = "treatment",
) -> pd.DataFrame:
    """Values of each endpoint by day on the study's clock.

    Patients first (of many those that are drawn, see ``drawn_patients``), then the medians of those
    seen throughout, from the analysis results. ``series`` is ``subject`` or ``median``; a median is
    at the median day of all who were seen at the visit. ``visit_number``: place in the schedule,
    from 0. Where a natural course is known, ``expected`` has the median at ``baseline`` and, from
    it on, the change that is expected, with the least and largest bound of the published cohorts.
    """
    parts = []
    for endpoint in endpoints:
        seen = _seen(numbers, endpoint.name, visits, clock)
        medians = _medians(numbers, seen)
        patients = _patients(scores, endpoint, visits, clock)
        parts += [patients.assign(post_hoc=seen["post_hoc"].any()), medians]
        start = medians.loc[medians["visit"] == baseline]
        start = start if len(start) else seen.loc[seen["visit"] == baseline]
        parts.append(_expected(numbers, endpoint.name, seen, start))
    known = [part for part in parts if len(part) or BOUNDS[0] not in part]
    return pd.concat(known, ignore_index=True)


def _patients(
    scores: pd.DataFrame,
    endpoint: ShownEndpoint,
    visits: Sequence[PlannedVisit],
    clock: StudyClock,
) -> pd.DataFrame:
    known = known_values(scores, endpoint)
    known = known.assign(day=days_on_clock(known, clock, visits)).dropna(subset="day")
    drawn = drawn_patients(known["subject_id"].unique(), "trajectories")
    known = known.loc[known["subject_id"].isin(drawn)].astype({"subject_id": "str", "visit": "str"})
    place = {visit.name: number for number, visit in enumerate(visits)}
    return (
        known.assign(
            endpoint=endpoint.name,
            series="subject",
            visit_number=known["visit"].map(place),
            n=1,
            estimate_id="",
        )
        .sort_values(["subject_id", "visit_number"], kind="stable")
        .reindex(columns=COLUMNS)
    )


def _seen(
    numbers: Numbers, endpoint: str, visits: Sequence[PlannedVisit], clock: StudyClock
) -> pd.DataFrame:
    """The median of whoever was seen at each visit whose day is known, and that day.

    Where only the order of the visits is known, their places.
    """
    rows = []
    for number, visit in enumerate(visit.name for visit in visits):
        name = f"change.{slug(endpoint)}.{slug(visit)}.median"
        of_day = numbers.beside(name, Change.MEDIAN_DAY)
        if of_day in numbers or (clock == "order" and name in numbers):
            day = float(number) if clock == "order" else numbers.raw(of_day)
            row = numbers.row(name)
            shown = (row.value, row.counted, name, row.convention.post_hoc)
            rows.append((endpoint, "median", "", visit, number, day, *shown))
    return pd.DataFrame(rows, columns=COLUMNS)


def _medians(numbers: Numbers, seen: pd.DataFrame) -> pd.DataFrame:
    """The rows of those visits that all the same patients were seen at, with their median."""
    rows = []
    for _, row in seen.iterrows():
        name = numbers.beside(row["estimate_id"], Change.COURSE_MEDIAN)
        if name in numbers:
            median = numbers.row(name)
            rows.append({**row, "value": median.value, "n": median.counted, "estimate_id": name})
    return pd.DataFrame(rows, columns=COLUMNS).astype(seen.dtypes.to_dict())


def _expected(
    numbers: Numbers, endpoint: str, seen: pd.DataFrame, start: pd.DataFrame
) -> pd.DataFrame:
    """The median at baseline (``start``) and what is expected after it, at the visits ``seen``.

    No rows where nothing is known.
    """
    rows = []
    for _, row in seen.iterrows():
        name = f"change.{slug(endpoint)}.{slug(row['visit'])}.expected_change"
        if not len(start) or name not in numbers or numbers.raw(name) != numbers.raw(name):
            continue
        cohorts = [
            numbers.row(one)
            for one in numbers.find(
                analysis="change",
                endpoint=endpoint,
                visit=row["visit"],
                statistic=Change.EXPECTED_CHANGE,
            )
        ]
        from_median = start["value"].iloc[0]
        ends = np.array([(one.lower, one.upper) for one in cohorts])
        rows.append(
            {
                **row,
                "series": "expected",
                "value": from_median + numbers.raw(name),
                "n": numbers.raw_n(name),
                "estimate_id": name,
                "lower": from_median + np.nanmin(ends[:, 0]),
                "upper": from_median + np.nanmax(ends[:, 1]),
            }
        )
    if rows:
        first = dict(start.iloc[0], series="expected", lower=from_median, upper=from_median)
        rows.insert(0, first)
    return pd.DataFrame(rows, columns=[*COLUMNS, *BOUNDS])


def draw_trajectories(
    rows: pd.DataFrame,
    endpoints: Sequence[ShownEndpoint],
    scales: dict[str, Scale],
    settings: TrajectoriesSettings,
) -> Figure:
    """Draw ``rows`` as from ``trajectory_numbers``: a panel per endpoint.

    ``scales``: by endpoint, for the range of the axis. The values at the visit ``baseline`` of
    ``settings`` are circles; a line is dotted where a visit of the schedule lies between its ends.
    The day of the treatment is marked where the days count from it.
    """
    synthetic, marked = settings.synthetic, settings.clock == "treatment"
    columns = min(PANELS, len(endpoints))
    lines = math.ceil(len(endpoints) / columns)
    width = {1: "single", 2: "one_and_half"}.get(columns, "double")
    height = 18 + lines * style.row_height(46, 30, lines, 18)
    everything = style.is_all_post_hoc(rows)
    has_medians = (rows["series"] == "median").any()
    figure = style.new_figure(width, height, synthetic, everything)
    panels = figure.subplots(lines, columns, sharex=True, squeeze=False)
    for axes, endpoint in zip(panels.flat, endpoints, strict=False):
        here = rows.loc[rows["endpoint"] == endpoint.name]
        _panel(axes, here, settings.baseline, marked)
        mark_days(axes, settings.clock, settings.visits, style.PANEL_TITLE_MM)
        style.show_scale(axes, scales[endpoint.name], endpoint.kind)
        apart = bool(here["post_hoc"].any()) and not everything
        title = style.panel_title(endpoint.label, scales[endpoint.name], apart)
        axes.set_title(title, pad=15 if has_medians else None)
        axes.annotate(
            _of_whom(here), (0, 1), (0, 5.5), xycoords="axes fraction", textcoords="offset points"
        ).set_in_layout(False)
    for number, axes in enumerate(panels.flat):
        axes.set_visible(number < len(endpoints))
        # The last panel of each column carries the days, also above an empty place.
        axes.tick_params(labelbottom=number + columns >= len(endpoints))
    for axes in panels[-1]:
        axes.set_xlabel(axis_title(settings.clock))
    for axes in panels[:, 0]:
        if not axes.get_ylabel():  # a measurement has its unit there
            axes.set_ylabel("Score")
    figure.align_ylabels(panels[:, 0])
    figure.legend(
        handles=_legend(rows, marked, settings.who),
        loc="outside lower center",
        ncols=2 if columns < PANELS else 5,
    )
    return figure


def make_figure(files: Files, settings: TrajectoriesSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    endpoints = settings.scores
    scales = endpoint_scales(endpoints, files["instruments"])
    scores = read_scores(files["scores"], {(item.instrument, item.scale) for item in endpoints})
    numbers, visits = plain_numbers(files["estimates"]), settings.visit_days
    rows = trajectory_numbers(scores, numbers, endpoints, visits, settings.baseline, settings.clock)
    return rows, draw_trajectories(rows, endpoints, scales, settings)


def _of_whom(rows: pd.DataFrame) -> str:
    """Whose median a panel has, under its title; an empty text where it has none."""
    medians = rows.loc[rows["series"] == "median"]
    if medians.empty:
        return ""
    visits = len(medians)
    every = {1: "1 visit", 2: "both visits"}.get(visits, f"all {visits} visits")
    return f"median of the {medians['n'].iloc[0]} seen at {every}"


def _panel(axes: Axes, rows: pd.DataFrame, baseline: str, marked: bool) -> None:
    patients, medians = (rows.loc[rows["series"] == series] for series in ("subject", "median"))
    expected = rows.loc[rows["series"] == "expected"]
    if len(expected):
        axes.fill_between(expected["day"], expected["lower"], expected["upper"], **EXPECTED)
    course: style.Looks = {"color": style.SAME, "linewidth": 0.6, "zorder": 2}
    along, across = _stretches(patients)
    lines(axes, along, "day", "value", "stretch", **course)
    lines(axes, across, "day", "value", "stretch", linestyle=DOTTED, **course)
    for series, size, colour, order in (
        (patients, 1.7, style.SAME, 3),
        (medians, 3.6, style.TREATMENT_COLOUR, 6),
    ):
        shown = series.assign(first=series["visit"] == baseline)
        faces: style.Looks = {"hue": "first", "palette": {False: colour, True: style.PAPER}}
        points(axes, shown, "day", "value", colour, 0.7, s=size**2, zorder=order, **faces)
    halo = [withStroke(linewidth=2.6, foreground=style.PAPER)]
    course = {"color": style.TREATMENT_COLOUR, "linewidth": 1.5, "zorder": 5}
    lines(axes, medians, "day", "value", path_effects=halo, **course)
    if marked:
        axes.axvline(0, color=style.INK, linewidth=0.6, linestyle=(0, (4, 2)), zorder=1)


def _stretches(patients: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each patient's course in stretches without a missed visit, and the two ends of each gap.

    ``stretch``: number of the line.
    """
    step = patients.groupby("subject_id")["visit_number"].diff()
    after = (step.notna() & (step != 1)).to_numpy(bool)
    before = np.append(after[1:], [False])[: len(after)]
    gaps = [patients.loc[ends].assign(stretch=np.arange(ends.sum())) for ends in (before, after)]
    return patients.assign(stretch=(step != 1).cumsum()), pd.concat(gaps)


def _legend(rows: pd.DataFrame, marked: bool, who: SubjectWords) -> list[Artist]:
    """What the lines are of those that occur; ``marked``: whether the day of the treatment is."""
    patients = rows.loc[rows["series"] == "subject"].groupby("endpoint")
    missed = any(len(_stretches(part)[1]) for _, part in patients)
    line: style.Looks = {"color": style.SAME, "linewidth": 0.6}
    median: style.Looks = {"color": style.TREATMENT_COLOUR, "marker": "o", "markersize": 3.6}
    circle: style.Looks = {"markerfacecolor": style.PAPER, "marker": "o", "markersize": 3.2}
    dashes: style.Looks = {"linewidth": 0.6, "linestyle": (0, (4, 2))}
    handles: list[tuple[bool, Artist]] = [
        ((rows["series"] == "median").any(), _line("Median", linewidth=1.5, **median)),
        (True, _line(who.capital_one, marker="o", markersize=1.7, **line)),
        (missed, _line("across a missed visit", linestyle=DOTTED, **line)),
        (True, _line("Baseline", color=style.INK, linestyle="none", **circle)),
        (marked, _line("Treatment", color=style.INK, **dashes)),
        (
            (rows["series"] == "expected").any(),
            Patch(**EXPECTED, label="Expected without the treatment"),
        ),
    ]
    return [handle for occurs, handle in handles if occurs]


def _line(label: str, **looks: Any) -> Line2D:
    return Line2D([], [], label=label, **looks)
