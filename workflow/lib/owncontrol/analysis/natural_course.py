"""Published courses of scores without the treatment: read, checked, found by grade and level."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.basics.decimals import plain
from owncontrol.errors import InputError
from owncontrol.ingest.readers.delimited import read_small_table
from owncontrol.statistics.score_course import Course, TotalChange, VisitMeans, days_of
from owncontrol.tables import conform, fields, load_schema

TABLE = "natural_course"
NUMBERS = ("from_day", "day", "n", "records", "value", "sd", "se")
WHOLE = ("from_day", "day", "n", "records")
LEAST = {"from_day": 1, "day": 1, "n": 1, "records": 1, "sd": 0, "se": 0}
MOST = 1e9
WORDS = ("abbreviation", "population", "unit", "grade_exam", "citation", "note")
GROUP = ("cohort", "instrument", "scale", "grade", "level", "sex")
Row = Mapping[str, Any]  # of the table, with numbers as such; "row": its number in the file


@dataclass(frozen=True)
class NaturalCourse:
    """The course of one score in one group of a cohort. An empty grade, level or sex is any."""

    cohort: str
    instrument: str
    scale: str
    abbreviation: str
    grade: str
    level: str
    sex: str
    population: str
    unit: str
    grade_exam: str
    citation: str
    note: str
    course: Course

    @property
    def days(self) -> tuple[float, float]:
        """First and last day from onset."""
        return days_of(self.course)

    @property
    def linear(self) -> bool:
        """Whether it is a total change taken as linear in time, and not means of several days."""
        return isinstance(self.course, TotalChange)


def read_courses(path: Path | str) -> tuple[NaturalCourse, ...]:
    """Read a table of published courses (schema natural_course), in its order.

    Raises InputError with file, row and column for a column that is missing or unknown, a cell
    that is no number or out of range, a row that is duplicated, and a group that has one mean
    only, or both means and a change.
    """
    text = read_small_table(Path(path))
    _check_columns(path, text)
    for name in NUMBERS:
        _check_numbers(path, text, name)
    _check_texts(path, text)
    rows = conform(text, TABLE)
    twice = rows.duplicated(load_schema(TABLE)["key"])
    if twice.any():
        row = text.index[int(twice.idxmax())]
        raise InputError(
            f"{path}, row {row}: this cohort, scale, group and day are there twice",
            "keep one of the rows",
        )
    rows = rows.astype(dict.fromkeys(NUMBERS, "float64")).assign(row=text.index)
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows.to_dict("records"):
        groups.setdefault(tuple(str(row[name]) for name in GROUP), []).append(row)
    return tuple(
        _course(path, dict(zip(GROUP, key, strict=True)), sorted(of, key=itemgetter("day")))
        for key, of in groups.items()
    )


def _check_columns(path: Path | str, text: pd.DataFrame) -> None:
    known = f"its columns: {', '.join(fields(TABLE))} (workflow/schemas/tables/{TABLE}.yaml)"
    for name in fields(TABLE):
        if name not in text:
            raise InputError(f"{path}: column '{name}' is missing", known)
    for name in text:
        if name not in fields(TABLE):
            raise InputError(f"{path}: there is no column '{name}' in such a table", known)
    if not len(text):
        raise InputError(f"{path}: has no rows", "a row is a mean on a day, or a change")


def _check_numbers(path: Path | str, text: pd.DataFrame, name: str) -> None:
    given = text.loc[text[name] != "", name]
    number = pd.to_numeric(given, errors="coerce")
    good = number.abs().lt(MOST) & (number >= LEAST.get(name, -MOST))
    if name in WHOLE:
        good &= number % 1 == 0
    if not good.all():
        row = good.index[~good][0]
        kind = "a whole number" if name in WHOLE else "a number"
        least = f" of at least {LEAST[name]}" if name in LEAST else ""
        raise InputError(
            f"{path}, row {row}, {name}: {given[row]!r} is not {kind}{least}",
            "leave it empty where it is not published",
        )


def _check_texts(path: Path | str, text: pd.DataFrame) -> None:
    for name, field in fields(TABLE).items():
        limits = field.get("constraints", {})
        if limits.get("required") and (text[name] == "").any():
            row = (text[name] == "").idxmax()
            raise InputError(f"{path}, row {row}, {name}: is empty", "every row needs it")
        if "enum" in limits:
            bad = ~text[name].isin(["", *limits["enum"]])
            if bad.any():
                row = bad.idxmax()
                raise InputError(
                    f"{path}, row {row}, {name}: {text[name][row]!r} is not permitted",
                    f"permitted: {', '.join(limits['enum'])}, or empty",
                )


def _course(path: Path | str, key: dict[str, str], rows: Sequence[Row]) -> NaturalCourse:
    words = {name: str(rows[0][name]) for name in WORDS}
    return NaturalCourse(**key, **words, course=_shape(path, rows))


def _shape(path: Path | str, rows: Sequence[Row]) -> Course:
    """The course of the rows of a group, which are by day."""
    first = rows[0]
    if all(math.isnan(row["from_day"]) for row in rows):
        if len(rows) == 1:
            raise InputError(
                f"{path}, row {first['row']}: the group has a mean on one day only",
                "a change needs the means of two days or more",
            )
        days, means, sds, sizes = (
            tuple(row[name] for row in rows) for name in ("day", "value", "sd", "n")
        )
        return VisitMeans(days=days, means=means, sds=sds, sizes=sizes)
    if len(rows) > 1:
        raise InputError(
            f"{path}, row {first['row']}: the group has a change (from_day) and other rows",
            "a group has means of several days, or one change",
        )
    start, end = first["from_day"], first["day"]
    if start >= end:
        raise InputError(
            f"{path}, row {first['row']}: from_day {plain(start)} is not before day {plain(end)}",
            "a change ends after it begins",
        )
    return TotalChange(from_day=start, day=end, change=first["value"], se=first["se"])


def courses_of(
    courses: Sequence[NaturalCourse],
    instrument: str,
    scale: str,
    grade: str = "",
    level: str = "",
    sex: str = "",
) -> list[NaturalCourse]:
    """The courses of a score that hold for a grade, level and sex, in the order of the table.

    A course of any grade, level or sex holds for each of them. ``sex``: where it is empty, the
    courses of both sexes are returned.
    """
    return [
        course
        for course in courses
        if (course.instrument, course.scale) == (instrument, scale)
        and course.grade in ("", grade)
        and course.level in ("", level)
        and (not sex or course.sex in ("", sex))
    ]
