"""Each patient's course on each scale, with the median at each visit."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from owncontrol.estimates.collect import slug
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.figures import style
from owncontrol.figures.drawn import drawn_patients
from owncontrol.figures.made import Files, Made
from owncontrol.figures.plots import lines, points
from owncontrol.figures.scored_values import endpoint_scales, known_values
from owncontrol.figures.settings import ShownEndpoint, TrajectoriesSettings
from owncontrol.instruments import Scale
from owncontrol.tables import read_scores

DOTTED = (0, (1, 1.5))  # across a missed visit
COLUMNS = ["endpoint", "series", "subject_id", "visit", "visit_number", "day", "value", "n"]
COLUMNS += ["estimate_id"]
PANELS = 3  # side by side


def trajectory_numbers(
    scores: pd.DataFrame,
    numbers: Numbers,
    endpoints: Sequence[ShownEndpoint],
    visits: Sequence[str],
) -> pd.DataFrame:
    """Values of each endpoint by day from treatment.

    Patients first (of many those that are drawn, see ``drawn_patients``), then the medians of all
    from the analysis results. ``series`` is ``patient`` or ``median``; a median stands at the
    median day of those visits. ``visit_number``: place in the schedule, from 0.
    """
    parts = []
    for endpoint in endpoints:
        parts += [_patients(scores, endpoint, visits), _medians(numbers, endpoint.name, visits)]
    return pd.concat(parts, ignore_index=True)


def _patients(scores: pd.DataFrame, endpoint: ShownEndpoint, visits: Sequence[str]) -> pd.DataFrame:
    known = known_values(scores, endpoint).dropna(subset="day_from_treatment")
    drawn = drawn_patients(known["subject_id"].unique(), "trajectories")
    known = known.loc[known["subject_id"].isin(drawn)].astype({"subject_id": "str", "visit": "str"})
    place = {name: number for number, name in enumerate(visits)}
    return (
        known.assign(
            endpoint=endpoint.name,
            series="patient",
            visit_number=known["visit"].map(place),
            day=known["day_from_treatment"].astype("float"),
            n=1,
            estimate_id="",
        )
        .sort_values(["subject_id", "visit_number"], kind="stable")
        .reindex(columns=COLUMNS)
    )


def _medians(numbers: Numbers, endpoint: str, visits: Sequence[str]) -> pd.DataFrame:
    """The visits whose day is known; a schedule without days has none."""
    rows = []
    for number, visit in enumerate(visits):
        name = f"change.{slug(endpoint)}.{slug(visit)}.median"
        of_day = numbers.beside(name, Change.MEDIAN_DAY)
        if of_day in numbers:
            day, value = numbers.raw(of_day), numbers.raw(name)
            rows.append(
                (endpoint, "median", "", visit, number, day, value, numbers.raw_n(name), name)
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def draw_trajectories(
    rows: pd.DataFrame,
    endpoints: Sequence[ShownEndpoint],
    scales: dict[str, Scale],
    baseline: str,
    synthetic: bool,
) -> Figure:
    """Draw ``rows`` as from ``trajectory_numbers``: a panel an endpoint.

    ``scales``: by endpoint, for the range of the axis. The values at the visit ``baseline`` are
    circles; a line is dotted where a visit of the schedule lies between its ends.
    """
    columns = min(PANELS, len(endpoints))
    lines = math.ceil(len(endpoints) / columns)
    width = {1: "single", 2: "one_and_half"}.get(columns, "double")
    figure = style.new_figure(width, 18 + lines * style.row_height(42, 28, lines, 18), synthetic)
    panels = figure.subplots(lines, columns, sharex=True, squeeze=False)
    for axes, endpoint in zip(panels.flat, endpoints, strict=False):
        _panel(axes, rows.loc[rows["endpoint"] == endpoint.name], baseline)
        style.show_scale(axes, scales[endpoint.name], endpoint.kind)
        axes.set_title(style.panel_title(endpoint.label, scales[endpoint.name]))
    for number, axes in enumerate(panels.flat):
        axes.set_visible(number < len(endpoints))
        # The last panel of each column carries the days, also above an empty place.
        axes.tick_params(labelbottom=number + columns >= len(endpoints))
    for axes in panels[-1]:
        axes.set_xlabel("Days from treatment")
    for axes in panels[:, 0]:
        if not axes.get_ylabel():  # a measurement has its unit there
            axes.set_ylabel("Score")
    figure.align_ylabels(panels[:, 0])
    figure.legend(handles=_legend(), loc="outside lower center", ncols=2 if columns < PANELS else 5)
    return figure


def make_figure(files: Files, settings: TrajectoriesSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    endpoints = settings.scores
    scales = endpoint_scales(endpoints, files["instruments"])
    scores = read_scores(files["scores"], {(item.instrument, item.scale) for item in endpoints})
    visits = [visit.name for visit in settings.visits]
    rows = trajectory_numbers(scores, plain_numbers(files["estimates"]), endpoints, visits)
    baseline, synthetic = settings.baseline, settings.synthetic
    return rows, draw_trajectories(rows, endpoints, scales, baseline, synthetic)


def _panel(axes: Axes, rows: pd.DataFrame, baseline: str) -> None:
    patients, medians = (rows.loc[rows["series"] == series] for series in ("patient", "median"))
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
    axes.axvline(0, color=style.INK, linewidth=0.6, linestyle=(0, (4, 2)), zorder=1)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 3, 6, 10], integer=True))


def _stretches(patients: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each patient's course in stretches without a missed visit, and the two ends of each gap.

    ``stretch``: number of the line.
    """
    step = patients.groupby("subject_id")["visit_number"].diff()
    after = (step.notna() & (step != 1)).to_numpy(bool)
    before = np.append(after[1:], [False])[: len(after)]
    gaps = [patients.loc[ends].assign(stretch=np.arange(ends.sum())) for ends in (before, after)]
    return patients.assign(stretch=(step != 1).cumsum()), pd.concat(gaps)


def _legend() -> list[Line2D]:
    median, patient = style.TREATMENT_COLOUR, style.SAME
    return [
        Line2D([], [], color=median, linewidth=1.5, marker="o", markersize=3.6, label="Median"),
        Line2D([], [], color=patient, linewidth=0.6, marker="o", markersize=1.7, label="Patient"),
        Line2D(
            [],
            [],
            color=patient,
            linewidth=0.6,
            linestyle=DOTTED,
            label="across a missed visit",
        ),
        Line2D(
            [],
            [],
            color=style.INK,
            linestyle="none",
            marker="o",
            markersize=3.2,
            markerfacecolor=style.PAPER,
            label="Baseline",
        ),
        Line2D([], [], color=style.INK, linewidth=0.6, linestyle=(0, (4, 2)), label="Treatment"),
    ]
