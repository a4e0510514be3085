"""Words of raw files in several languages: ``workflow/schemas/words.yaml``, and how they compare.

Without capitals, accents and signs: ``nach_6_Monaten`` and ``Nach 6 Monaten`` are one, and so are
``ä`` and ``ae``.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from owncontrol.basics.program_files import SCHEMAS, read_program_yaml

WORDS = SCHEMAS / "words.yaml"
# Letters that are also written as two, where a keyboard or a program has none of them.
AS_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
WORD = re.compile(r"[^\W_]+")


def known_words() -> Mapping[str, Any]:
    """The file of words, as it is."""
    return read_program_yaml(WORDS)


def plain(text: str) -> str:
    """A text in the form in which texts are compared; digits and signs stay."""
    if text.isascii():
        return text.casefold()
    split = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(sign for sign in split if not _is_accent(sign))
    return unicodedata.normalize("NFC", bare)


def _is_accent(sign: str) -> bool:
    # The marks of voiced Japanese syllables make another syllable.
    return unicodedata.category(sign) == "Mn" and sign not in "\u3099\u309a"


def plain_words(text: str) -> str:
    """The words of a text, plain, with a space between; Japanese terms are left together."""
    return " ".join(WORD.findall(plain(text)))


@cache
def terms(*path: str) -> frozenset[str]:
    """The terms of all languages under some keys of the file of words, as ``plain_words``."""
    node = known_words()
    for key in path:
        node = node[key]
    return frozenset(spellings(all_texts(node)))


def all_texts(node: Any) -> Iterator[str]:
    """All texts in lists and mappings, at any depth."""
    if isinstance(node, Mapping):
        for part in node.values():
            yield from all_texts(part)
    elif isinstance(node, list):
        for part in node:
            yield from all_texts(part)
    else:
        yield str(node)


def spellings(texts: Iterable[str]) -> Iterator[str]:
    """Each text as ``plain_words``, and as it is written without umlauts."""
    for text in texts:
        yield plain_words(text)
        yield plain_words(text.casefold().translate(AS_TWO))


@cache
def _values() -> Mapping[str, tuple[str, ...]]:
    """By plain word the permitted values that it may stand for."""
    found: dict[str, tuple[str, ...]] = {}
    for value, texts in known_words()["values"].items():
        for term in dict.fromkeys(spellings([value, *all_texts(texts)])):
            found[term] = (*found.get(term, ()), value)
    return found


def value_of(text: str, permitted: Iterable[str]) -> str:
    """The permitted value that a word in some language stands for; empty where none or several."""
    found = [value for value in _values().get(plain_words(text), ()) if value in set(permitted)]
    return found[0] if len(found) == 1 else ""


def letters_of(texts: Iterable[str], permitted: Iterable[str]) -> dict[str, list[str]]:
    """By text of one letter the permitted values that it may stand for, beside the other letters.

    Letters of which no language has the others too are left out.
    """
    letters = {text: plain(text) for text in texts if len(text) == 1}
    allowed = set(permitted)
    together = [
        codes
        for codes in known_words()["letters"]
        if allowed.issuperset(codes.values()) and set(letters.values()).issuperset(codes)
    ]
    read = {
        text: list(dict.fromkeys(codes[letter] for codes in together if letter in codes))
        for text, letter in letters.items()
    }
    return {text: values for text, values in read.items() if values}


@cache
def headings(column: str) -> tuple[str, ...]:
    """Headings of a canonical column in all languages, plain; none where nothing is known."""
    texts = known_words()["headings"].get(column, {})
    return tuple(dict.fromkeys(spellings(all_texts(texts))))
