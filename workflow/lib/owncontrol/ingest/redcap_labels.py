"""Labels of a REDCap project: as its dictionary has them, and as an export writes them.

In a labelled export REDCap leaves out what would trouble the program that opens it: HTML tags,
straight quotes and apostrophes, line breaks; entities are resolved. How much is left out differs
between its versions and between download and API. So labels are compared in a form without all of
that, and two labels that only differ there are told apart by what an export can have written, or
not at all.
"""

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property
from typing import Generic, TypeVar

from owncontrol.basics.nearest import nearest

# A tag opens with a letter: "<5" and "5 < 6 > 3" are text.
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
TAG_OR_COMMENT = re.compile(rf"{TAG.pattern}|<!--.*?-->", re.DOTALL)
# A field that is shown inside a label; exports leave it out.
EMBEDDED = re.compile(r"\{[a-z][a-z0-9_]*(?::icons)?\}")
STRAIGHT = str.maketrans("", "", "\"'")
ALL_QUOTES = str.maketrans("", "", "\"'`´‘’‚‛“”„‟«»‹›ʼ＂＇′″")
NEAR = 0.75  # likeness from which on a label is worth naming
LONGEST = 500  # characters of a label that is compared

Meaning = TypeVar("Meaning")


class Labels(Generic[Meaning]):
    """Labels of a dictionary, each with what it stands for."""

    def __init__(self, pairs: Iterable[tuple[str, Meaning]]) -> None:
        """Keep each label as the dictionary has it, HTML and all."""
        self._known: dict[str, list[tuple[str, Meaning]]] = {}
        for label, meaning in pairs:
            self._known.setdefault(canonical(label), []).append((label, meaning))

    def meant(self, text: str) -> list[Meaning]:
        """All that a text of an export can stand for, in the order of the dictionary."""
        same = self._known.get(canonical(text), [])
        if len(same) > 1:
            written = " ".join(text.split())
            same = [pair for pair in same if written in export_forms(pair[0])] or same
        return list(dict.fromkeys(meaning for _, meaning in same))

    def nearest(self, text: str) -> str:
        """The label most like a text, or nothing where none is like it."""
        if len(text) > LONGEST:
            return ""
        return nearest(plain(text), self._plain, NEAR)

    @cached_property
    def _plain(self) -> list[str]:
        labels = [plain(label) for pairs in self._known.values() for label, _ in pairs]
        return [label for label in labels if len(label) <= LONGEST]


def plain(text: str) -> str:
    """A label without HTML and with single spaces, to be read by people."""
    return " ".join(_without_tags(text, " ").split())


def canonical(text: str) -> str:
    """A label without all that an export may leave out: tags, quotes, white space, format signs."""
    text = EMBEDDED.sub("", unicodedata.normalize("NFC", _without_tags(text, "")))
    return "".join(
        sign
        for sign in text.translate(ALL_QUOTES)
        if not sign.isspace() and unicodedata.category(sign) != "Cf"
    )


def export_forms(label: str) -> set[str]:
    """The texts that an export can have for a label of the dictionary."""
    texts = {label, html.unescape(label), _without_tags(label, ""), _without_tags(label, " ")}
    texts |= {EMBEDDED.sub("", text) for text in texts}
    texts |= {text.translate(quotes) for text in texts for quotes in (STRAIGHT, ALL_QUOTES)}
    return {" ".join(text.split()) for text in texts}


def _without_tags(text: str, instead: str) -> str:
    for _ in range(2):  # a tag may itself be written with entities
        # Behind the last end of a comment none can begin, and looking for it there takes long.
        end = text.rfind("-->") + 3 if "-->" in text else 0
        text = TAG_OR_COMMENT.sub(instead, text[:end]) + TAG.sub(instead, text[end:])
        text = html.unescape(text)
    return text
