"""The paper of the example study: tagged, with all its letters, its numbers and its references."""

import re

import pypdf
import pytest


@pytest.fixture(scope="module")
def paper(finished):
    return pypdf.PdfReader(finished / "results/example/report/report.pdf")


@pytest.fixture(scope="module")
def text(paper):
    return "\n".join(page.extract_text() for page in paper.pages)


def test_it_says_that_it_follows_pdf_ua(paper):
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert paper.metadata.title


def elements(node):
    """All structure elements below a node."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from elements(kid)


def test_every_figure_has_an_alternative_text_and_tables_have_heads(paper):
    found = list(elements(paper.trailer["/Root"]["/StructTreeRoot"]))
    kinds = [element["/S"] for element in found]
    figures = [element for element in found if element["/S"] == "/Figure"]
    assert len(figures) >= 4
    assert all(len(element["/Alt"]) > 20 for element in figures)
    assert kinds.count("/Table") >= 10
    assert kinds.count("/TH") > kinds.count("/Table")


def test_every_font_is_embedded(paper):
    descriptors = [
        font["/DescendantFonts"][0]["/FontDescriptor"]
        for page in paper.pages
        for font in page["/Resources"].get("/Font", {}).values()
    ]
    assert descriptors
    for descriptor in descriptors:
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.get_object())


def test_no_letter_is_missing(text):
    assert "\ufffd" not in text and "\x00" not in text
    assert "[U+" not in text
    assert "\\" not in text
    for sign in ("\u2212", "\u2013", "\u207b" if "\u207b" in text else "\u2078"):
        assert sign in text


def test_bookmarks_are_the_sections(paper):
    names = [entry.title for entry in paper.outline if not isinstance(entry, list)]
    assert names[0] == "1 Summary" and names[-1].endswith(" Data dictionary")
    assert len(names) > 8


def test_tables_and_figures_are_numbered_and_referred_to(text):
    flat = re.sub(r"\s+", " ", text)
    for kind in ("Table", "Figure"):
        captions = {int(n) for n in re.findall(rf"{kind} (\d+): ", flat)}
        assert captions == set(range(1, len(captions) + 1)) and captions
        referred = {int(n) for n in re.findall(rf"{kind} (\d+)(?!: |\d)", flat)}
        assert referred and referred <= captions


def test_figures_are_drawn_and_not_pictures_of_points(paper):
    for page in paper.pages:
        objects = page["/Resources"].get("/XObject", {})
        assert all(entry["/Subtype"] != "/Image" for entry in objects.values())


def test_no_result_stands_beside_nothing(text):
    assert not re.search(r"\bnan\b|Undefined", text)
