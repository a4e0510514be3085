"""Stored numbers as dates and times in ISO 8601, or as the part of a date that the format shows.

Counted from 1960-01-01 (SAS: days or seconds; Stata: days, milliseconds, weeks, months ...) or
from 1582-10-14 (SPSS: seconds). What ISO 8601 has no form for (quarters, half-years, weeks that
begin on 1 January) is written as the program shows it. Fractions of a second are written to the
microsecond.
"""

import datetime
from bisect import bisect_right
from decimal import Decimal

from owncontrol.ingest.readers.statistical.value_formats import DAY, SECOND, Form

ORIGIN = {"sas": datetime.date(1960, 1, 1), "spss": datetime.date(1582, 10, 14)}
# The first day that the program itself takes for a date (manuals as in ``formats``).
FIRST = {
    "sas": datetime.date(1582, 1, 1),
    "spss": datetime.date(1582, 10, 15),
    "stata": datetime.date(100, 1, 1),
}
# SAS has no leap day in years that 4000 divides ("SAS Language Reference: Concepts", dates).
NO_LEAP_DAYS_IN_SAS = (datetime.date(4000, 2, 29), datetime.date(8000, 2, 29))
YEARS = range(100, 10_000)
STEPS = {"week": 52, "month": 12, "quarter": 4, "half": 2}
SHOWN_IN_STATA = {"week": "w", "quarter": "q", "half": "h"}
# Days that ended with a leap second (IERS, Bulletin C, to the one of 2016; none has come since).
LEAP_DAYS = "1972-06-30 1972-12-31 1973-12-31 1974-12-31 1975-12-31 1976-12-31 1977-12-31"
LEAP_DAYS += " 1978-12-31 1979-12-31 1981-06-30 1982-06-30 1983-06-30 1985-06-30 1987-12-31"
LEAP_DAYS += " 1989-12-31 1990-12-31 1992-06-30 1993-06-30 1994-06-30 1995-12-31 1997-06-30"
LEAP_DAYS += " 1998-12-31 2005-12-31 2008-12-31 2012-06-30 2015-06-30 2016-12-31"


def program_of(kind: str) -> str:
    """sas, spss or stata: whose calendar a file of this kind uses."""
    return {"sas7bdat": "sas", "xport": "sas"}.get(kind, kind)


def _leap_seconds() -> list[int]:
    """When each began, in microseconds since 1960 with all leap seconds counted."""
    days = map(datetime.date.fromisoformat, LEAP_DAYS.split())
    return [
        ((day - ORIGIN["sas"]).days + 1) * DAY + place * SECOND for place, day in enumerate(days)
    ]


LEAPS = _leap_seconds()


def date_text(number: Decimal, form: Form, kind: str) -> str | None:
    """A stored number as ``form`` shows it; None where the calendar has no such date.

    ``number``: as read, in the steps of ``form``. ``kind``: sas7bdat, xport, spss or stata.
    """
    program = program_of(kind)
    if not number.is_finite() or abs(number) > 10**18:
        return None
    if form.unit == 0:
        return _counted(number, form.part)
    moment = int((number * form.unit).to_integral_value())
    if form.part == "duration":
        return _clock(abs(moment), "-" if moment < 0 else "")
    is_leap = False
    if form.leap_seconds:
        moment, is_leap = _without_leap_seconds(moment)
    days, rest = divmod(moment, DAY)
    if form.part == "time":
        return _clock(rest, is_leap=is_leap)
    try:
        day = ORIGIN.get(program, ORIGIN["sas"]) + datetime.timedelta(days)
        for none in NO_LEAP_DAYS_IN_SAS:
            if program == "sas" and day >= none:
                day += datetime.timedelta(1)
    except OverflowError:
        return None
    if day < FIRST[program]:
        return None
    if form.part == "datetime":
        return f"{day} {_clock(rest, is_leap=is_leap, short=True)}"
    return _part(day, form.part, program)


def hides_time(number: Decimal, form: Form) -> bool:
    """Whether the format shows a date and the number holds a time of day, too."""
    if form.part in ("datetime", "time", "duration"):
        return False
    return bool(int((number * form.unit).to_integral_value()) % DAY)


def _without_leap_seconds(moment: int) -> tuple[int, bool]:
    """The moment on a clock without leap seconds, and whether it lies within one (23:59:60).

    Within one the clock shows the second before it, so that the day is the right one.
    """
    passed = bisect_right(LEAPS, moment)
    is_leap = passed > 0 and moment - LEAPS[passed - 1] < SECOND
    return moment - passed * SECOND, is_leap


def _counted(number: Decimal, part: str) -> str | None:
    """Stata's weeks (52 a year), months, quarters and half-years since 1960; years as they are."""
    if number != number.to_integral_value():
        return None
    if part == "year":
        return f"{int(number):04}" if int(number) in YEARS else None
    year, place = divmod(int(number), STEPS[part])
    year += 1960
    if year not in YEARS:
        return None
    if part == "month":
        return f"{year:04}-{place + 1:02}"
    return f"{year}{SHOWN_IN_STATA[part]}{place + 1}"


def _part(day: datetime.date, part: str, program: str) -> str:
    quarter, week = (day.month + 2) // 3, (day.timetuple().tm_yday + 6) // 7
    spss = program == "spss"
    return {
        "date": day.isoformat(),
        "month": day.isoformat()[:7],
        "year": day.isoformat()[:4],
        "quarter": f"{quarter} Q {day.year}" if spss else f"{day.year}Q{quarter}",
        "week": f"{week} WK {day.year}",
        "day_of_month": str(day.day),
        "day_of_week": str(day.isoweekday() % 7 + 1),  # Sunday is 1
        "day_of_year": str(day.timetuple().tm_yday),
        "month_of_year": str(day.month),
        "quarter_of_year": str(quarter),
    }[part]


def _clock(moment: int, sign: str = "", short: bool = False, is_leap: bool = False) -> str:
    """Microseconds as hh:mm:ss; ``short``: without seconds where they are zero."""
    seconds, fraction = divmod(moment, SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    seconds += is_leap
    text = f"{sign}{hours:02}:{minutes:02}"
    if seconds or fraction or not short:
        text += f":{seconds:02}"
    return text + (f".{fraction:06}".rstrip("0") if fraction else "")
