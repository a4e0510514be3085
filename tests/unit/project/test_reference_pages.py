"""The reference lies in the repository as it is made, and the gallery has every figure."""

import re
import sys
from pathlib import Path

import pytest
from owncontrol.figures.catalogue import FIGURES

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def write_reference():
    sys.path.insert(0, str(ROOT / "workflow/scripts"))
    try:
        import write_reference
    finally:
        sys.path.pop(0)
    return write_reference


NAMES = ["commands", "config", "findings", "instruments", "library", "tables"]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_the_reference_is_as_make_docs_makes_it(write_reference, name):
    assert sorted(write_reference.PAGES) == NAMES
    assert (DOCS / f"reference/{name}.md").read_text("utf-8") == write_reference.page(name)


def test_every_page_of_the_reference_is_made():
    assert sorted(path.stem for path in (DOCS / "reference").iterdir()) == NAMES


def test_the_gallery_has_each_figure_once():
    page = (DOCS / "gallery.md").read_text("utf-8")
    shown = re.findall(r"!\[[^\]]+\]\(figures/(\w+)\.png\)", page)
    assert shown == [entry.name for entry in FIGURES]
    assert {path.stem for path in (DOCS / "figures").iterdir()} == set(shown)


def test_no_page_links_to_a_file_that_is_not_there():
    for page in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page}: {target}"
