"""Days that the names of visits speak of, in several languages: the words are data, not code.

``Woche 8``, ``6 Monate``, ``M6``, ``3 semaines``, ``8週``, ``3 days before``; a word for the time
before (``Baseline``, ``vor Behandlung``) is day 0. A month is a twelfth of 365.25 days, rounded.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from owncontrol.suggest.known_words import JAPANESE, all_texts, known_words, plain, spellings, terms

DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
MOST = 100 * 365.25  # days; a greater number is a calendar year
LONGEST = 200  # signs of a text that is looked at
COMPARED = re.compile(r"[<>≤≥~≈]")
TOKEN = re.compile(
    r"(?P<range>(?<=\d)\s?[-–—/]\s?(?=\d))|(?P<minus>(?:(?<=^)|(?<=\s)|(?<=\())[-−–](?=\d))"
    r"|(?P<number>\d+(?:[.,]\d+)?)|(?P<plus>\+)|(?P<word>[^\W\d_]+)"
)
ORDINAL = re.compile(r"(?<=\d)\.?(?:st|nd|rd|th|er|re|e|eme|ieme|o|a)(?=[\s_-])|(?<=\d)[.°](?=\s)")
MINUS_DAY = re.compile(r"\b([dj])[-−–](?=\d)")  # J-7: seven days before
UNCLEAR_MINUS = re.compile(r"\b[wmys][-−–]\d")  # M-6: month 6, or six months before
NEAR = 1.1  # two counts of one day (month 6, week 26) differ by less


class Token(NamedTuple):
    """A piece of a visit's text: range, minus, number, plus or word."""

    kind: str
    text: str


@lru_cache(maxsize=10_000)
def named_day(text: str) -> int | None:
    """The day that a visit's text names, from the baseline; None where it names none or several."""
    if COMPARED.search(text) or len(text) > LONGEST:
        return None
    whole = plain(text).replace("_", " ")
    tokens = _tokens(whole)
    words = [token.text for token in tokens if token.kind == "word"]
    if UNCLEAR_MINUS.search(whole) or terms("visits", "cycle").intersection(words):
        return None
    days = [day for day in _counted(tokens) if abs(day) <= MOST]
    is_baseline = _has(words, terms("visits", "baseline"))
    is_after = bool(terms("visits", "after").intersection(words)) or "+" in text
    if is_baseline and not (days and is_after):
        return 0
    if not days:
        return _day_without_unit(tokens)
    low, high = sorted((min(days, key=abs), max(days, key=abs)), key=abs)
    return round(days[0]) if low * high >= 0 and abs(high) <= NEAR * abs(low) else None


def is_visit_text(text: str) -> bool:
    """Whether a text is the name of a visit, with a day or without (follow-up, discharge)."""
    if named_day(text) is not None:
        return True
    tokens = _tokens(plain(text).replace("_", " "))
    return _has([token.text for token in tokens if token.kind == "word"], terms("visits", "later"))


def _tokens(text: str) -> list[Token]:
    text = MINUS_DAY.sub(r"\1 -", ORDINAL.sub(" ", text))
    text = _japanese().sub(lambda found: f" {found[0]} ", text)
    tokens = [Token(found.lastgroup or "", found[0]) for found in TOKEN.finditer(text)]
    return [part for token in tokens for part in _parts(token)]


def _parts(token: Token) -> list[Token]:
    """A word as itself, as a number (six), as minus, or as a unit and "fu" (12mfu)."""
    if token.kind == "word":
        if token.text in _numbers():
            return [Token("number", _numbers()[token.text])]
        if token.text in terms("visits", "minus"):
            return [Token("minus", "-")]
        if token.text.endswith("fu") and token.text[:-2] in _units():
            return [Token("word", token.text[:-2]), Token("word", "fu")]
    return [token]


def _counted(tokens: list[Token]) -> Iterator[float]:
    """The days of each unit that has a number before or behind it."""
    for place, token in enumerate(tokens):
        unit = _units().get(token.text) if token.kind == "word" else None
        if unit is None:
            continue
        before = _number_before(tokens, place)
        if before is not None and token.text not in _before_number():
            if before == "range":
                continue
            yield DAYS[unit] * float(before) * _sign(tokens, place)
            continue
        behind = _number_behind(tokens, place)
        if behind:
            yield DAYS[unit] * float(behind)


def _number_before(tokens: list[Token], place: int) -> str | None:
    """The number before a unit, not that of another word (Visit 2 Month 6); "range": one of two."""
    if place == 0 or tokens[place - 1].kind != "number":
        return None
    kinds = [token.kind for token in tokens[: place - 1]]
    if kinds[-1:] == ["range"]:
        return "range"
    owner = tokens[place - 2] if place > 1 else Token("", "")
    is_owned = owner.kind == "word" and owner.text in {*terms("visits", "visit"), *_units()}
    if is_owned and _number_behind(tokens, place):
        return None
    return tokens[place - 1].text.replace(",", ".")


def _number_behind(tokens: list[Token], place: int) -> str:
    """The number behind a unit, with its sign; empty where there is none, or a range."""
    sign = ""
    at = place + 1
    if at < len(tokens) and tokens[at].kind == "minus":
        sign, at = "-", at + 1
    if at >= len(tokens) or tokens[at].kind != "number":
        return ""
    if at + 1 < len(tokens) and tokens[at + 1].kind == "range":
        return ""
    return sign + tokens[at].text.replace(",", ".")


def _sign(tokens: list[Token], place: int) -> int:
    """-1 where the count before a unit is one of the time before (3 days before, vor 3 Tagen)."""
    if place > 1 and tokens[place - 2].kind == "minus":
        return -1
    near = [tokens[at].text for at in (place - 2, place + 1) if 0 <= at < len(tokens)]
    return -1 if terms("visits", "before").intersection(near) else 1


def _day_without_unit(tokens: list[Token]) -> int | None:
    """Day 0 of a word for the time before, and of visit 0 (T0)."""
    words = [token.text for token in tokens if token.kind == "word"]
    numbers = [token.text for token in tokens if token.kind == "number"]
    if not numbers:
        return 0 if terms("visits", "before").intersection(words) else None
    is_visit = len(words) == 1 and words[0] in terms("visits", "visit")
    return 0 if is_visit and numbers == ["0"] else None


def _has(words: list[str], phrases: frozenset[str]) -> bool:
    text = f" {' '.join(words)} "
    return any(f" {phrase} " in text for phrase in phrases)


@cache
def _units() -> dict[str, str]:
    return {term: unit for unit, words in known_words()["units"].items() for term in _spelt(words)}


@cache
def _before_number() -> frozenset[str]:
    units = known_words()["units"].values()
    return frozenset(term for words in units for term in _spelt(words.get("before_number", [])))


@cache
def _numbers() -> dict[str, str]:
    return {
        term: str(number)
        for number, words in known_words()["numbers"].items()
        for term in _spelt(words)
    }


def _spelt(words: object) -> Iterator[str]:
    return spellings(all_texts(words))


@cache
def _japanese() -> re.Pattern[str]:
    """All terms of visits in Japanese, which has no spaces between words, the longest first."""
    known = known_words()
    texts = {
        plain(text) for key in ("units", "numbers", "visits") for text in all_texts(known[key])
    }
    found = sorted(filter(JAPANESE.search, texts), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, found)))
