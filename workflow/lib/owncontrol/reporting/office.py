"""Tables for Word and the journal: .docx and .csv; the same bytes each time."""

import io
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.word_document import NOTE_STYLE, new_document, room, turn
from owncontrol.reporting.word_tables import cell_text, type_size, word_table
from owncontrol.reporting.zipped import write_archive, xml_text
from owncontrol.tables import write_table


def lines_of(table: Table) -> list[list[str]]:
    """Head and rows in plain text; where there are groups, the group of each row comes first."""
    header = [cell_text(cell) for cell in table.header]
    lines, group = [header], ""
    for place, row in enumerate(table.rows):
        group = table.groups.get(place, group)
        lines.append([*([group] if table.groups else []), *map(cell_text, row)])
    if table.groups:
        lines[0] = ["Group", *header]
    return lines


def write_csv(table: Table, path: Path | str) -> None:
    """A table as CSV: group, then its columns; ``write_table`` guards formulas."""
    header, *rows = lines_of(table)
    frame = pd.DataFrame(rows, columns=range(len(header)), dtype="str")
    frame.columns = pd.Index(header)
    write_table(frame, path)


def write_docx(table: Table, path: Path | str, synthetic: bool) -> None:
    """A table as Word file: title, the table with its rules and a repeated head, note."""
    document = new_document(table.title, synthetic=False)
    is_wide = type_size(table, room()) is None
    turn(document.sections[0], is_wide)
    title = document.add_paragraph(style="Caption")
    title.paragraph_format.keep_with_next = True
    title.add_run("Table. ").bold = True
    title.add_run(xml_text(("SYNTHETIC data. " if synthetic else "") + table.title))
    document.element.body.insert_element_before(word_table(table, room(is_wide)), "w:sectPr")
    if table.note:
        document.add_paragraph(xml_text(cell_text(table.note)), style=NOTE_STYLE)
    write_document(document, path)


def write_document(document: Any, path: Path | str) -> None:
    """A document of Word, the same bytes each time."""
    packed = io.BytesIO()
    document.save(packed)
    write_archive(packed, path)
