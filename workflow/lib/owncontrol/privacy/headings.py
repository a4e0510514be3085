"""Which headings of columns name a person, in any language: the words are data, not code.

A heading is compared with ``workflow/schemas/identifiers.yaml``: without capitals, accents, signs
and digits, in the order of its words, whole (``geb_dat``, ``GebDat`` and ``Geb.-Dat.`` are one).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from owncontrol.basics.program_files import SCHEMAS, read_program_yaml

TERMS = SCHEMAS / "identifiers.yaml"
# What the decomposition of Unicode leaves as it is, though readers take the two for one letter.
ALIKE = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
    | {"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ς": "σ"}
)
# Letters that are also written as two, where a keyboard or a program has none of them.
AS_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
QUOTES = re.compile("['’ʼ`´\"״׳”“]")
ELIDED = re.compile(r"\b([dl]|qu)['’](?=\w)")
# Scripts that are written without spaces between words, or with compounds as long as sentences.
LONGEST_HEADING, MOST_WORDS = 500, 30  # signs and words that are looked at
LONGEST = 5  # words of a term
SHORTEST = 5  # letters of terms that are looked for without their spaces
NO_LETTERS = re.compile("[^a-z]+")
UNSPACED = re.compile("[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af〒]")


class Terms(NamedTuple):
    """Terms in the form in which they are compared: whole ones, and beginnings and ends of words.

    ``starred``: terms of several words with a star, as patterns.
    """

    whole: frozenset[str]
    begins: tuple[str, ...]
    ends: tuple[str, ...]
    starred: tuple[re.Pattern[str], ...]

    def have(self, text: str) -> bool:
        """Whether a text (words joined by spaces) is one of the terms."""
        if text in self.whole:
            return True
        if " " not in text:
            return text.startswith(self.begins) or text.endswith(self.ends)
        return any(pattern.fullmatch(text) for pattern in self.starred)


class Kind(NamedTuple):
    """The terms of one kind of identifier; see the file of terms. ``signs``: found anywhere."""

    sure: Terms
    joined: frozenset[str]
    signs: tuple[str, ...]
    bare: Terms
    numbered: Terms
    beside: Terms
    around: Terms
    not_with: frozenset[str]
    bare_not_with: frozenset[str]


@lru_cache(maxsize=100_000)
def kind_of_heading(heading: str) -> str:
    """What kind of identifier a heading says its column is ("a date of birth"); else empty."""
    words = plain_words(heading[:LONGEST_HEADING])[:MOST_WORDS]
    fillers, kinds = _kinds()
    forms = [words, [word for word in words if word not in fillers]]
    return next((name for name, kind in kinds.items() if _is_of(kind, forms)), "")


def _is_of(kind: Kind, forms: list[list[str]]) -> bool:
    """``forms``: the words of a heading, with fillers and without."""
    words = forms[0]
    joined = "".join(words)
    if kind.not_with.intersection(words):
        return False
    if joined in kind.joined or joined in kind.bare.whole or kind.sure.have(joined):
        return True
    if any(sign in joined for sign in kind.signs):
        return True
    if any(kind.sure.have(part) for form in forms for part, _ in _parts(form)):
        return True
    if kind.bare_not_with.intersection(words):
        return False
    return any(
        kind.bare.have(part) or (kind.numbered.have(part) and any(map(kind.beside.have, others)))
        for part, others in _parts(words)
        if all(map(kind.around.have, others))
    )


def _parts(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Up to five words in a row, joined by spaces, with all the others."""
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + LONGEST) + 1):
            yield " ".join(words[start:end]), words[:start] + words[end:]


def plain_words(text: str) -> list[str]:
    """The words of a heading or term in the form in which they are compared: see the module."""
    if text.isascii():
        plain = QUOTES.sub("", ELIDED.sub(" ", _apart(text).casefold()))
        return NO_LETTERS.sub(" ", plain).split()
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    plain = _apart(plain).casefold()
    plain = QUOTES.sub("", ELIDED.sub(" ", plain))
    split = unicodedata.normalize("NFKD", plain.translate(ALIKE))
    plain = "".join(sign for sign in split if unicodedata.category(sign) != "Mn")
    plain = unicodedata.normalize("NFC", plain.translate(ALIKE))
    kept = (
        sign if unicodedata.category(sign)[0] in "LM" or sign == "〒" else " " for sign in plain
    )
    return [_without_article(word) for word in "".join(kept).split()]


def _apart(text: str) -> str:
    """A text with a space where a word begins inside another (patientName, DOBDate)."""
    if text.isupper() or text.islower():
        return text
    ends = zip(f" {text}", text, f"{text[1:]} ", strict=False)
    return "".join(
        f" {sign}"
        if sign.isupper() and (before.islower() or (before.isupper() and after.islower()))
        else sign
        for before, sign, after in ends
    )


def _without_article(word: str) -> str:
    """An Arabic word without its article."""
    return word.removeprefix("ال") if len(word) > 4 else word


@cache
def _kinds() -> tuple[frozenset[str], dict[str, Kind]]:
    known = read_program_yaml(TERMS)
    fillers = _all(known["fillers"])
    around = fillers + _all(known["persons"])
    return frozenset(fillers), {
        name: _kind(terms, around) for name, terms in known["kinds"].items()
    }


def _kind(terms: dict[str, Any], around: list[str]) -> Kind:
    sure, beside = _all(terms["sure"]), _all(terms["beside"])
    unspaced = [term for term in sure if UNSPACED.search(term)]
    return Kind(
        _terms(sure),
        frozenset(_joined(sure)),
        tuple(term.replace(" ", "") for term in unspaced),
        _terms(_all(terms["bare"])),
        _terms(_all(terms.get("numbered", []))),
        _terms(beside),
        _terms(around + beside),
        frozenset(_all(terms.get("not_with", []))),
        frozenset(_all(terms.get("bare_not_with", []))),
    )


def _joined(terms: list[str]) -> Iterator[str]:
    """Terms of several words as one; short ones would be words of another kind (no rm: norm)."""
    for term in terms:
        joined = term.replace(" ", "")
        if "*" not in term and (joined == term or len(joined) >= SHORTEST):
            yield joined


def _terms(terms: list[str]) -> Terms:
    single = [term for term in terms if " " not in term]
    several = [term for term in terms if " " in term and "*" in term]
    return Terms(
        frozenset(term for term in terms if "*" not in term),
        tuple(term[:-1] for term in single if term.endswith("*")),
        tuple(term[1:] for term in single if term.startswith("*")),
        tuple(re.compile(re.escape(term).replace(r"\*", "[^ ]*")) for term in several),
    )


def _all(terms: Any) -> list[str]:
    """All terms of a list, or of the lists by language, in the form in which they are compared."""
    if isinstance(terms, dict):
        return [term for part in terms.values() for term in _all(part)]
    found: dict[str, None] = {}
    for term in terms:
        for text in {term: None, term.casefold().translate(AS_TWO): None}:
            parts = (
                "*" * part.startswith("*")
                + " ".join(plain_words(part.strip("*")))
                + "*" * part.endswith("*")
                for part in text.split()
            )
            found[" ".join(filter(None, parts))] = None
    return list(found)
