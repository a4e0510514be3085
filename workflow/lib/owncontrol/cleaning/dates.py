"""Dates in order: each is compared with its neighbours, and the one that does not fit is named.

A single wrong date contradicts several others. It is reported once, at its own cell, and what
follows from it (days counted from a wrong injury, visits outside their windows) is not reported
again.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.decimals import plain, plain_change
from owncontrol.basics.units import unit_for
from owncontrol.cleaning.day_counts import NO_ROW, Clocks
from owncontrol.cleaning.partial_dates import PRECISIONS
from owncontrol.cleaning.working_table import Days, Rows, Sheet
from owncontrol.findings import course_rules
from owncontrol.study.visits import Visit
from owncontrol.tables.categories import by_value

Sheets = dict[str, Sheet]
# Table and column of the dates of a subject, in the order of time.
CHAIN = (
    ("subjects", "injury_date"),
    ("subjects", "consent_date"),
    ("subjects", "registration_date"),
    ("treatments", "collection_date"),
    ("treatments", "culture_start"),
    ("treatments", "release_date"),
    ("treatments", "treatment_start"),
)
CLOCK_OF = {"injury_date": "injury", "treatment_start": "treatment"}
# By clock, the column that day 0 is read from.
ORIGINS = {clock: column for column, clock in CLOCK_OF.items()} | {"baseline": "date"}
# An assessment this far from its planned day was not late: its date or its visit is wrong.
IMPLAUSIBLE_DAYS = 180
DAY = np.timedelta64(1, "D")
NAT = np.datetime64("NaT", "D")


def check_order(sheets: Sheets, clocks: Clocks) -> Days:
    """Report each date that contradicts the order of a subject's dates; distrust it as day 0.

    Returns the date of consent of each subject, NaT where it is one of them.
    """
    chain = [(table, column) for table, column in CHAIN if table in sheets]
    rows, whose = _rows_of_chain(sheets, clocks)
    dates = np.full((len(whose), len(chain)), NAT)
    for position, (table, column) in enumerate(chain):
        here = rows[table] != NO_ROW
        dates[here, position] = sheets[table].days(column)[rows[table][here]]
    names = [column for _, column in chain]
    outlier = _outliers(dates, np.array([name not in CLOCK_OF for name in names]))
    consent = np.full(len(clocks.place), NAT)
    for position, (table, column) in enumerate(chain):
        wrong = np.flatnonzero(outlier[:, position])
        if table == "subjects":
            # A subject with several treatments is in several rows of the chain.
            wrong = wrong[np.unique(whose[wrong], return_index=True)[1]]
        clock = CLOCK_OF.get(column)
        sheets[table].report(
            rows[table][wrong],
            column,
            [
                course_rules.OutOfOrder(
                    contradicted=_contradicted(dates[row], position, names, outlier[row]),
                    outcome="kept as written, not used as day 0" if clock else "kept and flagged",
                )
                for row in wrong
            ],
        )
        if clock:
            is_day_0 = clocks.row[clock][whose[wrong]] == rows[table][wrong]
            clocks.distrust(clock, whose[wrong][is_day_0])
        if column == "consent_date":
            consent[whose] = dates[:, position]
            consent[whose[wrong]] = NAT
    return consent


def _rows_of_chain(sheets: Sheets, clocks: Clocks) -> tuple[dict[str, Rows], Rows]:
    """One chain a treatment, and one for each subject without: rows by table, and the subject."""
    whose = np.zeros(0, np.intp)
    treatments = np.zeros(0, np.intp)
    if "treatments" in sheets:
        places = clocks.places(sheets["treatments"])
        treatments = np.flatnonzero(sheets["treatments"].is_kept & (places >= 0))
        whose = places[treatments]
    others = np.setdiff1d(np.arange(len(clocks.place)), whose)
    whose = np.concatenate([whose, others])
    rows = {"subjects": clocks.row["injury"][whose]}
    if "treatments" in sheets:
        rows["treatments"] = np.concatenate([treatments, np.full(len(others), NO_ROW, np.intp)])
    return rows, whose


def _outliers(dates: Days, is_no_origin: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which dates to leave out so that the others are in order: (chains, dates) in and out.

    The one that contradicts most others goes first. Of two that contradict only each other it is
    the one that no clock starts from, then the later one of the chain.
    """
    outlier = np.zeros(dates.shape, bool)
    order = np.arange(dates.shape[1])
    preference = 0.5 * is_no_origin + 0.01 * order
    concerned = np.arange(len(dates))
    left = dates.copy()
    while len(concerned):
        earlier = left[concerned][:, :, None] > left[concerned][:, None, :]
        earlier &= order[:, None] < order[None, :]
        contradictions = earlier.sum(axis=1) + earlier.sum(axis=2)
        any_left = contradictions.any(axis=1)
        concerned, contradictions = concerned[any_left], contradictions[any_left]
        worst = (contradictions + preference).argmax(axis=1)
        outlier[concerned, worst] = True
        left[concerned, worst] = NAT
    return outlier


def _contradicted(dates: Days, position: int, names: list[str], outlier: NDArray[np.bool_]) -> str:
    """Which dates of a chain one of them contradicts."""
    found = [
        f"{'after' if other > position else 'before'} {names[other]} {dates[other]}"
        for other in range(len(names))
        if not outlier[other]
        and (
            (other > position and dates[position] > dates[other])
            or (other < position and dates[position] < dates[other])
        )
    ]
    return ", ".join(found or ["out of order"])


class Visits:
    """The schedule as arrays: clock, planned day and window by the place of the visit."""

    def __init__(self, visits: Sequence[Visit], baseline: str = "") -> None:
        """Take the schedule of the study, and the name of its baseline."""
        self.baseline = baseline
        self.names = [visit.name for visit in visits]
        self.clock = np.array([visit.clock for visit in visits])
        self.day = np.array([np.nan if visit.day is None else visit.day for visit in visits])
        windows = [visit.window or (-np.inf, np.inf) for visit in visits]
        self.window = np.array(windows)

    def places(self, sheet: Sheet) -> NDArray[np.int64]:
        """Place of each row's visit in the schedule; -1 where it could not be read."""
        place = {name: number for number, name in enumerate(self.names)}
        return by_value(sheet.values["visit"], lambda name: place.get(name, -1)).astype(np.int64)

    def days(self, sheet: Sheet, clocks: Clocks) -> NDArray[np.float64]:
        """Day of each kept row on its visit's clock; NaN where not known or nominal."""
        places = self.places(sheet)
        found = np.full(len(places), np.nan)
        for clock in set(self.clock.tolist()) - {"nominal"}:
            here = sheet.is_kept & (places >= 0) & (self.clock[places] == clock)
            found[here] = (clocks.since(sheet, clock) / DAY)[here]
        return found

    def outside(self, places: NDArray[np.int64], days: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether a day lies outside its visit's window; False where it is not known."""
        low, high = self.window[places].T
        outside: NDArray[np.bool_] = (days < low) | (days > high)
        return outside


def check_origins(sheets: Sheets, clocks: Clocks, visits: Visits, assessments: list[str]) -> None:
    """Report a day 0 from which most visits are outside their windows, all by the same days.

    Then one date is wrong and not all the others: the windows of these visits are not checked.
    """
    whose = np.concatenate([clocks.places(sheets[table]) for table in assessments])
    visit = np.concatenate([visits.places(sheets[table]) for table in assessments])
    days = np.concatenate([visits.days(sheets[table], clocks) for table in assessments])
    # The instruments of one visit count once.
    used = np.flatnonzero(~np.isnan(days))
    used = used[np.unique(whose[used] * len(visits.names) + visit[used], return_index=True)[1]]
    whose, visit, days = whose[used], visit[used], days[used]
    outside = visits.outside(visit, days)
    for clock in [clock for clock in ORIGINS if clock in clocks.row]:
        on_clock = visits.clock[visit] == clock
        if clock == "baseline":  # its own day is 0, whenever it was
            on_clock &= visit != visits.names.index(visits.baseline)
        number = np.bincount(whose[on_clock], minlength=len(clocks.place))
        number_outside = np.bincount(whose[on_clock & outside], minlength=len(clocks.place))
        suspects = np.flatnonzero((number_outside >= 2) & (2 * number_outside > number))
        found: dict[int, course_rules.ShiftedDay0] = {}
        # In order of subject, so that the visits of one are found without a look at all others.
        of_clock = np.flatnonzero(on_clock)
        ends = np.searchsorted(whose[of_clock], [suspects, suspects + 1])
        for place, first, end in zip(suspects.tolist(), *ends.tolist(), strict=True):
            here = of_clock[first:end]
            shift = np.median(days[here] - visits.day[visit[here]])
            if 2 * visits.outside(visit[here], days[here] - shift).sum() < number_outside[place]:
                found[place] = course_rules.ShiftedDay0(
                    outside=int(number_outside[place]),
                    visits=int(number[place]),
                    shift=f"{plain_change(shift)} {unit_for(shift, 'day')}",
                )
        _report_origins(sheets, clocks, clock, found)
        clocks.distrust(clock, np.array(list(found), np.intp))


def _report_origins(
    sheets: Sheets, clocks: Clocks, clock: str, found: dict[int, course_rules.ShiftedDay0]
) -> None:
    """Report faults of day 0, by place of the subject, in the table that each is read from."""
    by_table: dict[str, list[int]] = {}
    for place in found:
        by_table.setdefault(clocks.table_of(clock, place), []).append(place)
    for table, places in by_table.items():
        if table in sheets:
            rows = clocks.row[clock][places]
            sheets[table].report(rows, ORIGINS[clock], [found[place] for place in places])


def check_assessment_dates(sheet: Sheet, clocks: Clocks, visits: Visits) -> None:
    """Set aside assessments before the injury, and those months away from their planned day."""
    before = np.flatnonzero(sheet.is_kept & (clocks.since(sheet, "injury") < 0 * DAY))
    sheet.report(before, sheet.when, course_rules.BeforeInjury())
    sheet.set_aside(before, "assessment before the injury")
    days, places = visits.days(sheet, clocks), visits.places(sheet)
    far = np.flatnonzero(np.abs(days - visits.day[places]) > IMPLAUSIBLE_DAYS)
    found = [
        course_rules.ImplausibleDate(
            day=plain(days[row]),
            clock=_clock(visits, places[row]),
            planned=int(visits.day[places[row]]),
        )
        for row in far
    ]
    sheet.report(far, sheet.when, found)
    sheet.set_aside(far, "date implausible for the visit")


def check_windows(sheet: Sheet, clocks: Clocks, visits: Visits) -> None:
    """Flag assessments outside the window of their visit."""
    days, places = visits.days(sheet, clocks), visits.places(sheet)
    outside = np.flatnonzero(visits.outside(places, days))
    found = []
    for row in outside:
        first, last = map(int, visits.window[places[row]])
        clock = _clock(visits, places[row])
        found.append(
            course_rules.VisitWindow(day=plain(days[row]), clock=clock, first=first, last=last)
        )
    sheet.report(outside, sheet.when, found)


def known_dates(sheet: Sheet, clocks: Clocks, rows: Rows) -> dict[str, Any]:
    """Of dates that may be known in part: how far, and whether an event began after treatment.

    An event of which only month or year are known began after the treatment (on its day or
    later), or before it, where the whole stretch did; else that is not known.
    """
    found: dict[str, Any] = {}
    for name, span in sheet.spans.items():
        absent = "" if name == "end_date" else "unknown"
        words = np.array([*PRECISIONS, absent])  # the last one stands for -1, no date
        found[f"{name.removesuffix('_date')}_known"] = pd.Categorical(words[span.known[rows]])
    if "onset_date" in sheet.spans:
        span, start = sheet.spans["onset_date"], clocks.origins(sheet, "treatment")
        after, before = (span.first >= start)[rows], (span.last < start)[rows]
        values = pd.array(after, "boolean")
        values[~after & ~before] = pd.NA
        found["after_treatment"] = values
    return found


def _clock(visits: Visits, place: int) -> str:
    """What a day counts from, in the words of a finding."""
    return {"recorded": "the source's day 0"}.get(name := str(visits.clock[place]), name)
