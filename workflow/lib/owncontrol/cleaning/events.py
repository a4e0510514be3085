"""Adverse events: rows of one event become one event, and no event is lost to what is unknown.

A source writes an event again when its severity changes. Which rows are one event, the source's
own number says; without one, the same subject, term and date of onset. The event has its highest
grade, is serious if it ever was, and has the strongest relation and the latest end of its rows.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.cleaning.merged_rows import same_event
from owncontrol.cleaning.partial_dates import PRECISIONS
from owncontrol.cleaning.working_table import MERGED, MISSING, Rows, Sheet
from owncontrol.findings import course_rules
from owncontrol.findings.cleaning_rules import EventSettled
from owncontrol.tables import fields
from owncontrol.tables.categories import by_value, codes

NO_TERM = "Term not given"
# Without a number, events of one term are the same if their onset is known this far and equal.
ENOUGH = (PRECISIONS.index("day"), PRECISIONS.index("month"))
ABOUT = ("subject_id", "event_number")


def settle_events(sheet: Sheet, rule: str) -> None:
    """Make one event of the rows of one event, or settle them by another declared rule.

    ``rule``: keep_none (the default) merges them, so that nothing of an event is dropped;
    keep_first and keep_last keep one row of each and set the others aside, with a warning.
    """
    _leave_out_blank(sheet)
    groups = _same_events(sheet)
    if rule == "keep_none":
        _merge(sheet, groups)
    else:
        for rows in groups:
            others = rows[1:] if rule == "keep_first" else rows[:-1]
            sheet.report(others, "term", EventSettled(rows=_in_words(sheet, rows), rule=rule))
            sheet.set_aside(others, f"another row of the event is kept ({rule})")
    _report_alike(sheet)
    _name_without_term(sheet)


def _leave_out_blank(sheet: Sheet) -> None:
    """Set rows aside that hold nothing of an event but codes for missing values."""
    blank = sheet.is_kept
    for name, readings in sheet.readings.items():
        if name not in ABOUT:
            blank = blank & (readings.of() == MISSING)
    sheet.report(np.flatnonzero(blank), "", course_rules.BlankEvent())
    sheet.set_aside(np.flatnonzero(blank), "nothing of an event is written")


def _same_events(sheet: Sheet) -> list[Rows]:
    """Rows of one event, for each event with several, in the order of the first row."""
    keys = _keys(sheet)
    numbered = keys.loc[keys["number"] != ""]
    found: list[Rows] = []
    for rows in _alike(numbered, ["file", "subject", "number"]):
        here = keys.loc[rows]
        if _can_be_one(here):
            found.append(rows)
            continue
        reused = course_rules.EventNumberReused(rows=_in_words(sheet, rows))
        sheet.report(rows, "event_number", reused)
        found += _alike(_dated(here), ["term", "first", "last"])
    without = _dated(keys.loc[keys["number"] == ""])
    found += _alike(without, ["subject", "term", "first", "last"])
    return sorted(found, key=lambda rows: int(rows[0]))


def _keys(sheet: Sheet) -> pd.DataFrame:
    """What says which event a kept row is about, indexed by the row's place."""
    span = sheet.span("onset_date")
    number: Any = ""
    if sheet.has("event_number"):
        number = sheet.values["event_number"].astype("str").to_numpy()
    keys = pd.DataFrame(
        {
            "file": codes(sheet.source_file),
            "subject": codes(sheet.values["subject_id"]),
            "number": number,
            "term": by_value(sheet.values["term"], lambda text: " ".join(text.casefold().split())),
            "first": span.first,
            "last": span.last,
            "known": span.known,
        }
    )
    return keys.loc[sheet.is_kept]


def _dated(keys: pd.DataFrame) -> pd.DataFrame:
    """Those that term and onset are enough to recognise."""
    return keys.loc[(keys["term"] != "") & keys["known"].isin(ENOUGH)]


def _alike(keys: pd.DataFrame, columns: list[str]) -> list[Rows]:
    """Places of the rows that are equal in some columns, for each group of at least two."""
    several = keys.loc[keys.duplicated(columns, keep=False)]
    grouped = several.groupby(columns, sort=False, dropna=False)
    return [np.asarray(rows, np.intp) for rows in grouped.groups.values()]


def _can_be_one(keys: pd.DataFrame) -> bool:
    """Whether rows contradict each other neither in their terms nor in their dates of onset."""
    dated = keys.dropna(subset=["first"])
    one_term = keys.loc[keys["term"] != "", "term"].nunique() <= 1
    return bool(one_term and (dated.empty or dated["first"].max() <= dated["last"].min()))


def _merge(sheet: Sheet, groups: list[Rows]) -> None:
    """Keep one row of each group, with the values of the whole group."""
    if not groups:
        return
    ranks = {name: _rank(sheet, name) for name in sheet.values if name not in ABOUT}
    source = {name: np.arange(len(sheet.written)) for name in ranks}
    kept = []
    for rows in groups:
        chosen = int(rows[np.argmax(ranks["grade"][rows])]) if "grade" in ranks else int(rows[0])
        # The row that is kept wins where another one is as good.
        order = np.array([chosen, *(row for row in rows if row != chosen)], np.intp)
        for name, rank in ranks.items():
            source[name][chosen] = order[np.argmax(rank[order])]
        kept.append(chosen)
        _report_merged(sheet, rows, chosen, source)
    for name, rows in source.items():
        index = sheet.values.index
        sheet.values[name] = sheet.values[name].take(rows).set_axis(index)
        if name in sheet.spans:
            sheet.spans[name] = sheet.spans[name].take(rows)


def _rank(sheet: Sheet, name: str) -> NDArray[np.float64]:
    """How a column's value in each row compares with those of the same event; the highest is taken.

    A value that is not known is below all. An outcome goes with the latest end.
    """
    values = sheet.values[name]
    if name in sheet.spans:
        span = sheet.span(name)
        known = ~np.isnat(span.last)
        days = span.last.astype(np.int64).astype(float)
        if name == "onset_date":  # the one that is known best
            days = -(span.last - span.first).astype(np.int64).astype(float)
        return np.where(known, days, -np.inf)
    if name == "outcome" and sheet.has("end_date"):
        written = (values != "").to_numpy(bool)
        return np.where(written, np.maximum(_rank(sheet, "end_date"), -1e9), -np.inf)
    if name == "relation":
        order = fields("adverse_events")["relation"]["constraints"]["enum"]
        place = {text: float(number) for number, text in enumerate(order)}
        return np.asarray(by_value(values, lambda text: place.get(text, -np.inf)), float)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return np.where((values != "").to_numpy(bool), 0.0, -np.inf)
    return np.asarray(values.astype("Float64").fillna(-np.inf), float)


def _report_merged(
    sheet: Sheet, rows: Rows, chosen: int, source: dict[str, NDArray[np.intp]]
) -> None:
    """A warning at each row that was merged, and a note at each cell that another row gave."""
    others = rows[rows != chosen]
    taken = []
    for name, places in source.items():
        texts = sheet.written[name].iloc[rows].astype("str").str.strip()
        if texts.nunique() > 1:
            place = int(places[chosen])
            text = str(sheet.written[name].iloc[place]).strip()
            taken.append(f"{name} {text!r} of {_in_words(sheet, [place])}")
            if place != chosen:
                given = course_rules.ValueOfSameEvent(row=_in_words(sheet, [place]))
                sheet.report([chosen], name, given)
    kept = _in_words(sheet, [chosen]).removeprefix("row ")
    merged = course_rules.EventMerged(
        rows=_in_words(sheet, rows), taken=", ".join(taken) or "all is equal", kept=kept
    )
    sheet.report(others, "", merged)
    sheet.set_aside(others, same_event(kept), MERGED)


def _report_alike(sheet: Sheet) -> None:
    """Flag events of the same term and onset that count as different ones."""
    keys = _keys(sheet)
    keys = keys.loc[(keys["term"] != "") & ((keys["number"] == "") | (keys["known"] >= 0))]
    for rows in _alike(keys, ["subject", "term", "first", "last"]):
        numbers = set(keys.loc[rows, "number"])
        why = "their numbers differ" if len(numbers) > 1 else "the month of onset is not known"
        sheet.report(rows, "term", course_rules.EventsAlike(rows=_in_words(sheet, rows), why=why))


def _name_without_term(sheet: Sheet) -> None:
    """An event without a term is an event all the same."""
    term = sheet.values["term"]
    without = sheet.is_kept & (term == "").to_numpy(bool)
    if not without.any():
        return
    unread = np.flatnonzero(without & (sheet.readings["term"].of() == MISSING))
    sheet.report(unread, "term", course_rules.TermNotGiven(term=NO_TERM))
    texts = term.astype("str").where(~without, NO_TERM)
    sheet.values["term"] = texts.astype("category")


def _in_words(sheet: Sheet, rows: Iterable[int]) -> str:
    """Raw rows by their numbers, with the file where they are of several: rows 3 and 5."""
    places = np.array(list(rows), np.intp)
    numbers = [str(number) for number in sheet.source_row[places]]
    files = sheet.source_file.iloc[places].astype("str").tolist()
    if len(sheet.files) > 1:
        numbers = [f"{number} of {file}" for number, file in zip(numbers, files, strict=True)]
    *others, last = numbers
    return f"rows {', '.join(others)} and {last}" if others else f"row {last}"
