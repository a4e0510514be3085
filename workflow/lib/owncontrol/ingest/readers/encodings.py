"""Which encoding a text is in, where nobody says: marks, NUL bytes, then the letters it would have.

Bytes that are valid UTF-8 are UTF-8. For other ones no rule decides, so each encoding that fits is
judged by the characters that it would give: kana beside kanji, an accented letter inside a word and
common signs are likely; a kanji that swallowed a Latin letter, a capital inside a word, a control
character and a rare character are not. The costs are those of a rough code: bits that a character
takes where it is likely, more where it is not. The result is a proposal that a person confirms.
"""

import codecs
import re
import unicodedata
from typing import NamedTuple

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8"),
)
EASTERN = ("shift_jis", "cp932", "euc_jp", "gb18030")
CYRILLIC = "windows-1251"
WESTERN = ("windows-1252", "mac_roman", "latin-1")
CANDIDATES = (*EASTERN, *WESTERN, CYRILLIC)  # of equal ones the first is taken
# Bytes by which the order of the letters is judged.
SAMPLE = 1 << 16
LINES = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
ACCENTED = set("àáâãäåæçèéêëìíîïñòóôõöøùúûüýßœ" + "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŒ" + "šžŠŽ")
SIGNS = set("°µ²³½¼¾±×·–—’‘“”„…€£§©®™«»•≤≥ \xa0")
# Characters of forms and headers: of both languages, and those that one of them writes otherwise.
BOTH = "男女左右上下前後日月年人名大小中手足口目内外有無生死正常可不能行住院病科患者性別氏一二三四"
CHINESE = set(
    BOTH + "姓龄岁们这应对发电无术见长门问间头边过还进远运动觉步检查评诊断备编号医员级显临识后别"
)
JAPANESE = set(BOTH + "歳齢検査対応発術長門問間頭辺過還進遠運動覚歩評価診断備考編番号医員級顕臨識")
# Bits more for what is seldom met today, so that it has to fit better.
SELDOM = {"mac_roman": 2, "latin-1": 1}
UNLIKELY = 30
# Names of hosts, and how a text is written in a program: no file of data is in these.
TRANSFORMED = ("idna", "punycode", "unicode-escape", "raw-unicode-escape")


class Fit(NamedTuple):
    """An encoding that fits, and others that fit too and would give another text."""

    encoding: str
    others: tuple[str, ...] = ()


def guess(raw: bytes) -> Fit:
    """The likeliest encoding of a file's bytes."""
    marked = next((name for mark, name in MARKS if raw.startswith(mark)), "")
    if marked:
        return Fit(marked)
    if b"\0" in raw:
        wide = [name for size in (4, 2) if (name := wide_order(raw, size)) and decodes(raw, name)]
        return Fit(wide[0] if wide else "utf-8")
    if raw.isascii() and b"\x1b" in raw and decodes(raw, "iso2022_jp"):
        return Fit("iso2022_jp")
    if raw.isascii() or decodes(raw, "utf-8"):
        return Fit("utf-8")
    sample = b"\n".join(LINES.findall(raw[: 64 * SAMPLE])[:1000])[:SAMPLE] or raw[:SAMPLE]
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    texts = {name: sample.decode(name, "replace") for name in CANDIDATES if decodes(raw, name)}
    order = sorted(texts, key=lambda name: _cost(texts[name], name))
    first = order[0]
    others = [name for name in order[1:] if texts[name] != texts[first]]
    return Fit(first, tuple(others))


def codec_of(encoding: str) -> str:
    """Python's name of an encoding of text.

    Raises LookupError where there is no such encoding, and where Python has a codec of that name
    for other things than text (zlib, undefined), or for text with signs in place of letters.
    """
    name = codecs.lookup(encoding).name
    try:
        "a".encode(name)
    except UnicodeError as error:
        raise LookupError(f"{encoding} is no encoding of text") from error
    if name in TRANSFORMED:
        raise LookupError(f"{encoding} is no encoding of text")
    return name


def decodes(raw: bytes, encoding: str) -> bool:
    """Whether bytes are text of an encoding."""
    try:
        raw.decode(encoding)
    except UnicodeError:
        return False
    return True


def wide_order(raw: bytes, size: int) -> str:
    """UTF-16 or UTF-32 (``size`` 2 or 4) with the byte order that the NUL bytes show; else empty.

    Delimiters, digits and line ends have their NUL bytes before them or behind.
    """
    part = raw[: 64 * SAMPLE]
    before, behind = part[0::size].count(0), part[size - 1 :: size].count(0)
    whole = len(part) // size
    if size == 4 and max(before, behind) < whole:
        return ""  # no character of UTF-32 goes without a NUL byte in front
    if before == behind:
        return ""
    return f"utf-{8 * size}-{'be' if before > behind else 'le'}"


def _cost(text: str, encoding: str) -> float:
    """Bits that the characters beyond ASCII would take."""
    padded = f" {text} "
    return sum(
        _cost_of(char, before, after, encoding)
        for before, char, after in zip(padded, text, padded[2:], strict=False)
        if char > "\x7f"
    )


def _cost_of(char: str, before: str, after: str, encoding: str) -> float:
    category = unicodedata.category(char)
    if category in ("Cc", "Co", "Cn", "Cs") or char == "\ufffd":
        return UNLIKELY
    among = before.isalpha() + after.isalpha()
    in_latin = _is_latin(before) + _is_latin(after)
    capital_inside = 6 if char.isupper() and before.islower() else 0
    alone = 6 if among == 0 else 0
    if encoding == CYRILLIC:
        if not "А" <= char <= "ё" and char not in "Ёё":
            return 5 if char in SIGNS and among < 2 else 14
        return 5 + 6 * in_latin + capital_inside + alone
    if encoding in EASTERN:
        half = "\uff61" <= char <= "\uff9f" and not before > "\x7f" and not after > "\x7f"
        return _cost_eastern(char, encoding) + 6 * in_latin + 6 * half
    in_row = 2 * ((before > "\x7f") + (after > "\x7f"))
    # Accented letters come inside a word and by themselves; a row of them is another script.
    usual = 4 + in_row + capital_inside + alone if char in ACCENTED else 13
    if char in SIGNS:
        usual = 5 + (8 if among == 2 and char not in "’‘–" else 0)
    return usual + SELDOM.get(encoding, 0)


def _cost_eastern(char: str, encoding: str) -> float:
    code = ord(char)
    if 0x3041 <= code <= 0x30FF:
        return 14 if encoding == "gb18030" else 4
    if 0x3000 <= code <= 0x303F or 0xFF01 <= code <= 0xFF5E:
        return 5
    if 0xFF61 <= code <= 0xFF9F:
        return 7
    if 0x4E00 <= code <= 0x9FFF:
        chinese = encoding == "gb18030"
        if char in (CHINESE if chinese else JAPANESE):
            return 5
        return 8 if _is_common(char, chinese) else 14
    if char in "①②③④⑤⑥⑦⑧⑨⑩㈱№℃≦≧→←↑↓○●◎△▲×":
        return 7
    return 15


def _is_common(char: str, chinese: bool) -> bool:
    """Whether a character is of the first level of GB 2312 or JIS X 0208 (rows 16 to 55, 47)."""
    try:
        row = char.encode("gb2312" if chinese else "euc_jp")[0]
    except UnicodeEncodeError:
        return False
    return 0xB0 <= row <= (0xD7 if chinese else 0xCF)


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
