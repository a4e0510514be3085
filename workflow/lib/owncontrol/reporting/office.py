"""Tables for Word and the journal: .docx and .csv; the same bytes each time."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import pandas as pd
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.zipped import EPOCH, property_text, write_archive, xml_text
from owncontrol.tables import write_table


def cell_text(cell: Any) -> str:
    """A cell of a table in plain text."""
    return "".join(map(str, cell)) if isinstance(cell, list) else str(cell)


def write_csv(table: Table, path: Path | str) -> None:
    """A table as CSV: group, then its columns; ``write_table`` guards formulas."""
    rows, group = [], ""
    for place, row in enumerate(table.rows):
        group = table.groups.get(place, group)
        rows.append([group, *map(cell_text, row)])
    header = ["Group", *map(cell_text, table.header)]
    frame = pd.DataFrame(rows, columns=range(len(header)), dtype="str")
    frame.columns = pd.Index(header)
    write_table(frame if table.groups else frame.iloc[:, 1:], path)


def write_docx(table: Table, path: Path | str, synthetic: bool) -> None:
    """A table as Word file: title, the table with its rules and a repeated head, note."""
    document = docx.Document()
    document.styles["Normal"].font.size = Pt(9)
    title = document.add_paragraph()
    title.paragraph_format.keep_with_next = True
    title.add_run("Table. ").bold = True
    title.add_run(xml_text(("SYNTHETIC data. " if synthetic else "") + table.title))
    _fill(document, table)
    if table.note:
        document.add_paragraph(xml_text(cell_text(table.note))).style = "Caption"
    properties = document.core_properties
    properties.title, properties.author = property_text(table.title), "owncontrol"
    properties.created = properties.modified = EPOCH
    packed = io.BytesIO()
    document.save(packed)
    write_archive(packed, path)


def _fill(document: Any, table: Table) -> None:
    lines: list[tuple[str, Sequence[str]]] = [("head", [cell_text(cell) for cell in table.header])]
    for place, row in enumerate(table.rows):
        if place in table.groups:
            lines.append(("group", [table.groups[place], *[""] * (len(table.header) - 1)]))
        lines.append(("row", [cell_text(cell) for cell in row]))
    made = document.add_table(rows=len(lines), cols=len(table.header))
    made.autofit = True
    _rules(made, len(lines))
    for (kind, texts), line in zip(lines, made.rows, strict=True):
        for text, cell in zip(texts, line.cells, strict=True):
            run = cell.paragraphs[0].add_run(xml_text(text))
            run.bold, run.font.size = kind != "row", Pt(8)
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _rules(made: Any, count: int) -> None:
    """A line above and below the head, and one below the table, as journals set them."""
    for place, edges in ((0, ("top", "bottom")), (count - 1, ("bottom",))):
        for cell in made.rows[place].cells:
            borders = OxmlElement("w:tcBorders")
            for edge in edges:
                line = OxmlElement(f"w:{edge}")
                line.set(qn("w:val"), "single")
                line.set(qn("w:sz"), "6")
                borders.append(line)
            cell._tc.get_or_add_tcPr().append(borders)
