"""Before and after in each patient, beside the estimate of the change with its interval."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from owncontrol.analysis.value_decimals import value_decimals
from owncontrol.basics.units import plural
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.figures import style
from owncontrol.figures.drawn import drawn_patients
from owncontrol.figures.made import Files, Made, Row
from owncontrol.figures.plots import intervals, lines, points
from owncontrol.figures.scored_values import endpoint_scales, known_values
from owncontrol.figures.settings import PairedSettings, ShownEndpoint
from owncontrol.figures.words import legible
from owncontrol.instruments import Scale
from owncontrol.study.measures import Kind
from owncontrol.tables import read_scores

COLUMNS = [
    "endpoint",
    "series",
    "subject_id",
    "before",
    "after",
    "direction",
    "estimate_id",
    "value",
    "lower",
    "upper",
    "p",
    "n",
    "text",
    "post_hoc",
]
PANELS = 3  # side by side
FEW_HANDLES = 4  # that are in one line below the panels
MOST_THICK = 8  # patients of the same two values: the line gets no thicker for more
BAR: style.Looks = {"linewidth": 1, "zorder": 2}
EXPECTED: style.Looks = {
    "marker": "D",
    "markersize": 3,
    "markerfacecolor": style.PAPER,
    "color": style.EXPECTED_COLOUR,
    "zorder": 3,
}
COLOURS = {"better": style.BETTER, "same": style.SAME, "worse": style.WORSE}
DASHES: dict[str, Any] = {"better": "solid", "same": (0, (1, 1.2)), "worse": (0, (3.5, 1.5))}


def paired_numbers(
    scores: pd.DataFrame,
    numbers: Numbers,
    endpoints: Sequence[ShownEndpoint],
    scales: dict[str, Scale],
    baseline: str,
    visit: str,
) -> pd.DataFrame:
    """Each patient's value at ``baseline`` and ``visit``, then the estimate from the results.

    Of a yes or no in place of the estimate how many have yes, and McNemar's test. ``series`` is
    ``subject`` (with a value at both visits; of many those that are drawn, see
    ``drawn_patients``) or ``estimate``: the Hodges-Lehmann
    estimate with its bounds and the p-value of the signed-rank test (Pratt) under their
    ``estimate_id``, and the ``text`` that the figure prints; ``expected``: the mean change of a
    published course without the treatment, where one is known. KeyError if the results lack them.
    """
    rows: list[Row] = []
    for endpoint in endpoints:
        stem = f"change.{endpoint.name}.{visit}"
        lower_is_better = scales[endpoint.name].direction == "lower_is_better"
        found = [
            *_patients(known_values(scores, endpoint), (baseline, visit), lower_is_better),
            {"series": "estimate", **_estimate(numbers, stem, endpoint.kind)},
            *_expected(numbers, f"{stem}.expected_change"),
        ]
        rows += [{"endpoint": endpoint.name, **row} for row in found]
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"n": "Int64"})
    estimated = table.loc[table["series"] == "estimate"].set_index("endpoint")["estimate_id"]
    post_hoc = {name: numbers.row(one).convention.post_hoc for name, one in estimated.items()}
    return table.assign(post_hoc=table["endpoint"].map(post_hoc))


def _patients(known: pd.DataFrame, visits: tuple[str, str], lower_is_better: bool) -> Iterator[Row]:
    """The values of those patients who are drawn, and whether they got better."""
    pairs = (
        known.loc[known["visit"].isin(visits)]
        .astype({"subject_id": "str"})
        .pivot(index="subject_id", columns="visit", values="value")
        .reindex(columns=list(visits))
        .dropna()
    )
    pairs = pairs.loc[drawn_patients(pairs.index, "paired_change")]
    for code, (before, after) in zip(pairs.index, pairs.to_numpy(), strict=True):
        better = before - after if lower_is_better else after - before
        yield {
            "series": "subject",
            "subject_id": code,
            "before": before,
            "after": after,
            "direction": ("worse", "same", "better")[int(np.sign(better)) + 1],
        }


def _expected(numbers: Numbers, estimate_id: str) -> Iterator[Row]:
    """The change that a published course expects, where one is known."""
    if estimate_id in numbers and not math.isnan(numbers.raw(estimate_id)):
        row = numbers.row(estimate_id)
        bounds = {"lower": row.lower, "upper": row.upper}
        yield {
            "series": "expected",
            "estimate_id": estimate_id,
            "value": row.value,
            "n": row.n,
            **bounds,
        }


def draw_paired_change(
    rows: pd.DataFrame,
    endpoints: Sequence[ShownEndpoint],
    scales: dict[str, Scale],
    labels: tuple[str, str],
    synthetic: bool,
) -> Figure:
    """Draw ``rows`` as from ``paired_numbers``: a panel per endpoint.

    ``labels``: of the visits before and after.
    """
    columns = min(PANELS, len(endpoints))
    lines = math.ceil(len(endpoints) / columns)
    width = {1: "single", 2: "one_and_half"}.get(columns, "double")
    everything = style.is_all_post_hoc(rows)
    height = 16 + lines * style.row_height(46, 30, lines, 16)
    figure = style.new_figure(width, height, synthetic, everything)
    panels = figure.subplots(lines, 2 * columns, squeeze=False, width_ratios=[2, 1] * columns)
    for number, endpoint in enumerate(endpoints):
        values, change = panels.flat[2 * number], panels.flat[2 * number + 1]
        here, scale = rows.loc[rows["endpoint"] == endpoint.name], scales[endpoint.name]
        estimate = here.loc[here["series"] == "estimate"].iloc[0]
        _pairs(values, here.loc[here["series"] == "subject"], labels)
        style.show_scale(values, scale, endpoint.kind)
        apart = bool(estimate["post_hoc"]) and not everything
        values.set_title(style.panel_title(endpoint.label, scale, apart), pad=15)
        # Wider than its axes, so the layout must not make room for it there.
        values.annotate(
            estimate["text"], (0, 1), (0, 5.5), xycoords="axes fraction", textcoords="offset points"
        ).set_in_layout(False)
        _change(change, estimate, here.loc[here["series"] == "expected"])
        if endpoint.kind in style.UNIT_KINDS:
            change.set_ylabel(legible(plural(scale.unit), style.UNIT_MM, 1))
    for axes in panels.flat[2 * len(endpoints) :]:
        axes.set_visible(False)
    handles = _legend(rows, [endpoint.kind for endpoint in endpoints])
    across = 2 * columns if len(handles) <= FEW_HANDLES else columns
    figure.legend(handles=handles, loc="outside lower center", ncols=across)
    return figure


def make_figure(files: Files, settings: PairedSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    endpoints = settings.endpoints
    before, after = settings.compared_visits
    scales = endpoint_scales(endpoints, files["instruments"])
    shown = {item.name: (item.instrument, item.scale) for item in endpoints}
    scores = read_scores(files["scores"], set(shown.values()))
    decimals = {
        name: value_decimals(scores, *scale, scales[name].resolution)
        for name, scale in shown.items()
    }
    numbers = plain_numbers(files["estimates"], decimals)
    rows = paired_numbers(scores, numbers, endpoints, scales, before.name, after.name)
    labels = (before.label, after.label)
    return rows, draw_paired_change(rows, endpoints, scales, labels, settings.synthetic)


def _answers(numbers: Numbers, stem: str) -> Row:
    """Of a yes or no: how many have yes before and after, and McNemar's exact test."""
    before, after, test = (f"{stem}.{name}" for name in ("yes_baseline", "yes_visit", "mcnemar"))
    n = numbers.n(after)
    text = f"yes: {numbers.events(before)} before, {numbers.events(after)} after, of {n}"
    p = numbers.row(test).p
    return {
        "estimate_id": after,
        "p": p,
        "n": numbers.row(after).n,
        "text": text if math.isnan(p) else f"{text}, {numbers.p(test)}",
    }


def _estimate(numbers: Numbers, stem: str, kind: Kind) -> Row:
    if kind == "yes_no":
        return _answers(numbers, stem)
    change, test = f"{stem}.hodges_lehmann", f"{stem}.signed_rank_pratt"
    row = numbers.row(change)
    text = f"{numbers.change(change)} ({numbers.interval(change)}), {numbers.p(test)}"
    if math.isnan(row.value):
        text = "not estimable"
    return {
        "estimate_id": change,
        "value": row.value,
        "lower": row.lower,
        "upper": row.upper,
        "p": numbers.row(test).p,
        "n": row.n,
        "text": f"{text}, n = {numbers.n(change)}",
    }


def _pairs(axes: Axes, patients: pd.DataFrame, labels: tuple[str, str]) -> None:
    """Lines from before to after, thicker where several patients have the same two values."""
    pairs = patients.groupby(["before", "after", "direction"], as_index=False).size()
    pairs["count"] = pairs["size"].clip(upper=MOST_THICK)
    ends = pd.concat(
        pairs[["direction", "count"]].assign(pair=pairs.index, visit=place, value=pairs[visit])
        for place, visit in enumerate(("before", "after"))
    )
    thick = {count: 0.4 * count for count in set(ends["count"])}
    widths = {count: 0.5 + more for count, more in thick.items()}
    areas = {count: (2 + more) ** 2 for count, more in thick.items()}
    looks: style.Looks = {"size": "count", "zorder": 2}
    for direction, here in ends.groupby("direction"):
        # One kind of dashes at a time: seaborn looks for each pair among all kinds of line.
        line = {"color": COLOURS[direction], "linestyle": DASHES[direction]}
        lines(axes, here, "visit", "value", "pair", **looks, **line, sizes=widths)
    hue: style.Looks = {"hue": "direction", "palette": COLOURS}
    points(axes, ends, "visit", "value", "none", 0, **looks, **hue, sizes=areas)
    axes.set_xlim(-0.35, 1.35)
    axes.set_xticks([0, 1], [legible(label, 16.4, 3) for label in labels])


def _change(axes: Axes, estimate: "pd.Series[Any]", expected: pd.DataFrame) -> None:
    bounds = [estimate[name] for name in ("value", "lower", "upper") if pd.notna(estimate[name])]
    known = expected[["value", "lower", "upper"]].to_numpy(np.float64).ravel()
    bounds += known[~np.isnan(known)].tolist()
    if not bounds:
        axes.set_axis_off()
        return
    axes.axhline(0, color=style.MUTED, linewidth=0.6, zorder=1)
    row = estimate.to_frame().T.assign(place=0)
    intervals(axes, row, "place", "x", BAR, marker="s", markersize=3.4, color=style.INK, zorder=3)
    beside = expected.assign(place=0.55)
    intervals(axes, beside, "place", "x", BAR | {"color": style.EXPECTED_COLOUR}, **EXPECTED)
    low, high = min([0, *bounds]), max([0, *bounds])
    margin = 0.12 * (high - low or 1)
    axes.set_ylim(low - margin, high + margin)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=style.ROUND_STEPS))
    axes.yaxis.set_major_formatter(style.TickNumbers())
    axes.set_xlim(-1, 1)
    axes.set_xticks([0], ["Change"])
    axes.tick_params(axis="x", length=0, pad=6)
    axes.spines["bottom"].set_visible(False)


def _legend(rows: pd.DataFrame, kinds: Iterable[Kind]) -> list[Line2D]:
    words = {"better": "Better", "same": "Unchanged", "worse": "Worse"}
    occurring = set(rows["direction"])
    handles = [
        _handle(direction, label=word)
        for direction, word in words.items()
        if direction in occurring
    ]
    estimated = rows.loc[(rows["series"] == "estimate") & rows["value"].notna()]
    if all(kind == "yes_no" for kind in kinds) or estimated.empty:
        return handles
    estimate = Line2D(
        [],
        [],
        color=style.INK,
        linewidth=1,
        marker="s",
        markersize=3.4,
        label="Hodges\u2013Lehmann estimate with its interval",
    )
    label = "Mean change expected without the treatment"
    expected = Line2D([], [], linewidth=1, label=label, **EXPECTED)
    return [*handles, estimate, *([expected] if (rows["series"] == "expected").any() else [])]


def _handle(direction: str, label: str) -> Line2D:
    looks: style.Looks = {"linewidth": 1.2, "marker": "o", "markersize": 2.6, "label": label}
    return Line2D([], [], color=COLOURS[direction], linestyle=DASHES[direction], **looks)
