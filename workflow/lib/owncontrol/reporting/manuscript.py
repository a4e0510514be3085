"""The report as a manuscript for Word: the same content as page and paper, in editable styles.

The template is filled with the building blocks of ``Page``, which give small XML of our own; each
of its elements then becomes a paragraph, a table or a picture.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docx.enum.section import WD_SECTION
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import etree
from markupsafe import Markup, escape

from owncontrol.engine_texts import one_line
from owncontrol.estimates.numbers import Numbers
from owncontrol.figures.catalogue import title_of
from owncontrol.reporting import word_document as word
from owncontrol.reporting.first_page import Part
from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.sentences import Ref, Sentence
from owncontrol.reporting.word_tables import cell_text, type_size, word_table
from owncontrol.reporting.zipped import xml_text
from owncontrol.study.design import PATIENTS, SubjectWords

SMALL = 0.45  # width of a small figure, of the text's
HIGHEST, HIGHEST_SMALL = 560.0, 150.0  # points
PAGES = "The pages of each {one} are part of report.html."


class Page:
    """The building blocks of the report's content, as XML of our own.

    ``figures``: by name, the caption and the alternative text.
    """

    def __init__(
        self, figures: Mapping[str, Mapping[str, str]], who: SubjectWords = PATIENTS
    ) -> None:
        """Take the figures; tables and numbers are collected while the template is filled."""
        self.figures, self.who = figures, who
        self.tables: dict[str, Table] = {}
        self.numbered: dict[str, int] = {}

    def heading(self, text: str, level: int = 2) -> Markup:
        """A heading; level 1 is the title."""
        return Markup('<h level="{}">{}</h>').format(level - 1, text)

    def paragraph(self, caller: Callable[[], Any]) -> Markup:
        """A paragraph."""
        return Markup("<p>{}</p>").format(caller())

    def points(self, caller: Callable[[], Any]) -> Markup:
        """A list; each line of the block that is not empty is a point."""
        lines = [line.strip() for line in str(caller()).splitlines() if line.strip()]
        return Markup("").join(Markup("<li>{}</li>").format(Markup(line)) for line in lines)

    def sentence(self, parts: Sentence) -> Markup:
        """Texts, numbers and references one after the other."""
        return Markup("").join(
            self.ref(part.kind, part.name) if isinstance(part, Ref) else escape(clean(part))
            for part in parts
        )

    def abstract(self, parts: Iterable[Part], figures: Iterable[str]) -> Markup:
        """The parts of the structured abstract, and small figures."""
        told = Markup("").join(
            Markup('<part heading="{}" leads="{}">{}</part>').format(
                part.heading, int(part.leads), Markup(" ").join(map(self.sentence, part.sentences))
            )
            for part in parts
        )
        return Markup('{}<small names="{}"/>').format(told, " ".join(figures))

    def note(self, caller: Callable[[], Any]) -> Markup:
        """A paragraph that must not be overlooked."""
        return Markup("<note>{}</note>").format(caller())

    def table(self, table: Table) -> Markup:
        """A table with caption and note."""
        self.tables[table.name] = table
        self._number("table", table.name)
        return Markup('<table name="{}"/>').format(table.name)

    def figure(self, name: str) -> Markup:
        """A figure with caption and alternative text."""
        self._number("figure", name)
        return Markup('<figure name="{}"/>').format(name)

    def ref(self, kind: str, name: str) -> Markup:
        """A reference to a table or figure, which Word keeps right."""
        return Markup('<ref kind="{}" name="{}"/>').format(kind, name)

    def patients(self) -> Markup:
        """Where the patients' pages are: a manuscript has no room for every exam."""
        return Markup("<p>{}</p>").format(self.who.within(PAGES))

    def dictionary(self) -> Markup:
        """Nothing: the page has it, as the text above it says."""
        return Markup("")

    def _number(self, kind: str, name: str) -> None:
        count = sum(key.startswith(f"{kind} ") for key in self.numbered)
        self.numbered[f"{kind} {name}"] = count + 1


def clean(value: Any) -> Any:
    """A text in one line, with a sign for each character that XML cannot hold."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return one_line(xml_text(value))
    return value


def write_manuscript(
    templates: Path,
    numbers: Numbers,
    figures: Mapping[str, Mapping[str, str]],
    pictures: Mapping[str, Path],
    **context: Any,
) -> Any:
    """The document; ``pictures``: by name of a figure its file of points (PNG).

    ``numbers``: as plain text. ``context``: what the content's template uses beside the numbers.
    """
    jinja = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        finalize=clean,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = Page(figures, context["who"])
    content = jinja.get_template("content.j2").render(page=page, numbers=numbers, **context)
    settings = context["settings"]
    document = word.new_document(settings.title, settings.synthetic)
    document.add_paragraph(xml_text(settings.title), style="Title")
    writer = _Writer(document, page, pictures)
    for block in etree.fromstring(f"<content>{content}</content>"):
        writer.add(block)
    return document


@dataclass
class _Writer:
    """Adds each block to the document; ``is_wide``: whether its last section lies across."""

    document: Any
    page: Page
    pictures: Mapping[str, Path]
    is_wide: bool = False
    marks: dict[str, int] = field(default_factory=dict)

    def add(self, block: Any) -> None:
        """One element of the content."""
        getattr(self, f"_{block.tag}")(block)

    def _paragraph(self, style: str | None = None) -> Any:
        self._turn(is_wide=False)
        return self.document.add_paragraph(style=style)

    def _turn(self, is_wide: bool) -> None:
        if is_wide != self.is_wide:
            word.turn(self.document.add_section(WD_SECTION.NEW_PAGE), is_wide)
            self.is_wide = is_wide

    def _inline(self, paragraph: Any, block: Any) -> None:
        """The texts and references of a block."""
        paragraph.add_run(" ".join((block.text or "").split("\n")))
        for part in block:
            key = f"{part.get('kind')} {part.get('name')}"
            shown = f"{part.get('kind').capitalize()} {self.page.numbered[key]}"
            paragraph._p.append(word.field(f"REF {_bookmark(key)} \\h", shown))
            paragraph.add_run(" ".join((part.tail or "").split("\n")))

    def _h(self, block: Any) -> None:
        self._paragraph(f"Heading {block.get('level')}").add_run(block.text)

    def _p(self, block: Any) -> None:
        self._inline(self._paragraph(), block)

    def _li(self, block: Any) -> None:
        self._inline(self._paragraph("List Bullet"), block)

    def _note(self, block: Any) -> None:
        self._inline(self._paragraph(word.LEAD_STYLE), block)

    def _part(self, block: Any) -> None:
        paragraph = self._paragraph(word.LEAD_STYLE if block.get("leads") == "1" else None)
        paragraph.add_run(f"{block.get('heading')}. ").bold = True
        self._inline(paragraph, block)

    def _small(self, block: Any) -> None:
        names = block.get("names").split()
        for pair in (names[:2], names[2:4]):
            if not pair:
                continue
            paragraph = self._paragraph()
            paragraph.paragraph_format.keep_with_next = True
            titles = {name: title_of(name, self.page.who) for name in pair}
            for name in pair:
                width = word.room() * SMALL
                file = self.pictures[name]
                word.add_picture(paragraph.add_run(), file, width, HIGHEST_SMALL, titles[name])
                paragraph.add_run("  ")
            self._paragraph(word.NOTE_STYLE).add_run(
                "; ".join(
                    f"Figure {self.page.numbered[f'figure {name}']}: {title}"
                    for name, title in titles.items()
                )
            )

    def _table(self, block: Any) -> None:
        table = self.page.tables[block.get("name")]
        is_wide = type_size(table, word.room()) is None
        self._turn(is_wide)
        self._caption("table", table.name, table.title, keep=True)
        body = word_table(table, word.room(is_wide))
        self.document.element.body.insert_element_before(body, "w:sectPr")
        note = self.document.add_paragraph(style=word.NOTE_STYLE)
        note.add_run(xml_text(cell_text(table.note)))

    def _figure(self, block: Any) -> None:
        name = block.get("name")
        paragraph = self._paragraph()
        paragraph.paragraph_format.keep_with_next = True
        entry = self.page.figures[name]
        run, alt = paragraph.add_run(), xml_text(entry["alt"])
        word.add_picture(run, self.pictures[name], word.room(), HIGHEST, alt)
        self._caption("figure", name, entry["caption"])

    def _caption(self, kind: str, name: str, text: str, keep: bool = False) -> None:
        key = f"{kind} {name}"
        number = self.page.numbered[key]
        self.marks[key] = len(self.marks) + 1
        paragraph = self.document.add_paragraph(style="Caption")
        paragraph.paragraph_format.keep_with_next = keep
        for part in word.bookmarked(_bookmark(key), self.marks[key], kind.capitalize(), number):
            paragraph._p.append(part)
        paragraph.add_run(f". {xml_text(text)}")


def _bookmark(key: str) -> str:
    """A name that Word accepts for a bookmark: letters, digits and underscores, 40 at most."""
    return "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in key)[:40]
