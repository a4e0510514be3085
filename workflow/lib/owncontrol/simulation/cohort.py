"""Who the SYNTHETIC patients are: visits, dates and the true AIS grade at each visit.

Bounds follow the trial the example is built on (Honmou et al. 2021, Clin Neurol Neurosurg
203:106565): cervical injury, onset within 14 days at registration, age 20-70, AIS A, B or C,
infusion up to 54 days after injury; grade C patients reached D the day after infusion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

GRADES = ("A", "B", "C", "D")
#: AIS before and six months after infusion, patients (abstract of Honmou et al. 2021).
PUBLISHED_COHORT = (
    ("A", "A", 1),
    ("A", "B", 3),
    ("A", "C", 2),
    ("B", "C", 1),
    ("B", "D", 1),
    ("C", "D", 5),
)
#: Days after infusion between which a patient first shows the new grade, by (first, last, new).
CONVERSION_DAYS = {
    ("A", "B", "B"): (10, 60),
    ("A", "C", "B"): (5, 21),
    ("A", "C", "C"): (25, 70),
    ("B", "C", "C"): (10, 40),
    ("B", "D", "C"): (5, 20),
    ("B", "D", "D"): (40, 90),
    ("C", "D", "D"): (1, 1),
}
ALWAYS, NEVER = -999, 9999
FIRST_ENROLMENT = np.datetime64("2019-10-01", "D")
ENROLMENT_DAYS = 540


@dataclass(frozen=True)
class Visit:
    """A scheduled visit: days after its anchor, with the window a site has for it."""

    name: str
    wording: str
    anchor: str
    day: int
    earliest: int
    latest: int
    function_scales: bool
    may_be_missed: bool


SCHEDULE = (
    Visit("registration", "Registration", "injury", 14, 0, 14, True, False),
    Visit("baseline", "Pre-infusion", "infusion", 0, -7, 0, True, False),
    Visit("day_1", "Day 1", "infusion", 1, 1, 1, False, True),
    Visit("day_7", "Day 7", "infusion", 7, 5, 9, False, True),
    Visit("day_14", "Day 14", "infusion", 14, 11, 17, False, True),
    Visit("day_28", "Day 28", "infusion", 28, 24, 32, True, True),
    Visit("day_56", "Day 56", "infusion", 56, 49, 63, True, True),
    Visit("day_90", "Day 90", "infusion", 90, 80, 100, True, True),
    Visit("day_120", "Day 120", "infusion", 120, 110, 130, True, True),
    Visit("day_150", "Day 150", "infusion", 150, 140, 160, True, True),
    Visit("day_180", "Day 180", "infusion", 180, 166, 194, True, False),
    Visit("injury_day_220", "Day 220 post injury", "injury", 220, 206, 234, True, False),
)
#: Visits that may fall after their window, and by how many days at most (before the next opens).
LATE_BY = {"day_7": 1, "day_14": 5, "day_56": 8, "day_90": 8, "day_120": 8, "day_150": 5}
MISSED_SHARE = 0.08
LATE_SHARE = 0.03


@dataclass(frozen=True)
class Cohort:
    """The true course of n subjects over the v visits of a schedule.

    Dates have shape (n,) or (n, v); `day_from_infusion` and `grade` (0 = A … 3 = D) are (n, v);
    `conversion` (n, 3) is the day after infusion at which AIS B, C and D are reached.
    """

    schedule: tuple[Visit, ...]
    code: NDArray[np.str_]
    sex: Ints
    age: Ints
    birth: Days
    injury: Days
    consent: Days
    registration: Days
    marrow: Days
    culture_start: Days
    release: Days
    infusion: Days
    conversion: Ints
    visit_date: Days
    day_from_infusion: Ints
    grade: Ints
    attended: Bools
    late: Bools

    @property
    def size(self) -> int:
        """Number of subjects."""
        return len(self.code)

    def code_of(self, number: int) -> str:
        """Study code of a patient number, as wide as the codes of the study."""
        return study_code(number, self.size)

    def visit_index(self, name: str) -> int:
        """Position of a visit in the schedule; ValueError when it has no such visit."""
        names = [visit.name for visit in self.schedule]
        return names.index(name)


def draw_cohort(
    subjects: int, rng: np.random.Generator, schedule: tuple[Visit, ...] = SCHEDULE
) -> Cohort:
    """Draw `subjects` patients whose AIS transitions are those of the published cohort.

    Transitions are shared out by largest remainder, so that 13 subjects give the published table
    and its multiples keep its shares. Raises ValueError for fewer than one subject.
    """
    if subjects < 1:
        raise ValueError(f"subjects: {subjects} is not allowed; a study needs at least 1 subject")
    transition = _transitions(subjects, rng)
    injury = FIRST_ENROLMENT + np.sort(rng.integers(0, ENROLMENT_DAYS, subjects))
    registration = injury + rng.integers(3, 15, subjects)
    consent = registration - rng.integers(0, 3, subjects)
    marrow = registration + rng.integers(1, 6, subjects)
    culture_start = marrow + rng.integers(0, 2, subjects)
    wait = rng.integers(1, 5, subjects)
    # Longest way from injury to infusion: 14 + 5 + 1 + 30 + 4 = 54 days; the shortest is 30.
    earliest_release = 30 - wait - (culture_start - injury).astype(np.int64)
    release = culture_start + np.maximum(rng.integers(18, 31, subjects), earliest_release)
    infusion = release + wait
    birth = registration - rng.integers(20 * 365 + 8, 71 * 365 + 14, subjects)
    conversion = _conversion_days(transition, (registration - infusion).astype(np.int64), rng)
    visit_date, late = _visit_dates(schedule, injury, registration, infusion, rng)
    day_from_infusion = (visit_date - infusion[:, None]).astype(np.int64)
    grade = (conversion[:, None, :] <= day_from_infusion[:, :, None]).sum(axis=2)
    may_be_missed = np.array([visit.may_be_missed for visit in schedule])
    missed = (rng.random((subjects, len(schedule))) < MISSED_SHARE) & may_be_missed & ~late
    return Cohort(
        schedule=schedule,
        code=np.array([study_code(number, subjects) for number in range(1, subjects + 1)]),
        sex=1 + (rng.random(subjects) < 0.25).astype(np.int64),
        age=age_on(birth, registration),
        birth=birth,
        injury=injury,
        consent=consent,
        registration=registration,
        marrow=marrow,
        culture_start=culture_start,
        release=release,
        infusion=infusion,
        conversion=conversion,
        visit_date=visit_date,
        day_from_infusion=day_from_infusion,
        grade=grade,
        attended=~missed,
        late=late,
    )


def study_code(number: int, subjects: int) -> str:
    """Study code of a patient number in a study of so many subjects."""
    width = max(2, len(str(subjects)))
    return f"OC-{number:0{width}d}"


def age_on(birth: Days, day: Days) -> Ints:
    """Completed years of age on a day, both (n,) arrays of days."""
    years = day.astype("datetime64[Y]").astype(np.int64) - birth.astype("datetime64[Y]").astype(
        np.int64
    )
    birthday_of_year = _month_and_day(birth)
    age: Ints = years - (_month_and_day(day) < birthday_of_year)
    return age


def _month_and_day(day: Days) -> Ints:
    month = day.astype("datetime64[M]")
    of_month = (day - month.astype("datetime64[D]")).astype(np.int64)
    days: Ints = (month.astype(np.int64) % 12) * 31 + of_month
    return days


def _transitions(subjects: int, rng: np.random.Generator) -> Ints:
    """Row of PUBLISHED_COHORT for each subject, in random order."""
    exact = np.array([count for *_, count in PUBLISHED_COHORT]) * subjects
    counts, remainder = np.divmod(exact, sum(count for *_, count in PUBLISHED_COHORT))
    by_remainder = np.argsort(-remainder, kind="stable")
    counts[by_remainder[: subjects - counts.sum()]] += 1
    return rng.permutation(np.repeat(np.arange(len(PUBLISHED_COHORT)), counts))


def _conversion_days(transition: Ints, registration_day: Ints, rng: np.random.Generator) -> Ints:
    """Day after infusion on which each subject reaches B, C and D: (n, 3), ALWAYS or NEVER."""
    n = len(transition)
    conversion = np.full((n, 3), NEVER)
    # One in eight B or C patients was a grade worse at registration: both baselines then differ.
    worse_before = rng.random(n) < 0.125
    recovered_by = np.rint(registration_day * (0.3 + 0.4 * rng.random(n))).astype(np.int64)
    for row, (first, last, _) in enumerate(PUBLISHED_COHORT):
        member = transition == row
        for step, grade in enumerate(GRADES[1:]):
            low, high = CONVERSION_DAYS.get((first, last, grade), (NEVER, NEVER))
            drawn = rng.integers(low, high + 1, n)
            if grade <= first:
                drawn = np.full(n, ALWAYS)
            if grade == first:
                drawn = np.where(worse_before, recovered_by, ALWAYS)
            conversion[member, step] = drawn[member]
    return conversion


def _visit_dates(
    schedule: tuple[Visit, ...],
    injury: Days,
    registration: Days,
    infusion: Days,
    rng: np.random.Generator,
) -> tuple[Days, Bools]:
    """Dates of all visits (n, v), and which of them are after their window."""
    n = len(injury)
    dates = np.empty((n, len(schedule)), dtype="datetime64[D]")
    late = np.zeros((n, len(schedule)), dtype=bool)
    for column, visit in enumerate(schedule):
        # The mean of two uniforms keeps most visits near their day.
        share = (rng.random(n) + rng.random(n)) / 2
        offset = visit.earliest + np.floor(share * (visit.latest - visit.earliest + 1)).astype(int)
        if visit.name == "registration":
            dates[:, column] = registration
            continue
        if visit.name == "baseline":
            offset = -rng.integers(1, 5, n)
        if visit.name in LATE_BY:
            late[:, column] = rng.random(n) < LATE_SHARE
            days_late = rng.integers(1, LATE_BY[visit.name] + 1, n)
            offset = np.where(late[:, column], visit.latest + days_late, offset)
        anchor = injury if visit.anchor == "injury" else infusion
        dates[:, column] = anchor + offset
    names = [visit.name for visit in schedule]
    if "injury_day_220" in names and "day_180" in names:
        _part(dates, names.index("day_180"), names.index("injury_day_220"), injury)
    return dates, late


def _part(dates: Days, day_180: int, day_220: int, injury: Days) -> None:
    """Move the visit at day 220 after injury in its window where it meets day 180 (in place)."""
    gap = (dates[:, day_220] - dates[:, day_180]).astype(np.int64)
    room_before = dates[:, day_180] - injury > 220
    moved = dates[:, day_180] + np.where(room_before, -4, 4)
    dates[:, day_220] = np.where(np.abs(gap) < 3, moved, dates[:, day_220])
