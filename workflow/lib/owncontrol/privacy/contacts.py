"""Telephone numbers and e-mail addresses inside texts, and codes that tell who a person is.

What a telephone number looks like in each country, the library phonenumbers knows; it is imported
where a text has enough digits for one. A number counts where it has a country code, is grouped as
North America does, or begins with 0 and is grouped as some country groups its own.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

AN_EMAIL, A_PHONE = "an e-mail address", "a telephone number"
EMAIL = re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,5}")
# Cheap: what has neither is not looked at further.
POSSIBLE = re.compile(r"[@＠]|(?:\d\D{0,3}?){8}")
CANDIDATE = re.compile(
    r"(?<![A-Za-z_\d.,+-])(?:\+\(?\d|\(?0\d|\(\d|\d{3}[ .-]\d{3}[ .-]\d{4})"
    r"(?:[ \u00a0()./-]{0,3}\d){0,14}(?![A-Za-z_\d+]|[.,]\d)"
)
DATE = re.compile(
    r"(?<!\d)\d{1,4}([./-])\d{1,2}\1\d{1,4}(?!\d)(?:[T ]\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?)?"
)
# What comes before a number that then counts in any form.
SAID = re.compile(
    r"(?<![a-z])(?:tel|phone|telephone|telefon\w?|fon|fono|mobile?|cell|handy|fax|whatsapp|sms|tlf"
    r"|gsm|hp|sdt|電話|携帯|电话|手机|手機|전화|휴대폰|тел|телефон\w?|моб|τηλ|τηλεφωνο|κινητο|هاتف"
    r"|جوال|تلفن|موبایل|טל|טלפון|נייד|फोन|मोबाइल|โทร)"
    r"[^\w+(]{0,4}$",
    re.IGNORECASE,
)
PLAIN = re.compile(
    r"(?<![A-Za-z_\d.,+-])\(?\d(?:[ \u00a0()./-]{0,3}\d){6,14}(?![A-Za-z_\d+]|[.,]\d)"
)
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−﹣－ー", "-"))
NORTH_AMERICA = re.compile(r"\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}([ .-])\d{3}\1\d{4}")
REGIONS = tuple(
    re.findall(
        "..",
        "AEARATAUBEBGBRCHCLCNCOCZDEDKDZEEEGESFIFRGBGRHKHRHUIDIEILINIQIRISIT"
        "JOJPKEKRLBLKLTLVMAMXMYNGNLNONZPEPHPKPLPTRORSRUSASESGSISKTHTNTRTWUAVNZA",
    )
)
DIGITS_LEAST, DIGITS_MOST = 8, 15
# A code made of a date: the year's four digits, or two between letters that differ.
WHOLE_DATE = re.compile(
    r"(?<!\d)(?:((?:19|20)\d\d)[./_-]?(\d\d)[./_-]?(\d\d)"
    r"|(\d\d)[./_-]?(\d\d)[./_-]?((?:19|20)\d\d))(?!\d)"
)
SHORT_DATE = re.compile(r"(?<!\d)(\d\d)[./_-]?(\d\d)[./_-]?(\d\d)(?!\d)")
NAME_SIGNS = re.compile(r"[^\W\d_]+(?:[ ,.'’・·-]+[^\W\d_]+)*\.?")
OTHER_SCRIPT = re.compile("[\u0370-\u1fff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
NAME_LETTERS, ALIKE_LETTERS = 4, 3  # of a name at least; of one that is no word of capitals
MOST = 0.5  # of the codes, from which on they are of a kind
YEARS_APART = 10
SERIES_LEAST = 4  # codes with a short date, because any six digits may be one


def contacts_in(text: str, any_country: bool = True) -> list[tuple[str, str]]:
    """Each telephone number and e-mail address inside a text, with what it is.

    ``any_country``: also numbers without a country code, which in a column of codes are codes.
    """
    if not POSSIBLE.search(text):
        return []
    found = [(match[0], AN_EMAIL) for match in EMAIL.finditer(text.replace("＠", "@"))]
    return found + [(number, A_PHONE) for number in _phones(text, any_country)]


def hide_contacts(text: str, shown: str, any_country: bool = True) -> tuple[str, list[str]]:
    """A text with ``shown`` in place of each contact in it, and what these were."""
    kinds = []
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text).translate(DASHES)
    for part, kind in contacts_in(plain, any_country):
        plain = plain.replace(part, shown)
        kinds.append(kind)
    return (plain, kinds) if kinds else (text, [])


def _phones(text: str, any_country: bool) -> Iterator[str]:
    without_dates = DATE.sub(lambda match: "\n" * len(match[0]), text)
    for match in CANDIDATE.finditer(without_dates):
        number = match[0].strip(" (./-") if match[0].count("(") > match[0].count(")") else match[0]
        digits = sum(map(str.isdigit, number))
        if DIGITS_LEAST <= digits <= DIGITS_MOST and is_phone(number, any_country):
            yield number
    for match in PLAIN.finditer(text):
        if not DATE.fullmatch(match[0]) and SAID.search(
            text[max(0, match.start() - 20) : match.start()]
        ):
            yield match[0]


@lru_cache(maxsize=100_000)
def is_phone(number: str, any_country: bool = True) -> bool:
    """Whether a text of digits and signs between them is a telephone number of some country."""
    if NORTH_AMERICA.fullmatch(number) and any_country:
        return True
    import phonenumbers  # takes a tenth of a second, and most exports have nothing to ask

    international = number.startswith("+") or (number.startswith("00") and number[2:3] != "0")
    if international:
        plain = number if number.startswith("+") else f"+{number[2:]}"
        try:
            known = phonenumbers.parse(plain, None)
        except phonenumbers.NumberParseException:
            return False
        if number.startswith("+"):
            return bool(phonenumbers.is_possible_number(known))
        return any(sign in number for sign in " -/") and bool(phonenumbers.is_valid_number(known))
    if not any_country:
        return False
    groups = [len(group) for group in re.findall(r"\d+", number)]
    return len(groups) > 1 and any(_is_grouped(number, groups, region) for region in REGIONS)


def is_mobile(number: str) -> bool:
    """Whether plain digits that begin with 0 are the number of a mobile telephone somewhere."""
    import phonenumbers

    mobile = (phonenumbers.PhoneNumberType.MOBILE,)
    return any(
        known is not None and phonenumbers.number_type(known) in mobile
        for known in (_parsed(number, region) for region in REGIONS)
    )


def _parsed(number: str, region: str):  # type: ignore[no-untyped-def]
    import phonenumbers

    try:
        return phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None


def _is_grouped(number: str, groups: list[int], region: str) -> bool:
    """Whether it is a number of the region, in groups as long as people write them there."""
    import phonenumbers

    known = _parsed(number, region)
    if known is None or not phonenumbers.is_valid_number_for_region(known, region):
        return False
    form = phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.NATIONAL)
    usual = [len(group) for group in re.findall(r"\d+", form)]
    # Written in the usual groups, or as an area code and the rest.
    return groups == usual or (len(groups) == 2 and "/" in number) or groups[:1] == usual[:1] == [5]


def telling_codes(codes: Collection[str]) -> str:
    """What distinct study codes tell of a person, in words; empty where nothing is seen.

    Names: most codes are words without a digit. Birth dates: a date in each of several codes,
    beside letters that differ as initials do, or years far apart.
    """
    texts = [unicodedata.normalize("NFKC", code).strip() for code in codes if code.strip()]
    if not texts:
        return ""
    if sum(map(_is_name, texts)) >= MOST * len(texts):
        return "names of people"
    dated = [text for text in texts if _has_date(text, WHOLE_DATE)]
    if dated and (len(dated) < SERIES_LEAST or _tell_apart(dated)):
        return "initials or a name with a date of birth"
    short = [text for text in texts if _has_date(text, SHORT_DATE)]
    if len(short) >= max(SERIES_LEAST, MOST * len(texts)) and _letters_differ(short):
        return "initials or a name with a date of birth"
    return ""


def names_among_codes(codes: Collection[str]) -> set[str]:
    """The texts that look like names in a column of codes, most of which have a digit."""
    numbered = sum(any(map(str.isdigit, code)) for code in codes)
    if numbered < MOST * len(codes):
        return set()
    return {code for code in codes if _is_name(unicodedata.normalize("NFKC", code).strip())}


def _is_name(text: str) -> bool:
    if not NAME_SIGNS.fullmatch(text):
        return False
    letters = sum(map(str.isalpha, text))
    if OTHER_SCRIPT.search(text):
        return letters >= 2
    words = re.findall(r"[^\W\d_]+", text)
    if len(words) > 1:
        return letters >= NAME_LETTERS and any(len(word) >= ALIKE_LETTERS for word in words)
    return letters >= ALIKE_LETTERS and text[1:] != text[1:].upper()


def _has_date(text: str, form: re.Pattern[str]) -> bool:
    match = form.search(text)
    if match is None:
        return False
    parts = [int(part) for part in match.groups() if part]
    if form is SHORT_DATE:
        return 1 <= parts[1] <= 12 and (1 <= parts[0] <= 31 or 1 <= parts[2] <= 31)
    month, day = sorted(part for part in parts if part < 100)
    return 1 <= month <= 12 and day <= 31


def _tell_apart(texts: list[str]) -> bool:
    """Whether letters differ as initials do, or years lie as far apart as births."""
    years = [int(match[1] or match[6]) for text in texts if (match := WHOLE_DATE.search(text))]
    return _letters_differ(texts) or max(years) - min(years) >= YEARS_APART


def _letters_differ(texts: list[str]) -> bool:
    """Whether the letters of codes change from one to the next, as in no prefix of a study."""
    letters = {re.sub(r"[\W\d_]+", "", text.casefold()) for text in texts} - {""}
    return len(letters) >= max(2, MOST * len(texts))
