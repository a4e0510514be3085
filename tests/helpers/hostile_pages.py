"""Whether what was made of hostile texts holds anything that only they can have brought in."""

import io
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pypdf
from docutils.core import publish_parts
from hostile_texts import PROOF
from jinja2 import Environment

if TYPE_CHECKING:
    from random_studies import Rendered

# Elements that run, load or ask for something; the page has its two scripts and no other of them.
ACTIVE = {"iframe", "object", "embed", "base", "textarea", "frame", "applet", "audio", "video"}
SCRIPTS = 2
ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "srcdoc"}
OWN_ADDRESS = re.compile(r"#|data:(image/svg\+xml)?,|\.\./")
VOID = {"meta", "link", "img", "br", "hr", "input"}
# What may be left open in HTML, and the page leaves open.
OPTIONAL = {"tr", "td", "th", "thead", "tbody", "p", "li", "dt", "dd", "html", "body"}


class Page(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.scripts: list[str] = []
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ACTIVE:
            self.faults.append(f"<{tag}>")
        if tag == "script":
            self.scripts.append("")
        for name, value in attrs:
            if name.startswith("on"):
                self.faults.append(f"<{tag} {name}>")
            if name in ADDRESSES and not OWN_ADDRESS.match(value or ""):
                self.faults.append(f"<{tag} {name}={value!r}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] != tag and self.open[-1] in OPTIONAL:
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data


def faults_of(made: "Rendered") -> list[str]:
    """One line each; empty where all is well."""
    page = Page(made.page)
    faults = list(page.faults)
    if len(page.scripts) != SCRIPTS or any(PROOF in script for script in page.scripts):
        faults.append(f"{len(page.scripts)} scripts")
    if "<!-- number of" in made.page:
        faults.append("a reference without its number")
    if not pypdf.PdfReader(made.paper).pages:
        faults.append("a paper without pages")
    if "no tags" in made.given_up:
        faults.append(made.given_up)
    for caption in made.captions.values():
        faults += caption_faults(caption)
    return faults


def caption_faults(caption: str) -> list[str]:
    """What a caption is by way of Jinja and docutils, as Snakemake's report reads it."""
    filled = Environment().from_string(caption).render()
    if filled != caption.removesuffix("\n"):
        return ["Jinja changed a caption"]
    warnings = io.StringIO()
    body = publish_parts(filled, writer="html", settings_overrides={"warning_stream": warnings})[
        "body"
    ]
    rest = re.sub(r"</?(p|strong)>", "", body)
    if "<" in rest or warnings.getvalue():
        return [f"a caption has markup: {rest[:80]!r} {warnings.getvalue()[:80]!r}"]
    return []
