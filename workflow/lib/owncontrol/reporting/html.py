"""The report as one HTML file: nothing outside it is needed to read it."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from owncontrol.reporting.numbers import Numbers, Shown
from owncontrol.reporting.tables import Table

CARD = (
    "analysis",
    "population",
    "endpoint",
    "visit",
    "stratum",
    "statistic",
    "value",
    "lower",
    "upper",
    "level",
    "p",
    "p_adjusted",
    "method",
    "convention",
    "n",
    "events",
    "unit",
    "inputs",
)


def mark(shown: Shown) -> Markup:
    """A number as a link to its card."""
    return Markup('<a href="#cards" data-estimate="{}">{}</a>').format(
        shown.estimate_id, shown.text
    )


class Page:
    """The building blocks of the report's content, as HTML.

    ``figures``: by name, the SVG file, the caption and the alternative text.
    """

    def __init__(self, figures: dict[str, dict[str, Any]]) -> None:
        """Start with an empty table of contents."""
        self.figures = figures
        self.contents: list[tuple[int, str, str]] = []
        self._count = {"table": 0, "figure": 0}

    def heading(self, text: str, level: int = 2) -> Markup:
        """A heading, entered in the table of contents."""
        anchor = "-".join(text.lower().split())
        self.contents.append((level, anchor, text))
        return Markup('<h{0} id="{1}">{2}</h{0}>').format(level, anchor, text)

    def paragraph(self, caller: Callable[[], Any]) -> Markup:
        """A paragraph."""
        return Markup("<p>{}</p>").format(caller())

    def points(self, caller: Callable[[], Any]) -> Markup:
        """A list; each line of the block that is not empty is a point."""
        lines = [line.strip() for line in str(caller()).splitlines() if line.strip()]
        return Markup("<ul>{}</ul>").format(
            Markup("").join(Markup("<li>{}</li>").format(Markup(line)) for line in lines)
        )

    def note(self, caller: Callable[[], Any]) -> Markup:
        """A paragraph that must not be overlooked."""
        return Markup('<p class="note" role="note">{}</p>').format(caller())

    def table(self, table: Table) -> Markup:
        """A table with caption and note."""
        self._count["table"] += 1
        head = Markup("").join(
            Markup('<th scope="col">{}</th>').format(_cell(cell)) for cell in table.header
        )
        body = Markup("")
        for index, row in enumerate(table.rows):
            if index in table.groups:
                body += Markup(
                    '<tr class="group"><th scope="rowgroup" colspan="{}">{}</th></tr>'
                ).format(len(table.header), table.groups[index])
            cells = Markup("").join(Markup("<td>{}</td>").format(_cell(cell)) for cell in row[1:])
            body += Markup('<tr><th scope="row">{}</th>{}</tr>').format(_cell(row[0]), cells)
        return Markup(
            '<figure class="table" id="table-{}"><figcaption><b>Table {}.</b> {}</figcaption>'
            '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table>'
            "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
            '<p class="legend">{}</p></figure>'
        ).format(table.name, self._count["table"], table.title, table.title, head, body, table.note)

    def figure(self, name: str) -> Markup:
        """A figure with caption and alternative text, the vector picture inside the page."""
        self._count["figure"] += 1
        entry = self.figures[name]
        svg = base64.b64encode(Path(entry["svg"]).read_bytes()).decode()
        return Markup(
            '<figure id="figure-{}"><img src="data:image/svg+xml;base64,{}" alt="{}">'
            "<figcaption><b>Figure {}.</b> {}</figcaption></figure>"
        ).format(name, svg, entry["alt"], self._count["figure"], entry["caption"])


def _cell(cell: Any) -> Markup:
    parts = cell if isinstance(cell, list) else [cell]
    return Markup("").join(escape(part) for part in parts)


def environment(templates: Path) -> Environment:
    """Jinja for HTML: everything escaped, an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def cards(estimates: pd.DataFrame, shown: set[str]) -> Markup:
    """The estimates that stand on the page, as JSON for its cards, safe inside a script element."""
    chosen = estimates.loc[estimates["estimate_id"].isin(shown)]
    content = {
        row["estimate_id"]: {key: row[key] for key in CARD if pd.notna(row[key]) and row[key] != ""}
        for row in chosen.to_dict("records")
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def render(
    templates: Path,
    numbers: Numbers,
    estimates: pd.DataFrame,
    figures: dict[str, dict[str, Any]],
    **context: Any,
) -> str:
    """The whole page. ``context``: what the content's template uses beside the numbers."""
    jinja = environment(templates)
    page = Page(figures)
    content = jinja.get_template("content.j2").render(page=page, numbers=numbers, **context)
    return jinja.get_template("page.html.j2").render(
        content=Markup(content),
        contents=page.contents,
        cards=cards(estimates, numbers.shown),
        style=Markup((templates / "page.css").read_text("utf-8")),
        behaviour=Markup((templates / "page.js").read_text("utf-8")),
        **context,
    )
