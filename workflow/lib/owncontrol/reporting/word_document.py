"""An empty document of Word with the styles of the manuscript."""

from pathlib import Path
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from owncontrol.reporting.word_tables import HEAD_STYLE, TEXT_STYLE
from owncontrol.reporting.zipped import EPOCH, property_text

LONG, SHORT, MARGIN = 29.7, 21.0, 2.2  # cm, A4
POINTS = 72 / 2.54  # of a centimetre
FONT = "Arial"
NOTE_STYLE, LEAD_STYLE = "TableNote", "Conclusion"
DARK = RGBColor(0x1B, 0x1F, 0x24)


def room(is_wide: bool = False) -> float:
    """Width of the text in points, of a page upright or (``is_wide``) across."""
    return ((LONG if is_wide else SHORT) - 2 * MARGIN) * POINTS


def new_document(title: str, synthetic: bool) -> Any:
    """A document with its styles, its language and numbered pages; the same bytes each time."""
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = property_text(title), "owncontrol"
    properties.created = properties.modified = EPOCH
    properties.language = "en-GB"
    _styles(document.styles)
    section = document.sections[0]
    turn(section, is_wide=False)
    section.footer.paragraphs[0].alignment = 1
    section.footer.paragraphs[0]._p.append(field("PAGE", "1"))
    if synthetic:
        section.header.paragraphs[0].text = "SYNTHETIC DATA"
        section.header.paragraphs[0].alignment = 2
    return document


def turn(section: Any, is_wide: bool) -> None:
    """A section upright or across."""
    section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    width, height = (LONG, SHORT) if is_wide else (SHORT, LONG)
    section.page_width, section.page_height = Cm(width), Cm(height)
    section.left_margin = section.right_margin = Cm(MARGIN)
    section.top_margin = section.bottom_margin = Cm(MARGIN)


def _styles(styles: Any) -> None:
    """Text, headings, captions, tables and notes, each in one place."""
    normal = styles["Normal"]
    _font(normal, 10)
    normal.paragraph_format.space_after = Pt(6)
    normal.element.rPr.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="en-GB"/>'))
    for name, size in (("Title", 18), ("Heading 1", 14), ("Heading 2", 11.5), ("Caption", 9)):
        _font(styles[name], size, is_bold=name != "Caption")
    styles["Caption"].paragraph_format.space_before = Pt(10)
    for name, size, is_bold in (
        (TEXT_STYLE, 8, False),
        (HEAD_STYLE, 8, True),
        (NOTE_STYLE, 8, False),
        (LEAD_STYLE, 10, False),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _font(style, size, is_bold)
        style.paragraph_format.space_after = Pt(10 if name == NOTE_STYLE else 0)
    styles[NOTE_STYLE].paragraph_format.space_before = Pt(3)
    styles[LEAD_STYLE].paragraph_format.space_after = Pt(6)
    shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="FFF4E0"/>')
    styles[LEAD_STYLE].element.get_or_add_pPr().append(shade)


def _font(style: Any, size: float, is_bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold = FONT, Pt(size), is_bold
    style.font.italic, style.font.color.rgb = False, DARK
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{key}"), None)


def field(code: str, shown: str) -> Any:
    """A run with a field of Word: its code, and what it shows before it is updated."""
    begin, between, end = (
        f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "separate", "end")
    )
    return parse_xml(
        f'<w:r {nsdecls("w")}>{begin}<w:instrText xml:space="preserve"> {code} </w:instrText>'
        f"{between}<w:t>{shown}</w:t>{end}</w:r>"
    )


def bookmarked(name: str, number: int, kind: str, shown: int) -> list[Any]:
    """``Table 3`` as a caption has it: counted by Word, and bookmarked for references."""
    mark = f'{nsdecls("w")} w:id="{number}"'
    return [
        parse_xml(f'<w:bookmarkStart {mark} w:name="{name}"/>'),
        parse_xml(
            f"<w:r {nsdecls('w')}><w:rPr><w:b/></w:rPr>"
            f'<w:t xml:space="preserve">{kind} </w:t></w:r>'
        ),
        field(f"SEQ {kind} \\* ARABIC", str(shown)),
        parse_xml(f"<w:bookmarkEnd {mark}/>"),
    ]


def add_picture(run: Any, path: Path, width: float, most_height: float, alt: str) -> None:
    """A picture of at most ``width`` by ``most_height`` points, with its alternative text."""
    shape = run.add_picture(str(path))
    share = min(1.0, width * 12700 / shape.width, most_height * 12700 / shape.height)
    shape.width, shape.height = round(shape.width * share), round(shape.height * share)
    shape._inline.docPr.set("descr", alt)
