"""Whole examinations and the other visits: copied, or impossible between two visits."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.decimals import plain, plain_change
from owncontrol.cleaning.day_counts import Clocks
from owncontrol.cleaning.keys import row_marks
from owncontrol.cleaning.working_table import Rows, Sheet
from owncontrol.errors import InputError
from owncontrol.findings.course_rules import CopiedAside, CopiedFlagged, ImpossibleJump
from owncontrol.instruments import Instrument, Item, Scale
from owncontrol.tables.categories import by_value, codes

Grades = NDArray[np.float32]
Codes = dict[str, float | None]


def check_copies(sheet: Sheet, clocks: Clocks, instrument: Instrument, rule: str) -> None:
    """Assessments whose items all equal those of an earlier one of the subject.

    On the same day one form was typed under two visits: an error whatever the instrument. On
    another day it depends: one level of a short scale may well repeat itself, more than a hundred
    graded cells may not. ``rule``: allow, flag or quarantine, as the configuration says.
    """
    items = [name for name in instrument.items if name in sheet.values]
    copies = _copies(sheet, clocks, items)
    if rule == "allow":
        copies = copies.loc[copies["same_day"]]
    equal = np.ones(len(copies), bool)  # equal marks may be those of different cells
    for name in items:
        cell = codes(sheet.values[name])
        equal &= cell[copies.index] == cell[copies["first"]]
    copies = copies.loc[equal]
    aside = copies["same_day"].to_numpy() | (rule == "quarantine")
    for quarantined in (True, False):
        here = copies.loc[aside == quarantined]
        copied = CopiedAside if quarantined else CopiedFlagged
        found = [
            copied(
                row=int(sheet.source_row[first]),
                visit=sheet.values["visit"].iloc[first],
                same_day=", the same day" if same_day else "",
            )
            for first, same_day in zip(here["first"], here["same_day"], strict=True)
        ]
        sheet.report(here.index, "visit", found)
        if quarantined:
            sheet.set_aside(here.index.to_numpy(), "the same assessment is under another visit")


def _copies(sheet: Sheet, clocks: Clocks, items: list[str]) -> pd.DataFrame:
    """By row: the ``first`` row of the subject with the same mark of its items, at another visit.

    With ``same_day``: whether both have one date. Rows without any item are no copies.
    """
    rows = np.flatnonzero(sheet.is_kept)
    filled = np.zeros(len(rows), bool)
    for name in items:
        filled |= by_value(sheet.values[name].iloc[rows], bool)
    rows = rows[filled]
    marks = pd.DataFrame(
        {
            "subject": clocks.places(sheet)[rows],
            "mark": row_marks(sheet.values[items], rows),
            "date": sheet.times()[rows],
            "visit": sheet.values["visit"].iloc[rows].to_numpy(),
        },
        index=rows,
    )
    same = ["subject", "mark"]
    marks = marks.loc[marks.duplicated(same, keep=False)]
    marks = marks.sort_values([*same, "date"], kind="stable")
    marks["first"] = marks.index
    marks["first"] = marks.groupby(same)["first"].transform("first")
    day, visit = marks["date"], marks["visit"]
    marks["same_day"] = (day == day.loc[marks["first"]].to_numpy()).to_numpy()
    is_other = visit.to_numpy() != visit.loc[marks["first"]].to_numpy()
    return marks.loc[is_other, ["first", "same_day"]]


def check_spikes(
    sheet: Sheet, clocks: Clocks, instrument: Instrument, spikes: dict[str, float]
) -> None:
    """Assessments far above both neighbouring ones of the subject, or far below both.

    Further than a multiple of the scale's repeatability (``spikes``: scale, multiple), over the
    items graded in both: a change that is gone at the next visit was none. The scores that a total
    is made of are held to its limit, too, because one of them may rise while the other falls.
    Raises InputError for a scale without a repeatability, or that is no sum.
    """
    rows, whose = in_order(sheet, clocks)
    jumps: dict[int, list[str]] = {}
    for name, multiple in spikes.items():
        scale, limit = _limit(instrument, name, multiple)
        parts = [instrument.scales[part] for part in scale.parts if part in instrument.scales]
        for one in (scale, *parts):
            values = grades(sheet, rows, instrument, one.items)
            for place, rise, fall in _spikes(values, whose, limit):
                jumps.setdefault(int(rows[place]), []).append(
                    f"{one.label}: {plain_change(rise)} from the visit before, "
                    f"{plain_change(-fall)} to the next; "
                    f"a change beyond {plain(limit, 2)} that is gone at the next visit was none"
                )
    places = sorted(jumps)
    sheet.report(places, "", [ImpossibleJump(jumps="; ".join(jumps[row])) for row in places])


def _spikes(
    values: Grades, whose: NDArray[np.int64], limit: float
) -> list[tuple[int, float, float]]:
    """Places that leave both neighbours by more than the limit, with rise before and fall after.

    ``values``: (rows, items) in order of subject and time. A row beside a spike seems to leave
    its neighbours, too; so the furthest goes first, and the others are compared with what is left.
    """
    found = []
    left = np.arange(len(values))
    while len(left) > 2:
        step = np.nansum(np.diff(values[left], axis=0), axis=1)
        inside = whose[left][1:] == whose[left][:-1]
        rise, fall = step[:-1], -step[1:]
        away = np.where(rise * fall > 0, np.minimum(np.abs(rise), np.abs(fall)), 0)
        away = np.pad(np.where(inside[:-1] & inside[1:] & (away > limit), away, 0), 1)
        beside = np.maximum(np.pad(away, (1, 0))[:-1], np.pad(away, (0, 1))[1:])
        # Of two that are as far, the first one.
        furthest = (away > 0) & (away >= beside) & (away > np.pad(away, (1, 0))[:-1])
        places = np.flatnonzero(furthest)
        if not len(places):
            break
        found += [(int(left[p]), float(rise[p - 1]), float(fall[p - 1])) for p in places]
        left = np.delete(left, places)
    return found


def _limit(instrument: Instrument, name: str, multiple: float) -> tuple[Scale, float]:
    scale = instrument.scales.get(name)
    published = [
        difference.threshold
        for difference in (scale.important_differences if scale else ())
        if difference.kind == "repeatability"
    ]
    graded = set(scale.items if scale else ()) <= set(instrument.items)
    if scale is None or scale.levels or not published or not graded:
        raise InputError(
            f"exports.*.tables.{instrument.name}.spikes: '{name}' is no sum with a published "
            "repeatability",
            "those of the instrument: "
            + ", ".join(
                other.name
                for other in instrument.scales.values()
                if any(found.kind == "repeatability" for found in other.important_differences)
            ),
        )
    return scale, multiple * min(published)


def in_order(sheet: Sheet, clocks: Clocks) -> tuple[Rows, NDArray[np.int64]]:
    """The kept rows by subject and time, and the place of each one's subject."""
    rows = np.flatnonzero(sheet.is_kept)
    whose = clocks.places(sheet)
    rows = rows[np.lexsort((rows, sheet.times()[rows], whose[rows]))]
    return rows, whose[rows]


def grades(sheet: Sheet, rows: Rows, instrument: Instrument, items: tuple[str, ...]) -> Grades:
    """Numbers of some items in the given rows, (rows, items); NaN where an item has none."""
    found = np.full((len(rows), len(items)), np.nan, np.float32)
    for place, name in enumerate(items):
        if name not in sheet.values:
            continue
        item = instrument.items[name]
        codes = dict(zip(item.values, item.codes, strict=True))

        def number(text: str, item: Item = item, codes: Codes = codes) -> float:
            code = float(text) if item.range and text else codes.get(text)
            return np.nan if code is None else code

        found[:, place] = by_value(sheet.values[name].iloc[rows], number)
    return found
