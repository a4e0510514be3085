"""SVG pictures in the page: smaller, and still the same picture."""

import io
import re
from urllib.parse import unquote

import pandas as pd
import pytest
from figure_study import make_study
from owncontrol.figures.style import journal_style, save_figure
from owncontrol.figures.svg import smaller_svg
from owncontrol.reporting.html import Page
from owncontrol.reporting.patient_pages import PatientPages
from owncontrol.reporting.pictures import complete, image_address
from owncontrol.tables import fields


@pytest.fixture(scope="module")
def drawn():
    """A figure as Matplotlib writes it, and as ``save_figure`` does."""
    study, plain = make_study(n=3), io.BytesIO()
    with journal_style():
        study.draw("timeline").savefig(plain, format="svg")
    return plain.getvalue().decode(), smaller_svg(plain.getvalue().decode())


@pytest.fixture(scope="module")
def svg(tmp_path_factory):
    study, folder = make_study(n=3), tmp_path_factory.mktemp("figure")
    paths = {kind: str(folder / f"f.{kind}") for kind in ("pdf", "svg", "png", "csv")}
    with journal_style():
        save_figure(study.draw("timeline"), study.behind("timeline"), "timeline", paths)
    return folder / "f.svg"


def test_a_figure_becomes_much_smaller_and_keeps_its_shapes(drawn):
    before, after = drawn
    assert len(after) < 0.7 * len(before)
    for shape in ("<use", "<path", "<clipPath", "<rect"):
        assert after.count(shape) == before.count(shape)
    assert "metadata" not in after and "matplotlib" not in after.lower()


def test_a_saved_figure_is_the_small_one(svg, drawn):
    saved = svg.read_text()
    assert "metadata" not in saved and saved.count("<path") == drawn[1].count("<path")


def test_every_reference_of_the_small_picture_is_there(svg):
    text = svg.read_text()
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    referred = set(re.findall(r'href="#([^"]+)"', text)) | set(re.findall(r"url\(#([^)]+)\)", text))
    assert referred <= set(ids) and len(referred) > 10
    assert set(re.findall(r'class="(s\d+)"', text)) <= set(re.findall(r"\.(s\d+)\{", text))


def test_coordinates_keep_five_digits_and_styles_are_shared():
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg"><g><g id="unused">'
        '<path d="M 10.123456 2 \nL -0.0000123456 300.98765 \nz" style="fill: #fff; stroke: red"/>'
        '<path id="a" d="M 1 2" style="fill: #fff; stroke: red"/></g></g></svg>'
    )
    assert smaller_svg(text) == (
        '<svg xmlns="http://www.w3.org/2000/svg">'
        '<path d="M10.123 2L-1.2346e-05 300.99z" class="s0"/>'
        '<path d="M1 2" class="s0"/><style>.s0{fill:#fff;stroke:red}</style></svg>'
    )


def test_a_letter_is_moved_along_its_line_by_its_place():
    start = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    use = '<use href="#a" transform="translate({} {})"/>'
    small = smaller_svg(f"{start}{use.format(110.300001, 0)}{use.format(1, 2)}</svg>")
    assert '<use href="#i0" x="110.3"/>' in small
    assert '<use href="#i0" transform="translate(1 2)"/>' in small


def test_the_address_is_safe_in_an_attribute_and_reads_back(svg):
    address = str(image_address(svg))
    assert not set('"\n#') & set(address)
    text = unquote(address.removeprefix("data:image/svg+xml,")).replace("&amp;", "&")
    assert text.replace("'", '"') == svg.read_text().replace("xlink:href", "href")


@pytest.fixture(scope="module")
def page():
    """A page of one figure and the dictionary, whose caption looks like another place."""
    texts = {"f": {"caption": '<img data-figure="g" <!-- data dictionary -->', "alt": "A picture"}}
    parts = Page(texts, PatientPages())
    return f"{parts.figure('f')}<hr>{parts.dictionary()}"


@pytest.fixture(scope="module")
def described():
    return pd.DataFrame([dict.fromkeys(fields("data_dictionary"), "word")])


def test_picture_and_dictionary_come_into_their_places(page, described, svg):
    whole = complete(page, {"f": svg}, described)
    assert f'<img src="{image_address(svg)}" alt="A picture">' in whole
    figure, _, dictionary = whole.partition("<hr>")
    assert "word: 1 column" in dictionary and "word" not in figure
    assert "&lt;!-- data dictionary --&gt;" in figure and "data-figure=&#34;g&#34;" in figure


def test_a_picture_without_a_place_is_an_error(page, described, svg):
    with pytest.raises(ValueError, match=r"data-figure=.g."):
        complete(page, {"f": svg, "g": svg}, described)
