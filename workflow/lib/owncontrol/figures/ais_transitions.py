"""AIS grades from visit to visit (an alluvial diagram), every patient at every visit."""

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from owncontrol.basics.number_texts import number
from owncontrol.estimates.collect import slug
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.estimates.strata import Move, ScoreGrade
from owncontrol.figures import style
from owncontrol.figures.made import Files, Made
from owncontrol.figures.settings import ShownVisit, TransitionsSettings
from owncontrol.figures.words import label_visits

UNKNOWN = "unknown"
LANES = ("E", "D", "C", "B", "A", UNKNOWN)  # from top to bottom
COLUMNS = ["visit", "grade", "next_visit", "next_grade", "subjects", "estimate_id", "post_hoc"]
COLOURS = {**style.AIS_COLOURS, UNKNOWN: style.UNKNOWN_COLOUR}
WIDTH_MM = 150.0  # from the first visit to the last
BOX_MM, LEAST_APART_MM = 4.0, 8.0  # width of a box; from one visit to the next
# A lane has room for its label; a box lower than its count has the count above it.
LEAST_LANE_MM, LEAST_BOX_MM, GAP_MM = 4.0, 3.0, 2.5


def transition_numbers(numbers: Numbers, endpoint: str, visits: Sequence[str]) -> pd.DataFrame:
    """How many subjects have which grade at a visit, and which at the next, from the results.

    A row without a next visit is a box of the figure, one with it a ribbon; both in the order of
    visits and lanes, above 0 only.
    """
    rows = []
    for visit, following in zip(visits, [*visits[1:], ""], strict=True):
        about = {"analysis": "change", "endpoint": endpoint, "visit": visit}
        at_visit = numbers.by_stratum(ScoreGrade, **about, statistic=Change.AT_VISIT)
        moves = numbers.by_stratum(Move, **about, statistic=Change.TO_NEXT_VISIT)
        boxes = {(grade.name, ""): name for grade, name in at_visit.items()}
        ribbons = {(move.before, move.after): name for move, name in moves.items()}
        for next_visit, found, ends in (("", boxes, ("",)), (following, ribbons, LANES)):
            for grade, next_grade in product(LANES, ends):
                if name := found.get((grade, next_grade)):
                    row = numbers.row(name)
                    shown = (int(row.value), name, row.convention.post_hoc)
                    rows.append((visit, grade, next_visit, next_grade, *shown))
    return pd.DataFrame(rows, columns=COLUMNS)


def visit_days(numbers: Numbers, endpoint: str, visits: Sequence[str]) -> list[float]:
    """The median day of each visit; NaN where nobody was seen or no day is known."""
    names = [f"change.{slug(endpoint)}.{slug(visit)}.{Change.MEDIAN_DAY}" for visit in visits]
    return [numbers.raw(name) if name in numbers else math.nan for name in names]


def visit_places(days: Sequence[float]) -> list[float]:
    """Where visits of these days (in order, NaN: not known) are drawn, in mm from the first.

    Equal distances for equal days, but no two visits closer than ``LEAST_APART_MM``; for what
    those take, all others give way by the same scale. A visit whose day is not known is between
    its neighbours. Equal distances where fewer than two days are known, or there is no more room.
    """
    steps = len(days) - 1
    if steps < 1:
        return [0.0] * len(days)
    every = pd.Series(days, dtype="float64").interpolate(limit_direction="both")
    apart = np.maximum(np.diff(every.fillna(0.0)), 0)
    if not apart.any() or steps * LEAST_APART_MM >= WIDTH_MM:
        return [WIDTH_MM / steps * place for place in range(len(days))]
    close = np.zeros(steps, bool)
    while True:
        scale = (WIDTH_MM - LEAST_APART_MM * close.sum()) / apart[~close].sum()
        closer = close | (apart * scale < LEAST_APART_MM)
        if (closer == close).all():
            return [0.0, *np.cumsum(np.where(close, LEAST_APART_MM, apart * scale)).tolist()]
        close = closer


def draw_ais_transitions(
    flows: pd.DataFrame, visits: Sequence[ShownVisit], days: Sequence[float], synthetic: bool
) -> Figure:
    """Draw ``flows`` as from ``transition_numbers``; ``days``: of the visits, as ``visit_days``.

    A lane a grade, a box a visit with its count, ribbons as wide as the number of subjects.
    """
    boxes = flows.loc[flows["next_visit"] == ""]
    counts = boxes.set_index(["visit", "grade"])["subjects"]
    names = [visit.name for visit in visits]
    lanes = [lane for lane in LANES if lane in set(flows["grade"])]
    most = {lane: int(counts.xs(lane, level="grade").max()) for lane in lanes}
    unit = min(4.0, 115 / max(1, sum(most.values())))  # mm a subject
    centres, height = _lanes(lanes, most, unit)
    figure = style.new_figure("double", height + 26, synthetic, style.is_all_post_hoc(flows))
    axes = figure.subplots()
    ends: dict[tuple[str, str, str], float] = {}
    for (visit, lane), count in counts.items():
        ends[visit, lane, "out"] = ends[visit, lane, "in"] = centres[lane] + unit * count / 2
    places = visit_places(days)
    place = dict(zip(names, places, strict=True))
    for flow in flows.loc[flows["next_visit"] != ""].itertuples():
        # Flows are in the order of lanes, so at both ends they stack without crossing inside.
        thick = unit * flow.subjects
        start, end = (flow.visit, flow.grade, "out"), (flow.next_visit, flow.next_grade, "in")
        across = (place[flow.visit], place[flow.next_visit])
        axes.add_patch(_ribbon(across, ends[start], ends[end], thick, flow.grade))
        ends[start] -= thick
        ends[end] -= thick
    for (visit, lane), count in counts.items():
        _box(axes, place[visit], centres[lane], unit * count, lane, int(count))
    axes.set_xlim(-BOX_MM, places[-1] + BOX_MM)
    axes.set_ylim(0, height)
    axes.set_yticks(
        [centres[lane] for lane in lanes],
        ["not seen or\nnot determined" if lane == UNKNOWN else f"AIS {lane}" for lane in lanes],
    )
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    room = min(np.diff(places), default=WIDTH_MM) - 1.5
    label_visits(axes, [visit.label for visit in visits], places, room)
    return figure


def make_figure(files: Files, settings: TransitionsSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    visits = settings.visits
    names = [visit.name for visit in visits]
    numbers = plain_numbers(files["estimates"])
    flows = transition_numbers(numbers, settings.grade, names)
    days = visit_days(numbers, settings.grade, names)
    return flows, draw_ais_transitions(flows, visits, days, settings.synthetic)


def _lanes(
    lanes: Sequence[str], most: dict[str, int], unit: float
) -> tuple[dict[str, float], float]:
    """Centre of each lane and height of all, in mm; a lane has room for its largest box."""
    centres, top = {}, 0.0
    for lane in reversed(lanes):
        tall = max(unit * most[lane], LEAST_LANE_MM) + (GAP_MM if lane == UNKNOWN else 0)
        centres[lane] = top + tall / 2
        top += tall + GAP_MM
    return centres, max(top - GAP_MM, 10.0)


def _ribbon(
    across: tuple[float, float], start: float, end: float, thick: float, grade: str
) -> PathPatch:
    left, right = across[0] + BOX_MM / 2, across[1] - BOX_MM / 2
    middle = (left + right) / 2
    points = [
        (left, start),
        (middle, start),
        (middle, end),
        (right, end),
        (right, end - thick),
        (middle, end - thick),
        (middle, start - thick),
        (left, start - thick),
        (left, start),
    ]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    return PathPatch(
        Path(points, codes),
        facecolor=COLOURS[grade],
        linewidth=0,
        alpha=0.8 if grade == UNKNOWN else 0.45,
        zorder=1,
    )


def _box(axes: Axes, x: float, centre: float, tall: float, lane: str, count: int) -> None:
    unknown = lane == UNKNOWN
    axes.add_patch(
        Rectangle(
            (x - BOX_MM / 2, centre - tall / 2),
            BOX_MM,
            tall,
            facecolor=COLOURS[lane],
            edgecolor=style.MUTED if unknown else style.INK,
            linewidth=0.6,
            linestyle=(0, (2, 1.5)) if unknown else "solid",
            zorder=2,
        )
    )
    if tall >= LEAST_BOX_MM:
        axes.text(
            x,
            centre,
            _short(count),
            ha="center",
            va="center_baseline",
            zorder=3,
            color=style.text_colour(COLOURS[lane]),
        )
    else:
        axes.text(x, centre + tall / 2 + 0.4, _short(count), ha="center", va="bottom", zorder=3)


def _short(count: int) -> str:
    """A count as a box has room for it: tens of thousands in thousands (k)."""
    return str(count) if count < 10_000 else f"{number(count / 1000, 0)}k"
