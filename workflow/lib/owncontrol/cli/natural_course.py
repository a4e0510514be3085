"""natural-course: how much a score is expected to change without the treatment under study."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from owncontrol.analysis.natural_course import NaturalCourse, read_courses
from owncontrol.basics.decimals import of_float, plain, rounded
from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.program_files import WORKFLOW
from owncontrol.errors import InputError
from owncontrol.statistics.score_course import ExpectedChange, expected_change
from owncontrol.study.natural_course import Correlations

SHIPPED = WORKFLOW.parent / "data/reference/natural_course.csv"
RULE = (
    "visit means interpolated linearly in the logarithm of the day, or for a mixed model the total "
    "change by the share of the time; expected change = mean at to_day minus mean at from_day"
)
CONFIDENCE = 0.95
# What people type, beside abbreviation and name of a scale: without capitals and signs.
SCALE_WORDS = {
    "totalmotor": "motor_total",
    "totalmotorscore": "motor_total",
    "motorscore": "motor_total",
    "asiamotorscore": "motor_total",
    "upperextremitymotor": "upper_extremity_motor_score",
    "lowerextremitymotor": "lower_extremity_motor_score",
    "lighttouch": "light_touch_total",
    "lighttouchscore": "light_touch_total",
    "pinprick": "pin_prick_total",
    "pinprickscore": "pin_prick_total",
    "scim3": "SCIM",
    "scimiii": "SCIM",
    "scimtotal": "SCIM",
    "wisci2": "WISCI",
    "wisciii": "WISCI",
}
LEVEL_WORDS = {
    "tetra": "tetraplegia",
    "tetraplegic": "tetraplegia",
    "quadriplegia": "tetraplegia",
    "quadriplegic": "tetraplegia",
    "cervical": "tetraplegia",
    "para": "paraplegia",
    "paraplegic": "paraplegia",
    "thoracic": "paraplegia",
    "lumbar": "paraplegia",
    "thoracolumbar": "paraplegia",
}


@dataclass(frozen=True)
class Question:
    """What was asked: as it was typed. An empty grade, level, sex or cohort: all of them."""

    scale: str
    grade: str
    level: str
    from_day: float
    to_day: float
    sex: str = ""
    cohort: str = ""
    table: Path = SHIPPED


def answer(question: Question) -> dict[str, Any]:
    """The expected change in each cohort, as plain data for JSON.

    ``entries``: one a cohort (and sex, where a table has them apart); ``not_covered``: cohorts
    whose table does not hold the days. Raises InputError for a name that the table does not have,
    and where no cohort holds the days.
    """
    _check_days(question.from_day, question.to_day)
    chosen = _chosen(question)
    entries, outside = [], []
    for course in chosen:
        first, last = course.days
        if first <= question.from_day and question.to_day <= last:
            entries.append(_entry(course, question))
        else:
            held = f"holds days {plain(first)} to {plain(last)}"
            outside.append({"cohort": course.cohort, "sex": course.sex, "reason": held})
    if not entries:
        said = "; ".join(dict.fromkeys(f"{one['cohort']} {one['reason']}" for one in outside))
        raise InputError(
            f"no expected change from day {plain(question.from_day)} to day "
            f"{plain(question.to_day)}: {said}",
            "choose both days within the days of a cohort; nothing is extrapolated",
        )
    return {"rule": RULE, "entries": entries, "not_covered": outside}


def print_answer(question: Question, as_json: bool) -> None:
    """Print ``answer`` as JSON, or as lines that a person reads."""
    found = answer(question)
    if as_json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        print("\n".join(_lines(found, question)))


def _check_days(from_day: float, to_day: float) -> None:
    for name, day in (("--from-day", from_day), ("--to-day", to_day)):
        if not 0 < day < 1e9:
            raise InputError(f"{name}: {plain(day)} is no day after onset", "days count from 1")
    if not from_day < to_day:
        raise InputError(
            f"--to-day: day {plain(to_day)} is not after day {plain(from_day)}",
            "the change is that from --from-day to a later --to-day",
        )


def _bare(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _chosen(question: Question) -> list[NaturalCourse]:
    courses: Sequence[NaturalCourse] = read_courses(question.table)
    scale = _one_of(
        "--scale",
        SCALE_WORDS.get(_bare(question.scale), question.scale),
        {name for course in courses for name in (course.abbreviation, course.scale) if name},
        shown=list(dict.fromkeys(course.abbreviation or course.scale for course in courses)),
    )
    left = [course for course in courses if scale in (course.abbreviation, course.scale)]
    grade = question.grade
    for prefix in ("ais", "asia", "grade"):
        if _bare(grade).startswith(prefix) and len(_bare(grade)) > len(prefix):
            grade = _bare(grade)[len(prefix) :]
    level = LEVEL_WORDS.get(_bare(question.level), question.level)
    for name, given, of in (
        ("--grade", grade, _grade),
        ("--level", level, _level),
        ("--sex", question.sex, _sex),
        ("--cohort", question.cohort, _cohort),
    ):
        left = _kept(name, given, of, left, scale)
    return left


def _grade(course: NaturalCourse) -> str:
    return course.grade


def _level(course: NaturalCourse) -> str:
    return course.level


def _sex(course: NaturalCourse) -> str:
    return course.sex


def _cohort(course: NaturalCourse) -> str:
    return course.cohort


def _kept(
    name: str,
    given: str,
    of: Callable[[NaturalCourse], str],
    left: list[NaturalCourse],
    scale: str,
) -> list[NaturalCourse]:
    """The courses whose grade (level, sex, cohort) is the one given, or any."""
    there = list(dict.fromkeys(of(course) for course in left if of(course)))
    if not there:
        return left
    if not given:
        if name in ("--sex", "--cohort"):
            return left
        raise InputError(f"{name}: is missing", f"{scale} has: {', '.join(there)}")
    value = _one_of(name, given, there, f" for {scale}")
    return [course for course in left if of(course) in ("", value)]


def _one_of(
    name: str, given: str, known: Collection[str], about: str = "", shown: Sequence[str] = ()
) -> str:
    """The name that was meant, whatever its capitals and signs."""
    for one in known:
        if _bare(one) == _bare(given):
            return one
    listed = f"the table has: {', '.join(shown or known)}"
    hint = did_you_mean(given, known, listed) if name == "--scale" else listed
    raise InputError(f"{name}: no {given!r} in the table{about}", hint)


def _entry(course: NaturalCourse, question: Question) -> dict[str, Any]:
    by_name = Correlations()
    found = {
        name: expected_change(course.course, question.from_day, question.to_day, value)
        for name, value in (("main", by_name.main), ("low", by_name.low), ("high", by_name.high))
    }
    main = found["main"]
    lower, upper = main.interval(CONFIDENCE)
    entry: dict[str, Any] = {
        "cohort": course.cohort,
        "scale": course.abbreviation or course.scale,
        "instrument_scale": f"{course.instrument}.{course.scale}",
        "grade": course.grade,
        "level": course.level,
        "sex": course.sex,
        "from_day": question.from_day,
        "to_day": question.to_day,
        "expected_change": main.change,
        "lower": lower,
        "upper": upper,
        "confidence": CONFIDENCE,
        "standard_error": main.se,
        "unit": course.unit,
        "linear_in_time": course.linear,
        "grade_exam": course.grade_exam,
        "population": course.population,
        "source": course.citation,
        "note": course.note,
    }
    if not course.linear:
        entry["sd_of_one_person"] = main.sd
        entry["by_correlation"] = [
            _at(value, found[name])
            for name, value in (
                ("low", by_name.low),
                ("main", by_name.main),
                ("high", by_name.high),
            )
        ]
    return {key: _json_number(value) for key, value in entry.items()}


def _at(correlation: float, found: ExpectedChange) -> dict[str, Any]:
    lower, upper = found.interval(CONFIDENCE)
    values = {"correlation": correlation, "lower": lower, "upper": upper, "sd": found.sd}
    return {key: _json_number(value) for key, value in values.items()}


def _json_number(value: Any) -> Any:
    """A number that was not published is null: JSON has no NaN. Whole days stay whole."""
    if not isinstance(value, float):
        return value
    if value != value:
        return None
    return int(value) if value.is_integer() else round(value, 9)


def _signed(value: float | None) -> str:
    if value is None:
        return "not known"
    number = rounded(of_float(value), 1)
    return f"{number:+}" if number else f"{abs(number)}"


def _lines(found: dict[str, Any], question: Question) -> list[str]:
    first = found["entries"][0]
    group = ", ".join(
        text for text in (first["grade"] and f"grade {first['grade']}", first["level"]) if text
    )
    lines = [
        f"{first['scale']}{f' ({group})' if group else ''}: expected change from day "
        f"{plain(question.from_day)} to day {plain(question.to_day)} after onset, "
        "without the treatment under study"
    ]
    for entry in found["entries"]:
        name = ", ".join(text for text in (entry["cohort"], entry["sex"]) if text)
        lines.append(
            f"  {name}: {_signed(entry['expected_change'])} {entry['unit']} "
            f"(95 % interval {_signed(entry['lower'])} to {_signed(entry['upper'])})"
        )
        if "by_correlation" in entry:
            low, _, high = entry["by_correlation"]
            lines.append(
                f"    {_signed(low['lower'])} to {_signed(low['upper'])} at a correlation of "
                f"{low['correlation']} between two exams of a person, {_signed(high['lower'])} to "
                f"{_signed(high['upper'])} at {high['correlation']} ({Correlations().main} above)"
            )
        if entry.get("sd_of_one_person") is not None:
            sd = _signed(entry["sd_of_one_person"]).removeprefix("+")
            lines.append(f"    standard deviation of the change of one person: {sd}")
        lines.append(f"    {entry['population']}; {entry['source']}")
        if entry["note"]:
            lines.append(f"    {entry['note']}")
    for one in found["not_covered"]:
        lines.append(f"  {one['cohort']}: {one['reason']}; nothing is extrapolated")
    return [*lines, *_cautions(found["entries"])]


def _cautions(entries: Sequence[dict[str, Any]]) -> list[str]:
    lines = ["Read with these numbers:"]
    if not all(entry["linear_in_time"] for entry in entries):
        lines.append(
            "  They are differences between the means of the persons examined on each day, not "
            "changes of the same persons."
        )
    if any(entry["linear_in_time"] for entry in entries):
        lines.append(
            "  The mixed model is linear in time: too slow early and too fast late. Only the total "
            "change over its days is sure."
        )
    exams = {entry["cohort"]: entry["grade_exam"] for entry in entries if entry["grade_exam"]}
    if exams:
        said = "; ".join(f"{cohort}: {exam}" for cohort, exam in exams.items())
        lines.append(
            f"  The grade is the acute one ({said}). Patients who still have the grade later "
            "recover more slowly; for grade A the expected change is an upper bound for them."
        )
    return lines
