"""Signs that a report cannot show as they are: their code is shown in their place.

Some of them no file can hold (halves of a surrogate pair, noncharacters, control characters), some
have no meaning outside of one program (private use), some rearrange or pile up what is around them
(marks of direction, hundreds of accents on one letter). Every engine of the report (HTML, Typst,
captions, tables for Word) gets its text through ``shown``, and then escapes its own markup.
"""

import re
import unicodedata

# What ends a line or moves to a place on it; a text of the data is one line.
GAPS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
ODD_GAPS = re.compile("[\v\f\x1c-\x1f\x85\u2028\u2029]")
# Each last two places of a plane are no characters, and the last two planes are for private use.
NONCHARACTERS = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0xF0000, 0x10000)
)
UNSHOWN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control
    "\ud800-\udfff"  # surrogates
    "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private use
    f"\ufdd0-\ufdef{NONCHARACTERS}"
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates of direction
    "\ufeff\ufff9-\ufffb]"  # byte order mark, annotations between the lines
)
MOST_MARKS = 8  # on one letter; the most that any language writes is five


def shown(text: str) -> str:
    """``text`` in one line, with the code of each sign that cannot be shown: [U+E000]."""
    if text.isascii() and text.isprintable():
        return text
    text = held(one_line(text))
    return text if text.isascii() else _without_piles(text)


def one_line(text: str) -> str:
    """``text`` with a blank for everything that ends a line."""
    return GAPS.sub(" ", text)


def held(text: str) -> str:
    """``text`` of many lines, a whole page, that every file can hold; see ``shown``."""
    return UNSHOWN.sub(code, ODD_GAPS.sub(" ", text))


def code(sign: "str | re.Match[str]") -> str:
    """The code of a sign, in brackets."""
    return f"[U+{ord(sign if isinstance(sign, str) else sign[0]):04X}]"


def _without_piles(text: str) -> str:
    """No more than some marks on one letter, and how many more there are."""
    parts: list[str] = []
    count = 0
    for sign in [*text, ""]:
        if sign and unicodedata.combining(sign):
            count += 1
            if count <= MOST_MARKS:
                parts.append(sign)
            continue
        if count > MOST_MARKS:
            parts.append(f"[+{count - MOST_MARKS} marks]")
        count = 0
        parts.append(sign)
    return "".join(parts)


def told(text: str) -> str:
    """``text`` of many lines, for a terminal or a cell: nothing in it moves the cursor."""
    if text.isascii() and text.isprintable():
        return text
    return held(text.replace("\r\n", "\n").replace("\r", code("\r")))
