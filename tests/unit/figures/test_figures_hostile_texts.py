"""Figures draw whatever their texts are, and hold nothing that only a text brought."""

import random
from xml.etree import ElementTree

import pytest
from figure_study import ENDPOINTS, NAMES, VISITS, make_study
from hostile_texts import PROOF, SIGNS, TEXTS, hostile_text
from matplotlib.figure import Figure
from owncontrol.figures import style
from owncontrol.figures.timeline import draw_timeline
from owncontrol.figures.words import legible

DRAWN = {"svg", "g", "path", "use", "defs", "style", "clipPath", "rect", "image"}


def hostile_study(seed):
    """A study whose labels, classes and codes are hostile texts."""
    rng = random.Random(seed)
    visits = [{**visit, "label": hostile_text(rng)} for visit in VISITS]
    endpoints = [{**item, "label": hostile_text(rng)} for item in ENDPOINTS[:3]]
    study = make_study(n=4, visits=visits, endpoints=endpoints, events=4)
    names = {name: rng.choice(TEXTS) or "x" for name in study.adverse_events["system_organ_class"]}
    study.adverse_events["system_organ_class"] = study.adverse_events["system_organ_class"].map(
        names
    )
    return study


@pytest.fixture
def svg_only(monkeypatch):
    """Figures are saved as SVG alone, which takes a third of the time."""
    monkeypatch.setattr(style, "METADATA", {"svg": style.METADATA["svg"]})


def saved(figure, name, folder):
    """The SVG of a figure, by its elements."""
    behind = make_study(n=1).flows[1]
    paths = {kind: str(folder / f"{name}.{kind}") for kind in ("svg", "csv")}
    style.save_figure(figure, behind, name, paths)
    return ElementTree.parse(paths["svg"]).getroot(), (folder / f"{name}.svg").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_a_figure_draws_any_label(seed, name, tmp_path, svg_only):
    with style.journal_style():
        root, text = saved(hostile_study(seed).draw(name), name, tmp_path)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= DRAWN
    assert PROOF not in text and "onload" not in text


@pytest.mark.filterwarnings("ignore:Glyph")  # a box is drawn
@pytest.mark.parametrize("text", ["\x00\x01", "\ue000 \ufffe", "$\\frac{", "<b>&amp;--"])
def test_a_text_that_no_function_made_legible_is_held_all_the_same(text, tmp_path, svg_only):
    with style.journal_style():
        figure = style.new_figure("single", 30, synthetic=True)
        axes = figure.subplots()
        axes.set_title(text)
        axes.set_xticks([0], [text])
        assert isinstance(figure, Figure)
        saved(figure, "any", tmp_path)


@pytest.mark.parametrize("text", SIGNS)
def test_a_label_has_no_sign_that_a_file_cannot_hold(text):
    shown = legible(text, 40)
    assert not any(ord(sign) < 32 and sign != "\n" for sign in shown)
    assert not set(shown) & set("\ue000\ufffe\u202e\x7f")


@pytest.mark.slow
@pytest.mark.parametrize("onset", ["_stroke", "{x}", "very " * 100])
def test_any_word_for_the_onset_is_in_the_legend(onset, tmp_path, svg_only):
    study = make_study(n=2)
    with style.journal_style():
        figure = draw_timeline(study.behind("timeline"), True, onset)
        words = [text.get_text().strip() for text in figure.legends[0].get_texts()]
        assert words[0][:2].lower() == onset[:2]
        assert max(map(len, words)) < 40
        saved(figure, "timeline", tmp_path)
