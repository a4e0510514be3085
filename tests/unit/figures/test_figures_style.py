"""Colours, words and files of the figures."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pypdf
import pytest
from analysis_study import scale_of
from figure_study import ENDPOINTS, make_study
from matplotlib.colors import to_rgb
from matplotlib.font_manager import findfont, fontManager
from owncontrol.basics.fonts import font_files
from owncontrol.figures import change_map, style, time_to_improvement, words
from owncontrol.figures.readability import text_faults
from owncontrol.figures.style import journal_style, new_figure, save_figure
from owncontrol.figures.words import fits, legible, text_width
from PIL import Image

ROOT = Path(__file__).parents[3]
SAVED = ("timeline", "ais_transitions", "change_map", "paired_change")
# Simulation of colour-blindness on linear RGB (Machado, Oliveira, Fernandes 2009, severity 1.0:
# the matrices that they publish).
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
PROTANOPIA = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
TRITANOPIA = np.array(
    [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]
)
VISIONS = {
    "usual": np.eye(3),
    "deuteranopia": DEUTERANOPIA,
    "protanopia": PROTANOPIA,
    "tritanopia": TRITANOPIA,
}
SHADES = {
    word: [style.tint(colour, share) for share in change_map.SHADES.values()]
    for word, colour in (("better", style.BETTER), ("worse", style.WORSE))
}
# Colours of one figure that mean different things.
TOGETHER = {
    "ais": [*style.AIS_COLOURS.values(), style.UNKNOWN_COLOUR],
    "severity": list(style.SEVERITY_COLOURS.values()),
    "direction": [style.BETTER, style.SAME, style.WORSE],
    "clocks": [style.TREATMENT_COLOUR, style.PREPARATION_COLOUR],
    "change map, better": [*SHADES["better"], style.PAPER],
    "change map, worse": [*SHADES["worse"], style.PAPER],
    "change map, palest": [SHADES["better"][-1], SHADES["worse"][-1], style.PAPER],
    "time to improvement": [
        style.BETTER, time_to_improvement.BETWEEN, time_to_improvement.MEDIAN["color"], style.PAPER
    ],
    "specifications": [style.BETTER, style.SAME, style.tint(style.BETTER, 0.55), style.PAPER],
}  # fmt: skip
# Draws a figure and prints the hash of each file; run in processes of their own.
HASHES = """
import hashlib, sys
from figure_study import ENDPOINTS, make_study
from owncontrol.figures.style import journal_style, save_figure
study, folder = make_study(n=4, endpoints=ENDPOINTS[:3]), sys.argv[1]
with journal_style():
    for name in sys.argv[2:]:
        paths = {kind: f"{folder}/{name}.{kind}" for kind in ("pdf", "svg", "png", "csv")}
        save_figure(study.draw(name), study.behind(name), name, paths)
        for path in paths.values():
            print(path.removeprefix(folder), hashlib.sha256(open(path, "rb").read()).hexdigest())
"""


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE L*a*b* of linear sRGB (D65)."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Some figures as files; all are saved by the same function."""
    folder = tmp_path_factory.mktemp("figures")
    study = make_study(n=4, endpoints=ENDPOINTS[:3])
    with journal_style():
        for name in SAVED:
            paths = {kind: str(folder / f"{name}.{kind}") for kind in ("pdf", "svg", "png", "csv")}
            assert save_figure(study.draw(name), study.behind(name), name, paths) == []
    return folder


@pytest.mark.parametrize("scale", ["AIS_COLOURS", "SEVERITY_COLOURS"])
def test_ordered_colours_keep_order_and_distance_in_greyscale(scale):
    lightness = [lab(linear(colour))[0] for colour in getattr(style, scale).values()]
    steps = np.diff(lightness)
    assert (np.sign(steps) == np.sign(steps[0])).all()
    assert np.abs(steps).min() > 10


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("colours", TOGETHER)
def test_colours_stay_apart_for_every_reader(colours, vision):
    seen = [lab(VISIONS[vision] @ linear(colour)) for colour in TOGETHER[colours]]
    distances = [np.linalg.norm(one - other) for one, other in combinations(seen, 2)]
    assert min(distances) > 12


@pytest.mark.parametrize(
    ("colours", "step"),
    [
        ("change map, better", 10),
        ("change map, worse", 6),
        ("time to improvement", 15),
    ],
)
def test_tints_differ_in_lightness_and_so_in_greyscale(colours, step):
    lightness = sorted(lab(linear(colour))[0] for colour in TOGETHER[colours])
    assert min(np.diff(lightness)) > step


@pytest.mark.parametrize("colour", [*style.AIS_COLOURS.values(), style.UNKNOWN_COLOUR])
def test_text_in_a_box_has_the_contrast_of_wcag_aa(colour):
    assert style.contrast(style.text_colour(colour), colour) >= 4.5


def test_text_and_thin_lines_stand_out_from_the_paper():
    assert (
        min(style.contrast(c, style.PAPER) for c in (style.INK, style.MUTED, style.WARNING)) > 4.5
    )
    for colour in (style.BETTER, style.SAME, style.WORSE, style.PREPARATION_COLOUR):
        assert style.contrast(colour, style.PAPER) >= 3.0


def test_contrast_is_the_one_of_wcag():
    assert style.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert style.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_letters_come_with_matplotlib_and_are_seven_to_eight_points():
    with journal_style():
        assert Path(findfont("DejaVu Sans")).is_relative_to(matplotlib.get_data_path())
        sizes = {
            key: value
            for key, value in matplotlib.rcParams.items()
            if key
            in (
                "font.size",
                "axes.titlesize",
                "axes.labelsize",
                "xtick.labelsize",
                "ytick.labelsize",
                "legend.fontsize",
                "figure.titlesize",
            )
        }
        assert all(7 <= size <= 8 for size in sizes.values())


def test_fonts_of_the_machine_do_not_take_the_place_of_the_figures_own(monkeypatch):
    others = [
        replace(entry, fname=f"/elsewhere/{Path(entry.fname).name}")
        for entry in fontManager.ttflist
    ]
    monkeypatch.setattr(fontManager, "ttflist", others)
    words.add_fonts.__wrapped__()
    for weight in ("normal", "bold"):
        found = findfont(f"DejaVu Sans:{weight}")
        assert Path(found).is_relative_to(matplotlib.get_data_path())
        assert findfont(f"IPAexGothic:{weight}") == str(font_files()[-1])
    assert "Bold" in findfont("DejaVu Sans:bold")


def test_settings_of_the_user_do_not_reach_a_figure():
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black"}), journal_style():
        assert matplotlib.rcParams["font.size"] == 7
        assert matplotlib.rcParams["axes.facecolor"] == "white"


def test_width_of_text_is_what_is_drawn():
    with journal_style():
        figure = new_figure("single", 40, synthetic=False)
        for label, bold in (("Pre-infusion", False), ("Total motor score", True)):
            text = figure.text(
                0.1,
                0.5,
                label,
                fontsize=7.5 if bold else 7,
                fontweight="bold" if bold else "normal",
            )
            drawn = text.get_window_extent().width / figure.dpi * 25.4
            assert text_width(label, bold) == pytest.approx(drawn, abs=0.3)


@pytest.mark.parametrize(
    "text",
    [
        "short",
        "two words that need more than a line",
        "Donaudampfschifffahrtsgesellschaft" * 9,
        "x " * 300,
        "a\nb\tc",
        "",
    ],
)
@pytest.mark.parametrize("lines", [1, 2])
def test_labels_fit_their_room(text, lines):
    shown = legible(text, 20, lines).split("\n")
    assert len(shown) <= lines
    assert all(text_width(line) <= 20 for line in shown)
    whole = " ".join(text.split())
    assert shown[-1].endswith("\u2026") or "".join(shown).replace(" ", "") == whole.replace(" ", "")
    if fits(text, 20, lines):
        assert " ".join(shown) == whole


def test_letters_that_no_font_has_become_boxes_and_are_logged(caplog):
    assert legible("\u6cbb\u7642 day 7 \U0001f9a9", 50) == "\u6cbb\u7642 day 7 \u25a1"
    assert "no letters for part of: \u6cbb\u7642 day 7" in caplog.text


def test_japanese_is_embedded_and_complete(tmp_path, caplog):
    text = "\u810a\u9ac4\u640d\u50b7 day 7, \u611f\u67d3\u75c7"
    with journal_style():
        figure = new_figure("single", 40, synthetic=True)
        figure.subplots().set_axis_off()
        figure.text(0.1, 0.5, text)
        figure.text(0.1, 0.2, text, fontweight="bold")
        paths = {kind: str(tmp_path / f"f.{kind}") for kind in ("pdf", "svg", "png", "csv")}
        assert save_figure(figure, pd.DataFrame({"a": [1]}), "japanese", paths) == []
    assert caplog.text == ""  # Matplotlib names each glyph that it does not find, and each font
    page = pypdf.PdfReader(tmp_path / "f.pdf").pages[0]
    assert page.extract_text().count(text) == 2
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    named = {font["/BaseFont"].partition("+")[2] for font in fonts}
    assert named == {"DejaVuSans", "DejaVuSans-Bold", "IPAexGothic"}
    for font in fonts:
        described = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert len(described["/FontFile2"].get_object().get_data()) > 1000


@pytest.mark.parametrize("bold", [False, True])
def test_the_width_of_japanese_is_that_of_its_letters(bold):
    em = (words.TITLE_SIZE if bold else words.SIZE) * words.MM_PER_POINT
    assert words.text_width("\u810a\u9ac4\u640d\u50b7", bold) == pytest.approx(4 * em, rel=0.03)


def test_overlapping_and_cut_off_texts_are_found():
    with journal_style():
        figure = new_figure("single", 40, synthetic=False)
        figure.text(0.5, 0.5, "first")
        figure.text(0.51, 0.52, "second", rotation=30, rotation_mode="anchor")
        figure.text(0.98, 0.1, "outside")
        figure.text(0.1, 0.1, "apart")
        figure.draw_without_rendering()
        faults = text_faults(figure)
    assert faults == ["cut off at the edge: 'outside'", "overlapping: 'first' and 'second'"]


def test_hidden_texts_and_slanted_neighbours_are_no_fault():
    with journal_style():
        figure = new_figure("single", 40, synthetic=False)
        axes = figure.subplots()
        axes.set_axis_off()
        figure.text(0.5, 0.5, "not shown").set_visible(False)
        figure.text(0.5, 0.5, "shown")
        for place in (0.2, 0.25, 0.3):
            figure.text(place, 0.9, "a long label", rotation=40, ha="right", rotation_mode="anchor")
        figure.draw_without_rendering()
        assert text_faults(figure) == []


@pytest.mark.parametrize("width", style.WIDTHS)
def test_synthetic_data_are_marked(width):
    with journal_style():
        figure = new_figure(width, 40, synthetic=True)
        assert [text.get_text() for text in figure.texts] == ["SYNTHETIC DATA"]
        assert new_figure(width, 40, synthetic=False).texts == []
        assert figure.get_figwidth() * 25.4 == pytest.approx(style.WIDTHS[width])


@pytest.mark.slow
@pytest.mark.parametrize("name", SAVED)
def test_files_are_complete_and_say_no_time(saved, name):
    pdf = (saved / f"{name}.pdf").read_bytes()
    assert b"/FontFile2" in pdf and b"/Type3" not in pdf
    assert b"CreationDate" not in pdf and b"DejaVuSans" in pdf
    text = (saved / f"{name}.svg").read_text("utf-8")
    svg = ElementTree.fromstring(text)
    assert "<dc:date>" not in text
    references = re.findall(r'(?:href|src)="([^"]*)"', text)
    assert references and all(reference.startswith("#") for reference in references)
    inches = [float(svg.attrib[side].removesuffix("pt")) / 72 for side in ("width", "height")]
    with Image.open(saved / f"{name}.png") as picture:
        assert picture.size == pytest.approx([600 * side for side in inches], abs=1)
    assert 25.4 * inches[0] in [pytest.approx(width) for width in style.WIDTHS.values()]


@pytest.mark.slow
def test_the_same_bytes_again_in_another_process(saved, tmp_path):
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "4242",
        "TZ": "Asia/Tokyo",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "workflow/lib"), str(ROOT / "tests/helpers")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", HASHES, str(tmp_path), *SAVED],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert len(done.stdout.splitlines()) == 4 * len(SAVED)
    for path in sorted(tmp_path.iterdir()):
        assert path.read_bytes() == (saved / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ((), ("C1", "INT")),
        (("C5", "C5"), ("C2", "C8")),
        (("C4", "T2"), ("C4", "T2")),
        (("C1", "C1"), ("C1", "C6")),
        (("INT", "INT"), ("L4", "INT")),
    ],
)
def test_of_many_levels_the_axis_spans_those_that_were_seen(seen, expected):
    """A change of one level shows; the axis of few grades spans all of them."""
    scale = scale_of("isncsci", "neurological_level_of_injury")
    values = {level.text: level.value for level in scale.levels}
    with journal_style():
        axes = new_figure("single", 40, synthetic=False).subplots()
        axes.plot([values[text] for text in seen])
        style.show_scale(axes, scale)
        shown = [label.get_text() for label in axes.get_yticklabels()]
        low, high = axes.get_ylim()
    inside = [text for text, value in values.items() if low <= value <= high]
    assert (inside[0], inside[-1]) == expected
    assert shown[0] == expected[0]
    assert set(shown) <= set(inside)
    assert len(shown) <= style.MOST_LEVELS
