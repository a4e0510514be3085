"""Dates of which only the year, or year and month, are known: kept as what they are.

Sources write them in their own form with something in place of the day or the month (UN-MAY-2014,
00/05/2014), or leave these out (2014-05, 05/2014, SDTM's 2014---15). No day is ever invented: such
a date is the stretch of days that it can be.
"""

import datetime
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

# What sources write for a day, month or year that is not known: no day or month is number 0.
UNKNOWN = r"(?:UN|UNK|UNKN|UK|NK|NA|ND|[Xx]{1,4}|\?{1,4}|_{1,4}|-{1,2}|0{1,4}|)"
PRECISIONS = ("day", "month", "year", "unknown")
DIRECTIVE = re.compile(r"%[a-zA-Z]")
# The parts of a date among strptime's directives, with what a whole one looks like.
PARTS = {
    "%Y": ("year", r"\d{4}"),
    "%y": ("year", r"\d{2}"),
    "%m": ("month", r"\d{1,2}"),
    "%b": ("month", r"[^\W\d_]{3,}"),
    "%B": ("month", r"[^\W\d_]{3,}"),
    "%d": ("day", r"\d{1,2}"),
}
ISO = "%Y-%m-%d"  # a year of four digits in front cannot be taken for anything else
FIRST_YEAR = 1900


@dataclass(frozen=True)
class PartialDate:
    """A date by its year and month, each None where not known; a month needs its year."""

    year: int | None
    month: int | None = None

    @property
    def precision(self) -> str:
        """How far it is known: month, year or unknown."""
        if self.year is None:
            return "unknown"
        return "year" if self.month is None else "month"

    @property
    def span(self) -> tuple[datetime.date, datetime.date] | None:
        """First and last day that it can be; None where nothing is known."""
        if self.year is None:
            return None
        first, last = (1, 12) if self.month is None else (self.month, self.month)
        days = monthrange(self.year, last)[1]
        return datetime.date(self.year, first, 1), datetime.date(self.year, last, days)

    def __str__(self) -> str:
        """The date as ISO 8601 writes it, as far as it is known."""
        if self.year is None:
            return "a date without its year"
        return f"{self.year}" if self.month is None else f"{self.year}-{self.month:02d}"


def partial_date(text: str, forms: tuple[str, ...]) -> PartialDate | None:
    """What a text means as a partial date in the declared forms, or in that of ISO 8601.

    Where it can mean several (UN/05/2014 with day and month in either order), what all of them
    have in common. None: it is no such date; a whole date is none either.
    """
    found: list[PartialDate] = []
    for pattern, month_form in _patterns(forms):
        match = pattern.fullmatch(text)
        if match:
            date = _date(match.groupdict(), month_form)
            if date is not None:
                found.append(date)
    if not found:
        return None
    same_year = {date.year for date in found} == {found[0].year}
    same_month = {date.month for date in found} == {found[0].month}
    year = found[0].year if same_year else None
    return PartialDate(year, found[0].month if same_year and same_month else None)


@cache
def _patterns(forms: tuple[str, ...]) -> list[tuple[re.Pattern[str], str]]:
    """Regular expressions for partial dates, each with the form of its month."""
    found: dict[str, tuple[re.Pattern[str], str]] = {}
    for form in dict.fromkeys((*forms, ISO)):
        tokens = _tokens(form)
        names = [PARTS[token][0] for token in tokens if token in PARTS]
        if sorted(names) != ["day", "month", "year"]:
            continue
        month = next(token for token in tokens if token in PARTS and PARTS[token][0] == "month")
        for shorter in [tokens, *_shortened(tokens)]:
            source = _expression(shorter)
            found.setdefault(source + month, (re.compile(source, re.IGNORECASE), month))
    return list(found.values())


def _tokens(form: str) -> list[str]:
    """Directives of a form's date and what is between them, without its time of day."""
    tokens = []
    place = 0
    for match in DIRECTIVE.finditer(form):
        if match.group() not in PARTS:
            break
        if match.start() > place:
            tokens.append(form[place : match.start()])
        tokens.append(match.group())
        place = match.end()
    return tokens


def _shortened(tokens: list[str]) -> Iterator[list[str]]:
    """The form without its day, and with the year alone; of a year of four digits only."""
    if "%Y" not in tokens:
        return
    place = tokens.index("%d")
    before, after = tokens[:place], tokens[place + 1 :]
    if before and before[-1] not in PARTS:
        yield [*before[:-1], *after]
    if after and after[0] not in PARTS:
        yield [*before, *after[1:]]
    if not any(token not in PARTS for token in tokens):
        yield [*before, *after]
    yield ["%Y"]


def _expression(tokens: list[str]) -> str:
    """What a text of this form looks like, with each part known or not."""
    if tokens == ["%Y"]:  # a code that stands for nothing known has to be declared as such
        return r"(?P<year>\d{4})"
    compact = not any(token not in PARTS for token in tokens)
    parts = []
    for token in tokens:
        if token not in PARTS:
            parts.append(r"\s+" if token.isspace() else re.escape(token))
            continue
        name, known = PARTS[token]
        unknown = UNKNOWN
        if compact:  # without separators each part has its full width
            known = known.replace("{1,2}", "{2}").replace("{3,}", "{3}")
            unknown = r"(?:UN|UNK|UNKN|XX|XXXX|\?\?|--|__|00|0000)"
        parts.append(f"(?P<{name}>{known}|{unknown})")
    return "".join(parts)


def _date(parts: dict[str, str], month_form: str) -> PartialDate | None:
    """The partial date that parts are; None for a whole one, and for one that does not exist."""
    year, month, day = (_number(parts.get(name, "")) for name in ("year", "month", "day"))
    if not re.fullmatch(f"{UNKNOWN}|[0-9]+", parts.get("month", ""), re.IGNORECASE):
        month = _month_of(parts["month"], month_form)
        if month is None:
            return None
    if year is not None and len(parts["year"]) == 2:
        year = datetime.datetime.strptime(parts["year"], "%y").year
    if None not in (year, month, day):
        return None
    if year is not None and year < FIRST_YEAR:
        return None
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    if (year, month, day) == (None, None, None) and not _says_unknown(parts):
        return None
    return PartialDate(year, month if year is not None else None)


def _says_unknown(parts: dict[str, str]) -> bool:
    """Whether at least two parts say that they are not known: UN/UN/UNKN does, a dash does not.

    Dashes and empty masks (--, __.__.____) are what people type where there is no date.
    """
    return sum(bool(part.strip(" -_")) for part in parts.values()) > 1


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]+", text) and int(text) else None


def _month_of(text: str, form: str) -> int | None:
    """The number of a month that is written as a word; None for UNK and the like."""
    for month_form in (form, "%b", "%B"):
        try:
            return datetime.datetime.strptime(text, month_form).month
        except ValueError:
            continue
    return None
