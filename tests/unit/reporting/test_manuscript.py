"""The manuscript for Word: editable styles, captions that count, references that hold."""

from types import SimpleNamespace

import docx
import pytest
from matplotlib.figure import Figure
from owncontrol.reporting import office
from owncontrol.reporting.first_page import Part
from owncontrol.reporting.manuscript import write_manuscript
from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.sentences import Ref
from owncontrol.reporting.word_document import room
from owncontrol.study.design import PATIENTS

CONTENT = """
{{ page.heading("Summary") }}
{% call page.note() %}{{ "Mind & this" }}{% endcall %}
{{ page.abstract(parts, ["paired_change"]) }}
{% call page.points() %}
One <{{ "b" }}>, see {{ page.ref("table", "wide") }}.

Two.
{% endcall %}
{% call page.paragraph() %}{{ bad }} and {{ page.ref("figure", "paired_change") }}{% endcall %}
{{ page.table(small) }}
{{ page.figure("paired_change") }}
{{ page.table(wide) }}
{{ page.patients() }}{{ page.dictionary() }}
"""
SMALL = Table("small", "A small <table>", ["", "n"], [["a", "1"]], "Its note.")
WIDE = Table("wide", "A wide one", ["Improvement"] * 12, [["12/13 (92 %)"] * 12])
PARTS = [
    Part("Results", [["12 improved, see ", Ref("table", "small"), "."]]),
    Part("Conclusion", [["More than expected."], ["No cause."]], leads=True),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The document, opened again."""
    folder = tmp_path_factory.mktemp("manuscript")
    (folder / "content.j2").write_text(CONTENT.replace("<{{", "&lt;{{"), "utf-8")
    figure = Figure(figsize=(3, 2))
    figure.savefig(folder / "paired_change.png", dpi=50)
    texts = {"paired_change": {"caption": "Before & after.", "alt": "Lines from left to right."}}
    document = write_manuscript(
        folder, None, texts, {"paired_change": folder / "paired_change.png"},
        settings=SimpleNamespace(title="A <title>", synthetic=True),
        who=PATIENTS, parts=PARTS, small=SMALL, wide=WIDE, bad="\x00<i>",
    )  # fmt: skip
    office.write_document(document, folder / "report.docx")
    return docx.Document(folder / "report.docx")


def texts(made, style):
    return [paragraph.text for paragraph in made.paragraphs if paragraph.style.name == style]


def test_each_block_has_a_style_that_a_co_author_can_change(made):
    assert texts(made, "Title") == ["A <title>"]
    assert texts(made, "Heading 1") == ["Summary"]
    assert texts(made, "Conclusion") == ["Mind & this", "Conclusion. More than expected. No cause."]
    assert "Results. 12 improved, see Table 1." in texts(made, "Normal")
    assert texts(made, "List Bullet") == ["One <b>, see Table 2.", "Two."]
    assert "[U+0000]<i> and Figure 1" in texts(made, "Normal")
    assert texts(made, "TableNote")[-2:] == ["Its note.", ""]


def test_captions_are_counted_by_word_and_references_lead_to_them(made):
    assert texts(made, "Caption") == [
        "Table 1. A small <table>",
        "Figure 1. Before & after.",
        "Table 2. A wide one",
    ]
    xml = made.element.xml
    for name in ("table_small", "figure_paired_change", "table_wide"):
        assert xml.count(f'w:name="{name}"') == 1
        assert f"REF {name} " in xml
    assert xml.count("SEQ Table ") == 2 and xml.count("SEQ Figure ") == 1


def test_a_table_that_is_too_wide_for_a_page_lies_across_and_the_next_one_does_not(made):
    assert [round(part.page_width.cm, 1) for part in made.sections] == [21.0, 29.7, 21.0]
    widths = [
        sum(
            int(column.get(f"{{{table._tbl.nsmap['w']}}}w"))
            for column in table._tbl.iter("{*}gridCol")
        )
        for table in made.tables
    ]
    assert room() * 20 < widths[1] <= room(is_wide=True) * 20 + 12


def test_pictures_have_alternative_texts_and_fit_the_page(made):
    described = [shape._inline.docPr.get("descr") for shape in made.inline_shapes]
    assert described == ["Before and after", "Lines from left to right."]
    assert all(shape.width.pt <= room() for shape in made.inline_shapes)
