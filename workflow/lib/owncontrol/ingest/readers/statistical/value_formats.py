"""Which part of a date or time a format of SAS, SPSS or Stata shows.

The lists follow the programs' own manuals: SAS Institute, "SAS Formats and Informats: Reference"
(date, time and datetime formats, ISO 8601 formats, formats of national languages); IBM, "SPSS
Statistics Command Syntax Reference" (date and time formats); StataCorp, "Data-Management Reference
Manual", [D] datetime display formats.
"""

import re
from typing import NamedTuple

DAY, SECOND, MILLISECOND = 86_400_000_000, 1_000_000, 1_000  # microseconds


class Form(NamedTuple):
    """How a number is shown as a date or time.

    ``unit``: microseconds of a step of the stored number; 0 where the number counts ``part``
    itself (months, quarters ...). ``part``: what is shown: date, datetime, time (of the day),
    duration, month, year, quarter, week, half, or a number or name out of a date (day_of_month,
    day_of_week, day_of_year, month_of_year, quarter_of_year). ``leap_seconds``: whether the
    number counts them.
    """

    unit: int
    part: str
    leap_seconds: bool = False


SAS_DAYS = {
    "date": "DATE DDMMYY DDMMYYB DDMMYYC DDMMYYD DDMMYYN DDMMYYP DDMMYYS MMDDYY MMDDYYB MMDDYYC "
    "MMDDYYD MMDDYYN MMDDYYP MMDDYYS YYMMDD YYMMDDB YYMMDDC YYMMDDD YYMMDDN YYMMDDP YYMMDDS "
    "WEEKDATE WEEKDATX WORDDATE WORDDATX JULIAN E8601DA B8601DA IS8601DA NLDATE NLDATEL NLDATEM "
    "NLDATES NLDATEW MINGUO NENGO HDATE HEBDATE WEEKU WEEKV WEEKW EURDFDD EURDFDE EURDFWDX "
    "EURDFWKX",
    "month": "MONYY YYMM YYMMC YYMMD YYMMN YYMMP YYMMS MMYY MMYYC MMYYD MMYYN MMYYP MMYYS YYMON "
    "NLDATEYM EURDFMY",
    "year": "YEAR NLDATEYR",
    "quarter": "YYQ YYQC YYQD YYQN YYQP YYQS YYQR YYQRC YYQRD YYQRN YYQRP YYQRS NLDATEYQ",
    "day_of_month": "DAY EURDFDN",
    "day_of_week": "WEEKDAY DOWNAME NLDATEWN EURDFDWN",
    "day_of_year": "JULDAY",
    "month_of_year": "MONTH MONNAME NLDATEMN EURDFMN",
    "quarter_of_year": "QTR QTRR",
}
SAS_SECONDS = {
    "datetime": "DATETIME DATEAMPM MDYAMPM E8601DT B8601DT IS8601DT E8601DZ B8601DZ IS8601DZ "
    "E8601DX B8601DX E8601LX B8601LX NLDATM NLDATML NLDATMM NLDATMS NLDATMW NLDATMAP EURDFDT",
    "date": "DTDATE DTWKDATX E8601DN B8601DN IS8601DN NLDATMDT",
    "month": "DTMONYY NLDATMYM",
    "year": "DTYEAR NLDATMYR",
    "quarter": "DTYYQC NLDATMYQ",
    "time": "TOD TIMEAMPM E8601TM B8601TM IS8601TM E8601TZ B8601TZ IS8601TZ E8601LZ B8601LZ "
    "IS8601LZ E8601TX B8601TX NLTIMAP NLDATMTM",
    "duration": "TIME HHMM MMSS HOUR NLTIME",
}
SPSS_SECONDS = {
    "date": "DATE ADATE EDATE SDATE JDATE",
    "datetime": "DATETIME YMDHMS",
    "duration": "TIME DTIME MTIME",
    "month": "MOYR",
    "quarter": "QYR",
    "week": "WKYR",
}
# Formats that show a number as a number, beside those without a name.
PLAIN_SAS = "BEST BESTX BESTD F D E Z COMMA COMMAX DOLLAR DOLLARX PERCENT PERCENTN NEGPAREN NUMX"
PLAIN_SAS += " EURO EUROX FLOAT IEEE IB IBR PIB PIBR RB S370FIB SSN BINARY OCTAL HEX FRACT ROMAN"
PLAIN_SAS += " PVALUE WORDF WORDS NLNUM NLMNY NLPCT SIZEK SIZEKMG VMSZN ZD YEN BESTN"
PLAIN_SPSS = "F COMMA DOT DOLLAR PCT E N Z CCA CCB CCC CCD CCE IB PIB PIBHEX PK P RB RBHEX"
# A format written by a user has a name of its own, which may sound like a date.
SOUNDS_LIKE_A_DATE = re.compile(r"DA?TE?|YY|MON|TIME|DAY|WEEK|WK|QTR|YEAR|8601|HOUR|MIN")
STATA = re.compile(r"%-?(?:t([a-zA-Z])|d)(.*)", re.DOTALL)
STATA_DETAIL = re.compile(
    r"(?P<literal>!.|[ _.,:/'+-])|(?P<weekday>(?:DAYNAME|Dayname|dayname|Day|day|Da|da))"
    r"|(?P<month>(?:Month|month|Mon|mon|NN|nn))|(?P<julian>JJJ|jjj)|(?P<year>CC|cc|YY|yy)"
    r"|(?P<day>DD|dd)|(?P<week>WW|ww)|(?P<clock>HH|Hh|hH|hh|MM|mm|SS|ss|s+|am|AM|a\.m\.|A\.M\.)"
    r"|(?P<old_year>[CcYy])|(?P<old_month>[MmNnLl])|(?P<old_day>[Dd])|(?P<old_julian>[Jj])|."
)
STATA_PARTS = {"w": "week", "m": "month", "q": "quarter", "h": "half", "y": "year"}


def _table(*groups: tuple[int, dict[str, str]]) -> dict[str, Form]:
    return {
        name: Form(unit, part)
        for unit, parts in groups
        for part, names in parts.items()
        for name in names.split()
    }


FORMS = {
    "sas": _table((DAY, SAS_DAYS), (SECOND, SAS_SECONDS)),
    "spss": _table((SECOND, SPSS_SECONDS)),
}
PLAIN = {"sas": set(PLAIN_SAS.split()), "spss": set(PLAIN_SPSS.split())}


def form_of(kind: str, written: str | None) -> Form | None:
    """The date or time that a variable's format shows; None where it shows a number.

    ``kind``: sas7bdat, xport, spss or stata. ``written``: the format as the file has it.
    """
    if kind == "stata":
        return _stata_form(written or "")
    name = _name(written)
    forms = FORMS["spss" if kind == "spss" else "sas"]
    # Formats of a language (DEUDFDE) are the European ones with another beginning.
    if kind != "spss" and re.fullmatch(r"[A-Z]{3}DF[A-Z]+", name):
        name = f"EUR{name[3:]}"
    return forms.get(name)


def is_unknown_date(kind: str, written: str | None) -> bool:
    """Whether a format without a ``Form`` may be one of dates or times."""
    if kind == "stata":
        return bool(STATA.fullmatch(written or "")) and not (written or "").startswith("%tg")
    name = _name(written)
    if name in PLAIN["spss" if kind == "spss" else "sas"]:
        return False
    return bool(SOUNDS_LIKE_A_DATE.search(name))


def _name(written: str | None) -> str:
    """A format without width and decimals: DATE9. is DATE."""
    return re.sub(r"\d*\.?\d*$", "", (written or "").strip().upper())


def _stata_form(written: str) -> Form | None:
    found = STATA.fullmatch(written)
    if not found:
        return None
    unit, detail = found[1] or "d", found[2]
    if unit in STATA_PARTS:
        return Form(0, STATA_PARTS[unit])
    if unit == "d":
        return Form(DAY, _shown(detail, "date"))
    if unit in ("c", "C"):
        return Form(MILLISECOND, _shown(detail, "datetime"), leap_seconds=unit == "C")
    return None  # %tb, a business calendar of the user's own


def _shown(detail: str, whole: str) -> str:
    """What the codes after %td or %tc show; without codes, ``whole``."""
    codes = {
        str(code.lastgroup).removeprefix("old_")
        for code in STATA_DETAIL.finditer(detail)
        if code.lastgroup not in (None, "literal")
    }
    if not codes:
        return whole
    day = {"day", "julian"} & codes
    date = "date" if day else "month" if "month" in codes else "year" if "year" in codes else ""
    if "clock" in codes and whole == "datetime":
        return "datetime" if date else "time"
    return date or whole
