"""A table of the report as one of Word: own widths, a head that repeats, rules as in journals."""

from collections.abc import Sequence
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from markupsafe import escape

from owncontrol.reporting.column_widths import column_widths, fits, in_one_line
from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.zipped import xml_text

# Paragraph styles of a table, which a co-author can change in one place.
TEXT_STYLE, HEAD_STYLE = "TableText", "TableHead"
TWIPS = 20  # of a point
# Width of a sign by the size of the type: that of a wide font, as Word may have another than ours.
SIGN = 0.6
PADDING = 2.5  # signs between two columns; heads are bold, and so wider
SIZES = (8.0, 7.5, 7.0)  # points, the largest that fits is taken
RULE = '<w:{} w:val="single" w:sz="6" w:space="0" w:color="auto"/>'


def cell_text(cell: Any) -> str:
    """A cell of a table in plain text."""
    return "".join(map(str, cell)) if isinstance(cell, list) else str(cell)


def texts_of(table: Table) -> list[list[str]]:
    """Header and rows as plain text that a file of XML can hold; short cells stay in one line."""
    header = [xml_text(cell_text(cell)) for cell in table.header]
    rows = ([xml_text(cell_text(cell)) for cell in row] for row in table.rows)
    return [header, *([in_one_line(text) for text in row] for row in rows)]


def type_size(table: Table, room: float) -> float | None:
    """The size of type in which the table fits ``room`` points; None where it fits in none."""
    texts = texts_of(table)
    sizes = (size for size in SIZES if fits(texts, room / (size * SIGN), PADDING))
    return next(sizes, None)


def word_table(table: Table, room: float) -> Any:
    """The element of a table that is at most ``room`` points wide."""
    size = type_size(table, room) or SIZES[-1]
    texts = texts_of(table)
    sign = size * SIGN * TWIPS
    signs = column_widths(texts, room * TWIPS / sign, PADDING)
    widths = [round(width * sign) for width in signs]
    last = len(table.rows) - 1
    lines = [_row(texts[0], widths, size, edges=("top", "bottom"), is_head=True)]
    for place, row in enumerate(texts[1:]):
        if place in table.groups:
            lines.append(_group(xml_text(table.groups[place]), widths, size))
        lines.append(_row(row, widths, size, edges=("bottom",) if place == last else ()))
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="20" w:type="dxa"/>'
        '<w:left w:w="0" w:type="dxa"/><w:bottom w:w="20" w:type="dxa"/>'
        '<w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{''.join(lines)}</w:tbl>"
    )


def _row(
    texts: Sequence[str],
    widths: Sequence[int],
    size: float,
    edges: Sequence[str] = (),
    is_head: bool = False,
) -> str:
    """A row that no page break divides; a head is repeated on every page."""
    style = HEAD_STYLE if is_head else TEXT_STYLE
    cells = "".join(
        _cell(text, width, size, style, edges) for text, width in zip(texts, widths, strict=True)
    )
    return (
        f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if is_head else ''}</w:trPr>{cells}</w:tr>"
    )


def _group(text: str, widths: Sequence[int], size: float) -> str:
    """The label of a group over all columns, on the page of its first row."""
    cell = _cell(text, sum(widths), size, HEAD_STYLE, (), span=len(widths), keep=True)
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cell}</w:tr>"


def _cell(
    text: str,
    width: int,
    size: float,
    style: str,
    edges: Sequence[str],
    span: int = 1,
    keep: bool = False,
) -> str:
    borders = "".join(RULE.format(edge) for edge in edges)
    borders = f"<w:tcBorders>{borders}</w:tcBorders>" if borders else ""
    across = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    own = "" if size == SIZES[0] else f'<w:rPr><w:sz w:val="{round(2 * size)}"/></w:rPr>'
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{across}{borders}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{"<w:keepNext/>" if keep else ""}</w:pPr>'
        f'<w:r>{own}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
    )
