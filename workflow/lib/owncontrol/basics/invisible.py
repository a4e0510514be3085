"""Signs that nobody sees in a text: which they are, where they are, the text without them.

Zero width spaces, soft hyphens, marks of direction and control characters come into cells from web
pages and word processors. Two codes that look the same have to be the same code; so a text is
compared without them, and the finding names each sign and its place.

A few of them are spelling. A joiner between letters of a script that joins its letters (Persian,
Hindi), a joiner or a selector in an emoji or behind a Chinese character, and the numeral signs of
Arabic (which are seen) stay where they are.

The invisible characters are those of the general categories Cc and Cf and of the property
Default_Ignorable_Code_Point (Unicode Standard Annex 44). Where a joiner belongs to the spelling
follows RFC 5892, appendices A.1 and A.2.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

# Tabs and line ends are seen, as a gap.
GAPS = "\t\n\r"
# Other line ends: a reader sees a break, so a blank takes their place.
BREAKS = "\v\f\x85\u2028\u2029"
# Default ignorable, yet a letter or a mark by its category (so that str.isprintable accepts them).
IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# Format characters with a shape of their own (property Prepended_Concatenation_Mark), and the
# controls that lay out hieroglyphs.
SEEN = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001345f]"
)
NON_JOINER, JOINER = "\u200c", "\u200d"
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
TAGS = re.compile("[\U000e0020-\U000e007f]")
# First words of the names of characters: scripts whose letters change their shape when joined.
JOINING = re.compile(
    "ADLAM|ARABIC|BALINESE|BENGALI|BRAHMI|CHAKMA|DEVANAGARI|GUJARATI|GURMUKHI|JAVANESE|KAITHI|"
    "KANNADA|KHMER|LIMBU|MALAYALAM|MANDAIC|MEETEI|MONGOLIAN|MYANMAR|NKO|ORIYA|SHARADA|SINHALA|"
    "SUNDANESE|SYRIAC|TAKRI|TAMIL|TELUGU|TIBETAN"
)
IDEOGRAPHS = ("CJK UNIFIED", "CJK COMPATIBILITY")
MOST_TAGS = 32  # of one flag (Unicode Technical Standard 51 has six and their end)
VIRAMA = 9  # combining class


class Sign(NamedTuple):
    """An invisible sign: ``place`` from 1, what is read for it (``as_read``), if it is spelling."""

    place: int
    sign: str
    as_read: str
    is_spelling: bool


def visible(text: str) -> str:
    """The text that a reader sees: no invisible signs, a plain blank for each odd space.

    Blanks around it stay (str.strip takes them). Joiners that belong to the spelling stay too.
    """
    if is_plain(text):
        return text
    found = {sign.place: sign.as_read for sign in signs(text)}
    return "".join(found.get(place, char) for place, char in enumerate(text, start=1))


def describe(text: str) -> str:
    """Sign and place of everything that ``visible`` leaves out or replaces; empty where nothing.

    Odd spaces at either end are not named: any space there is passed over.
    """
    if is_plain(text):
        return ""
    seen = visible(text)
    start, end = len(seen) - len(seen.lstrip()), len(seen.rstrip())
    return _listed(
        sign
        for sign, behind in zip(signs(text), _lengths(text), strict=True)
        if not sign.is_spelling and (sign.as_read == "" or start < behind <= end)
    )


def describe_spelling(text: str) -> str:
    """Sign and place of the invisible signs that stay because they are spelling; else empty."""
    return "" if is_plain(text) else _listed(sign for sign in signs(text) if sign.is_spelling)


def signs(text: str) -> list[Sign]:
    """The invisible signs and odd spaces of a text, in order."""
    found = []
    for place, sign in enumerate(text):
        if sign == " " or sign in GAPS:
            continue
        category = unicodedata.category(sign)
        if category == "Zs" or sign in BREAKS:
            found.append(Sign(place + 1, sign, " ", False))
        elif (category in ("Cc", "Cf") and not SEEN.match(sign)) or IGNORABLE.match(sign):
            kept = _is_spelling(text, place)
            found.append(Sign(place + 1, sign, sign if kept else "", kept))
    return found


def is_plain(text: str) -> bool:
    """Whether a text has neither invisible signs nor odd spaces, as most have."""
    return text.isprintable() and (text.isascii() or IGNORABLE.search(text) is None)


def _lengths(text: str) -> list[int]:
    """For each sign, how long the visible text is up to it, the sign included."""
    taken, lengths = 0, []
    for sign in signs(text):
        lengths.append(sign.place - taken)
        taken += sign.as_read == ""
    return lengths


def _is_spelling(text: str, place: int) -> bool:
    sign = text[place]
    last, following = text[place - 1 : place] if place else "", text[place + 1 : place + 2]
    if sign in (JOINER, NON_JOINER):
        if not last:
            return False
        return (
            unicodedata.combining(last) == VIRAMA
            or (_joins(last) and _joins(following))
            or (sign == JOINER and _is_picture(last) and _is_picture(following))
        )
    if SELECTORS.match(sign):
        return bool(last) and (_is_picture(last) or _name(last).startswith(IDEOGRAPHS))
    if TAGS.match(sign):  # of a flag
        before = TAGS.sub("", text[max(0, place - MOST_TAGS) : place])
        return _is_picture(before[-1:])
    if "\u180b" <= sign <= "\u180f":
        return _joins(last)
    return False


def _joins(char: str) -> bool:
    """Whether it is a letter, or a mark on one, of a script that joins its letters."""
    return unicodedata.category(char or " ")[0] in "LM" and JOINING.match(_name(char)) is not None


def _is_picture(char: str) -> bool:
    """Whether it is an emoji, one of its modifiers, or the selector behind it."""
    return char == "\ufe0f" or (char > "\u2000" and unicodedata.category(char) in ("So", "Sk"))


def _name(char: str) -> str:
    return unicodedata.name(char, "UNNAMED")


def _listed(found: Iterable[Sign]) -> str:
    return ", ".join(
        f"U+{ord(sign.sign):04X} {unicodedata.name(sign.sign, 'CONTROL CHARACTER')}"
        f" (character {sign.place})"
        for sign in found
    )
