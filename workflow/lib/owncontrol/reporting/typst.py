"""The report as Typst source, for the PDF; the same content as the page."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from owncontrol.reporting.numbers import Numbers, Shown
from owncontrol.reporting.tables import Table

SPECIAL = re.compile(r"([\\#$*_@<>`\[\]~=/+\-'\"])")


class Source(str):
    """Text that is Typst source already."""


def source(value: Any) -> Source:
    """Text as Typst source: every sign with a meaning in Typst is escaped."""
    return value if isinstance(value, Source) else Source(SPECIAL.sub(r"\\\1", str(value)))


def mark(shown: Shown) -> Source:
    """A number in print is its text."""
    return source(shown.text)


def quoted(text: str) -> str:
    """A Typst string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Page:
    """The building blocks of the report's content, as Typst source.

    ``figures``: by name, the SVG file relative to the Typst root, caption and alternative text.
    """

    def __init__(self, figures: dict[str, dict[str, Any]]) -> None:
        """Take the figures."""
        self.figures = figures

    def heading(self, text: str, level: int = 2) -> Source:
        """A heading; the title is level 1 on the page and no heading in print."""
        return Source(f"\n{'=' * (level - 1)} {source(text)}\n")

    def paragraph(self, caller: Callable[[], str]) -> Source:
        """A paragraph."""
        return Source(f"\n{_flat(caller())}\n")

    def points(self, caller: Callable[[], str]) -> Source:
        """A list; each line of the block that is not empty is a point."""
        lines = [line.strip() for line in caller().splitlines() if line.strip()]
        return Source("\n" + "\n".join(f"- {line}" for line in lines) + "\n")

    def note(self, caller: Callable[[], str]) -> Source:
        """A paragraph that must not be overlooked."""
        return Source(f"\n#note[{_flat(caller())}]\n")

    def table(self, table: Table) -> Source:
        """A numbered table with caption and note."""
        cells = [f"table.header({', '.join(f'[{_cell(cell)}]' for cell in table.header)})"]
        for index, row in enumerate(table.rows):
            if index in table.groups:
                cells.append(
                    f"table.cell(colspan: {len(table.header)})"
                    f"[#strong[{source(table.groups[index])}]]"
                )
            cells += [f"[{_cell(cell)}]" for cell in row]
        body = ",\n  ".join(cells)
        return Source(
            f"\n#report-table({len(table.header)}, caption: [{source(table.title)}], "
            f"note: [{source(table.note)}],\n  {body},\n) <table-{table.name}>\n"
        )

    def figure(self, name: str) -> Source:
        """A numbered figure with caption and alternative text."""
        entry = self.figures[name]
        return Source(
            f"\n#figure(image({quoted(entry['path'])}, alt: {quoted(entry['alt'])}), "
            f"caption: [{source(entry['caption'])}]) <figure-{name}>\n"
        )

    def patients(self) -> Source:
        """A paper has no room for every exam; the page has."""
        return Source("\nThese pages are part of the report's HTML file, report.html.\n")


def _flat(text: str) -> str:
    return " ".join(text.split())


def _cell(cell: Any) -> str:
    parts = cell if isinstance(cell, list) else [cell]
    return "".join(source(part) for part in parts)


def render(
    templates: Path, numbers: Numbers, figures: dict[str, dict[str, Any]], **context: Any
) -> str:
    """The whole source. ``context``: what the content's template uses beside the numbers."""
    jinja = Environment(
        loader=FileSystemLoader(templates),
        finalize=source,
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    content = jinja.get_template("content.j2").render(
        page=Page(figures), numbers=numbers, **context
    )
    return jinja.get_template("paper.typ.j2").render(content=Source(content), **context)
