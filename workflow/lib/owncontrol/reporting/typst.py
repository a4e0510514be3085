"""The report as Typst source, for the PDF; the same content as the page."""

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import typst as compiler
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from owncontrol.basics.fonts import FAMILIES, font_files, printable
from owncontrol.engine_texts import shown
from owncontrol.estimates.numbers import Numbers, Shown
from owncontrol.figures.catalogue import title_of
from owncontrol.reporting.column_widths import NO_BREAK, fits, in_one_line
from owncontrol.reporting.first_page import Part
from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.sentences import Ref, Sentence
from owncontrol.study.design import PATIENTS, SubjectWords

# All signs of ASCII that are neither letter nor digit: any of them may mean something in Typst,
# alone or together (// ... --- 1.), and a backslash before one never does.
SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")
LONG_WORD = re.compile(r"\S{70,}")
SIGNS = 118  # of a line of a table on an upright page
BREAK = "\u200b"  # where a line may end inside a word


# How a paper is made, the best first: what is given up, the inputs of the template, whether it has
# the tags of PDF/UA-1. A figure that floats between the two parts of a table or list splits its
# tag, which Typst refuses (0.15); no figure floats then. What else it may refuse is not known; a
# paper without tags, which says so, is better than none.
ATTEMPTS: tuple[tuple[str, dict[str, str], bool], ...] = (
    ("", {}, True),
    ("figures of the paper do not float", {"floats": "no"}, True),
    ("the paper has no tags for screen readers", {"floats": "no", "tags": "no"}, False),
)


class Source(str):
    """Text that is Typst source already; Jinja passes it on as it is."""

    def __html__(self) -> str:
        """Itself: Jinja asks for this where it would escape."""
        return self


def source(value: Any) -> Source:
    """Text as Typst source, and the one place where it becomes that.

    No sign keeps a meaning that it has in Typst, long words can break.
    """
    if isinstance(value, Source | Markup):  # Markup: what a macro of the template gives
        return Source(value)
    text = printable(shown(str(value)))
    text = LONG_WORD.sub(lambda word: BREAK.join(re.findall(".{1,20}", word[0])), text)
    return Source(SPECIAL.sub(r"\\\1", text))


def mark(number: Shown) -> Source:
    """A number in print is its text."""
    return source(number.text)


def quoted(text: str) -> str:
    """Text as a Typst string literal, for what is no part of the page (alternative texts)."""
    return '"' + shown(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


class Page:
    """The building blocks of the report's content, as Typst source.

    ``figures``: by name, the SVG file relative to the Typst root, caption and alternative text.
    """

    def __init__(self, figures: dict[str, dict[str, Any]], who: SubjectWords = PATIENTS) -> None:
        """Take the figures, and what the subjects are called."""
        self.figures, self.who = figures, who

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

    def sentence(self, parts: Sentence) -> Source:
        """Texts, numbers and references one after the other."""
        return Source(
            "".join(
                self.ref(part.kind, part.name) if isinstance(part, Ref) else source(part)
                for part in parts
            )
        )

    def abstract(self, parts: Iterable[Part], figures: Iterable[str]) -> Source:
        """The parts of the structured abstract, and small figures that lead to the large ones."""
        told = "".join(
            f"#abstract-part([{source(part.heading)}], leads: {str(part.leads).lower()})"
            f"[{_flat(' '.join(map(self.sentence, part.sentences)))}]\n"
            for part in parts
        )
        small = "".join(
            f"small-figure({quoted(self.figures[name]['path'])}, "
            f"alt: {quoted(f'In small: {title_of(name, self.who)}')})"
            f"[{self.ref('figure', name)}: {source(title_of(name, self.who))}],\n"
            for name in figures
        )
        return Source(f"\n{told}" + (f"#small-figures(\n{small})\n" if small else ""))

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
            cells += [f"[{_unbroken(cell)}]" for cell in row]
        body = ",\n  ".join(cells)
        texts = [[in_one_line(_plain(cell)) for cell in row] for row in table.rows]
        texts.insert(0, [_plain(cell) for cell in table.header])
        return Source(
            f"\n#across({str(not fits(texts, SIGNS)).lower()})["
            f"#report-table({len(table.header)}, caption: [{source(table.title)}], "
            f"note: [{_cell(table.note)}],\n  {body},\n) <table-{table.name}>]\n"
        )

    def figure(self, name: str) -> Source:
        """A numbered figure with caption and alternative text."""
        entry = self.figures[name]
        return Source(
            f"\n#report-figure({quoted(entry['path'])}, alt: {quoted(entry['alt'])}, "
            f"caption: [{source(entry['caption'])}]) <figure-{name}>\n"
        )

    def ref(self, kind: str, name: str) -> Source:
        """A cross-reference to a table or figure."""
        return Source(f"@{kind}-{name}")

    def patients(self) -> Source:
        """A paper has no room for every exam; the page has."""
        return Source("\nThese pages are part of the report's HTML file, report.html.\n")

    def dictionary(self) -> Source:
        """A paper has no room for it; the page has, as the text above it says."""
        return Source("")


def _unbroken(cell: Any) -> str:
    """A cell, in one line where it is short."""
    is_short = NO_BREAK in in_one_line(_plain(cell))
    return _cell(cell).replace(" ", NO_BREAK) if is_short else _cell(cell)


def _plain(cell: Any) -> str:
    """A cell as it is read: without the backslashes of ``source``."""
    parts = cell if isinstance(cell, list) else [cell]
    return "".join(map(str, parts)).replace("\\", "")


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
        autoescape=True,  # so that what a macro gives is not escaped again
        trim_blocks=True,
        lstrip_blocks=True,
    )
    content = jinja.get_template("content.j2").render(
        page=Page(figures, numbers.who), numbers=numbers, **context
    )
    return jinja.get_template("paper.typ.j2").render(
        content=Source(content), fonts=FAMILIES, **context
    )


def compile_paper(source: str, pictures: Mapping[str, Path], paper: Path) -> str:
    """Write the PDF of a source, tagged by PDF/UA-1. ``pictures``: files by the names it uses.

    Returns what had to be given up for it, as a line for the log; empty where nothing was. The
    order is fixed (``ATTEMPTS``), so the same source always has the same outcome. Raises TypstError
    where Typst cannot read the source at all.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for font in font_files():
            (folder / font.name).symlink_to(font)
        for picture, path in pictures.items():
            (folder / picture).symlink_to(path.resolve())
        (folder / "report.typ").write_text(source, "utf-8")
        reason = ""
        for given_up, inputs, tagged in ATTEMPTS:
            try:
                compiler.compile(
                    folder / "report.typ",
                    output=paper,
                    root=folder,
                    font_paths=[folder],
                    ignore_system_fonts=True,
                    sys_inputs=inputs,
                    pdf_standards=["ua-1"] if tagged else [],
                    pdf_tags=tagged,
                    timestamp=0,
                )
            except compiler.TypstError as error:
                reason = str(error)
                if given_up == ATTEMPTS[-1][0]:
                    raise
            else:
                return f"{given_up} ({reason})" if given_up else ""
    raise AssertionError("the last attempt returns or raises")
