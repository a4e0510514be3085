"""The report as one HTML file: nothing outside it is needed to read it.

Pictures and the data dictionary have only their places here: see ``pictures``.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from owncontrol.engine_texts import held, one_line
from owncontrol.estimates.numbers import Numbers, Shown
from owncontrol.figures.catalogue import title_of
from owncontrol.lineage.results import Results
from owncontrol.reporting.body_diagram import SYMBOLS
from owncontrol.reporting.cards import cards
from owncontrol.reporting.first_page import Part
from owncontrol.reporting.patient_pages import PatientPages, patient_pages
from owncontrol.reporting.pictures import DICTIONARY, PICTURE
from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.sentences import Ref, Sentence

# The place of a number of a table or figure. No text from the data can look like it: it is escaped.
REFERENCE = re.compile("<!-- number of ([a-z0-9_-]+) -->")


def mark(shown: Shown) -> Markup:
    """A number as a link to its card."""
    return Markup('<a href="#cards" data-estimate="{0}" title="{0}">{1}</a>').format(
        shown.estimate_id, shown.text
    )


class Page:
    """The building blocks of the report's content, as HTML.

    ``figures``: by name, the caption and the alternative text.
    """

    def __init__(self, figures: dict[str, dict[str, str]], patients: PatientPages) -> None:
        """Start with an empty table of contents."""
        self.figures, self._patients = figures, patients
        self.contents: list[tuple[int, str, str]] = []
        self._count = {"table": 0, "figure": 0}
        self.numbered: dict[str, str] = {}

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

    def sentence(self, parts: Sentence) -> Markup:
        """Texts, numbers and references one after the other."""
        return Markup("").join(
            self.ref(part.kind, part.name) if isinstance(part, Ref) else escape(_one_line(part))
            for part in parts
        )

    def abstract(self, parts: Iterable[Part], figures: Iterable[str]) -> Markup:
        """The parts of the structured abstract, and links to figures.

        The page's script puts each of these figures above its link, in small: a second copy of the
        picture would make the file larger.
        """
        told = Markup("").join(
            Markup("<div{}><h3>{}</h3><p>{}</p></div>").format(
                Markup(' class="leads"') if part.leads else "",
                part.heading,
                Markup(" ").join(map(self.sentence, part.sentences)),
            )
            for part in parts
        )
        small = Markup("").join(
            Markup('<a href="#figure-{}" data-small>{}: {}</a>').format(
                name, self.ref_text("figure", name), title_of(name, self._patients.who)
            )
            for name in figures
        )
        shown = Markup('<div class="small-figures">{}</div>').format(small) if small else ""
        return Markup('<div class="abstract">{}</div>{}').format(told, shown)

    def note(self, caller: Callable[[], Any]) -> Markup:
        """A paragraph that must not be overlooked."""
        return Markup('<p class="note" role="note">{}</p>').format(caller())

    def table(self, table: Table) -> Markup:
        """A table with caption and note."""
        number = self._number("table", table.name)
        head = Markup("").join(
            Markup('<th scope="col">{}</th>').format(_cell(cell)) if cell else Markup("<td></td>")
            for cell in table.header
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
        ).format(table.name, number, table.title, table.title, head, body, _cell(table.note))

    def ref(self, kind: str, name: str) -> Markup:
        """A link to a table or figure by its number, which ``number_references`` fills in."""
        return Markup('<a href="#{0}-{1}">{2}</a>').format(kind, name, self.ref_text(kind, name))

    def ref_text(self, kind: str, name: str) -> Markup:
        """The number of a table or figure, which ``number_references`` fills in."""
        return Markup("<!-- number of {}-{} -->").format(kind, name)

    def number_references(self, content: str) -> str:
        """``content`` with the numbers of tables and figures; KeyError if one is not there."""
        return REFERENCE.sub(lambda found: self.numbered[found[1]], content)

    def figure(self, name: str) -> Markup:
        """A figure with caption and alternative text, and the place for its picture."""
        number = self._number("figure", name)
        entry = self.figures[name]
        return Markup(
            '<figure id="figure-{}">{} alt="{}">'
            "<figcaption><b>Figure {}.</b> {}</figcaption></figure>"
        ).format(name, PICTURE.format(name), entry["alt"], number, entry["caption"])

    def _number(self, kind: str, name: str) -> int:
        self._count[kind] += 1
        self.numbered[f"{kind}-{name}"] = f"{kind.capitalize()} {self._count[kind]}"
        return self._count[kind]

    def patients(self) -> Markup:
        """The patients' own pages, one of them open at a time."""
        pages = self._patients
        left_out = Markup("")
        if pages.left_out:
            left_out = Markup("<p>The first {} of {} {} have a page here.</p>").format(
                pages.patients, pages.patients + pages.left_out, pages.who.many
            )
        drawn = SYMBOLS if pages.exams else Markup("")
        return Markup('<div class="patients" data-one="{}">\n{}{}</div>{}').format(
            pages.who.one, drawn, pages.html, left_out
        )

    def dictionary(self) -> Markup:
        """The place for the columns of every table of the results."""
        return DICTIONARY


def _cell(cell: Any) -> Markup:
    parts = cell if isinstance(cell, list) else [cell]
    return Markup("").join(escape(part) for part in parts)


def _one_line(value: Any) -> Any:
    """A text of the data in one line, as the points of a list are the lines of a block."""
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def environment(templates: Path) -> Environment:
    """Jinja for HTML: everything escaped and in one line, an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        finalize=_one_line,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(
    templates: Path,
    numbers: Numbers,
    estimates: pd.DataFrame,
    figures: dict[str, dict[str, str]],
    results: Results,
    **context: Any,
) -> str:
    """The page without its pictures and the data dictionary (``pictures.complete``).

    ``figures``: by name, the caption and the alternative text. ``results``: the run, for the chain
    from each number to its raw cells. ``context``: what the content's template uses beside the
    numbers.
    """
    jinja = environment(templates)
    pages = patient_pages(results, context["settings"])
    page = Page(figures, pages)
    labels = {
        "endpoint": {entry.name: entry.label for entry in context["settings"].endpoints},
        "visit": {entry.name: entry.label for entry in context["settings"].visits},
    }
    content = jinja.get_template("content.j2").render(
        page=page, numbers=numbers, pages=pages, **context
    )
    page_text = jinja.get_template("page.html.j2").render(
        content=Markup(page.number_references(content)),
        contents=page.contents,
        cards=cards(estimates, numbers.shown, results, labels, pages),
        style=Markup((templates / "page.css").read_text("utf-8")),
        behaviour=Markup((templates / "page.js").read_text("utf-8")),
        **context,
    )
    return held(page_text)
