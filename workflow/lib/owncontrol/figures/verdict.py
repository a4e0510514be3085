"""Patients improved beside those whom published rates lead to expect, and what that survives."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from owncontrol.basics.decimals import plain
from owncontrol.basics.number_texts import p_value
from owncontrol.estimates.looks import level_of_verdict
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import BaselineGrade, Misjudged
from owncontrol.figures import style
from owncontrol.figures.made import Files, Made, Row
from owncontrol.figures.plots import cells, intervals
from owncontrol.figures.settings import RecoverySettings
from owncontrol.study.design import PATIENTS, SubjectWords

COLUMNS = [
    "series",
    "grade",
    "events",
    "n",
    "share",
    "lower",
    "upper",
    "expected_low",
    "expected_high",
    "misrated",
    "missing",
    "p",
    "estimate_id",
    "text",
    "post_hoc",
]
COUNTS = ("events", "n", "misrated", "missing")
ALL_JUDGED = "All judged"
ROW_MM, CELL_MM, BESIDE_MM = 7.0, 5.6, 24.0
MOST_MISRATED, MOST_MISSING = 6, 4  # cells that can be read in a column of a journal
GAP = 1.2  # points between cells
SQUARE: style.Looks = {"marker": "s", "markersize": 4, "zorder": 3}
BAR: style.Looks = {"color": style.BETTER, "linewidth": 1, "zorder": 2}
EXPECTED: style.Looks = {"color": style.EXPECTED_COLOUR, "linewidth": 6, "solid_capstyle": "butt"}
HOLDS, FALLS = style.tint(style.BETTER, 0.85), style.tint(style.SAME, 0.25)


def verdict_numbers(numbers: Numbers, comparison: str, alpha: float) -> pd.DataFrame:
    """What is drawn of the verdict on a comparison, from the results.

    ``series``: ``improved`` (a row per baseline grade, with the patients expected to improve where
    the verdict judges the grade; then all that it judges) and ``misjudged`` (p of the verdict with
    so many patients misrated and missing; none where nothing was decided). ``alpha``: at which
    the verdict holds.
    """
    about: style.Looks = {"analysis": "natural_recovery", "endpoint": comparison}
    rows: list[Row] = []
    improved = numbers.by_stratum(BaselineGrade, **about, statistic=NaturalRecovery.IMPROVED)
    for stratum, name in improved.items():
        if numbers.row(name).n:
            rows.append(_grade(numbers, stratum.grade, name))
    whole = f"natural_recovery.{comparison}.all_grades.{NaturalRecovery.VERDICT}"
    if not math.isnan(numbers.raw(whole)):
        rows.append(_all(numbers, whole))
    found = numbers.by_stratum(Misjudged, **about, statistic=NaturalRecovery.IF_MISJUDGED)
    for judged, name in found.items():
        if judged.misrated <= MOST_MISRATED and judged.missing <= MOST_MISSING:
            row = numbers.row(name)
            cell = {"series": "misjudged", "misrated": judged.misrated, "missing": judged.missing}
            shown = {"p": row.p, "text": p_text(row.p, alpha)}
            rows.append(cell | shown | _source(numbers, name))
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COUNTS, "Int64"))


def draw_verdict(
    rows: pd.DataFrame, alpha: float, synthetic: bool, who: SubjectWords = PATIENTS
) -> Figure:
    """Draw ``rows`` as from ``verdict_numbers`` for this ``alpha``."""
    improved = rows.loc[rows["series"] == "improved"].reset_index(drop=True)
    if improved.empty:
        return style.empty_figure("single", "Nobody to compare with published rates.", synthetic)
    table = rows.loc[rows["series"] == "misjudged"].pivot(index="missing", columns="misrated")
    heights = [ROW_MM * len(improved), *([CELL_MM * len(table)] if len(table) else [])]
    total = sum(heights) + BESIDE_MM * len(heights)
    figure = style.new_figure("single", total, synthetic, style.is_all_post_hoc(rows))
    panels = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    _improved(panels[0], improved, who.capital_many)
    if len(table):
        _misjudged(panels[1], table, alpha, who.capital_many)
    figure.legend(handles=_legend(), loc="outside lower center", ncols=2)
    return figure


def make_figure(files: Files, settings: RecoverySettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    numbers = plain_numbers(files["estimates"])
    alpha = level_of_verdict(numbers, settings.primary, settings.comparison)
    rows = verdict_numbers(numbers, settings.comparison, alpha)
    return rows, draw_verdict(rows, alpha, settings.synthetic, settings.who)


def _grade(numbers: Numbers, grade: str, name: str) -> Row:
    row = numbers.row(name)
    more = numbers.beside(name, NaturalRecovery.CLOSED_MORE)
    fewer = numbers.beside(name, NaturalRecovery.CLOSED_FEWER)
    text = f"{numbers.events(name)} of {numbers.n(name)}"
    expected: Row = {"text": f"{text}, not judged"}
    if more in numbers:
        expected = _expected(numbers, fewer, more) | {
            "text": f"{text}, {_span(numbers, fewer, more)}"
        }
    bounds: Row = {"share": row.value, "lower": row.lower, "upper": row.upper}
    return (
        {"series": "improved", "grade": f"AIS {grade}"} | bounds | expected | _source(numbers, name)
    )


def _all(numbers: Numbers, name: str) -> Row:
    """Of all that the verdict judges; a share of several grades has no interval of its own."""
    row = numbers.row(name)
    more = numbers.beside(name, NaturalRecovery.MORE_THAN_EXPECTED)
    fewer = numbers.beside(name, NaturalRecovery.FEWER_THAN_EXPECTED)
    text = f"{numbers.events(name)} of {numbers.n(name)}, {_span(numbers, fewer, more)}"
    said: Row = {"series": "improved", "grade": ALL_JUDGED, "text": text}
    return (
        said
        | {"share": row.occurred / row.counted}
        | _expected(numbers, fewer, more)
        | _source(numbers, name)
    )


def _expected(numbers: Numbers, fewer: str, more: str) -> Row:
    return {"expected_low": numbers.raw(fewer), "expected_high": numbers.raw(more)}


def _span(numbers: Numbers, fewer: str, more: str) -> str:
    """How many are expected, by the lowest and by the highest rates: 1.0 to 1.4 expected."""
    low, high = str(numbers.value(fewer)), str(numbers.value(more))
    return f"{high if low == high else f'{low} to {high}'} expected"


def _source(numbers: Numbers, name: str) -> Row:
    row = numbers.row(name)
    known: Row = {"events": row.events, "n": row.n, "estimate_id": row.estimate_id}
    return known | {"post_hoc": row.convention.post_hoc}


def p_text(p: float, alpha: float) -> str:
    """A p-value without its sign; one that only rounding makes alpha is said to be above it."""
    text = p_value(p).removeprefix("p ").removeprefix("= ")
    return f"> {text}" if p > alpha and text == plain(alpha, 9) else text


def _improved(axes: Axes, rows: pd.DataFrame, many: str) -> None:
    """A line per row: the shares expected as a bar, the share improved with its interval."""
    share = 100 * rows[["share", "lower", "upper"]].rename(columns={"share": "value"})
    for place, row in rows.iterrows():
        ends = [100 * row[name] / row["n"] for name in ("expected_low", "expected_high")]
        # A width that can be seen where the lowest and the highest rates are one.
        axes.plot([ends[0] - 0.7, ends[1] + 0.7], [place, place], **EXPECTED, zorder=1)
        axes.text(0, place - 0.24, row["text"], va="bottom", color=style.MUTED)
    placed = share.assign(place=range(len(rows)))
    intervals(axes, placed, "place", "y", BAR, color=style.BETTER, **SQUARE)
    axes.set_yticks(range(len(rows)), rows["grade"])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.5, -0.95)
    axes.set_xlim(-1, 101)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel(f"{many} improved, %")
    axes.spines["left"].set_visible(False)


def _misjudged(axes: Axes, table: pd.DataFrame, alpha: float, many: str) -> None:
    """p by patients misrated (columns) and missing (rows)."""
    faces = (table["p"] <= alpha).map(lambda column: HOLDS if column else FALLS)
    cells(axes, faces, table["text"], faces.map(style.text_colour), GAP)
    axes.set_xticks([place + 0.5 for place in range(len(faces.columns))], list(faces.columns))
    axes.set_yticks([place + 0.5 for place in range(len(faces))], list(faces.index), rotation=0)
    axes.tick_params(length=0)
    axes.set_xlabel(f"{many} misrated")
    axes.set_ylabel(f"{many} missing")
    axes.set_title(f"p of the verdict (dark: at most {plain(alpha, 9)})")


def _legend() -> list[Line2D]:
    return [
        Line2D([], [], linestyle="none", color=style.BETTER, **SQUARE, label="Improved"),
        Line2D([], [], **EXPECTED, label="Expected untreated"),
    ]
