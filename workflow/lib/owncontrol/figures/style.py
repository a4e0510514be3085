"""The one style of all figures: sizes, colours, words, and files that are the same bytes again."""

import io
import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import matplotlib
import matplotlib.style
import pandas as pd
from fontTools.subset import Options
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from owncontrol.basics.decimals import decimals_of
from owncontrol.basics.number_texts import number, without_noise
from owncontrol.basics.program_files import WORKFLOW
from owncontrol.basics.units import plural
from owncontrol.figures.readability import text_faults
from owncontrol.figures.svg import smaller_svg
from owncontrol.figures.words import add_fonts, legible
from owncontrol.files import whole_file
from owncontrol.instruments import Level, Scale
from owncontrol.study.measures import Kind
from owncontrol.tables import write_table

STYLE = WORKFLOW / "report" / "figures.mplstyle"
MM_PER_INCH = 25.4
# Widths of a journal's column, of one and a half, and of two, in mm.
WIDTHS = {"single": 85.0, "one_and_half": 120.0, "double": 180.0}
PAGE_MM = 240.0  # height of what a journal prints on a page, with room for the caption

INK, MUTED, FAINT, PAPER, WARNING = "#1b1f24", "#57606a", "#c3c9d0", "#ffffff", "#8a4b00"
ROUND_STEPS = [1, 2, 2.5, 5, 10]  # of an axis, times a power of ten
TICK_DECIMALS = 6  # and as many below them are the noise of binary sums
MOST_LEVELS = 8  # that have room on an axis
POST_HOC = " (post hoc)"  # behind the label of what the plan does not have
FEWEST_LEVELS = 6  # that an axis spans, however few of many were seen
UNIT_MM = 34.0  # beside the lowest panel
UNIT_KINDS = ("measurement", "count")  # whose axes have their unit as title
PANEL_TITLE_MM = 50.0  # three panels side by side leave that
# Ordered scales get lighter from step to step, so that they keep their order in greyscale and for
# colour-blind readers; a test holds the steps apart.
AIS_COLOURS = {"A": "#2f1e60", "B": "#31588f", "C": "#39a39b", "D": "#94c95f", "E": "#f7e972"}
UNKNOWN_COLOUR = "#dfe3e7"
EXPECTED_COLOUR = "#e0a100"  # what a published course without the treatment shows
SEVERITY_COLOURS = {1: "#fdebc4", 2: "#f6b05f", 3: "#e0661f", 4: "#a8321a", 5: "#4a0d0b"}
# Better and worse differ in hue, lightness and (where drawn as lines) in dashes.
BETTER, SAME, WORSE = "#0b5394", "#8a929b", "#d9741a"
TREATMENT_COLOUR, PREPARATION_COLOUR = "#0b5394", "#4f9f97"

# Keywords for a mark, a line or a text of matplotlib.
Looks = dict[str, Any]
# What a file must not say: when it was made.
METADATA: dict[str, dict[str, Any]] = {
    "png": {},
    "pdf": {"CreationDate": None},
    "svg": {"Date": None},
}
# Run lengths suit even areas: half the time of zlib's search, a tenth more bytes.
COMPRESSION: dict[str, Any] = {"png": {"pil_kwargs": {"compress_type": 3}}}


# Its account of every table of a font it embeds is no news for a step's log.
logging.getLogger("fontTools").setLevel(logging.WARNING)
# What sets text is of no use in a PDF, where each letter has its place; reading it takes half the
# time of embedding.
Options._drop_tables_default = [*Options._drop_tables_default, "GDEF", "GPOS", "GSUB", "kern"]


@contextmanager
def journal_style() -> Iterator[None]:
    """Matplotlib's defaults with the shared style over them; a figure is made and saved inside."""
    add_fonts()
    with matplotlib.style.context(["default", STYLE]):
        yield


def new_figure(width: str, height: float, synthetic: bool, post_hoc: bool = False) -> Figure:
    """An empty figure; ``width`` one of WIDTHS, ``height`` in mm.

    Marked where the data are made up (``synthetic``), and where no plan has what it shows.
    """
    figure = Figure(
        figsize=(WIDTHS[width] / MM_PER_INCH, height / MM_PER_INCH), layout="constrained"
    )
    FigureCanvasAgg(figure)  # keeps its renderer, which measures every text
    marks = ["POST HOC"] * post_hoc + ["SYNTHETIC DATA"] * synthetic
    if marks:
        figure.suptitle(" · ".join(marks), x=0.995, ha="right", color=WARNING)
    return figure


def is_all_post_hoc(rows: pd.DataFrame) -> bool:
    """Whether no plan has anything of what a figure shows, so that the whole figure is marked."""
    return len(rows) > 0 and bool(rows["post_hoc"].eq(True).all())


def row_height(usual: float, least: float, rows: int, beside: float) -> float:
    """Height of each row of panels in mm: the usual one, less where so many fill more than a page.

    ``beside``: mm of the figure that no row has. At ``least`` the figure outgrows the page.
    """
    return max(least, min(usual, (PAGE_MM - beside) / rows))


class Paths(Protocol):
    """A file by its format: a dictionary, or the outputs of a rule by their names."""

    def __getitem__(self, key: str, /) -> str:
        """The file of a format."""


def save_figure(figure: Figure, behind: pd.DataFrame, name: str, paths: Paths) -> list[str]:
    """Write a figure as PDF, SVG and PNG, and the numbers behind it as CSV.

    ``paths``: by format (pdf, svg, png, csv). The layout is settled once, so that all formats
    show the same; ids in the SVG come from ``name``. Returns the faults of its texts (clipped,
    overlapping), for the log.
    """
    write_table(behind, paths["csv"])
    settle_layout(figure)
    faults: list[str] = []
    for kind, metadata in METADATA.items():
        drawn = io.BytesIO()
        with matplotlib.rc_context({"svg.hashsalt": name}):
            figure.savefig(drawn, format=kind, metadata=metadata, **COMPRESSION.get(kind, {}))
        content = drawn.getvalue()
        with whole_file(paths[kind]) as partial:
            partial.write_bytes(
                smaller_svg(content.decode("utf-8")).encode() if kind == "svg" else content
            )
        if kind == "png":  # drawn first: the other formats have another dpi
            faults = text_faults(figure)
            hold_labels(figure)
    return faults


def settle_layout(figure: Figure) -> None:
    """Give everything its place, once for all formats."""
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)
    # None, not "none": a figure with a placeholder for a layout is drawn twice for each file.
    figure.set_layout_engine(None)
    for axis in _axes_of(figure):
        if not axis.get_label_text():
            axis.set_label_coords(0, 0)  # or a place would be sought for it at every drawing


def hold_labels(figure: Figure) -> None:
    """Keep the labels of the axes where they are drawn, in every later drawing.

    Their places follow from all tick labels beside them, which take as long as drawing them.
    """
    for axis in _axes_of(figure):
        if axis.get_label_text():
            label = axis.get_label()
            place = label.get_transform().transform(label.get_position())
            axis.set_label_coords(*axis.axes.transAxes.inverted().transform(place))


def _axes_of(figure: Figure) -> list[Axis]:
    return [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]


def empty_figure(width: str, reason: str, synthetic: bool) -> Figure:
    """A figure of which nothing can be shown, and that says why."""
    figure = new_figure(width, 24, synthetic)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.text(0.5, 0.5, legible(reason, 0.8 * WIDTHS[width]), ha="center", va="center")
    return figure


def tint(colour: str, share: float) -> str:
    """``colour`` mixed with the paper: 0 gives paper, 1 the colour itself."""
    red, green, blue = (1 - share * (1 - part) for part in to_rgb(colour))
    return to_hex((red, green, blue))


def text_colour(background: str) -> str:
    """Ink or paper, whichever stands out more from ``background`` (WCAG 2.2 contrast ratio)."""
    return max((INK, PAPER), key=lambda colour: contrast(colour, background))


def contrast(colour: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, success criterion 1.4.3)."""
    light, dark = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class TickNumbers(Formatter):
    """Tick labels as the report writes numbers, all of an axis with the same decimals."""

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """The labels of all ticks."""
        exact = [without_noise(value, TICK_DECIMALS) for value in values]
        digits = max(map(decimals_of, exact), default=0)
        return [number(value, digits) for value in exact]

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The label of a single place."""
        return self.format_ticks([x])[0]


def show_scale(axes: Axes, scale: Scale, kind: Kind = "rated_scale") -> None:
    """Let the y axis span a scale that has ends; grades by names.

    Of many levels it spans those that were seen, or a change of one would not show. The axis of a
    measurement spans the values seen; it and that of a count have the unit as title.
    """
    width = scale.maximum - scale.minimum
    if kind in UNIT_KINDS:
        axes.set_ylabel(legible(plural(scale.unit), UNIT_MM, 1))
    if kind == "measurement":
        if axes.dataLim.y1 < axes.dataLim.y0:  # nothing is drawn that has a value
            axes.set_yticks([])
            return
    elif math.isfinite(width):
        axes.set_ylim(scale.minimum - 0.05 * width, scale.maximum + 0.05 * width)
    if scale.levels and not all(level.text.isdigit() for level in scale.levels):
        levels = _seen_levels(axes, scale)
        shown = levels[:: math.ceil(len(levels) / MOST_LEVELS)]
        if len(levels) < len(scale.levels):
            axes.set_ylim(levels[0].value - 0.5, levels[-1].value + 0.5)
        axes.set_yticks(
            [level.value for level in shown], [legible(level.text, 12, 1) for level in shown]
        )
    else:
        whole = scale.resolution >= 1
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=ROUND_STEPS, integer=whole))
        axes.yaxis.set_major_formatter(TickNumbers())


def _seen_levels(axes: Axes, scale: Scale) -> Sequence[Level]:
    """Of many levels those from the lowest to the highest that is drawn, more around few."""
    low, high = axes.dataLim.y0, axes.dataLim.y1
    places = [n for n, level in enumerate(scale.levels) if low <= level.value <= high]
    if len(scale.levels) <= MOST_LEVELS or not places:
        return scale.levels
    first, last = places[0], places[-1]
    while last - first + 1 < FEWEST_LEVELS:
        first, last = max(first - 1, 0), min(last + 1, len(scale.levels) - 1)
    return scale.levels[first : last + 1]


def panel_title(label: str, scale: Scale, post_hoc: bool) -> str:
    """An endpoint's label as a panel's title.

    It says so where a lower score is the better one, and where the plan does not have it.
    """
    notes = ["lower is better"] * (scale.direction == "lower_is_better") + ["post hoc"] * post_hoc
    note = f"\n({', '.join(notes)})" if notes else ""
    return legible(label, PANEL_TITLE_MM, 2, bold=True) + note


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
